//! Deciding a proposal: the two-person rule, and the version that an approval makes.

use std::time::Instant;

use identity::Permission;
use ledger::EventKind;
use serde::Serialize;
use store::{LexiconDecision, LexiconVersionRow};
use terms::{Actor, LexiconProposalId, OperatorId};

use super::{LexiconInForce, is_by, live, versions::LexiconVersionView};
use crate::{OperationError, Operations, entries::Draft, people};

#[derive(Serialize)]
struct ChangedPayload {
    proposal_id: LexiconProposalId,
    version: u64,
    content_hash: String,
    entries: u64,
    proposed_by: OperatorId,
    approved_by: OperatorId,
}

#[derive(Serialize)]
struct RejectedPayload {
    proposal_id: LexiconProposalId,
    state: &'static str,
    by: OperatorId,
}

impl Operations {
    /// Approves what another person proposed: makes the next version and puts it in force. When this returns, the next request is
    /// checked by it.
    ///
    /// # Errors
    /// Without the permission or reasons, for one's own proposal, where it was decided already, and where the library changed since it
    /// was proposed in what it touches.
    pub async fn lexicon_approve(
        &self,
        actor: &Actor,
        proposal_id: LexiconProposalId,
        because: &str,
    ) -> Result<LexiconVersionView, OperationError> {
        let by = Self::authorise(actor, Permission::ApproveLexicon)?;
        let because = people::reasons_checked(because)?;
        // Whoever calls may go away; a version that was made is put in force all the same.
        let (operations, actor) = (self.clone(), *actor);
        let task = tokio::spawn(async move { operations.approve(&actor, by, proposal_id, because).await });
        task.await
            .map_err(|error| OperationError::internal("approving a lexicon proposal")(Box::new(error)))?
    }

    async fn approve(
        &self,
        actor: &Actor,
        by: OperatorId,
        proposal_id: LexiconProposalId,
        because: String,
    ) -> Result<LexiconVersionView, OperationError> {
        let mut in_force = self.inner.lexicon.building.lock().await;
        let proposal = self.lexicon_proposal_row(proposal_id).await?;
        if is_by(actor, proposal.proposed_by) {
            return Err(OperationError::conflict(
                "lexicon-error-own",
                "who proposed it does not approve it: another person has to",
            ));
        }
        if proposal.state != "proposed" {
            return Err(decided_already());
        }
        let newest = self.lexicon_newest().await?;
        let changes = self.lexicon_changes_of(&proposal).await?;
        let now = self.now();
        let number = newest.saturating_add(1);
        let day = live::day_of(now);
        // Built first: a library that makes no engine is not approved.
        let began = Instant::now();
        let changed = if *in_force == Some(LexiconInForce { version: newest, day }) {
            self.lexicon_engine_changed(&changes.removed, &changes.added).await?
        } else {
            None
        };
        let mut build = began.elapsed();
        let gathered = self.lexicon_gather(&proposal, newest, changes, changed.is_none()).await?;
        let (mut gathered, content_hash) = crate::threads::off_the_threads_that_serve(move || {
            let mut gathered = gathered;
            let hash = gathered.hash();
            Ok((gathered, hash))
        })
        .await?;
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let version = LexiconVersionRow {
            number,
            content_hash,
            proposal_id,
            made_at: now,
            made_by: by,
            entries: count(gathered.len()),
            allowed_phrases: count(gathered.allowed_phrases),
        };
        let entries = gathered.entries.take().unwrap_or_default();
        drop(gathered);
        let engine = match changed {
            Some(engine) => engine,
            None => {
                let began = Instant::now();
                let engine = self.lexicon_engine(entries, day).await?;
                build = began.elapsed();
                engine
            }
        };
        let payload = ChangedPayload {
            proposal_id,
            version: number,
            content_hash: hex::encode(content_hash),
            entries: version.entries,
            proposed_by: proposal.proposed_by,
            approved_by: by,
        };
        let mut draft = Draft::new(EventKind::LexiconChanged, actor.role(), now).about(proposal_id);
        draft.content = vec![ledger::Hash(content_hash)];
        let entry = self.entry(draft, &payload)?;
        let decision =
            LexiconDecision { state: "approved".to_owned(), by, at: now, because, version: Some(number) };
        let mut tx = self.tx().await?;
        // Another process on the database may have made this version meanwhile.
        tx.lexicon_version_insert(&version).await.map_err(raced)?;
        tx.lexicon_proposal_decide(proposal_id, &decision).await.map_err(raced)?;
        tx.entry_append(&entry).await?;
        tx.commit().await?;
        self.inner.safety.store(engine.into());
        *in_force = Some(LexiconInForce { version: number, day });
        tracing::info!(
            lexicon.version = number,
            lexicon.entries = version.entries,
            lexicon.build_ms = build.as_secs_f64() * 1e3,
            "the lexicons changed"
        );
        Ok(LexiconVersionView::of(version, &self.operator_names().await?))
    }

    /// Rejects what another person proposed.
    ///
    /// # Errors
    /// Without the permission or reasons, for one's own proposal (that is withdrawn), and where it was decided already.
    pub async fn lexicon_reject(
        &self,
        actor: &Actor,
        proposal_id: LexiconProposalId,
        because: &str,
    ) -> Result<(), OperationError> {
        let by = Self::authorise(actor, Permission::ApproveLexicon)?;
        if is_by(actor, self.lexicon_proposal_row(proposal_id).await?.proposed_by) {
            return Err(OperationError::conflict(
                "lexicon-error-own",
                "who proposed it does not decide it: withdraw it instead",
            ));
        }
        self.lexicon_turn_down(actor, by, proposal_id, "rejected", because).await
    }

    /// Takes one's own proposal back.
    ///
    /// # Errors
    /// Without the permission or reasons, for another's proposal, and where it was decided already.
    pub async fn lexicon_withdraw(
        &self,
        actor: &Actor,
        proposal_id: LexiconProposalId,
        because: &str,
    ) -> Result<(), OperationError> {
        let by = Self::authorise(actor, Permission::ProposeLexicon)?;
        if !is_by(actor, self.lexicon_proposal_row(proposal_id).await?.proposed_by) {
            return Err(OperationError::conflict(
                "lexicon-error-not-own",
                "only who proposed it takes it back",
            ));
        }
        self.lexicon_turn_down(actor, by, proposal_id, "withdrawn", because).await
    }

    async fn lexicon_turn_down(
        &self,
        actor: &Actor,
        by: OperatorId,
        proposal_id: LexiconProposalId,
        state: &'static str,
        because: &str,
    ) -> Result<(), OperationError> {
        let because = people::reasons_checked(because)?;
        let now = self.now();
        let draft =
            Draft::new(EventKind::LexiconRejected, actor.role(), now).about(proposal_id).decided(state);
        let entry = self.entry(draft, &RejectedPayload { proposal_id, state, by })?;
        let decision = LexiconDecision { state: state.to_owned(), by, at: now, because, version: None };
        let mut tx = self.tx().await?;
        tx.lexicon_proposal_decide(proposal_id, &decision).await.map_err(raced)?;
        tx.entry_append(&entry).await?;
        Ok(tx.commit().await?)
    }
}

fn decided_already() -> OperationError {
    OperationError::conflict("lexicon-error-decided", "it was decided already")
}

/// Somebody else was faster.
fn raced(error: store::StoreError) -> OperationError {
    match error {
        store::StoreError::AffectedRows { .. } => decided_already(),
        error if error.is_unique_violation() => OperationError::conflict(
            "lexicon-error-stale",
            "the library changed just now: look again and repeat",
        ),
        other => other.into(),
    }
}
