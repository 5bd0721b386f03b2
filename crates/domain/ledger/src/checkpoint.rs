//! The signed head of a log. C2SP tlog-checkpoint.

use crate::{Hash, HashError, NoteError, NoteSigner, SignedNote, VerifierKey};

/// A tree head: which log, how many leaves, which root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log, by a name that looks like a URL without scheme.
    pub origin: String,
    /// The number of leaves.
    pub size: u64,
    /// The root.
    pub root: Hash,
    /// Further lines, opaque. We write none.
    pub extensions: Vec<String>,
}

/// A note that is no checkpoint, or not one to trust.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The note itself.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The text of the note is not origin, size, root, extensions.
    #[error("not a checkpoint: {0}")]
    Malformed(&'static str),
    /// The size is not a decimal number without leading zeros.
    #[error("`{0}` is no tree size")]
    Size(String),
    /// The root is no hash.
    #[error(transparent)]
    Root(#[from] HashError),
    /// A checkpoint of another log.
    #[error("checkpoint of log `{found}`, not of `{expected}`")]
    Origin {
        /// The origin in the checkpoint.
        found: String,
        /// The origin asked for.
        expected: String,
    },
}

impl Checkpoint {
    /// A checkpoint without extensions.
    #[must_use]
    pub fn new(origin: &str, size: u64, root: Hash) -> Self {
        Self { origin: origin.to_owned(), size, root, extensions: Vec::new() }
    }

    /// The text that is signed.
    ///
    /// # Errors
    /// [`CheckpointError::Malformed`] where the origin or an extension is empty or has a control character.
    pub fn to_text(&self) -> Result<String, CheckpointError> {
        let is_line = |line: &str| !line.is_empty() && !line.bytes().any(|byte| byte < 0x20);
        if !is_line(&self.origin) {
            return Err(CheckpointError::Malformed("the origin is no line"));
        }
        if !self.extensions.iter().all(|line| is_line(line)) {
            return Err(CheckpointError::Malformed("an extension is no line"));
        }
        let mut text = format!("{}\n{}\n{}\n", self.origin, self.size, self.root.to_base64());
        for line in &self.extensions {
            text.push_str(line);
            text.push('\n');
        }
        Ok(text)
    }

    /// Reads the text of a note. What is read prints to the same text.
    ///
    /// # Errors
    /// [`CheckpointError`] for anything else.
    pub fn parse_text(text: &str) -> Result<Self, CheckpointError> {
        let body = text.strip_suffix('\n').ok_or(CheckpointError::Malformed("no final newline"))?;
        let mut lines = body.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(CheckpointError::Malformed("fewer than three lines"));
        };
        let size =
            parse_decimal(size).ok_or_else(|| CheckpointError::Size(size.chars().take(40).collect()))?;
        let checkpoint = Self {
            origin: origin.to_owned(),
            size,
            root: Hash::from_base64(root)?,
            extensions: lines.map(str::to_owned).collect(),
        };
        checkpoint.to_text()?;
        Ok(checkpoint)
    }

    /// Signs the checkpoint.
    ///
    /// Whoever signs has made sure that the tree continues every tree signed before.
    ///
    /// # Errors
    /// [`CheckpointError::Malformed`]; [`CheckpointError::Origin`] where the key is not named after the log.
    pub fn sign(&self, signer: &NoteSigner) -> Result<SignedNote, CheckpointError> {
        if signer.name() != self.origin {
            return Err(CheckpointError::Origin {
                found: self.origin.clone(),
                expected: signer.name().to_owned(),
            });
        }
        let text = self.to_text()?;
        let signature = signer.sign(&text);
        Ok(SignedNote::new(text, vec![signature])?)
    }

    /// The checkpoint in a note, once `key` has signed it and it is of the log `origin`.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn from_note(note: &SignedNote, key: &VerifierKey, origin: &str) -> Result<Self, CheckpointError> {
        note.verify(&[key])?;
        let checkpoint = Self::parse_text(note.text())?;
        if checkpoint.origin != origin {
            let found = checkpoint.origin.chars().take(255).collect();
            return Err(CheckpointError::Origin { found, expected: origin.to_owned() });
        }
        Ok(checkpoint)
    }

    /// [`Checkpoint::from_note`] for the bytes of a note, with the name of the key as the origin.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn open(note: &[u8], key: &VerifierKey) -> Result<Self, CheckpointError> {
        Self::from_note(&SignedNote::parse(note)?, key, key.name())
    }
}

/// A decimal number without sign and leading zeros.
pub(crate) fn parse_decimal(text: &str) -> Option<u64> {
    text.parse::<u64>().ok().filter(|number| number.to_string() == text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn checkpoints_round_trip(origin in "[^\\pC]{1,30}", size: u64, root: [u8; 32], extensions in proptest::collection::vec("[^\\pC]{1,20}", 0..3)) {
            let checkpoint = Checkpoint { origin, size, root: Hash(root), extensions };
            prop_assert_eq!(Checkpoint::parse_text(&checkpoint.to_text().unwrap()), Ok(checkpoint));
        }

        #[test]
        fn foreign_text_never_panics(text: String, lines in "a\n[0-9+]{0,22}\n[A-Za-z0-9+/]{42,43}=\n(.{0,3}\n)?") {
            for text in [text, lines] {
                if let Ok(checkpoint) = Checkpoint::parse_text(&text) {
                    prop_assert_eq!(checkpoint.to_text().unwrap(), text);
                }
            }
        }
    }

    #[test]
    fn malformed_checkpoints_are_refused() {
        let root = Hash([1; 32]).to_base64();
        for wrong in [
            String::new(),
            "\n".to_owned(),
            "a\n1\n".to_owned(),
            format!("a\n01\n{root}\n"),
            format!("a\n+1\n{root}\n"),
            format!("a\n-1\n{root}\n"),
            format!("\n1\n{root}\n"),
            format!("a\n1\n{root}"),
            format!("a\n1\n{root}\n\n"),
            format!("a\n1\n{root}\nx\n\n"),
            "a\n1\nAAAA\n".to_owned(),
            format!("a\n18446744073709551616\n{root}\n"),
            format!("a\r\n1\n{root}\n"),
        ] {
            assert!(Checkpoint::parse_text(&wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn the_key_is_named_after_the_log() {
        let signer = NoteSigner::new("log.example/a", &[1; 32]).unwrap();
        let checkpoint = Checkpoint::new("log.example/a", 1, Hash([1; 32]));
        let note = checkpoint.sign(&signer).unwrap();
        assert_eq!(Checkpoint::open(note.to_string().as_bytes(), signer.verifier()), Ok(checkpoint.clone()));
        assert!(matches!(
            Checkpoint::from_note(&note, signer.verifier(), "log.example/b"),
            Err(CheckpointError::Origin { .. })
        ));
        let other = NoteSigner::new("log.example/b", &[1; 32]).unwrap();
        assert!(checkpoint.sign(&other).is_err());
        assert!(Checkpoint::open(note.to_string().as_bytes(), other.verifier()).is_err());
    }
}
