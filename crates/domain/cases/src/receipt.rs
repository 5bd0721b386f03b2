//! The number on a receipt: short enough to be read out on the telephone, with a check character.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use terms::CaseId;

use crate::base32;

/// 60 bits: two of a million cases share a number with a chance of one in two million, and the store refuses the second.
const DATA_CHARS: usize = 12;

/// The number of a case, such as `CN-7K3Q-F9XM-2WEA-C`. It opens nothing: the code beside it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ReceiptNumber([u8; DATA_CHARS]);

/// A text that is no receipt number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// Another length or other characters.
    #[error("`{0}` is no receipt number such as `CN-7K3Q-F9XM-2WEA-C`")]
    Form(String),
    /// A typing mistake: the check character does not fit.
    #[error("receipt number `{0}` has a typing mistake: its last character does not fit")]
    Check(String),
}

impl ReceiptNumber {
    /// The number of that case, always the same.
    #[must_use]
    pub fn of(case: CaseId) -> Self {
        let digest = Sha256::new()
            .chain_update(b"cinnabar receipt number v1\n")
            .chain_update(case.to_string())
            .finalize();
        let mut values = [0_u8; DATA_CHARS];
        for (value, byte) in values.iter_mut().zip(digest.iter()) {
            *value = byte & 31;
        }
        Self(values)
    }

    /// Reads a number as people type it: any case, any grouping, with or without `CN`, O for 0, I or L for 1.
    ///
    /// # Errors
    /// [`ReceiptError`] tells a typing mistake from something else.
    pub fn parse(text: &str) -> Result<Self, ReceiptError> {
        let shown = || text.chars().take(64).collect::<String>();
        if text.len() > 256 {
            return Err(ReceiptError::Form(shown()));
        }
        let values = base32::decode_all(text).ok_or_else(|| ReceiptError::Form(shown()))?;
        let bare = match values.len().checked_sub(DATA_CHARS + 1) {
            Some(0) => values.as_slice(),
            Some(2) => match values.split_first_chunk::<2>() {
                Some((prefix, bare)) if prefix.map(base32::encode) == ['C', 'N'] => bare,
                _ => return Err(ReceiptError::Form(shown())),
            },
            _ => return Err(ReceiptError::Form(shown())),
        };
        let Some((data, &[check])) = bare.split_first_chunk::<DATA_CHARS>() else {
            return Err(ReceiptError::Form(shown()));
        };
        if check_value(data) == check { Ok(Self(*data)) } else { Err(ReceiptError::Check(shown())) }
    }
}

impl fmt::Display for ReceiptNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CN")?;
        for group in self.0.chunks(4) {
            f.write_str("-")?;
            for value in group {
                write!(f, "{}", base32::encode(*value))?;
            }
        }
        write!(f, "-{}", base32::encode(check_value(&self.0)))
    }
}

impl FromStr for ReceiptNumber {
    type Err = ReceiptError;

    fn from_str(text: &str) -> Result<Self, ReceiptError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for ReceiptNumber {
    type Error = ReceiptError;

    fn try_from(text: String) -> Result<Self, ReceiptError> {
        Self::parse(&text)
    }
}

impl From<ReceiptNumber> for String {
    fn from(number: ReceiptNumber) -> Self {
        number.to_string()
    }
}

/// Luhn's check with 32 characters (as ISO/IEC 7812-1 has it for 10): finds every single wrong character, and every swap of
/// neighbours but `0Z` for `Z0`.
fn check_value(data: &[u8; DATA_CHARS]) -> u8 {
    let sum: u32 = data
        .iter()
        .rev()
        .enumerate()
        .map(|(at, value)| {
            let weighted = u32::from(*value) * if at % 2 == 0 { 2 } else { 1 };
            weighted / 32 + weighted % 32
        })
        .sum();
    u8::try_from((32 - sum % 32) % 32).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_form_is_fixed() {
        let number = ReceiptNumber::of(CaseId::from_u128(1)).to_string();
        assert_eq!(number.len(), "CN-7K3Q-F9XM-2WEA-C".len());
        assert_eq!(ReceiptNumber::of(CaseId::from_u128(1)).to_string(), number);
        assert_ne!(ReceiptNumber::of(CaseId::from_u128(2)).to_string(), number);
    }

    #[test]
    fn what_is_no_number_is_refused() {
        let check =
            |text: &str| assert!(matches!(ReceiptNumber::parse(text), Err(ReceiptError::Form(_))), "{text}");
        check("");
        check("CN");
        check("CN-7K3Q-F9XM-2WEA");
        check("XX-7K3Q-F9XM-2WEA-C");
        check("CN-7K3Q-F9XM-2WEU-C");
        check(&"0".repeat(1_000));
    }

    proptest! {
        #[test]
        fn reading_undoes_printing(bits: u128) {
            let number = ReceiptNumber::of(CaseId::from_u128(bits));
            let text = number.to_string();
            for typed in [
                text.clone(),
                text.to_lowercase(),
                text.replace('-', " "),
                text.replacen("CN-", "", 1),
                text.replace('-', "").replace('0', "o").replace('1', "l"),
            ] {
                prop_assert_eq!(ReceiptNumber::parse(&typed), Ok(number), "{}", typed);
            }
        }

        #[test]
        fn a_wrong_character_is_found(bits: u128, at in 0_usize..13, shift in 1_u8..32) {
            let text = ReceiptNumber::of(CaseId::from_u128(bits)).to_string().replace('-', "");
            let mut characters: Vec<char> = text.chars().skip(2).collect();
            characters[at] = base32::encode(base32::decode(characters[at]).unwrap() + shift);
            let wrong: String = characters.into_iter().collect();
            prop_assert!(matches!(ReceiptNumber::parse(&wrong), Err(ReceiptError::Check(_))));
        }

        #[test]
        fn foreign_text_never_panics(text: String) {
            let _ = ReceiptNumber::parse(&text);
        }
    }
}
