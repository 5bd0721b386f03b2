//! What is done to marked pictures.

use image::codecs::jpeg::JpegEncoder;
use image::imageops::{self, FilterType};
use image::{DynamicImage, Rgb, RgbImage};

use crate::random::Random;

/// A name and what is done.
pub type Attack = (&'static str, fn(&RgbImage) -> RgbImage);

pub const ATTACKS: [Attack; 39] = [
    ("none", RgbImage::clone),
    ("JPEG 90", |image| jpeg(image, 90)),
    ("JPEG 75", |image| jpeg(image, 75)),
    ("JPEG 50", |image| jpeg(image, 50)),
    ("JPEG 30", |image| jpeg(image, 30)),
    ("JPEG 20", |image| jpeg(image, 20)),
    ("WebP 80", |image| webp(image, 80.0)),
    ("WebP 50", |image| webp(image, 50.0)),
    ("resize 0.35", |image| scaled(image, 0.35)),
    ("resize 0.5", |image| scaled(image, 0.5)),
    ("resize 0.75", |image| scaled(image, 0.75)),
    ("resize 1.5", |image| scaled(image, 1.5)),
    ("resize 2", |image| scaled(image, 2.0)),
    ("resize 0.5 and back", |image| resized(&scaled(image, 0.5), image.width(), image.height())),
    ("resize 0.7, JPEG 70", |image| jpeg(&scaled(image, 0.7), 70)),
    ("crop 0.9", |image| cropped(image, 0.9)),
    ("crop 0.75", |image| cropped(image, 0.75)),
    ("crop 0.5", |image| cropped(image, 0.5)),
    ("crop 0.6, JPEG 60", |image| jpeg(&cropped(image, 0.6), 60)),
    ("crop 0.75, resize 0.6, JPEG 75", |image| jpeg(&scaled(&cropped(image, 0.75), 0.6), 75)),
    ("mirrored", imageops::flip_horizontal),
    ("quarter turn", imageops::rotate90),
    ("mirrored, JPEG 60", |image| jpeg(&imageops::flip_horizontal(image), 60)),
    ("rotated 2", |image| rotated(image, 2.0)),
    ("rotated -5", |image| rotated(image, -5.0)),
    ("rotated 3, JPEG 60", |image| jpeg(&rotated(image, 3.0), 60)),
    ("width 0.8", |image| resized(image, image.width() * 8 / 10, image.height())),
    ("made square", |image| {
        resized(image, image.width().min(image.height()), image.width().min(image.height()))
    }),
    ("noise 5", |image| noise(image, 5.0)),
    ("blur 1.5", |image| imageops::blur(image, 1.5)),
    ("median 3", median),
    ("brighter 20 %", |image| levels(image, |level| level * 1.2)),
    ("darker 20 %", |image| levels(image, |level| level * 0.8)),
    ("gamma 1.3", |image| levels(image, |level| 255.0 * (level / 255.0).powf(1.3))),
    ("contrast 0.7", |image| levels(image, |level| 128.0 + 0.7 * (level - 128.0))),
    ("contrast 1.4", |image| levels(image, |level| 128.0 + 1.4 * (level - 128.0))),
    ("grey", |image| DynamicImage::ImageLuma8(imageops::grayscale(image)).to_rgb8()),
    ("box over 20 %", covered),
    ("sharpened", |image| imageops::unsharpen(image, 1.0, 0)),
];

pub fn jpeg(image: &RgbImage, quality: u8) -> RgbImage {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, quality).encode_image(image).expect("memory takes a file");
    image::load_from_memory(&bytes).expect("what was written reads").to_rgb8()
}

fn webp(image: &RgbImage, quality: f32) -> RgbImage {
    let bytes = webp::Encoder::from_rgb(image, image.width(), image.height()).encode(quality);
    image::load_from_memory(&bytes).expect("what was written reads").to_rgb8()
}

fn resized(image: &RgbImage, width: u32, height: u32) -> RgbImage {
    imageops::resize(image, width, height, FilterType::Triangle)
}

fn scaled(image: &RgbImage, factor: f32) -> RgbImage {
    let side = |side: u32| (side as f32 * factor).round() as u32;
    imageops::resize(image, side(image.width()), side(image.height()), FilterType::CatmullRom)
}

/// A part of each side from a place that no grid shares.
fn cropped(image: &RgbImage, part: f32) -> RgbImage {
    let side = |side: u32| (side as f32 * part).round() as u32;
    let (width, height) = (side(image.width()), side(image.height()));
    let (left, top) = ((image.width() - width) * 3 / 7, (image.height() - height) * 4 / 7);
    imageops::crop_imm(image, left, top, width, height).to_image()
}

/// In the same frame, black where there is nothing.
fn rotated(image: &RgbImage, degrees: f32) -> RgbImage {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (cx, cy) = (image.width() as f32 / 2.0, image.height() as f32 / 2.0);
    RgbImage::from_fn(image.width(), image.height(), |x, y| {
        let (u, v) = (x as f32 + 0.5 - cx, y as f32 + 0.5 - cy);
        let (fx, fy) = (cos * u + sin * v + cx - 0.5, cos * v - sin * u + cy - 0.5);
        imageops::interpolate_bilinear(image, fx, fy).unwrap_or(Rgb([0; 3]))
    })
}

fn levels(image: &RgbImage, change: impl Fn(f32) -> f32) -> RgbImage {
    let mut image = image.clone();
    for level in image.iter_mut() {
        *level = change(f32::from(*level)).round().clamp(0.0, 255.0) as u8;
    }
    image
}

fn noise(image: &RgbImage, sigma: f32) -> RgbImage {
    let mut random = Random::new(99);
    let mut image = image.clone();
    for level in image.iter_mut() {
        *level = (f32::from(*level) + sigma * random.normal()).round().clamp(0.0, 255.0) as u8;
    }
    image
}

fn median(image: &RgbImage) -> RgbImage {
    let (right, bottom) = (image.width() - 1, image.height() - 1);
    RgbImage::from_fn(image.width(), image.height(), |x, y| {
        Rgb([0, 1, 2].map(|channel| {
            let mut near = [0_u8; 9];
            for (index, slot) in near.iter_mut().enumerate() {
                let (dx, dy) = (index as u32 % 3, index as u32 / 3);
                let at = image
                    .get_pixel((x + dx).saturating_sub(1).min(right), (y + dy).saturating_sub(1).min(bottom));
                *slot = at.0[channel];
            }
            near.sort_unstable();
            near[4]
        }))
    })
}

fn covered(image: &RgbImage) -> RgbImage {
    let mut image = image.clone();
    let (width, height) = (image.width(), image.height());
    for y in height * 3 / 10..height * 7 / 10 {
        for x in width / 4..width * 3 / 4 {
            image.put_pixel(x, y, Rgb([255; 3]));
        }
    }
    image
}
