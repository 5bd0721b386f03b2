//! Trying a text against the rules in force.

use std::ops::Range;

use identity::Permission;
use safety::{Action, Category, Engine, Entry, Explanation, Scope, Situation};
use terms::{Actor, Direction};

use crate::{LexiconDraft, OperationError, Operations};

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
        Self::authorise(actor, Permission::ViewLexicon)?;
        checked(text)?;
        let engine = self.safety();
        let mut stream = engine.stream(situation);
        let mut released = String::with_capacity(text.len());
        stream.push(text, &mut released);
        stream.finish(&mut released);
        Ok(TriedText { explanation: engine.explain(text, situation), released })
    }

    /// Where the term of a draft would hit in a text, in bytes: alone, without the other rules. Nothing is stored or logged.
    ///
    /// # Errors
    /// The actor may not, the draft or the text is no use.
    pub fn lexicon_try(
        &self,
        actor: &Actor,
        draft: &LexiconDraft,
        text: &str,
    ) -> Result<Vec<Range<usize>>, OperationError> {
        Self::authorise(actor, Permission::ProposeLexicon)?;
        draft.checked()?;
        checked(text)?;
        let internal = |error| OperationError::internal("building an engine of one term")(error);
        // Where it hits depends on the term alone. A warning goes on to the end, where a block would stop at the first hit.
        let entry = Entry::new(draft.term.trim(), Category::Test, Some(Action::Warn), Scope::Both)
            .map_err(|error| internal(Box::new(error)))?;
        let engine = Engine::builder().lexicon([entry]).build().map_err(|error| internal(Box::new(error)))?;
        let findings = engine.check(text, Direction::Input).verdict.findings;
        let of_term = findings.into_iter().filter(|finding| finding.rule.starts_with("lexicon."));
        Ok(of_term.map(|finding| finding.start..finding.end).collect())
    }
}

/// Refuses a text that is empty or too long to be tried.
fn checked(text: &str) -> Result<(), OperationError> {
    if text.trim().is_empty() {
        return Err(OperationError::invalid("text", "try-error-empty", "there is nothing to check"));
    }
    if text.len() > TRY_BYTES_MAX {
        let detail = format!("the text has {} bytes, at most {TRY_BYTES_MAX} are checked", text.len());
        return Err(OperationError::invalid("text", "try-error-long", detail));
    }
    Ok(())
}
