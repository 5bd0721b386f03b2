//! The languages that people are addressed in.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A language that every text for people exists in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub enum Locale {
    /// Simplified Chinese.
    #[default]
    #[serde(rename = "zh-CN")]
    ZhCn,
    /// English.
    #[serde(rename = "en")]
    En,
}

/// A language tag that no text exists for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown locale `{0}`: `zh-CN` and `en` are complete")]
pub struct UnknownLocale(pub String);

impl Locale {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::ZhCn, Self::En];

    /// The BCP 47 tag.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::ZhCn => "zh-CN",
            Self::En => "en",
        }
    }

    /// The best of ours for an `Accept-Language` header (RFC 9110 §12.5.4), weights heeded.
    #[must_use]
    pub fn negotiate(accept_language: &str) -> Option<Self> {
        let mut best: Option<(u32, Self)> = None;
        for part in accept_language.split(',').take(32) {
            let mut pieces = part.split(';');
            let tag = pieces.next().unwrap_or("").trim().to_ascii_lowercase();
            let weight = pieces
                .find_map(|piece| piece.trim().strip_prefix("q=").and_then(|q| q.trim().parse::<f32>().ok()))
                .unwrap_or(1.0)
                .clamp(0.0, 1.0);
            let locale = match tag.split('-').next() {
                Some("zh") => Self::ZhCn,
                Some("en") => Self::En,
                _ => continue,
            };
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=1")]
            let weight = (weight * 1000.0) as u32;
            if weight > 0 && best.is_none_or(|(seen, _)| weight > seen) {
                best = Some((weight, locale));
            }
        }
        best.map(|(_, locale)| locale)
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

impl FromStr for Locale {
    type Err = UnknownLocale;

    fn from_str(tag: &str) -> Result<Self, UnknownLocale> {
        Self::ALL
            .into_iter()
            .find(|locale| locale.tag().eq_ignore_ascii_case(tag))
            .ok_or_else(|| UnknownLocale(tag.chars().take(64).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accept_language_is_negotiated() {
        let check = |header: &str, expected| assert_eq!(Locale::negotiate(header), expected, "{header}");
        check("zh-CN,zh;q=0.9,en;q=0.8", Some(Locale::ZhCn));
        check("en-GB,en;q=0.9,zh;q=0.1", Some(Locale::En));
        check("fr, zh-TW;q=0.5", Some(Locale::ZhCn));
        check("fr", None);
        check("zh;q=0, en;q=0.1", Some(Locale::En));
        check("", None);
    }
}
