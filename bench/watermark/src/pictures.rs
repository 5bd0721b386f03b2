//! Pictures made from code: what models are asked for (scenes, portraits' soft grounds, posters, charts, textures), each from
//! its number alone; and those of a folder.

use std::path::Path;

use anyhow::Context;
use image::{Rgb, RgbImage, imageops};

use crate::random::Random;

/// One picture with its name.
pub struct Picture {
    pub name: String,
    pub pixels: RgbImage,
}

/// Sizes in turn.
const SIZES: [(u32, u32); 8] =
    [(512, 512), (768, 512), (1024, 1024), (640, 960), (1280, 720), (800, 600), (1024, 1536), (384, 384)];

/// Makes a picture of that width and height.
type Make = fn(&mut Random, u32, u32) -> RgbImage;

/// Kinds in turn; coprime to the number of sizes.
const KINDS: [(&str, Make); 9] = [
    ("scene", scene),
    ("plasma", plasma),
    ("texture", texture),
    ("poster", poster),
    ("bokeh", bokeh),
    ("gradient", gradient),
    ("chart", chart),
    ("foliage", foliage),
    ("page", page),
];

/// The picture of a number.
pub fn made(number: usize) -> Picture {
    let (kind, make) = KINDS[number % KINDS.len()];
    let (width, height) = SIZES[number % SIZES.len()];
    let pixels = make(&mut Random::new(number as u64), width, height);
    Picture { name: format!("{kind}-{number}-{width}x{height}"), pixels }
}

/// Every PNG and JPEG of a folder, by name, none larger than 1,600 pixels.
pub fn of_folder(folder: &Path) -> anyhow::Result<Vec<Picture>> {
    let mut paths: Vec<_> =
        std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<_>>()?;
    paths.sort();
    let mut pictures = Vec::new();
    for path in paths {
        let pixels = image::open(&path).with_context(|| path.display().to_string())?.to_rgb8();
        let largest = pixels.width().max(pixels.height());
        let pixels = if largest > 1600 {
            let scaled = |side: u32| side * 1600 / largest;
            let (width, height) = (scaled(pixels.width()), scaled(pixels.height()));
            imageops::resize(&pixels, width, height, imageops::FilterType::Lanczos3)
        } else {
            pixels
        };
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        pictures.push(Picture { name, pixels });
    }
    Ok(pictures)
}

type Colour = [f32; 3];

fn colour(random: &mut Random) -> Colour {
    [0, 1, 2].map(|_| random.between(15.0, 245.0))
}

fn mixed(one: Colour, other: Colour, part: f32) -> Colour {
    [0, 1, 2].map(|channel| one[channel] + (other[channel] - one[channel]) * part)
}

fn rgb(colour: Colour) -> Rgb<u8> {
    Rgb(colour.map(|level| level.round().clamp(0.0, 255.0) as u8))
}

/// Noise on a lattice of one cell, smooth between.
struct Noise {
    lattice: Vec<f32>,
}

const LATTICE: usize = 256;

impl Noise {
    fn new(random: &mut Random) -> Self {
        Self { lattice: (0..LATTICE * LATTICE).map(|_| random.between(-1.0, 1.0)).collect() }
    }

    fn at(&self, x: f32, y: f32) -> f32 {
        let (left, top) = (x.floor(), y.floor());
        let smooth = |part: f32| part * part * (3.0 - 2.0 * part);
        let (u, v) = (smooth(x - left), smooth(y - top));
        let value = |dx: i64, dy: i64| {
            let x = (left as i64 + dx).rem_euclid(LATTICE as i64) as usize;
            let y = (top as i64 + dy).rem_euclid(LATTICE as i64) as usize;
            self.lattice[y * LATTICE + x]
        };
        let above = value(0, 0) + u * (value(1, 0) - value(0, 0));
        let below = value(0, 1) + u * (value(1, 1) - value(0, 1));
        above + v * (below - above)
    }

    /// Octaves from waves of `largest` pixels, each `roughness` times as strong as the one before.
    fn fractal(&self, x: f32, y: f32, largest: f32, octaves: u32, roughness: f32) -> f32 {
        let (mut sum, mut strength, mut scale) = (0.0, 1.0, 1.0 / largest);
        for octave in 0..octaves {
            let shift = 17.3 * octave as f32;
            sum += strength * self.at(x * scale + shift, y * scale - shift);
            strength *= roughness;
            scale *= 2.0;
        }
        sum * (1.0 - roughness)
    }
}

fn draw(width: u32, height: u32, mut at: impl FnMut(f32, f32) -> Colour) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| rgb(at(x as f32, y as f32)))
}

fn grain(image: &mut RgbImage, random: &mut Random, sigma: f32) {
    for pixel in image.pixels_mut() {
        let noise = random.normal() * sigma;
        *pixel = rgb(pixel.0.map(|level| f32::from(level) + noise));
    }
}

/// Sky, mountains one behind the other, water: as a photograph of a landscape has it, with the grain of a sensor.
fn scene(random: &mut Random, width: u32, height: u32) -> RgbImage {
    let (noise, clouds) = (Noise::new(random), Noise::new(random));
    let (zenith, horizon, rock, water) = (colour(random), colour(random), colour(random), colour(random));
    let (w, h) = (width as f32, height as f32);
    let level = random.between(0.55, 0.8) * h;
    let ridges: Vec<f32> = (0..4).map(|_| random.between(0.2, 0.55) * h).collect();
    let mut image = draw(width, height, |x, y| {
        if y > level {
            let ripple = noise.fractal(x * 0.3, y * (1.0 + 60.0 / (y - level + 8.0)), 24.0, 4, 0.6);
            return mixed(water, horizon, 0.35 + 0.5 * ripple);
        }
        for (depth, ridge) in ridges.iter().enumerate().rev() {
            let depth = depth as f32;
            let top = ridge + h * 0.08 * depth
                - h * 0.22 * noise.fractal(x + 900.0 * depth, depth * 77.0, w * 0.4, 7, 0.5);
            if y > top {
                let shade = noise.fractal(x + 300.0 * depth, y, 40.0, 6, 0.65);
                return mixed(mixed(rock, [20.0; 3], 0.5 - shade), horizon, 0.75 - 0.22 * depth);
            }
        }
        let cloud = clouds.fractal(x, y * 2.0, w * 0.3, 6, 0.5).clamp(0.0, 1.0);
        mixed(mixed(zenith, horizon, y / level), [245.0; 3], cloud)
    });
    grain(&mut image, random, 2.0);
    image
}

fn plasma(random: &mut Random, width: u32, height: u32) -> RgbImage {
    let noise = Noise::new(random);
    let colours = [colour(random), colour(random), colour(random)];
    let roughness = random.between(0.4, 0.6);
    draw(width, height, |x, y| {
        let one = 0.5 + noise.fractal(x, y, 220.0, 7, roughness);
        let other = 0.5 + noise.fractal(y + 500.0, x, 180.0, 6, roughness);
        mixed(mixed(colours[0], colours[1], one), colours[2], other)
    })
}

/// Fine rough stuff all over: cloth, gravel, plaster.
fn texture(random: &mut Random, width: u32, height: u32) -> RgbImage {
    let noise = Noise::new(random);
    let (one, other) = (colour(random), colour(random));
    let (largest, weave) = (random.between(6.0, 30.0), random.between(0.0, 0.3));
    let mut image = draw(width, height, |x, y| {
        let thread = ((x * 0.7).sin() * (y * 0.7).sin()) * weave;
        mixed(one, other, 0.5 + noise.fractal(x, y, largest, 5, 0.7) + thread)
    });
    grain(&mut image, random, 3.0);
    image
}

/// Soft discs of light before a dark smooth ground, and one sharp thing in front.
fn bokeh(random: &mut Random, width: u32, height: u32) -> RgbImage {
    let noise = Noise::new(random);
    let (one, other, front) = (colour(random), colour(random), colour(random));
    let (w, h) = (width as f32, height as f32);
    let discs: Vec<(f32, f32, f32, Colour)> = (0..40)
        .map(|_| {
            (random.between(0.0, w), random.between(0.0, h), random.between(0.02, 0.1) * w, colour(random))
        })
        .collect();
    let mut image = draw(width, height, |x, y| {
        let mut at = mixed(one, other, 0.5 + noise.fractal(x, y, 400.0, 3, 0.4)).map(|level| level * 0.5);
        for (cx, cy, radius, light) in &discs {
            let edge = (radius - (x - cx).hypot(y - cy)) / (radius * 0.15);
            at = mixed(at, *light, 0.3 * edge.clamp(0.0, 1.0));
        }
        let body = ((x - w * 0.5) / (w * 0.22)).powi(2) + ((y - h * 0.62) / (h * 0.34)).powi(2);
        let hair = noise.fractal(x * 3.0, y * 0.4, 20.0, 5, 0.7);
        mixed(at, mixed(front, [30.0; 3], 0.5 + 0.7 * hair), ((1.0 - body) * 14.0).clamp(0.0, 1.0))
    });
    grain(&mut image, random, 1.2);
    image
}

fn gradient(random: &mut Random, width: u32, height: u32) -> RgbImage {
    let (one, other, third) = (colour(random), colour(random), colour(random));
    let (w, h) = (width as f32, height as f32);
    let (cx, cy) = (random.between(0.0, w), random.between(0.0, h));
    draw(width, height, |x, y| {
        mixed(
            mixed(one, other, (x / w + y / h) / 2.0),
            third,
            (-((x - cx).powi(2) + (y - cy).powi(2)) / (w * h * 0.2)).exp(),
        )
    })
}

/// Rows of strokes that stand for characters.
fn letters(image: &mut RgbImage, random: &mut Random, frame: (u32, u32, u32, u32), size: u32, ink: Colour) {
    let (left, top, right, bottom) = frame;
    let stroke = (size / 9).max(1);
    let mut y = top;
    while y + size < bottom {
        let mut x = left;
        while x + size < right {
            if random.below(8) == 0 {
                x += size / 2;
                continue;
            }
            for _ in 0..6 {
                let along = random.below(size as usize) as u32;
                let (from, to) = (
                    random.below(size as usize / 2) as u32,
                    size / 2 + random.below(size as usize / 2) as u32,
                );
                let is_across = random.below(2) == 0;
                for at in from..to {
                    for wide in 0..stroke {
                        let (dx, dy) = if is_across { (at, along + wide) } else { (along + wide, at) };
                        if dx < size && dy < size {
                            image.put_pixel(x + dx, y + dy, rgb(ink));
                        }
                    }
                }
            }
            x += size + size / 6;
        }
        y += size + size / 2;
    }
}

/// Flat colours, a few large shapes, a title and small print.
fn poster(random: &mut Random, width: u32, height: u32) -> RgbImage {
    let (ground, lower) = (colour(random), colour(random));
    let (w, h) = (width as f32, height as f32);
    let shapes: Vec<(f32, f32, f32, Colour)> = (0..5)
        .map(|_| {
            (
                random.between(0.0, w),
                random.between(0.2 * h, h),
                random.between(0.08, 0.3) * w,
                colour(random),
            )
        })
        .collect();
    let mut image = draw(width, height, |x, y| {
        let mut at = mixed(ground, lower, (y / h * 1.3 - 0.3).clamp(0.0, 1.0));
        for (index, (cx, cy, size, paint)) in shapes.iter().enumerate() {
            let is_in = if index % 2 == 0 {
                (x - cx).hypot(y - cy) < *size
            } else {
                (x - cx).abs() + (y - cy).abs() < *size
            };
            if is_in {
                at = *paint;
            }
        }
        at
    });
    let ink = if ground.iter().sum::<f32>() > 380.0 { [15.0; 3] } else { [245.0; 3] };
    letters(&mut image, random, (width / 16, height / 16, width - width / 16, height / 4), height / 12, ink);
    letters(
        &mut image,
        random,
        (width / 16, height * 3 / 4, width * 2 / 3, height * 15 / 16),
        height / 50 + 4,
        ink,
    );
    image
}

fn chart(random: &mut Random, width: u32, height: u32) -> RgbImage {
    let mut image = RgbImage::from_pixel(width, height, rgb([250.0, 250.0, 252.0]));
    let bars = 8 + random.below(8) as u32;
    let step = width * 8 / 10 / bars;
    for line in 1..9 {
        for x in width / 10..width * 9 / 10 {
            image.put_pixel(x, height * line / 10, rgb([210.0; 3]));
        }
    }
    for bar in 0..bars {
        let paint = rgb(colour(random));
        let top = height * 9 / 10 - random.below(height as usize * 7 / 10) as u32;
        for x in 0..step * 3 / 4 {
            for y in top..height * 9 / 10 {
                image.put_pixel(width / 10 + bar * step + x, y, paint);
            }
        }
    }
    letters(
        &mut image,
        random,
        (width / 10, height / 40, width * 9 / 10, height / 10 + 4),
        height / 24,
        [40.0; 3],
    );
    image
}

/// Leaves over leaves: texture with hard edges.
fn foliage(random: &mut Random, width: u32, height: u32) -> RgbImage {
    let noise = Noise::new(random);
    let mut image = draw(width, height, |x, y| {
        let shade = 0.5 + noise.fractal(x, y, 120.0, 5, 0.55);
        [40.0 + 60.0 * shade, 60.0 + 110.0 * shade, 30.0 + 30.0 * shade]
    });
    for _ in 0..width * height / 900 {
        let (cx, cy) = (random.between(0.0, width as f32), random.between(0.0, height as f32));
        let (length, angle) = (random.between(6.0, 28.0), random.between(0.0, 6.3));
        let light = random.between(0.4, 1.3);
        let (sin, cos) = angle.sin_cos();
        let reach = length as i32;
        for dy in -reach..=reach {
            for dx in -reach..=reach {
                let (u, v) = (cos * dx as f32 + sin * dy as f32, cos * dy as f32 - sin * dx as f32);
                let (x, y) = (cx as i32 + dx, cy as i32 + dy);
                let is_in = (u / length).powi(2) + (v / (0.3 * length)).powi(2) < 1.0;
                if is_in && (0..width as i32).contains(&x) && (0..height as i32).contains(&y) {
                    let vein = if v.abs() < 0.7 { 1.2 } else { 1.0 - 0.2 * v / length };
                    let leaf = [70.0, 130.0, 45.0].map(|level| level * light * vein);
                    image.put_pixel(x as u32, y as u32, rgb(leaf));
                }
            }
        }
    }
    grain(&mut image, random, 1.5);
    image
}

/// A page of small print.
fn page(random: &mut Random, width: u32, height: u32) -> RgbImage {
    let mut image = RgbImage::from_pixel(width, height, rgb([244.0, 241.0, 233.0]));
    let size = 10 + random.below(10) as u32;
    letters(
        &mut image,
        random,
        (width / 12, height / 12, width * 11 / 12, height * 11 / 12),
        size,
        [35.0; 3],
    );
    image
}
