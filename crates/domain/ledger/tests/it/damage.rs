//! A log with one changed bit, a missing tile, a rewritten past.

use ledger::{
    Checkpoint, Hash, LogError, LogFault, NoteSigner, TileKind, TilePath, TreeState, verify_checkpoints,
    verify_log, verify_range,
};
use proptest::prelude::*;

use crate::growth::{Tiles, grow, leaves};

fn signer() -> NoteSigner {
    NoteSigner::new("log.example", &[9; 32]).unwrap()
}

fn head(state: &TreeState) -> (Checkpoint, Vec<u8>) {
    let checkpoint = Checkpoint::new("log.example", state.size(), state.root());
    let note = checkpoint.sign(&signer()).unwrap().to_string().into_bytes();
    (checkpoint, note)
}

/// A log as a clean start would write it: without the partial tiles of smaller trees.
fn log(count: usize) -> (Tiles, Vec<u8>) {
    let (state, tiles) = grow(&leaves(count), &[]);
    let (_, note) = head(&state);
    (tiles, note)
}

fn faults(tiles: &Tiles, note: &[u8]) -> Vec<LogFault> {
    match verify_log(tiles, note, signer().verifier()) {
        Ok(_) => Vec::new(),
        Err(LogError::Faulty(faults)) => faults.list,
        Err(other) => panic!("{other}"),
    }
}

fn named(fault: &LogFault) -> Option<TilePath> {
    match fault {
        LogFault::Tile { path, .. } | LogFault::Differs { path } => Some(*path),
        LogFault::Root { .. } => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_flipped_bit_is_found_and_the_tile_is_named(
        count in 1_usize..1_100, tile in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), bit in 0_u8..8,
    ) {
        let (mut tiles, note) = log(count);
        prop_assert_eq!(faults(&tiles, &note), vec![]);
        let path = *tile.get(&tiles.keys().copied().collect::<Vec<_>>());
        let bytes = tiles.get_mut(&path).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let found: Vec<_> = faults(&tiles, &note).iter().map(named).collect();
        prop_assert_eq!(found, vec![Some(path)]);
    }

    #[test]
    fn any_missing_tile_is_named(count in 1_usize..1_100, tile in any::<prop::sample::Index>()) {
        let (mut tiles, note) = log(count);
        let path = *tile.get(&tiles.keys().copied().collect::<Vec<_>>());
        tiles.remove(&path);
        let found: Vec<_> = faults(&tiles, &note).iter().map(named).collect();
        prop_assert_eq!(found, vec![Some(path)]);
    }

    #[test]
    fn any_changed_byte_of_the_checkpoint_is_found(count in 0_usize..300, at in any::<prop::sample::Index>(), byte: u8) {
        let (tiles, mut note) = log(count);
        let at = at.index(note.len());
        prop_assume!(note[at] != byte);
        note[at] = byte;
        prop_assert!(matches!(verify_log(&tiles, &note, signer().verifier()), Err(LogError::Checkpoint(_))));
    }

    #[test]
    fn any_range_is_checked_alone(count in 1_usize..1_100, a in any::<prop::sample::Index>(), b in any::<prop::sample::Index>()) {
        let (tiles, note) = log(count);
        let (from, to) = (a.index(count + 1) as u64, b.index(count + 1) as u64);
        let (from, to) = (from.min(to), from.max(to));
        let mut seen = Vec::new();
        verify_range(&tiles, &note, signer().verifier(), from..to, &mut |index, entry| seen.push((index, entry.to_vec()))).unwrap();
        let expected: Vec<_> = (from..to).map(|index| (index, format!("entry {index}").into_bytes())).collect();
        prop_assert_eq!(seen, expected);
        // Bundles outside the range are not read.
        let mut fewer = tiles.clone();
        fewer.retain(|path, _| path.kind() != TileKind::Entries || (from >> 8..to.div_ceil(256)).contains(&path.index()));
        prop_assert!(verify_range(&fewer, &note, signer().verifier(), from..to, &mut |_, _| ()).is_ok());
        prop_assert!(verify_range(&tiles, &note, signer().verifier(), 0..count as u64 + 1, &mut |_, _| ()).is_err());
    }
}

#[test]
fn a_changed_entry_is_found_by_its_range() {
    let (mut tiles, note) = log(600);
    let path: TilePath = "tile/entries/001".parse().unwrap();
    *tiles.get_mut(&path).unwrap().last_mut().unwrap() ^= 1;
    let check = |range| verify_range(&tiles, &note, signer().verifier(), range, &mut |_, _| ());
    assert!(check(0..256).is_ok());
    assert!(check(512..600).is_ok());
    assert_eq!(check(256..512), Err(LogFault::Differs { path }.into()));
}

#[test]
fn tiles_of_another_log_are_refused() {
    let (_, note) = log(300);
    let other: Vec<Vec<u8>> = (0..300).map(|number| format!("other {number}").into_bytes()).collect();
    let (_, tiles) = grow(&other, &[]);
    assert!(matches!(faults(&tiles, &note).as_slice(), [LogFault::Root { .. }]));
    assert!(verify_range(&tiles, &note, signer().verifier(), 0..1, &mut |_, _| ()).is_err());
}

#[test]
fn a_large_log_names_a_bad_tile_on_every_level() {
    let (tiles, note) = log(70_000);
    for bad in [
        "tile/0/100",
        "tile/1/000",
        "tile/1/001.p/17",
        "tile/2/000.p/1",
        "tile/entries/272",
        "tile/entries/273.p/112",
    ] {
        let path: TilePath = bad.parse().unwrap();
        let mut tiles = tiles.clone();
        *tiles.get_mut(&path).unwrap().last_mut().unwrap() ^= 1;
        assert_eq!(faults(&tiles, &note), vec![LogFault::Differs { path }], "{bad}");
    }
}

#[test]
fn a_rewritten_past_is_found() {
    let leaves = leaves(500);
    let (state, tiles) = grow(&leaves, &[]);
    let (newer, _) = head(&state);
    for count in [0, 1, 256, 300, 500] {
        let (older, _) = head(&grow(&leaves[..count], &[]).0);
        verify_checkpoints(&tiles, &older, &newer).unwrap();
        let other = Checkpoint { root: Hash([1; 32]), ..older.clone() };
        assert!(matches!(verify_checkpoints(&tiles, &other, &newer), Err(LogError::Rewritten(_))));
        if count < 500 {
            assert!(verify_checkpoints(&tiles, &newer, &older).is_err());
        }
        let other = Checkpoint { origin: "log.example/b".to_owned(), ..older };
        assert!(matches!(verify_checkpoints(&tiles, &other, &newer), Err(LogError::Checkpoint(_))));
    }
}
