//! Trying a text against the rules in force.

use identity::Permission;
use safety::{Explanation, Situation};
use terms::Actor;

use crate::{OperationError, Operations};

/// The longest text that can be tried: some twenty pages of Chinese, checked in well under 10 ms.
pub const TRY_BYTES_MAX: usize = 48 * 1024;

/// What the rules in force say about a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriedText {
    /// The verdict with its reasons.
    pub explanation: Explanation,
    /// What would leave: the text, masked where it has to be; of a blocked one what stands before the span that blocks.
    pub released: String,
}

impl Operations {
    /// Checks a text by the rules in force. Nothing of it is stored or logged, and no entry is left.
    ///
    /// # Errors
    /// The actor may not, the text is empty, or it is longer than [`TRY_BYTES_MAX`].
    pub fn text_try(
        &self,
        actor: &Actor,
        text: &str,
        situation: Situation,
    ) -> Result<TriedText, OperationError> {
        Self::authorise(actor, Permission::ViewDecisions)?;
        if text.trim().is_empty() {
            return Err(OperationError::invalid("text", "try-error-empty", "there is nothing to check"));
        }
        if text.len() > TRY_BYTES_MAX {
            let detail = format!("the text has {} bytes, at most {TRY_BYTES_MAX} are checked", text.len());
            return Err(OperationError::invalid("text", "try-error-long", detail));
        }
        let engine = self.safety();
        let mut stream = engine.stream(situation);
        let mut released = String::with_capacity(text.len());
        stream.push(text, &mut released);
        stream.finish(&mut released);
        Ok(TriedText { explanation: engine.explain(text, situation), released })
    }
}
