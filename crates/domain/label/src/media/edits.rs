//! A change of a file, as what comes in place of what: nothing else of it is touched.

use std::ops::Range;

/// One replacement. An empty range inserts before its start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The bytes of the original that go.
    pub range: Range<usize>,
    /// What comes in their place.
    pub bytes: Vec<u8>,
}

/// Replacements in the order of the file, none of which overlap. They can be applied while a file is copied.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Edits(Vec<Edit>);

impl Edits {
    /// No change.
    #[must_use]
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// One insertion.
    #[must_use]
    pub fn insert(at: usize, bytes: Vec<u8>) -> Self {
        Self::replace(at..at, bytes)
    }

    /// One replacement.
    #[must_use]
    pub fn replace(range: Range<usize>, bytes: Vec<u8>) -> Self {
        Self(vec![Edit { range, bytes }])
    }

    /// One more replacement. Where two insertions stand at one place, that which was added first comes first.
    #[must_use]
    pub fn and(mut self, range: Range<usize>, bytes: Vec<u8>) -> Self {
        let at = self.0.partition_point(|edit| edit.range.start <= range.start);
        self.0.insert(at, Edit { range, bytes });
        self
    }

    /// The same and those of `inner`, which are edits of the part of the file that begins at `at`.
    #[must_use]
    pub fn and_within(self, at: usize, inner: &Self) -> Self {
        inner.0.iter().fold(self, |edits, edit| {
            let range = edit.range.start.saturating_add(at)..edit.range.end.saturating_add(at);
            edits.and(range, edit.bytes.clone())
        })
    }

    /// Where one begins within the one before it.
    pub(super) fn overlap(&self) -> Option<usize> {
        let mut pairs = self.0.iter().zip(self.0.iter().skip(1));
        pairs.find(|(one, next)| next.range.start < one.range.end).map(|(_, next)| next.range.start)
    }

    /// All of them, in order.
    #[must_use]
    pub fn as_slice(&self) -> &[Edit] {
        &self.0
    }

    /// How many bytes longer the file becomes; negative where it becomes shorter.
    #[must_use]
    pub fn growth(&self) -> i64 {
        let length = |len: usize| i64::try_from(len).unwrap_or(i64::MAX);
        self.0.iter().fold(0_i64, |sum, edit| {
            sum.saturating_add(length(edit.bytes.len())).saturating_sub(length(edit.range.len()))
        })
    }

    /// The changed file, in pieces of the original and of what is new.
    pub fn pieces<'b>(&'b self, original: &'b [u8]) -> impl Iterator<Item = &'b [u8]> {
        let starts = std::iter::once(0).chain(self.0.iter().map(|edit| edit.range.end));
        let ends = self.0.iter().map(|edit| edit.range.start).chain(std::iter::once(original.len()));
        let kept = starts.zip(ends).map(|(start, end)| original.get(start..end).unwrap_or_default());
        let new = self.0.iter().map(|edit| edit.bytes.as_slice()).chain(std::iter::once(&[][..]));
        kept.zip(new).flat_map(|(kept, new)| [kept, new])
    }

    /// The changed file.
    #[must_use]
    pub fn apply(&self, original: &[u8]) -> Vec<u8> {
        let new: usize = self.0.iter().map(|edit| edit.bytes.len()).sum();
        let mut changed = Vec::with_capacity(original.len().saturating_add(new));
        self.pieces(original).for_each(|piece| changed.extend_from_slice(piece));
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replacements_stand_in_the_order_of_the_file() {
        let edits = Edits::insert(4, b"<".to_vec()).and(0..1, b"A".to_vec()).and(4..4, b">".to_vec());
        assert_eq!(edits.apply(b"abcdef"), b"Abcd<>ef");
        assert_eq!(edits.growth(), 2);
        assert_eq!(Edits::none().apply(b"abc"), b"abc");
        assert_eq!(Edits::replace(1..3, Vec::new()).apply(b"abc"), b"a");
    }
}
