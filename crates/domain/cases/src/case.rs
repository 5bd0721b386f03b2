//! One case and its life cycle: open, in review, decided or withdrawn.

use serde::{Deserialize, Serialize};
use terms::{CaseId, DecisionId, OperatorId, Timestamp};

use crate::{CaseKind, Deadline, Outcome};

/// A complaint, report or appeal with everything that its rules need. Its text is kept elsewhere, encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Its id; the receipt number comes from it.
    pub id: CaseId,
    /// What it is.
    pub kind: CaseKind,
    /// When it was filed.
    pub opened_at: Timestamp,
    /// By when it is answered.
    pub deadline: Deadline,
    /// The decision it is about: always there for an appeal.
    pub decision: Option<DecisionId>,
    /// Who made that decision; nobody where the software did.
    pub first_reviewer: Option<OperatorId>,
    /// Where it stands.
    pub state: CaseState,
}

/// Where a case stands, with what belongs to that state alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum CaseState {
    /// Nobody has taken it yet.
    Open,
    /// Somebody works on it.
    InReview {
        /// Who.
        reviewer: OperatorId,
        /// Since when.
        since: Timestamp,
    },
    /// It was answered.
    Decided {
        /// Who was right.
        outcome: Outcome,
        /// Why, in the words the complainant reads.
        reasons: String,
        /// Who decided: always a person (DSA, article 20(6)).
        by: OperatorId,
        /// When.
        at: Timestamp,
    },
    /// The one who opened it took it back.
    Withdrawn {
        /// When.
        at: Timestamp,
    },
}

impl CaseState {
    /// The word for the state in entries and in the database.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::InReview { .. } => "in_review",
            Self::Decided { .. } => "decided",
            Self::Withdrawn { .. } => "withdrawn",
        }
    }
}

/// What can be done with a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transition {
    /// A reviewer takes it.
    Take,
    /// The reviewer gives it back to the queue.
    GiveBack,
    /// The reviewer decides it.
    Decide,
    /// The one who opened it withdraws it.
    Withdraw,
}

impl std::fmt::Display for Transition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Take => "taken",
            Self::GiveBack => "given back",
            Self::Decide => "decided",
            Self::Withdraw => "withdrawn",
        })
    }
}

/// Why a case cannot move as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTransition {
    /// The state does not allow it.
    #[error("case `{case}` is {state} and cannot be {transition}")]
    State {
        /// The case.
        case: CaseId,
        /// Where it stands.
        state: &'static str,
        /// What was asked for.
        transition: Transition,
    },
    /// The appeal is about the reviewer's own decision.
    #[error(
        "operator `{reviewer}` made the decision that case `{case}` appeals against: somebody else has to review it"
    )]
    OwnDecision {
        /// The case.
        case: CaseId,
        /// Who tried.
        reviewer: OperatorId,
    },
    /// Somebody else reviews the case.
    #[error("case `{case}` is reviewed by `{reviewer}`, not by `{by}`")]
    OtherReviewer {
        /// The case.
        case: CaseId,
        /// Who reviews it.
        reviewer: OperatorId,
        /// Who tried.
        by: OperatorId,
    },
    /// A decision without reasons.
    #[error("a decision of case `{0}` needs reasons")]
    NoReasons(CaseId),
}

impl Case {
    /// A complaint or a report, filed now. It may be about a decision without being an appeal.
    #[must_use]
    pub const fn complaint(id: CaseId, opened_at: Timestamp, deadline: Deadline) -> Self {
        Self::open(id, CaseKind::Complaint, opened_at, deadline)
    }

    /// A report about content that harms others, filed now.
    #[must_use]
    pub const fn report(id: CaseId, opened_at: Timestamp, deadline: Deadline) -> Self {
        Self::open(id, CaseKind::Report, opened_at, deadline)
    }

    /// An appeal against `decision`, filed now. `first_reviewer` made that decision; nobody where the software did.
    #[must_use]
    pub fn appeal(
        id: CaseId,
        opened_at: Timestamp,
        deadline: Deadline,
        decision: DecisionId,
        first_reviewer: Option<OperatorId>,
    ) -> Self {
        Self {
            decision: Some(decision),
            first_reviewer,
            ..Self::open(id, CaseKind::Appeal, opened_at, deadline)
        }
    }

    /// Whether `reviewer` may review this case: of an appeal, somebody other than the first reviewer.
    #[must_use]
    pub fn may_review(&self, reviewer: OperatorId) -> bool {
        match self.kind {
            CaseKind::Appeal => self.first_reviewer != Some(reviewer),
            CaseKind::Complaint | CaseKind::Report => true,
        }
    }

    /// Whether it still waits for an answer.
    #[must_use]
    pub const fn is_pending(&self) -> bool {
        match self.state {
            CaseState::Open | CaseState::InReview { .. } => true,
            CaseState::Decided { .. } | CaseState::Withdrawn { .. } => false,
        }
    }

    /// Whether its time limit was missed: the answer came late, or is not there and the time is over.
    #[must_use]
    pub fn is_late(&self, now: Timestamp) -> bool {
        match self.state {
            CaseState::Open | CaseState::InReview { .. } => self.deadline.is_over(now),
            CaseState::Decided { at, .. } => self.deadline.is_over(at),
            CaseState::Withdrawn { .. } => false,
        }
    }

    /// `reviewer` takes the case from the queue.
    ///
    /// # Errors
    /// [`InvalidTransition`] where it is not open, or where the appeal is about the reviewer's own decision.
    pub fn take(self, reviewer: OperatorId, now: Timestamp) -> Result<Self, InvalidTransition> {
        match self.state {
            CaseState::Open if self.may_review(reviewer) => {
                Ok(Self { state: CaseState::InReview { reviewer, since: now }, ..self })
            }
            CaseState::Open => Err(InvalidTransition::OwnDecision { case: self.id, reviewer }),
            CaseState::InReview { .. } | CaseState::Decided { .. } | CaseState::Withdrawn { .. } => {
                Err(self.refuse(Transition::Take))
            }
        }
    }

    /// The reviewer gives the case back to the queue.
    ///
    /// # Errors
    /// [`InvalidTransition`] where it is not in review, or where somebody else reviews it.
    pub fn give_back(self, by: OperatorId) -> Result<Self, InvalidTransition> {
        self.check_reviewer(by, Transition::GiveBack)?;
        Ok(Self { state: CaseState::Open, ..self })
    }

    /// The case goes back to the queue, whoever reviews it: the reviewer is away, or no operator any more.
    ///
    /// # Errors
    /// [`InvalidTransition`] where it is not in review.
    pub fn release(self) -> Result<Self, InvalidTransition> {
        match self.state {
            CaseState::InReview { .. } => Ok(Self { state: CaseState::Open, ..self }),
            CaseState::Open | CaseState::Decided { .. } | CaseState::Withdrawn { .. } => {
                Err(self.refuse(Transition::GiveBack))
            }
        }
    }

    /// The reviewer decides the case.
    ///
    /// # Errors
    /// [`InvalidTransition`] where it is not in review, where somebody else reviews it, where the appeal is about their
    /// own decision, or where the reasons are blank.
    pub fn decide(
        self,
        by: OperatorId,
        outcome: Outcome,
        reasons: &str,
        now: Timestamp,
    ) -> Result<Self, InvalidTransition> {
        self.check_reviewer(by, Transition::Decide)?;
        // Checked again: the state may come from a store, and this is the rule that must hold.
        if !self.may_review(by) {
            return Err(InvalidTransition::OwnDecision { case: self.id, reviewer: by });
        }
        let reasons = reasons.trim();
        if reasons.is_empty() {
            return Err(InvalidTransition::NoReasons(self.id));
        }
        Ok(Self { state: CaseState::Decided { outcome, reasons: reasons.to_owned(), by, at: now }, ..self })
    }

    /// The one who opened the case takes it back.
    ///
    /// # Errors
    /// [`InvalidTransition`] where it is decided or withdrawn already.
    pub fn withdraw(self, now: Timestamp) -> Result<Self, InvalidTransition> {
        match self.state {
            CaseState::Open | CaseState::InReview { .. } => {
                Ok(Self { state: CaseState::Withdrawn { at: now }, ..self })
            }
            CaseState::Decided { .. } | CaseState::Withdrawn { .. } => Err(self.refuse(Transition::Withdraw)),
        }
    }

    const fn open(id: CaseId, kind: CaseKind, opened_at: Timestamp, deadline: Deadline) -> Self {
        Self { id, kind, opened_at, deadline, decision: None, first_reviewer: None, state: CaseState::Open }
    }

    fn check_reviewer(&self, by: OperatorId, transition: Transition) -> Result<(), InvalidTransition> {
        match self.state {
            CaseState::InReview { reviewer, .. } if reviewer == by => Ok(()),
            CaseState::InReview { reviewer, .. } => {
                Err(InvalidTransition::OtherReviewer { case: self.id, reviewer, by })
            }
            CaseState::Open | CaseState::Decided { .. } | CaseState::Withdrawn { .. } => {
                Err(self.refuse(transition))
            }
        }
    }

    const fn refuse(&self, transition: Transition) -> InvalidTransition {
        InvalidTransition::State { case: self.id, state: self.state.as_str(), transition }
    }
}

#[cfg(test)]
mod tests;
