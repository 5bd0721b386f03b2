//! SHA-256 values, and the few ways in which the ledger makes them.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A SHA-256 value. Printed as 64 lower-case hexadecimal digits; notes and proofs print it in base 64.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hash(pub [u8; 32]);

/// A text that is no hash.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// Not 64 lower-case hexadecimal digits. The text is cut to 80 characters.
    #[error("`{0}` is no hash: 64 lower-case hexadecimal digits are expected")]
    NotHex(String),
    /// Not the one base-64 text of 32 bytes. The text is cut to 80 characters.
    #[error("`{0}` is no hash: the base 64 of 32 bytes is expected")]
    NotBase64(String),
}

impl Hash {
    /// The length of a hash.
    pub const BYTES: usize = 32;

    /// SHA-256 of `bytes`, as they are.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// RFC 4648 §4 base 64, with padding.
    #[must_use]
    pub fn to_base64(self) -> String {
        STANDARD.encode(self.0)
    }

    /// Reads what [`Hash::to_base64`] prints, and nothing else.
    ///
    /// # Errors
    /// [`HashError::NotBase64`].
    pub fn from_base64(text: &str) -> Result<Self, HashError> {
        let mut bytes = [0_u8; 33];
        match STANDARD.decode_slice(text, &mut bytes) {
            Ok(32) => bytes.first_chunk().map(|chunk| Self(*chunk)),
            _ => None,
        }
        .ok_or_else(|| HashError::NotBase64(text.chars().take(80).collect()))
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_hex(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

impl FromStr for Hash {
    type Err = HashError;

    fn from_str(text: &str) -> Result<Self, HashError> {
        from_hex(text).map(Self).ok_or_else(|| HashError::NotHex(text.chars().take(80).collect()))
    }
}

impl TryFrom<String> for Hash {
    type Error = HashError;

    fn try_from(text: String) -> Result<Self, HashError> {
        text.parse()
    }
}

impl From<Hash> for String {
    fn from(hash: Hash) -> Self {
        hash.to_string()
    }
}

impl From<[u8; 32]> for Hash {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

/// `bytes` as lower-case hexadecimal digits.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 };
    let mut digits = Vec::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        digits.extend_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
    }
    // INVARIANT: they are all ASCII.
    String::from_utf8(digits).unwrap_or_default()
}

/// Exactly `N` bytes from lower-case hexadecimal digits.
pub(crate) fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != N || !rest.is_empty() {
        return None;
    }
    let mut bytes = [0_u8; N];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

/// The root of the tree without leaves. RFC 6962 §2.1.
#[must_use]
pub fn empty_root() -> Hash {
    Hash::of(b"")
}

/// The hash of a leaf: the byte 0 stands before the data, so that no leaf can be read as a node. RFC 6962 §2.1.
#[must_use]
pub fn leaf_hash(bytes: &[u8]) -> Hash {
    Hash(Sha256::new().chain_update([0]).chain_update(bytes).finalize().into())
}

/// The hash of an inner node: the byte 1, then both children. RFC 6962 §2.1.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut block = [1_u8; 65];
    let (_, children) = block.split_at_mut(1);
    let (left_half, right_half) = children.split_at_mut(32);
    left_half.copy_from_slice(&left.0);
    right_half.copy_from_slice(&right.0);
    Hash::of(&block)
}

/// The hash an entry carries for one delivered text, its label included: `SHA-256(salt ‖ text)`.
///
/// The salt is drawn anew for each text and kept outside the ledger; once it is destroyed, the hash says nothing about
/// the text, and two deliveries of the same text never share a value.
#[must_use]
pub fn salted_content_hash(salt: &[u8; 32], text: &[u8]) -> Hash {
    Hash(Sha256::new().chain_update(salt).chain_update(text).finalize().into())
}

/// The hash an entry carries for its encrypted payload: `SHA-256(nonce ‖ ciphertext)`.
#[must_use]
pub fn payload_hash(nonce: &[u8], ciphertext: &[u8]) -> Hash {
    Hash(Sha256::new().chain_update(nonce).chain_update(ciphertext).finalize().into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn both_texts_round_trip(bytes: [u8; 32]) {
            let hash = Hash(bytes);
            prop_assert_eq!(hash.to_string().parse::<Hash>().unwrap(), hash);
            prop_assert_eq!(Hash::from_base64(&hash.to_base64()).unwrap(), hash);
        }

        #[test]
        fn foreign_text_never_panics(text: String) {
            let _ = text.parse::<Hash>();
            let _ = Hash::from_base64(&text);
        }
    }

    #[test]
    fn only_one_spelling_is_read() {
        let hash = leaf_hash(b"");
        // RFC 6962 test value for the empty leaf.
        assert_eq!(hash.to_string(), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
        assert!(hash.to_string().to_uppercase().parse::<Hash>().is_err());
        assert!(hash.to_string().get(1..).unwrap().parse::<Hash>().is_err());
        assert!(Hash::from_base64(hash.to_base64().trim_end_matches('=')).is_err());
        assert_eq!(
            empty_root().to_string(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }

    #[test]
    fn salt_and_text_are_both_in_the_content_hash() {
        let hash = salted_content_hash(&[1; 32], b"text");
        assert_ne!(hash, salted_content_hash(&[2; 32], b"text"));
        assert_ne!(hash, salted_content_hash(&[1; 32], b"texts"));
        assert_eq!(payload_hash(b"ab", b"c"), Hash::of(b"abc"));
    }
}
