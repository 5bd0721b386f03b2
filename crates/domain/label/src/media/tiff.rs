//! TIFF, BigTIFF among it: the label is XMP in the field 0x02BC of the first directory (TC260-PG-20259A). Read is EXIF too.
//!
//! Nothing of a file moves: what is new stands behind everything.

use super::{
    Broken, Edits, Found, Hint, HintKind, Marks, Reading, WriteError,
    exif::Exif,
    ifd::{Directory, Layout},
    xmp::{self, Packet},
};

const XMP: u16 = 0x02BC;
const CREDENTIALS: u16 = 0xCD41;

/// Every label and hint of the first picture.
pub(super) fn read(bytes: &[u8]) -> Result<Reading, Broken> {
    let mut reading = Reading::default();
    let (_, directory) = first(bytes)?;
    if let Some(entry) = directory.entry(XMP) {
        let broken = Broken::Malformed { what: "a TIFF field outside the file", at: directory.whole.start };
        let place = entry.value.clone().ok_or(broken)?;
        let packet = bytes.get(place.clone()).unwrap_or_default();
        reading.packet(&place, Packet::read(packet, place.start)?);
    }
    if directory.entry(CREDENTIALS).is_some() {
        reading.hint(Hint::new(HintKind::ContentCredentials, "TIFF field 0xCD41", ""));
    }
    reading.exif(&directory.whole, Exif::read(bytes));
    Ok(reading)
}

/// Puts the field into a new first directory, or another packet behind everything if the old one has no room for it.
pub(super) fn write(bytes: &[u8], present: Option<&Found>, marks: &Marks<'_>) -> Result<Edits, WriteError> {
    let (layout, directory) = first(bytes)?;
    if present.is_some_and(|found| found.range == directory.whole) {
        let edits = Exif::read(bytes).replace(bytes, marks);
        return edits.ok_or(WriteError::NoPlace("its EXIF cannot be changed"));
    }
    let Some(entry) = directory.entry(XMP) else {
        let packet = xmp::packet(marks);
        return layout.add(bytes, &directory, XMP, packet.as_bytes()).ok_or(TOO_LONG);
    };
    let place = entry.value.clone().unwrap_or_default();
    let old = bytes.get(place.clone()).unwrap_or_default();
    let edits = Packet::read(old, place.start)?.put(old, marks)?;
    if edits.growth() == 0 {
        return Ok(Edits::none().and_within(place.start, &edits));
    }
    layout.set(bytes, entry, &edits.apply(old)).ok_or(TOO_LONG)
}

const TOO_LONG: WriteError = WriteError::NoPlace("a TIFF file has at most 4 GiB and 4096 fields");

fn first(bytes: &[u8]) -> Result<(Layout, Directory), Broken> {
    let (layout, at) = Layout::of(bytes).ok_or(Broken::Truncated { what: "the TIFF head", at: 0 })?;
    Ok((layout, layout.directory(bytes, at)?))
}

#[cfg(test)]
pub(super) fn samples() -> Vec<Vec<u8>> {
    use super::exif;

    let picture = exif::block(&[(0x0131, b"GIMP 2.10\0"), (0x0132, b"2025:09:01 00:00:00\0")], &[]);
    let packet = xmp::sample();
    let padded = packet.replace(&" ".repeat(100), &" ".repeat(2000));
    let with = |packet: &str| exif::block(&[(0x0131, b"GIMP 2.10\0"), (XMP, packet.as_bytes())], &[]);
    // Big ends first: one field of text, then its directory.
    let big =
        [b"MM\0\x2a\0\0\0\x10photo\0\0\0\0\x01\x01\x31\0\x02\0\0\0\x06\0\0\0\x08\0\0\0\0".as_slice(), b"x"]
            .concat();
    let wide = [
        &b"II\x2b\0\x08\0\0\0"[..],
        &24_u64.to_le_bytes(),
        b"a photo\0",
        &1_u64.to_le_bytes(),
        &[0x31, 1, 2, 0],
        &16_u64.to_le_bytes(),
        &16_u64.to_le_bytes(),
        &0_u64.to_le_bytes(),
    ]
    .concat();
    vec![picture, with(&packet), with(&padded), big, wide]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{self, Conformance, Format, exif, tests::a_label};

    fn labelled(file: &[u8]) -> Vec<u8> {
        let label = a_label(7);
        media::label(Format::Tiff, file, &Marks { label: &label, source: None }).unwrap()
    }

    #[test]
    fn what_a_picture_has_stays_where_it_was() {
        for file in samples() {
            let new = labelled(&file);
            let (layout, directory) = first(&new).unwrap();
            let (_, before) = first(&file).unwrap();
            assert!(directory.entries.is_sorted_by_key(|entry| entry.tag));
            for entry in before.entries.iter().filter(|entry| entry.tag != XMP) {
                let now = directory.entry(entry.tag).unwrap();
                let value =
                    |bytes: &[u8], range| bytes.get::<std::ops::Range<usize>>(range).unwrap().to_vec();
                assert_eq!(
                    value(&file, entry.value.clone().unwrap()),
                    value(&new, now.value.clone().unwrap())
                );
            }
            assert_eq!(layout.directory(&new, directory.whole.start).unwrap(), directory);
        }
    }

    #[test]
    fn a_field_around_its_own_directory_takes_no_label() {
        let mut file = samples().remove(1);
        let length = u32::try_from(file.len()).unwrap();
        // The count and the place of the second entry.
        file[26..30].copy_from_slice(&length.to_le_bytes());
        file[30..34].fill(0);
        let label = a_label(7);
        let written = media::write(Format::Tiff, &file, &Marks { label: &label, source: None });
        let expected = Broken::Malformed { what: "parts that overlap", at: 24 };
        assert_eq!(written, Err(WriteError::Broken(expected)));
    }

    #[test]
    fn padding_keeps_the_length_of_a_file() {
        let file = samples().remove(2);
        assert_eq!(labelled(&file).len(), file.len());
    }

    #[test]
    fn a_label_in_exif_is_replaced_there() {
        let text = format!("ASCII\0\0\0{{\"AIGC\":{}}}", a_label(7).to_json());
        let file = exif::block(&[(0x0131, b"GIMP 2.10\0")], &[(0x9286, text.as_bytes())]);
        let platform = crate::ProviderCode::parse("00119144030008867405X220001").unwrap();
        let passed = a_label(7).propagated(&platform, "p-1");
        let new = media::label(Format::Tiff, &file, &Marks { label: &passed, source: None }).unwrap();
        let report = media::report(Format::Tiff, &new);
        assert_eq!((report.hidden, report.found.len()), (Conformance::Conforming, 1));
        assert_eq!(report.found[0].place, "EXIF UserComment");
    }
}
