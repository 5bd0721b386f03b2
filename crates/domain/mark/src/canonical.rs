//! The scale at which marks are written and looked for: the shorter side is [`SIDE`] pixels long.

#![expect(clippy::cast_precision_loss, reason = "sides are below 2^15 and exact")]
#![expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sides are below 2^15")]

/// The shorter side at canonical scale.
pub(crate) const SIDE: usize = 512;

/// The shortest side that carries a mark: below it half of the mark's lines are finer than the pixels.
pub const SHORT_SIDE_MIN: usize = 192;

/// The shortest side on which a mark is looked for.
pub const SHORT_SIDE_READ_MIN: usize = 96;

/// How many times as long as the shorter side the longer one may be.
pub const ASPECT_MAX: usize = 8;

/// Of the frequencies that a picture can hold, resampling leaves those below this, in cycles for each pixel.
const KEPT: f32 = 0.45;

/// A picture's size at canonical scale.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Canonical {
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// The highest frequency that the picture holds, in cycles for each canonical pixel.
    pub(crate) highest: f32,
}

impl Canonical {
    /// The canonical size of a picture that can carry a mark.
    pub(crate) fn for_writing(width: usize, height: usize) -> Option<Self> {
        Self::of(width, height, SHORT_SIDE_MIN)
    }

    /// The canonical size of a picture in which a mark may be found.
    pub(crate) fn for_reading(width: usize, height: usize) -> Option<Self> {
        Self::of(width, height, SHORT_SIDE_READ_MIN)
    }

    fn of(width: usize, height: usize, short_side_min: usize) -> Option<Self> {
        let short = width.min(height);
        if short < short_side_min || width.max(height) > ASPECT_MAX * short {
            return None;
        }
        let scale = SIDE as f32 / short as f32;
        let scaled = |side: usize| (side as f32 * scale).round() as usize;
        Some(Self { width: scaled(width), height: scaled(height), highest: KEPT / scale })
    }
}
