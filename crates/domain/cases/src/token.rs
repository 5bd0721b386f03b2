//! Secrets that a person without an account holds: the code on a receipt and the token in an appeal link.
//!
//! Only their hashes are stored. With 128 random bits a plain SHA-256 is enough; compare hashes in constant time.

use std::{fmt, str::FromStr};

use sha2::{Digest, Sha256};
use terms::{Entropy, random_bytes};

use crate::base32;

/// 128 bits in fives.
const TEXT_CHARS: usize = 26;

/// A text that is no secret of the kind asked for. What was given is not repeated: it may be nearly right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("that is no {kind}: 26 characters are expected")]
pub struct TokenError {
    /// What was asked for, in words.
    pub kind: &'static str,
}

macro_rules! secrets {
    ($($(#[$doc:meta])* $name:ident, $kind:literal, $group:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name([u8; 16]);

        impl $name {
            /// A new one.
            #[must_use]
            pub fn generate(entropy: &dyn Entropy) -> Self {
                Self(random_bytes(entropy))
            }

            /// The one with these 128 bits, for secrets that are derived from a key instead of kept.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The text that the person gets, once.
            #[must_use]
            pub fn reveal(&self) -> String {
                print(self.0, $group)
            }

            /// What is stored instead: SHA-256 over the kind and the 16 bytes.
            #[must_use]
            pub fn hash(&self) -> [u8; 32] {
                Sha256::new().chain_update(concat!("cinnabar ", $kind, " v1\n")).chain_update(self.0).finalize().into()
            }
        }

        impl FromStr for $name {
            type Err = TokenError;

            /// Reads it as people type it: any case, any grouping, O for 0, I or L for 1.
            fn from_str(text: &str) -> Result<Self, TokenError> {
                read(text).map(Self).ok_or(TokenError { kind: $kind })
            }
        }

        impl fmt::Debug for $name {
            /// Never the secret.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )+};
}

secrets! {
    /// The code beside a receipt number: who has it reads the case.
    ReceiptCode, "receipt code", 5;
    /// The token in the link of a decision: who has it may appeal.
    AppealToken, "appeal token", 0;
}

/// 26 characters, in groups of `group` with hyphens; 0 for no groups.
fn print(bytes: [u8; 16], group: usize) -> String {
    let bits = u128::from_be_bytes(bytes);
    let mut text = String::with_capacity(TEXT_CHARS + 6);
    for at in 0..TEXT_CHARS {
        if group > 0 && at > 0 && at % group == 0 {
            text.push('-');
        }
        let shift = 5 * (TEXT_CHARS - 1 - at);
        text.push(base32::encode(u8::try_from((bits >> shift) & 31).unwrap_or_default()));
    }
    text
}

fn read(text: &str) -> Option<[u8; 16]> {
    if text.len() > 256 {
        return None;
    }
    let values = base32::decode_all(text)?;
    // 26 fives are 130 bits: the first character holds three.
    if values.len() != TEXT_CHARS || values.first().is_none_or(|first| *first > 7) {
        return None;
    }
    let bits = values.into_iter().fold(0_u128, |bits, value| (bits << 5) | u128::from(value));
    Some(bits.to_be_bytes())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    struct Fixed(u8);

    impl Entropy for Fixed {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    #[test]
    fn the_secret_is_not_printed_by_accident() {
        let code = ReceiptCode::generate(&Fixed(0xff));
        assert_eq!(format!("{code:?}"), "ReceiptCode(…)");
        assert_eq!(code.reveal(), "7ZZZZ-ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ-Z");
        assert_eq!(AppealToken::generate(&Fixed(0)).reveal(), "0".repeat(26));
    }

    #[test]
    fn equal_bytes_of_two_kinds_have_two_hashes() {
        assert_ne!(ReceiptCode::generate(&Fixed(1)).hash(), AppealToken::generate(&Fixed(1)).hash());
        assert_ne!(ReceiptCode::generate(&Fixed(1)).hash(), ReceiptCode::generate(&Fixed(2)).hash());
    }

    proptest! {
        #[test]
        fn reading_undoes_printing(bytes: [u8; 16]) {
            let code = ReceiptCode(bytes);
            for typed in [code.reveal(), code.reveal().to_lowercase(), code.reveal().replace('-', " ")] {
                prop_assert_eq!(typed.parse::<ReceiptCode>().unwrap().0, bytes);
            }
            prop_assert_eq!(AppealToken(bytes).reveal().parse::<AppealToken>().unwrap().0, bytes);
        }

        #[test]
        fn foreign_text_never_panics(text: String) {
            let _ = text.parse::<AppealToken>();
        }
    }
}
