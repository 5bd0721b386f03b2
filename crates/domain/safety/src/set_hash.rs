//! A hash of a set of lines that follows each line that comes or goes, so that a list of a million need not be read again
//! when one line changes.
//!
//! It is the sum, modulo 2^4096, of what SHA-256 makes of each line (`AdHash`: Bellare and Micciancio, *A new paradigm for
//! collision-free hashing*, 1997). Wagner's generalised birthday attack on such a sum takes 2^(2·√4096) = 2^128 steps, as
//! many as a collision of SHA-256 itself.

use sha2::{Digest, Sha256};

const LIMBS: usize = 64;
const LIMBS_IN_A_BLOCK: usize = 4;

/// The hash of a set. A line counts as often as it is added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SetHash([u64; LIMBS]);

impl SetHash {
    /// Of no line.
    pub(crate) const EMPTY: Self = Self([0; LIMBS]);

    pub(crate) fn add(&mut self, line: &[&[u8]]) {
        let mut carry = false;
        for (limb, more) in self.0.iter_mut().zip(expand(line)) {
            (*limb, carry) = limb.carrying_add_one(more, carry);
        }
    }

    pub(crate) fn remove(&mut self, line: &[&[u8]]) {
        let mut borrow = false;
        for (limb, less) in self.0.iter_mut().zip(expand(line)) {
            (*limb, borrow) = limb.borrowing_sub_one(less, borrow);
        }
    }

    pub(crate) fn to_bytes(&self) -> [u8; LIMBS * 8] {
        let mut bytes = [0; LIMBS * 8];
        for (place, limb) in bytes.chunks_exact_mut(8).zip(self.0) {
            place.copy_from_slice(&limb.to_le_bytes());
        }
        bytes
    }

    pub(crate) fn from_bytes(bytes: &[u8; LIMBS * 8]) -> Self {
        let mut limbs = [0; LIMBS];
        for (limb, place) in limbs.iter_mut().zip(bytes.chunks_exact(8)) {
            *limb = place.iter().rev().fold(0, |limb, byte| limb << 8 | u64::from(*byte));
        }
        Self(limbs)
    }
}

/// Limbs with a carry, as the unstable `carrying_add` and `borrowing_sub` of the standard library.
trait Carry: Sized {
    fn carrying_add_one(self, other: Self, carry: bool) -> (Self, bool);
    fn borrowing_sub_one(self, other: Self, borrow: bool) -> (Self, bool);
}

impl Carry for u64 {
    #[inline]
    fn carrying_add_one(self, other: Self, carry: bool) -> (Self, bool) {
        let (sum, first) = self.overflowing_add(other);
        let (sum, second) = sum.overflowing_add(Self::from(carry));
        (sum, first || second)
    }

    #[inline]
    fn borrowing_sub_one(self, other: Self, borrow: bool) -> (Self, bool) {
        let (rest, first) = self.overflowing_sub(other);
        let (rest, second) = rest.overflowing_sub(Self::from(borrow));
        (rest, first || second)
    }
}

/// A line, given in pieces, as a number of 4096 bits, the lowest limb first.
fn expand(line: &[&[u8]]) -> impl Iterator<Item = u64> {
    let mut hash = Sha256::new();
    for piece in line {
        hash.update(piece);
    }
    let seed: [u8; 32] = hash.finalize().into();
    (0..u8::try_from(LIMBS / LIMBS_IN_A_BLOCK).unwrap_or(0)).flat_map(move |number| {
        let block: [u8; 32] = Sha256::new().chain_update(seed).chain_update([number]).finalize().into();
        let mut limbs = [0_u64; LIMBS_IN_A_BLOCK];
        for (limb, bytes) in limbs.iter_mut().zip(block.chunks_exact(8)) {
            *limb = bytes.iter().rev().fold(0, |limb, byte| limb << 8 | u64::from(*byte));
        }
        limbs
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hash(lines: &[String]) -> SetHash {
        let mut hash = SetHash::EMPTY;
        for line in lines {
            hash.add(&[line.as_bytes()]);
        }
        hash
    }

    proptest! {
        #[test]
        fn lines_come_and_go_in_any_order(lines in prop::collection::vec("[a-c]{0,3}", 0..8), turn in 0..8_usize) {
            let all = hash(&lines);
            let mut turned = lines.clone();
            turned.rotate_left(turn % lines.len().max(1));
            prop_assert_eq!(&hash(&turned), &all);
            let mut less = all.clone();
            for line in turned.iter().skip(1) {
                less.remove(&[line.as_bytes()]);
            }
            prop_assert_eq!(&less, &hash(&turned[..turned.len().min(1)]));
            prop_assert_eq!(SetHash::from_bytes(&all.to_bytes()), all);
        }
    }

    #[test]
    fn pieces_are_one_line_and_lines_differ() {
        let mut pieces = SetHash::EMPTY;
        pieces.add(&[b"a", b"b"]);
        assert_eq!(pieces, hash(&["ab".into()]));
        assert_ne!(pieces, hash(&["ba".into()]));
        assert_ne!(hash(&["a".into(), "a".into()]), hash(&["a".into()]));
    }
}
