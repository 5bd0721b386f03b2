//! What holds of marks and fingerprints of whole pictures. The table of attacks is made by `bench/watermark`.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "levels are clamped and sides are small"
)]

use proptest::prelude::*;

use crate::jpeg;
use crate::plane::Plane;
use crate::{
    Budget, Fingerprint, Key, Payload, Pixels, Quality, Reading, SAME_PICTURE_BITS, Strength, Turn,
    WriteError, WriteReport, read_deep, read_fast, write,
};

/// A picture of smooth shades, texture on one half, and a dark disc.
fn picture(width: usize, height: usize) -> Pixels {
    let mut state = 12_345_u32;
    let mut rgb = Vec::with_capacity(3 * width * height);
    for y in 0..height {
        for x in 0..width {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let (u, v) = (x as f32 / width as f32, y as f32 / height as f32);
            let noise = (state >> 24) as f32 / 255.0 - 0.5;
            let shade = 90.0 + 70.0 * u + 40.0 * (5.0 * v + 3.0 * u * u).sin();
            let disc = if (u - 0.6).hypot(v - 0.4) < 0.2 { -50.0 } else { 0.0 };
            let level = shade + disc + noise * if u > 0.5 { 24.0 } else { 3.0 };
            rgb.extend([level, level * 0.9, 220.0 - level * 0.6].map(|level| level.clamp(0.0, 255.0) as u8));
        }
    }
    Pixels::new(width as u32, height as u32, rgb).unwrap()
}

/// A grey picture of a plane.
fn grey(plane: &Plane) -> Pixels {
    let rgb = plane.values.iter().flat_map(|value| [value.round().clamp(0.0, 255.0) as u8; 3]).collect();
    Pixels::new(plane.width as u32, plane.height as u32, rgb).unwrap()
}

fn luma(pixels: &Pixels) -> Plane {
    Plane::luma(pixels, pixels.width(), pixels.height())
}

fn key() -> Key {
    Key::derive(&[42; 32], 5)
}

fn payload() -> Payload {
    Payload::new(0xAB_CDEF_0123).unwrap()
}

fn marked(width: usize, height: usize) -> (Pixels, WriteReport) {
    let mut pixels = picture(width, height);
    let report = write(&mut pixels, &key(), payload(), &Strength::default()).unwrap();
    (pixels, report)
}

#[track_caller]
fn check(reading: &Reading) -> crate::Undone {
    let hit = reading.hit.unwrap_or_else(|| panic!("not read: {reading:?}"));
    assert_eq!((hit.payload, hit.epoch), (payload(), 5));
    hit.undone
}

#[test]
fn what_was_written_is_read_at_every_size_and_shape() {
    for (width, height) in [(512, 512), (700, 420), (300, 1000), (256, 256), (1024, 1024)] {
        let (pixels, report) = marked(width, height);
        check(&read_fast(&pixels, &[key()]));
        assert!(report.psnr_db > 40.0, "{width} by {height}: {report:?}");
    }
}

#[test]
fn a_mark_changes_as_little_as_is_asked() {
    let before = picture(512, 512);
    let mut pixels = before.clone();
    let report = write(&mut pixels, &key(), payload(), &Strength::default()).unwrap();
    let squares: u64 =
        before.rgb().iter().zip(pixels.rgb()).map(|(one, two)| u64::from(one.abs_diff(*two)).pow(2)).sum();
    let psnr = 10.0 * (65_025.0 / (squares as f64 / pixels.rgb().len() as f64)).log10();
    assert!((psnr - f64::from(report.psnr_db)).abs() < 0.01);
    let mut weak = before;
    let weak = write(&mut weak, &key(), payload(), &Strength::new(50.0, 50.0, 0.8).unwrap()).unwrap();
    assert!(weak.psnr_db > report.psnr_db && weak.psnr_db > 48.5, "{weak:?}");
}

#[test]
fn flat_parts_are_changed_by_no_more_than_their_bound() {
    let mut pixels = Pixels::new(512, 512, vec![120; 512 * 512 * 3]).unwrap();
    let report = write(&mut pixels, &key(), payload(), &Strength::new(46.0, 30.0, 0.8).unwrap()).unwrap();
    // 0.8 levels are 50 dB, and activity of nothing hides nothing.
    assert!(report.psnr_db > 48.0, "{report:?}");
}

#[test]
fn a_mark_outlives_compression_smaller_sizes_and_tones() {
    let (pixels, _) = marked(512, 512);
    let plane = luma(&pixels);
    for plane in [
        jpeg::compressed(&plane),
        plane.resized(256, 256),
        plane.resized(900, 900),
        jpeg::compressed(&plane.resized(360, 360)),
        plane.map(|value| 128.0 + 0.7 * (value - 128.0)),
        plane.blurred(1),
    ] {
        check(&read_fast(&grey(&plane), &[key()]));
    }
}

#[test]
fn mirrored_turned_cut_stretched_and_rotated_pictures_are_read_and_say_so() {
    let (pixels, _) = marked(640, 512);
    let plane = luma(&pixels);
    let deep = |plane: &Plane| check(&read_deep(&grey(plane), &[key()], Budget::default()));

    assert_eq!(deep(&plane.mirrored()).turn, Turn { is_mirrored: true, quarters: 0 });
    assert_eq!(deep(&plane.transposed().mirrored()).turn, Turn { is_mirrored: false, quarters: 3 });
    let undone = deep(&plane.resized(512, 512));
    assert!((undone.across - 1.25).abs() < 0.01 && (undone.down - 1.0).abs() < 0.01, "{undone:?}");
    let undone = deep(&plane.rotated(3.1));
    assert!((undone.degrees + 3.1).abs() < 0.2, "{undone:?}");
    let undone = deep(&plane.middle(350));
    assert!((undone.across - 350.0 / 512.0).abs() < 0.01, "{undone:?}");
}

#[test]
fn a_picture_without_a_mark_or_with_that_of_another_key_reads_as_none() {
    let (pixels, _) = marked(512, 512);
    for other in [Key::derive(&[42; 32], 6), Key::derive(&[43; 32], 5)] {
        assert_eq!(read_deep(&pixels, &[other], Budget::default()).hit, None);
    }
    let reading = read_deep(&picture(512, 512), &[key()], Budget::default());
    assert_eq!(reading.hit, None);
    assert!(reading.presence < 6.0, "{reading:?}");
}

#[test]
fn of_several_live_epochs_the_one_that_wrote_is_found() {
    let (pixels, _) = marked(512, 512);
    let keys: Vec<Key> = (3..7).map(|epoch| Key::derive(&[42; 32], epoch)).collect();
    check(&read_fast(&pixels, &keys));
}

#[test]
fn a_budget_is_kept() {
    let keys = [key(), Key::derive(&[1; 32], 1)];
    for tries in [0, 7, 100] {
        let reading = read_deep(&picture(400, 300), &keys, Budget { tries });
        // What the spectrum shows is examined, three guesses on each of seven rungs at most, with each key.
        assert!(reading.tries <= tries + 2 + 7 * 3 * 2, "{reading:?}");
    }
}

#[test]
fn what_is_too_small_or_too_long_takes_no_mark_and_reads_as_none() {
    for (width, height) in [(191, 500), (200, 1601), (1, 1)] {
        let mut pixels = picture(width, height);
        let before = pixels.clone();
        assert_eq!(
            write(&mut pixels, &key(), payload(), &Strength::default()),
            Err(WriteError::Size { width, height })
        );
        assert_eq!(pixels, before);
    }
    assert_eq!(read_deep(&picture(50, 60), &[key()], Budget::default()).tries, 0);
}

#[test]
fn strengths_that_are_no_range_are_refused() {
    for (weakest, strongest, flat) in
        [(41.0, 46.0, 1.0), (46.0, 20.0, 1.0), (46.0, 41.0, 0.0), (f32::NAN, 41.0, 1.0)]
    {
        assert!(Strength::new(weakest, strongest, flat).is_err());
    }
}

#[test]
fn bytes_that_are_not_three_for_each_pixel_are_refused() {
    assert!(Pixels::new(2, 2, vec![0; 12]).is_ok());
    assert!(Pixels::new(2, 2, vec![0; 11]).is_err());
    assert!(Pixels::new(0, 2, vec![]).is_err());
    assert!(Pixels::new(32_768, 32_768, vec![]).is_err());
}

#[test]
fn a_fingerprint_stays_with_the_picture_and_leaves_others_far() {
    let pixels = picture(600, 400);
    let before = Fingerprint::of_pixels(&pixels).0;
    let mut marked = pixels.clone();
    write(&mut marked, &key(), payload(), &Strength::default()).unwrap();
    let plane = luma(&marked);
    for copy in [
        marked,
        grey(&plane.resized(300, 200)),
        grey(&jpeg::compressed(&plane)),
        grey(&plane.map(|v| v * 0.8)),
    ] {
        let distance = before.distance(&Fingerprint::of_pixels(&copy).0);
        assert!(distance <= SAME_PICTURE_BITS, "{distance}");
    }
    let other = Fingerprint::of_pixels(&grey(&plane.transposed())).0;
    assert!(before.distance(&other) > 80);
    assert_eq!(Fingerprint::from_bytes(*before.as_bytes()), before);
}

#[test]
fn a_fingerprint_has_the_bits_that_pdq_gives() {
    // Computed by the crate `pdqhash` 0.1.1, whose own tests hold it to Facebook's programs.
    let expected = "6f605c03997fb780af3d6eea4d3f6a604a8f5bba55205167554e534cd5485258";
    let level = |x: usize, y: usize| (x * x / 200 + y * y / 90 + x * y / 150) as u8;
    let rgb = (0..320 * 240).flat_map(|at| [level(at % 320, at / 320); 3]).collect();
    let fingerprint = Fingerprint::of_pixels(&Pixels::new(320, 240, rgb).unwrap()).0;
    assert_eq!(format!("{fingerprint:?}"), format!("Fingerprint({expected})"));
}

#[test]
fn only_a_picture_with_something_in_it_has_a_fingerprint_to_be_compared() {
    let stripes = (0..300 * 200).flat_map(|at| [if at / 9 % 4 < 2 { 200 } else { 40 }; 3]).collect();
    let stripes = Pixels::new(300, 200, stripes).unwrap();
    assert!(Fingerprint::of_pixels(&stripes).1 >= Quality::COMPARABLE);
    let blank = Pixels::new(300, 200, vec![255; 180_000]).unwrap();
    assert!(Fingerprint::of_pixels(&blank).1 < Quality::COMPARABLE);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_size_and_no_bytes_make_it_panic(width in 1_usize..420, height in 1_usize..420, seed: u8, is_noise: bool) {
        let level = |at: usize| if is_noise { (at * at * 31 + usize::from(seed)) as u8 } else { seed };
        let rgb = (0..3 * width * height).map(level).collect();
        let mut pixels = Pixels::new(width as u32, height as u32, rgb).unwrap();
        let (_, _) = Fingerprint::of_pixels(&pixels);
        prop_assert_eq!(read_deep(&pixels, &[key()], Budget { tries: 60 }).hit, None);
        if let Ok(report) = write(&mut pixels, &key(), payload(), &Strength::default()) {
            prop_assert!(report.psnr_db > 38.0, "{:?}", report);
        }
    }
}
