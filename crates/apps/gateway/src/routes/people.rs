//! Chat for people on our own pages: the same path, on the account of a session instead of a key.

use axum::response::Response;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use operations::{OperationError, Refusal};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use terms::{Locale, ProduceId, SubjectId};

use crate::{errors::RouteError, state::Gateway};

/// One message of a conversation. It is kept by the browser, not by us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatTurn {
    /// `user` or `assistant`.
    pub role: String,
    /// What was said.
    pub content: String,
}

/// A whole answer for a page without script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonAnswer {
    /// The answer with its label.
    pub text: String,
    /// Its number.
    pub produce_id: Option<ProduceId>,
    /// For a blocked answer: what was decided, in the person's language, and where to appeal.
    pub decision: Option<(String, String)>,
}

/// Largest answer read back for a page.
const ANSWER_BYTES_MAX: usize = 16 << 20;

impl Gateway {
    /// Answers a chat completion request of a person on our own pages, whole or streamed as the body asks.
    pub async fn chat_for_person(&self, person: SubjectId, session: Option<&str>, body: Bytes) -> Response {
        let answer = async {
            let admitted = self.inner.operations.admit_person(person).await?;
            self.chat(admitted, session, body).await
        };
        answer.await.unwrap_or_else(axum::response::IntoResponse::into_response)
    }

    /// A whole answer for a person, taken apart for a page.
    ///
    /// # Errors
    /// [`OperationError::Refused`] with what the page shows; others where nothing could be generated.
    pub async fn answer_for_person(
        &self,
        person: SubjectId,
        session: Option<&str>,
        locale: Locale,
        turns: &[ChatTurn],
    ) -> Result<PersonAnswer, OperationError> {
        let admitted = self.inner.operations.admit_person(person).await?;
        let body = json!({ "messages": turns }).to_string();
        let response = match self.chat(admitted, session, Bytes::from(body)).await {
            Ok(response) => response,
            Err(RouteError::Refused(refusal)) => return Err(OperationError::Refused(refusal)),
            Err(RouteError::Operation(error)) => return Err(*error),
            Err(other) => return Err(failed(&other)),
        };
        let is_success = response.status().is_success();
        let bytes = http_body_util::Limited::new(response.into_body(), ANSWER_BYTES_MAX)
            .collect()
            .await
            .map_err(|error| OperationError::Internal { doing: "reading an answer", source: error })?
            .to_bytes();
        let value: Value = serde_json::from_slice(&bytes)?;
        if !is_success {
            return Err(Refusal::new(
                502,
                "upstream_failed",
                "the model provider failed",
                "模型服务出现错误，请稍后再试",
            )
            .into());
        }
        let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let message = match locale {
            Locale::ZhCn => text("/cinnabar/decisions/0/message_zh"),
            Locale::En => text("/cinnabar/decisions/0/message"),
        };
        let decision = message.zip(text("/cinnabar/decisions/0/appeal_url"));
        Ok(PersonAnswer {
            text: text("/choices/0/message/content").unwrap_or_default(),
            produce_id: text("/cinnabar/produce_id").and_then(|id| id.parse().ok()),
            decision,
        })
    }
}

fn failed(error: &RouteError) -> OperationError {
    let (status, _) = error.body();
    Refusal::new(
        status.as_u16(),
        "upstream_failed",
        format!("nothing was generated: {error}"),
        "模型服务暂时不可用，本次没有生成内容，请稍后再试",
    )
    .into()
}
