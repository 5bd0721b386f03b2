//! Sessions that a rule ended.
//!
//! A session is what a client calls one: a conversation of the chat page, or what an application names in the header
//! `x-cinnabar-session`. It ends by the decision about a block, which says why and can be appealed; an upheld appeal
//! opens it again. Kept in memory, for as long as a conversation is likely to be taken up again: a restart forgets.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use terms::{DecisionId, SubjectId, Timestamp};

use crate::{Admitted, DecisionNotice, Operations, Refusal};

/// Longest name of a session, in bytes.
pub const SESSION_BYTES_MAX: usize = 64;
/// How long an ended session stays closed.
const CLOSED_FOR: Duration = Duration::from_secs(24 * 3600);
/// Ended sessions remembered, some 300 bytes each. Past that the oldest are forgotten.
const SESSIONS_MAX: usize = 10_000;

type Key = (SubjectId, String);

/// The sessions that ended.
#[derive(Default)]
pub(crate) struct EndedSessions(Mutex<HashMap<Key, (Timestamp, DecisionNotice)>>);

impl EndedSessions {
    fn with<T>(&self, act: impl FnOnce(&mut HashMap<Key, (Timestamp, DecisionNotice)>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn end(&self, key: Key, now: Timestamp, notice: &DecisionNotice) {
        self.with(|ended| {
            if ended.len() >= SESSIONS_MAX {
                ended.retain(|_, (at, _)| now.since(*at) < CLOSED_FOR);
            }
            if ended.len() >= SESSIONS_MAX
                && let Some(oldest) = ended.iter().min_by_key(|(_, (at, _))| *at).map(|(key, _)| key.clone())
            {
                ended.remove(&oldest);
            }
            ended.insert(key, (now, notice.clone()));
        });
    }

    fn ended(&self, key: &Key, now: Timestamp) -> Option<DecisionNotice> {
        self.with(|ended| {
            ended.get(key).filter(|(at, _)| now.since(*at) < CLOSED_FOR).map(|(_, notice)| notice.clone())
        })
    }

    /// Opens again what a decision ended.
    pub(crate) fn reopen(&self, decision: DecisionId) {
        self.with(|ended| ended.retain(|_, (_, notice)| notice.decision_id != decision));
    }
}

impl Operations {
    /// Refuses a request in a session that ended.
    ///
    /// # Errors
    /// 403 `session_ended`, with the decision that ended it; 400 for a name that is too long.
    pub fn refuse_ended_session(&self, admitted: &Admitted, session: &str) -> Result<(), Refusal> {
        if session.is_empty() || session.len() > SESSION_BYTES_MAX {
            return Err(Refusal::new(
                400,
                "session_name",
                format!("`x-cinnabar-session` takes 1 to {SESSION_BYTES_MAX} bytes"),
                format!("`x-cinnabar-session` 的长度应为 1 至 {SESSION_BYTES_MAX} 字节"),
            ));
        }
        let key = (admitted.subject.subject_id, session.to_owned());
        let Some(notice) = self.inner.memory.ended_sessions.ended(&key, self.now()) else { return Ok(()) };
        Err(Refusal::new(
            403,
            "session_ended",
            format!(
                "this session was ended by decision {}. Start a new one, or appeal: {}",
                notice.decision_id, notice.appeal_url
            ),
            format!(
                "本次会话已被结束，决定编号：{}。可以开始新的会话，也可以申诉：{}",
                notice.decision_id, notice.appeal_url
            ),
        )
        .by_rule("cn.genai.14.2")
        .decided(notice))
    }

    /// Ends a session by the decision about a block.
    pub fn end_session(&self, admitted: &Admitted, session: &str, notice: &DecisionNotice) {
        let key = (admitted.subject.subject_id, session.to_owned());
        self.inner.memory.ended_sessions.end(key, self.now(), notice);
        tracing::info!(decision.id = %notice.decision_id, "session ended");
    }
}
