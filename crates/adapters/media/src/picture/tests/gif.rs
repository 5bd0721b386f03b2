use ::gif::{DisposalMethod, Encoder, Extension, Frame, Repeat};
use image::{AnimationDecoder as _, Delay, codecs::gif::GifDecoder};

use super::*;

/// Sixteen greys.
fn palette() -> Vec<u8> {
    (0..16_u8).flat_map(|grey| [grey * 16; 3]).collect()
}

fn frame(left: u16, top: u16, width: u16, height: u16, index: u8, dispose: DisposalMethod) -> Frame<'static> {
    let pixels = vec![index; usize::from(width) * usize::from(height)];
    let mut frame = Frame::from_indexed_pixels(width, height, pixels, None);
    (frame.left, frame.top, frame.dispose, frame.delay) = (left, top, dispose, 7);
    frame
}

fn film(frames: &[Frame<'_>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 200, 160, &palette()).unwrap();
    encoder.set_repeat(Repeat::Finite(3)).unwrap();
    encoder.write_raw_extension(Extension::Comment.into(), &[b"made by hand"]).unwrap();
    frames.iter().for_each(|frame| encoder.write_frame(frame).unwrap());
    drop(encoder);
    bytes
}

/// What is on the screen at each frame, and for how long.
fn shown(bytes: &[u8]) -> Vec<(RgbaImage, Delay)> {
    let frames = GifDecoder::new(Cursor::new(bytes)).unwrap().into_frames();
    frames.map(|frame| frame.unwrap()).map(|frame| (frame.buffer().clone(), frame.delay())).collect()
}

/// Every frame shows the whole label, and beside it what it showed before.
fn check(before: &[u8]) {
    let after = label_picture(before, PictureFormat::Gif, &VisibleStyle::default()).unwrap();
    let overlay = Overlay::for_any_ground(&VisibleStyle::default(), 200, 160).unwrap();
    let (old, new) = (shown(before), shown(&after));
    assert_eq!(old.len(), new.len());
    for (at, ((old, old_delay), (new, new_delay))) in old.iter().zip(&new).enumerate() {
        assert_eq!(old_delay, new_delay);
        let mut inked = 0;
        for (x, y, pixel) in new.enumerate_pixels() {
            let place = x.checked_sub(overlay.x).zip(y.checked_sub(overlay.y));
            let inside = place.filter(|(x, y)| *x < overlay.width && *y < overlay.height);
            let drawn = inside.map(|(x, y)| usize::try_from(4 * (y * overlay.width + x)).unwrap());
            match drawn.map(|at| (overlay.rgba[at], overlay.rgba[at + 3])) {
                Some((grey, 128..)) => {
                    assert!(pixel.0[0].abs_diff(grey) <= 46, "frame {at}, {x}, {y}: {pixel:?}, not {grey}");
                    assert_eq!(pixel.0[3], 255);
                    inked += 1;
                }
                _ => assert_eq!(pixel, old.get_pixel(x, y), "frame {at}, {x}, {y}"),
            }
        }
        assert!(inked > 500);
    }
}

#[test]
fn every_frame_shows_the_label_and_keeps_its_time() {
    let keep = DisposalMethod::Keep;
    check(&film(&[frame(0, 0, 200, 160, 4, keep), frame(0, 0, 200, 160, 9, keep)]));
    // Frames that cover the label in part, and one that does not.
    check(&film(&[
        frame(0, 0, 200, 160, 4, keep),
        frame(100, 80, 95, 70, 12, keep),
        frame(5, 5, 20, 20, 2, keep),
        frame(150, 100, 50, 60, 7, DisposalMethod::Previous),
        frame(0, 0, 10, 10, 3, keep),
    ]));
}

#[test]
fn a_frame_that_does_not_reach_the_label_is_widened() {
    let sprites = [
        frame(10, 10, 40, 40, 4, DisposalMethod::Background),
        frame(30, 30, 40, 40, 9, DisposalMethod::Background),
        frame(50, 50, 40, 40, 9, DisposalMethod::Keep),
        frame(70, 50, 20, 20, 3, DisposalMethod::Keep),
    ];
    check(&film(&sprites));
}

#[test]
fn a_cleared_label_is_painted_again() {
    let full = |index| frame(0, 0, 200, 160, index, DisposalMethod::Background);
    check(&film(&[full(4), full(8), full(1)]));
    let partial = [
        frame(0, 0, 200, 160, 4, DisposalMethod::Keep),
        frame(100, 80, 90, 70, 8, DisposalMethod::Background),
        frame(0, 0, 20, 20, 9, DisposalMethod::Keep),
    ];
    check(&film(&partial));
}

#[test]
fn frames_that_clear_parts_of_one_another_are_refused() {
    let clear = DisposalMethod::Background;
    let frames = [
        frame(0, 0, 200, 160, 4, DisposalMethod::Keep),
        frame(100, 80, 90, 70, 8, clear),
        frame(0, 0, 20, 20, 9, clear),
    ];
    let refused = label_picture(&film(&frames), PictureFormat::Gif, &VisibleStyle::default());
    assert!(matches!(refused, Err(MediaError::Unsupported(_))));
}

#[test]
fn a_full_palette_gives_room_for_the_label() {
    // 256 reds, all of them in use, none near the label's greys.
    let reds: Vec<u8> = (0..=255_u8).flat_map(|red| [red, 0, 255 - red]).collect();
    let pixels: Vec<u8> = (0..200 * 160_usize).map(|at| u8::try_from(at % 256).unwrap()).collect();
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 200, 160, &reds).unwrap();
    encoder.write_frame(&Frame::from_indexed_pixels(200, 160, pixels, None)).unwrap();
    drop(encoder);
    let after = label_picture(&bytes, PictureFormat::Gif, &VisibleStyle::default()).unwrap();
    let (old, new) = (&shown(&bytes)[0].0, &shown(&after)[0].0);
    let white = new.pixels().filter(|pixel| pixel.0 == [255; 4]).count();
    assert!(white > 100);
    let moved = old.enumerate_pixels().filter(|(x, y, _)| *x < 80 || *y < 100);
    let worst = moved.map(|(x, y, old)| old.0[0].abs_diff(new.get_pixel(x, y).0[0])).max();
    assert!(worst <= Some(4), "{worst:?}");
}

#[test]
fn loops_and_comments_stay() {
    let before = film(&[frame(0, 0, 200, 160, 4, DisposalMethod::Keep)]);
    let after = label_picture(&before, PictureFormat::Gif, &VisibleStyle::default()).unwrap();
    for block in [&b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x03\0\0"[..], b"\x21\xfe\x0cmade by hand\0"] {
        assert!(after.windows(block.len()).any(|window| window == block));
    }
}

#[test]
fn interlaced_rows_come_in_order() {
    // A row is the colour of its number; the encoder stores rows as they are given.
    let passes = [(0, 8), (4, 8), (2, 4), (1, 2)];
    let rows = passes.into_iter().flat_map(|(first, step)| (first..160_u8).step_by(step));
    let pixels: Vec<u8> = rows.flat_map(|row| [row % 16; 200]).collect();
    let mut stored = Frame::from_indexed_pixels(200, 160, pixels, None);
    stored.interlaced = true;
    check(&film(&[stored]));
}

#[test]
fn damaged_films_are_errors() {
    let whole =
        film(&[frame(0, 0, 200, 160, 4, DisposalMethod::Keep), frame(0, 0, 9, 9, 4, DisposalMethod::Keep)]);
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x55;
        let _ = label_picture(&damaged, PictureFormat::Gif, &VisibleStyle::default());
        let _ = label_picture(&whole[..at], PictureFormat::Gif, &VisibleStyle::default());
    }
}

#[test]
fn a_frame_of_four_thousand_million_pixels_is_refused() {
    let mut bomb = film(&[frame(0, 0, 200, 160, 4, DisposalMethod::Keep)]);
    let descriptor = bomb.windows(9).position(|window| window == [0x2c, 0, 0, 0, 0, 200, 0, 160, 0]).unwrap();
    bomb[descriptor + 5..descriptor + 9].fill(0xff);
    let refused = label_picture(&bomb, PictureFormat::Gif, &VisibleStyle::default());
    assert!(matches!(refused, Err(MediaError::Limit { what: "pixels", .. })));
}

#[test]
fn a_palette_takes_no_invisible_mark() {
    let mut mark = |_: Rgb8View<'_>| {};
    let before = film(&[frame(0, 0, 200, 160, 4, DisposalMethod::Keep)]);
    let treatment = Treatment { visible: None, mark: Some(&mut mark) };
    assert!(matches!(treat_picture(&before, PictureFormat::Gif, treatment), Err(MediaError::Unsupported(_))));
    assert!(!PictureFormat::Gif.takes_mark());
}

#[test]
fn the_first_frame_is_read() {
    let bytes =
        film(&[frame(10, 20, 30, 40, 4, DisposalMethod::Keep), frame(0, 0, 5, 5, 9, DisposalMethod::Keep)]);
    let read = read_picture(&bytes, PictureFormat::Gif).unwrap();
    let wanted = image::load_from_memory(&bytes).unwrap().to_rgb8();
    assert_eq!((read.width, read.height, read.pixels), (200, 160, wanted.into_raw()));
}
