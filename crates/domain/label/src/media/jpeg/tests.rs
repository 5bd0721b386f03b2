//! Tests of JPEG, and its samples.

use super::{segments::segment, *};
use crate::{
    Conformance,
    media::{self, Format, exif, tests::a_label},
};

/// A picture that is never decoded, with these segments behind its start and those between its scans.
fn picture(first: &[Vec<u8>], between: &[Vec<u8>]) -> Vec<u8> {
    let scan =
        [&segment(0xDA, &[1, 1, 0, 0, 63, 0]).unwrap()[..], b"\x12\xff\0\x34\xff\xd0\xff\x00"].concat();
    let table = segment(0xDB, &[0; 65]).unwrap();
    let frame = segment(0xC0, &[8, 0, 9, 0, 16, 1, 1, 0x11, 0]).unwrap();
    [b"\xff\xd8", &first.concat()[..], &table, &frame, &scan, &between.concat(), &scan, b"\xff\xff\xd9after"]
        .concat()
}

fn jfif() -> Vec<u8> {
    segment(APP0, b"JFIF\0\x01\x02\0\0\x01\0\x01\0\0").unwrap()
}

fn exif_segment(block: &[u8]) -> Vec<u8> {
    segment(APP1, &[EXIF_HEAD, block].concat()).unwrap()
}

fn xmp_segment(packet: &str) -> Vec<u8> {
    segment(APP1, &[XMP_HEAD, packet.as_bytes()].concat()).unwrap()
}

fn part(digest: u8, at: u32, part: &[u8]) -> Vec<u8> {
    let head = [EXTENSION_HEAD, &[digest; DIGEST_BYTES], &[0; 4], &at.to_be_bytes()].concat();
    segment(APP1, &[&head[..], part].concat()).unwrap()
}

pub(in super::super) fn samples() -> Vec<Vec<u8>> {
    let profile = segment(0xE2, b"ICC_PROFILE\0\x01\x01profile").unwrap();
    let comment = segment(COMMENT, b"a comment on AIGC {that} is none").unwrap();
    vec![
        picture(&[jfif()], &[]),
        picture(&[exif_segment(&exif::sample()), profile], std::slice::from_ref(&comment)),
        picture(&[jfif(), exif_segment(&exif::sample()), xmp_segment(&xmp::sample()), comment], &[]),
        picture(&[], &[xmp_segment(&xmp::sample()), part(1, 0, b"<x:xmpmeta/>")]),
    ]
}

#[test]
fn labels_are_read_and_replaced_wherever_they_stand() {
    let json = a_label(7).to_json();
    let wrapped = format!("{{\"AIGC\":{json}}}");
    let comment = format!("ASCII\0\0\0{wrapped}");
    for file in [
        picture(&[exif_segment(&exif::block(&[], &[(0x9286, comment.as_bytes())]))], &[]),
        picture(&[exif_segment(&exif::block(&[(0x010E, wrapped.as_bytes())], &[]))], &[]),
        picture(&[segment(0xE5, format!("x\0AIGC{json}yy").as_bytes()).unwrap()], &[]),
        picture(&[], &[segment(APP15, wrapped.as_bytes()).unwrap()]),
        picture(&[segment(COMMENT, format!("AIGC: {json}").as_bytes()).unwrap()], &[]),
    ] {
        let report = media::report(Format::Jpeg, &file);
        assert_eq!(report.hidden, Conformance::Conforming);
        let platform = crate::ProviderCode::parse("00119144030008867405X220001").unwrap();
        let passed = a_label(7).propagated(&platform, "p-1");
        let new = media::label(Format::Jpeg, &file, &Marks { label: &passed, source: None }).unwrap();
        let report = media::report(Format::Jpeg, &new);
        assert_eq!(report.found.len(), 1);
        assert_eq!(report.label.unwrap().to_json(), passed.to_json());
        assert_eq!(segments(&new).unwrap().len(), segments(&file).unwrap().len());
    }
}

#[test]
fn xmp_and_exif_together_are_one_label_too_many() {
    let json = a_label(7).to_json();
    let label = a_label(7);
    let file =
        picture(&[exif_segment(&exif::block(&[], &[(0x9286, format!("AIGC{json}").as_bytes())]))], &[]);
    let packet = xmp::packet(&Marks { label: &label, source: None });
    let both = [&file[..2], &xmp_segment(&packet), &file[2..]].concat();
    assert_eq!(media::report(Format::Jpeg, &file).hidden, Conformance::Conforming);
    assert_eq!(media::report(Format::Jpeg, &both).hidden.reasons(), [crate::Reason::DuplicateLabel]);
}

#[test]
fn xmp_in_parts_is_put_together() {
    let label = a_label(7);
    let packet = xmp::packet(&Marks { label: &label, source: None });
    let (first, second) = packet.as_bytes().split_at(200);
    let file = picture(&[part(1, 200, second), part(2, 0, b"<"), part(1, 0, first)], &[]);
    assert_eq!(media::report(Format::Jpeg, &file).hidden, Conformance::Conforming);
    let passed = a_label(7).with_reserved_code1("");
    let again = media::write(Format::Jpeg, &file, &Marks { label: &passed, source: None });
    assert!(matches!(again, Err(WriteError::NoPlace(_))));
}

#[test]
fn a_packet_that_fills_its_segment_takes_the_label_from_its_padding() {
    let room = DATA_BYTES_MAX - XMP_HEAD.len() - xmp::sample().len();
    let full = xmp::sample().replace("\n</rdf:RDF>", &format!("<a>{}</a>\n</rdf:RDF>", "x".repeat(room - 7)));
    let padded = xmp::sample().replace(&" ".repeat(100), &" ".repeat(room + 100));
    let label = a_label(7);
    let marks = Marks { label: &label, source: None };
    let labelled = media::label(Format::Jpeg, &picture(&[xmp_segment(&padded)], &[]), &marks).unwrap();
    assert_eq!(media::report(Format::Jpeg, &labelled).hidden, Conformance::Conforming);
    let refused = media::label(Format::Jpeg, &picture(&[xmp_segment(&full)], &[]), &marks);
    assert!(matches!(refused, Err(WriteError::NoPlace(_))), "{refused:?}");
}

#[test]
fn content_credentials_are_a_hint() {
    let boxes = segment(APP11, b"JP\0\x01\0\0\0\x01\0\0\0\x20jumb\0\0\0\x18jumdc2pa\0\x11\0\x10").unwrap();
    let hints = read(&picture(&[boxes], &[])).unwrap().hints;
    assert_eq!(hints, [Hint::new(HintKind::ContentCredentials, "JPEG APP11", "")]);
}
