//! Making Merkle proofs from tiles. RFC 6962 §2.1.1 and §2.1.2.

use std::collections::BTreeMap;

use crate::{
    Hash, TileFault, TileKind, TilePath, TileReader,
    hash::empty_root,
    merkle::subtree_root,
    node_hash,
    tile::read_hashes,
    tree::{edge_root, read_edge},
};

/// A proof that cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProverError {
    /// The leaf lies outside the tree.
    #[error("index {index} is outside a tree of {size} leaves")]
    IndexOutside {
        /// The index of the leaf.
        index: u64,
        /// The size of the tree.
        size: u64,
    },
    /// The older tree is larger than the newer, or empty.
    #[error("there is no consistency proof from {older} to {newer} leaves")]
    NoSuchProof {
        /// The size of the older tree.
        older: u64,
        /// The size of the newer tree.
        newer: u64,
    },
    /// A tile is missing or malformed.
    #[error("`{path}` {fault}")]
    Tile {
        /// The tile.
        path: TilePath,
        /// What is wrong with it.
        #[source]
        fault: TileFault,
    },
}

/// The proof that leaf number `index` is in the tree of `size` leaves: for
/// [`verify_inclusion`](crate::verify_inclusion).
///
/// The tiles are taken as they are; whoever hands the proof out checks it against the signed root first.
///
/// # Errors
/// [`ProverError`].
pub fn inclusion_proof(
    reader: &(impl TileReader + ?Sized),
    index: u64,
    size: u64,
) -> Result<Vec<Hash>, ProverError> {
    if index >= size {
        return Err(ProverError::IndexOutside { index, size });
    }
    let mut nodes = Nodes::new(reader, size);
    let (mut from, mut to) = (0, size);
    let mut proof = Vec::new();
    while to - from > 1 {
        let middle = from + split(to - from);
        if index < middle {
            proof.push(nodes.range(middle, to)?);
            to = middle;
        } else {
            proof.push(nodes.range(from, middle)?);
            from = middle;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// The proof that the tree of `newer` leaves continues the tree of `older` leaves: for
/// [`verify_consistency`](crate::verify_consistency).
///
/// # Errors
/// [`ProverError`].
pub fn consistency_proof(
    reader: &(impl TileReader + ?Sized),
    older: u64,
    newer: u64,
) -> Result<Vec<Hash>, ProverError> {
    if older == 0 || older > newer {
        return Err(ProverError::NoSuchProof { older, newer });
    }
    let mut nodes = Nodes::new(reader, newer);
    let (mut from, mut to) = (0, newer);
    let mut proof = Vec::new();
    while to != older {
        let middle = from + split(to - from);
        if older <= middle {
            proof.push(nodes.range(middle, to)?);
            to = middle;
        } else {
            proof.push(nodes.range(from, middle)?);
            from = middle;
        }
    }
    // The older root itself is known to whoever checks.
    if from != 0 {
        proof.push(nodes.range(from, to)?);
    }
    proof.reverse();
    Ok(proof)
}

/// The root of the tree of `size` leaves, from the tiles of its right edge.
///
/// # Errors
/// [`ProverError::Tile`].
pub fn tree_root(reader: &(impl TileReader + ?Sized), size: u64) -> Result<Hash, ProverError> {
    read_edge(reader, size).map(|edge| edge_root(&edge))
}

/// The largest power of two smaller than `count`, which is at least 2.
const fn split(count: u64) -> u64 {
    1 << (count - 1).ilog2()
}

/// Nodes of the tree, each tile read once.
struct Nodes<'a, R: ?Sized> {
    reader: &'a R,
    size: u64,
    tiles: BTreeMap<(u8, u64), Vec<Hash>>,
}

impl<'a, R: TileReader + ?Sized> Nodes<'a, R> {
    const fn new(reader: &'a R, size: u64) -> Self {
        Self { reader, size, tiles: BTreeMap::new() }
    }

    /// The root over the leaves `from..to`, a subtree of the RFC's recursion: `from` is a multiple of every complete
    /// subtree in it.
    fn range(&mut self, from: u64, to: u64) -> Result<Hash, ProverError> {
        let mut at = from;
        let mut peaks = Vec::new();
        while at < to {
            let height = (to - at).ilog2();
            peaks.push(self.node(height, at >> height)?);
            at += 1 << height;
        }
        let root = peaks.into_iter().rev().reduce(|right, left| node_hash(&left, &right));
        Ok(root.unwrap_or_else(empty_root))
    }

    /// The root of the complete subtree of 2^`height` leaves with that index among its like.
    fn node(&mut self, height: u32, index: u64) -> Result<Hash, ProverError> {
        // A node above the hashes of a tile spans a power of two of them.
        let level = u8::try_from(height / 8).unwrap_or(u8::MAX);
        let spanned = 1_u64 << (height % 8);
        let first = index * spanned;
        let tile = first / 256;
        let path = TilePath::in_tree(TileKind::Hashes(level), tile, self.size)
            .ok_or(ProverError::IndexOutside { index: first, size: self.size })?;
        let hashes = match self.tiles.entry((level, tile)) {
            std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::btree_map::Entry::Vacant(place) => place
                .insert(read_hashes(self.reader, &path).map_err(|fault| ProverError::Tile { path, fault })?),
        };
        let start = usize::try_from(first % 256).unwrap_or(usize::MAX);
        let end = start.saturating_add(usize::try_from(spanned).unwrap_or(usize::MAX));
        let spanned =
            hashes.get(start..end).ok_or(ProverError::IndexOutside { index: first, size: self.size })?;
        Ok(subtree_root(spanned))
    }
}
