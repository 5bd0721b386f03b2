//! Proof files: one entry, its place in the tree, and the signed head of the tree. C2SP tlog-proof, version 1.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    Checkpoint, CheckpointError, ContentOpening, Entry, Hash, HashError, NoteError, Opening, ProofExtra,
    ProofMismatch, SignedNote, VerifierKey, checkpoint::parse_decimal, extra::EXTRA_BYTES_MAX,
    extra::ExtraError, leaf_hash, note::NOTE_BYTES_MAX, verify_inclusion,
};

/// The first line.
const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// A tree of 2^64 leaves has 64 levels, so no proof has more hashes.
const HASHES_MAX: usize = 64;

/// The longest file read: extra data in base 64, 64 hashes of 45 bytes each, the note, and some lines around them.
pub const PROOF_BYTES_MAX: usize = EXTRA_BYTES_MAX * 4 / 3 + HASHES_MAX * 45 + NOTE_BYTES_MAX + 256;

/// A proof that can be checked offline. Its parts are claims until [`TlogProof::verify`] has succeeded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    /// Data for the application, which the proof does not authenticate.
    pub extra: Option<Vec<u8>>,
    /// The index of the entry in the log.
    pub index: u64,
    /// The proof of inclusion, from the leaf's sibling up.
    pub hashes: Vec<Hash>,
    /// The signed checkpoint.
    pub checkpoint: SignedNote,
}

/// A proof file that cannot be read, or does not show what it is said to show.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Over [`PROOF_BYTES_MAX`].
    #[error("proof file of {0} bytes is too long")]
    TooLong(usize),
    /// Not the lines of a proof file.
    #[error("not a proof file: {0}")]
    Malformed(&'static str),
    /// A line of the proof that is no hash.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The note at the end cannot be read.
    #[error("the checkpoint cannot be read")]
    Note(#[from] NoteError),
    /// The checkpoint is not one of this log.
    #[error("the checkpoint does not verify")]
    Checkpoint(#[from] CheckpointError),
    /// The entry is not where the proof says.
    #[error("the entry is not in the log at index {index}")]
    NotIncluded {
        /// The index that was claimed.
        index: u64,
        /// Why not.
        #[source]
        reason: ProofMismatch,
    },
    /// The extra data is not ours, so there is no entry to check.
    #[error("the proof file does not carry a readable entry")]
    Extra(#[from] ExtraError),
    /// A valid proof file of somebody else, or one without its extra data.
    #[error("the proof file carries no entry")]
    NoEntry,
    /// The entry is in the log, and the text given is none of those it has a hash of.
    #[error("the entry is in the log at index {index}, but it is not about this text")]
    ContentDiffers {
        /// The index of the entry.
        index: u64,
    },
}

/// What a proof file has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofReport {
    /// The log.
    pub origin: String,
    /// The number of leaves under the checkpoint.
    pub size: u64,
    /// The index of the entry.
    pub index: u64,
    /// The entry: proved.
    pub entry: Entry,
    /// What the file says about the generation: the provider's word, not proved.
    pub opening: Option<Opening>,
    /// Which of the texts the one given is: proved. `None` where none was given.
    pub content: Option<ContentOpening>,
}

impl TlogProof {
    /// Reads a proof file. What is read prints to the same bytes.
    ///
    /// # Errors
    /// [`ProofError`] for anything else.
    pub fn parse(bytes: &[u8]) -> Result<Self, ProofError> {
        if bytes.len() > PROOF_BYTES_MAX {
            return Err(ProofError::TooLong(bytes.len()));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| ProofError::Malformed("it is not UTF-8"))?;
        let rest = text
            .strip_prefix(HEADER)
            .and_then(|rest| rest.strip_prefix('\n'))
            .ok_or(ProofError::Malformed("the first line is not `c2sp.org/tlog-proof@v1`"))?;
        let (extra, rest) = match rest.strip_prefix("extra ") {
            Some(rest) => {
                let (line, rest) =
                    rest.split_once('\n').ok_or(ProofError::Malformed("it ends after the extra data"))?;
                let extra = STANDARD
                    .decode(line)
                    .map_err(|_| ProofError::Malformed("the extra data is not base 64"))?;
                (Some(extra), rest)
            }
            None => (None, rest),
        };
        let (line, mut rest) = rest.split_once('\n').ok_or(ProofError::Malformed("there is no index"))?;
        let index = line
            .strip_prefix("index ")
            .and_then(parse_decimal)
            .ok_or(ProofError::Malformed("there is no index"))?;
        let mut hashes = Vec::new();
        let note = loop {
            let (line, after) =
                rest.split_once('\n').ok_or(ProofError::Malformed("there is no checkpoint"))?;
            if line.is_empty() {
                break after;
            }
            if hashes.len() == HASHES_MAX {
                return Err(ProofError::Malformed("it has more than 64 hashes"));
            }
            hashes.push(Hash::from_base64(line)?);
            rest = after;
        };
        Ok(Self { extra, index, hashes, checkpoint: SignedNote::parse(note.as_bytes())? })
    }

    /// Checks that `leaf` is in the log `origin` at the index named, under a checkpoint that `key` signed.
    ///
    /// # Errors
    /// [`ProofError::Checkpoint`], [`ProofError::NotIncluded`].
    pub fn verify(&self, leaf: &[u8], key: &VerifierKey, origin: &str) -> Result<Checkpoint, ProofError> {
        let checkpoint = Checkpoint::from_note(&self.checkpoint, key, origin)?;
        verify_inclusion(&leaf_hash(leaf), self.index, checkpoint.size, &self.hashes, &checkpoint.root)
            .map_err(|reason| ProofError::NotIncluded { index: self.index, reason })?;
        Ok(checkpoint)
    }
}

impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", STANDARD.encode(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.hashes.iter().try_for_each(|hash| writeln!(f, "{}", hash.to_base64()))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

/// Checks a proof file of ours with nothing but the log's public key, whose name is the log's origin: the signature of
/// the checkpoint, the entry's place under it, and, where `content` is given, that the entry is about this text.
///
/// `content` is the delivered text to the byte, its label included.
///
/// # Errors
/// [`ProofError`]; [`ProofError::ContentDiffers`] where only the text is not the one.
pub fn check_file(
    bytes: &[u8],
    key: &VerifierKey,
    content: Option<&[u8]>,
) -> Result<ProofReport, ProofError> {
    let proof = TlogProof::parse(bytes)?;
    let extra = ProofExtra::parse(proof.extra.as_deref().ok_or(ProofError::NoEntry)?)?;
    let leaf = extra.entry.to_bytes().map_err(ExtraError::from)?;
    let checkpoint = proof.verify(&leaf, key, key.name())?;
    let content = content
        .map(|text| {
            extra.find_content(text).cloned().ok_or(ProofError::ContentDiffers { index: proof.index })
        })
        .transpose()?;
    Ok(ProofReport {
        origin: checkpoint.origin,
        size: checkpoint.size,
        index: proof.index,
        entry: extra.entry,
        opening: extra.opening,
        content,
    })
}
