//! Making ledger entries: what is public stands in the entry, what is personal is sealed beside it.

use ledger::{Entry, EventKind, Hash};
use serde::Serialize;
use store::NewEntry;
use terms::{ActorRole, EntryId, ProduceId, SubjectId, Timestamp};

use crate::{OperationError, Operations};

/// What an entry is about, before it becomes one.
pub(crate) struct Draft<'a> {
    pub(crate) event: EventKind,
    pub(crate) actor: ActorRole,
    pub(crate) time: Timestamp,
    pub(crate) subject: Option<SubjectId>,
    pub(crate) produce_id: Option<ProduceId>,
    /// The id of the case, decision or key, for the store's own look-up. It does not stand in the entry.
    pub(crate) about: Option<String>,
    /// The code of a decision: a rule, never a person.
    pub(crate) decision: Option<&'a str>,
    pub(crate) content: Vec<Hash>,
}

impl<'a> Draft<'a> {
    pub(crate) const fn new(event: EventKind, actor: ActorRole, time: Timestamp) -> Self {
        Self {
            event,
            actor,
            time,
            subject: None,
            produce_id: None,
            about: None,
            decision: None,
            content: Vec::new(),
        }
    }

    pub(crate) const fn of(mut self, subject: SubjectId) -> Self {
        self.subject = Some(subject);
        self
    }

    pub(crate) const fn produced(mut self, produce_id: ProduceId) -> Self {
        self.produce_id = Some(produce_id);
        self
    }

    pub(crate) fn about(mut self, id: impl std::fmt::Display) -> Self {
        self.about = Some(id.to_string());
        self
    }

    pub(crate) const fn decided(mut self, code: &'a str) -> Self {
        self.decision = Some(code);
        self
    }
}

impl Operations {
    /// Seals `payload` and makes the entry that commits to it.
    pub(crate) fn entry(
        &self,
        draft: Draft<'_>,
        payload: &impl Serialize,
    ) -> Result<NewEntry, OperationError> {
        let entry_id = EntryId::generate(draft.time, self.entropy());
        let id_text = entry_id.to_string();
        let sealed = self.inner.vault.seal(&id_text, &serde_json::to_vec(payload)?)?;
        let subject =
            draft.subject.map(|subject| Hash(self.inner.vault.subject_tag(&subject.to_string(), &id_text)));
        let mut entry =
            Entry::new(entry_id, draft.event, draft.time, self.inner.settings.tenant, draft.actor);
        entry.pack = Some(self.inner.pack_hash);
        entry.lexicon = Some(Hash(self.inner.safety.load().version()));
        entry.decision = draft.decision.map(str::to_owned);
        entry.subject = subject;
        entry.content = draft.content;
        entry.payload = Some(ledger::payload_hash(&sealed.nonce, &sealed.ciphertext));
        let bytes = entry
            .to_text()
            .map_err(|error| OperationError::internal("printing a ledger entry")(Box::new(error)))?;
        Ok(NewEntry {
            entry_id,
            event: draft.event.as_str().to_owned(),
            time: draft.time,
            tenant_id: self.inner.settings.tenant,
            subject_id: draft.subject,
            produce_id: draft.produce_id,
            about: draft.about,
            bytes,
            nonce: Some(sealed.nonce.to_vec()),
            payload: Some(sealed.ciphertext),
        })
    }

    /// The sealed payload of a stored entry, opened.
    pub(crate) fn entry_payload<T: serde::de::DeserializeOwned>(
        &self,
        row: &store::EntryRow,
    ) -> Result<Option<T>, OperationError> {
        let (Some(nonce), Some(ciphertext)) = (&row.nonce, &row.payload) else { return Ok(None) };
        let Ok(nonce) = <[u8; 24]>::try_from(nonce.as_slice()) else { return Ok(None) };
        let sealed = vault::Sealed { nonce, ciphertext: ciphertext.clone() };
        let plain = self.inner.vault.open_sealed(&row.entry_id.to_string(), &sealed)?;
        Ok(Some(serde_json::from_slice(&plain)?))
    }
}
