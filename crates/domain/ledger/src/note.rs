//! Signed notes: a text, and lines that sign it. C2SP signed-note.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{VerifierKey, hash::to_hex, key::is_key_name};

/// The longest note read. Checkpoints have a few hundred bytes, and up to 5 KB for each post-quantum signature.
pub const NOTE_BYTES_MAX: usize = 1_000_000;

/// The most signatures read. The specification asks for 16 at least.
pub const SIGNATURES_MAX: usize = 100;

/// A note that cannot be read, or not be trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Over [`NOTE_BYTES_MAX`].
    #[error("note of {0} bytes is over the limit of 1000000")]
    TooLong(usize),
    /// Over [`SIGNATURES_MAX`].
    #[error("note has more than 100 signatures")]
    TooManySignatures,
    /// Not text, blank line, signature lines.
    #[error("not a signed note: {0}")]
    Malformed(&'static str),
    /// A line among the signatures that is none. The line is cut to 80 characters.
    #[error("`{0}` is no signature line")]
    SignatureLine(String),
    /// A known key is named by a signature that it did not make.
    #[error("the signature of key `{name}` ({id}) does not verify")]
    BadSignature {
        /// The name of the key.
        name: String,
        /// The id of the key, in hexadecimal digits.
        id: String,
    },
    /// No known key signed the note.
    #[error("no signature by a known key")]
    NoKnownSignature,
}

/// One signature line: who signed, and the signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    name: String,
    key_id: [u8; 4],
    bytes: Vec<u8>,
}

impl NoteSignature {
    pub(crate) const fn from_parts(name: String, key_id: [u8; 4], bytes: Vec<u8>) -> Self {
        Self { name, key_id, bytes }
    }

    /// The name of the key that is said to have signed.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id of that key.
    #[must_use]
    pub const fn key_id(&self) -> [u8; 4] {
        self.key_id
    }

    /// The signature, without the id.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn parse(line: &str) -> Option<Self> {
        let (name, encoded) = line.strip_prefix("— ")?.split_once(' ')?;
        let decoded = STANDARD.decode(encoded).ok()?;
        let (key_id, bytes) = decoded.split_first_chunk::<4>()?;
        (is_key_name(name) && !bytes.is_empty())
            .then(|| Self::from_parts(name.to_owned(), *key_id, bytes.to_vec()))
    }
}

impl fmt::Display for NoteSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut decoded = self.key_id.to_vec();
        decoded.extend_from_slice(&self.bytes);
        write!(f, "— {} {}", self.name, STANDARD.encode(decoded))
    }
}

/// A text with at least one signature. Until [`SignedNote::verify`] has succeeded the text says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedNote {
    text: String,
    signatures: Vec<NoteSignature>,
}

impl SignedNote {
    /// A note with this text, which ends in a newline, and these signatures.
    ///
    /// # Errors
    /// [`NoteError`] where the whole would not be read back as it is.
    pub fn new(text: String, signatures: Vec<NoteSignature>) -> Result<Self, NoteError> {
        check_text(&text)?;
        if signatures.is_empty() {
            return Err(NoteError::Malformed("it has no signature"));
        }
        if signatures.len() > SIGNATURES_MAX {
            return Err(NoteError::TooManySignatures);
        }
        let note = Self { text, signatures };
        let bytes = note.to_string().len();
        if bytes > NOTE_BYTES_MAX { Err(NoteError::TooLong(bytes)) } else { Ok(note) }
    }

    /// Reads a note. What is read prints to the same bytes.
    ///
    /// # Errors
    /// [`NoteError`] for anything else.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > NOTE_BYTES_MAX {
            return Err(NoteError::TooLong(bytes.len()));
        }
        let note = std::str::from_utf8(bytes).map_err(|_| NoteError::Malformed("it is not UTF-8"))?;
        // The text may have empty lines: the last one separates it from the signatures.
        let at = note.rfind("\n\n").ok_or(NoteError::Malformed("no blank line before the signatures"))?;
        let (text, rest) = note.split_at_checked(at + 1).ok_or(NoteError::Malformed("no text"))?;
        let lines = rest
            .strip_prefix('\n')
            .and_then(|lines| lines.strip_suffix('\n'))
            .ok_or(NoteError::Malformed("it does not end in a signature line"))?;
        let mut signatures = Vec::new();
        for line in lines.split('\n') {
            if signatures.len() == SIGNATURES_MAX {
                return Err(NoteError::TooManySignatures);
            }
            let signature = NoteSignature::parse(line);
            signatures
                .push(signature.ok_or_else(|| NoteError::SignatureLine(line.chars().take(80).collect()))?);
        }
        Self::new(text.to_owned(), signatures)
    }

    /// The text, with its final newline.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// All signatures, checked or not.
    #[must_use]
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Checks each signature that names one of `keys` and returns those; others are passed over.
    ///
    /// # Errors
    /// [`NoteError::BadSignature`] where one of them does not verify, [`NoteError::NoKnownSignature`] where there is none.
    pub fn verify(&self, keys: &[&VerifierKey]) -> Result<Vec<&NoteSignature>, NoteError> {
        let mut verified = Vec::new();
        for signature in &self.signatures {
            let mut named = keys.iter().filter(|key| key.is_named_by(signature)).peekable();
            if named.peek().is_none() {
                continue;
            }
            if !named.all(|key| key.verifies(&self.text, signature)) {
                return Err(NoteError::BadSignature {
                    name: signature.name.clone(),
                    id: to_hex(&signature.key_id),
                });
            }
            verified.push(signature);
        }
        if verified.is_empty() { Err(NoteError::NoKnownSignature) } else { Ok(verified) }
    }
}

impl fmt::Display for SignedNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| writeln!(f, "{signature}"))
    }
}

/// A text ends in a newline and has no other control character below U+0020.
fn check_text(text: &str) -> Result<(), NoteError> {
    if !text.ends_with('\n') {
        return Err(NoteError::Malformed("the text does not end in a newline"));
    }
    if text.bytes().any(|byte| byte < 0x20 && byte != b'\n') {
        return Err(NoteError::Malformed("the text has a control character"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::NoteSigner;

    fn signer(number: u8) -> NoteSigner {
        NoteSigner::new("log.example", &[number; 32]).unwrap()
    }

    proptest! {
        #[test]
        fn notes_round_trip(text in "([^\\pC]{0,20}\n){1,6}", count in 1_usize..5) {
            let signatures = (1_u8..).take(count).map(|number| signer(number).sign(&text)).collect();
            let note = SignedNote::new(text, signatures).unwrap();
            let printed = note.to_string();
            let read = SignedNote::parse(printed.as_bytes()).unwrap();
            prop_assert_eq!(&read, &note);
            prop_assert_eq!(read.verify(&[signer(1).verifier()]).unwrap().len(), 1);
        }

        #[test]
        fn what_is_read_prints_to_the_same_bytes(at in any::<prop::sample::Index>(), byte: u8) {
            let text = "a\n\nb\n".to_owned();
            let signature = signer(1).sign(&text);
            let mut bytes = SignedNote::new(text, vec![signature]).unwrap().to_string().into_bytes();
            let at = at.index(bytes.len());
            let changed = bytes[at] != byte;
            bytes[at] = byte;
            if let Ok(read) = SignedNote::parse(&bytes) {
                prop_assert_eq!(read.to_string().into_bytes(), bytes);
                prop_assert_eq!(read.verify(&[signer(1).verifier()]).is_err(), changed);
            }
        }

        #[test]
        fn foreign_bytes_never_panic(bytes: Vec<u8>, text: String) {
            let _ = SignedNote::parse(&bytes);
            let _ = SignedNote::parse(format!("{text}\n\n— {text}\n").as_bytes());
        }
    }

    #[test]
    fn unknown_keys_are_passed_over_and_bad_known_ones_are_not() {
        let (ours, other) = (signer(1), signer(2));
        let note = SignedNote::new("a\n".to_owned(), vec![ours.sign("b\n"), other.sign("a\n")]).unwrap();
        assert_eq!(note.verify(&[other.verifier()]).unwrap().len(), 1);
        assert!(matches!(note.verify(&[ours.verifier()]), Err(NoteError::BadSignature { .. })));
        assert!(matches!(
            note.verify(&[ours.verifier(), other.verifier()]),
            Err(NoteError::BadSignature { .. })
        ));
        assert_eq!(note.verify(&[signer(3).verifier()]), Err(NoteError::NoKnownSignature));
        assert_eq!(note.verify(&[]), Err(NoteError::NoKnownSignature));
    }

    #[test]
    fn limits_hold() {
        let signature = signer(1).sign("a\n");
        assert!(SignedNote::new("a\n".to_owned(), vec![signature.clone(); 100]).is_ok());
        assert_eq!(
            SignedNote::new("a\n".to_owned(), vec![signature.clone(); 101]),
            Err(NoteError::TooManySignatures)
        );
        let printed = format!("a\n\n{}", format!("{signature}\n").repeat(101));
        assert_eq!(SignedNote::parse(printed.as_bytes()), Err(NoteError::TooManySignatures));
        let long = "a".repeat(NOTE_BYTES_MAX) + "\n";
        assert!(matches!(SignedNote::new(long, vec![signature]), Err(NoteError::TooLong(_))));
    }

    #[test]
    fn malformed_notes_are_refused() {
        let line = signer(1).sign("a\n").to_string();
        for wrong in [
            String::new(),
            "a\n".to_owned(),
            "a\n\n".to_owned(),
            format!("a\n{line}\n"),
            format!("a\n\n{line}"),
            format!("a\n\n{line}\n\n"),
            format!("a\tb\n\n{line}\n"),
            format!("a\r\n\n{line}\n"),
            format!("a\n\n-{line}\n"),
            format!("a\n\n{line} \n"),
            "a\n\n— x AAAA\n".to_owned(),
            "a\n\n— x+y AAAAAAAA\n".to_owned(),
            format!("a\n\n{}\n", line.replace('=', "")),
        ] {
            assert!(SignedNote::parse(wrong.as_bytes()).is_err(), "{wrong:?}");
        }
    }
}
