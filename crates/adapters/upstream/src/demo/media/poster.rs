//! A poster: sky, sun and hills in the colours that the words ask for, and the words themselves as far as they are Latin.

use std::f64::consts::TAU;

use super::{glyphs::glyph, png};

/// The smallest and the largest side, in pixels.
const SIDE: std::ops::RangeInclusive<u32> = 64..=2048;
/// How much of the words an address carries, in bytes.
const WORDS_BYTES_MAX: usize = 120;

/// One poster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Poster {
    words: String,
    width: u32,
    height: u32,
    number: u32,
}

/// Width and height of a `size`; the usual square for `auto`.
pub(super) fn size(text: &str) -> Option<(u32, u32)> {
    if text == "auto" {
        return Some((1024, 1024));
    }
    let (width, height) = text.split_once('x')?;
    let (width, height) = (width.parse().ok()?, height.parse().ok()?);
    (SIDE.contains(&width) && SIDE.contains(&height)).then_some((width, height))
}

impl Poster {
    /// The poster `number` for these words.
    pub(super) fn new(words: &str, width: u32, height: u32, number: u32) -> Self {
        let mut end = words.len().min(WORDS_BYTES_MAX);
        while !words.is_char_boundary(end) {
            end -= 1;
        }
        Self { words: words.get(..end).unwrap_or_default().to_owned(), width, height, number }
    }

    /// Its name in addresses, from which it can be made again.
    pub(super) fn name(&self) -> String {
        format!("{}x{}-{}-{}.png", self.width, self.height, self.number, hex::encode(&self.words))
    }

    /// The poster of that name.
    pub(in super::super) fn of_name(name: &str) -> Option<Self> {
        let mut parts = name.strip_suffix(".png")?.splitn(3, '-');
        let (width, height) = size(parts.next()?)?;
        let number = parts.next()?.parse().ok()?;
        let words = hex::decode(parts.next()?).ok().filter(|words| words.len() <= WORDS_BYTES_MAX)?;
        Some(Self { words: String::from_utf8(words).ok()?, width, height, number })
    }

    /// The file.
    pub(in super::super) fn to_png(&self) -> Vec<u8> {
        let mut pixels = self.landscape();
        self.write(&mut pixels);
        // Writing to memory cannot fail, and the sides are small.
        png::encode(self.width, self.height, &pixels).unwrap_or_default()
    }

    fn landscape(&self) -> Vec<u8> {
        let mut dice = Dice::of(&self.words, self.number);
        let hue = hue_of(&self.words).unwrap_or_else(|| dice.unit() * 360.0);
        let is_night =
            ["night", "dark", "moon", "夜", "月", "暗"].iter().any(|word| self.words.contains(word));
        let (width, height) = (f64::from(self.width), f64::from(self.height));
        let light = if is_night { (0.10, 0.32) } else { (0.86, 0.62) };
        let sun = (0.2 + 0.6 * dice.unit(), 0.2 + 0.22 * dice.unit(), 0.07 + 0.07 * dice.unit());
        let hills: Vec<(f64, f64, f64, f64)> = (0..4)
            .map(|hill| {
                let base = 0.55 + 0.11 * f64::from(hill);
                (base, 0.03 + 0.06 * dice.unit(), 1.0 + 3.0 * dice.unit(), dice.unit() * TAU)
            })
            .collect();
        let side = width.min(height);
        let mut pixels = Vec::with_capacity(self.width as usize * self.height as usize * 3);
        // A hill's line depends on the column alone.
        let lines: Vec<Vec<f64>> = hills
            .iter()
            .map(|(base, swing, waves, shift)| {
                let line = |column: u32| {
                    let x = f64::from(column) / width;
                    let slow = (x * waves * TAU + shift).sin();
                    let quick = (x * waves * 2.5 * TAU + shift * 2.0).sin() * 0.35;
                    (base + swing * (slow + quick)) * height
                };
                (0..self.width).map(line).collect()
            })
            .collect();
        for row in 0..self.height {
            let y = f64::from(row);
            let share = y / height;
            let sky = colour(hue + 40.0 * share, 0.55, light.0 + (light.1 - light.0) * share);
            for column in 0..self.width {
                let x = f64::from(column);
                let far = ((x - sun.0 * width).powi(2) + (y - sun.1 * height).powi(2)).sqrt() / side;
                let mut pixel = sky;
                if far < sun.2 {
                    pixel = colour(if is_night { 52.0 } else { hue + 180.0 }, 0.75, 0.88);
                }
                for (number, line) in lines.iter().enumerate() {
                    if line.get(column as usize).is_some_and(|line| y > *line) {
                        let depth = number as f64;
                        let lightness = if is_night { 0.26 - 0.055 * depth } else { 0.52 - 0.10 * depth };
                        pixel = colour(hue - 18.0 * depth, 0.45, lightness);
                    }
                }
                pixels.extend_from_slice(&pixel);
            }
        }
        pixels
    }

    /// Writes the words at the top left, in lines; what has no letter here is left out.
    fn write(&self, pixels: &mut [u8]) {
        let dot = (self.width.min(self.height) / 128).max(1) as usize;
        let width = self.width as usize;
        let margin = dot * 6;
        let per_line = (width.saturating_sub(2 * margin) / (dot * 6)).max(1);
        for (number, line) in lines_of(&self.words, per_line).iter().take(4).enumerate() {
            let top = margin + number * dot * 10;
            for (place, rows) in line.chars().filter_map(glyph).enumerate() {
                let left = margin + place * dot * 6;
                for (row, bits) in rows.iter().enumerate() {
                    for column in (0..5).filter(|column| bits >> (4 - column) & 1 == 1) {
                        for y in 0..dot {
                            let start = ((top + row * dot + y) * width + left + column * dot) * 3;
                            if let Some(dots) = pixels.get_mut(start..start + dot * 3) {
                                dots.fill(250);
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Words in lines of at most `length` letters.
fn lines_of(words: &str, length: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words.split_whitespace() {
        let word: String = word.chars().filter(|letter| glyph(*letter).is_some()).take(length).collect();
        match lines.last_mut() {
            _ if word.is_empty() => {}
            Some(line) if line.len() + 1 + word.len() <= length => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

/// The hue that a word asks for, in degrees.
fn hue_of(words: &str) -> Option<f64> {
    const HUES: [(&[&str], f64); 6] = [
        (&["red", "cinnabar", "vermilion", "红", "朱"], 8.0),
        (&["orange", "autumn", "sunset", "橙", "秋", "夕阳"], 28.0),
        (&["yellow", "gold", "desert", "黄", "金", "沙"], 48.0),
        (&["green", "forest", "spring", "绿", "森林", "春"], 130.0),
        (&["blue", "sea", "water", "harbour", "蓝", "海", "水", "港"], 210.0),
        (&["purple", "violet", "lavender", "紫"], 275.0),
    ];
    let words = words.to_lowercase();
    HUES.iter().find(|(names, _)| names.iter().any(|name| words.contains(name))).map(|(_, hue)| *hue)
}

/// Red, green and blue of hue (degrees), saturation and lightness.
fn colour(hue: f64, saturation: f64, lightness: f64) -> [u8; 3] {
    let chroma = saturation * lightness.min(1.0 - lightness);
    [0.0, 8.0, 4.0].map(|offset| {
        let place = (offset + hue.rem_euclid(360.0) / 30.0).rem_euclid(12.0);
        let value = lightness - chroma * (place - 3.0).min(9.0 - place).clamp(-1.0, 1.0);
        super::byte(value)
    })
}

/// Numbers that follow from words.
struct Dice(u64);

impl Dice {
    fn of(words: &str, number: u32) -> Self {
        Self(super::hash(words).wrapping_add(u64::from(number).wrapping_mul(0x9E37_79B9_7F4A_7C15)))
    }

    /// From 0 to 1.
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
        let bits = u32::try_from(self.0 >> 40).unwrap_or_default();
        f64::from(bits) / f64::from(1_u32 << 24)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_poster_is_made_again_from_its_name() {
        let poster = Poster::new("a red boat, 红船", 96, 64, 1);
        assert_eq!(Poster::of_name(&poster.name()), Some(poster.clone()));
        assert_eq!(poster.to_png(), poster.to_png());
        assert_ne!(poster.to_png(), Poster { number: 2, ..poster.clone() }.to_png());
        for name in ["", "96x64-1-zz.png", "9999x64-1-61.png", "96x64-1.png", "../x.png"] {
            assert_eq!(Poster::of_name(name), None, "{name}");
        }
    }

    #[test]
    fn words_stand_in_lines() {
        assert_eq!(lines_of("a red boat 红船 at sea", 8), ["a red", "boat at", "sea"]);
        assert_eq!(lines_of("incomprehensible", 8), ["incompre"]);
    }
}
