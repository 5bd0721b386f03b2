//! The public sets. They lie beside the project and not in it: where they are absent, these tests say so and pass.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use datasets::{evaluation, training};
use safety::classifier::Head;

fn data() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/data");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: `{}` is absent", folder.display());
    None
}

#[test]
fn every_head_has_examples_of_both_kinds() {
    let Some(data) = data() else { return };
    let sets = training::read(&data).unwrap();
    for head in Head::ALL {
        for label in [true, false] {
            let count =
                sets.iter().flat_map(|set| &set.examples).filter(|e| e.label(head) == Some(label)).count();
            assert!(count >= 100, "{} {label}: {count}", head.name());
        }
    }
}

#[test]
fn nothing_that_is_measured_on_is_trained_on() {
    let Some(data) = data() else { return };
    let sets = training::read(&data).unwrap();
    let trained: HashSet<&str> =
        sets.iter().flat_map(|set| &set.examples).map(|example| example.text.as_str()).collect();
    for set in evaluation::read(&data).unwrap() {
        let both = set.cases.iter().filter(|case| trained.contains(case.text.as_str())).count();
        assert!(both == 0, "{}: {both} texts are trained on too", set.name);
        assert!(!set.cases.is_empty(), "{}", set.name);
    }
    assert!(sets.iter().all(|set| !set.source.path.starts_with("eval/")));
}
