//! What an answer says outside its texts: ids, names of models, keys of objects.
//!
//! They are short, stand alone and must arrive as they were sent, so they are not held or masked. What they may not do is carry
//! what a text may not: an answer that tries is not passed on at all.

use wire::Scan;

use super::{rules::Rules, stream::GuardError};

/// How many names are remembered as checked: those of one stream are nearly always the same.
const REMEMBERED_MAX: usize = 8;
/// The longest name that is remembered, in bytes.
const REMEMBERED_BYTES_MAX: usize = 256;

/// The names of one answer.
#[derive(Default)]
pub(super) struct Names {
    checked: Vec<Box<str>>,
    next: usize,
}

impl Names {
    /// Checks the names and keys of a chunk or a whole answer.
    ///
    /// # Errors
    /// [`GuardError::Unreadable`] where one of them would not pass as a text.
    pub(super) fn check(&mut self, rules: &Rules, seen: &Scan<'_>) -> Result<(), GuardError> {
        for name in &seen.names {
            // Digits in an id are no telephone number.
            self.check_one(rules, name, name.bytes().all(|byte| byte.is_ascii_graphic()))?;
        }
        for key in &seen.keys {
            self.check_one(rules, key, false)?;
        }
        Ok(())
    }

    fn check_one(&mut self, rules: &Rules, name: &str, may_be_masked: bool) -> Result<(), GuardError> {
        if self.checked.iter().any(|checked| **checked == *name) {
            return Ok(());
        }
        let checked = rules.check(name);
        if checked.verdict.is_blocked() || (checked.text.is_some() && !may_be_masked) {
            return Err(GuardError::Unreadable("a name or key says what no text may".to_owned()));
        }
        if name.len() <= REMEMBERED_BYTES_MAX {
            if let Some(oldest) = self.checked.get_mut(self.next) {
                *oldest = name.into();
            } else {
                self.checked.push(name.into());
            }
            self.next = self.next.saturating_add(1) % REMEMBERED_MAX;
        }
        Ok(())
    }
}
