//! Drives one chat completion from its body to its last byte, whole or streamed.

mod stream;
mod whole;

pub(crate) use whole::decision_header;

use std::{sync::Arc, time::Instant};

use axum::{body::Body, response::Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use operations::{Admitted, Generation};
use terms::Locale;
use upstream::UpstreamResponse;
use wire::{Head, chat::ChatRequest, chat::RequestLimits, error::ErrorBody};

use crate::{
    errors::RouteError,
    extension,
    guard::{self, Rules, StreamSetup},
    guard_model::Unjudged,
    prompt::{self, Prompt},
    state::Gateway,
};

/// The route's name in entries.
const ROUTE: &str = "chat.completions";
/// Its path at the upstream, below the base URL.
const UPSTREAM_PATH: &str = "chat/completions";

/// Longest name of a model, in bytes: entries, proofs and each chunk of ours carry it.
pub(crate) const MODEL_BYTES_MAX: usize = 200;

/// A request that was admitted and checked, ready to be sent.
struct Ready {
    generation: Generation,
    prompt: Prompt,
    setup: StreamSetup,
    /// The session that the request names.
    session: Option<String>,
    /// When its body had been read.
    since: Instant,
}

impl Gateway {
    /// Answers one chat completion for somebody who was admitted.
    pub(crate) async fn chat(
        &self,
        admitted: Admitted,
        session: Option<&str>,
        body: Bytes,
    ) -> Result<Response, RouteError> {
        let since = Instant::now();
        if let Some(session) = session {
            self.inner.operations.refuse_ended_session(&admitted, session)?;
        }
        let request = ChatRequest::parse(&body, RequestLimits::default())?;
        let is_stream = request.is_stream;
        let ready = self.ready(admitted, session, &request, since).await?;
        drop(request);
        let outcome = if is_stream { self.chat_stream(ready).await } else { self.chat_whole(ready).await };
        let word = match &outcome {
            Ok(response) if response.status().is_success() => "answered",
            Ok(_) => "upstream_error",
            Err(RouteError::Refused(_)) => "refused",
            Err(_) => "failed",
        };
        self.inner.metrics.requests.with_label_values(&[ROUTE, word]).inc();
        outcome
    }

    async fn ready(
        &self,
        admitted: Admitted,
        session: Option<&str>,
        request: &ChatRequest<'_>,
        since: Instant,
    ) -> Result<Ready, RouteError> {
        let operations = &self.inner.operations;
        let upstream = &self.inner.upstream;
        let asked = request.model.as_ref().map(|model| model.value.as_ref());
        let model = asked.or(upstream.config().default_model.as_deref()).unwrap_or_default();
        let resolved = upstream.resolve_model(asked).filter(|_| model.len() <= MODEL_BYTES_MAX);
        let Some(at_upstream) = resolved else {
            return Err(RouteError::UnknownModel(prompt::cut(model, MODEL_BYTES_MAX)));
        };
        let mut prompt = prompt::check(&self.inner, &admitted, session, request, &at_upstream).await?;
        let generation = operations.start_generation(admitted, ROUTE, model, request.is_stream);
        let setup = StreamSetup {
            rules: Rules {
                engine: Arc::clone(&generation.engine),
                audience: generation.admitted.audience,
                is_structured: request.response_format.is_structured(),
                blocks_asked: self.inner.second_stage.unjudged == Unjudged::Block,
            },
            produce_id: generation.produce_id,
            placement: generation.admitted.placement(),
            tools: request.tools.iter().map(|tool| tool.clone().into_owned()).collect(),
            choices: request.choices,
            restored: prompt.restored.clone(),
            members: extension::members(operations, &generation, &[]),
            notices: std::mem::take(&mut prompt.notices),
            locale: language_of(&prompt.last),
            head: Head::new(
                &format!("chatcmpl-{}", generation.produce_id),
                model,
                u64::try_from(generation.begun_at.as_secs()).unwrap_or(0),
            ),
        };
        Ok(Ready { generation, prompt, setup, session: session.map(str::to_owned), since })
    }

    /// An upstream's own error passes with its status. Its text is the provider's and is guarded like any other; what is no error in
    /// OpenAI's shape is told by one of ours.
    pub(crate) async fn pass_error(&self, answer: UpstreamResponse) -> Result<Response, RouteError> {
        let status = answer.status;
        let seconds = answer.headers.get(header::RETRY_AFTER).filter(|value| is_number(value)).cloned();
        let body = answer.body.collect(ERROR_BYTES_MAX).await?;
        let body =
            guard::error_body(&Rules::new(self.inner.operations.safety()), &body).unwrap_or_else(|| {
                let message = format!("the model provider answered with status {}", status.as_u16());
                ErrorBody::new("api_error", "upstream_error", message).to_bytes()
            });
        let mut passed = response(status, "application/json", Body::from(body));
        if let Some(seconds) = seconds {
            passed.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        Ok(passed)
    }
}

/// The language that a person writes in, for texts that stand in their answer.
pub(crate) fn language_of(text: &str) -> Locale {
    let is_han = |c: char| matches!(c, '\u{3400}'..='\u{9FFF}' | '\u{20000}'..='\u{323AF}');
    if text.chars().any(is_han) { Locale::ZhCn } else { Locale::En }
}

fn is_number(value: &HeaderValue) -> bool {
    value.as_bytes().iter().all(u8::is_ascii_digit)
}

/// Largest error body that is passed on.
const ERROR_BYTES_MAX: usize = 256 * 1024;

/// The headers of every answer: the number and the label.
pub(crate) fn answer_headers(gateway: &Gateway, generation: &Generation, headers: &mut HeaderMap) {
    let mut set = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    set("x-cinnabar-produce-id", &generation.produce_id.to_string());
    set("x-cinnabar-aigc", &gateway.inner.operations.aigc_label(generation.produce_id).to_json());
}

pub(crate) fn response(status: StatusCode, content_type: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
