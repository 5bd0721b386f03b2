mod gif;

mod tiff;

mod webp;

use image::{GenericImageView as _, GrayImage, Rgb, RgbImage, Rgba, RgbaImage};

use super::*;
use crate::Wording;

fn png(picture: &DynamicImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    picture.write_to(&mut Cursor::new(&mut bytes), image::ImageFormat::Png).unwrap();
    bytes
}

fn jpeg(picture: &DynamicImage, quality: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    picture
        .write_with_encoder(image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, quality))
        .unwrap();
    bytes
}

fn decode(bytes: &[u8]) -> DynamicImage {
    image::load_from_memory(bytes).unwrap()
}

fn flat(width: u32, height: u32, grey: u8) -> DynamicImage {
    RgbImage::from_pixel(width, height, Rgb([grey; 3])).into()
}

fn noise(width: u32, height: u32) -> DynamicImage {
    let mut state = 1_u32;
    let pixel = |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let [_, red, green, blue] = state.to_le_bytes();
        Rgb([red, green, blue])
    };
    RgbImage::from_fn(width, height, pixel).into()
}

fn style(text: &str, place: Place) -> VisibleStyle {
    VisibleStyle { wording: Wording::new(text).unwrap(), place, shape: Shape::Plate }
}

/// The rows that hold ink of the characters in `columns`: nearly white on a black picture.
fn ink_rows(picture: &DynamicImage, columns: std::ops::Range<u32>) -> u32 {
    let rows = 0..picture.height();
    let inked = |row: &u32| columns.clone().any(|column| picture.get_pixel(column, *row).0[0] >= 200);
    u32::try_from(rows.filter(inked).count()).unwrap()
}

/// The runs of columns with ink, which are characters and parts of them.
fn characters(picture: &DynamicImage) -> Vec<std::ops::Range<u32>> {
    let inked: Vec<bool> = (0..picture.width()).map(|x| ink_rows(picture, x..x + 1) > 0).collect();
    let mut runs: Vec<std::ops::Range<u32>> = Vec::new();
    for (x, _) in (0..).zip(&inked).filter(|(_, inked)| **inked) {
        match runs.last_mut() {
            Some(run) if run.end == x => run.end = x + 1,
            _ => runs.push(x..x + 1),
        }
    }
    runs
}

#[test]
fn characters_are_a_twentieth_of_the_shortest_side_or_more() {
    for (width, height) in
        [(64, 64), (256, 256), (333, 777), (1024, 1024), (1920, 1080), (2000, 250), (200, 3000)]
    {
        // Of `AI生成` the letters are the lowest, and each stands apart.
        let labelled =
            label_picture(&png(&flat(width, height, 0)), PictureFormat::Png, &VisibleStyle::default());
        let labelled = decode(&labelled.unwrap());
        let runs = characters(&labelled);
        for run in runs.iter().take(2) {
            let rows = ink_rows(&labelled, run.clone());
            assert!(f64::from(rows) >= 0.05 * f64::from(width.min(height)), "{width}x{height}: {rows}");
        }
    }
}

#[test]
fn ideographs_are_a_twentieth_of_the_shortest_side_too() {
    for side in [320, 1000] {
        let style = style("人工智能生成", Place::BottomRight);
        let labelled = label_picture(&png(&flat(side, side, 0)), PictureFormat::Png, &style).unwrap();
        let labelled = decode(&labelled);
        // 人 and 工 stand apart.
        for run in characters(&labelled).into_iter().take(2) {
            assert!(f64::from(ink_rows(&labelled, run)) >= 0.05 * f64::from(side));
        }
    }
}

fn luminance_of(Rgba([red, green, blue, _]): Rgba<u8>) -> f32 {
    let [red, green, blue] = [red, green, blue].map(|value| overlay::luminance(f32::from(value)));
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

#[test]
fn words_stand_out_on_any_ground() {
    let checks = RgbImage::from_fn(400, 400, |x, y| {
        if (x / 16 + y / 16) % 2 == 0 { Rgb([255, 255, 240]) } else { Rgb([10, 60, 10]) }
    });
    let grounds = [
        flat(400, 400, 255),
        flat(400, 400, 0),
        flat(400, 400, 128),
        noise(400, 400),
        RgbImage::from_pixel(400, 400, Rgb([255, 255, 0])).into(),
        checks.into(),
        RgbaImage::from_pixel(400, 400, Rgba([255, 0, 0, 0])).into(),
    ];
    for (at, ground) in grounds.into_iter().enumerate() {
        for place in Place::ALL {
            let style = style("AI生成", place);
            let layout = overlay::Layout::fit(&style, 400, 400).unwrap();
            let labelled = decode(&label_picture(&png(&ground), PictureFormat::Png, &style).unwrap());
            let over_white = |Rgba([red, green, blue, alpha]): Rgba<u8>| {
                let seen = |value: u8| {
                    let alpha = u32::from(alpha);
                    u8::try_from((u32::from(value) * alpha + 255 * (255 - alpha)) / 255).unwrap()
                };
                luminance_of(Rgba([seen(red), seen(green), seen(blue), 255]))
            };
            let (mut ink, mut plate) = (Vec::new(), Vec::new());
            let drawn = layout.draw(overlay::Ground { darkest: 0, brightest: 0 });
            for (index, pixel) in drawn.rgba.as_chunks::<4>().0.iter().enumerate() {
                let index = u32::try_from(index).unwrap();
                let (x, y) = (drawn.x + index % drawn.width, drawn.y + index / drawn.width);
                match pixel {
                    [255, _, _, 255] => ink.push(over_white(labelled.get_pixel(x, y))),
                    [18, ..] if pixel[3] >= 140 => plate.push(over_white(labelled.get_pixel(x, y))),
                    _ => {}
                }
            }
            plate.sort_by(f32::total_cmp);
            let brightest = plate[plate.len() - 1 - plate.len() / 50];
            let darkest_ink = ink.iter().copied().fold(1.0, f32::min);
            let contrast = (darkest_ink + 0.05) / (brightest + 0.05);
            assert!(contrast >= overlay::CONTRAST_MIN * 0.98, "ground {at} {place:?}: {contrast}");
        }
    }
}

#[test]
fn a_label_stands_at_the_edge_and_all_else_stays() {
    let before = noise(640, 480);
    for place in Place::ALL {
        let style = style("AI生成", place);
        let layout = overlay::Layout::fit(&style, 640, 480).unwrap();
        let after = decode(&label_picture(&png(&before), PictureFormat::Png, &style).unwrap());
        let inside = |x: u32, y: u32| {
            (layout.x..layout.x + layout.width).contains(&x)
                && (layout.y..layout.y + layout.height).contains(&y)
        };
        for (x, y, pixel) in before.pixels() {
            assert!(inside(x, y) || after.get_pixel(x, y) == pixel, "{place:?} {x} {y}");
        }
        let from_edge = layout.y.min(480 - layout.y - layout.height);
        assert!(from_edge <= 24, "{place:?}: {from_edge} rows from the edge");
    }
}

#[test]
fn a_picture_without_room_is_refused() {
    let refused = label_picture(&png(&flat(24, 24, 0)), PictureFormat::Png, &VisibleStyle::default());
    assert!(matches!(refused, Err(MediaError::TooSmall { width: 24, height: 24, .. })));
}

#[test]
fn depth_and_transparency_stay() {
    let deep = image::ImageBuffer::from_fn(200, 200, |x, y| {
        image::Rgba([u16::try_from(x * 300 + 7).unwrap(), u16::try_from(y * 300 + 3).unwrap(), 513, 40_001])
    });
    let deep = DynamicImage::ImageRgba16(deep);
    let after = decode(&label_picture(&png(&deep), PictureFormat::Png, &VisibleStyle::default()).unwrap());
    let (DynamicImage::ImageRgba16(before), DynamicImage::ImageRgba16(after)) = (deep, after) else {
        panic!("the depth changed");
    };
    assert_eq!(before.get_pixel(3, 5), after.get_pixel(3, 5));
    assert!(before.rows().take(150).zip(after.rows()).all(|(before, after)| before.eq(after)));
    assert_ne!(before, after);
}

/// A chunk of a PNG with its right checksum is not needed: the decoder is told nothing of unknown ones.
fn with_chunk(png: &[u8], name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut crc = 0xffff_ffff_u32;
    for byte in name.iter().chain(data) {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 };
        }
    }
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    [&png[..33], &length, name, data, &(!crc).to_be_bytes(), &png[33..]].concat()
}

/// EXIF with nothing but an orientation.
fn exif(orientation: u8) -> Vec<u8> {
    [b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".as_slice(), &[orientation, 0, 0, 0], &[0; 4]].concat()
}

#[test]
fn chunks_of_a_png_stay_byte_for_byte() {
    let text = with_chunk(&png(&flat(100, 100, 9)), b"tEXt", b"Author\0Somebody");
    let both = with_chunk(&text, b"eXIf", &exif(1));
    let labelled = label_picture(&both, PictureFormat::Png, &VisibleStyle::default()).unwrap();
    for (name, wanted) in [(b"tEXt", b"Author\0Somebody".to_vec()), (b"eXIf", exif(1))] {
        let whole = [&name[..], &wanted].concat();
        assert!(labelled.windows(whole.len()).any(|window| window == whole), "{name:?}");
    }
}

#[test]
fn the_label_is_upright_as_seen() {
    let upright = decode(
        &label_picture(&png(&flat(300, 200, 0)), PictureFormat::Png, &VisibleStyle::default()).unwrap(),
    );
    for turn in 1..=8 {
        let orientation = Orientation::from_exif(turn).unwrap();
        let size = if turn >= 5 { (200, 300) } else { (300, 200) };
        let turned = with_chunk(&png(&flat(size.0, size.1, 0)), b"eXIf", &exif(turn));
        let labelled = label_picture(&turned, PictureFormat::Png, &VisibleStyle::default()).unwrap();
        let mut shown = decode(&labelled);
        assert_eq!(shown.dimensions(), size, "the pixels stay as they were stored");
        shown.apply_orientation(orientation);
        assert!(shown == upright, "orientation {turn}");
    }
}

#[test]
fn an_animated_png_is_not_half_labelled() {
    let animated = with_chunk(&png(&flat(100, 100, 0)), b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]);
    let refused = label_picture(&animated, PictureFormat::Png, &VisibleStyle::default());
    assert!(matches!(refused, Err(MediaError::Unsupported(_))));
}

#[test]
fn a_jpeg_keeps_its_quality_and_its_segments() {
    let picture = noise(160, 160);
    for quality in [80, 85, 90, 95, 98, 100] {
        let plain = jpeg(&picture, quality);
        let comment = [&plain[..2], &[0xff, 0xfe, 0, 7], b"hello", &plain[2..]].concat();
        let labelled = label_picture(&comment, PictureFormat::Jpeg, &VisibleStyle::default()).unwrap();
        assert_eq!(&labelled[..11], &comment[..11]);
        assert_eq!(decode(&labelled).dimensions(), (160, 160));
        let tables = |bytes: &[u8]| {
            let at = bytes.windows(2).position(|marker| marker == [0xff, 0xdb]).unwrap();
            bytes[at..at + 69].to_vec()
        };
        assert_eq!(tables(&labelled), tables(&plain), "quality {quality}");
    }
}

#[test]
fn a_jpeg_on_its_side_is_labelled_upright() {
    let plain = jpeg(&flat(200, 300, 0), 95);
    let app1 = [b"Exif\0\0".as_slice(), &exif(6)].concat();
    let length = u16::try_from(app1.len() + 2).unwrap().to_be_bytes();
    let turned = [&plain[..2], &[0xff, 0xe1], &length, &app1, &plain[2..]].concat();
    let mut shown = decode(&label_picture(&turned, PictureFormat::Jpeg, &VisibleStyle::default()).unwrap());
    shown.apply_orientation(Orientation::Rotate90);
    let bright = shown.pixels().filter(|(.., pixel)| pixel.0[0] > 230);
    assert!(bright.clone().count() > 100);
    assert!(bright.into_iter().all(|(x, y, _)| x > 150 && y > 150), "in the right lower corner as seen");
}

#[test]
fn a_grey_jpeg_stays_grey() {
    let grey = DynamicImage::ImageLuma8(GrayImage::from_pixel(120, 120, image::Luma([200])));
    let labelled = label_picture(&jpeg(&grey, 90), PictureFormat::Jpeg, &VisibleStyle::default()).unwrap();
    assert!(matches!(decode(&labelled), DynamicImage::ImageLuma8(_)));
}

#[test]
fn a_bomb_is_refused_by_its_head() {
    let mut bomb = png(&flat(64, 64, 0));
    bomb[16..24].copy_from_slice(&[0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]);
    let whole = [&bomb[8..12], &bomb[12..29]].concat();
    let fixed = with_chunk(&[&bomb[..8], &[0; 25]].concat(), b"IHDR", &whole[8..]);
    let bomb = [&bomb[..8], &fixed[33..58], &bomb[33..]].concat();
    let refused = label_picture(&bomb, PictureFormat::Png, &VisibleStyle::default());
    assert!(matches!(refused, Err(MediaError::Limit { what: "pixels", .. })), "{refused:?}");
}

#[test]
fn the_mark_sees_the_label_and_changes_what_leaves() {
    let mut bright = 0;
    let mut mark = |view: Rgb8View<'_>| {
        bright = view.pixels.iter().filter(|value| **value > 200).count();
        view.pixels.iter_mut().step_by(3).for_each(|red| *red = red.saturating_add(1));
    };
    let style = VisibleStyle::default();
    let before = png(&flat(200, 200, 50));
    let treatment = Treatment { visible: Some(&style), mark: Some(&mut mark) };
    let after = decode(&treat_picture(&before, PictureFormat::Png, treatment).unwrap());
    assert!(bright > 0, "the label is there before the mark");
    assert_eq!(after.get_pixel(0, 0), Rgba([51, 50, 50, 255]));
}

#[test]
fn a_mark_moves_deep_and_grey_pixels_by_the_difference() {
    let mut mark =
        |view: Rgb8View<'_>| view.pixels.iter_mut().for_each(|value| *value = value.saturating_add(2));
    let deep = DynamicImage::ImageRgb16(image::ImageBuffer::from_pixel(8, 8, Rgb([1_000_u16, 2_001, 3_002])));
    let treatment = Treatment { visible: None, mark: Some(&mut mark) };
    let DynamicImage::ImageRgb16(after) =
        decode(&treat_picture(&png(&deep), PictureFormat::Png, treatment).unwrap())
    else {
        panic!("the depth changed");
    };
    assert_eq!(after.get_pixel(0, 0), &Rgb([1_514, 2_515, 3_516]));
    let grey = DynamicImage::ImageLuma8(GrayImage::from_pixel(8, 8, image::Luma([10])));
    let treatment = Treatment { visible: None, mark: Some(&mut mark) };
    let after = decode(&treat_picture(&png(&grey), PictureFormat::Png, treatment).unwrap());
    assert_eq!(after.get_pixel(0, 0).0[0], 12);
}

#[test]
fn broken_files_are_errors() {
    for whole in [png(&noise(80, 80)), jpeg(&noise(80, 80), 90)] {
        let format = PictureFormat::sniff(&whole).unwrap();
        for length in (0..whole.len()).step_by(97) {
            // A JPEG that ends early is shown as far as it goes; a panic is what must not be.
            let _ = label_picture(&whole[..length], format, &VisibleStyle::default());
        }
    }
}

#[test]
fn what_is_read_is_what_was_written() {
    let picture = noise(40, 30).to_rgb8();
    let rgb = Rgb8 { width: 40, height: 30, pixels: picture.into_raw() };
    let written = write_png(&rgb).unwrap();
    assert_eq!(read_picture(&written, PictureFormat::Png).unwrap(), rgb);
    assert!(write_png(&Rgb8 { width: 41, ..rgb }).is_err());
}

#[test]
fn what_is_drawn_in_memory_is_what_is_drawn_in_a_file() {
    let mut picture = Rgb8 { width: 200, height: 160, pixels: noise(200, 160).into_bytes() };
    let file =
        label_picture(&write_png(&picture).unwrap(), PictureFormat::Png, &VisibleStyle::default()).unwrap();
    draw_label(&mut picture, &VisibleStyle::default()).unwrap();
    assert_eq!(read_picture(&file, PictureFormat::Png).unwrap(), picture);
    picture.width += 1;
    assert!(draw_label(&mut picture, &VisibleStyle::default()).is_err());
}
