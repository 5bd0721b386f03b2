use super::*;
use crate::media::{
    self, Conformance,
    tests::{a_label, with},
};

fn atom(kind: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    boxes::whole(*kind, &parts.concat()).unwrap()
}

/// What the chunks of a sample begin with, so that a test can tell whether an offset still points there.
const CHUNK: &[u8] = b"CHUNK of samples";

/// A track with a table of chunk offsets.
fn track(table: &[u8]) -> Vec<u8> {
    let stbl = atom(b"stbl", &[&atom(b"stsd", &[&[0; 8]]), table]);
    let dref = atom(b"dref", &[&[0; 4], &1_u32.to_be_bytes(), &atom(b"url ", &[&1_u32.to_be_bytes()])]);
    let minf = atom(b"minf", &[&atom(b"dinf", &[&dref]), &stbl]);
    atom(b"trak", &[&atom(b"tkhd", &[&[0; 84]]), &atom(b"mdia", &[&atom(b"mdhd", &[&[0; 24]]), &minf])])
}

fn stco(offsets: &[usize]) -> Vec<u8> {
    let fields: Vec<u8> =
        offsets.iter().flat_map(|&offset| u32::try_from(offset).unwrap().to_be_bytes()).collect();
    atom(b"stco", &[&[0; 4], &u32::try_from(offsets.len()).unwrap().to_be_bytes(), &fields])
}

fn co64(offsets: &[usize]) -> Vec<u8> {
    let fields: Vec<u8> = offsets.iter().flat_map(|&offset| (offset as u64).to_be_bytes()).collect();
    atom(b"co64", &[&[0; 4], &u32::try_from(offsets.len()).unwrap().to_be_bytes(), &fields])
}

/// The list of tags as iTunes and ffmpeg write it.
fn itunes() -> Vec<u8> {
    let handler = atom(b"hdlr", &[&[0; 8], b"mdirappl", &[0; 9]]);
    let tool = atom(b"\xa9too", &[&atom(b"data", &[&1_u32.to_be_bytes(), &[0; 4], b"Lavf59.27.100"])]);
    atom(b"meta", &[&[0; 4], &handler, &atom(b"ilst", &[&tool])])
}

/// A list of the standard's kind with a key of another.
fn keyed(is_plain: bool) -> Vec<u8> {
    let handler = atom(b"hdlr", &[&[0; 8], b"mdta", &[0; 13]]);
    let key = atom(b"mdta", &[b"com.android.version"]);
    let keys = atom(b"keys", &[&[0; 4], &1_u32.to_be_bytes(), &key]);
    let ilst = atom(b"ilst", &[&list::item(1, "14").unwrap()]);
    atom(b"meta", &[if is_plain { &[] } else { &[0; 4] }, &handler, &keys, &ilst])
}

fn ftyp(brand: &[u8; 4]) -> Vec<u8> {
    atom(b"ftyp", &[brand, &512_u32.to_be_bytes(), brand, b"mp41"])
}

/// A file whose header comes first; `moov` makes it from the offset of the sound.
fn header_first(brand: &[u8; 4], moov: impl Fn(usize) -> Vec<u8>) -> Vec<u8> {
    let ftyp = ftyp(brand);
    let free = atom(b"free", &[&[7; 5]]);
    let at = ftyp.len() + moov(0).len() + free.len() + 8;
    [ftyp, moov(at), free, atom(b"mdat", &[CHUNK, CHUNK])].concat()
}

fn header_last(brand: &[u8; 4], rest: &[&[u8]]) -> Vec<u8> {
    let ftyp = ftyp(brand);
    let wide = [&1_u32.to_be_bytes()[..], b"mdat", &(16 + CHUNK.len() as u64).to_be_bytes(), CHUNK].concat();
    let moov = atom(b"moov", &[&track(&stco(&[ftyp.len() + 16])), &rest.concat()]);
    [ftyp, wide, moov].concat()
}

/// Fragments that count from the start of the file, an index at the end.
fn fragmented() -> Vec<u8> {
    let ftyp = ftyp(b"iso5");
    let moov = atom(b"moov", &[&atom(b"mvex", &[]), &track(&stco(&[]))]);
    let moof_at = ftyp.len() + moov.len();
    let moof = |base: usize| {
        let tfhd = atom(b"tfhd", &[&1_u32.to_be_bytes(), &1_u32.to_be_bytes(), &(base as u64).to_be_bytes()]);
        atom(b"moof", &[&atom(b"mfhd", &[&[0; 8]]), &atom(b"traf", &[&tfhd])])
    };
    let base = moof_at + moof(0).len() + 8;
    let entry = [&[0; 4][..], &u32::try_from(moof_at).unwrap().to_be_bytes(), &[1, 1, 1]].concat();
    let tfra = atom(b"tfra", &[&[0; 4], &[0, 0, 0, 1], &[0; 4], &1_u32.to_be_bytes(), &entry]);
    let mfra = atom(b"mfra", &[&tfra, &atom(b"mfro", &[&[0; 8]])]);
    [ftyp, moov, moof(base), atom(b"mdat", &[CHUNK]), mfra].concat()
}

pub(in crate::media) fn samples() -> Vec<(Format, Vec<u8>)> {
    let movie = |parts: &[&[u8]]| atom(b"moov", parts);
    let udta = |list: &[u8], end: &[u8]| atom(b"udta", &[list, end]);
    let two = |at: usize| [at, at + CHUNK.len()];
    vec![
        (Format::Mp4, header_first(b"isom", |at| movie(&[&track(&stco(&two(at)))]))),
        (
            Format::Mp4,
            header_first(b"mp42", |at| movie(&[&udta(&keyed(false), &[]), &track(&co64(&two(at)))])),
        ),
        (Format::Mp4, header_last(b"isom", &[&udta(&itunes(), &[])])),
        (Format::Mp4, fragmented()),
        (Format::M4a, header_first(b"M4A ", |at| movie(&[&track(&stco(&two(at))), &udta(&itunes(), &[])]))),
        (
            Format::Mov,
            header_first(b"qt  ", |at| movie(&[&track(&stco(&two(at))), &udta(&keyed(true), &[0; 4])])),
        ),
        (Format::Mov, header_last(b"qt  ", &[&keyed(true), &udta(b"", &[0; 4])])),
    ]
}

fn labelled(file: &[u8]) -> Vec<u8> {
    media::label(Format::Mp4, file, &with(&a_label(7))).unwrap()
}

fn find(file: &[u8], what: &[u8]) -> Vec<usize> {
    (0..file.len()).filter(|&at| file[at..].starts_with(what)).collect()
}

/// Every offset of the file: of chunks, of fragments' data and of fragments.
fn offsets(file: &[u8]) -> Vec<u64> {
    let table = |kind: &[u8], width: usize| {
        find(file, kind).into_iter().flat_map(move |at| {
            let count = boxes::u32_at(file, at + 8).unwrap() as usize;
            (0..count).map(move |entry| boxes::number_at(file, at + 12 + entry * width, width).unwrap())
        })
    };
    let bases = find(file, b"tfhd").into_iter().map(|at| boxes::u64_at(file, at + 12).unwrap());
    table(b"stco", 4).chain(table(b"co64", 8)).chain(bases).collect()
}

#[test]
fn every_offset_points_at_the_same_samples_afterwards() {
    for (_, file) in samples() {
        let labelled = labelled(&file);
        assert_eq!(offsets(&file).len(), offsets(&labelled).len());
        assert!(!offsets(&labelled).is_empty());
        for offset in offsets(&labelled) {
            assert!(labelled[usize::try_from(offset).unwrap()..].starts_with(CHUNK), "{offset}");
        }
        for at in find(&labelled, b"tfra") {
            let moof = boxes::u32_at(&labelled, at + 24).unwrap() as usize;
            assert_eq!(labelled[moof + 4..moof + 8], *b"moof");
        }
    }
}

#[test]
fn what_others_wrote_stays() {
    for (_, file) in samples() {
        let labelled = labelled(&file);
        for foreign in [&b"Lavf59.27.100"[..], b"com.android.version", b"mdirappl"] {
            assert_eq!(find(&file, foreign).len(), find(&labelled, foreign).len());
        }
    }
}

#[test]
fn a_key_joins_the_list_of_the_standard_and_makes_no_second_one() {
    for is_plain in [false, true] {
        let file = header_last(b"isom", &[&atom(b"udta", &[&keyed(is_plain)])]);
        let labelled = labelled(&file);
        assert_eq!(find(&labelled, b"hdlr").len(), 1);
        assert_eq!(media::read(Format::Mp4, &labelled).unwrap().labels[0].place, "moov.udta.meta key AIGC");
    }
}

/// Forms that other writers are seen to use (labels.md 1): each is read, and filled in where it stands.
#[test]
fn labels_in_other_places_are_read_and_stay_there() {
    let json = a_label(7).to_json();
    let text = |kind: &[u8; 4], text: &str| atom(kind, &[&atom(b"data", &[&list::text_body(text)])]);
    let list = |handler: &[u8], items: &[u8]| {
        atom(b"meta", &[&[0; 4], &atom(b"hdlr", &[&[0; 8], handler, &[0; 13]]), &atom(b"ilst", &[items])])
    };
    let free = atom(
        b"----",
        &[
            &atom(b"mean", &[&[0; 4], b"com.apple.iTunes"]),
            &atom(b"name", &[&[0; 4], b"AIGC"]),
            &atom(b"data", &[&list::text_body(&json)]),
        ],
    );
    let wide: Vec<u8> = json.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let wide = atom(b"AIGC", &[&atom(b"data", &[&2_u32.to_be_bytes(), &[0; 4], &wide])]);
    let bare_key = [&list::key(KIND).unwrap()[..]].concat();
    let bare = atom(
        b"meta",
        &[
            &atom(b"hdlr", &[&[0; 8], b"mdta", &[0; 13]]),
            &atom(b"keys", &[&[0; 4], &1_u32.to_be_bytes(), &bare_key]),
            &atom(b"ilst", &[&list::item(1, &json).unwrap()]),
        ],
    );
    let udta = |inner: &[u8]| atom(b"udta", &[inner]);
    for (place, rest) in [
        ("moov.meta key AIGC", bare),
        ("moov.meta item", list(b"mdir", &text(b"AIGC", &json))),
        ("moov.udta.meta item", udta(&list(b"mdir", &free))),
        ("moov.udta.meta item", udta(&list(b"mdir", &wide))),
        ("moov.udta.meta item", udta(&list(b"mdir", &text(b"\xa9cmt", &format!("{{\"AIGC\":{json}}}"))))),
        ("moov.udta.AIGC", udta(&atom(b"AIGC", &[json.as_bytes()]))),
    ] {
        let file = header_last(b"isom", &[&rest]);
        let report = media::report(Format::Mp4, &file);
        assert_eq!(report.hidden, Conformance::Conforming, "{place}");
        assert_eq!(report.found[0].place, place);
        let platform = crate::ProviderCode::parse("001191110102MACQD9K64020000").unwrap();
        let passed = a_label(7).propagated(&platform, "P1");
        let passed_on = media::label(Format::Mp4, &file, &with(&passed)).unwrap();
        let report = media::report(Format::Mp4, &passed_on);
        assert_eq!((report.found.len(), report.found[0].place), (1, place));
    }
}

/// An item of the file's own `meta`, as a cover picture has it.
#[test]
fn locations_of_items_behind_the_header_follow() {
    let movie = |at: usize| atom(b"moov", &[&track(&stco(&[at]))]);
    let file = header_first(b"isom", movie);
    let iloc = |at: usize| {
        let offset = u32::try_from(at).unwrap().to_be_bytes();
        let item = [&[0, 1, 0, 0, 0, 0, 0, 1][..], &offset, &16_u32.to_be_bytes()].concat();
        let iloc = atom(b"iloc", &[&[1, 0, 0, 0, 0x44, 0, 0, 1], &item]);
        atom(b"meta", &[&[0; 4], &atom(b"hdlr", &[&[0; 8], b"pict", &[0; 13]]), &iloc])
    };
    let at = find(&file, CHUNK)[0];
    let labelled = labelled(&[file, iloc(at)].concat());
    let place = find(&labelled, b"iloc")[0] + 20;
    assert_eq!(boxes::u32_at(&labelled, place), u32::try_from(find(&labelled, CHUNK)[0]).ok());
}

#[test]
fn a_segment_index_before_the_header_follows_or_refuses() {
    let sidx = |first: u32, length: u32| {
        let head =
            [&[0; 4][..], &1_u32.to_be_bytes(), &1_u32.to_be_bytes(), &[0; 4], &first.to_be_bytes()].concat();
        atom(b"sidx", &[&head, &[0, 0, 0, 1], &length.to_be_bytes(), &[0; 8]])
    };
    let moov = atom(b"moov", &[&track(&stco(&[]))]);
    let rest = atom(b"mdat", &[CHUNK]);
    let length = u32::try_from(moov.len()).unwrap();
    let over = [ftyp(b"iso5"), sidx(length, 24), moov.clone(), rest.clone()].concat();
    let labelled = labelled(&over);
    let at = find(&labelled, b"sidx")[0];
    let target = at - 4 + sidx(0, 0).len() + boxes::u32_at(&labelled, at + 20).unwrap() as usize;
    assert_eq!(labelled[target + 4..target + 8], *b"mdat");
    let across = [ftyp(b"iso5"), sidx(0, length + 24), moov, rest].concat();
    let refused = media::write(Format::Mp4, &across, &with(&a_label(7)));
    assert_eq!(refused, Err(WriteError::NoPlace("a segment of its index contains the movie header")));
}

#[test]
fn what_cannot_be_read_whole_is_refused() {
    let compressed = [ftyp(b"qt  "), atom(b"moov", &[&atom(b"cmov", &[&[0; 8]])])].concat();
    assert!(matches!(media::read(Format::Mov, &compressed), Err(Broken::Malformed { .. })));
    let keys = atom(b"keys", &[&[0; 4], &u32::MAX.to_be_bytes()]);
    let bomb = header_last(b"isom", &[&atom(b"udta", &[&atom(b"meta", &[&[0; 4], &keys])])]);
    assert!(matches!(media::read(Format::Mp4, &bomb), Err(Broken::Limit { .. })));
    let table = atom(b"stco", &[&[0; 4], &u32::MAX.to_be_bytes()]);
    let bomb = header_first(b"isom", |_| atom(b"moov", &[&track(&table)]));
    let refused = media::write(Format::Mp4, &bomb, &with(&a_label(7)));
    assert!(matches!(refused, Err(WriteError::Broken(Broken::Malformed { .. }))));
    let no_header = [ftyp(b"isom"), atom(b"mdat", &[CHUNK])].concat();
    assert_eq!(media::report(Format::Mp4, &no_header).hidden, Conformance::NotFound);
    assert!(media::write(Format::Mp4, &no_header, &with(&a_label(7))).is_err());
}

/// A picture in the same boxes is another module's.
#[test]
fn pictures_in_boxes_are_left_to_others() {
    for brand in PICTURES {
        assert_eq!(sniff(&ftyp(brand)), None);
    }
}

#[test]
fn makers_and_credentials_are_hints() {
    let tool = |text: &[u8]| atom(b"\xa9too", &[&atom(b"data", &[&1_u32.to_be_bytes(), &[0; 4], text])]);
    let list = |text: &[u8]| {
        let handler = atom(b"hdlr", &[&[0; 8], b"mdirappl", &[0; 9]]);
        atom(b"udta", &[&atom(b"meta", &[&[0; 4], &handler, &atom(b"ilst", &[&tool(text)])])])
    };
    let old = atom(b"udta", &[&atom(b"\xa9swr", &[&[0, 7, 0, 0], b"KlingAI"])]);
    let packet = br#"<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"/></rdf:RDF></x:xmpmeta>"#;
    for (rest, kind) in [
        (list(b"Seedance 1.0"), Some(HintKind::Generator)),
        (list(b"Lavf59.27.100"), None),
        (old, Some(HintKind::Generator)),
    ] {
        let reading = media::read(Format::Mp4, &header_last(b"isom", &[&rest])).unwrap();
        assert_eq!(reading.hints.first().map(|hint| hint.kind), kind);
    }
    for (id, body, kind) in
        [(CREDENTIALS, &b"jumb"[..], HintKind::ContentCredentials), (XMP, packet, HintKind::DigitalSource)]
    {
        let file = [header_last(b"isom", &[]), atom(b"uuid", &[id, body])].concat();
        assert_eq!(media::read(Format::Mp4, &file).unwrap().hints[0].kind, kind);
    }
}
