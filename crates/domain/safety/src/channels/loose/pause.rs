//! Separators after the beginning of a term, and what may be more of the term behind them, before anything else is read
//! otherwise: what nearly every reading comes to that parts from the strict one. It needs no memory of its own, and is over
//! within a few characters in nearly all cases.

use super::Next;
use super::thread::Thread;
use crate::channels::compact::Gap;
use crate::class::is_word;
use crate::matcher::{Matcher, Walk};
use crate::normalise::{Class, Symbol};
use crate::stream::Cells;

/// Where the reading stands that skips the separators, and what it skipped.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pause {
    walk: Walk,
    gap: Gap,
    /// The number of the first separator.
    at: usize,
    /// How many characters were read behind the separators.
    since: usize,
    /// None of what was pending is a letter or digit of a script with spaces: a term may begin with each character of it.
    is_plain: bool,
}

/// What becomes of a pause with a character that is read as it stands.
pub(super) enum Step {
    /// Nothing goes on.
    Over,
    /// It goes on, and nothing ends there.
    On(Pause),
    /// More has to be known.
    Work,
}

impl Pause {
    /// A pause that begins with a separator; none where that may be read in another way, or where the term cannot begin
    /// where what is pending does.
    pub(super) fn begin(matcher: &Matcher, strict: Walk, next: Next, cells: &Cells) -> Option<Self> {
        let pause = Self::of(strict, next.number);
        let first = pause.first();
        if !cells.begins_at(first, is_word(cells.get(first)?.ch)) {
            return None;
        }
        let is_plain = !cells.range(first, next.number).iter().any(|cell| is_word(cell.ch));
        Self { is_plain, ..pause }.skipping(matcher, (next.ch, next.class))
    }

    /// A pause behind so much plain text as `strict` has pending, with the separator of that number.
    #[inline]
    pub(crate) fn behind_plain(
        matcher: &Matcher,
        strict: Walk,
        separator: Symbol,
        number: usize,
    ) -> Option<Self> {
        let pause = Self::of(strict, number);
        let is_separator = !separator.class().any(Class::ALONE);
        is_separator.then(|| pause.skipping(matcher, (separator.ch(), separator.class()))).flatten()
    }

    fn of(strict: Walk, at: usize) -> Self {
        Self { walk: strict, gap: Gap::default(), at, since: 0, is_plain: true }
    }

    fn skipping(self, matcher: &Matcher, (ch, class): (char, Class)) -> Option<Self> {
        let is_skipped =
            self.walk.depth() > 0 && ch != '<' && !Self::goes_on_from(self.walk, matcher, (ch, class));
        is_skipped.then(|| self.with(ch, class)).flatten()
    }

    /// The number of the first cell that is waited for.
    #[inline]
    pub(crate) const fn first(&self) -> usize {
        // INVARIANT: it is deeper than what was read since.
        self.at.saturating_sub(self.walk.depth().saturating_sub(self.since))
    }

    /// Reads on with a character of no class.
    #[inline]
    pub(super) fn step(&self, matcher: &Matcher, ch: char) -> Step {
        let walk = matcher.after(self.walk, ch);
        let since = self.since.saturating_add(1);
        if walk.depth() <= since {
            return Step::Over;
        }
        if !self.is_plain || is_word(ch) || matcher.has_outputs(walk) {
            return Step::Work;
        }
        Step::On(Self { walk, since, ..*self })
    }

    /// What becomes of it with a character that is read as it stands; none where more has to be known.
    #[inline]
    pub(crate) fn stepped(&self, matcher: &Matcher, ch: char) -> Option<Option<Self>> {
        match self.step(matcher, ch) {
            Step::Over => Some(None),
            Step::On(pause) => Some(Some(pause)),
            Step::Work => None,
        }
    }

    /// Where the reading stands that skips the separators.
    #[inline]
    pub(crate) const fn walk(&self) -> Walk {
        self.walk
    }

    /// Whether a character is one more separator before anything else is read, and nothing else.
    pub(super) fn may_widen(&self, matcher: &Matcher, (ch, class): (char, Class)) -> bool {
        self.since == 0
            && class.any(Class::SEPARATOR)
            && !class.any(Class::ALONE)
            && ch != '<'
            && !Self::goes_on_from(self.walk, matcher, (ch, class))
    }

    /// What becomes of it with one more separator, with which the strict reading waits for nothing; none where more has to
    /// be known.
    pub(crate) fn widened(&self, matcher: &Matcher, symbol: Symbol) -> Option<Self> {
        let (ch, class) = (symbol.ch(), symbol.class());
        self.may_widen(matcher, (ch, class)).then(|| self.with(ch, class)).flatten()
    }

    /// Whether reading on with a character, or with a space in place of a separator, goes on with what was pending at `walk`.
    pub(super) fn goes_on_from(walk: Walk, matcher: &Matcher, (ch, class): (char, Class)) -> bool {
        let goes_on = |ch: char| matcher.after(walk, ch).depth() > 1;
        goes_on(ch) || (ch != ' ' && class.any(Class::SEPARATOR) && goes_on(' '))
    }

    /// The pause with one more separator; none where the gap is too wide.
    pub(super) fn with(self, ch: char, class: Class) -> Option<Self> {
        Some(Self { gap: self.gap.with(ch, class)?, ..self })
    }

    /// The thread that this stands for.
    pub(super) fn thread(self, cells: &Cells) -> Thread {
        if self.since == 0 {
            return Thread::of(self.walk, self.at, self.gap, cells);
        }
        Thread::across(self.walk, (self.at, self.gap), self.since, cells)
    }
}
