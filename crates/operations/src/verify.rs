//! Was this generated here? Answered for a produce id or a pasted text, without an account, and nothing of it is kept.

use label::AigcLabel;
use sha2::{Digest as _, Sha256};
use store::GenerationRow;
use terms::{ProduceId, Timestamp};

use crate::{OperationError, Operations, generation::EndedPayload};

/// What to check.
#[derive(Debug, Clone)]
pub enum VerifyQuery {
    /// A number from a label.
    ProduceId(ProduceId),
    /// A text as it was copied, with or without its label.
    Text(String),
}

/// The answer in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Generated here: there is a record.
    Confirmed,
    /// It carries our label, but no record has that number: the label may be forged.
    LabelWithoutRecord,
    /// It carries a machine-readable or visible label of somebody else.
    ForeignLabel,
    /// Nothing was found. That does not make it a human's.
    NotFound,
}

/// Whether a pasted text is what was delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextMatch {
    /// To the letter, white space aside.
    Exact,
    /// The number is known, the text is another one.
    Altered,
}

/// Whether the record can be proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProofState {
    /// A proof file can be had.
    Ready {
        /// The entry's index in the log.
        index: u64,
    },
    /// Recorded; the next checkpoint will cover it.
    Pending,
    /// There is no record.
    None,
}

/// A generation as anybody may see it: nothing about the person.
#[derive(Debug, Clone)]
pub struct GenerationView {
    /// Its number.
    pub produce_id: ProduceId,
    /// The model that answered.
    pub model: String,
    /// When it began.
    pub begun_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Why it ended.
    pub end_reason: Option<String>,
    /// What became of the visible label.
    pub label: Option<String>,
}

/// The answer.
#[derive(Debug, Clone)]
pub struct Verification {
    /// In one word.
    pub verdict: Verdict,
    /// The record.
    pub generation: Option<GenerationView>,
    /// For a pasted text: whether it is what was delivered.
    pub text_match: Option<TextMatch>,
    /// Whether the record can be proved.
    pub proof: ProofState,
    /// The machine-readable label of the generation, or the one found in the text.
    pub aigc: Option<AigcLabel>,
    /// In what that label does not conform to GB 45438-2025.
    pub reasons: Vec<&'static str>,
}

impl Operations {
    /// Checks a number or a text.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn verify(&self, query: VerifyQuery) -> Result<Verification, OperationError> {
        match query {
            VerifyQuery::ProduceId(produce_id) => match self.inner.store.generation_lookup(produce_id).await?
            {
                Some(row) => self.confirmed(row, None).await,
                None => Ok(nothing(Verdict::NotFound)),
            },
            VerifyQuery::Text(text) => self.verify_text(&text).await,
        }
    }

    async fn verify_text(&self, text: &str) -> Result<Verification, OperationError> {
        let text = text.trim();
        if let Ok(produce_id) = text.parse::<ProduceId>() {
            return Box::pin(self.verify(VerifyQuery::ProduceId(produce_id))).await;
        }
        let found = self.inner.visible_label.find(text);
        let plain = self.inner.visible_label.strip(text);
        let fingerprint = self.content_fingerprint(&plain);
        if let Some(produce_id) = found.as_ref().and_then(|label| label.produce_id) {
            return match self.inner.store.generation_lookup(produce_id).await? {
                Some(row) => {
                    let exact = self.content_is_of(&row, text.as_bytes(), &fingerprint).await?;
                    let text_match = if exact { TextMatch::Exact } else { TextMatch::Altered };
                    self.confirmed(row, Some(text_match)).await
                }
                None => Ok(nothing(Verdict::LabelWithoutRecord)),
            };
        }
        // The newest of several identical answers.
        if let Some(row) =
            self.inner.store.generation_lookup_by_fingerprint(&fingerprint).await?.into_iter().next_back()
        {
            return self.confirmed(row, Some(TextMatch::Exact)).await;
        }
        if let Ok(aigc) = AigcLabel::parse(text) {
            let mut verification = nothing(Verdict::ForeignLabel);
            verification.reasons = aigc.conformance().reasons().iter().map(label::Reason::code).collect();
            verification.aigc = Some(aigc);
            return Ok(verification);
        }
        let verdict =
            if label::text::contains_elements(text) { Verdict::ForeignLabel } else { Verdict::NotFound };
        Ok(nothing(verdict))
    }

    /// Whether `bytes` are what one of the choices delivered: by fingerprint, or to the byte by its salted hash.
    pub(crate) async fn content_is_of(
        &self,
        row: &GenerationRow,
        bytes: &[u8],
        fingerprint: &[u8; 32],
    ) -> Result<bool, OperationError> {
        if row.fingerprint.as_ref() == Some(fingerprint) {
            return Ok(true);
        }
        let Some(entry_id) = row.ended_entry_id else { return Ok(false) };
        let Some(entry) = self.inner.store.entry_lookup(entry_id).await? else { return Ok(false) };
        let Some(payload) = self.entry_payload::<EndedPayload>(&entry)? else { return Ok(false) };
        let fingerprint = hex::encode(fingerprint);
        Ok(payload.contents.iter().any(|content| {
            content.fingerprint == fingerprint
                || hex::decode(&content.salt).is_ok_and(|salt| {
                    let digest = Sha256::new().chain_update(salt).chain_update(bytes).finalize();
                    hex::encode(digest) == content.hash
                })
        }))
    }

    pub(crate) async fn confirmed(
        &self,
        row: GenerationRow,
        text_match: Option<TextMatch>,
    ) -> Result<Verification, OperationError> {
        let entry = self.proof_entry(row.produce_id).await?;
        let published = self.published_size().await?;
        let proof = match entry.and_then(|entry| entry.log_index) {
            Some(index) if index < published => ProofState::Ready { index },
            _ => ProofState::Pending,
        };
        let aigc = self.aigc_label(row.produce_id);
        let reasons = aigc.conformance().reasons().iter().map(label::Reason::code).collect();
        Ok(Verification {
            verdict: Verdict::Confirmed,
            generation: Some(GenerationView {
                produce_id: row.produce_id,
                model: row.model,
                begun_at: row.begun_at,
                ended_at: row.ended_at,
                end_reason: row.end_reason,
                label: row.label,
            }),
            text_match,
            proof,
            aigc: Some(aigc),
            reasons,
        })
    }

    async fn published_size(&self) -> Result<u64, OperationError> {
        let Some(note) = self.checkpoint().await? else { return Ok(0) };
        Ok(ledger::Checkpoint::open(&note, self.log_verifier()).map_or(0, |checkpoint| checkpoint.size))
    }

    /// The GB 45438 label of one generation of ours.
    #[must_use]
    pub fn aigc_label(&self, produce_id: ProduceId) -> AigcLabel {
        AigcLabel::new(&self.inner.settings.provider_code, &produce_id)
    }
}

const fn nothing(verdict: Verdict) -> Verification {
    Verification {
        verdict,
        generation: None,
        text_match: None,
        proof: ProofState::None,
        aigc: None,
        reasons: Vec::new(),
    }
}
