//! The tree of RFC 6962 §2.1, word for word: slow and obvious.

use ledger::{Hash, empty_root, leaf_hash, node_hash};

fn split(count: usize) -> usize {
    let mut k = 1;
    while k * 2 < count {
        k *= 2;
    }
    k
}

/// MTH(D).
pub(crate) fn root(leaves: &[Vec<u8>]) -> Hash {
    match leaves {
        [] => empty_root(),
        [leaf] => leaf_hash(leaf),
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            node_hash(&root(left), &root(right))
        }
    }
}

/// PATH(m, D).
pub(crate) fn path(index: usize, leaves: &[Vec<u8>]) -> Vec<Hash> {
    if leaves.len() <= 1 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(split(leaves.len()));
    let (mut proof, sibling) = if index < left.len() {
        (path(index, left), root(right))
    } else {
        (path(index - left.len(), right), root(left))
    };
    proof.push(sibling);
    proof
}

/// PROOF(m, D).
pub(crate) fn consistency(older: usize, leaves: &[Vec<u8>]) -> Vec<Hash> {
    subproof(older, leaves, true)
}

fn subproof(older: usize, leaves: &[Vec<u8>], whole: bool) -> Vec<Hash> {
    if older == leaves.len() {
        return if whole { Vec::new() } else { vec![root(leaves)] };
    }
    let (left, right) = leaves.split_at(split(leaves.len()));
    let (mut proof, sibling) = if older <= left.len() {
        (subproof(older, left, whole), root(right))
    } else {
        (subproof(older - left.len(), right, false), root(left))
    };
    proof.push(sibling);
    proof
}
