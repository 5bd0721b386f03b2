use std::collections::BTreeMap;

use ledger::{
    ENTRY_BYTES_MAX, Hash, TileKind, TilePath, TreeError, TreeState, consistency_proof, inclusion_proof,
    integrate, leaf_hash, tree_root, verify_consistency, verify_inclusion,
};
use proptest::prelude::*;

use crate::reference;

pub(crate) type Tiles = BTreeMap<TilePath, Vec<u8>>;

pub(crate) fn leaves(count: usize) -> Vec<Vec<u8>> {
    (0..count).map(|number| format!("entry {number}").into_bytes()).collect()
}

/// Grows a tree in batches of these sizes, through the stored form of the state each time.
pub(crate) fn grow(leaves: &[Vec<u8>], batches: &[usize]) -> (TreeState, Tiles) {
    let (mut state, mut tiles) = (TreeState::new(), Tiles::new());
    let mut rest = leaves;
    let mut batches = batches.iter().copied().chain(std::iter::repeat(usize::MAX));
    while !rest.is_empty() {
        let (batch, after) = rest.split_at(batches.next().unwrap().clamp(1, rest.len()));
        let next = integrate(&TreeState::from_bytes(&state.to_bytes()).unwrap(), batch).unwrap();
        tiles.extend(next.tiles);
        state = next.state;
        rest = after;
    }
    (state, tiles)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_batching_gives_the_reference_tree(count in 0_usize..1_500, batches in proptest::collection::vec(1_usize..600, 0..8)) {
        let leaves = leaves(count);
        let (state, tiles) = grow(&leaves, &batches);
        prop_assert_eq!(state.size(), count as u64);
        prop_assert_eq!(state.root(), reference::root(&leaves));
        prop_assert_eq!(tree_root(&tiles, state.size()).unwrap(), state.root());
        prop_assert_eq!(&TreeState::from_tiles(&tiles, state.size()).unwrap(), &state);
        prop_assert_eq!(TreeState::from_bytes(&state.to_bytes()), Ok(state));
    }

    #[test]
    fn proofs_are_those_of_the_reference_and_verify(count in 1_usize..1_200, a in any::<prop::sample::Index>(), b in any::<prop::sample::Index>()) {
        let leaves = leaves(count);
        let (state, tiles) = grow(&leaves, &[]);
        let size = count as u64;
        let index = a.index(count);
        let proof = inclusion_proof(&tiles, index as u64, size).unwrap();
        prop_assert_eq!(&proof, &reference::path(index, &leaves));
        verify_inclusion(&leaf_hash(&leaves[index]), index as u64, size, &proof, &state.root()).unwrap();
        prop_assert!(verify_inclusion(&leaf_hash(b"other"), index as u64, size, &proof, &state.root()).is_err());

        let older = b.index(count) + 1;
        let proof = consistency_proof(&tiles, older as u64, size).unwrap();
        prop_assert_eq!(&proof, &reference::consistency(older, &leaves));
        let older_root = reference::root(&leaves[..older]);
        verify_consistency(older as u64, size, &proof, &older_root, &state.root()).unwrap();
        prop_assert!(verify_consistency(older as u64, size, &proof, &Hash([7; 32]), &state.root()).is_err());
    }

    #[test]
    fn foreign_proofs_never_panic(index: u64, size: u64, other: u64, hashes in proptest::collection::vec(any::<[u8; 32]>(), 0..70)) {
        let hashes: Vec<Hash> = hashes.into_iter().map(Hash).collect();
        prop_assert!(verify_inclusion(&Hash([1; 32]), index, size, &hashes, &Hash([2; 32])).is_err());
        prop_assert!(verify_consistency(size, other, &hashes, &Hash([1; 32]), &Hash([2; 32])).is_err());
        prop_assert!(verify_consistency(1 << 63, u64::MAX, &hashes, &Hash([1; 32]), &Hash([2; 32])).is_err());
    }

    #[test]
    fn changed_states_are_refused(count in 0_usize..600, at in any::<prop::sample::Index>(), bit in 0_u8..8, cut in 0_usize..50) {
        let (state, _) = grow(&leaves(count), &[]);
        let mut bytes = state.to_bytes();
        prop_assert!(TreeState::from_bytes(&bytes[..bytes.len() - cut.min(bytes.len()) ]).is_ok() == (cut == 0));
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        prop_assert!(TreeState::from_bytes(&bytes).is_err());
    }

    #[test]
    fn foreign_states_never_panic(bytes: Vec<u8>) {
        let _ = TreeState::from_bytes(&bytes);
        let _ = TreeState::from_bytes(&[b"CTRS\x01".as_slice(), &bytes].concat());
    }
}

#[test]
fn seventy_thousand_leaves_make_the_tiles_of_the_specification() {
    let leaves = leaves(70_000);
    let (state, tiles) = grow(&leaves, &[]);
    let count = |kind: TileKind, partial: bool| {
        tiles.keys().filter(|path| path.kind() == kind && path.is_partial() == partial).count()
    };
    assert_eq!((count(TileKind::Hashes(0), false), count(TileKind::Hashes(0), true)), (273, 1));
    assert_eq!((count(TileKind::Hashes(1), false), count(TileKind::Hashes(1), true)), (1, 1));
    assert_eq!((count(TileKind::Hashes(2), false), count(TileKind::Hashes(2), true)), (0, 1));
    assert_eq!((count(TileKind::Entries, false), count(TileKind::Entries, true)), (273, 1));
    assert!(tiles.contains_key(&"tile/1/001.p/17".parse().unwrap()));
    assert_eq!(state.root(), reference::root(&leaves));
    for index in [0, 255, 256, 65_535, 65_536, 69_999] {
        let proof = inclusion_proof(&tiles, index, 70_000).unwrap();
        let leaf = leaf_hash(format!("entry {index}").as_bytes());
        verify_inclusion(&leaf, index, 70_000, &proof, &state.root()).unwrap();
    }
}

#[test]
fn a_proof_in_a_smaller_tree_needs_only_full_tiles_where_partial_ones_were_cleared() {
    let leaves = leaves(1_000);
    let (_, mut tiles) = grow(&leaves, &[300]);
    tiles.retain(|path, _| !path.is_partial() || path.index() == 3 || path.kind() == TileKind::Hashes(1));
    let proof = inclusion_proof(&tiles, 299, 300).unwrap();
    verify_inclusion(&leaf_hash(b"entry 299"), 299, 300, &proof, &reference::root(&leaves[..300])).unwrap();
}

#[test]
fn entries_have_a_longest_length() {
    let state = TreeState::new();
    assert!(integrate(&state, &[vec![0; ENTRY_BYTES_MAX]]).is_ok());
    let error = TreeError::EntryTooLong { position: 1, bytes: ENTRY_BYTES_MAX + 1 };
    assert_eq!(integrate(&state, &[vec![], vec![0; ENTRY_BYTES_MAX + 1]]), Err(error));
    let nothing: [&[u8]; 0] = [];
    let unchanged = integrate(&state, &nothing).unwrap();
    assert_eq!((unchanged.state, unchanged.tiles.len()), (state, 0));
}
