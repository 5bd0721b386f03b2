//! Things an operator has to do, raised by the software.

use identity::Permission;
use store::{TaskRow, Tx};
use terms::{Actor, TaskId, Timestamp};

use crate::{OperationError, Operations};

/// Most tasks on one page.
pub(crate) const TASKS_PAGE: u32 = 200;

/// A task as the console shows it.
#[derive(Debug, Clone)]
pub struct TaskView {
    /// Its id.
    pub task_id: TaskId,
    /// Its kind, a key of the locales: `calendar_missing`.
    pub kind: String,
    /// What it is about: a year, a file; of a referral its category and its entry.
    pub detail: String,
    /// When it was raised.
    pub created_at: Timestamp,
}

impl Operations {
    /// Raises a task once: the same kind and detail is not raised again while the first is open or after it was resolved.
    pub(crate) async fn task_raise(
        &self,
        tx: &mut Tx,
        kind: &str,
        detail: &str,
    ) -> Result<(), OperationError> {
        let now = self.now();
        tx.task_insert_if_absent(&TaskRow {
            task_id: TaskId::generate(now, self.entropy()),
            kind: kind.to_owned(),
            detail: detail.to_owned(),
            dedup_key: format!("{kind}:{detail}"),
            created_at: now,
            resolved_at: None,
            resolved_by: None,
        })
        .await?;
        Ok(())
    }

    /// The open tasks, the oldest first.
    ///
    /// # Errors
    /// Without the permission.
    pub async fn task_list(&self, actor: &Actor) -> Result<Vec<TaskView>, OperationError> {
        Self::authorise(actor, Permission::ViewTasks)?;
        let rows = self.inner.store.task_list_open(TASKS_PAGE).await?;
        Ok(rows
            .into_iter()
            .map(|row| TaskView {
                task_id: row.task_id,
                kind: row.kind,
                detail: row.detail,
                created_at: row.created_at,
            })
            .collect())
    }

    /// Marks a task as done.
    ///
    /// # Errors
    /// Without the permission, or where there is no such open task.
    pub async fn task_resolve(&self, actor: &Actor, task_id: TaskId) -> Result<(), OperationError> {
        let by = Self::authorise(actor, Permission::ResolveTasks)?;
        let mut tx = self.tx().await?;
        tx.task_resolve(task_id, self.now(), Some(by)).await?;
        Ok(tx.commit().await?)
    }
}
