//! Provisional limits, counted anew once the calendar they waited for is there.
//!
//! INVARIANT (design 5.4): clock and published limit stay one datum. A day that a person was told never becomes later.

use std::collections::BTreeSet;

use cases::{Calendar, CaseKind, ProvisionalReason, Verification};
use ledger::EventKind;
use serde::Serialize;
use store::CaseRow as StoredCase;
use terms::{Actor, CaseId, Timestamp};

use crate::{OperationError, Operations, cases_intake::task_kind, entries::Draft, tasks::TASKS_PAGE};

/// Cases read in one go.
const BATCH: u32 = 200;

#[derive(Serialize)]
struct CaseDuePayload {
    case_id: CaseId,
    to: String,
    due_at: Timestamp,
    provisional: bool,
}

impl Operations {
    /// Counts the limit of every unanswered case anew whose day is provisional, and closes the tasks whose calendar is there now.
    /// Says how many cases changed. Run at start, and again from time to time: on a database that several programs share, another
    /// one with older rules may have taken a case in meanwhile.
    ///
    /// # Errors
    /// When the store does not answer. A case that cannot be read is logged and left as it is.
    pub async fn settle_deadlines(&self) -> Result<u64, OperationError> {
        let calendar = self.calendar()?;
        let mut changed = 0;
        let mut doubts: BTreeSet<(&'static str, i16)> = BTreeSet::new();
        let mut after = None;
        loop {
            let rows = self.inner.store.case_list_provisional(after, BATCH).await?;
            let Some(last) = rows.last() else { break };
            after = Some(last.case_id);
            for row in rows {
                let case_id = row.case_id;
                match self.deadline_settle(row, &calendar, &mut doubts).await {
                    Ok(true) => changed += 1,
                    // Somebody moved the case just now; the next round takes it up.
                    Ok(false) | Err(OperationError::Conflict { .. }) => {}
                    Err(error @ OperationError::Internal { .. }) => tracing::error!(
                        case.id = %case_id,
                        error = &error as &dyn std::error::Error,
                        "the time limit of a case could not be counted anew"
                    ),
                    Err(error) => return Err(error),
                }
            }
        }
        self.calendar_tasks_settle(&calendar, &doubts).await?;
        Ok(changed)
    }

    /// Counts one limit anew; says whether anything about it changed.
    async fn deadline_settle(
        &self,
        row: StoredCase,
        calendar: &Calendar,
        doubts: &mut BTreeSet<(&'static str, i16)>,
    ) -> Result<bool, OperationError> {
        let kind = CaseKind::from_word(&row.kind).ok_or_else(|| {
            OperationError::internal("reading a case")("unknown word in column `kind`".into())
        })?;
        let deadline = self
            .limit(kind)?
            .deadline(row.opened_at, crate::cases_intake::OFFSET_HOURS, calendar)
            .not_later_than(row.due_at);
        doubts.extend(deadline.reasons.iter().map(|reason| (task_kind(*reason), reason.year())));
        let is_earlier = deadline.due < row.due_at;
        if !is_earlier && deadline.provisional {
            return Ok(false);
        }
        let now = self.now();
        let case_id = row.case_id;
        let payload = CaseDuePayload {
            case_id,
            to: row.state.clone(),
            due_at: deadline.due,
            provisional: deadline.provisional,
        };
        let role = Actor::Service.role();
        let entry = self.entry(Draft::new(EventKind::CaseMoved, role, now).about(case_id), &payload)?;
        let version = row.version;
        // `updated_at` stays: it says since when the case is in review.
        let next = StoredCase {
            due_at: deadline.due,
            due_provisional: deadline.provisional,
            version: version + 1,
            ..row
        };
        let mut tx = self.tx().await?;
        tx.case_update(&next, version).await.map_err(OperationError::raced)?;
        let what = if is_earlier { "due_earlier" } else { "due_settled" };
        tx.case_event_append(case_id, now, role, None, what).await?;
        tx.entry_append(&entry).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Closes the tasks about years whose list is there and checked; raises those that the cases still in doubt ask for.
    async fn calendar_tasks_settle(
        &self,
        calendar: &Calendar,
        doubts: &BTreeSet<(&'static str, i16)>,
    ) -> Result<(), OperationError> {
        let tasks = self.inner.store.task_list_open(TASKS_PAGE).await?;
        let done: Vec<_> = tasks
            .into_iter()
            .filter(|task| task.detail.parse().is_ok_and(|year| is_settled(calendar, &task.kind, year)))
            .collect();
        if done.is_empty() && doubts.is_empty() {
            return Ok(());
        }
        let now = self.now();
        let mut tx = self.tx().await?;
        for task in done {
            match tx.task_resolve(task.task_id, now, None).await {
                // Somebody marked it as done just now.
                Ok(()) | Err(store::StoreError::AffectedRows { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        for (kind, year) in doubts {
            self.task_raise(&mut tx, kind, &year.to_string()).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// Whether what a task asks for has come: the list of that year, or its check.
fn is_settled(calendar: &Calendar, kind: &str, year: i16) -> bool {
    let verification = calendar.verification(year);
    if kind == task_kind(ProvisionalReason::YearNotLoaded(year)) {
        verification.is_some()
    } else if kind == task_kind(ProvisionalReason::YearFromMemory(year)) {
        matches!(verification, Some(Verification::Primary | Verification::Secondary))
    } else {
        false
    }
}
