//! The provider code: 27 characters that name who generated or spread a thing.
//!
//! A code asserts that an entity exists, so none is ever made up here: the operator supplies theirs, and trial mode uses
//! the reserved word `TRIAL`, which is no code and is reported as non-conforming.

use std::{fmt, str::FromStr};

/// The characters of GB 32100, in the order of their values: no I, O, S, V, Z.
const GB32100_ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// The weights of GB 32100: powers of 3 modulo 31.
const GB32100_WEIGHTS: [u32; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
/// Format (2), subject (1), binding (1), credit code (18), service (1), own part (4).
const CODE_CHARS: usize = 27;

/// A provider code that passed the checks, or the reserved word of trial mode.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ProviderCode(String);

/// Why a text is no provider code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Not 27 characters.
    #[error("provider code `{0}` does not have 27 characters")]
    Length(String),
    /// A character other than digits and capitals.
    #[error("provider code holds `{0}`: digits and capital letters are expected")]
    Character(char),
    /// The format code at positions 1 and 2 is not `00`.
    #[error("provider code `{0}` does not begin with the format code `00`")]
    Format(String),
    /// The service type at position 23.
    #[error(
        "provider code has service type `{0}` at position 23: `1` generation, `2` dissemination or `0` unused"
    )]
    ServiceType(char),
    /// The unified social credit code fails the check of GB 32100.
    #[error("unified social credit code `{0}` fails the check of GB 32100")]
    CreditCode(String),
}

/// How much of a code could be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeForm {
    /// An organisation bound by its unified social credit code: checked to the last character.
    Organisation,
    /// Another subject or binding type, whose layout is not public: positions 5 to 22 are taken as they are.
    Other,
    /// The reserved word of trial mode.
    Trial,
}

/// What the code was given for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceType {
    /// `1`: generation.
    Generation,
    /// `2`: dissemination.
    Dissemination,
    /// `0`: the last five characters are not used.
    Unused,
}

impl ProviderCode {
    /// The word that stands for the provider in trial mode. It names nobody.
    pub const TRIAL: &'static str = "TRIAL";

    /// The provider of trial mode.
    #[must_use]
    pub fn trial() -> Self {
        Self(Self::TRIAL.to_owned())
    }

    /// Reads a code, or the reserved word `TRIAL`.
    ///
    /// # Errors
    /// [`CodeError`] names the first check that failed.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        if text == Self::TRIAL {
            return Ok(Self::trial());
        }
        if let Some(odd) = text.chars().find(|c| !c.is_ascii_digit() && !c.is_ascii_uppercase()) {
            return Err(CodeError::Character(odd));
        }
        // From here on the text is ASCII: bytes are characters.
        if text.len() != CODE_CHARS {
            return Err(CodeError::Length(text.chars().take(64).collect()));
        }
        let Some(rest) = text.strip_prefix("00") else {
            return Err(CodeError::Format(text.to_owned()));
        };
        let service = text.chars().nth(22).unwrap_or('?');
        if !matches!(service, '0'..='2') {
            return Err(CodeError::ServiceType(service));
        }
        // The layout for individuals is not public, so only the known form is held to its checksum.
        if rest.starts_with("11") {
            let credit_code = text.get(4..22).unwrap_or_default();
            if !is_credit_code(credit_code) {
                return Err(CodeError::CreditCode(credit_code.to_owned()));
            }
        }
        Ok(Self(text.to_owned()))
    }

    /// The code as it stands in labels.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the reserved word of trial mode.
    #[must_use]
    pub fn is_trial(&self) -> bool {
        self.0 == Self::TRIAL
    }

    /// How much of the code could be checked.
    #[must_use]
    pub fn form(&self) -> CodeForm {
        if self.is_trial() {
            CodeForm::Trial
        } else if self.0.starts_with("0011") {
            CodeForm::Organisation
        } else {
            CodeForm::Other
        }
    }

    /// The 18-character unified social credit code, where the code is bound to one.
    #[must_use]
    pub fn credit_code(&self) -> Option<&str> {
        match self.form() {
            CodeForm::Organisation => self.0.get(4..22),
            CodeForm::Other | CodeForm::Trial => None,
        }
    }

    /// What the code was given for; nothing for the reserved word.
    #[must_use]
    pub fn service_type(&self) -> Option<ServiceType> {
        match self.0.chars().nth(22)? {
            '1' => Some(ServiceType::Generation),
            '2' => Some(ServiceType::Dissemination),
            _ => Some(ServiceType::Unused),
        }
    }

    /// Whether a text is meant as a code, so that a failed check is a fault and not somebody's name.
    ///
    /// `ContentProducer` may also hold a name, and names are not checked.
    #[must_use]
    pub fn is_meant(text: &str) -> bool {
        text.starts_with("00")
            && (20..=34).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
    }
}

impl fmt::Display for ProviderCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ProviderCode {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        Self::parse(text)
    }
}

/// Whether `text` is a unified social credit code: 18 characters, the last one the check of the others (GB 32100).
#[must_use]
pub fn is_credit_code(text: &str) -> bool {
    let mut values = Vec::with_capacity(18);
    for byte in text.bytes() {
        let Some(value) = GB32100_ALPHABET.iter().position(|known| *known == byte) else {
            return false;
        };
        values.push(u32::try_from(value).unwrap_or(u32::MAX));
    }
    let (17, Some(check)) = (values.len().saturating_sub(1), values.last().copied()) else {
        return false;
    };
    let sum: u32 = values.iter().zip(GB32100_WEIGHTS).map(|(value, weight)| value * weight).sum();
    (31 - sum % 31) % 31 == check
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const REAL: [&str; 7] = [
        "001191110102MACQD9K64010000",
        "00119144030008867405X210001",
        "00119144030008867405X220001",
        "001191440300708461136T1XGW3",
        "001191440300708461136T1308L",
        "001191110102MAD55U9H0F10002",
        "001191310104MACE0YX63918020",
    ];

    #[test]
    fn codes_of_real_files_parse() {
        for text in REAL {
            let code = ProviderCode::parse(text).unwrap();
            assert_eq!(code.as_str(), text);
            assert_eq!(code.form(), CodeForm::Organisation);
            assert!(ProviderCode::is_meant(text));
        }
        let code = ProviderCode::parse(REAL[2]).unwrap();
        assert_eq!(code.service_type(), Some(ServiceType::Dissemination));
        assert_eq!(code.credit_code(), Some("9144030008867405X2"));
    }

    #[test]
    fn faults_are_named() {
        let check =
            |text: &str, expected: CodeError| assert_eq!(ProviderCode::parse(text), Err(expected), "{text}");
        check("0011", CodeError::Length("0011".into()));
        check("Minimax Agent AI", CodeError::Character('i'));
        check("011191110102MACQD9K64010000", CodeError::Format("011191110102MACQD9K64010000".into()));
        check("001191110102MACQD9K64070000", CodeError::ServiceType('7'));
        check("001191110102MACQD9K65010000", CodeError::CreditCode("91110102MACQD9K650".into()));
        assert!(ProviderCode::parse("TRIAL").unwrap().is_trial());
        assert!(ProviderCode::parse("trial").is_err());
    }

    #[test]
    fn every_single_wrong_character_of_a_credit_code_is_found() {
        let right = ProviderCode::parse(REAL[0]).unwrap().credit_code().unwrap().to_owned();
        for at in 0..18 {
            for other in GB32100_ALPHABET {
                let mut bytes = right.clone().into_bytes();
                if bytes[at] != *other {
                    bytes[at] = *other;
                    assert!(!is_credit_code(std::str::from_utf8(&bytes).unwrap()));
                }
            }
        }
    }

    proptest! {
        #[test]
        fn foreign_text_never_panics(text: String) {
            let _ = ProviderCode::parse(&text);
            let _ = is_credit_code(&text);
            let _ = ProviderCode::is_meant(&text);
        }
    }
}
