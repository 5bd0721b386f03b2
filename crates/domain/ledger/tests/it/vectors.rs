//! Vectors from outside: the Merkle proofs of transparency-dev/merkle and a small log of transparency-dev/tessera.

use std::{
    fs,
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ledger::{
    Checkpoint, Hash, ReadError, SignedNote, TilePath, TileReader, TreeState, VerifierKey, consistency_proof,
    inclusion_proof, integrate, leaf_hash, tile::parse_bundle, verify_checkpoints, verify_consistency,
    verify_inclusion, verify_log, verify_range,
};
use serde::Deserialize;

const TLOG_KEY: &str = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";

/// The folder with the vectors; `None`, and a line saying so, in a checkout without them.
fn vectors(name: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/vectors").join(name);
    if !folder.is_dir() {
        println!("skipped: no test vectors at ../shared/vectors/{name}");
        return None;
    }
    Some(folder)
}

fn json_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for item in fs::read_dir(folder).unwrap() {
        let path = item.unwrap().path();
        if path.is_dir() {
            found.extend(json_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "json") {
            found.push(path);
        }
    }
    found
}

/// Some vectors have roots and proof hashes of other lengths, which our type cannot hold. A hash of them stands in:
/// equal values stay equal, different ones different.
fn hash(text: &str) -> Hash {
    let bytes = STANDARD.decode(text).unwrap();
    bytes
        .as_slice()
        .try_into()
        .map_or_else(|_| Hash::of(&[b"stands in for ", bytes.as_slice()].concat()), Hash)
}

fn hashes(texts: Option<&Vec<String>>) -> Vec<Hash> {
    texts.into_iter().flatten().map(|text| hash(text)).collect()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Inclusion {
    leaf_idx: u64,
    tree_size: u64,
    root: String,
    leaf_hash: String,
    proof: Option<Vec<String>>,
    want_err: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Consistency {
    size1: u64,
    size2: u64,
    root1: String,
    root2: String,
    proof: Option<Vec<String>>,
    want_err: bool,
}

#[test]
fn merkle_proof_vectors() {
    let Some(folder) = vectors("merkle/testdata") else { return };
    let (mut good, mut bad) = (0, 0);
    let mut check = |file: &Path, accepted: bool, want_err: bool| {
        assert_eq!(accepted, !want_err, "{}", file.display());
        *(if accepted { &mut good } else { &mut bad }) += 1;
    };
    for file in json_files(&folder.join("inclusion")) {
        let case: Inclusion = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        let proof = hashes(case.proof.as_ref());
        // A leaf hash of another length is refused by the type.
        let accepted = Hash::from_base64(&case.leaf_hash).is_ok_and(|leaf| {
            verify_inclusion(&leaf, case.leaf_idx, case.tree_size, &proof, &hash(&case.root)).is_ok()
        });
        check(&file, accepted, case.want_err);
    }
    for file in json_files(&folder.join("consistency")) {
        let case: Consistency = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        let proof = hashes(case.proof.as_ref());
        let result =
            verify_consistency(case.size1, case.size2, &proof, &hash(&case.root1), &hash(&case.root2));
        check(&file, result.is_ok(), case.want_err);
    }
    println!("{good} good and {bad} bad proofs");
    // 518 files less the 322 of the subtree draft.
    assert_eq!(good + bad, 196);
    assert!(good > 0);
}

struct Folder(PathBuf);

impl TileReader for Folder {
    fn read(&self, path: &TilePath) -> Result<Vec<u8>, ReadError> {
        fs::read(self.0.join(path.to_string())).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => ReadError::Missing,
            _ => ReadError::Failed(error.to_string()),
        })
    }
}

#[test]
fn a_log_written_by_another_implementation() {
    let Some(folder) = vectors("tlog/testdata/log") else { return };
    let key: VerifierKey = TLOG_KEY.parse().unwrap();
    assert_eq!(key.to_string(), TLOG_KEY);
    let reader = Folder(folder.clone());
    let note = |size: usize| fs::read(folder.join(format!("checkpoint.{size}"))).unwrap();
    let notes: Vec<_> = (0..=15).map(note).collect();
    assert_eq!(fs::read(folder.join("checkpoint")).unwrap(), notes[15]);

    let heads: Vec<_> = notes.iter().map(|note| Checkpoint::open(note, &key).unwrap()).collect();
    for ((size, head), note) in (0..).zip(&heads).zip(&notes) {
        assert_eq!(head.size, size);
        assert_eq!(SignedNote::parse(note).unwrap().to_string().as_bytes(), note);
        verify_log(&reader, note, &key).unwrap();
        verify_range(&reader, note, &key, 0..size, &mut |_, _| ()).unwrap();
    }
    for older in &heads {
        for newer in heads.iter().skip(usize::try_from(older.size).unwrap()) {
            verify_checkpoints(&reader, older, newer).unwrap();
            if older.size > 0 {
                let proof = consistency_proof(&reader, older.size, newer.size).unwrap();
                verify_consistency(older.size, newer.size, &proof, &older.root, &newer.root).unwrap();
            }
        }
    }

    // Growing a tree from its entries, one at a time, gives its tiles and roots to the byte.
    let bundle = reader.read(&"tile/entries/000.p/15".parse().unwrap()).unwrap();
    let entries = parse_bundle(&bundle, 15).unwrap();
    let mut state = TreeState::new();
    let mut compared = 0;
    for (entry, head) in entries.iter().zip(&heads[1..]) {
        let next = integrate(&state, &[entry]).unwrap();
        assert_eq!(next.state.root(), head.root);
        for (path, bytes) in next.tiles {
            assert_eq!(reader.read(&path).unwrap(), bytes, "{path}");
            compared += 1;
        }
        state = next.state;
        for index in 0..head.size {
            let proof = inclusion_proof(&reader, index, head.size).unwrap();
            let leaf = leaf_hash(entries[usize::try_from(index).unwrap()]);
            verify_inclusion(&leaf, index, head.size, &proof, &head.root).unwrap();
        }
    }
    assert_eq!(compared, 30);
}
