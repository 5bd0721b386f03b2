use super::*;
use crate::media::{
    self,
    tests::{a_label, with},
};

fn elem(id: u32, parts: &[&[u8]]) -> Vec<u8> {
    ebml::element(id, &parts.concat(), 1).unwrap()
}

/// With a checksum as ffmpeg writes it before all else.
fn checked(id: u32, parts: &[&[u8]]) -> Vec<u8> {
    let bare = elem(id, &[&[0xbf, 0x84, 0, 0, 0, 0], &parts.concat()]);
    let whole = Element::read(&bare, 0, bare.len()).unwrap();
    whole.with(&bare, &(whole.data.end..whole.data.end), &[]).unwrap()
}

fn head(kind: &[u8]) -> Vec<u8> {
    elem(HEAD, &[&elem(DOCUMENT_TYPE, &[kind])])
}

const BLOCK: &[u8] = b"\x81\0\0\x80a block";

fn cluster() -> Vec<u8> {
    elem(CLUSTER, &[&elem(0xe7, &[&[0]]), &elem(0xa3, &[BLOCK])])
}

/// A cluster without a length, as live recordings have it.
fn open_cluster() -> Vec<u8> {
    [&CLUSTER.to_be_bytes()[..], &[0xff], &elem(0xe7, &[&[0]]), &elem(0xa3, &[BLOCK])].concat()
}

fn simple(name: &[u8], text: &[u8]) -> Vec<u8> {
    elem(0x67c8, &[&elem(0x45a3, &[name]), &elem(0x4487, &[text])])
}

fn title() -> Vec<u8> {
    elem(0x7373, &[&elem(0x63c0, &[]), &simple(b"TITLE", b"x")])
}

fn seek(id: u32, at: usize) -> Vec<u8> {
    let at = u16::try_from(at).unwrap().to_be_bytes();
    elem(0x4dbb, &[&elem(0x53ab, &[&id.to_be_bytes()]), &elem(0x53ac, &[&at])])
}

fn cues(at: usize) -> Vec<u8> {
    let at = u16::try_from(at).unwrap().to_be_bytes();
    elem(
        CUES,
        &[&elem(0xbb, &[&elem(0xb3, &[&[0]]), &elem(0xb7, &[&elem(0xf7, &[&[1]]), &elem(0xf1, &[&at])])])],
    )
}

/// A file with an index at its head, in the order of ffmpeg; `room` bytes of padding follow the index.
fn indexed(kind: &[u8], room: usize, tags: &[u8]) -> Vec<u8> {
    let info = checked(INFO, &[&elem(MUXER, &[b"Lavf59"])]);
    let padding = if room == 0 { Vec::new() } else { ebml::void(room).unwrap() };
    let index = |at: [usize; 3]| {
        let entries = [seek(INFO, at[0]), seek(CUES, at[2])].concat();
        let tagged = if tags.is_empty() { Vec::new() } else { seek(TAGS, at[1]) };
        checked(SEEK_HEAD, &[&entries, &tagged])
    };
    let at_info = index([0; 3]).len() + padding.len();
    let at_tags = at_info + info.len();
    let at_cluster = at_tags + tags.len();
    let index = index([at_info, at_tags, at_cluster + cluster().len()]);
    let data = [index, padding, info, tags.to_vec(), cluster(), cues(at_cluster)].concat();
    [head(kind), ebml::element(SEGMENT, &data, 8).unwrap()].concat()
}

pub(in crate::media) fn samples() -> Vec<(Format, Vec<u8>)> {
    let live =
        |parts: &[&[u8]]| [&head(b"webm")[..], &SEGMENT.to_be_bytes(), &[0xff], &parts.concat()].concat();
    let info = elem(INFO, &[&elem(WRITER, &[b"Chrome"])]);
    let tags = checked(TAGS, &[&title()]);
    vec![
        (Format::Mkv, indexed(b"matroska", 60, &tags)),
        (Format::Mkv, indexed(b"matroska", 60, &[])),
        (Format::Mkv, indexed(b"matroska", 0, &tags)),
        (Format::Mkv, indexed(b"matroska", 0, &[])),
        (Format::Mkv, indexed(b"matroska", 480, &[])),
        (Format::Webm, live(&[&info, &open_cluster(), &open_cluster()])),
        (Format::Webm, live(&[&info, &tags, &open_cluster()])),
        (Format::Webm, [head(b"webm"), elem(SEGMENT, &[&info, &cluster()])].concat()),
    ]
}

/// Asserts that every entry of the index and every cue points at what it names, and every checksum holds.
fn offsets_hold(file: &[u8]) -> usize {
    let segment = Segment::read(file).unwrap();
    let base = segment.whole.data.start;
    let mut count = 0;
    let at = |offset: u64| Element::read(file, base + usize::try_from(offset).unwrap(), file.len()).unwrap();
    let fields = |element: &Element| -> Vec<Element> { element.children(file).map(Result::unwrap).collect() };
    for entry in segment.seek_heads.iter().flat_map(fields).filter(|entry| entry.id == 0x4dbb) {
        let fields = fields(&entry);
        assert_eq!(u64::from(at(fields[1].number(file)).id), fields[0].number(file));
        count += 1;
    }
    for element in segment.seek_heads.iter().chain(&segment.tags).chain(&segment.infos) {
        let again = element.with(file, &(element.data.end..element.data.end), &[]).unwrap();
        assert_eq!(again, file[element.whole.clone()], "a checksum");
    }
    if let Some(place) =
        file.windows(4).position(|id| id == CUES.to_be_bytes()).filter(|&place| place > base + 60)
    {
        let cues = Element::read(file, place, file.len()).unwrap();
        let position = fields(&fields(&fields(&cues)[0])[1])[1].number(file);
        assert_eq!(at(position).id, CLUSTER);
        count += 1;
    }
    count
}

#[test]
fn every_offset_points_at_the_same_element_afterwards() {
    let platform = crate::ProviderCode::parse("001191110102MACQD9K64020000").unwrap();
    for (format, file) in samples() {
        let before = offsets_hold(&file);
        let labelled = media::label(format, &file, &with(&a_label(7))).unwrap();
        assert!(offsets_hold(&labelled) + 1 >= before);
        let long = a_label(7).propagated(&platform, &"P".repeat(200));
        let passed = media::label(format, &labelled, &with(&long)).unwrap();
        offsets_hold(&passed);
        let short = media::label(format, &passed, &with(&a_label(7))).unwrap();
        offsets_hold(&short);
    }
}

#[test]
fn tags_of_others_stay_and_blocks_do_not_change() {
    for (format, file) in samples() {
        let labelled = media::label(format, &file, &with(&a_label(7))).unwrap();
        let count = |file: &[u8], what: &[u8]| file.windows(what.len()).filter(|part| *part == what).count();
        for what in [&title()[..], BLOCK, b"Chrome", b"Lavf59"] {
            assert_eq!(count(&file, what), count(&labelled, what));
        }
    }
}

/// The entry for tags is added where padding has room, so that a reader that goes by the index finds them.
#[test]
fn the_index_names_tags_at_the_end() {
    let file = indexed(b"matroska", 60, &[]);
    let labelled = media::label(Format::Mkv, &file, &with(&a_label(7))).unwrap();
    assert_eq!(offsets_hold(&labelled), offsets_hold(&file) + 1);
    let tags = &Segment::read(&labelled).unwrap().tags[0];
    assert_eq!(tags.whole.end, labelled.len());
}

#[test]
fn labels_of_any_depth_and_case_are_read() {
    let json = a_label(7).to_json();
    let inner = elem(0x67c8, &[&elem(0x45a3, &[b"X"]), &simple(b"aigc", json.as_bytes())]);
    let tags = elem(TAGS, &[&elem(0x7373, &[&inner])]);
    let file = [head(b"webm"), elem(SEGMENT, &[&cluster(), &tags])].concat();
    assert_eq!(media::report(Format::Webm, &file).label.unwrap().to_json(), json);
    let generator = elem(TAGS, &[&elem(0x7373, &[&simple(b"ENCODER", b"KlingAI")])]);
    let file = [head(b"webm"), elem(SEGMENT, &[&cluster(), &generator])].concat();
    assert_eq!(media::read(Format::Webm, &file).unwrap().hints.len(), 1);
}

#[test]
fn bombs_are_stopped() {
    let deep = (0..12).fold(simple(b"AIGC", b"{}"), |inner, _| elem(0x67c8, &[&inner]));
    let of = |tags: &[u8]| [head(b"webm"), elem(SEGMENT, &[&elem(TAGS, &[&elem(0x7373, &[tags])])])].concat();
    assert!(matches!(media::read(Format::Webm, &of(&deep)), Err(Broken::Limit { .. })));
    let many = simple(b"a", b"b").repeat(16_385);
    assert!(matches!(media::read(Format::Webm, &of(&many)), Err(Broken::Limit { .. })));
    let tags = elem(TAGS, &[]).repeat(KEPT_MAX + 1);
    assert!(matches!(
        media::read(Format::Webm, &[head(b"webm"), elem(SEGMENT, &[&tags])].concat()),
        Err(Broken::Limit { .. })
    ));
    let open = [&head(b"webm")[..], &SEGMENT.to_be_bytes(), &[0xff], &INFO.to_be_bytes(), &[0xff]].concat();
    assert!(matches!(media::read(Format::Webm, &open), Err(Broken::Malformed { .. })));
}
