use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn paths_round_trip(level in 0_u8..6, entries: bool, index in 0_u64..1 << 16, bits in 0_u32..40, width in 1_u16..=256) {
        let kind = if entries { TileKind::Entries } else { TileKind::Hashes(level) };
        if let Ok(path) = TilePath::new(kind, index << bits, width) {
            prop_assert_eq!(path.to_string().parse::<TilePath>(), Ok(path));
        }
    }

    #[test]
    fn foreign_text_never_panics(text: String, digits in "tile/(entries|[0-9]{1,3})/(x[0-9]{3}/){0,8}[0-9]{3}(\\.p/[0-9]{0,3})?") {
        for text in [text, digits] {
            if let Ok(path) = text.parse::<TilePath>() {
                prop_assert_eq!(path.to_string(), text);
            }
        }
    }

    #[test]
    fn foreign_bundles_never_panic(bytes: Vec<u8>, count in 0_u16..300) {
        let _ = parse_bundle(&bytes, count);
    }
}

#[test]
fn paths_are_those_of_the_specification() {
    let check = |kind, index, width, text: &str| {
        assert_eq!(TilePath::new(kind, index, width).unwrap().to_string(), text);
        assert!(text.parse::<TilePath>().is_ok(), "{text}");
    };
    check(TileKind::Hashes(0), 1_234_067, 256, "tile/0/x001/x234/067");
    check(TileKind::Hashes(3), 0, 1, "tile/3/000.p/1");
    check(TileKind::Entries, 999, 255, "tile/entries/999.p/255");
    check(TileKind::Entries, 1_000, 256, "tile/entries/x001/000");
    for wrong in [
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/00/000",
        "tile/0/x000/001",
        "tile/0/0001",
        "tile/8/000",
        "tile/0/001/002",
        "tile/0/x001",
        "tile/0/../000",
        "/tile/0/000",
        "tile/0/000/",
        "tile/+1/000",
        "tile/7/001",
        "checkpoint",
    ] {
        assert!(wrong.parse::<TilePath>().is_err(), "{wrong}");
    }
}

#[test]
fn a_tree_of_70000_has_the_tiles_of_the_specification() {
    let widths = |level| TilePath::last_index_and_width(TileKind::Hashes(level), 70_000);
    assert_eq!((widths(0), widths(1), widths(2), widths(3)), ((273, 112), (1, 17), (0, 1), (0, 0)));
    assert_eq!(TilePath::in_tree(TileKind::Hashes(2), 0, 70_000).unwrap().width(), 1);
    assert_eq!(TilePath::in_tree(TileKind::Entries, 274, 70_000), None);
}
