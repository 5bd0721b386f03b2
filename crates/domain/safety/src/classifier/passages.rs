//! Where a text is scored: at fixed positions of the normalised text, so that it makes no difference how it came in.
//!
//! A passage ends with a sentence, or where it has grown long. What is scored is a passage with the one before it: a
//! sentence alone says little, and what is said across a border is seen whole in one of two windows. A long text is thus
//! scored by its worst window and not by an average in which anything could be hidden.

/// A passage does not end before it has this many bytes of UTF-8, normalised: some fifty Chinese characters.
const BYTES_LEAST: u16 = 160;
/// A passage ends with this many: no sentence makes a scorer wait longer.
const BYTES_MOST: u16 = 480;

/// How long the present passage is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Passages {
    bytes: u16,
}

impl Passages {
    /// Takes a normalised character and tells whether a passage ends with it.
    #[inline]
    pub(super) fn push(&mut self, c: char) -> bool {
        let bytes = match u32::from(c) {
            0..0x80 => 1,
            0x80..0x800 => 2,
            0x800..0x1_0000 => 3,
            _ => 4,
        };
        self.bytes = self.bytes.saturating_add(bytes);
        let ends = self.bytes >= BYTES_MOST || (self.bytes >= BYTES_LEAST && ends_sentence(c));
        if ends {
            self.bytes = 0;
        }
        ends
    }

    /// Whether nothing has come since the last passage ended.
    pub(super) const fn is_empty(self) -> bool {
        self.bytes == 0
    }
}

const fn ends_sentence(c: char) -> bool {
    matches!(c, '。' | '.' | '!' | '?' | ';' | '\n' | '…')
}
