//! The inbox of false positives: what an upheld appeal says about the lexicons, until somebody draws the consequence.

use std::collections::BTreeSet;

use identity::Permission;
use store::{DecisionRow, LexiconFalsePositiveRow, Tx};
use terms::{Actor, CaseId, DecisionId, Direction, FalsePositiveId, LexiconProposalId, Timestamp};

use super::draft::LexiconDraft;
use crate::{OperationError, Operations, people};

/// What the rules of lexicons are called.
const RULE_PREFIX: &str = "lexicon.";

/// Where an item stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FalsePositiveState {
    /// Nobody dealt with it.
    Open,
    /// An allowed phrase was proposed.
    Proposed,
    /// It has no consequence, for a reason.
    Dismissed,
}

impl FalsePositiveState {
    /// The word for programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Proposed => "proposed",
            Self::Dismissed => "dismissed",
        }
    }

    /// The state with that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Open, Self::Proposed, Self::Dismissed].into_iter().find(|state| state.as_str() == word)
    }
}

/// A hit of a lexicon that an appeal found wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FalsePositiveView {
    /// Its id.
    pub item_id: FalsePositiveId,
    /// The decision that rested on it.
    pub decision_id: DecisionId,
    /// The case that overturned it.
    pub case_id: CaseId,
    /// The rule: `lexicon.fraud`.
    pub rule: String,
    /// The category's code.
    pub category: String,
    /// Prompt or answer.
    pub direction: Direction,
    /// The term as it was found, normalised.
    pub normalised: String,
    /// When the appeal was upheld.
    pub opened_at: Timestamp,
    /// Where it stands.
    pub state: FalsePositiveState,
    /// The proposal that was made of it.
    pub proposal_id: Option<LexiconProposalId>,
    /// The name of who closed it.
    pub closed_by: Option<String>,
    /// When.
    pub closed_at: Option<Timestamp>,
    /// Why.
    pub closed_because: Option<String>,
}

impl Operations {
    /// Puts what an overturned decision rested on into the inbox, in the transaction of the overturn.
    pub(crate) async fn lexicon_note_overturned(
        &self,
        tx: &mut Tx,
        decision: &DecisionRow,
        case_id: CaseId,
        now: Timestamp,
    ) -> Result<(), OperationError> {
        if decision.kind != "block" {
            return Ok(());
        }
        let evidence = self.decision_evidence(decision)?;
        let hits: BTreeSet<(&str, &str, &str)> = evidence
            .findings
            .iter()
            .filter(|finding| finding.rule.starts_with(RULE_PREFIX))
            .map(|finding| (finding.rule.as_str(), finding.category.as_str(), finding.normalised.as_str()))
            .collect();
        for (rule, category, normalised) in hits {
            tx.lexicon_false_positive_insert_if_absent(&LexiconFalsePositiveRow {
                item_id: FalsePositiveId::generate(now, self.entropy()),
                decision_id: decision.decision_id,
                case_id,
                rule: rule.to_owned(),
                // The rule has the category's full code; evidence of earlier versions has the name alone.
                category: rule.strip_prefix(RULE_PREFIX).unwrap_or(category).to_owned(),
                direction: decision.direction,
                normalised: normalised.to_owned(),
                opened_at: now,
                state: FalsePositiveState::Open.as_str().to_owned(),
                proposal_id: None,
                closed_by: None,
                closed_at: None,
                closed_because: None,
            })
            .await?;
        }
        Ok(())
    }

    /// The inbox, oldest first, behind `after`: the items in a state, or all.
    ///
    /// # Errors
    /// Without the permission.
    pub async fn lexicon_false_positives(
        &self,
        actor: &Actor,
        state: Option<FalsePositiveState>,
        after: Option<FalsePositiveId>,
        limit: u32,
    ) -> Result<Vec<FalsePositiveView>, OperationError> {
        Self::authorise_any(actor, Permission::ViewLexicon)?;
        let state = state.map(FalsePositiveState::as_str);
        let limit = limit.clamp(1, super::LEXICON_PAGE_MAX);
        let rows = self.inner.store.lexicon_false_positive_list(state, after, limit).await?;
        let names = self.operator_names().await?;
        rows.into_iter()
            .map(|row| {
                let state = FalsePositiveState::from_word(&row.state).ok_or_else(|| {
                    OperationError::internal("reading a false positive")(
                        format!("unknown state `{}`", row.state).into(),
                    )
                })?;
                Ok(FalsePositiveView {
                    item_id: row.item_id,
                    decision_id: row.decision_id,
                    case_id: row.case_id,
                    rule: row.rule,
                    category: row.category,
                    direction: row.direction,
                    normalised: row.normalised,
                    opened_at: row.opened_at,
                    state,
                    proposal_id: row.proposal_id,
                    closed_by: row.closed_by.map(|id| names.of(id)),
                    closed_at: row.closed_at,
                    closed_because: row.closed_because,
                })
            })
            .collect()
    }

    /// Proposes an allowed phrase for an item and closes it, in one transaction. `phrase` is what is harmless: a longer text around
    /// the term exempts the term there alone; an empty one is the term itself, which is then exempt everywhere. Empty `reasons` name
    /// the case.
    ///
    /// # Errors
    /// Without the permission, for a phrase that does not hold the term, and where the item is closed.
    pub async fn lexicon_allow_false_positive(
        &self,
        actor: &Actor,
        item_id: FalsePositiveId,
        phrase: &str,
        reasons: &str,
    ) -> Result<LexiconProposalId, OperationError> {
        let by = Self::authorise(actor, Permission::ProposeLexicon)?;
        let item = self.lexicon_open_item(item_id).await?;
        let phrase = if phrase.trim().is_empty() { item.normalised.as_str() } else { phrase.trim() };
        if !safety::normalise(phrase).text.contains(&item.normalised) {
            return Err(OperationError::invalid(
                "phrase",
                "lexicon-error-phrase",
                format!("the phrase does not hold the term `{}`", item.normalised),
            ));
        }
        let number = self.case_row(item.case_id).await?.number;
        let reasons = if reasons.trim().is_empty() {
            format!("申诉成立，案件 {number} / Appeal upheld, case {number}")
        } else {
            reasons.to_owned()
        };
        let draft = LexiconDraft {
            term: phrase.to_owned(),
            category: item.category.clone(),
            measure: "allow".to_owned(),
            direction: "both".to_owned(),
            note: number,
            ..LexiconDraft::default()
        };
        let mut prepared =
            self.lexicon_prepare("entries", String::new(), "case", &reasons, vec![draft.checked()?]).await?;
        prepared.decision_id = Some(item.decision_id);
        let now = self.now();
        self.lexicon_submit_with(actor, prepared, async |tx, proposal_id| {
            let closed = tx.lexicon_false_positive_close(item_id, Some(proposal_id), by, now, &reasons).await;
            closed.map_err(closed_already)
        })
        .await
    }

    /// Closes an item without consequence.
    ///
    /// # Errors
    /// Without the permission or reasons, and where the item is closed.
    pub async fn lexicon_dismiss_false_positive(
        &self,
        actor: &Actor,
        item_id: FalsePositiveId,
        reasons: &str,
    ) -> Result<(), OperationError> {
        let by = Self::authorise(actor, Permission::ProposeLexicon)?;
        let reasons = people::reasons_checked(reasons)?;
        self.lexicon_open_item(item_id).await?;
        let mut tx = self.tx().await?;
        tx.lexicon_false_positive_close(item_id, None, by, self.now(), &reasons)
            .await
            .map_err(closed_already)?;
        Ok(tx.commit().await?)
    }

    async fn lexicon_open_item(
        &self,
        item_id: FalsePositiveId,
    ) -> Result<LexiconFalsePositiveRow, OperationError> {
        let item = self
            .inner
            .store
            .lexicon_false_positive_lookup(item_id)
            .await?
            .ok_or(OperationError::NotFound { what: "false positive" })?;
        if item.state == FalsePositiveState::Open.as_str() {
            return Ok(item);
        }
        Err(OperationError::conflict("lexicon-error-item-closed", "somebody dealt with it already"))
    }
}

fn closed_already(error: store::StoreError) -> OperationError {
    match error {
        store::StoreError::AffectedRows { .. } => {
            OperationError::conflict("lexicon-error-item-closed", "somebody dealt with it already")
        }
        other => other.into(),
    }
}
