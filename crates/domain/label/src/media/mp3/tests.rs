use super::*;
use crate::media::{
    self, Conformance, Format,
    tests::{a_label, with},
};

/// A frame of silence: MPEG-1 layer III, 32 kbit/s, 48 kHz, mono.
fn sound() -> Vec<u8> {
    [&[0xff, 0xfb, 0x14, 0xc4][..], &[0; 92]].concat()
}

fn length_7(length: usize) -> [u8; 4] {
    [21, 14, 7, 0].map(|shift| u8::try_from((length >> shift) & 0x7f).unwrap())
}

fn tag(major: u8, flags: u8, body: &[u8]) -> Vec<u8> {
    [&b"ID3"[..], &[major, 0, flags], &length_7(body.len()), body].concat()
}

fn frame_23(id: &[u8; 4], data: &[u8]) -> Vec<u8> {
    [&id[..], &u32::try_from(data.len()).unwrap().to_be_bytes(), &[0, 0], data].concat()
}

fn frame_24(id: &[u8; 4], flags: u8, data: &[u8]) -> Vec<u8> {
    [&id[..], &length_7(data.len()), &[0, flags], data].concat()
}

/// A picture of bytes that unsynchronisation changes.
const PICTURE: &[u8] = b"\0image/png\0\x03\0\xff\0\xff\xe0\xff\xff";

pub(in crate::media) fn samples() -> Vec<Vec<u8>> {
    let title = frame_23(b"TIT2", b"\x01\xff\xfea\0b\0");
    let picture = frame_23(b"APIC", PICTURE);
    let with_sound = |tag: Vec<u8>| [tag, sound(), sound()].concat();
    let footer = {
        let body = frame_24(b"TSSE", 0, b"\x03Lavf59");
        [tag(4, 0x10, &body), b"3DI\x04\0\x10".to_vec(), length_7(body.len()).to_vec()].concat()
    };
    vec![
        sound(),
        with_sound(tag(3, 0, &[&title[..], &picture, &[0; 64]].concat())),
        with_sound(tag(3, 0x80, &id3::unsynchronise(&[&title[..], &picture].concat()))),
        with_sound(tag(2, 0, b"TT2\0\0\x03\0ab")),
        with_sound(tag(4, 0, &[&frame_24(b"TIT2", 0, b"\x03ab")[..], &[0; 16]].concat())),
        with_sound(footer),
        with_sound(
            [tag(3, 0x40, &[&[0, 0, 0, 6, 0, 0, 0, 0, 0, 0][..], &title].concat()), tag(4, 0, b"")].concat(),
        ),
    ]
}

fn labels(file: &[u8]) -> Vec<String> {
    media::read(Format::Mp3, file).unwrap().labels.into_iter().map(|found| found.text).collect()
}

#[test]
fn other_frames_stay_byte_for_byte() {
    for file in samples() {
        let labelled = media::label(Format::Mp3, &file, &with(&a_label(7))).unwrap();
        let of = |file: &[u8]| -> Vec<Vec<u8>> {
            let frames = tags(file).unwrap().into_iter().flat_map(|tag| tag.frames);
            frames.filter(|frame| &frame.id != b"TXXX").map(|frame| file[frame.whole].to_vec()).collect()
        };
        assert_eq!(of(&file), of(&labelled));
        assert!(labelled.ends_with(&sound()));
        assert_eq!(labelled.len() - sound_at(&labelled), file.len() - sound_at(&file));
    }
}

#[test]
fn labels_are_read_in_every_version_and_encoding() {
    let json = a_label(7).to_json();
    let wide = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_be_bytes).collect() };
    let latin = [b"\0AIGC\0", json.as_bytes()].concat();
    let big = [&b"\x02"[..], &wide("AIGC"), &[0, 0], &wide(&json)].concat();
    let marked = [&b"\x01\xfe\xff"[..], &wide("AIGC"), &[0, 0, 0xfe, 0xff], &wide(&json), &[0, 0]].concat();
    let utf8 = [b"\x03aigc\0", json.as_bytes(), b"\0"].concat();
    let comment = [b"\0eng\0{\"AIGC\":", json.as_bytes(), b"}"].concat();
    let grouped = [&[1, 0, 0, 1, 0x20][..], &id3::unsynchronise(&utf8)].concat();
    for tag in [
        tag(3, 0, &frame_23(b"TXXX", &latin)),
        tag(3, 0x80, &id3::unsynchronise(&frame_23(b"TXXX", &marked))),
        tag(3, 0, &frame_23(b"COMM", &comment)),
        tag(4, 0, &frame_24(b"TXXX", 0, &big)),
        tag(4, 0, &frame_24(b"TXXX", 0, &utf8)),
        tag(4, 0x80, &frame_24(b"TXXX", 0x43, &grouped)),
        // A length without seven bits a byte, by an old writer.
        tag(
            4,
            0,
            &[frame_23(b"TXXX", &[&b"\x03AIGC\0"[..], json.as_bytes(), &[b' '; 99]].concat()), vec![0; 4]]
                .concat(),
        ),
    ] {
        let file = [tag, sound()].concat();
        let report = media::report(Format::Mp3, &file);
        assert_eq!(report.hidden, Conformance::Conforming, "{:?}", labels(&file));
    }
}

#[test]
fn a_text_beyond_ascii_is_written_as_each_version_has_it() {
    for file in samples() {
        let label = a_label(7).with_reserved_code1("签名ÿ");
        let labelled = media::label(Format::Mp3, &file, &with(&label)).unwrap();
        assert_eq!(labels(&labelled), [label.to_json()]);
    }
}

#[test]
fn a_tag_that_is_not_whole_is_an_error() {
    let broken = |tag: Vec<u8>| media::read(Format::Mp3, &[tag, sound()].concat());
    assert!(matches!(broken(tag(3, 0, b"TXXX\xff\xff\xff\xff\0\0")), Err(Broken::Truncated { .. })));
    assert!(matches!(broken(tag(9, 0, b"")), Err(Broken::Malformed { .. })));
    assert!(matches!(broken(tag(3, 0x40, &[0xff; 10])), Err(Broken::Malformed { .. })));
    assert!(matches!(broken(tag(3, 0, b"").repeat(TAGS_MAX + 1)), Err(Broken::Limit { .. })));
    let frames = frame_23(b"PRIV", b"").repeat(65_537);
    assert!(matches!(broken(tag(3, 0, &frames)), Err(Broken::Limit { .. })));
    let checked = tag(3, 0x40, &[0, 0, 0, 10, 0x80, 0, 0, 0, 0, 0, 1, 2, 3, 4]);
    assert!(media::write(Format::Mp3, &[checked, sound()].concat(), &with(&a_label(7))).is_err());
}

#[test]
fn makers_and_credentials_are_hints() {
    use crate::media::HintKind;
    for (frame, kind) in [
        (frame_23(b"COMM", b"\0eng\0made with suno.com"), Some(HintKind::Generator)),
        (frame_23(b"TSSE", b"\0Lavf59.27.100"), None),
        (frame_23(b"GEOB", b"\0application/c2pa\0\0\0jumb"), Some(HintKind::ContentCredentials)),
        (frame_23(b"GEOB", b"\0image/png\0\0\0"), None),
    ] {
        let file = [tag(3, 0, &frame), sound()].concat();
        assert_eq!(media::read(Format::Mp3, &file).unwrap().hints.first().map(|hint| hint.kind), kind);
    }
}
