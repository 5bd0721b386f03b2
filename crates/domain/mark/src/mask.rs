//! How strong a mark may be in each part of a picture, by how much the part's own texture hides.

use crate::plane::Plane;

/// Activity below this is all the same: rounding and compression alone make it.
const QUIET: f32 = 1.6;

/// Activity above this hides no more.
const BUSY: f32 = 16.0;

/// How the strength follows the activity.
const EXPONENT: f32 = 0.62;

/// What a level of activity adds to what cannot be seen in a flat part.
const HIDDEN_BY_ACTIVITY: f32 = 0.22;

/// The strengths of one picture at canonical scale.
pub(crate) struct Mask {
    shape: Plane,
    ceiling: Plane,
}

impl Mask {
    /// Reads a picture's luma. `flat_levels` is the mark's root mean square that cannot be seen in a flat part.
    pub(crate) fn of_luma(luma: &Plane, flat_levels: f32) -> Self {
        let fine = luma.zip(&luma.blurred(2), |value, mean| value - mean);
        // The mean of the root counts texture more than a lone edge, beside which a mark would show.
        let activity = fine.map(|value| value.abs().sqrt()).blurred(3).map(|root| 1.4 * root * root);
        Self {
            shape: activity.map(|activity| activity.clamp(QUIET, BUSY).powf(EXPONENT)),
            ceiling: activity.map(|activity| flat_levels + HIDDEN_BY_ACTIVITY * activity),
        }
    }

    /// The strength at which the whole mark, without the ceiling, has a peak signal-to-noise ratio.
    pub(crate) fn strength_of(&self, psnr_db: f32) -> f32 {
        #[expect(clippy::cast_possible_truncation, reason = "a mean of small numbers")]
        let shape = self.shape.power().sqrt() as f32;
        255.0 / 10_f32.powf(psnr_db / 20.0) / shape
    }

    /// The root mean square, in levels, of the mark in each pixel at a strength.
    pub(crate) fn at(&self, strength: f32) -> Plane {
        self.shape.zip(&self.ceiling, |shape, ceiling| (strength * shape).min(ceiling))
    }
}
