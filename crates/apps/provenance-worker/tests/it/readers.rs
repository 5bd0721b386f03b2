//! Readers that are not ours. Where one is not installed, its test says so and holds nothing.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use provenance_worker::StampsBy;

use crate::{
    samples,
    support::{Listening, listening, request},
};

async fn signed_files(worker: &Listening) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for (format, asset) in samples::all() {
        let mut asked = request(format);
        asked.gb_label = Some(r#"{"Label":"1","ContentProducer":"001191110102MACQD9K64010000"}"#.to_owned());
        let signed = worker.client.sign(asked, &asset, None).await.unwrap().0;
        let ending = format.split_once('/').unwrap().1;
        let file = worker.folder.path().join(format!("signed.{ending}"));
        fs::write(&file, signed).unwrap();
        files.push(file);
    }
    files
}

/// In PNG and JPEG: version 12.57, which Debian 12 has, does not find C2PA in WebP.
#[tokio::test]
async fn exiftool_reads_the_assertions() {
    let worker = listening(StampsBy::Own);
    let files = signed_files(&worker).await;
    for file in files.iter().filter(|file| file.extension().is_some_and(|end| end == "png" || end == "jpeg"))
    {
        let Ok(printed) = Command::new("exiftool").args(["-j", "-G3", "-a", "-b"]).arg(file).output() else {
            eprintln!("skipped: exiftool is not installed");
            return;
        };
        let text = String::from_utf8_lossy(&printed.stdout);
        for expected in
            ["c2pa.created", "trainedAlgorithmicMedia", "001191110102MACQD9K64010000", "Demo Painter"]
        {
            assert!(text.contains(expected), "{}: no {expected} in {text}", file.display());
        }
    }
}

/// The Python binding has another version of the library: it caught certificates that this one takes.
#[tokio::test]
async fn c2pa_python_takes_the_signature_and_trusts_the_root() {
    const SCRIPT: &str = r#"
import json, sys
from c2pa import Context, Reader, Settings
root = open(sys.argv[1]).read()
context = Context(Settings.from_dict({"trust": {"user_anchors": root}, "verify": {"verify_trust": True}}))
for path in sys.argv[2:]:
    with Reader(path, context=context) as reader:
        told = json.loads(reader.json())
        print(path.rsplit(".", 1)[1], told["validation_state"], [s["code"] for s in told.get("validation_status", [])])
"#;
    let Some(python) = python() else {
        eprintln!("skipped: c2pa-python is not installed");
        return;
    };
    let worker = listening(StampsBy::Own);
    let files = signed_files(&worker).await;
    let root = worker.folder.path().join("keys/root.pem");
    let output = Command::new(python).arg("-c").arg(SCRIPT).arg(root).args(&files).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(text.lines().filter(|line| line.ends_with("Trusted []")).count(), files.len(), "{text}");
}

/// A Python that has the binding: the one of `e2e/.venv`, one that `C2PA_PYTHON` names, or the system's.
fn python() -> Option<PathBuf> {
    let venv = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../e2e/.venv/bin/python");
    let named = std::env::var_os("C2PA_PYTHON").map(PathBuf::from);
    named.into_iter().chain([venv, "python3".into()]).find(|python| {
        Command::new(python).args(["-c", "import c2pa"]).output().is_ok_and(|output| output.status.success())
    })
}
