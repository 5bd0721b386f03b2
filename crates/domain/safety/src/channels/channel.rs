//! The names of the readings.

/// How a text was read where a hit was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Channel {
    /// As it stands, normalised.
    #[default]
    Strict,
    /// Without the separators that stand between its characters.
    Compact,
    /// Digits and signs as the letters they look like.
    Leet,
    /// Pictures as words.
    Emoji,
    /// Parts written side by side as one character.
    Decomposed,
    /// From the end to the beginning.
    Reversed,
    /// By sound: Pinyin, or other characters that sound the same.
    Pinyin,
    /// Escape sequences of JSON strings as what they stand for.
    Json,
    /// HTML character references as what they stand for.
    Html,
    /// Percent-encoded UTF-8 as what it stands for.
    Percent,
    /// Base64 of UTF-8 as the text it holds.
    Base64,
}

impl Channel {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Strict,
        Self::Compact,
        Self::Leet,
        Self::Emoji,
        Self::Decomposed,
        Self::Reversed,
        Self::Pinyin,
        Self::Json,
        Self::Html,
        Self::Percent,
        Self::Base64,
    ];

    /// The word used in findings and pages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Compact => "compact",
            Self::Leet => "leet",
            Self::Emoji => "emoji",
            Self::Decomposed => "decomposed",
            Self::Reversed => "reversed",
            Self::Pinyin => "pinyin",
            Self::Json => "json",
            Self::Html => "html",
            Self::Percent => "percent",
            Self::Base64 => "base64",
        }
    }
}
