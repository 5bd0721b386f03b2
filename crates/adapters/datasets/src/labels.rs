//! Writing labels down.

use safety::classifier::{Example, HEADS, Head};

/// What is known about a text, head by head.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Labels([Option<bool>; HEADS]);

impl Labels {
    /// Nothing is known.
    pub(crate) fn none() -> Self {
        Self::default()
    }

    /// The text is harmless: no head looks for it.
    pub(crate) fn harmless() -> Self {
        Self([Some(false); HEADS])
    }

    /// The text is what these heads look for.
    pub(crate) fn yes(self, heads: &[Head]) -> Self {
        self.set(heads, true)
    }

    /// The text is not what these heads look for.
    pub(crate) fn no(self, heads: &[Head]) -> Self {
        self.set(heads, false)
    }

    /// Both ways.
    pub(crate) fn set(mut self, heads: &[Head], is: bool) -> Self {
        for head in heads {
            if let Some(label) = self.0.get_mut(head.place()) {
                *label = Some(is);
            }
        }
        self
    }

    /// An example with these labels.
    pub(crate) fn on(self, text: impl Into<String>, weight: f32) -> Example {
        Example { text: text.into(), labels: self.0, weight }
    }
}
