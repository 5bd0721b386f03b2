//! The reviewers' desk: the queue, taking a case, deciding it; giving it back is next door. An upheld appeal undoes the decision in the same transaction.

use cases::{CaseKind, Outcome};
use identity::Permission;
use ledger::EventKind;
use serde::Serialize;
use store::{CaseRow as StoredCase, DecisionRow, PromptPassRow, Tx};
use terms::{Actor, CaseId, DecisionId, Direction, Locale, OperatorId, Timestamp};

use crate::{
    CaseState, CaseView, Evidence, OperationError, Operations, cases_view::SealedReasons, entries::Draft,
    people,
};

/// Cases on one page.
const CASES_PAGE: u32 = 100;

/// Which cases to list.
#[derive(Debug, Clone, Default)]
pub struct CaseFilter {
    /// Only those in this state.
    pub state: Option<CaseState>,
    /// Only those of this kind.
    pub kind: Option<CaseKind>,
}

/// One line of the queue.
#[derive(Debug, Clone)]
pub struct CaseRow {
    /// Its id.
    pub case_id: CaseId,
    /// Its number.
    pub number: String,
    /// What it is.
    pub kind: String,
    /// Where it stands.
    pub state: String,
    /// When it was filed.
    pub opened_at: Timestamp,
    /// By when it is answered.
    pub due_at: Timestamp,
    /// Whether the day may still become earlier.
    pub provisional: bool,
    /// Whether it is late.
    pub overdue: bool,
    /// The name of who works on it.
    pub reviewer: Option<String>,
}

/// A case with everything a reviewer needs.
#[derive(Debug, Clone)]
pub struct CaseDetail {
    /// What the complainant sees.
    pub view: CaseView,
    /// How to reach them.
    pub contact: Option<String>,
    /// The language to answer in.
    pub locale: Locale,
    /// What the decision rests on.
    pub evidence: Option<Evidence>,
    /// The name of who works on it.
    pub reviewer: Option<String>,
    /// Whether the appeal is about this operator's own decision, so that somebody else has to review it.
    pub is_own_decision: bool,
    /// Whether this operator may take it: not where it is about their own decision.
    pub may_take: bool,
    /// Whether this operator may decide it now.
    pub may_decide: bool,
    /// Whether this operator may give it back to the queue.
    pub may_give_back: bool,
}

#[derive(Serialize)]
struct CaseTakenPayload {
    case_id: CaseId,
    to: &'static str,
    by: OperatorId,
}

#[derive(Serialize)]
struct CaseDecidedPayload {
    case_id: CaseId,
    outcome: &'static str,
    by: OperatorId,
    overturned: Option<DecisionId>,
}

impl Operations {
    /// The queue, what is due first on top.
    ///
    /// # Errors
    /// Without the permission.
    pub async fn case_list(&self, actor: &Actor, filter: CaseFilter) -> Result<Vec<CaseRow>, OperationError> {
        Self::authorise(actor, Permission::ViewCases)?;
        let now = self.now();
        let filter = store::CaseFilter {
            state: filter.state.map(|state| state.as_str().to_owned()),
            kind: filter.kind.map(|kind| kind.as_str().to_owned()),
            ..store::CaseFilter::default()
        };
        let rows = self.inner.store.case_list(&filter, CASES_PAGE).await?;
        let names = self.operator_names().await?;
        Ok(rows
            .into_iter()
            .map(|row| CaseRow {
                overdue: row.due_at <= now && matches!(row.state.as_str(), "open" | "in_review"),
                case_id: row.case_id,
                number: row.number,
                kind: row.kind,
                state: row.state,
                opened_at: row.opened_at,
                due_at: row.due_at,
                provisional: row.due_provisional,
                reviewer: row.reviewer_id.map(|id| names.of(id)),
            })
            .collect())
    }

    /// One case. Where it is about a decision, its evidence is shown and that is recorded.
    ///
    /// # Errors
    /// Without the permission, or where there is no such case.
    pub async fn case(
        &self,
        actor: &Actor,
        case_id: CaseId,
        locale: Locale,
    ) -> Result<CaseDetail, OperationError> {
        let by = Self::authorise(actor, Permission::ViewCases)?;
        let row = self.case_row(case_id).await?;
        let evidence = match row.decision_id {
            Some(decision_id) if identity::permits(actor.role(), Permission::ViewEvidence) => {
                let decision = self.decision_row(decision_id).await?;
                Some(self.decision_evidence_viewed(actor, &decision).await?)
            }
            _ => None,
        };
        self.case_detail(row, by, actor, locale, evidence).await
    }

    async fn case_detail(
        &self,
        row: StoredCase,
        by: OperatorId,
        actor: &Actor,
        locale: Locale,
        evidence: Option<Evidence>,
    ) -> Result<CaseDetail, OperationError> {
        let case = self.case_with_first_reviewer(&row).await?;
        let may_decide_at_all =
            identity::permits(actor.role(), Permission::DecideCases) && case.may_review(by);
        let is_in_review = row.state == "in_review";
        let is_theirs = row.reviewer_id == Some(by);
        let gives_back = if is_theirs { Permission::DecideCases } else { Permission::ReleaseCases };
        Ok(CaseDetail {
            contact: self.case_text(&row)?.contact,
            locale: row.locale,
            evidence,
            reviewer: match row.reviewer_id {
                Some(id) => Some(self.operator_names().await?.of(id)),
                None => None,
            },
            is_own_decision: !case.may_review(by),
            may_take: may_decide_at_all && row.state == "open",
            may_decide: may_decide_at_all && is_in_review && is_theirs,
            may_give_back: is_in_review && identity::permits(actor.role(), gives_back),
            view: self.case_view(&row, locale).await?,
        })
    }

    pub(crate) async fn case_row(&self, case_id: CaseId) -> Result<StoredCase, OperationError> {
        self.inner.store.case_lookup(case_id).await?.ok_or(OperationError::NotFound { what: "case" })
    }

    async fn case_with_first_reviewer(&self, row: &StoredCase) -> Result<cases::Case, OperationError> {
        let mut case = self.case_domain(row)?;
        if let Some(decision_id) = row.decision_id {
            case.first_reviewer = self.decision_row(decision_id).await?.decided_by;
        }
        Ok(case)
    }

    /// Takes a case from the queue.
    ///
    /// # Errors
    /// Without the permission, where somebody else was faster, or where the case is about the operator's own decision.
    pub async fn take_case(&self, actor: &Actor, case_id: CaseId) -> Result<(), OperationError> {
        let by = Self::authorise(actor, Permission::DecideCases)?;
        let row = self.case_row(case_id).await?;
        let now = self.now();
        self.case_with_first_reviewer(&row)
            .await?
            .take(by, now)
            .map_err(|error| OperationError::conflict("case-error-state", error.to_string()))?;
        let draft = Draft::new(EventKind::CaseMoved, actor.role(), now).about(case_id);
        let entry = self.entry(draft, &CaseTakenPayload { case_id, to: "in_review", by })?;
        let version = row.version;
        let next = StoredCase {
            state: "in_review".to_owned(),
            reviewer_id: Some(by),
            updated_at: now,
            version: version + 1,
            ..row
        };
        let mut tx = self.tx().await?;
        tx.case_update(&next, version).await.map_err(OperationError::raced)?;
        tx.case_event_append(case_id, now, actor.role(), Some(&by.to_string()), "taken").await?;
        tx.entry_append(&entry).await?;
        Ok(tx.commit().await?)
    }

    /// Decides a case. Upholding an appeal undoes the decision: strike and penalty are removed, the prompt passes once, held text is
    /// released (design 9.10), all in one transaction.
    ///
    /// # Errors
    /// Without the permission, without reasons, or where the case is not this operator's to decide.
    pub async fn decide_case(
        &self,
        actor: &Actor,
        case_id: CaseId,
        outcome: Outcome,
        reasons: &str,
    ) -> Result<(), OperationError> {
        let by = Self::authorise(actor, Permission::DecideCases)?;
        let reasons = people::reasons_checked(reasons)?;
        let row = self.case_row(case_id).await?;
        let now = self.now();
        self.case_with_first_reviewer(&row)
            .await?
            .decide(by, outcome, &reasons, now)
            .map_err(|error| OperationError::conflict("case-error-state", error.to_string()))?;
        let overturned = match row.decision_id {
            Some(decision_id) if row.kind == CaseKind::Appeal.as_str() && outcome.undoes_the_decision() => {
                Some(self.decision_row(decision_id).await?)
                    .filter(|decision| decision.overturned_at.is_none())
            }
            _ => None,
        };
        let mut draft =
            Draft::new(EventKind::CaseDecided, actor.role(), now).about(case_id).decided(outcome.as_str());
        draft.subject = row.subject_id;
        let payload = CaseDecidedPayload {
            case_id,
            outcome: outcome.as_str(),
            by,
            overturned: overturned.as_ref().map(|decision| decision.decision_id),
        };
        let entry = self.entry(draft, &payload)?;
        let sealed = self
            .inner
            .vault
            .seal(&format!("answer:{case_id}"), &serde_json::to_vec(&SealedReasons { reasons })?)?;
        let version = row.version;
        let next = StoredCase {
            state: "decided".to_owned(),
            outcome: Some(outcome.as_str().to_owned()),
            reasons_sealed: Some(sealed.to_bytes()),
            decided_at: Some(now),
            decided_by: Some(by),
            updated_at: now,
            version: version + 1,
            ..row
        };
        let mut tx = self.tx().await?;
        tx.case_update(&next, version).await.map_err(OperationError::raced)?;
        tx.case_event_append(case_id, now, actor.role(), Some(&by.to_string()), "decided").await?;
        tx.entry_append(&entry).await?;
        if let Some(decision) = &overturned {
            self.overturn(&mut tx, actor, decision, case_id, now).await?;
        }
        self.commit_then(tx, |operations| async move {
            let Some(decision) = overturned else { return Ok(()) };
            operations.inner.memory.ended_sessions.reopen(decision.decision_id);
            if let (true, Some(fingerprint)) =
                (decision.direction == Direction::Input, decision.prompt_fingerprint)
            {
                operations.inner.memory.pass_grant(decision.subject_id, fingerprint);
            }
            operations.memory_load_penalties_of(decision.subject_id).await
        })
        .await
    }

    async fn overturn(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        decision: &DecisionRow,
        case_id: CaseId,
        now: Timestamp,
    ) -> Result<(), OperationError> {
        tx.decision_overturn(decision.decision_id, now, case_id).await.map_err(OperationError::raced)?;
        if let (true, Some(fingerprint)) =
            (decision.direction == Direction::Input, decision.prompt_fingerprint)
        {
            tx.prompt_pass_insert(&PromptPassRow {
                subject_id: decision.subject_id,
                fingerprint,
                decision_id: decision.decision_id,
                granted_at: now,
                used_at: None,
            })
            .await?;
        }
        self.lexicon_note_overturned(tx, decision, case_id, now).await?;
        for penalty in self.inner.store.penalty_list_for_subject(decision.subject_id).await? {
            if penalty.decision_id == decision.decision_id && penalty.lifted_at.is_none() {
                let entry = self.penalty_lifted_entry(actor.role(), &penalty, now)?;
                tx.penalty_lift(penalty.penalty_id, now, Some(case_id))
                    .await
                    .map_err(OperationError::raced)?;
                tx.entry_append(&entry).await?;
            }
        }
        Ok(())
    }
}
