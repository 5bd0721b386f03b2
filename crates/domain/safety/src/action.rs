//! What is done about a hit.

/// What is done about a hit, from the weakest to the strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Action {
    /// Nothing: the detector or the entry is off.
    #[default]
    Allow,
    /// The span leaves with its characters hidden.
    Mask,
    /// The text leaves as it is; the finding is reported.
    Warn,
    /// The text ends before the span.
    Block,
}

impl Action {
    /// All of them, the weakest first.
    pub const ALL: [Self; 4] = [Self::Allow, Self::Mask, Self::Warn, Self::Block];

    /// The word used in lexicons, entries and pages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Mask => "mask",
            Self::Warn => "warn",
            Self::Block => "block",
        }
    }

    /// The action with that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == word)
    }
}
