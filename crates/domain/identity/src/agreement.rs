//! The service agreement (Interim Measures, article 9; Labelling Measures, article 8): what was accepted is a text, and a
//! text is its hash.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use terms::{Locale, Timestamp};

use crate::Refusal;

/// Names the content that is hashed, so that the hash of something else is never taken for it.
const HASH_PREFIX: &[u8] = b"cinnabar agreement v1\n";

/// SHA-256 over the texts of an agreement in all its languages.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AgreementHash([u8; 32]);

/// An agreement that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AgreementError {
    /// Nothing to agree to.
    #[error("agreement of version `{version}` has no text in `{locale}`")]
    NoText {
        /// The version.
        version: String,
        /// The language.
        locale: Locale,
    },
    /// No version.
    #[error("agreement version `{0}`: 1 to 64 characters without spaces are expected")]
    Version(String),
    /// Not 64 hexadecimal digits.
    #[error("`{0}` is no agreement hash: 64 hexadecimal digits are expected")]
    Hash(String),
}

/// The agreement in force: its version for people, its hash for the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    version: String,
    hash: AgreementHash,
}

/// What one person accepted, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acceptance {
    /// The version they were shown.
    pub version: String,
    /// The hash of what they were shown.
    pub hash: AgreementHash,
    /// When they accepted it.
    pub at: Timestamp,
}

impl Agreement {
    /// The agreement of that version with its text in every language.
    ///
    /// One hash covers all languages: whoever accepted it in one need not accept it in another.
    ///
    /// # Errors
    /// [`AgreementError`] for a version that is none or a language without a text.
    pub fn new(version: &str, text: impl Fn(Locale) -> String) -> Result<Self, AgreementError> {
        if version.is_empty() || version.chars().count() > 64 || version.chars().any(char::is_whitespace) {
            return Err(AgreementError::Version(version.chars().take(64).collect()));
        }
        let mut digest = Sha256::new().chain_update(HASH_PREFIX);
        for locale in Locale::ALL {
            let text = text(locale);
            if text.trim().is_empty() {
                return Err(AgreementError::NoText { version: version.to_owned(), locale });
            }
            // The length parts one language from the next.
            digest.update(format!("{locale} {}\n", text.len()));
            digest.update(&text);
        }
        Ok(Self { version: version.to_owned(), hash: AgreementHash(digest.finalize().into()) })
    }

    /// The version, for people.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The hash of the texts.
    #[must_use]
    pub const fn hash(&self) -> AgreementHash {
        self.hash
    }

    /// The acceptance of this agreement at `now`.
    #[must_use]
    pub fn accept(&self, now: Timestamp) -> Acceptance {
        Acceptance { version: self.version.clone(), hash: self.hash, at: now }
    }

    /// Whether `acceptance` is one of this very text. A new version of the same text need not be accepted again; a changed
    /// text of the same version must be.
    ///
    /// # Errors
    /// [`Refusal::Agreement`] where it is not.
    pub fn check(&self, acceptance: Option<&Acceptance>) -> Result<(), Refusal> {
        match acceptance {
            Some(acceptance) if acceptance.hash == self.hash => Ok(()),
            other => Err(Refusal::Agreement {
                version: self.version.clone(),
                hash: self.hash,
                accepted_another: other.is_some(),
            }),
        }
    }
}

impl AgreementHash {
    /// The hash kept elsewhere as bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for AgreementHash {
    /// Small hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for AgreementHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AgreementHash({self})")
    }
}

impl FromStr for AgreementHash {
    type Err = AgreementError;

    fn from_str(text: &str) -> Result<Self, AgreementError> {
        let wrong = || AgreementError::Hash(text.chars().take(80).collect());
        if text.len() != 64 {
            return Err(wrong());
        }
        let mut bytes = [0_u8; 32];
        let mut digits = text.chars();
        for byte in &mut bytes {
            for _ in 0..2 {
                let digit = digits.next().and_then(|c| c.to_digit(16)).ok_or_else(wrong)?;
                *byte = (*byte << 4) | u8::try_from(digit).map_err(|_| wrong())?;
            }
        }
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for AgreementHash {
    type Error = AgreementError;

    fn try_from(text: String) -> Result<Self, AgreementError> {
        text.parse()
    }
}

impl From<AgreementHash> for String {
    fn from(hash: AgreementHash) -> Self {
        hash.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn agreement(version: &str, zh: &str, en: &str) -> Agreement {
        Agreement::new(version, |locale| match locale {
            Locale::ZhCn => zh.to_owned(),
            Locale::En => en.to_owned(),
        })
        .unwrap()
    }

    #[test]
    fn a_changed_text_is_accepted_again_and_a_new_version_of_it_is_not() {
        let first = agreement("1", "协议", "terms");
        let acceptance = first.accept(Timestamp::EPOCH);
        assert_eq!(first.check(Some(&acceptance)), Ok(()));
        assert_eq!(agreement("2", "协议", "terms").check(Some(&acceptance)), Ok(()));
        let changed = agreement("1", "协议", "terms.").check(Some(&acceptance)).unwrap_err();
        assert!(matches!(changed, Refusal::Agreement { accepted_another: true, .. }));
        assert_eq!(changed.rule(), "cn.genai.9");
        assert!(matches!(first.check(None), Err(Refusal::Agreement { accepted_another: false, .. })));
    }

    #[test]
    fn text_does_not_slide_from_one_language_into_the_next() {
        assert_ne!(agreement("1", "ab", "c").hash(), agreement("1", "a", "bc").hash());
    }

    #[test]
    fn an_agreement_needs_words_and_a_version() {
        assert!(matches!(Agreement::new("1", |_| " ".into()), Err(AgreementError::NoText { .. })));
        assert!(matches!(Agreement::new("", |_| "x".into()), Err(AgreementError::Version(_))));
        assert!(matches!(Agreement::new("1 2", |_| "x".into()), Err(AgreementError::Version(_))));
    }

    proptest! {
        #[test]
        fn hashes_survive_their_text(bytes: [u8; 32]) {
            let hash = AgreementHash::from_bytes(bytes);
            prop_assert_eq!(hash.to_string().parse::<AgreementHash>().unwrap(), hash);
        }

        #[test]
        fn foreign_text_never_panics(text in "\\PC{0,70}|[0-9a-f中]{60,66}") {
            let _ = text.parse::<AgreementHash>();
        }
    }
}
