//! What a text is while it streams: prose that may carry the label, or JSON and code that must not.

mod fences;
mod json;

use fences::Fences;
use json::JsonScan;

use super::is_blank;
use crate::Waiver;

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// Words for people.
    Prose,
    /// JSON or code: begins with `{`, `[` or a code fence.
    Structured,
}

/// How a text ends, for the writer of a label after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// The label may follow, after this text: empty, or the line that closes an open code fence.
    Label(String),
    /// No label inside: the waiver says why.
    Waive(Waiver),
}

/// Reads a text in pieces and says whether our label may stand before or after it.
///
/// The answer is the same for every chunking. Memory does not grow with the text.
#[derive(Debug, Clone, Default)]
pub struct ShapeSniffer {
    shape: Option<Shape>,
    /// Up to two characters of what may become a fence.
    opening: Option<(char, u8)>,
    fences: Fences,
    json: JsonScan,
    has_text: bool,
}

impl ShapeSniffer {
    /// A sniffer that has seen nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the next piece.
    pub fn push(&mut self, piece: &str) {
        for c in piece.chars() {
            self.sniff(c);
            self.fences.push(c);
            self.json.push(c);
        }
    }

    /// What the text is, as soon as its first characters that are no spaces tell; the rule for a label before the text.
    #[must_use]
    pub const fn shape(&self) -> Option<Shape> {
        self.shape
    }

    /// What the text is, now that no more comes.
    #[must_use]
    pub fn shape_at_end(&self) -> Shape {
        self.shape.unwrap_or(Shape::Prose)
    }

    /// Whether anything but space was seen.
    #[must_use]
    pub const fn has_text(&self) -> bool {
        self.has_text
    }

    /// Whether a code fence is open here.
    #[must_use]
    pub fn is_in_fence(&self) -> bool {
        self.fences.is_open()
    }

    /// Whether there is code in fences and nothing outside them.
    #[must_use]
    pub fn is_code_only(&self) -> bool {
        self.fences.is_code_only()
    }

    /// How the text ends, if it ends here; the rule for a label after the text.
    ///
    /// JSON, whole or cut off, and code alone get none. A text that merely begins like JSON (`[1] see …`) and a text with
    /// words outside its code get one, after a closing fence where a length stop left one open.
    #[must_use]
    pub fn ending(&self) -> Ending {
        if !self.has_text {
            Ending::Waive(Waiver::Empty)
        } else if self.json.is_json_so_far() || self.fences.is_code_only() {
            Ending::Waive(Waiver::Structured)
        } else {
            Ending::Label(self.fences.closing())
        }
    }

    fn sniff(&mut self, c: char) {
        if !is_blank(c) {
            self.has_text = true;
        }
        if self.shape.is_some() {
            return;
        }
        match (self.opening, c) {
            (None, c) if is_blank(c) => {}
            (None, '{' | '[') => self.shape = Some(Shape::Structured),
            (None, '`' | '~') => self.opening = Some((c, 1)),
            (Some((mark, 2)), c) if c == mark => self.shape = Some(Shape::Structured),
            (Some((mark, count)), c) if c == mark => self.opening = Some((mark, count.saturating_add(1))),
            _ => self.shape = Some(Shape::Prose),
        }
    }
}
