use ::tiff::{
    decoder::Decoder,
    encoder::{Compression, DeflateLevel, Predictor, TiffEncoder, colortype},
    tags::Tag,
};

use super::*;

const EXIF_MARK: &[u8] = b"maker's note with offsets of its own";

/// A file with a description and bytes that nothing but an offset leads to.
fn tiff(compression: Compression, pixels: &RgbImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut bytes).unwrap().with_compression(compression).with_predictor(
        if compression == Compression::Uncompressed { Predictor::None } else { Predictor::Horizontal },
    );
    let mut picture = encoder.new_image::<colortype::RGB8>(pixels.width(), pixels.height()).unwrap();
    picture.encoder().write_tag(Tag::ImageDescription, "a description").unwrap();
    picture.encoder().write_tag(Tag::Unknown(37_500), EXIF_MARK).unwrap();
    picture.write_data(pixels).unwrap();
    bytes.into_inner()
}

fn tag(bytes: &[u8], tag: Tag) -> ::tiff::decoder::ifd::Value {
    Decoder::new(Cursor::new(bytes)).unwrap().get_tag(tag).unwrap()
}

#[test]
fn what_the_directory_points_at_stays_where_it_was() {
    let before = noise(150, 150).to_rgb8();
    let deflate = Compression::Deflate(DeflateLevel::Balanced);
    for compression in [Compression::Uncompressed, Compression::Lzw, deflate, Compression::Packbits] {
        let file = tiff(compression, &before);
        let after = label_picture(&file, PictureFormat::Tiff, &VisibleStyle::default()).unwrap();
        let place = |bytes: &[u8]| bytes.windows(EXIF_MARK.len()).position(|window| window == EXIF_MARK);
        assert_eq!(place(&file), place(&after));
        for kept in [Tag::ImageDescription, Tag::Unknown(37_500)] {
            assert_eq!(tag(&file, kept), tag(&after, kept));
        }
        let labelled = decode(&after).to_rgb8();
        assert!(
            before
                .enumerate_pixels()
                .filter(|(_, y, _)| *y < 110)
                .all(|(x, y, pixel)| labelled.get_pixel(x, y) == pixel)
        );
        assert_ne!(before, labelled);
    }
}

#[test]
fn the_old_pixels_are_gone() {
    let before = noise(150, 150).to_rgb8();
    let file = tiff(Compression::Uncompressed, &before);
    let after = label_picture(&file, PictureFormat::Tiff, &VisibleStyle::default()).unwrap();
    assert!(after.len() < file.len() + 1_000, "the new pixels stand where the old ones were");
    let under_the_label = &before.as_raw()[before.as_raw().len() - 150 * 3 * 12 - 90..][..60];
    assert!(file.windows(60).any(|window| window == under_the_label));
    assert!(!after.windows(60).any(|window| window == under_the_label));
}

/// The same file with its numbers the other way round.
fn big_endian(width: u16, height: u16, samples: &[u16]) -> Vec<u8> {
    let entries: [(u16, u16, u32, u32); 11] = [
        (256, 3, 1, u32::from(width) << 16),
        (257, 3, 1, u32::from(height) << 16),
        (258, 3, 3, 8),
        (259, 3, 1, 1 << 16),
        (262, 3, 1, 2 << 16),
        (273, 4, 1, 14),
        (274, 3, 1, 1 << 16),
        (277, 3, 1, 3 << 16),
        (278, 3, 1, u32::from(height) << 16),
        (279, 4, 1, u32::try_from(samples.len() * 2).unwrap()),
        (284, 3, 1, 1 << 16),
    ];
    let pixels: Vec<u8> = samples.iter().flat_map(|sample| sample.to_be_bytes()).collect();
    let at = u32::try_from(14 + pixels.len()).unwrap();
    let mut bytes =
        [b"MM\0*".as_slice(), &at.to_be_bytes(), &[0, 16, 0, 16, 0, 16], &pixels, &[0, 11]].concat();
    for (tag, kind, count, value) in entries {
        bytes.extend([tag.to_be_bytes(), kind.to_be_bytes()].concat());
        bytes.extend([count.to_be_bytes(), value.to_be_bytes()].concat());
    }
    bytes.extend([0; 4]);
    bytes
}

#[test]
fn samples_of_16_bits_keep_the_order_of_the_file() {
    let samples: Vec<u16> =
        (0..100 * 100 * 3).map(|at: u32| u16::try_from((at * 37) & 0xffff).unwrap()).collect();
    let before = big_endian(100, 100, &samples);
    let after = label_picture(&before, PictureFormat::Tiff, &VisibleStyle::default()).unwrap();
    assert!(after.starts_with(b"MM\0*"));
    let DynamicImage::ImageRgb16(labelled) = decode(&after) else { panic!("the depth changed") };
    assert_eq!(labelled.as_raw()[..100 * 3 * 60], samples[..100 * 3 * 60]);
    assert_ne!(labelled.as_raw(), &samples);
}

#[test]
fn several_pages_are_refused() {
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut bytes).unwrap();
    for _ in 0..2 {
        encoder.write_image::<colortype::Gray8>(100, 100, &[0; 10_000]).unwrap();
    }
    let refused = label_picture(&bytes.into_inner(), PictureFormat::Tiff, &VisibleStyle::default());
    assert!(matches!(refused, Err(MediaError::Unsupported(_))));
}

#[test]
fn damaged_files_are_errors() {
    let whole = tiff(Compression::Lzw, &flat(60, 60, 3).to_rgb8());
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 0xff;
        let _ = label_picture(&damaged, PictureFormat::Tiff, &VisibleStyle::default());
        let _ = label_picture(&whole[..at], PictureFormat::Tiff, &VisibleStyle::default());
    }
}
