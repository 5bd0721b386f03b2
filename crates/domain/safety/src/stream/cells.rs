//! The normalised characters that are still needed: from the start of the hold to now.

use crate::Channel;
use crate::class::is_word;
use crate::lexicon::TERM_CHARS_MAX;

/// One normalised character and the original character it comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cell {
    pub(crate) ch: char,
    /// Out of which encoding it was read; [`Channel::Strict`] where it stands as it is.
    pub(crate) encoding: Channel,
    /// Bytes of the original character, or of the escape sequence that stands for it: two levels of them are far under
    /// the limit.
    pub(crate) len: u16,
    /// Where the original character starts in the channel.
    pub(crate) start: usize,
}

impl Cell {
    pub(crate) const fn end(&self) -> usize {
        self.start.saturating_add(self.len as usize)
    }

    /// Whether it is a character by which JSON is read, so that a mask leaves it: an escape sequence is more than one byte.
    pub(crate) const fn is_syntax(&self) -> bool {
        self.len == 1 && matches!(self.ch, '"' | '\\')
    }
}

/// A window on the normalised text, addressed by the characters' numbers in the whole channel.
#[derive(Debug, Clone)]
pub(crate) struct Cells {
    first: usize,
    cells: Vec<Cell>,
    before: char,
}

impl Cells {
    pub(crate) const fn new() -> Self {
        // A line feed is no word character: a text starts at a boundary.
        Self { first: 0, cells: Vec::new(), before: '\n' }
    }

    /// How many normalised characters the channel has had: the number of the next one.
    pub(crate) const fn count(&self) -> usize {
        self.first.saturating_add(self.cells.len())
    }

    /// The number of the first character in the window.
    pub(crate) const fn first(&self) -> usize {
        self.first
    }

    pub(crate) const fn len(&self) -> usize {
        self.cells.len()
    }

    pub(crate) fn push(&mut self, cell: Cell) {
        self.cells.push(cell);
    }

    /// `count` characters that nothing waits for, after all that is in the window; the last of them is `ch`.
    pub(crate) fn skip_all(&mut self, count: usize, ch: char) {
        self.clear();
        self.first = self.first.saturating_add(count);
        self.before = ch;
    }

    /// A character that nothing waits for. Only while the window is empty.
    pub(crate) const fn skip(&mut self, ch: char) {
        self.first = self.first.saturating_add(1);
        self.before = ch;
    }

    pub(crate) fn get(&self, number: usize) -> Option<&Cell> {
        self.cells.get(number.checked_sub(self.first)?)
    }

    /// The characters from `start` to `end`, exclusive; empty where they are not all in the window.
    pub(crate) fn range(&self, start: usize, end: usize) -> &[Cell] {
        let local = |n: usize| n.checked_sub(self.first);
        local(start).zip(local(end)).and_then(|(s, e)| self.cells.get(s..e)).unwrap_or_default()
    }

    /// The character before `number`, which may be the last one that left the window.
    pub(crate) fn before(&self, number: usize) -> char {
        let cell = number.checked_sub(1).and_then(|n| self.get(n));
        cell.map_or(self.before, |cell| cell.ch)
    }

    /// How many of the last characters in the window are none of a script with spaces, up to the length of the longest term.
    pub(crate) fn plain(&self) -> usize {
        self.cells.iter().rev().take(TERM_CHARS_MAX).take_while(|cell| !is_word(cell.ch)).count()
    }

    /// Whether a term can begin with the character `number`: one that starts with a letter or digit of a script with spaces
    /// cannot inside a word. What has left the window was waited for no more when it left: nothing begins there.
    pub(crate) fn begins_at(&self, number: usize, with_word: bool) -> bool {
        number >= self.first && !(with_word && is_word(self.before(number)))
    }

    #[inline]
    pub(crate) fn clear(&mut self) {
        if !self.cells.is_empty() {
            self.forget_before(self.count());
        }
    }

    pub(crate) fn forget_before(&mut self, number: usize) {
        let gone = number.saturating_sub(self.first).min(self.cells.len());
        if let Some(last) = gone.checked_sub(1).and_then(|i| self.cells.get(i)) {
            self.before = last.ch;
        }
        self.cells.drain(..gone);
        self.first = self.first.saturating_add(gone);
    }
}
