//! Foreign bytes lead to an error, never to a panic.

use packs::{Pack, embedded_cn};
use proptest::prelude::*;

use crate::SMALL;

fn load(change: impl Fn(&str, &[u8]) -> Vec<u8>) {
    let files: Vec<(&str, Vec<u8>)> =
        SMALL.iter().map(|(path, text)| (*path, change(path, text.as_bytes()))).collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(path, bytes)| (*path, bytes.as_slice())).collect();
    let _ = Pack::load(&files);
}

proptest! {
    #[test]
    fn any_bytes_in_any_file(which in 0..SMALL.len(), bytes: Vec<u8>) {
        load(|path, old| if path == SMALL[which].0 { bytes.clone() } else { old.to_vec() });
    }

    #[test]
    fn any_yaml_like_text_in_any_file(which in 0..SMALL.len(), text in "[-a-z0-9:{}\\[\\]&*!|>'\", \n#?%@`<~\\\\]{0,200}") {
        load(|path, old| if path == SMALL[which].0 { text.clone().into_bytes() } else { old.to_vec() });
    }

    #[test]
    fn any_bytes_spliced_into_any_place(which in 0..SMALL.len(), at: prop::sample::Index, gone in 0..20_usize, bytes: Vec<u8>) {
        load(|path, old| {
            let mut new = old.to_vec();
            if path == SMALL[which].0 {
                let from = at.index(new.len());
                let to = (from + gone).min(new.len());
                new.splice(from..to, bytes.iter().copied());
            }
            new
        });
    }

    #[test]
    fn any_paths(paths: Vec<String>) {
        let files: Vec<(&str, &[u8])> = paths.iter().map(|path| (path.as_str(), &b"id: x"[..])).collect();
        prop_assert!(Pack::load(&files).is_err());
    }
}

#[test]
fn an_alias_bomb_is_refused() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let below = format!("*a{}, ", level - 1).repeat(10);
        bomb.push_str(&format!("a{level}: &a{level} [{below}]\n"));
    }
    load(|path, old| if path == "texts/one.yaml" { bomb.clone().into_bytes() } else { old.to_vec() });
    let deep = "[".repeat(100_000);
    assert!(Pack::load(&[("pack.yaml", deep.as_bytes())]).is_err());
}

#[test]
fn the_built_in_pack_cut_anywhere_never_panics() {
    for (index, (_, bytes)) in embedded_cn().iter().enumerate() {
        for share in [1, 3, 7] {
            let cut = bytes.len() * share / 8;
            let mut files = embedded_cn().to_vec();
            files[index].1 = &bytes[..cut];
            let _ = Pack::load(&files);
        }
    }
}
