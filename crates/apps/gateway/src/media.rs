//! Drives one request for pictures or speech: admit → check the words → begin → upstream → mark → end → client.
//!
//! Each picture is a generation of its own, with its own number: GB 45438 numbers the content, and whoever finds one file, by its
//! label, its invisible mark or its hash, must come to one entry with one hash. So `n` pictures are begun in one commit, ended in
//! one, and each item of the answer names its own.

mod pictures;
mod request;
mod speech;

use std::{sync::Arc, time::Instant};

use axum::{body::Body, response::Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use label::media::DigitalSource;
use operations::{
    BlockRecord, Content, DecisionNotice, EndReason, Ending, Evidence, FILE_CHANNEL, FindingNote, Generation,
    LabelGrant, LabelOutcome, MarkError, Marked, Visible,
};
use safety::{Capability, Finding, Situation};
use terms::{Direction, Locale};
use tokio_util::sync::CancellationToken;
use wire::media::{MediaKind, PictureForm};

use crate::{errors::RouteError, prompt, state::Gateway};

/// A request that was admitted and checked, ready to be sent.
struct Ready {
    kind: MediaKind,
    /// One for each thing that is asked for; at least one.
    generations: Vec<Generation>,
    /// The first of them, whose number the answer's headers carry.
    first: Generation,
    /// The body for the upstream, in the encoding in which it came.
    body: Bytes,
    content_type: HeaderValue,
    /// The words, for the evidence of a decision about the answer.
    prompt: String,
    locale: Locale,
    source: DigitalSource,
    visible: Visible,
    /// The grant under which the visible label is left out.
    grant: Option<Arc<LabelGrant>>,
    form: Option<PictureForm>,
    notices: Vec<operations::Notice>,
    since: Instant,
}

/// One thing of an answer that may leave.
struct Made {
    marked: Marked,
    ending: Ending,
}

impl Gateway {
    /// Answers one request for pictures or speech.
    pub(crate) async fn media(
        &self,
        kind: MediaKind,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<Response, RouteError> {
        let outcome = match self.media_request(kind, headers, body).await {
            Ok(ready) => self.media_answer(ready).await,
            Err(error) => Err(error),
        };
        let word = match &outcome {
            Ok(response) if response.status().is_success() => "answered",
            Ok(_) => "upstream_error",
            Err(RouteError::Refused(_)) => "refused",
            Err(_) => "failed",
        };
        self.inner.metrics.requests.with_label_values(&[route(kind), word]).inc();
        outcome
    }

    async fn media_answer(&self, ready: Ready) -> Result<Response, RouteError> {
        self.in_own_task(|gateway, gone| async move { gateway.media_task(ready, gone).await }).await
    }

    async fn media_task(&self, ready: Ready, gone: CancellationToken) -> Result<Response, RouteError> {
        let operations = &self.inner.operations;
        let own_before = ready.since.elapsed();
        let sent = Instant::now();
        // The wait for durability overlaps with the upstream's work; nothing is read of its answer before both are done.
        let begin = async {
            let begun = operations.begin_generations(&ready.generations).await;
            (begun, sent.elapsed())
        };
        let fetch = async {
            let fetched = tokio::select! {
                biased;
                () = gone.cancelled() => Err(EndReason::ClientGone),
                () = self.inner.stop.cancelled() => Err(EndReason::Interrupted),
                fetched = self.media_fetch(&ready) => Ok(fetched),
            };
            (fetched, sent.elapsed())
        };
        let ((begun, durable_after), (fetched, upstream_took)) = tokio::join!(begin, fetch);
        begun?;
        let marking = Instant::now();
        let answered = match fetched {
            Ok(Ok(Fetched::Answer(body))) if ready.kind == MediaKind::Speech => {
                self.speech(&ready, body).await
            }
            Ok(Ok(Fetched::Answer(body))) => self.pictures(&ready, &body).await,
            Ok(Ok(Fetched::Error(response))) => {
                self.end_with_nothing(&ready, EndReason::UpstreamFailed).await?;
                return Ok(response);
            }
            Ok(Err(error)) => Err(error),
            Err(reason) => {
                self.end_with_nothing(&ready, reason).await?;
                return Err(RouteError::ShuttingDown);
            }
        };
        let Answered { response, endings } = match answered {
            Ok(answered) => answered,
            Err(error) => {
                self.end_with_nothing(&ready, EndReason::UpstreamFailed).await?;
                return Err(error);
            }
        };
        let own = own_before + marking.elapsed();
        let endings: Vec<(&Generation, Ending)> = ready.generations.iter().zip(endings).collect();
        let waiting = Instant::now();
        operations.end_generations(&endings, ready.grant.as_deref()).await?;
        let waited = waiting.elapsed() + durable_after.saturating_sub(upstream_took);
        self.inner.metrics.first_byte(own, waited, upstream_took);
        response
    }

    async fn media_fetch(&self, ready: &Ready) -> Result<Fetched, RouteError> {
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, ready.content_type.clone())]);
        let answer = self.inner.upstream.send(path(ready.kind), ready.body.clone(), headers).await?;
        if !answer.status.is_success() {
            return Ok(Fetched::Error(self.pass_error(answer).await?));
        }
        Ok(Fetched::Answer(answer.body.collect(self.inner.limits.media_answer_bytes_max).await?))
    }

    async fn end_with_nothing(&self, ready: &Ready, reason: EndReason) -> Result<(), RouteError> {
        let endings: Vec<(&Generation, Ending)> =
            ready.generations.iter().map(|generation| (generation, Ending::nothing(reason))).collect();
        Ok(self.inner.operations.end_generations(&endings, None).await?)
    }

    /// Marks one file, and says what is to be recorded of it.
    async fn make(
        &self,
        ready: &Ready,
        generation: &Generation,
        file: Bytes,
        findings: Vec<String>,
    ) -> Result<Made, RouteError> {
        let operations = &self.inner.operations;
        let marked =
            operations.mark_file(generation, file, ready.source, ready.visible, ready.locale).await??;
        let label = match (marked.has_visible, &ready.grant) {
            (true, _) => LabelOutcome::InFile,
            (false, Some(_)) => LabelOutcome::Grant,
            (false, None) if ready.visible == Visible::Leave => LabelOutcome::Interface,
            // INVARIANT 1: nothing without its label or a recorded waiver.
            (false, None) => return Err(MarkError::NoVisible(marked.format).into()),
        };
        let mut hasher = operations.content_hasher(0, FILE_CHANNEL);
        hasher.push_file(&marked.bytes);
        let content: Content = operations.content_finish(hasher);
        let ending = Ending {
            reason: EndReason::Completed,
            contents: vec![content],
            label,
            prompt_tokens: None,
            completion_tokens: None,
            findings,
        };
        Ok(Made { marked, ending })
    }

    /// Records the decision about words of an answer that may not be read.
    async fn record_media_block(
        &self,
        ready: &Ready,
        generation: &Generation,
        text: &str,
        finding: &Finding,
        findings: Vec<FindingNote>,
    ) -> Result<DecisionNotice, RouteError> {
        let category = finding.category.name().to_owned();
        self.inner.metrics.blocks.with_label_values(&["output", &category]).inc();
        let record = BlockRecord {
            direction: Direction::Output,
            rule: finding.rule.clone(),
            category,
            produce_id: Some(generation.produce_id),
            evidence: Evidence {
                prompt: ready.prompt.clone(),
                held: prompt::cut(text, prompt::EVIDENCE_BYTES_MAX),
                findings,
                ..Evidence::default()
            },
        };
        Ok(self.inner.operations.record_block(&generation.admitted, record).await?)
    }
}

enum Fetched {
    Answer(Bytes),
    Error(Response),
}

/// What leaves once it is recorded, and how each generation ended, in order.
struct Answered {
    response: Result<Response, RouteError>,
    endings: Vec<Ending>,
}

/// The route's name in entries and metrics.
const fn route(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Pictures => "images.generations",
        MediaKind::Edits => "images.edits",
        MediaKind::Speech => "audio.speech",
    }
}

/// Its path at the upstream, below the base URL.
const fn path(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Pictures => "images/generations",
        MediaKind::Edits => "images/edits",
        MediaKind::Speech => "audio/speech",
    }
}

/// In which situation words are: what they are made into decides.
fn situation(kind: MediaKind, direction: Direction, generation: &operations::Admitted) -> Situation {
    let capability = match kind {
        MediaKind::Pictures | MediaKind::Edits => Capability::Image,
        MediaKind::Speech => Capability::Speech,
    };
    Situation { direction, audience: generation.audience, capability }
}
