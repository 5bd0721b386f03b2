//! What a full disk leaves possible: cases, from the room kept for them (design 9.14).

use std::time::Duration;

use store::{Room, StoreError};
use terms::Timestamp;

use crate::{OperationError, Operations, cases_intake::OFFSET_HOURS};

/// The task that tells operators of a full disk, once for each day on which it was.
pub(crate) const TASK: &str = "disk_full";

impl Operations {
    /// What may still be saved.
    #[must_use]
    pub fn room(&self) -> Room {
        self.inner.store.room()
    }

    /// The bytes kept for cases on the disk now.
    #[must_use]
    pub fn reserve_held_bytes(&self) -> u64 {
        self.inner.store.reserve_held_bytes()
    }

    /// Looks whether a full disk has room again, and lets everything be saved then. Says whether that changed now.
    ///
    /// # Errors
    /// Where the disk cannot be asked or the reserve not be written, or the task for the operators not be raised.
    pub async fn room_check(&self) -> Result<bool, OperationError> {
        if !self.inner.store.reserve_restore().await? {
            return Ok(false);
        }
        let mut tx = self.tx().await?;
        self.task_raise(&mut tx, TASK, &day(self.now())).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Refuses what would be in vain: a generation costs money and could not be recorded.
    pub(crate) fn refuse_without_room(&self) -> Result<(), OperationError> {
        match self.room() {
            Room::Enough => Ok(()),
            Room::CasesOnly | Room::Nothing => Err(StoreError::KeptForCases.into()),
        }
    }
}

/// The day of `at` where the limits of cases are counted: `2026-11-23`.
pub(crate) fn day(at: Timestamp) -> String {
    let there = at.plus(Duration::from_secs(u64::from(OFFSET_HOURS.unsigned_abs()) * 3600));
    there.to_string().chars().take(10).collect()
}
