//! Complaints, reports and appeals: what they are, how they move, by when they are answered.
//!
//! [`Case`] is one of them with its life cycle, [`Statement`] the reasons that every decision against a person comes
//! with, [`Calendar`] computes the [`Deadline`] of a published [`Limit`], [`ReceiptNumber`] and [`ReceiptCode`] are what
//! a complainant holds in their hand.
//!
//! Nothing here stores, sends or decides. The effect of a decision, and its undoing, are operations elsewhere.

pub mod case;

pub mod kind;

pub mod statement;

pub mod limit;

pub mod calendar;

pub mod receipt;

pub mod token;

mod base32;

pub use calendar::{Calendar, CalendarError, CalendarYear, DaySpan, Verification};
pub use case::{Case, CaseState, InvalidTransition, Transition};
pub use kind::{CaseKind, Outcome};
pub use limit::{Deadline, Limit, LimitError, LimitUnit, ProvisionalReason};
pub use receipt::{ReceiptError, ReceiptNumber};
pub use statement::{Ground, Redress, Restriction, RestrictionKind, Source, Statement, StatementError};
pub use token::{AppealToken, ReceiptCode, TokenError};
