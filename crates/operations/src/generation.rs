//! One generation, from its number to its last byte: `generation.begun` and `generation.ended`.
//!
//! INVARIANT (design 5.1): the caller waits for [`Operations::begin_generation`] before the first byte leaves and for
//! [`Operations::end_generation`] before the last. A whole answer commits both entries together.

use std::sync::Arc;

use ledger::{EventKind, Hash};
use safety::Engine;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use store::{GenerationBegin, GenerationEnd, GenerationRow, JournalWrite, NewEntry};
use terms::{ActorRole, EntryId, ProduceId, TenantId, Timestamp, random_bytes};

use crate::{Admitted, LabelGrant, OperationError, Operations, entries::Draft};

/// One generation under way.
#[derive(Clone)]
pub struct Generation {
    /// Its number: GB 45438's `ProduceID`.
    pub produce_id: ProduceId,
    /// Who asked for it.
    pub admitted: Admitted,
    /// The surface: `chat.completions`.
    pub route: &'static str,
    /// The model, as the client names it.
    pub model: Arc<str>,
    /// Whether it is streamed.
    pub streamed: bool,
    /// When it began.
    pub begun_at: Timestamp,
    /// The rules that guard it, fixed at its beginning.
    pub engine: Arc<Engine>,
}

/// Why a generation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The model came to its end.
    Completed,
    /// A rule stopped it.
    Blocked,
    /// The client went away.
    ClientGone,
    /// The upstream broke off, stalled or sent what cannot be read.
    UpstreamFailed,
    /// The server stopped before the generation did.
    Interrupted,
}

impl EndReason {
    /// The word in the store and on pages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Blocked => "blocked",
            Self::ClientGone => "client_gone",
            Self::UpstreamFailed => "upstream_failed",
            Self::Interrupted => "interrupted",
        }
    }
}

/// What became of the visible label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelOutcome {
    /// It stands in the text.
    InText,
    /// Left to the interface, as the key's owner configured (GB 45438 interface label).
    Interface,
    /// It is in the picture or the sound.
    InFile,
    /// Waived under a grant (Labelling Measures, article 9); the hidden label is there.
    Grant,
    /// Waived: JSON, tool calls or code, which are never edited.
    Structured,
    /// Nothing was delivered.
    Nothing,
}

impl LabelOutcome {
    /// The word in the store and on pages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InText => "in_text",
            Self::Interface => "interface",
            Self::InFile => "in_file",
            Self::Grant => "grant",
            Self::Structured => "structured",
            Self::Nothing => "nothing",
        }
    }
}

/// Most texts of one generation: an entry holds the hashes of no more.
pub const CONTENTS_MAX: usize = ledger::CONTENT_HASHES_MAX;

/// The commitment to what one channel of one choice delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// The choice's index.
    pub choice: u32,
    /// The channel: `content`, `reasoning_content`, `tool_calls[0].function.arguments`.
    pub channel: String,
    /// 32 random bytes, hexadecimal: with them the hash can be checked, without them it says nothing.
    pub salt: String,
    /// `SHA-256(salt ‖ UTF-8 delivered, label included)`, hexadecimal.
    pub hash: String,
    /// Keyed hash of the text without white space and label, hexadecimal: finds a pasted copy again.
    pub fingerprint: String,
}

/// The channel of a picture or a sound.
pub const FILE_CHANNEL: &str = "file";

/// Builds a [`Content`] while text is delivered.
pub struct ContentHasher {
    choice: u32,
    channel: String,
    salt: [u8; 32],
    delivered: Sha256,
    plain: Sha256,
}

impl ContentHasher {
    /// Takes `text` as delivered.
    pub fn push(&mut self, text: &str) {
        self.delivered.update(text.as_bytes());
        fingerprint_push(&mut self.plain, text);
    }

    /// Takes a file as delivered, its labels included.
    pub fn push_file(&mut self, bytes: &[u8]) {
        self.delivered.update(bytes);
        self.plain.update(bytes);
    }

    /// Takes our label as delivered; it does not count for the fingerprint.
    pub fn push_label(&mut self, text: &str) {
        self.delivered.update(text.as_bytes());
    }
}

/// White space does not survive copying, so it does not count.
fn fingerprint_push(hasher: &mut Sha256, text: &str) {
    for word in text.split_whitespace() {
        hasher.update(word.as_bytes());
    }
}

/// How a generation ended.
#[derive(Debug, Clone)]
pub struct Ending {
    /// Why.
    pub reason: EndReason,
    /// What was delivered.
    pub contents: Vec<Content>,
    /// What became of the visible label.
    pub label: LabelOutcome,
    /// Tokens of the prompt, as the upstream counts them.
    pub prompt_tokens: Option<u64>,
    /// Tokens of the answer, as the upstream counts them.
    pub completion_tokens: Option<u64>,
    /// The rules that fired without blocking (masks, warnings).
    pub findings: Vec<String>,
}

impl Ending {
    /// An end for that reason with nothing delivered.
    #[must_use]
    pub const fn nothing(reason: EndReason) -> Self {
        Self {
            reason,
            contents: Vec::new(),
            label: LabelOutcome::Nothing,
            prompt_tokens: None,
            completion_tokens: None,
            findings: Vec::new(),
        }
    }
}

/// The sealed side of `generation.begun`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct BegunPayload {
    pub(crate) produce_id: ProduceId,
    pub(crate) route: String,
    pub(crate) model: String,
    pub(crate) key_id: Option<String>,
}

/// The sealed side of `generation.ended`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct EndedPayload {
    pub(crate) produce_id: ProduceId,
    pub(crate) model: String,
    pub(crate) reason: EndReason,
    pub(crate) label: LabelOutcome,
    pub(crate) contents: Vec<Content>,
    pub(crate) prompt_tokens: Option<u64>,
    pub(crate) completion_tokens: Option<u64>,
    pub(crate) findings: Vec<String>,
}

impl Operations {
    /// Allots the number of a new generation. Nothing is recorded yet.
    #[must_use]
    pub fn start_generation(
        &self,
        admitted: Admitted,
        route: &'static str,
        model: &str,
        streamed: bool,
    ) -> Generation {
        let begun_at = self.now();
        Generation {
            produce_id: ProduceId::generate(begun_at, self.entropy()),
            admitted,
            route,
            model: model.into(),
            streamed,
            begun_at,
            engine: self.safety(),
        }
    }

    /// A hasher for one channel of one choice.
    #[must_use]
    pub fn content_hasher(&self, choice: u32, channel: &str) -> ContentHasher {
        let salt: [u8; 32] = random_bytes(self.entropy());
        let mut delivered = Sha256::new();
        delivered.update(salt);
        ContentHasher { choice, channel: channel.to_owned(), salt, delivered, plain: Sha256::new() }
    }

    /// Closes a hasher.
    #[must_use]
    pub fn content_finish(&self, hasher: ContentHasher) -> Content {
        let plain: [u8; 32] = hasher.plain.finalize().into();
        Content {
            choice: hasher.choice,
            channel: hasher.channel,
            salt: hex::encode(hasher.salt),
            hash: hex::encode(hasher.delivered.finalize()),
            fingerprint: hex::encode(self.keyed_fingerprint(&plain)),
        }
    }

    /// The keyed fingerprint of a whole text, as [`ContentHasher`] builds it.
    pub(crate) fn content_fingerprint(&self, text: &str) -> [u8; 32] {
        let mut plain = Sha256::new();
        fingerprint_push(&mut plain, text);
        self.keyed_fingerprint(&plain.finalize().into())
    }

    /// The keyed fingerprint of what has that SHA-256, a text without its white space or a whole file.
    pub(crate) fn keyed_fingerprint(&self, sha256: &[u8; 32]) -> [u8; 32] {
        self.inner.vault.index("content fingerprint", sha256)
    }

    /// Records that a generation began. Returns once that is durable.
    ///
    /// # Errors
    /// [`OperationError::Unavailable`] where it could not be recorded: then nothing may leave.
    pub async fn begin_generation(&self, generation: &Generation) -> Result<(), OperationError> {
        self.begin_generations(std::slice::from_ref(generation)).await
    }

    /// Records that the generations of one request began, in one commit.
    ///
    /// # Errors
    /// [`OperationError::Unavailable`] where it could not be recorded: then nothing may leave.
    pub async fn begin_generations(&self, generations: &[Generation]) -> Result<(), OperationError> {
        let mut write = JournalWrite::default();
        for generation in generations {
            let entry = self.begun_entry(generation)?;
            write.begun.push(begin_row(generation, entry.entry_id, self.inner.settings.tenant));
            write.entries.push(entry);
        }
        Ok(self.inner.journal.append(write).await?)
    }

    /// Records how a generation ended. Returns once that is durable.
    ///
    /// # Errors
    /// [`OperationError::Unavailable`] where it could not be recorded: then the last byte may not leave.
    pub async fn end_generation(
        &self,
        generation: &Generation,
        ending: Ending,
    ) -> Result<(), OperationError> {
        self.end_generations(&[(generation, ending)], None).await
    }

    /// Records how the generations of one request ended, in one commit. Where they were delivered without a visible label under
    /// `grant`, each leaves an entry `label.waived` as well (Labelling Measures, article 9).
    ///
    /// # Errors
    /// [`OperationError::Unavailable`] where it could not be recorded: then nothing may leave.
    pub async fn end_generations(
        &self,
        endings: &[(&Generation, Ending)],
        grant: Option<&LabelGrant>,
    ) -> Result<(), OperationError> {
        let ended_at = self.now();
        let mut write = JournalWrite::default();
        for (generation, ending) in endings {
            let entry = self.ended_entry(generation, ending, ended_at)?;
            write.ended.push(GenerationEnd {
                produce_id: generation.produce_id,
                ended_at,
                ended_entry_id: entry.entry_id,
                end_reason: ending.reason.as_str().to_owned(),
                prompt_tokens: ending.prompt_tokens,
                completion_tokens: ending.completion_tokens,
                label: Some(ending.label.as_str().to_owned()),
                fingerprint: first_fingerprint(&ending.contents),
            });
            write.entries.push(entry);
            if let Some(grant) = grant.filter(|_| ending.label == LabelOutcome::Grant) {
                write.entries.push(self.waived_entry(generation, grant, ended_at)?);
            }
        }
        Ok(self.inner.journal.append(write).await?)
    }

    /// Records a whole answer: begun and ended in one commit.
    ///
    /// # Errors
    /// [`OperationError::Unavailable`] where it could not be recorded: then nothing may leave.
    pub async fn record_generation(
        &self,
        generation: &Generation,
        ending: Ending,
    ) -> Result<(), OperationError> {
        let ended_at = self.now();
        let begun = self.begun_entry(generation)?;
        let ended = self.ended_entry(generation, &ending, ended_at)?;
        let row = GenerationRow {
            produce_id: generation.produce_id,
            tenant_id: self.inner.settings.tenant,
            key_id: generation.admitted.key.as_ref().map(|key| key.key_id),
            subject_id: generation.admitted.subject.subject_id,
            route: generation.route.to_owned(),
            model: generation.model.as_ref().to_owned(),
            streamed: generation.streamed,
            begun_at: generation.begun_at,
            begun_entry_id: begun.entry_id,
            ended_at: Some(ended_at),
            ended_entry_id: Some(ended.entry_id),
            end_reason: Some(ending.reason.as_str().to_owned()),
            prompt_tokens: ending.prompt_tokens,
            completion_tokens: ending.completion_tokens,
            label: Some(ending.label.as_str().to_owned()),
            fingerprint: first_fingerprint(&ending.contents),
        };
        let write = JournalWrite { entries: vec![begun, ended], whole: vec![row], ..JournalWrite::default() };
        Ok(self.inner.journal.append(write).await?)
    }

    fn begun_entry(&self, generation: &Generation) -> Result<NewEntry, OperationError> {
        let draft = Draft::new(EventKind::GenerationBegun, role_of(generation), generation.begun_at)
            .of(generation.admitted.subject.subject_id)
            .produced(generation.produce_id);
        let payload = BegunPayload {
            produce_id: generation.produce_id,
            route: generation.route.to_owned(),
            model: generation.model.as_ref().to_owned(),
            key_id: generation.admitted.key.as_ref().map(|key| key.key_id.to_string()),
        };
        self.entry(draft, &payload)
    }

    fn ended_entry(
        &self,
        generation: &Generation,
        ending: &Ending,
        ended_at: Timestamp,
    ) -> Result<NewEntry, OperationError> {
        let mut draft = Draft::new(EventKind::GenerationEnded, ActorRole::Service, ended_at)
            .of(generation.admitted.subject.subject_id)
            .produced(generation.produce_id);
        draft.content =
            ending.contents.iter().filter_map(|content| content.hash.parse::<Hash>().ok()).collect();
        let payload = EndedPayload {
            produce_id: generation.produce_id,
            model: generation.model.as_ref().to_owned(),
            reason: ending.reason,
            label: ending.label,
            contents: ending.contents.clone(),
            prompt_tokens: ending.prompt_tokens,
            completion_tokens: ending.completion_tokens,
            findings: ending.findings.clone(),
        };
        self.entry(draft, &payload)
    }
}

const fn role_of(generation: &Generation) -> ActorRole {
    if generation.admitted.key.is_some() { ActorRole::Application } else { ActorRole::User }
}

fn begin_row(generation: &Generation, entry_id: EntryId, tenant: TenantId) -> GenerationBegin {
    GenerationBegin {
        produce_id: generation.produce_id,
        tenant_id: tenant,
        key_id: generation.admitted.key.as_ref().map(|key| key.key_id),
        subject_id: generation.admitted.subject.subject_id,
        route: generation.route.to_owned(),
        model: generation.model.as_ref().to_owned(),
        streamed: generation.streamed,
        begun_at: generation.begun_at,
        begun_entry_id: entry_id,
    }
}

fn first_fingerprint(contents: &[Content]) -> Option<[u8; 32]> {
    // The answer itself: `reasoning_content` is not what people copy.
    let is_answer = |channel: &str| {
        matches!(channel, "content" | "text" | FILE_CHANNEL) || channel.starts_with("content[")
    };
    let content = contents.iter().find(|content| content.choice == 0 && is_answer(&content.channel))?;
    let mut fingerprint = [0_u8; 32];
    hex::decode_to_slice(&content.fingerprint, &mut fingerprint).ok()?;
    Some(fingerprint)
}
