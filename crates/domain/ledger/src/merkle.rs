//! Checking Merkle proofs. RFC 9162 §2.1.3.2 and §2.1.4.2, over the hashes of RFC 6962.

use crate::{Hash, hash::empty_root, node_hash};

/// A proof that does not show what it is said to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofMismatch {
    /// The leaf would lie outside the tree.
    #[error("index {index} is outside a tree of {size} leaves")]
    IndexOutside {
        /// The index of the leaf.
        index: u64,
        /// The size of the tree.
        size: u64,
    },
    /// The tree would have shrunk.
    #[error("a tree of {newer} leaves is no continuation of one of {older}")]
    Shrunk {
        /// The size of the older tree.
        older: u64,
        /// The size of the newer tree.
        newer: u64,
    },
    /// Every tree continues the empty one: such a proof shows nothing, so none is accepted.
    #[error("a consistency proof from the empty tree shows nothing")]
    FromEmptyTree,
    /// The proof has too few or too many hashes.
    #[error("the proof has {0} hashes, another number is needed")]
    WrongLength(usize),
    /// The hashes lead to another root.
    #[error("the proof leads to root `{computed}`, not to `{expected}`")]
    RootDiffers {
        /// What the proof leads to.
        computed: Hash,
        /// What the checkpoint says.
        expected: Hash,
    },
}

/// Checks that `leaf` is leaf number `index` of the tree with `size` leaves and root `root`.
///
/// # Errors
/// [`ProofMismatch`] where the proof does not show it.
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofMismatch> {
    if index >= size {
        return Err(ProofMismatch::IndexOutside { index, size });
    }
    let wrong_length = ProofMismatch::WrongLength(proof.len());
    let mut node = index;
    let mut last = size - 1;
    let mut computed = *leaf;
    for sibling in proof {
        if last == 0 {
            return Err(wrong_length);
        }
        if node & 1 == 1 || node == last {
            computed = node_hash(sibling, &computed);
            // The last node of a level without a sibling moves up unhashed.
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            computed = node_hash(&computed, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(wrong_length);
    }
    same_root(computed, root)
}

/// Checks that the tree with `newer_size` leaves continues the tree with `older_size` leaves.
///
/// # Errors
/// [`ProofMismatch`] where the proof does not show it; [`ProofMismatch::FromEmptyTree`] for `older_size` 0.
pub fn verify_consistency(
    older_size: u64,
    newer_size: u64,
    proof: &[Hash],
    older_root: &Hash,
    newer_root: &Hash,
) -> Result<(), ProofMismatch> {
    if older_size > newer_size {
        return Err(ProofMismatch::Shrunk { older: older_size, newer: newer_size });
    }
    if older_size == 0 {
        return Err(ProofMismatch::FromEmptyTree);
    }
    let wrong_length = ProofMismatch::WrongLength(proof.len());
    if older_size == newer_size {
        return if proof.is_empty() { same_root(*older_root, newer_root) } else { Err(wrong_length) };
    }

    // Where the older tree is one complete subtree its root is a node of the newer tree, and the proof leaves it out.
    let mut hashes = proof.iter();
    let first = if older_size.is_power_of_two() { Some(older_root) } else { hashes.next() };
    let Some(first) = first else { return Err(wrong_length) };
    let shift = (older_size - 1).trailing_ones();
    // `older_size` may be 2^63 at most where the shift is 63, so no shift reaches 64.
    let mut node = (older_size - 1) >> shift;
    let mut last = (newer_size - 1) >> shift;
    let (mut older, mut newer) = (*first, *first);
    for sibling in hashes {
        if last == 0 {
            return Err(wrong_length);
        }
        if node & 1 == 1 || node == last {
            older = node_hash(sibling, &older);
            newer = node_hash(sibling, &newer);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            newer = node_hash(&newer, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(wrong_length);
    }
    same_root(older, older_root)?;
    same_root(newer, newer_root)
}

fn same_root(computed: Hash, expected: &Hash) -> Result<(), ProofMismatch> {
    if computed == *expected {
        Ok(())
    } else {
        Err(ProofMismatch::RootDiffers { computed, expected: *expected })
    }
}

/// The root of a tree whose leaves are `hashes`, whatever their number. RFC 6962 §2.1.
#[must_use]
pub fn subtree_root(hashes: &[Hash]) -> Hash {
    // Levels are folded in place of a recursion: an odd last node moves up unhashed, which gives the same tree.
    let mut level = hashes.to_vec();
    while level.len() > 1 {
        level = level
            .chunks(2)
            .filter_map(|pair| match pair {
                [left, right] => Some(node_hash(left, right)),
                [alone] => Some(*alone),
                _ => None,
            })
            .collect();
    }
    level.first().copied().unwrap_or_else(empty_root)
}
