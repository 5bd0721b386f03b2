//! A case as the one who filed it sees it, with number and code.

use cases::{CaseKind, Outcome, ReceiptCode, ReceiptNumber};
use ledger::EventKind;
use serde::{Deserialize, Serialize};
use store::CaseRow as StoredCase;
use subtle::ConstantTimeEq as _;
use terms::{Actor, CaseId, Locale, Timestamp};

use crate::{DecisionView, OperationError, Operations, cases_intake::CaseText, entries::Draft};

/// Where a case stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseState {
    /// Nobody has taken it yet.
    Open,
    /// Somebody works on it.
    InReview,
    /// It was answered.
    Decided,
    /// It was taken back.
    Withdrawn,
}

impl CaseState {
    /// The word in the database and for locale keys.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::InReview => "in_review",
            Self::Decided => "decided",
            Self::Withdrawn => "withdrawn",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        [Self::Open, Self::InReview, Self::Decided, Self::Withdrawn]
            .into_iter()
            .find(|state| state.as_str() == word)
    }
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseAnswer {
    /// Who was right.
    pub outcome: Outcome,
    /// Why, in the reviewer's words.
    pub reasons: String,
    /// When.
    pub at: Timestamp,
}

/// A case.
#[derive(Debug, Clone)]
pub struct CaseView {
    /// Its id.
    pub case_id: CaseId,
    /// Its number.
    pub number: String,
    /// What it is.
    pub kind: CaseKind,
    /// Where it stands.
    pub state: CaseState,
    /// When it was filed.
    pub opened_at: Timestamp,
    /// By when it is answered.
    pub due_at: Timestamp,
    /// Whether the day may still become earlier; it never becomes later.
    pub provisional: bool,
    /// The published limit in words.
    pub limit_text: String,
    /// What was said.
    pub text: String,
    /// The answer, once there is one.
    pub answer: Option<CaseAnswer>,
    /// The decision it is about.
    pub decision: Option<DecisionView>,
    /// What happened, and when: `opened`, `taken`, `given_back`, `due_settled`, `due_earlier`, `decided`, `withdrawn`.
    pub events: Vec<(Timestamp, String)>,
}

#[derive(Serialize)]
struct CaseMovedPayload {
    case_id: CaseId,
    to: &'static str,
}

/// The answer, sealed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SealedReasons {
    pub(crate) reasons: String,
}

impl Operations {
    /// The case with this number, for whoever holds its code. A wrong number and a wrong code look the same.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn case_status(
        &self,
        number: &str,
        code: &str,
        locale: Locale,
    ) -> Result<Option<CaseView>, OperationError> {
        match self.case_by_receipt(number, code).await? {
            Some(row) => Ok(Some(self.case_view(&row, locale).await?)),
            None => Ok(None),
        }
    }

    async fn case_by_receipt(&self, number: &str, code: &str) -> Result<Option<StoredCase>, OperationError> {
        let (Ok(number), Ok(code)) = (ReceiptNumber::parse(number), code.parse::<ReceiptCode>()) else {
            return Ok(None);
        };
        let row = self.inner.store.case_lookup_by_number(&number.to_string()).await?;
        Ok(row.filter(|row| bool::from(row.code_hash.ct_eq(&code.hash()))))
    }

    /// Takes a case back.
    ///
    /// # Errors
    /// Where number or code are wrong, or the case was answered already.
    pub async fn withdraw_case(&self, number: &str, code: &str) -> Result<(), OperationError> {
        let row =
            self.case_by_receipt(number, code).await?.ok_or(OperationError::NotFound { what: "case" })?;
        let now = self.now();
        self.case_domain(&row)?
            .withdraw(now)
            .map_err(|error| OperationError::conflict("case-error-state", error.to_string()))?;
        let draft = Draft::new(EventKind::CaseMoved, Actor::Anonymous.role(), now).about(row.case_id);
        let entry = self.entry(draft, &CaseMovedPayload { case_id: row.case_id, to: "withdrawn" })?;
        let version = row.version;
        let next = StoredCase { state: "withdrawn".to_owned(), updated_at: now, version: version + 1, ..row };
        let mut tx = self.tx().await?;
        tx.case_update(&next, version).await.map_err(OperationError::raced)?;
        tx.case_event_append(next.case_id, now, Actor::Anonymous.role(), None, "withdrawn").await?;
        tx.entry_append(&entry).await?;
        Ok(tx.commit().await?)
    }

    pub(crate) fn case_text(&self, row: &StoredCase) -> Result<CaseText, OperationError> {
        let sealed = vault::Sealed::from_bytes(&row.sealed)?;
        let plain = self.inner.vault.open_sealed(&format!("case:{}", row.case_id), &sealed)?;
        Ok(serde_json::from_slice(&plain)?)
    }

    pub(crate) fn case_reasons(&self, row: &StoredCase) -> Result<Option<String>, OperationError> {
        let Some(sealed) = &row.reasons_sealed else { return Ok(None) };
        let sealed = vault::Sealed::from_bytes(sealed)?;
        let plain = self.inner.vault.open_sealed(&format!("answer:{}", row.case_id), &sealed)?;
        let reasons: SealedReasons = serde_json::from_slice(&plain)?;
        Ok(Some(reasons.reasons))
    }

    pub(crate) async fn case_view(
        &self,
        row: &StoredCase,
        locale: Locale,
    ) -> Result<CaseView, OperationError> {
        let unknown = |column: &str| {
            OperationError::internal("reading a case")(format!("unknown word in column `{column}`").into())
        };
        let kind = CaseKind::from_word(&row.kind).ok_or_else(|| unknown("kind"))?;
        let answer = match (&row.outcome, row.decided_at) {
            (Some(outcome), Some(at)) => Some(CaseAnswer {
                outcome: Outcome::from_word(outcome).ok_or_else(|| unknown("outcome"))?,
                reasons: self.case_reasons(row)?.unwrap_or_default(),
                at,
            }),
            _ => None,
        };
        let decision = match row.decision_id {
            Some(decision_id) => {
                let decision = self.decision_row(decision_id).await?;
                Some(self.decision_view(&decision, locale).await?)
            }
            None => None,
        };
        let events = self.inner.store.case_event_list(row.case_id).await?;
        Ok(CaseView {
            case_id: row.case_id,
            number: row.number.clone(),
            kind,
            state: CaseState::from_word(&row.state).ok_or_else(|| unknown("state"))?,
            opened_at: row.opened_at,
            due_at: row.due_at,
            provisional: row.due_provisional,
            limit_text: self.limit_text(kind, locale),
            text: self.case_text(row)?.text,
            answer,
            decision,
            events: events.into_iter().map(|event| (event.at, event.what)).collect(),
        })
    }

    /// The stored case as the domain knows it, so that the domain's rules decide whether it may move.
    pub(crate) fn case_domain(&self, row: &StoredCase) -> Result<cases::Case, OperationError> {
        let unknown = |column: &str| {
            OperationError::internal("reading a case")(
                format!("column `{column}` breaks an invariant").into(),
            )
        };
        let kind = CaseKind::from_word(&row.kind).ok_or_else(|| unknown("kind"))?;
        let state = match (row.state.as_str(), row.reviewer_id) {
            ("open", _) => cases::CaseState::Open,
            ("in_review", Some(reviewer)) => cases::CaseState::InReview { reviewer, since: row.updated_at },
            ("withdrawn", _) => cases::CaseState::Withdrawn { at: row.updated_at },
            ("decided", _) => cases::CaseState::Decided {
                outcome: row
                    .outcome
                    .as_deref()
                    .and_then(Outcome::from_word)
                    .ok_or_else(|| unknown("outcome"))?,
                reasons: self.case_reasons(row)?.unwrap_or_default(),
                by: row.decided_by.ok_or_else(|| unknown("decided_by"))?,
                at: row.decided_at.ok_or_else(|| unknown("decided_at"))?,
            },
            _ => return Err(unknown("state")),
        };
        let mut deadline = self.deadline(kind, row.opened_at)?;
        deadline.due = row.due_at;
        Ok(cases::Case {
            id: row.case_id,
            kind,
            opened_at: row.opened_at,
            deadline,
            decision: row.decision_id,
            first_reviewer: None,
            state,
        })
    }
}
