//! The chat: what the portal asks of whoever runs the generation path.

use axum::{body::Bytes, response::Response};
use futures_util::future::BoxFuture;
use operations::OperationError;
use serde::{Deserialize, Serialize};
use terms::{Locale, ProduceId, SubjectId};

/// Who said something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChatRole {
    /// The person.
    User,
    /// The model.
    Assistant,
}

/// One thing that was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatMessage {
    /// By whom.
    pub role: ChatRole,
    /// What.
    pub content: String,
}

/// An answer, or what there was of it before it was cut off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatAnswer {
    /// What the model said; the visible label may stand in it.
    pub text: String,
    /// The id under which the answer is recorded.
    pub produce_id: Option<ProduceId>,
    /// Set when the answer was stopped.
    pub blocked: Option<BlockNotice>,
}

/// That something was stopped, and what can be done about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockNotice {
    /// One sentence for the person, in their language.
    pub message: Option<String>,
    /// Where the reasons stand and an appeal can be filed.
    pub appeal_url: String,
}

/// The generation path, as the chat needs it.
///
/// The server implements it with the gateway's own path, so that people on our pages meet the same admission, checks,
/// labels and entries as every other client.
pub trait Talk: Send + Sync {
    /// The whole answer to the last of `messages`, for a browser without JavaScript. A refusal carries its decision.
    fn answer(
        &self,
        subject: SubjectId,
        session: Option<String>,
        locale: Locale,
        messages: Vec<ChatMessage>,
    ) -> BoxFuture<'_, Result<ChatAnswer, OperationError>>;

    /// The response to a chat completion request in OpenAI's shape, streamed or whole as its body asks.
    fn stream(&self, subject: SubjectId, session: Option<String>, body: Bytes) -> BoxFuture<'_, Response>;
}
