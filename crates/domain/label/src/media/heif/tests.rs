//! Tests of HEIF, and its samples.

use super::*;
use crate::{
    Conformance,
    media::{self, boxes::whole, exif, iloc::field, tests::a_label},
};

/// What the widths of a picture's tables are, and where its parts stand.
#[derive(Clone, Copy)]
struct Shape {
    brand: &'static [u8; 4],
    /// Of `iloc`.
    version: u8,
    offset_width: usize,
    base_width: usize,
    /// Of `iinf`, `pitm` and `iref`.
    is_wide: bool,
    has_references: bool,
    /// The data of items comes before `meta`.
    is_data_first: bool,
}

const SHAPE: Shape = Shape {
    brand: b"heic",
    version: 0,
    offset_width: 4,
    base_width: 0,
    is_wide: false,
    has_references: false,
    is_data_first: false,
};

fn boxed(kind: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    whole(*kind, &parts.concat()).unwrap()
}

fn number(value: usize, width: usize) -> Vec<u8> {
    field(value as u64, width).unwrap()
}

/// A picture of one item and these of metadata, in `mdat`.
fn picture(shape: Shape, metadata: &[(&[u8], &[u8])]) -> Vec<u8> {
    let Shape { version, offset_width, base_width, is_wide, .. } = shape;
    let width = if is_wide { 4 } else { 2 };
    let full = [u8::from(is_wide), 0, 0, 0];
    let items: Vec<(&[u8], &[u8])> =
        [(&b"hvc1\0"[..], &b"a picture"[..])].iter().chain(metadata).copied().collect();
    let infos: Vec<_> = items
        .iter()
        .zip(1..)
        .map(|((kind, _), id)| boxed(b"infe", &[&[2, 0, 0, 0], &number(id, 2), &[0, 0], kind]))
        .collect();
    let data: Vec<u8> = items.iter().flat_map(|(_, data)| data.iter()).copied().collect();
    let meta = |data_at: usize| {
        let mut at = data_at;
        let places: Vec<_> = items
            .iter()
            .zip(1..)
            .map(|((_, data), id)| {
                let id = number(id, if version < 2 { 2 } else { 4 });
                let method = &[0, 0][..if version == 0 { 0 } else { 2 }];
                let (base, offset) = if base_width == 0 { (0, at) } else { (at, 0) };
                at += data.len();
                [
                    &id[..],
                    method,
                    &[0, 0],
                    &number(base, base_width),
                    &[0, 1],
                    &number(offset, offset_width),
                    &number(data.len(), 4),
                ]
                .concat()
            })
            .collect();
        let widths = [u8::try_from(offset_width << 4).unwrap() | 4, u8::try_from(base_width << 4).unwrap()];
        let count = number(items.len(), if version < 2 { 2 } else { 4 });
        let iref =
            boxed(b"iref", &[&full, &boxed(b"thmb", &[&number(1, width), &[0, 1], &number(1, width)])]);
        boxed(
            b"meta",
            &[
                &[0; 4],
                &boxed(b"hdlr", &[&[0; 8], b"pict", &[0; 13]]),
                &boxed(b"pitm", &[&full, &number(1, width)]),
                &boxed(b"iloc", &[&[version, 0, 0, 0], &widths, &count, &places.concat()]),
                &boxed(b"iinf", &[&full, &number(items.len(), width), &infos.concat()]),
                if shape.has_references { &iref } else { &[] },
            ],
        )
    };
    let ftyp = boxed(b"ftyp", &[shape.brand, &[0; 4], b"mif1", shape.brand]);
    let mdat = boxed(b"mdat", &[&data]);
    if shape.is_data_first {
        return [&ftyp[..], &mdat, &meta(ftyp.len() + 8)].concat();
    }
    let meta = meta(ftyp.len() + meta(0).len() + 8);
    [ftyp, meta, mdat].concat()
}

const XMP: &[u8] = b"mime\0application/rdf+xml\0";

pub(in super::super) fn samples(format: Format) -> Vec<Vec<u8>> {
    let exif = [&[0; 4][..], &exif::sample()].concat();
    let packet = xmp::sample();
    let padded = packet.replace(&" ".repeat(100), &" ".repeat(2000));
    let avif = Shape { brand: b"avif", ..SHAPE };
    match format {
        Format::Avif => vec![
            picture(avif, &[]),
            picture(Shape { version: 1, has_references: true, ..avif }, &[(b"Exif\0", &exif)]),
            picture(avif, &[(XMP, padded.as_bytes())]),
        ],
        _ => vec![
            picture(SHAPE, &[]),
            picture(
                Shape { version: 2, is_wide: true, has_references: true, ..SHAPE },
                &[(b"Exif\0", &exif)],
            ),
            picture(Shape { is_data_first: true, ..SHAPE }, &[(XMP, packet.as_bytes())]),
            picture(
                Shape { version: 1, base_width: 4, offset_width: 0, ..SHAPE },
                &[(XMP, packet.as_bytes())],
            ),
            picture(Shape { base_width: 4, offset_width: 4, ..SHAPE }, &[(b"Exif\0", &exif)]),
        ],
    }
}

fn labelled(file: &[u8]) -> Vec<u8> {
    let label = a_label(7);
    let format = sniff(file).unwrap();
    media::label(format, file, &Marks { label: &label, source: None }).unwrap()
}

/// The data of an item that is no metadata, as its table says.
fn picture_of(file: &[u8]) -> Vec<u8> {
    let meta = Boxes::within(file, 0..file.len()).first(*b"meta").unwrap().unwrap();
    let iloc = media::iloc::children_of_meta(file, &meta).first(*b"iloc").unwrap().unwrap();
    let table = media::iloc::Locations::read(file, &iloc).unwrap();
    let place = table.of(1).unwrap();
    let at = usize::try_from(place.base.value + place.extents[0].offset.value).unwrap();
    file[at..][..usize::try_from(place.extents[0].length).unwrap()].to_vec()
}

#[test]
fn the_picture_is_found_where_it_went() {
    for file in [samples(Format::Avif), samples(Format::Heic)].concat() {
        assert_eq!(picture_of(&file), b"a picture");
        assert_eq!(picture_of(&labelled(&file)), b"a picture");
        assert!(labelled(&file).windows(9).filter(|data| data == b"a picture").count() == 1);
    }
}

#[test]
fn padding_keeps_everything_in_place() {
    let file = samples(Format::Avif).remove(2);
    assert_eq!(labelled(&file).len(), file.len());
}

#[test]
fn a_label_in_exif_is_replaced_there() {
    let text = format!("ASCII\0\0\0{{\"AIGC\":{}}}", a_label(7).to_json());
    let exif = [&[0, 0, 0, 6][..], b"Exif\0\0", &exif::block(&[], &[(0x9286, text.as_bytes())])].concat();
    let file = picture(SHAPE, &[(b"Exif\0", &exif)]);
    let platform = crate::ProviderCode::parse("00119144030008867405X220001").unwrap();
    let passed = a_label(7).propagated(&platform, "p-1");
    let new = media::label(Format::Heic, &file, &Marks { label: &passed, source: None }).unwrap();
    let report = media::report(Format::Heic, &new);
    assert_eq!((report.hidden, report.found.len()), (Conformance::Conforming, 1));
    assert_eq!(report.found[0].place, "EXIF UserComment");
    assert_eq!(picture_of(&new), b"a picture");
}

#[test]
fn an_item_that_cannot_be_read_leaves_the_verdict_open() {
    let check = |kind: &[u8]| read(&picture(SHAPE, &[(kind, b"data")]));
    assert!(matches!(check(b"mime\0application/rdf+xml\0deflate\0"), Err(Broken::Malformed { .. })));
    assert!(matches!(check(b""), Err(Broken::Truncated { .. })));
    assert_eq!(check(b"mime\0text/plain\0"), Ok(Reading::default()));
    let many: Vec<(&[u8], &[u8])> = vec![(b"Exif\0", b"data"); 17];
    assert!(matches!(read(&picture(SHAPE, &many)), Err(Broken::Limit { .. })));
}

#[test]
fn an_open_end_stays_open() {
    let mut file = samples(Format::Heic).remove(0);
    let at = file.len() - 8 - b"a picture".len();
    file[at..at + 4].fill(0);
    assert_eq!(picture_of(&labelled(&file)), b"a picture");
}

#[test]
fn content_credentials_are_a_hint() {
    let uuid = boxed(b"uuid", &[&CREDENTIALS, b"boxes"]);
    let file = [samples(Format::Heic).remove(0), uuid].concat();
    let expected = Hint::new(HintKind::ContentCredentials, "BMFF uuid", "");
    assert_eq!(read(&file).unwrap().hints, [expected]);
}

#[test]
fn brands_tell_pictures_from_video() {
    let ftyp = |brands: &[&[u8]]| boxed(b"ftyp", &[brands[0], &[0; 4], &brands.concat()]);
    assert_eq!(sniff(&ftyp(&[b"avis", b"msf1"])), Some(Format::Avif));
    assert_eq!(sniff(&ftyp(&[b"mif1", b"avif"])), Some(Format::Avif));
    assert_eq!(sniff(&ftyp(&[b"mif1", b"heic"])), Some(Format::Heic));
    assert_eq!(sniff(&ftyp(&[b"isom", b"mif1"])), None);
}
