//! The words of a visible label, checked once.

use crate::picture::can_draw;

/// Words that mark a thing as generated, each character of which can be drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wording(String);

/// Why words do not mark anything.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WordingError {
    /// They lack an element: `人工智能` or `AI`, and `生成` or `合成` (GB 45438-2025, 5.2) or, in English, `generated`,
    /// `modified` or `manipulated`.
    #[error(
        "the wording `{0}` needs `AI` or `人工智能`, and `生成` or `合成` (in English `generated` or `modified`)"
    )]
    MissingElement(String),
    /// The font has no such character.
    #[error("the wording has `{0}`, which the font of labels lacks")]
    NoGlyph(char),
    /// They are longer than is drawn in one line.
    #[error("the wording has {chars} characters; {limit} are allowed")]
    TooLong {
        /// How many.
        chars: usize,
        /// How many are allowed.
        limit: usize,
    },
}

impl Wording {
    /// The most characters of a wording: two languages fit, side by side.
    pub const CHARS_MAX: usize = 32;

    /// Takes a wording.
    ///
    /// # Errors
    /// [`WordingError`] where it does not say what a label has to say or cannot be drawn.
    pub fn new(text: &str) -> Result<Self, WordingError> {
        let text = text.trim();
        let chars = text.chars().count();
        if chars > Self::CHARS_MAX {
            return Err(WordingError::TooLong { chars, limit: Self::CHARS_MAX });
        }
        if !says_so(text) {
            return Err(WordingError::MissingElement(text.to_owned()));
        }
        match text.chars().find(|&c| !can_draw(c)) {
            Some(missing) => Err(WordingError::NoGlyph(missing)),
            None => Ok(Self(text.to_owned())),
        }
    }

    /// `AI生成`: the shortest that has both elements of the standard.
    #[must_use]
    pub fn chinese() -> Self {
        Self("AI生成".to_owned())
    }

    /// `人工智能生成`: the same without Latin letters.
    #[must_use]
    pub fn chinese_in_full() -> Self {
        Self("人工智能生成".to_owned())
    }

    /// `AI-generated`: for readers of English. It lacks the standard's generation element, so it is not enough in China.
    #[must_use]
    pub fn english() -> Self {
        Self("AI-generated".to_owned())
    }

    /// The words.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it has both elements of GB 45438-2025.
    #[must_use]
    pub fn meets_gb(&self) -> bool {
        label::contains_elements(&self.0)
    }
}

/// Whether words say that a thing is generated, in Chinese or in English.
pub(crate) fn says_so(text: &str) -> bool {
    label::contains_elements(text) || says_so_in_english(text)
}

/// The same two elements in English: `AI` or `artificial intelligence`, and what was done.
fn says_so_in_english(text: &str) -> bool {
    let lower = text.to_lowercase();
    let words = || lower.split(|c: char| !c.is_ascii_alphanumeric());
    let by_ai = words().any(|word| word == "ai") || lower.contains("artificial intelligence");
    let done = ["generated", "modified", "manipulated"];
    by_ai && words().any(|word| done.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wording_has_both_elements_and_can_be_drawn() {
        for text in [
            "AI生成",
            "人工智能合成",
            "本图片由AI生成",
            "AI-generated",
            "AI GENERATED",
            "Modified by AI",
            "AI生成 · AI-generated",
        ] {
            assert_eq!(Wording::new(text).map(|wording| wording.as_str().to_owned()), Ok(text.to_owned()));
        }
        assert_eq!(Wording::new("AI"), Err(WordingError::MissingElement("AI".to_owned())));
        assert_eq!(Wording::new("生成"), Err(WordingError::MissingElement("生成".to_owned())));
        assert_eq!(
            Wording::new("SAID generated"),
            Err(WordingError::MissingElement("SAID generated".to_owned()))
        );
        assert_eq!(Wording::new("AI生成 🤖"), Err(WordingError::NoGlyph('🤖')));
        let long = "AI生成".repeat(9);
        assert_eq!(Wording::new(&long), Err(WordingError::TooLong { chars: 36, limit: 32 }));
    }

    #[test]
    fn the_wordings_that_ship_pass_their_own_check() {
        for wording in [Wording::chinese(), Wording::chinese_in_full(), Wording::english()] {
            assert_eq!(Wording::new(wording.as_str()), Ok(wording.clone()));
        }
        assert!(Wording::chinese().meets_gb() && Wording::chinese_in_full().meets_gb());
        assert!(!Wording::english().meets_gb(), "the standard knows no English words");
    }
}
