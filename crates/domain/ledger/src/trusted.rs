//! Tiles that a signed root vouches for, and checking part of a log against them.

use std::{collections::BTreeMap, fmt, ops::Range};

use crate::{
    Checkpoint, CheckpointError, Hash, ProofMismatch, ProverError, TileFault, TileKind, TilePath, TileReader,
    VerifierKey, consistency_proof,
    hash::empty_root,
    leaf_hash,
    merkle::subtree_root,
    tile::{read_entries, read_hashes},
    tree::{edge_root, read_edge},
    verify_consistency,
};

/// Something wrong with a log, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogFault {
    /// A tile is missing or malformed.
    #[error("`{path}` {fault}")]
    Tile {
        /// The tile.
        path: TilePath,
        /// What is wrong with it.
        #[source]
        fault: TileFault,
    },
    /// A tile is well-formed and has another content than the one that was signed.
    #[error("`{path}` is not what was signed")]
    Differs {
        /// The tile.
        path: TilePath,
    },
    /// The tiles lead to another root than the signed one.
    #[error("the tiles lead to root `{computed}`, `{signed}` was signed")]
    Root {
        /// What the tiles lead to.
        computed: Hash,
        /// What the checkpoint says.
        signed: Hash,
    },
}

/// The faults of a log, in the order in which they were found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFaults {
    /// At most [`FAULTS_MAX`] of them.
    pub list: Vec<LogFault>,
    /// Whether there were more.
    pub cut: bool,
}

/// The most faults listed. Past some, the log is to be restored, not read.
pub const FAULTS_MAX: usize = 100;

impl LogFaults {
    pub(crate) const fn new() -> Self {
        Self { list: Vec::new(), cut: false }
    }

    pub(crate) fn push(&mut self, fault: LogFault) {
        if self.list.contains(&fault) {
            return;
        }
        if self.list.len() < FAULTS_MAX {
            self.list.push(fault);
        } else {
            self.cut = true;
        }
    }
}

impl fmt::Display for LogFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, fault) in self.list.iter().enumerate() {
            write!(f, "{}{fault}", if position == 0 { "" } else { "; " })?;
        }
        f.write_str(if self.cut { "; and more" } else { "" })
    }
}

/// A log that did not stand the check.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// The checkpoint cannot be trusted, so there is nothing to check against.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// Tiles are missing, malformed, or not what was signed.
    #[error("the log is damaged: {0}")]
    Faulty(LogFaults),
    /// Entries that the log does not have were asked for.
    #[error("entries {from} to {to} are not all in a log of {size}")]
    RangeOutside {
        /// The first entry asked for.
        from: u64,
        /// The entry after the last one asked for.
        to: u64,
        /// The size of the log.
        size: u64,
    },
    /// A proof between two checkpoints cannot be made.
    #[error(transparent)]
    Prover(#[from] ProverError),
    /// Both checkpoints are signed, and the newer one does not continue the older one: the log was rewritten.
    #[error("the newer checkpoint does not continue the older one")]
    Rewritten(#[source] ProofMismatch),
}

impl From<LogFault> for LogError {
    fn from(fault: LogFault) -> Self {
        Self::Faulty(LogFaults { list: vec![fault], cut: false })
    }
}

/// Reads hash tiles from above, each checked against the one over it, the topmost against the signed root.
pub(crate) struct Trusted<'a, R: ?Sized> {
    reader: &'a R,
    size: u64,
    edge: Vec<Vec<Hash>>,
    // The last full tile of each level: walks go from left to right, so one is enough.
    last: BTreeMap<u8, (u64, Vec<Hash>)>,
}

impl<'a, R: TileReader + ?Sized> Trusted<'a, R> {
    pub(crate) fn new(reader: &'a R, checkpoint: &Checkpoint) -> Result<Self, LogFault> {
        let edge = read_edge(reader, checkpoint.size).map_err(|error| match error {
            ProverError::Tile { path, fault } => LogFault::Tile { path, fault },
            ProverError::IndexOutside { .. } | ProverError::NoSuchProof { .. } => {
                LogFault::Root { computed: empty_root(), signed: checkpoint.root }
            }
        })?;
        let computed = edge_root(&edge);
        if computed != checkpoint.root {
            return Err(LogFault::Root { computed, signed: checkpoint.root });
        }
        Ok(Self { reader, size: checkpoint.size, edge, last: BTreeMap::new() })
    }

    /// The hashes of a tile, as signed.
    pub(crate) fn hashes(&mut self, path: &TilePath) -> Result<Vec<Hash>, LogFault> {
        let TileKind::Hashes(level) = path.kind() else { return Ok(Vec::new()) };
        if path.is_partial() {
            return Ok(self.edge.get(usize::from(level)).cloned().unwrap_or_default());
        }
        if let Some((index, hashes)) = self.last.get(&level)
            && *index == path.index()
        {
            return Ok(hashes.clone());
        }
        let hashes = read_hashes(self.reader, path).map_err(|fault| LogFault::Tile { path: *path, fault })?;
        let differs = LogFault::Differs { path: *path };
        let above = TilePath::in_tree(TileKind::Hashes(level + 1), path.index() >> 8, self.size);
        let above = self.hashes(&above.ok_or_else(|| differs.clone())?)?;
        let place = usize::try_from(path.index() & 0xff).unwrap_or(usize::MAX);
        if above.get(place) != Some(&subtree_root(&hashes)) {
            return Err(differs);
        }
        self.last.insert(level, (path.index(), hashes.clone()));
        Ok(hashes)
    }
}

/// Checks the entries of `range` against a signed checkpoint, without reading the others, and hands each to `on_entry`
/// with its index once the checkpoint vouches for it.
///
/// # Errors
/// [`LogError`]: the first fault found. `on_entry` has seen only what lies before it.
pub fn verify_range(
    reader: &(impl TileReader + ?Sized),
    note: &[u8],
    key: &VerifierKey,
    range: Range<u64>,
    on_entry: &mut dyn FnMut(u64, &[u8]),
) -> Result<Checkpoint, LogError> {
    let checkpoint = Checkpoint::open(note, key)?;
    let Range { start: from, end: to } = range;
    if from > to || to > checkpoint.size {
        return Err(LogError::RangeOutside { from, to, size: checkpoint.size });
    }
    let mut trusted = Trusted::new(reader, &checkpoint)?;
    for index in (from >> 8)..to.div_ceil(256) {
        let tile = TilePath::in_tree(TileKind::Hashes(0), index, checkpoint.size);
        let bundle = TilePath::in_tree(TileKind::Entries, index, checkpoint.size);
        let (Some(tile), Some(bundle)) = (tile, bundle) else { continue };
        let hashes = trusted.hashes(&tile)?;
        let entries =
            read_entries(reader, &bundle).map_err(|fault| LogFault::Tile { path: bundle, fault })?;
        for (at, (entry, hash)) in ((index << 8)..).zip(entries.iter().zip(&hashes)) {
            if !(from..to).contains(&at) {
                continue;
            }
            if leaf_hash(entry) != *hash {
                return Err(LogFault::Differs { path: bundle }.into());
            }
            on_entry(at, entry);
        }
    }
    Ok(checkpoint)
}

/// Checks that `newer` continues `older`; both have been opened with the log's key.
///
/// Every log continues the empty one, so there only the root of the older checkpoint is checked.
///
/// # Errors
/// [`LogError::Rewritten`] where it does not; [`LogError::Prover`] where the tiles do not suffice to tell.
pub fn verify_checkpoints(
    reader: &(impl TileReader + ?Sized),
    older: &Checkpoint,
    newer: &Checkpoint,
) -> Result<(), LogError> {
    if older.origin != newer.origin {
        let (found, expected) = (newer.origin.clone(), older.origin.clone());
        return Err(CheckpointError::Origin { found, expected }.into());
    }
    if older.size == 0 {
        let differs = ProofMismatch::RootDiffers { computed: empty_root(), expected: older.root };
        return if older.root == empty_root() { Ok(()) } else { Err(LogError::Rewritten(differs)) };
    }
    if older.size > newer.size {
        return Err(LogError::Rewritten(ProofMismatch::Shrunk { older: older.size, newer: newer.size }));
    }
    let proof = consistency_proof(reader, older.size, newer.size)?;
    verify_consistency(older.size, newer.size, &proof, &older.root, &newer.root).map_err(LogError::Rewritten)
}
