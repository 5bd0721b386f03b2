//! Chat on our own pages, through the gateway's own path.

use std::sync::Arc;

use axum::response::Response;
use bytes::Bytes;
use gateway::{ChatTurn, Gateway};
use operations::OperationError;
use portal::{BlockNotice, ChatAnswer, ChatMessage, ChatRole, Talk};
use terms::{Locale, SubjectId};

struct ThroughGateway(Gateway);

/// The gateway as the pages know it.
pub(crate) fn talk(gateway: Gateway) -> Arc<dyn Talk> {
    Arc::new(ThroughGateway(gateway))
}

impl Talk for ThroughGateway {
    fn answer(
        &self,
        person: SubjectId,
        session: Option<String>,
        locale: Locale,
        messages: Vec<ChatMessage>,
    ) -> futures_util::future::BoxFuture<'_, Result<ChatAnswer, OperationError>> {
        Box::pin(async move {
            let turns: Vec<ChatTurn> = messages
                .into_iter()
                .map(|message| ChatTurn {
                    role: match message.role {
                        ChatRole::User => "user".to_owned(),
                        ChatRole::Assistant => "assistant".to_owned(),
                    },
                    content: message.content,
                })
                .collect();
            let answer = self.0.answer_for_person(person, session.as_deref(), locale, &turns).await?;
            Ok(ChatAnswer {
                text: answer.text,
                produce_id: answer.produce_id,
                blocked: answer
                    .decision
                    .map(|(message, appeal_url)| BlockNotice { message: Some(message), appeal_url }),
            })
        })
    }

    fn stream(
        &self,
        person: SubjectId,
        session: Option<String>,
        body: Bytes,
    ) -> futures_util::future::BoxFuture<'_, Response> {
        Box::pin(async move { self.0.chat_for_person(person, session.as_deref(), body).await })
    }
}
