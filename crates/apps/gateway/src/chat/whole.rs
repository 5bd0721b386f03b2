//! A whole answer: both entries commit together, after the answer is known and before its first byte leaves.

use std::time::Instant;

use axum::{body::Body, response::Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode};
use operations::{BlockRecord, DecisionNotice, EndReason, Ending, Evidence, LabelOutcome};
use safety::Finding;
use terms::Direction;
use tokio_util::sync::CancellationToken;

use super::{Ready, UPSTREAM_PATH, answer_headers, response};
use crate::{
    errors::RouteError,
    extension,
    guard::{Blocked, GuardError, StreamSetup, WholeAnswer, whole},
    guard_model::{Judgement, followed},
    prompt::LARGE_TEXT_BYTES,
    state::Gateway,
};

/// Largest prompt or answer that evidence keeps, in bytes.
pub(super) const EVIDENCE_BYTES_MAX: usize = 256 * 1024;

impl Gateway {
    pub(super) async fn chat_whole(&self, ready: Ready) -> Result<Response, RouteError> {
        self.in_own_task(|gateway, gone| async move { gateway.whole_task(ready, gone).await }).await
    }

    async fn whole_task(&self, ready: Ready, gone: CancellationToken) -> Result<Response, RouteError> {
        let Ready { generation, prompt, setup, session, since } = ready;
        let own_before = since.elapsed();
        let sent = Instant::now();
        let fetched = tokio::select! {
            biased;
            () = gone.cancelled() => None,
            () = self.inner.stop.cancelled() => None,
            fetched = self.fetch_whole(prompt.body) => Some(fetched),
        };
        let upstream_took = sent.elapsed();
        let ending = |reason, answer: Option<&WholeAnswer>| Ending {
            reason,
            contents: answer.map(|answer| answer.contents.clone()).unwrap_or_default(),
            label: answer.map_or(LabelOutcome::Nothing, |answer| answer.label),
            prompt_tokens: answer.and_then(|answer| answer.usage.as_ref()?.prompt_tokens),
            completion_tokens: answer.and_then(|answer| answer.usage.as_ref()?.completion_tokens),
            findings: answer.map(|answer| answer.findings.clone()).unwrap_or_default(),
        };
        let operations = &self.inner.operations;
        let body = match fetched {
            None => {
                let reason = if gone.is_cancelled() { EndReason::ClientGone } else { EndReason::Interrupted };
                operations.record_generation(&generation, ending(reason, None)).await?;
                return Err(RouteError::ShuttingDown);
            }
            Some(Ok(Fetched::Answer(body))) => body,
            Some(Ok(Fetched::Error(response))) => {
                operations.record_generation(&generation, ending(EndReason::UpstreamFailed, None)).await?;
                return Ok(response);
            }
            Some(Err(error)) => {
                operations.record_generation(&generation, ending(EndReason::UpstreamFailed, None)).await?;
                return Err(error);
            }
        };
        let guarding = Instant::now();
        let (setup, guarded) = self.guard_whole(setup, body).await?;
        let (answer, judgement) = match guarded {
            Ok(answer) => answer,
            Err(error) => {
                operations.record_generation(&generation, ending(EndReason::UpstreamFailed, None)).await?;
                return Err(RouteError::UpstreamUnreadable(error.to_string()));
            }
        };
        let own = own_before + guarding.elapsed();
        let waiting = Instant::now();
        let mut notices: Vec<DecisionNotice> = Vec::new();
        for blocked in &answer.blocked {
            let notice = self.record_output_block(&generation, blocked, &prompt.last, "").await?;
            self.end_session_of(&generation, session.as_deref(), blocked, &notice);
            notices.push(notice);
        }
        let reason = if answer.blocked.is_empty() { EndReason::Completed } else { EndReason::Blocked };
        operations.record_generation(&generation, ending(reason, Some(&answer))).await?;
        self.inner.metrics.first_byte(own, waiting.elapsed(), upstream_took);
        let followed = followed(&answer.followed, judgement);
        self.refer_answer(&generation, &followed, &prompt.last, &answer.said()).await?;
        let members = if notices.is_empty() {
            setup.members
        } else {
            extension::members(operations, &generation, &notices.iter().collect::<Vec<_>>())
        };
        let members = extension::with_notices(&members, &answer.notices);
        let body =
            answer.into_body(&members).map_err(|error| RouteError::UpstreamUnreadable(error.to_string()))?;
        let mut response = response(StatusCode::OK, "application/json", Body::from(body));
        answer_headers(self, &generation, response.headers_mut());
        decision_header(response.headers_mut(), notices.first());
        Ok(response)
    }

    /// Guards a whole answer, a large one on the threads for blocking work, and asks the guard model where a row of the
    /// policy says so: an answer that it does not let pass is guarded again without the choice.
    async fn guard_whole(
        &self,
        setup: StreamSetup,
        body: Bytes,
    ) -> Result<(StreamSetup, Result<(WholeAnswer, Judgement), GuardError>), RouteError> {
        let mut setup = setup;
        let mut denied: Vec<u32> = Vec::new();
        let mut judgement = Judgement::Pass;
        loop {
            let (back, guarded) = self.guard_once(setup, denied.clone(), body.clone()).await?;
            setup = back;
            let answer = match guarded {
                Ok(answer) => answer,
                Err(error) => return Ok((setup, Err(error))),
            };
            let known = denied.len();
            for asked in answer.asked.iter().filter(|_| known == 0) {
                match self.inner.second_stage.judge(&asked.text, asked.situation, &asked.verdict).await {
                    Judgement::Pass => {}
                    Judgement::Review => judgement = Judgement::Review,
                    Judgement::Block => denied.push(asked.choice),
                }
            }
            if denied.len() == known {
                return Ok((setup, Ok((answer, judgement))));
            }
        }
    }

    async fn guard_once(
        &self,
        setup: StreamSetup,
        denied: Vec<u32>,
        body: Bytes,
    ) -> Result<(StreamSetup, Result<WholeAnswer, GuardError>), RouteError> {
        let operations = self.inner.operations.clone();
        if body.len() < LARGE_TEXT_BYTES {
            let guarded = whole(&operations, &setup, &denied, &body);
            return Ok((setup, guarded));
        }
        let guard = move || {
            let guarded = whole(&operations, &setup, &denied, &body);
            (setup, guarded)
        };
        tokio::task::spawn_blocking(guard).await.map_err(|_| RouteError::ShuttingDown)
    }

    /// Asks people to look at an answer, where its hits say so.
    pub(super) async fn refer_answer(
        &self,
        generation: &operations::Generation,
        followed: &[Finding],
        prompt: &str,
        answer: &str,
    ) -> Result<(), RouteError> {
        if followed.is_empty() {
            return Ok(());
        }
        let evidence = Evidence {
            prompt: prompt.to_owned(),
            answer: crate::prompt::cut(answer, EVIDENCE_BYTES_MAX),
            findings: crate::prompt::notes(followed),
            ..Evidence::default()
        };
        let (admitted, id) = (&generation.admitted, Some(generation.produce_id));
        self.inner.operations.refer(admitted, Direction::Output, id, followed, &evidence).await?;
        Ok(())
    }

    /// Ends the session of a blocked answer, where the policy says so.
    pub(super) fn end_session_of(
        &self,
        generation: &operations::Generation,
        session: Option<&str>,
        blocked: &Blocked,
        notice: &DecisionNotice,
    ) {
        if let (true, Some(session)) = (blocked.ends_session, session) {
            self.inner.operations.end_session(&generation.admitted, session, notice);
        }
    }

    async fn fetch_whole(&self, body: Vec<u8>) -> Result<Fetched, RouteError> {
        let response = self.inner.upstream.send(UPSTREAM_PATH, body.into(), HeaderMap::new()).await?;
        if !response.status.is_success() {
            return Ok(Fetched::Error(self.pass_error(response).await?));
        }
        Ok(Fetched::Answer(response.body.collect(self.inner.limits.answer_bytes_max).await?))
    }

    /// Records the decision about a blocked answer.
    pub(super) async fn record_output_block(
        &self,
        generation: &operations::Generation,
        blocked: &Blocked,
        prompt: &str,
        delivered: &str,
    ) -> Result<DecisionNotice, RouteError> {
        self.inner.metrics.blocks.with_label_values(&["output", &blocked.category]).inc();
        let record = BlockRecord {
            direction: Direction::Output,
            rule: blocked.rule.clone(),
            category: blocked.category.clone(),
            produce_id: Some(generation.produce_id),
            evidence: Evidence {
                prompt: prompt.to_owned(),
                answer: crate::prompt::cut(delivered, EVIDENCE_BYTES_MAX),
                held: crate::prompt::cut(&blocked.held, EVIDENCE_BYTES_MAX),
                findings: blocked.findings.clone(),
            },
        };
        Ok(self.inner.operations.record_block(&generation.admitted, record).await?)
    }
}

enum Fetched {
    Answer(bytes::Bytes),
    Error(Response),
}

pub(crate) fn decision_header(headers: &mut HeaderMap, notice: Option<&DecisionNotice>) {
    if let Some(id) = notice.and_then(|notice| HeaderValue::from_str(&notice.decision_id.to_string()).ok()) {
        headers.insert("x-cinnabar-decision", id);
    }
}
