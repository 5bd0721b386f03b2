//! Growing the tree: a batch of entries in, the next state and the tiles to write out.

use crate::{
    ENTRY_BYTES_MAX, Hash, TILE_WIDTH, TileKind, TilePath, TileReader,
    hash::empty_root,
    leaf_hash,
    merkle::subtree_root,
    node_hash,
    prover::ProverError,
    tile::{parse_bundle, push_to_bundle, read_entries, read_hashes, tile_bytes},
};

/// The right edge of the tree: all that is needed to grow it and to know its root.
///
/// For each level of tiles it has the hashes of the partial tile, and beside them the entries of the partial bundle, so
/// that growing never reads a tile back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TreeState {
    size: u64,
    // INVARIANT: `edge` has one element for each level that has a full or partial tile in a tree of `size` leaves, and
    // element `l` has floor(size / 256^l) mod 256 hashes.
    edge: Vec<Vec<Hash>>,
    // INVARIANT: the entries whose leaf hashes are `edge[0]`, length-prefixed.
    bundle: Vec<u8>,
}

/// What a batch of entries changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Integration {
    /// The tree with the batch in it.
    pub state: TreeState,
    /// The tiles to write, full and partial: each bundle before the tiles that cover it, lower levels before higher ones.
    pub tiles: Vec<(TilePath, Vec<u8>)>,
}

/// A tree that cannot grow, or bytes that are no [`TreeState`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// An entry longer than a bundle can hold.
    #[error("entry {position} of the batch has {bytes} bytes, over the limit of 65535")]
    EntryTooLong {
        /// Its place in the batch.
        position: usize,
        /// Its length.
        bytes: usize,
    },
    /// More leaves than can be counted.
    #[error("a tree of {0} leaves cannot grow by that many")]
    Full(u64),
    /// Not written by [`TreeState::to_bytes`], or changed since.
    #[error("not a tree state: {0}")]
    NotAState(&'static str),
    /// A layout that this version does not know.
    #[error("tree state version `{0}` is unknown")]
    UnknownVersion(u8),
}

/// What the bytes of a state begin with.
const MAGIC: &[u8; 4] = b"CTRS";
/// The layout written here.
const VERSION: u8 = 1;

impl TreeState {
    /// The tree without leaves.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of leaves.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root. RFC 6962 §2.1.
    #[must_use]
    pub fn root(&self) -> Hash {
        edge_root(&self.edge)
    }

    /// The state of a tree of `size` leaves, read back from its tiles: for recovery, where no state was kept.
    ///
    /// The caller compares [`TreeState::root`] with a signed checkpoint; nothing else vouches for the tiles.
    ///
    /// # Errors
    /// [`ProverError`] naming the tile that is missing or malformed.
    pub fn from_tiles(reader: &(impl TileReader + ?Sized), size: u64) -> Result<Self, ProverError> {
        let edge = read_edge(reader, size)?;
        let mut bundle = Vec::new();
        let (last, width) = TilePath::last_index_and_width(TileKind::Entries, size);
        if width > 0
            && let Some(path) = TilePath::in_tree(TileKind::Entries, last, size)
        {
            let entries = read_entries(reader, &path).map_err(|fault| ProverError::Tile { path, fault })?;
            for entry in entries {
                push_to_bundle(&mut bundle, u16::try_from(entry.len()).unwrap_or(u16::MAX), &entry);
            }
        }
        Ok(Self { size, edge, bundle })
    }

    /// The state as bytes for the store.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(
            45 + self.bundle.len() + self.edge.iter().map(|level| level.len() * 32).sum::<usize>(),
        );
        bytes.extend_from_slice(MAGIC);
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.size.to_be_bytes());
        for hash in self.edge.iter().flatten() {
            bytes.extend_from_slice(&hash.0);
        }
        bytes.extend_from_slice(&self.bundle);
        let sum = Hash::of(&bytes);
        bytes.extend_from_slice(&sum.0);
        bytes
    }

    /// Reads what [`TreeState::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`TreeError::NotAState`] where a byte was changed or the parts do not belong together.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TreeError> {
        let (body, sum) = bytes.split_last_chunk::<32>().ok_or(TreeError::NotAState("too short"))?;
        let rest = body.strip_prefix(MAGIC).ok_or(TreeError::NotAState("does not begin as one"))?;
        let (version, rest) = rest.split_first().ok_or(TreeError::NotAState("too short"))?;
        if *version != VERSION {
            return Err(TreeError::UnknownVersion(*version));
        }
        if Hash::of(body).0 != *sum {
            return Err(TreeError::NotAState("checksum differs"));
        }
        let (size, mut rest) = rest.split_first_chunk::<8>().ok_or(TreeError::NotAState("too short"))?;
        let size = u64::from_be_bytes(*size);
        let mut edge = Vec::new();
        for width in edge_widths(size) {
            let (level, after) = rest
                .split_at_checked(usize::from(width) * Hash::BYTES)
                .ok_or(TreeError::NotAState("too few hashes"))?;
            edge.push(level.as_chunks::<32>().0.iter().copied().map(Hash).collect());
            rest = after;
        }
        let leaves: &[Hash] = edge.first().map_or(&[], Vec::as_slice);
        let width = u16::try_from(leaves.len()).unwrap_or(u16::MAX);
        let entries = parse_bundle(rest, width).ok_or(TreeError::NotAState("entries do not add up"))?;
        if entries.iter().map(|entry| leaf_hash(entry)).ne(leaves.iter().copied()) {
            return Err(TreeError::NotAState("entries and hashes differ"));
        }
        Ok(Self { size, edge, bundle: rest.to_vec() })
    }

    /// Puts one complete node on a level of tiles, and what that completes on the levels above.
    fn push(&mut self, leaf: Hash, tiles: &mut Vec<(TilePath, Vec<u8>)>) -> usize {
        let mut node = leaf;
        for level in 0_u8.. {
            let depth = usize::from(level);
            if self.edge.len() == depth {
                self.edge.push(Vec::with_capacity(usize::from(TILE_WIDTH)));
            }
            let Some(hashes) = self.edge.get_mut(depth) else { break };
            hashes.push(node);
            if hashes.len() < usize::from(TILE_WIDTH) {
                return depth;
            }
            // `self.size` counts the new leaf already, so the tile that is full now lies just before its end.
            let index = (self.size - 1) >> (8 * (u32::from(level) + 1)).min(63);
            if let Ok(path) = TilePath::new(TileKind::Hashes(level), index, TILE_WIDTH) {
                tiles.push((path, tile_bytes(hashes)));
            }
            node = subtree_root(hashes);
            hashes.clear();
        }
        0
    }
}

/// Puts `entries` at the end of the tree.
///
/// # Errors
/// [`TreeError::EntryTooLong`], [`TreeError::Full`]. The state given is unchanged then, as it always is.
pub fn integrate(state: &TreeState, entries: &[impl AsRef<[u8]>]) -> Result<Integration, TreeError> {
    let mut next = state.clone();
    let mut tiles = Vec::new();
    let mut top = 0;
    for (position, entry) in entries.iter().enumerate() {
        let entry = entry.as_ref();
        let length = u16::try_from(entry.len())
            .map_err(|_| TreeError::EntryTooLong { position, bytes: entry.len() })?;
        debug_assert!(entry.len() <= ENTRY_BYTES_MAX);
        push_to_bundle(&mut next.bundle, length, entry);
        next.size = next.size.checked_add(1).ok_or(TreeError::Full(next.size))?;
        if next.size.is_multiple_of(u64::from(TILE_WIDTH)) {
            let bundle = std::mem::take(&mut next.bundle);
            // The next bundle will be about as long.
            next.bundle.reserve(bundle.len());
            if let Ok(path) = TilePath::new(TileKind::Entries, (next.size - 1) >> 8, TILE_WIDTH) {
                tiles.push((path, bundle));
            }
        }
        top = top.max(next.push(leaf_hash(entry), &mut tiles));
    }
    if !entries.is_empty() {
        next.emit_partial(top, &mut tiles);
    }
    Ok(Integration { state: next, tiles })
}

impl TreeState {
    /// The partial tiles of the levels that a batch touched, the highest being `top`.
    fn emit_partial(&self, top: usize, tiles: &mut Vec<(TilePath, Vec<u8>)>) {
        let (last, _) = TilePath::last_index_and_width(TileKind::Entries, self.size);
        if !self.bundle.is_empty()
            && let Some(path) = TilePath::in_tree(TileKind::Entries, last, self.size)
        {
            tiles.push((path, self.bundle.clone()));
        }
        for (level, hashes) in (0_u8..).zip(&self.edge).take(top + 1) {
            let kind = TileKind::Hashes(level);
            let (last, width) = TilePath::last_index_and_width(kind, self.size);
            if width > 0
                && let Some(path) = TilePath::in_tree(kind, last, self.size)
            {
                tiles.push((path, tile_bytes(hashes)));
            }
        }
    }
}

/// The widths of the partial tiles of a tree of `size` leaves, level by level, as far up as the tree has tiles.
fn edge_widths(size: u64) -> impl Iterator<Item = u16> {
    (0_u8..8)
        .take_while(move |level| size.checked_shr(8 * u32::from(*level)).unwrap_or(0) > 0)
        .map(move |level| TilePath::last_index_and_width(TileKind::Hashes(level), size).1)
}

/// The hashes of the partial tiles of a tree of `size` leaves.
pub(crate) fn read_edge(
    reader: &(impl TileReader + ?Sized),
    size: u64,
) -> Result<Vec<Vec<Hash>>, ProverError> {
    let mut edge = Vec::new();
    for (level, width) in (0_u8..).zip(edge_widths(size)) {
        let kind = TileKind::Hashes(level);
        let (last, _) = TilePath::last_index_and_width(kind, size);
        edge.push(match TilePath::in_tree(kind, last, size) {
            Some(path) if width > 0 => {
                read_hashes(reader, &path).map_err(|fault| ProverError::Tile { path, fault })?
            }
            _ => Vec::new(),
        });
    }
    Ok(edge)
}

/// The root of the tree with these partial tiles: the complete subtrees, folded from the smallest, which is last.
pub(crate) fn edge_root(edge: &[Vec<Hash>]) -> Hash {
    let mut root: Option<Hash> = None;
    for level in edge {
        let mut rest = level.as_slice();
        while !rest.is_empty() {
            // The lowest set bit of the width is the size of the last complete subtree.
            let peak = 1 << rest.len().trailing_zeros();
            let Some((before, hashes)) = rest.split_at_checked(rest.len() - peak) else { break };
            let peak = subtree_root(hashes);
            root = Some(root.map_or(peak, |right| node_hash(&peak, &right)));
            rest = before;
        }
    }
    root.unwrap_or_else(empty_root)
}
