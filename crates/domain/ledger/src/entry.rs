//! One event in the bytes that are hashed into the tree.
//!
//! The bytes are compact JSON with a fixed order of keys; absent options are absent keys, times are whole microseconds.
//! There is one spelling of each entry: [`Entry::parse`] prints what it read and refuses bytes that differ.
//!
//! The log is public and follows nobody: no field holds personal data, and none holds a value that two entries of one
//! person share. The fields say how each keeps to that.

use serde::{Deserialize, Serialize};
use terms::{ActorRole, EntryId, TenantId, Timestamp};

use crate::{EventKind, Hash};

/// The longest entry: entry bundles give its length two bytes (C2SP tlog-tiles, "Log entries").
pub const ENTRY_BYTES_MAX: usize = 65_535;

/// The most content hashes in one entry. OpenAI-compatible requests ask for at most 128 choices; each may have a second
/// text channel.
pub const CONTENT_HASHES_MAX: usize = 256;

/// The longest decision code.
pub const DECISION_CODE_BYTES_MAX: usize = 64;

/// One event, as the log keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The version of this layout: [`Entry::SCHEMA`].
    pub schema: u8,
    /// A ULID made for this entry alone; it names no person, case or generation.
    pub id: EntryId,
    /// What happened.
    pub event: EventKind,
    /// When it happened, to the microsecond.
    pub time: Timestamp,
    /// The provider it happened at; the same for all of the provider's users.
    pub tenant: TenantId,
    /// The part that the acting side played; never who it was.
    pub actor: ActorRole,
    /// The hash of the obligations in force; the same for everyone at that time.
    pub pack: Option<Hash>,
    /// The hash of the word lists and detectors in force; the same for everyone at that time.
    pub lexicon: Option<Hash>,
    /// The code of what was decided, such as `block.fraud`: a word from a fixed list. A decision's id would tie the
    /// entries of one person together, so only lower-case letters, digits, `.`, `-` and `_` are taken.
    pub decision: Option<String>,
    /// `HMAC(subject key, entry id)`: different in each entry, and meaningless once the subject's key is destroyed.
    pub subject: Option<Hash>,
    /// One [`salted_content_hash`](crate::salted_content_hash) for each delivered text. Each salt is fresh, so equal
    /// texts have different hashes.
    pub content: Vec<Hash>,
    /// The [`payload_hash`](crate::payload_hash) of the encrypted rest, which stays in the store.
    pub payload: Option<Hash>,
}

/// An entry that may not be written, or bytes that are no entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// Longer than a bundle can hold.
    #[error("entry of {0} bytes is over the limit of 65535")]
    TooLong(usize),
    /// Not UTF-8 JSON of the fields known here.
    #[error("not an entry: {0}")]
    Malformed(String),
    /// A layout that this version does not know.
    #[error("entry schema `{0}` is unknown")]
    UnknownSchema(u8),
    /// An event that this version does not know.
    #[error(transparent)]
    UnknownEvent(#[from] crate::UnknownEvent),
    /// The right fields in another spelling: spaces, order, escapes, a null.
    #[error("entry `{0}` is not in canonical form")]
    NotCanonical(EntryId),
    /// A decision that is no code.
    #[error("`{0}` is no decision code: 1 to 64 of a-z, 0-9, `.`, `-` and `_` are expected")]
    DecisionCode(String),
    /// More content hashes than an entry may hold.
    #[error("{0} content hashes are over the limit of 256")]
    TooManyContents(usize),
}

/// The layout on the wire. The order of the fields is the order of the keys.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    schema: u8,
    id: EntryId,
    event: String,
    time: Timestamp,
    tenant: TenantId,
    actor: ActorRole,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pack: Option<Hash>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lexicon: Option<Hash>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    decision: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subject: Option<Hash>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    content: Vec<Hash>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    payload: Option<Hash>,
}

impl Entry {
    /// The layout written here.
    pub const SCHEMA: u8 = 1;

    /// An entry with the fields that every entry has. Fill the others in with struct update syntax or assignment.
    #[must_use]
    pub const fn new(
        id: EntryId,
        event: EventKind,
        time: Timestamp,
        tenant: TenantId,
        actor: ActorRole,
    ) -> Self {
        Self {
            schema: Self::SCHEMA,
            id,
            event,
            time,
            tenant,
            actor,
            pack: None,
            lexicon: None,
            decision: None,
            subject: None,
            content: Vec::new(),
            payload: None,
        }
    }

    /// The canonical text.
    ///
    /// # Errors
    /// [`EntryError`] where a field holds what an entry may not hold.
    pub fn to_text(&self) -> Result<String, EntryError> {
        if self.schema != Self::SCHEMA {
            return Err(EntryError::UnknownSchema(self.schema));
        }
        if let Some(code) = self.decision.as_deref().filter(|code| !is_decision_code(code)) {
            return Err(EntryError::DecisionCode(code.chars().take(80).collect()));
        }
        if self.content.len() > CONTENT_HASHES_MAX {
            return Err(EntryError::TooManyContents(self.content.len()));
        }
        let wire = Wire {
            schema: self.schema,
            id: self.id,
            event: self.event.as_str().to_owned(),
            time: self.time,
            tenant: self.tenant,
            actor: self.actor,
            pack: self.pack,
            lexicon: self.lexicon,
            decision: self.decision.clone(),
            subject: self.subject,
            content: self.content.clone(),
            payload: self.payload,
        };
        let text = serde_json::to_string(&wire).map_err(|error| EntryError::Malformed(error.to_string()))?;
        if text.len() > ENTRY_BYTES_MAX {
            return Err(EntryError::TooLong(text.len()));
        }
        Ok(text)
    }

    /// The canonical bytes: what is hashed into the tree.
    ///
    /// # Errors
    /// As [`Entry::to_text`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, EntryError> {
        self.to_text().map(String::into_bytes)
    }

    /// Reads canonical bytes, and nothing that would print otherwise.
    ///
    /// # Errors
    /// [`EntryError`] for anything but the canonical bytes of an entry of this schema.
    pub fn parse(bytes: &[u8]) -> Result<Self, EntryError> {
        if bytes.len() > ENTRY_BYTES_MAX {
            return Err(EntryError::TooLong(bytes.len()));
        }
        let wire: Wire =
            serde_json::from_slice(bytes).map_err(|error| EntryError::Malformed(error.to_string()))?;
        let entry = Self {
            schema: wire.schema,
            id: wire.id,
            event: wire.event.parse()?,
            time: wire.time,
            tenant: wire.tenant,
            actor: wire.actor,
            pack: wire.pack,
            lexicon: wire.lexicon,
            decision: wire.decision,
            subject: wire.subject,
            content: wire.content,
            payload: wire.payload,
        };
        if entry.to_text()?.as_bytes() == bytes { Ok(entry) } else { Err(EntryError::NotCanonical(entry.id)) }
    }
}

/// Whether a text may stand as a decision code. Capital letters are out, so a printed ULID never is one.
fn is_decision_code(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= DECISION_CODE_BYTES_MAX
        && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_'))
}

#[cfg(test)]
mod tests;
