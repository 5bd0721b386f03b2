//! What is put in order at start: generations that a crash left open.

use std::time::Duration;

use crate::{Admitted, EndReason, Ending, Generation, LabelOutcome, OperationError, Operations};

/// Open generations closed in one go.
const BATCH: u32 = 500;

impl Operations {
    /// Gives each `generation.begun` without its `ended` one with the reason `interrupted` (design 9.6). Only those that began
    /// `older_than` ago are touched: with several processes over one database, the others' are still running.
    ///
    /// # Errors
    /// When the store does not answer or an entry cannot be recorded.
    pub async fn recover_generations(&self, older_than: Duration) -> Result<u64, OperationError> {
        let before = self.now().minus(older_than);
        let mut closed = 0;
        loop {
            let rows = self.inner.store.generation_list_open(before, BATCH).await?;
            if rows.is_empty() {
                return Ok(closed);
            }
            for row in rows {
                let subject = self.subject_by_id(row.subject_id).await?;
                let generation = Generation {
                    produce_id: row.produce_id,
                    admitted: Admitted {
                        key: None,
                        subject,
                        end_user: None,
                        audience: safety::Audience::Adult,
                    },
                    route: "recovery",
                    model: row.model.as_str().into(),
                    streamed: row.streamed,
                    begun_at: row.begun_at,
                    engine: self.safety(),
                };
                let ending = Ending {
                    reason: EndReason::Interrupted,
                    contents: Vec::new(),
                    label: LabelOutcome::Nothing,
                    prompt_tokens: None,
                    completion_tokens: None,
                    findings: Vec::new(),
                };
                self.end_generation(&generation, ending).await?;
                closed += 1;
            }
        }
    }
}
