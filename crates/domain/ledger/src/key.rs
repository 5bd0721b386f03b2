//! The keys that sign notes, and the texts they are kept and published in. C2SP signed-note, "Signatures".

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use zeroize::Zeroizing;

use crate::{
    Hash, NoteSignature,
    hash::{from_hex, to_hex},
};

/// The longest key name taken: a schema-less URL.
const NAME_BYTES_MAX: usize = 255;

/// A text that is no key, or a signature that a key did not make.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Empty, too long, or with a space, a control character or a plus sign.
    #[error("`{0}` is no key name: 1 to 255 bytes without spaces, control characters and `+` are expected")]
    Name(String),
    /// Not `name+id+key`.
    #[error("not a verifier key: `name+id+base64` is expected")]
    NotAVerifierKey,
    /// Not `PRIVATE+KEY+name+id+key`. The text is not repeated: it may be a key with a typing error.
    #[error("not a signer key: `PRIVATE+KEY+name+id+base64` is expected")]
    NotASignerKey,
    /// A signature type that is not supported here.
    #[error("signature type `{0}` is not supported")]
    UnknownType(u8),
    /// The id does not follow from name and key.
    #[error("key id `{given}` does not belong to the key: its id is `{computed}`")]
    IdDiffers {
        /// The id in the text.
        given: String,
        /// The id of the key.
        computed: String,
    },
    /// The bytes are no point of the curve.
    #[error("not an Ed25519 public key")]
    NotAPoint,
}

/// The kinds of signature that are checked here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// Over the text of the note: what logs sign with.
    Ed25519,
    /// Over a time and the text of a checkpoint: what witnesses sign with. C2SP tlog-cosignature.
    Cosignature,
}

impl KeyKind {
    const fn type_byte(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::Cosignature => 0x04,
        }
    }

    const fn from_type_byte(byte: u8) -> Option<Self> {
        match byte {
            0x01 => Some(Self::Ed25519),
            0x04 => Some(Self::Cosignature),
            _ => None,
        }
    }
}

/// The public half of a key, as it is published: `name+id+base64`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    kind: KeyKind,
    id: [u8; 4],
    key: VerifyingKey,
}

impl VerifierKey {
    /// The key with this name and these 32 bytes (RFC 8032).
    ///
    /// # Errors
    /// [`KeyError::Name`], [`KeyError::NotAPoint`].
    pub fn new(name: &str, kind: KeyKind, public: &[u8; 32]) -> Result<Self, KeyError> {
        if !is_key_name(name) {
            return Err(KeyError::Name(name.chars().take(80).collect()));
        }
        let key = VerifyingKey::from_bytes(public).map_err(|_| KeyError::NotAPoint)?;
        Ok(Self { name: name.to_owned(), kind, id: key_id(name, kind, public), key })
    }

    /// The name, which is the origin of the log for a log's key.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first four bytes of the hash over name, kind and key.
    #[must_use]
    pub const fn id(&self) -> [u8; 4] {
        self.id
    }

    /// What the key signs.
    #[must_use]
    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    /// Whether `signature` names this key.
    #[must_use]
    pub fn is_named_by(&self, signature: &NoteSignature) -> bool {
        signature.key_id() == self.id && signature.name() == self.name
    }

    /// Whether this key made `signature` over `text`.
    #[must_use]
    pub fn verifies(&self, text: &str, signature: &NoteSignature) -> bool {
        if !self.is_named_by(signature) {
            return false;
        }
        match self.kind {
            KeyKind::Ed25519 => self.verifies_bytes(text.as_bytes(), signature.bytes()),
            KeyKind::Cosignature => {
                // The bytes are the time in seconds, big-endian, and the signature over a header with that time.
                let Some((time, bytes)) = signature.bytes().split_first_chunk::<8>() else { return false };
                let time = u64::from_be_bytes(*time);
                if i64::try_from(time).is_err() {
                    return false;
                }
                let message = format!("cosignature/v1\ntime {time}\n{text}");
                self.verifies_bytes(message.as_bytes(), bytes)
            }
        }
    }

    fn verifies_bytes(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature)
            .is_ok_and(|signature| self.key.verify_strict(message, &signature).is_ok())
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let encoded = encode(self.kind, self.key.as_bytes());
        write!(f, "{}+{}+{}", self.name, to_hex(&self.id), encoded.as_str())
    }
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let (name, id, kind, public) = parse_parts(text, KeyError::NotAVerifierKey)?;
        let key = Self::new(name, kind, &public)?;
        check_id(id, key.id)?;
        Ok(key)
    }
}

/// The private half of a log's key.
pub struct NoteSigner {
    verifier: VerifierKey,
    key: SigningKey,
}

impl NoteSigner {
    /// The key with this name and seed (the 32 private bytes of RFC 8032), of kind [`KeyKind::Ed25519`].
    ///
    /// # Errors
    /// [`KeyError::Name`].
    pub fn new(name: &str, seed: &[u8; 32]) -> Result<Self, KeyError> {
        let key = SigningKey::from_bytes(seed);
        let verifier = VerifierKey::new(name, KeyKind::Ed25519, key.verifying_key().as_bytes())?;
        Ok(Self { verifier, key })
    }

    /// Reads what [`NoteSigner::to_private_text`] prints.
    ///
    /// # Errors
    /// [`KeyError`]; no message repeats the text.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let rest = text.strip_prefix("PRIVATE+KEY+").ok_or(KeyError::NotASignerKey)?;
        let (name, id, kind, seed) = parse_parts(rest, KeyError::NotASignerKey)?;
        let seed = Zeroizing::new(seed);
        if kind != KeyKind::Ed25519 {
            return Err(KeyError::UnknownType(kind.type_byte()));
        }
        let signer = Self::new(name, &seed)?;
        check_id(id, signer.verifier.id)?;
        Ok(signer)
    }

    /// The whole key as one line, `PRIVATE+KEY+name+id+base64`, to be kept in a file that only its owner reads.
    #[must_use]
    pub fn to_private_text(&self) -> Zeroizing<String> {
        let encoded = encode(KeyKind::Ed25519, self.key.as_bytes());
        Zeroizing::new(format!(
            "PRIVATE+KEY+{}+{}+{}",
            self.verifier.name,
            to_hex(&self.verifier.id),
            encoded.as_str()
        ))
    }

    /// The public half.
    #[must_use]
    pub const fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// The name of the key.
    #[must_use]
    pub fn name(&self) -> &str {
        self.verifier.name()
    }

    /// Signs the text of a note.
    #[must_use]
    pub fn sign(&self, text: &str) -> NoteSignature {
        let signature = self.key.sign(text.as_bytes()).to_bytes();
        NoteSignature::from_parts(self.verifier.name.clone(), self.verifier.id, signature.to_vec())
    }
}

impl fmt::Debug for NoteSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NoteSigner({}, private)", self.verifier)
    }
}

/// Whether a text may name a key: non-empty, no Unicode spaces, no plus sign, no control characters.
pub(crate) fn is_key_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= NAME_BYTES_MAX
        && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+')
}

fn key_id(name: &str, kind: KeyKind, public: &[u8; 32]) -> [u8; 4] {
    let hash = Hash::of(&[name.as_bytes(), b"\n", &[kind.type_byte()], public].concat());
    let [a, b, c, d, ..] = hash.0;
    [a, b, c, d]
}

fn encode(kind: KeyKind, key: &[u8; 32]) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new([kind.type_byte(); 33]);
    if let Some(place) = bytes.last_chunk_mut::<32>() {
        place.copy_from_slice(key);
    }
    Zeroizing::new(STANDARD.encode(*bytes))
}

/// Name, id, kind and the 32 bytes of `name+id+base64`.
type Parts<'a> = (&'a str, [u8; 4], KeyKind, [u8; 32]);

fn parse_parts(text: &str, otherwise: KeyError) -> Result<Parts<'_>, KeyError> {
    // Base 64 may have plus signs of its own, the name and the id have none.
    let mut parts = text.splitn(3, '+');
    let (Some(name), Some(id), Some(encoded)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(otherwise);
    };
    let Some(id) = from_hex::<4>(id) else { return Err(otherwise) };
    let mut bytes = Zeroizing::new([0_u8; 36]);
    let Ok(length) = STANDARD.decode_slice(encoded, bytes.as_mut_slice()) else { return Err(otherwise) };
    let Some((kind, rest)) = bytes.get(..length).and_then(<[u8]>::split_first) else { return Err(otherwise) };
    let kind = KeyKind::from_type_byte(*kind).ok_or(KeyError::UnknownType(*kind))?;
    let key = rest.try_into().map_err(|_| otherwise)?;
    Ok((name, id, kind, key))
}

fn check_id(given: [u8; 4], computed: [u8; 4]) -> Result<(), KeyError> {
    if given == computed {
        Ok(())
    } else {
        Err(KeyError::IdDiffers { given: to_hex(&given), computed: to_hex(&computed) })
    }
}

#[cfg(test)]
mod tests;
