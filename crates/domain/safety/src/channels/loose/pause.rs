//! Separators after the beginning of a term, before anything is read otherwise: what nearly every reading comes to that
//! parts from the strict one. It needs no memory of its own, and is over with the next character in nearly all cases.

use super::Next;
use super::thread::Thread;
use crate::channels::compact::Gap;
use crate::class::is_word;
use crate::matcher::{Matcher, Walk};
use crate::normalise::Class;
use crate::stream::Cells;

/// Where the strict reading stood, and what was skipped since.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pause {
    walk: Walk,
    gap: Gap,
    /// The number of the first separator.
    at: usize,
    /// The number of the first cell of what was pending.
    first: usize,
}

impl Pause {
    /// A pause that begins with a separator; none where that may be read in another way, or where the term cannot begin
    /// where what is pending does.
    pub(super) fn begin(matcher: &Matcher, strict: Walk, next: Next, cells: &Cells) -> Option<Self> {
        let first = next.number.saturating_sub(strict.depth()).max(cells.first());
        let is_inside = !cells.begins_at(first, is_word(cells.get(first)?.ch));
        let pause = Self { walk: strict, gap: Gap::default(), at: next.number, first };
        let is_plain = strict.depth() > 0 && !is_inside && next.ch != '<' && !pause.goes_on(matcher, next);
        is_plain.then(|| pause.with(next)).flatten()
    }

    /// The number of the first cell that is waited for.
    pub(super) const fn first(&self) -> usize {
        self.first
    }

    /// Whether reading on with a character, or with a space in place of a separator, goes on with what was pending.
    pub(super) fn goes_on(&self, matcher: &Matcher, next: Next) -> bool {
        let goes_on = |ch: char| matcher.after(self.walk, ch).depth() > 1;
        goes_on(next.ch) || (next.ch != ' ' && next.class.any(Class::SEPARATOR) && goes_on(' '))
    }

    /// The pause with one more separator; none where the gap is too wide.
    pub(super) fn with(self, next: Next) -> Option<Self> {
        Some(Self { gap: self.gap.with(next.ch, next.class)?, ..self })
    }

    /// The thread that this stands for.
    pub(super) fn thread(self, cells: &Cells) -> Thread {
        Thread::of(self.walk, self.at, self.gap, cells)
    }
}
