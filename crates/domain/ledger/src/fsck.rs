//! Checking a whole log: every entry and every tile against the signed head, naming what is bad.
//!
//! Everything is computed anew from the entries and compared with the tiles. Where the entries lead to the signed root,
//! each tile that differs is bad. Where they do not, the tiles are walked from the signed root down, which tells a bad
//! entry bundle from a bad tile.

use crate::{
    Checkpoint, Hash, TileKind, TilePath, TileReader, VerifierKey, leaf_hash,
    merkle::subtree_root,
    tile::{read_entries, read_hashes},
    tree::edge_root,
    trusted::{FAULTS_MAX, LogError, LogFault, LogFaults, Trusted},
};

/// A log that stood the check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogReport {
    /// The signed head.
    pub checkpoint: Checkpoint,
    /// How many tiles and bundles were read.
    pub tiles: u64,
}

/// Checks the whole log under the signed checkpoint in `note`.
///
/// # Errors
/// [`LogError::Faulty`] with every bad tile found; [`LogError::Checkpoint`].
pub fn verify_log(
    reader: &(impl TileReader + ?Sized),
    note: &[u8],
    key: &VerifierKey,
) -> Result<LogReport, LogError> {
    verify_log_with(reader, note, key, &mut |_, _| ())
}

/// [`verify_log`] that hands each entry to `on_entry` with its index, for progress bars and for checks of the entries'
/// content. The entries are vouched for only if the whole succeeds.
///
/// # Errors
/// As [`verify_log`].
pub fn verify_log_with(
    reader: &(impl TileReader + ?Sized),
    note: &[u8],
    key: &VerifierKey,
    on_entry: &mut dyn FnMut(u64, &[u8]),
) -> Result<LogReport, LogError> {
    let checkpoint = Checkpoint::open(note, key)?;
    let mut check = Check {
        reader,
        size: checkpoint.size,
        levels: Vec::new(),
        faults: LogFaults::new(),
        different: Vec::new(),
        tiles: 0,
    };
    let bundles = checkpoint.size.div_ceil(256);
    for index in 0..bundles {
        check.bundle(index, on_entry);
    }
    check.right_edge();
    check.compare(&checkpoint);
    if check.faults.list.is_empty() {
        Ok(LogReport { checkpoint, tiles: check.tiles })
    } else {
        Err(LogError::Faulty(check.faults))
    }
}

struct Check<'a, R: ?Sized> {
    reader: &'a R,
    size: u64,
    // What the entries lead to: for each level the hashes of the tile that is being filled.
    levels: Vec<Vec<Hash>>,
    faults: LogFaults,
    // Tiles that are not what the entries lead to. At most as many as can be reported, and as many again above them.
    different: Vec<TilePath>,
    tiles: u64,
}

impl<R: TileReader + ?Sized> Check<'_, R> {
    fn bundle(&mut self, index: u64, on_entry: &mut dyn FnMut(u64, &[u8])) {
        let Some(path) = TilePath::in_tree(TileKind::Entries, index, self.size) else { return };
        self.tiles += 1;
        let hashes: Vec<Hash> = match read_entries(self.reader, &path) {
            Ok(entries) => {
                for (at, entry) in ((index << 8)..).zip(&entries) {
                    on_entry(at, entry);
                }
                entries.iter().map(|entry| leaf_hash(entry)).collect()
            }
            Err(fault) => {
                // The tile over the bundle stands in, so that the rest can still be checked.
                self.faults.push(LogFault::Tile { path, fault });
                TilePath::in_tree(TileKind::Hashes(0), index, self.size)
                    .and_then(|tile| read_hashes(self.reader, &tile).ok())
                    .unwrap_or_else(|| vec![Hash([0; 32]); usize::from(path.width())])
            }
        };
        for hash in hashes {
            self.push(0, index, hash);
        }
    }

    /// Adds a node to the tile `index` of `level`.
    fn push(&mut self, level: u8, index: u64, hash: Hash) {
        let depth = usize::from(level);
        if self.levels.len() == depth {
            self.levels.push(Vec::with_capacity(256));
        }
        let Some(hashes) = self.levels.get_mut(depth) else { return };
        hashes.push(hash);
        if hashes.len() == 256 {
            let hashes = std::mem::take(hashes);
            self.tile(level, index, &hashes);
            self.push(level + 1, index >> 8, subtree_root(&hashes));
        }
    }

    /// Compares one tile with what the entries lead to.
    fn tile(&mut self, level: u8, index: u64, computed: &[Hash]) {
        let Some(path) = TilePath::in_tree(TileKind::Hashes(level), index, self.size) else { return };
        self.tiles += 1;
        match read_hashes(self.reader, &path) {
            Ok(hashes) if hashes == computed => {}
            Ok(_) if self.different.len() < 2 * FAULTS_MAX => self.different.push(path),
            Ok(_) => self.faults.cut = true,
            Err(fault) => self.faults.push(LogFault::Tile { path, fault }),
        }
    }

    fn right_edge(&mut self) {
        for (level, hashes) in (0_u8..).zip(self.levels.clone()) {
            if !hashes.is_empty() {
                let (index, _) = TilePath::last_index_and_width(TileKind::Hashes(level), self.size);
                self.tile(level, index, &hashes);
            }
        }
    }

    /// Decides which of two things that disagree is the bad one.
    fn compare(&mut self, checkpoint: &Checkpoint) {
        let computed = edge_root(&self.levels);
        let different = std::mem::take(&mut self.different);
        if computed == checkpoint.root {
            // The entries are what was signed.
            for path in different {
                self.faults.push(LogFault::Differs { path });
            }
            return;
        }
        match Trusted::new(self.reader, checkpoint) {
            Ok(mut trusted) => {
                for path in different {
                    match trusted.hashes(&path) {
                        // The tile is what was signed, so what lies under it is not. Only bundles lie under level 0;
                        // what lies under a higher tile is in the list itself.
                        Ok(_) if path.kind() == TileKind::Hashes(0) => self.bad_bundle(path.index()),
                        Ok(_) => {}
                        Err(fault) => self.faults.push(fault),
                    }
                }
            }
            Err(_) => {
                for path in different {
                    self.faults.push(LogFault::Differs { path });
                }
            }
        }
        // Two faults may hide each other; a log that leads to another root is never passed as sound.
        if self.faults.list.is_empty() {
            self.faults.push(LogFault::Root { computed, signed: checkpoint.root });
        }
    }

    fn bad_bundle(&mut self, index: u64) {
        if let Some(path) = TilePath::in_tree(TileKind::Entries, index, self.size) {
            // A malformed bundle is listed already.
            let listed = self
                .faults
                .list
                .iter()
                .any(|fault| matches!(fault, LogFault::Tile { path: known, .. } if *known == path));
            if !listed {
                self.faults.push(LogFault::Differs { path });
            }
        }
    }
}
