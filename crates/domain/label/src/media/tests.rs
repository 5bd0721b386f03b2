//! What holds for every format. Each module gives its `samples`: small whole files, with what real ones have in them.

use proptest::prelude::*;
use terms::ProduceId;

use super::*;
use crate::ProviderCode;

pub(super) fn samples() -> Vec<(Format, Vec<u8>)> {
    let of = |format, files: Vec<Vec<u8>>| files.into_iter().map(move |file| (format, file));
    let mut all = mp4::samples();
    all.extend(ogg::samples());
    all.extend(mkv::samples());
    all.extend(of(Format::Avi, avi::samples()));
    all.extend(of(Format::Avif, heif::samples(Format::Avif)));
    all.extend(of(Format::Docx, ooxml::samples(Format::Docx)));
    all.extend(of(Format::Flac, flac::samples()));
    all.extend(of(Format::Gif, gif::samples()));
    all.extend(of(Format::Heic, heif::samples(Format::Heic)));
    all.extend(of(Format::Html, html::samples()));
    all.extend(of(Format::Jpeg, jpeg::samples()));
    all.extend(of(Format::Mp3, mp3::samples()));
    all.extend(of(Format::Pdf, pdf::samples()));
    all.extend(of(Format::Png, png::samples()));
    all.extend(of(Format::Pptx, ooxml::samples(Format::Pptx)));
    all.extend(of(Format::Svg, svg::samples()));
    all.extend(of(Format::Tiff, tiff::samples()));
    all.extend(of(Format::Wav, wav::samples()));
    all.extend(of(Format::Webp, webp::samples()));
    all.extend(of(Format::Xlsx, ooxml::samples(Format::Xlsx)));
    all
}

pub(super) fn a_label(number: u128) -> AigcLabel {
    AigcLabel::new(
        &ProviderCode::parse("001191110102MACQD9K64010000").unwrap(),
        &ProduceId::from_u128(number),
    )
}

pub(super) fn with(label: &AigcLabel) -> Marks<'_> {
    Marks { label, source: Some(DigitalSource::TrainedAlgorithmicMedia) }
}

/// How many bytes of the original stay.
fn kept(edits: &Edits, original: &[u8]) -> usize {
    original.len() - edits.as_slice().iter().map(|edit| edit.range.len()).sum::<usize>()
}

#[test]
fn every_format_has_samples_that_are_sniffed() {
    for &format in Format::ALL {
        assert!(samples().iter().any(|sample| sample.0 == format), "{format:?}");
    }
    for (format, file) in samples() {
        assert_eq!(Format::sniff(&file), Some(format));
        assert_eq!(report(format, &file).hidden, Conformance::NotFound);
    }
}

#[test]
fn a_written_label_is_read_back_and_is_the_only_one() {
    for (format, file) in samples() {
        let label = a_label(7).with_reserved_code1("a\"b\\c<&>'");
        let labelled = super::label(format, &file, &with(&label)).unwrap();
        let report = report(format, &labelled);
        assert_eq!(report.hidden, Conformance::Conforming, "{format:?}");
        assert_eq!(report.label.unwrap().to_json(), label.to_json());
        assert_eq!(Format::sniff(&labelled), Some(format));
    }
}

#[test]
fn a_propagator_is_filled_in_and_no_other_label_is_taken_out() {
    let platform = ProviderCode::parse("001191110102MACQD9K64020000").unwrap();
    for (format, file) in samples() {
        let labelled = super::label(format, &file, &with(&a_label(7))).unwrap();
        let passed = a_label(7).propagated(&platform, "P1");
        let propagated = super::label(format, &labelled, &with(&passed)).unwrap();
        assert_eq!(report(format, &propagated).label.unwrap().to_json(), passed.to_json(), "{format:?}");
        assert_eq!(write(format, &labelled, &with(&a_label(8))), Err(WriteError::Foreign));
        // To fill in the same again changes nothing.
        assert_eq!(super::label(format, &propagated, &with(&passed)).unwrap(), propagated, "{format:?}");
    }
}

#[test]
fn little_of_a_file_is_touched() {
    for (format, file) in samples() {
        let edits = write(format, &file, &with(&a_label(7))).unwrap();
        // A part of an archive is packed anew as a whole.
        assert!(kept(&edits, &file) + 1024 >= file.len(), "{format:?}: {edits:?}");
    }
}

#[test]
fn a_file_cut_anywhere_gives_an_error_or_a_verdict() {
    for (format, file) in samples() {
        let labelled = super::label(format, &file, &with(&a_label(7))).unwrap();
        for end in 0..labelled.len() {
            let cut = labelled.get(..end).unwrap();
            let _ = Format::sniff(cut);
            let _ = report(format, cut);
            let _ = super::label(format, cut, &with(&a_label(8)));
        }
    }
}

proptest! {
    #[test]
    fn flipped_bits_give_an_error_or_a_verdict(seed: u64, flips in 1_usize..8) {
        for (format, file) in samples() {
            let mut labelled = super::label(format, &file, &with(&a_label(7))).unwrap();
            let mut state = seed;
            for _ in 0..flips {
                state = state.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(1);
                let at = usize::try_from(state >> 35).unwrap() % labelled.len();
                labelled[at] ^= 1 << ((state >> 32) & 7);
            }
            let _ = report(format, &labelled);
            let _ = super::label(format, &labelled, &with(&a_label(8)));
        }
    }

    #[test]
    fn foreign_bytes_never_panic(bytes: Vec<u8>) {
        for &format in Format::ALL {
            let _ = report(format, &bytes);
            let _ = super::label(format, &bytes, &with(&a_label(8)));
        }
    }
}
