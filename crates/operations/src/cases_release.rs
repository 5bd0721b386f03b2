//! Giving a case back to the queue: by who took it, by an administrator, or because its reviewer is shut out.

use identity::Permission;
use ledger::EventKind;
use serde::Serialize;
use store::{CaseRow as StoredCase, Tx};
use terms::{Actor, CaseId, OperatorId, Timestamp};

use crate::{OperationError, Operations, entries::Draft};

#[derive(Serialize)]
struct CaseReleasedPayload {
    case_id: CaseId,
    to: &'static str,
    from: Option<OperatorId>,
    by: OperatorId,
}

impl Operations {
    /// Gives a case back to the queue. Its reviewer may; somebody else needs [`Permission::ReleaseCases`].
    ///
    /// # Errors
    /// Without the permission, where there is no such case, or where nobody reviews it.
    pub async fn give_back_case(&self, actor: &Actor, case_id: CaseId) -> Result<(), OperationError> {
        let by = Self::authorise(actor, Permission::DecideCases)?;
        let row = self.case_row(case_id).await?;
        let case = self.case_domain(&row)?;
        match row.reviewer_id {
            Some(reviewer) if reviewer != by => {
                Self::authorise(actor, Permission::ReleaseCases)?;
                case.release()
            }
            _ => case.give_back(by),
        }
        .map_err(|error| OperationError::conflict("case-error-state", error.to_string()))?;
        let mut tx = self.tx().await?;
        self.case_put_back(&mut tx, actor, by, row, self.now()).await?;
        Ok(tx.commit().await?)
    }

    /// Puts what an operator reviews back into the queue, in the transaction that shuts them out. Says how many cases.
    pub(crate) async fn cases_release_of(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        by: OperatorId,
        reviewer: OperatorId,
        now: Timestamp,
    ) -> Result<usize, OperationError> {
        let rows = tx.case_list_in_review_by(reviewer).await?;
        let count = rows.len();
        for row in rows {
            self.case_domain(&row)?
                .release()
                .map_err(|error| OperationError::conflict("case-error-state", error.to_string()))?;
            self.case_put_back(tx, actor, by, row, now).await?;
        }
        Ok(count)
    }

    async fn case_put_back(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        by: OperatorId,
        row: StoredCase,
        now: Timestamp,
    ) -> Result<(), OperationError> {
        let case_id = row.case_id;
        let payload = CaseReleasedPayload { case_id, to: "open", from: row.reviewer_id, by };
        let entry =
            self.entry(Draft::new(EventKind::CaseMoved, actor.role(), now).about(case_id), &payload)?;
        let version = row.version;
        let next = StoredCase {
            state: "open".to_owned(),
            reviewer_id: None,
            updated_at: now,
            version: version + 1,
            ..row
        };
        tx.case_update(&next, version).await.map_err(OperationError::raced)?;
        tx.case_event_append(case_id, now, actor.role(), Some(&by.to_string()), "given_back").await?;
        Ok(tx.entry_append(&entry).await?)
    }
}
