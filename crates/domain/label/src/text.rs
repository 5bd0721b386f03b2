//! The visible label of texts: GB 45438-2025, 5.1, and article 4 of the Labelling Measures.
//!
//! [`VisibleLabel`] writes, finds and takes out our own sentence, [`ShapeSniffer`] says while a text streams whether the
//! sentence may stand in it at all.

mod shape;
mod visible;

pub use shape::{Ending, Shape, ShapeSniffer};
pub use visible::{FoundLabel, TemplateError, VisibleLabel};

/// How many characters at the start and the end of a text are looked at for the words of a label.
const EDGE_CHARS: usize = 64;

/// Where the visible label of a text goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Placement {
    /// Before the text.
    Prefix,
    /// After the text.
    #[default]
    Suffix,
    /// Around the text, in an interface that shows it all the time.
    Interface,
}

impl Placement {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Prefix, Self::Suffix, Self::Interface];

    /// The word for it in the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Prefix => "prefix",
            Self::Suffix => "suffix",
            Self::Interface => "interface",
        }
    }

    /// The placement with that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|placement| placement.as_str() == word)
    }
}

/// Whether the first or the last 64 characters that are no spaces hold the words of a label: an AI element and a
/// generation element (GB 45438-2025, 5.1).
#[must_use]
pub fn contains_elements(text: &str) -> bool {
    let first: String = text.chars().filter(|c| !is_blank(*c)).take(EDGE_CHARS).collect();
    if has_both_elements(&first) {
        return true;
    }
    let mut last: Vec<char> = text.chars().rev().filter(|c| !is_blank(*c)).take(EDGE_CHARS).collect();
    last.reverse();
    has_both_elements(&last.into_iter().collect::<String>())
}

/// Whether one line anywhere holds both words.
pub(crate) fn has_elements_in_a_line(text: &str) -> bool {
    text.lines().any(has_both_elements)
}

/// `人工智能` or `AI`. `AI` inside an English word in capitals (`SAID`) is no AI element.
fn has_ai_element(text: &str) -> bool {
    text.contains("人工智能")
        || text.match_indices("AI").any(|(at, found)| {
            let before = text.get(..at).and_then(|head| head.chars().next_back());
            let after = text.get(at + found.len()..).and_then(|tail| tail.chars().next());
            !before.is_some_and(|c| c.is_ascii_uppercase()) && !after.is_some_and(|c| c.is_ascii_uppercase())
        })
}

/// `生成` or `合成`.
fn has_generation_element(text: &str) -> bool {
    text.contains("生成") || text.contains("合成")
}

fn has_both_elements(text: &str) -> bool {
    has_ai_element(text) && has_generation_element(text)
}

/// White space and the invisible characters that editors put in its place.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}' | '\0')
}

/// What copying and pasting may add to, or drop from, a line without changing its words: space and Markdown marks.
fn is_insignificant(c: char) -> bool {
    is_blank(c) || matches!(c, '*' | '_' | '>' | '`' | '~' | '#' | '\\' | '|')
}

#[cfg(test)]
mod tests;
