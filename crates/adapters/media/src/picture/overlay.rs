//! The label as a small picture of its own, sized for the picture it goes onto.
//!
//! White words on a dark plate, which lets through as much of the ground as the contrast allows: the brighter the
//! ground, the denser the plate. So the words can be read on any ground, and a dark ground stays nearly whole.

use ab_glyph::{OutlinedGlyph, PxScaleFactor, point};
use image::ExtendedColorType;

use super::{
    font::{self, Run},
    style::{Shape, VisibleStyle},
};
use crate::MediaError;

/// White on the plate over the ground is at least this bright against it (WCAG 2.2, 1.4.6, the enhanced contrast).
pub(super) const CONTRAST_MIN: f32 = 7.0;
/// The colour of the plate.
const PLATE: u8 = 18;
/// The plate's opacity over a dark ground. It has to be seen as a plate there too.
const OPACITY_MIN: f32 = 0.55;
/// How finely the opacity is sought.
const OPACITY_STEP: f32 = 0.02;
/// What a ground from black to white adds, so that its pattern does not run through the words.
const OPACITY_OF_PATTERN: f32 = 0.2;
/// The plate lets something through.
const OPACITY_MAX: f32 = 0.92;
/// Below this the strokes of an ideograph run into one another.
const CHARACTER_PIXELS_MIN: u32 = 10;
/// A twentieth of the shortest side (GB 45438-2025, 5.2).
const SIDES_PER_CHARACTER: u32 = 20;
/// What a soft edge can take from a character, above and below.
const SOFT_EDGES: u32 = 1;

/// A label, drawn: straight RGBA, 8 bits each, row by row from the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlay {
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Where its first column stands in the picture as seen.
    pub x: u32,
    /// Where its first row stands in the picture as seen.
    pub y: u32,
    /// `width × height × 4` bytes.
    pub rgba: Vec<u8>,
}

impl Overlay {
    /// Draws the label for a picture of that size of which nothing else is known, as the frames of a video: its plate is
    /// dense enough for white.
    ///
    /// # Errors
    /// [`MediaError::TooSmall`].
    pub fn for_any_ground(style: &VisibleStyle, width: u32, height: u32) -> Result<Self, MediaError> {
        Ok(Layout::fit(style, width, height)?.draw(Ground { darkest: 0, brightest: 255 }))
    }

    /// The label alone as a PNG with transparency, for who lays it over something by other means.
    ///
    /// # Errors
    /// [`MediaError::Encode`] where [`Overlay::rgba`] is not as long as the size says.
    pub fn to_png(&self) -> Result<Vec<u8>, MediaError> {
        super::png::write(&self.rgba, self.width, self.height, ExtendedColorType::Rgba8)
    }
}

/// What is behind a label: the greys that are as bright as its darkest and brightest parts, specks aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ground {
    pub(super) darkest: u8,
    pub(super) brightest: u8,
}

/// A label that has a size and a place, but no ground yet.
pub(super) struct Layout {
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) width: u32,
    pub(super) height: u32,
    /// Pixels for one font unit.
    scale: f32,
    /// The row of the words' baseline.
    baseline: f32,
    words: Run,
    words_x: f32,
    tile: Option<Tile>,
}

/// The mark: letters in a tile.
struct Tile {
    letters: Run,
    letters_x: f32,
    left: f32,
    width: f32,
    top: f32,
    height: f32,
}

impl Layout {
    /// Sizes the label by the shorter side of a picture as seen.
    pub(super) fn fit(style: &VisibleStyle, width: u32, height: u32) -> Result<Self, MediaError> {
        let character =
            (width.min(height).div_ceil(SIDES_PER_CHARACTER) + SOFT_EDGES).max(CHARACTER_PIXELS_MIN);
        let (mark, text) = split(style);
        let units = font::character_units(style.wording.as_str());
        let scale = pixels(character) / units;
        let em = font::units_per_em() * scale;
        let (padding_x, padding_y, margin) = (em * 0.34, em * 0.2, em * 0.32);

        let words = font::run(text);
        let letters = mark.map(font::run);
        let extents = letters.iter().chain(std::iter::once(&words)).map(Run::vertical);
        let (top, bottom) = extents.fold((0.0_f32, 0.0_f32), |(top, bottom), (run_top, run_bottom)| {
            (top.max(run_top * scale), bottom.min(run_bottom * scale))
        });
        let baseline = (padding_y + top).ceil();
        let plate_height = (baseline - bottom + padding_y).ceil();

        let mut words_x = padding_x;
        let tile = letters.map(|letters| {
            let inset = (padding_y * 0.7).round();
            let inner = em * 0.2;
            let tile_width = inner.mul_add(2.0, letters.advance * scale).round();
            let letters_x = inset + inner;
            words_x = inset + tile_width + em * 0.24;
            Tile {
                letters,
                letters_x,
                left: inset,
                width: tile_width,
                top: inset,
                height: inset.mul_add(-2.0, plate_height),
            }
        });
        let plate = (ceiled(words.advance.mul_add(scale, words_x) + padding_x), ceiled(plate_height));
        let margin = ceiled(margin);
        let needed = (plate.0.saturating_add(2 * margin), plate.1.saturating_add(2 * margin));
        if needed.0 > width || needed.1 > height {
            return Err(MediaError::TooSmall {
                width,
                height,
                needed_width: needed.0,
                needed_height: needed.1,
            });
        }
        let (x, y) = style.place.corner((width, height), plate, margin);
        Ok(Self { x, y, width: plate.0, height: plate.1, scale, baseline, words, words_x, tile })
    }

    /// Draws it for a ground.
    pub(super) fn draw(&self, ground: Ground) -> Overlay {
        let mut ink = Coverage::new(self.width, self.height);
        self.set(&mut ink, &self.words, self.words_x, Stroke::Add);
        if let Some(tile) = &self.tile {
            let radius = tile.height * 0.24;
            ink.tile(tile.left, tile.top, tile.width, tile.height, radius);
            self.set(&mut ink, &tile.letters, tile.letters_x, Stroke::CutOut);
        }
        let mut plate = Coverage::new(self.width, self.height);
        let (width, height) = (pixels(self.width), pixels(self.height));
        plate.tile(0.0, 0.0, width, height, height * 0.26);

        let opacity = ground.opacity();
        let rgba = ink.values.iter().zip(&plate.values).flat_map(|(&ink, &plate)| {
            let under = plate * opacity * (1.0 - ink);
            let alpha = ink + under;
            let grey = if alpha > 0.0 { ink.mul_add(255.0, under * f32::from(PLATE)) / alpha } else { 0.0 };
            let grey = byte(grey);
            [grey, grey, grey, byte(alpha * 255.0)]
        });
        Overlay { width: self.width, height: self.height, x: self.x, y: self.y, rgba: rgba.collect() }
    }

    fn set(&self, ink: &mut Coverage, run: &Run, left: f32, stroke: Stroke) {
        let scale = PxScaleFactor { horizontal: self.scale, vertical: self.scale };
        for (origin, outline) in &run.outlines {
            let position = point(origin.mul_add(self.scale, left), self.baseline);
            // The outline knows its own scale; that of the glyph is not looked at.
            let glyph = ab_glyph::GlyphId(0).with_scale_and_position(1.0, position);
            let outlined = OutlinedGlyph::new(glyph, outline.clone(), scale);
            let corner = outlined.px_bounds().min;
            outlined.draw(|x, y, coverage| {
                ink.stroke(
                    floored(corner.x).saturating_add(x),
                    floored(corner.y).saturating_add(y),
                    coverage,
                    stroke,
                );
            });
        }
    }
}

/// The letters of the mark and the words beside it.
fn split(style: &VisibleStyle) -> (Option<&'static str>, &str) {
    let text = style.wording.as_str();
    match style.shape {
        Shape::Plate => (None, text),
        Shape::Tile => {
            // `AI` stands once: in the tile.
            let rest = text.strip_prefix("AI").map(|rest| rest.trim_start_matches(['-', ' ', '·']));
            (Some("AI"), rest.filter(|rest| !rest.is_empty()).unwrap_or(text))
        }
    }
}

impl Ground {
    /// How dense the plate is, for white to be read on it.
    fn opacity(self) -> f32 {
        let brightest = f32::from(self.brightest);
        let mut opacity = OPACITY_MIN;
        while opacity < OPACITY_MAX {
            let seen = opacity.mul_add(f32::from(PLATE) - brightest, brightest);
            if 1.05 / (luminance(seen) + 0.05) >= CONTRAST_MIN {
                break;
            }
            opacity += OPACITY_STEP;
        }
        let pattern = f32::from(self.brightest.saturating_sub(self.darkest)) / 255.0;
        pattern.mul_add(OPACITY_OF_PATTERN, opacity).min(OPACITY_MAX)
    }
}

/// The relative luminance of an sRGB grey (IEC 61966-2-1).
pub(super) fn luminance(grey: f32) -> f32 {
    let value = grey / 255.0;
    if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

#[derive(Clone, Copy)]
enum Stroke {
    Add,
    CutOut,
}

/// How much of each pixel is covered, 0 to 1.
struct Coverage {
    width: u32,
    values: Vec<f32>,
}

impl Coverage {
    fn new(width: u32, height: u32) -> Self {
        Self { width, values: vec![0.0; width as usize * height as usize] }
    }

    fn stroke(&mut self, x: u32, y: u32, coverage: f32, stroke: Stroke) {
        if x >= self.width {
            return;
        }
        if let Some(value) = self.values.get_mut(y as usize * self.width as usize + x as usize) {
            *value = match stroke {
                Stroke::Add => (*value + coverage).min(1.0),
                Stroke::CutOut => (*value - coverage).max(0.0),
            };
        }
    }

    /// A rectangle with round corners, by the distance of each pixel's middle from its edge.
    fn tile(&mut self, left: f32, top: f32, width: f32, height: f32, radius: f32) {
        let (middle_x, middle_y) = (left + width / 2.0, top + height / 2.0);
        let (reach_x, reach_y) = (width / 2.0 - radius, height / 2.0 - radius);
        let columns = self.width as usize;
        for (y, row) in self.values.chunks_exact_mut(columns).enumerate() {
            let beyond_y = ((index(y) + 0.5 - middle_y).abs() - reach_y).max(0.0);
            for (x, value) in row.iter_mut().enumerate() {
                let beyond_x = ((index(x) + 0.5 - middle_x).abs() - reach_x).max(0.0);
                let inside = (radius - beyond_x.hypot(beyond_y) + 0.5).clamp(0.0, 1.0);
                *value = value.max(inside);
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "sizes of pictures are far below 2^24")]
fn pixels(count: u32) -> f32 {
    count as f32
}

#[expect(clippy::cast_precision_loss, reason = "sizes of pictures are far below 2^24")]
fn index(count: usize) -> f32 {
    count as f32
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, and a label has few pixels"
)]
fn ceiled(length: f32) -> u32 {
    length.ceil() as u32
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates: what is left of the label is cut off at its edge"
)]
fn floored(length: f32) -> u32 {
    length.floor() as u32
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates to a byte")]
fn byte(value: f32) -> u8 {
    value.round() as u8
}
