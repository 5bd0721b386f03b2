//! What the configuration keeps to itself: passwords and keys, and messages about the lines they stand in.

use std::fmt;

use serde::{Deserialize, Deserializer, de::Error as _};

/// A text that shows itself neither in logs nor in messages about the configuration.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match toml::Value::deserialize(deserializer)? {
            toml::Value::String(text) => Ok(Self(text)),
            _ => Err(D::Error::custom("a text in quotes is expected")),
        }
    }
}

/// What is wrong with a configuration, and where: line and key, never a value. The value may be a key of the provider's, also
/// where it stands at a name that does not exist or lacks its closing quote.
pub(crate) fn complaint(error: &toml::de::Error, text: &str) -> String {
    let message = without_values(error.message());
    let Some(span) = error.span() else {
        // Without a text the path of the key is on a line of its own.
        let shown = error.to_string();
        let place = shown.lines().find_map(|line| line.strip_prefix("in "));
        return place.map_or(message.clone(), |place| format!("at {place}: {message}"));
    };
    let before = text.get(..span.start.min(text.len())).unwrap_or_default();
    let number = before.matches('\n').count() + 1;
    let line = text.lines().nth(number - 1).unwrap_or_default();
    match line.split_once('=') {
        Some((key, _)) => format!("line {number}, at `{}`: {message}", key.trim()),
        None => format!("line {number}: {message}"),
    }
}

/// serde's message without the value that it did not expect.
fn without_values(message: &str) -> String {
    let message = message.trim_end();
    let found = ["invalid type: ", "invalid value: "].iter().find_map(|start| message.strip_prefix(start));
    match found.and_then(|found| found.rsplit_once(", expected ")) {
        Some((found, expected)) => {
            let kind: String = found.chars().take_while(|letter| letter.is_ascii_alphabetic()).collect();
            format!("found another type ({kind}), expected {expected}")
        }
        None => message.to_owned(),
    }
}
