//! What is wrong in a file is said with its name and line.

use std::{error::Error, path::Path};

use datasets::training;

/// The error of reading a folder whose first file has this content, with all its causes.
fn error_of(content: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("train/cold/train.csv");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, content).unwrap();
    let error = training::read(folder.path()).unwrap_err();
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text.replace(&format!("{}/", folder.path().display()), "")
}

#[test]
fn a_row_that_its_set_does_not_have_is_named_with_file_and_line() {
    for (content, expected) in [
        (
            "\u{FEFF},split,topic,label,TEXT\n1,train,race,1,a\n2,train,race,7,b\n",
            "line 3: `7` is not a known `label`",
        ),
        (",split,topic,label\n1,train,race,1\n", "line 2: no `TEXT`"),
        (",split,topic,label,TEXT\n1,train,race,1,\"a\nb\",more\n", "line 2: CSV error"),
    ] {
        let error = error_of(content.as_bytes());
        assert!(error.contains("`train/cold/train.csv`, ") && error.contains(expected), "{error}");
    }
    let error = error_of(b",split,topic,label,TEXT\n1,train,race,1,a\n2,train,race,0,\xFF\n");
    assert_eq!(error, "`train/cold/train.csv`, line 3: not UTF-8");
}

#[test]
fn a_missing_file_is_named() {
    let error = training::read(Path::new("/nonexistent")).unwrap_err();
    assert_eq!(error.to_string(), "reading `/nonexistent/train/cold/train.csv`");
}
