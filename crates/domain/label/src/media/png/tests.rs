//! Tests of PNG, and its samples.

use std::io::Write as _;

use super::{text::chunk, *};
use crate::{
    Conformance,
    media::{self, Format, HintKind, Marks, tests::a_label},
};

/// A picture of one dot with these chunks before its data and those behind it.
fn picture(before: &[Vec<u8>], after: &[Vec<u8>]) -> Vec<u8> {
    let head = chunk(*b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]).unwrap();
    let data = chunk(*b"IDAT", &zlib(&[0, 0])).unwrap();
    let end = chunk(*b"IEND", b"").unwrap();
    [&b"\x89PNG\r\n\x1a\n"[..], &head, &before.concat(), &data, &after.concat(), &end].concat()
}

fn zlib(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn compressed(kind: &[u8; 4], keyword: &[u8], data: &[u8]) -> Vec<u8> {
    let head: &[u8] = if kind == b"zTXt" { b"\0\0" } else { b"\0\x01\0\0\0" };
    chunk(*kind, &[keyword, head, &zlib(data)].concat()).unwrap()
}

fn plain(keyword: &str, text: &str) -> Vec<u8> {
    chunk(*b"tEXt", format!("{keyword}\0{text}").as_bytes()).unwrap()
}

pub(in super::super) fn samples() -> Vec<Vec<u8>> {
    let packet = xmp::sample();
    let exif = chunk(*b"eXIf", &exif::sample()).unwrap();
    vec![
        picture(&[], &[]),
        picture(&[plain("Software", "GIMP"), exif], &[compressed(b"zTXt", b"Comment", b"a picture")]),
        picture(&[text::xmp(packet.as_bytes()).unwrap()], &[]),
        picture(&[], &[compressed(b"iTXt", XMP_KEYWORD, packet.as_bytes())]),
    ]
}

#[test]
fn labels_in_text_chunks_are_read_and_replaced_there() {
    let json = a_label(7).to_json();
    let wrapped = format!("{{\"AIGC\":{json}}}");
    let exif = format!("ASCII\0\0\0{wrapped}");
    let exif = chunk(*b"eXIf", &exif::block(&[], &[(0x9286, exif.as_bytes())])).unwrap();
    for file in [
        picture(&[plain("AIGC", &json)], &[]),
        picture(&[], &[plain("AIGC", &wrapped)]),
        picture(&[], &[compressed(b"zTXt", b"AIGC", json.as_bytes())]),
        picture(&[compressed(b"iTXt", b"AIGC", wrapped.as_bytes())], &[]),
        picture(&[plain("Comment", &format!("AIGC{json}"))], &[]),
        picture(&[exif], &[]),
    ] {
        let report = media::report(Format::Png, &file);
        assert_eq!(report.hidden, Conformance::Conforming);
        assert_eq!(report.label.unwrap().to_json(), json);
        let platform = crate::ProviderCode::parse("00119144030008867405X220001").unwrap();
        let passed = a_label(7).propagated(&platform, "p-\u{4e00}");
        let new = media::label(Format::Png, &file, &Marks { label: &passed, source: None }).unwrap();
        let report = media::report(Format::Png, &new);
        assert_eq!(report.found.len(), 1);
        assert_eq!(report.label.unwrap().to_json(), passed.to_json());
    }
}

#[test]
fn two_labels_are_one_too_many() {
    let json = a_label(7).to_json();
    let file = picture(&[plain("AIGC", &json)], &[plain("AIGC", &json)]);
    let report = media::report(Format::Png, &file);
    assert_eq!(report.hidden.reasons(), [crate::Reason::DuplicateLabel]);
    let label = a_label(7);
    let again = media::write(Format::Png, &file, &Marks { label: &label, source: None });
    assert_eq!(again, Err(WriteError::SeveralLabels(2)));
}

#[test]
fn image_models_are_told_by_what_their_interfaces_write() {
    let check = |file: Vec<u8>, kind: HintKind| {
        let hints = read(&file).unwrap().hints;
        assert_eq!(hints.iter().map(|hint| hint.kind).collect::<Vec<_>>(), [kind]);
    };
    check(picture(&[plain("parameters", "a cat\nSteps: 20")], &[]), HintKind::Settings);
    check(picture(&[compressed(b"zTXt", b"workflow", b"{}")], &[]), HintKind::Settings);
    check(picture(&[plain("Software", "NovelAI")], &[]), HintKind::Generator);
    check(picture(&[chunk(*b"caBX", b"\0\0\0\x10jumb").unwrap()], &[]), HintKind::ContentCredentials);
    assert_eq!(read(&picture(&[plain("Title", "A prompt")], &[])).unwrap().hints, []);
}

#[test]
fn compressed_text_has_a_limit() {
    let zeros = vec![b' '; 9 << 20];
    let bomb = compressed(b"zTXt", b"Comment", &zeros);
    // How small depends on the library that compresses.
    assert!(bomb.len() < 1 << 20);
    assert!(read(&picture(&[], std::slice::from_ref(&bomb))).is_ok());
    assert!(matches!(
        read(&picture(std::slice::from_ref(&bomb), std::slice::from_ref(&bomb))),
        Err(Broken::Limit { .. })
    ));
}

#[test]
fn a_written_chunk_has_the_right_length_and_checksum() {
    for file in samples() {
        let label = a_label(7);
        let new = media::label(Format::Png, &file, &Marks { label: &label, source: None }).unwrap();
        for found in chunks(&new).unwrap() {
            let data = &new[found.data];
            assert_eq!(chunk(found.kind, data).unwrap(), new[found.whole]);
        }
    }
}
