//! Why a thing left without its visible label. A waiver is recorded; the hidden label stays.

/// The reason that no visible label was put into the text itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Waiver {
    /// JSON, a tool call or code alone: a label inside would break it.
    Structured,
    /// The interface around the text shows the label all the time (GB 45438-2025, prompts in interaction interfaces).
    Interface,
    /// The user asked for it without one and agreed to their duties (Labelling Measures, article 9).
    Grant,
    /// The text already carries a conforming label of another producer, which is kept.
    AlreadyLabelled,
    /// Nothing was generated.
    Empty,
}

impl Waiver {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Structured, Self::Interface, Self::Grant, Self::AlreadyLabelled, Self::Empty];

    /// The word for it in entries and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Structured => "structured",
            Self::Interface => "interface",
            Self::Grant => "grant",
            Self::AlreadyLabelled => "already_labelled",
            Self::Empty => "empty",
        }
    }

    /// The waiver with that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|waiver| waiver.as_str() == word)
    }
}
