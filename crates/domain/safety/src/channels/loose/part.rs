//! The first part of a character, before the second: nearly always it is a character of its own. It needs no memory of its
//! own, and is over with the next character.

use super::thread::Thread;
use crate::channels::compact::Gap;
use crate::matcher::{Matcher, Walk};
use crate::stream::Cells;

/// Where the strict reading stood before a part, and which part it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    pub(super) walk: Walk,
    /// The number of its cell.
    pub(super) at: usize,
    pub(super) part: char,
}

impl Part {
    /// Whether `next` may be the second part of a character of some term.
    pub(super) fn goes_on(self, matcher: &Matcher, next: char) -> bool {
        matcher.first_parts.has(self.part, next)
    }

    /// The thread that this stands for.
    pub(super) fn thread(self, matcher: &Matcher, cells: &Cells) -> Option<Thread> {
        let strict = Thread::of(self.walk, self.at, Gap::default(), cells);
        strict.awaiting((self.part, None), self.at, matcher)
    }
}
