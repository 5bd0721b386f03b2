//! How well a person is known.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How well a person is known, from not at all to fully. Later is more: levels compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityLevel {
    /// Nothing is known.
    #[default]
    None,
    /// They, or the application in front, said who they are; nothing was verified.
    Declared,
    /// A mobile number was verified: one of the ways of the Deep Synthesis Provisions, article 9.
    Phone,
    /// An identity document, a unified social credit code or the national network identity was verified.
    Full,
}

impl IdentityLevel {
    /// All of them, lowest first.
    pub const ALL: [Self; 4] = [Self::None, Self::Declared, Self::Phone, Self::Full];

    /// The word for it in the configuration, entries and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Declared => "declared",
            Self::Phone => "phone",
            Self::Full => "full",
        }
    }

    /// The level with that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == word)
    }

    /// Whether the law counts the person as verified.
    #[must_use]
    pub fn is_verified(self) -> bool {
        self >= Self::Phone
    }
}

impl fmt::Display for IdentityLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
