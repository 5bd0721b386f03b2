//! Which texts an entry is looked for in, and for whom.

use std::fmt;

use terms::Direction;

use crate::Audience;

/// Which texts an entry is looked for in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// What people write.
    Input,
    /// What the model writes.
    Output,
    /// Both.
    Both,
}

/// Some of the audiences, at least one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Audiences(u8);

impl Scope {
    /// Whether texts of that direction are meant.
    #[must_use]
    pub const fn includes(self, direction: Direction) -> bool {
        matches!(
            (self, direction),
            (Self::Both, _) | (Self::Input, Direction::Input) | (Self::Output, Direction::Output)
        )
    }

    /// Whether some direction is in both.
    #[must_use]
    pub const fn meets(self, other: Self) -> bool {
        !matches!((self, other), (Self::Input, Self::Output) | (Self::Output, Self::Input))
    }

    /// The word used in lexicons.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Output => "output",
            Self::Both => "both",
        }
    }

    /// The scope with that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Input, Self::Output, Self::Both].into_iter().find(|scope| scope.as_str() == word)
    }
}

impl Audiences {
    /// Everybody.
    pub const ALL: Self = Self(0b111);

    /// Those audiences; none where there are none.
    #[must_use]
    pub fn of(audiences: impl IntoIterator<Item = Audience>) -> Option<Self> {
        let bits = audiences.into_iter().fold(0, |bits, audience| bits | Self::bit(audience));
        (bits != 0).then_some(Self(bits))
    }

    /// Whether that audience is among them.
    #[must_use]
    pub const fn contains(self, audience: Audience) -> bool {
        self.0 & Self::bit(audience) != 0
    }

    /// Whether some audience is in both.
    #[must_use]
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The words used in lexicons, joined by `+`; nothing for everybody.
    #[must_use]
    pub fn words(self) -> String {
        if self == Self::ALL {
            return String::new();
        }
        let words: Vec<&str> =
            Audience::ALL.into_iter().filter(|one| self.contains(*one)).map(Audience::as_str).collect();
        words.join("+")
    }

    /// The audiences with these words.
    #[must_use]
    pub fn from_words(words: &str) -> Option<Self> {
        if words.is_empty() {
            return Some(Self::ALL);
        }
        let audiences: Option<Vec<Audience>> = words.split('+').map(Audience::from_word).collect();
        Self::of(audiences?)
    }

    const fn bit(audience: Audience) -> u8 {
        1 << audience as u8
    }
}

impl fmt::Debug for Audiences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(Audience::ALL.into_iter().filter(|one| self.contains(*one))).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audiences_round_trip_through_their_words() {
        for words in ["", "minor", "adult+verified", "adult+minor"] {
            assert_eq!(Audiences::from_words(words).unwrap().words(), words);
        }
        assert_eq!(Audiences::from_words("verified+minor+adult"), Some(Audiences::ALL));
        for wrong in ["children", "minor+", "+", "minor,adult"] {
            assert_eq!(Audiences::from_words(wrong), None, "{wrong}");
        }
        assert_eq!(Audiences::of([]), None);
    }
}
