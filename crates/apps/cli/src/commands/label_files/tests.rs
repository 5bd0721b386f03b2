use clap::Parser as _;
use media::{PictureFormat, Rgb8, read_picture, write_png};

use super::*;
use crate::{Cli, Command};

/// 18 characters with their check character, as GB 32100 has it.
const CODE: &str = "001191110102MACQD9K64010000";

fn run(words: &[&str]) -> anyhow::Result<Finding> {
    run_with(words, &Config { keys: PathBuf::from("/nonexistent/keys"), ..Config::default() })
}

fn run_with(words: &[&str], config: &Config) -> anyhow::Result<Finding> {
    let cli = Cli::try_parse_from([&["cinnabar", "--json"][..], words].concat())?;
    match cli.command {
        Some(Command::Label(args)) => label(&args, || Ok(config.clone()), true),
        Some(Command::Verify(args)) => verify(&args, true),
        _ => bail!("another command"),
    }
}

fn picture() -> Vec<u8> {
    write_png(&Rgb8 { width: 128, height: 96, pixels: vec![90; 128 * 96 * 3] }).unwrap()
}

fn wav() -> Vec<u8> {
    let format = [1, 0, 1, 0, 0x40, 0x1f, 0, 0, 0x80, 0x3e, 0, 0, 2, 0, 16, 0];
    let chunks = [&b"WAVEfmt \x10\0\0\0"[..], &format, b"data\x40\x06\0\0", &[0; 1600]].concat();
    [&b"RIFF"[..], &u32::try_from(chunks.len()).unwrap().to_le_bytes(), &chunks].concat()
}

/// A folder with one file of each kind, and one that takes no label.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("sounds")).unwrap();
    for (name, bytes) in [
        ("a.png", picture()),
        ("sounds/b.wav", wav()),
        ("c.md", b"# Title\n\nText.\n".to_vec()),
        ("d.txt", b"Text.\n".to_vec()),
    ] {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

#[test]
fn a_picture_gets_both_labels() {
    let folder = folder();
    let (from, to) = (folder.path().join("a.png"), folder.path().join("out/a.png"));
    let (from, to) = (from.to_str().unwrap(), to.to_str().unwrap());
    assert_eq!(run(&["label", from, "--provider", CODE, "-o", to]).unwrap(), Finding::Fine);
    assert_eq!(std::fs::read(from).unwrap(), picture(), "what was read stays");
    let pixels = read_picture(&std::fs::read(to).unwrap(), PictureFormat::Png).unwrap().pixels;
    assert!(pixels.iter().filter(|value| **value == 255).count() > 100, "the words are there");
    assert_eq!(run(&["verify", to]).unwrap(), Finding::Fine);
    assert!(run(&["label", to, "--provider", CODE]).is_err(), "a label that is there is not replaced");
}

#[test]
fn the_hidden_label_alone_leaves_the_pixels() {
    let folder = folder();
    let file = folder.path().join("a.png");
    let file = file.to_str().unwrap();
    run(&["label", file, "--provider", CODE, "--hidden-only"]).unwrap();
    let pixels = read_picture(&std::fs::read(file).unwrap(), PictureFormat::Png).unwrap().pixels;
    assert!(pixels.iter().all(|value| *value == 90));
    assert_eq!(run(&["verify", file]).unwrap(), Finding::Fine);
}

#[test]
fn a_folder_is_labelled_and_checked() {
    let folder = folder();
    let path = folder.path().to_str().unwrap();
    assert_eq!(run(&["verify", path]).unwrap(), Finding::Negative);
    assert_eq!(run(&["label", path, "--provider", CODE]).unwrap(), Finding::Fine);
    // A plain text has no place for a hidden label: its words are enough.
    for file in ["a.png", "sounds/b.wav", "c.md", "d.txt"] {
        let file = folder.path().join(file);
        assert_eq!(run(&["verify", file.to_str().unwrap()]).unwrap(), Finding::Fine, "{}", file.display());
    }
    let sound = std::fs::read(folder.path().join("sounds/b.wav")).unwrap();
    assert!(sound.len() > wav().len() + 20_000, "the rhythm is there");
    std::fs::write(folder.path().join("e.bin"), [0; 9]).unwrap();
    assert_eq!(
        run(&["label", path, "--provider", CODE]).unwrap(),
        Finding::Negative,
        "not each takes a label"
    );
}

#[test]
fn a_platform_writes_what_it_found() {
    let folder = folder();
    let file = folder.path().join("a.png");
    let path = file.to_str().unwrap();
    let pass_on = ["label", path, "--propagate", "--platform", CODE, "--propagate-id", "p-1"];
    assert!(run(&pass_on).is_err(), "there is no sign of generation");
    run(&[&pass_on[..], &["--declared"]].concat()).unwrap();
    let label = |bytes: &[u8]| label::media::report(label::media::Format::Png, bytes).label.unwrap();
    let written = label(&std::fs::read(&file).unwrap());
    assert_eq!(written.label(), "2");
    assert_eq!(written.get(label::Field::PropagateId), "p-1");
    // A label that is there keeps its producer.
    std::fs::write(&file, picture()).unwrap();
    run(&["label", path, "--provider", CODE]).unwrap();
    let produced = label(&std::fs::read(&file).unwrap());
    run(&pass_on).unwrap();
    let written = label(&std::fs::read(&file).unwrap());
    assert_eq!((written.label(), written.produce_id()), ("1", produced.produce_id()));
    assert_eq!(written.get(label::Field::ContentPropagator), CODE);
}

#[test]
fn misuse_is_told_before_anything_is_written() {
    let folder = folder();
    let file = folder.path().join("a.png");
    let file = file.to_str().unwrap();
    for words in [
        &["label", file][..],
        &["label", file, "--provider", "nonsense"],
        &["label", file, "--provider", CODE, "--wording", "a picture"],
        &["label", file, "--provider", CODE, "--place", "middle"],
        &["label", file, "--provider", CODE, "--propagate", "--platform", CODE],
        &["label", file, "--provider", CODE, "--platform", CODE],
        &["label", file, "--provider", CODE, "--declared"],
        &[
            "label",
            folder.path().to_str().unwrap(),
            "--provider",
            CODE,
            "--produce-id",
            "01J00000000000000000000000",
        ],
    ] {
        assert!(run(words).is_err(), "{words:?}");
    }
    assert_eq!(std::fs::read(file).unwrap(), picture());
}

#[test]
fn a_label_is_signed_and_the_signer_known() {
    let folder = folder();
    let config = Config { keys: folder.path().join("keys"), ..Config::default() };
    let key = server::label_key(&config, &OsEntropy).unwrap().verifying_key();
    for name in ["a.png", "sounds/b.wav", "c.md"] {
        let file = folder.path().join(name);
        let path = file.to_str().unwrap();
        run_with(&["label", path, "--provider", CODE, "--sign"], &config).unwrap();
        assert_eq!(run(&["verify", path, "--key", &key.to_spki_hex()]).unwrap(), Finding::Fine, "{name}");
        let visible = label::VisibleLabel::new(label::VisibleLabel::DEFAULT_TEMPLATE).unwrap();
        let bytes = std::fs::read(&file).unwrap();
        let found = operations::FileVerification::without_record(&bytes, &visible, false);
        let signature = |known: &[label::VerifyingKey]| found.aigc.as_ref().unwrap().security(known).as_str();
        assert_eq!(signature(std::slice::from_ref(&key)), "verified_pinned", "{name}");
        assert_eq!(signature(&[]), "verified_integrity_only", "{name}");
    }
    let file = folder.path().join("a.png");
    assert!(run(&["verify", file.to_str().unwrap(), "--key", "nonsense"]).is_err());
}

#[test]
fn a_document_shows_its_label() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.html");
    let path = file.to_str().unwrap();
    std::fs::write(
        &file,
        "<!DOCTYPE html><html><head><title>t</title></head><body><p>Text</p></body></html>",
    )
    .unwrap();
    run(&["label", path, "--provider", CODE]).unwrap();
    let text =
        label::media::document_text(label::media::Format::Html, &std::fs::read(&file).unwrap()).unwrap();
    assert!(label::contains_elements(&text) && text.trim_end().ends_with("Text"), "{text}");
    assert_eq!(run(&["verify", path]).unwrap(), Finding::Fine);
}
