//! The guesses in the order in which they are tried: what people do to pictures most, first.

use crate::canonical::SIDE;
use crate::plane::Plane;
use crate::search::Guess;
use crate::turn::Turn;

/// Two guesses of scale further apart than this would let a mark slip between them: over four tiles the finest lines of a mark
/// lose step by a quarter of a wave.
const SCALE_STEP: f32 = 0.004;

/// The same for rotations, in degrees.
const DEGREES_STEP: f32 = 0.25;

/// The largest rotation looked for, in degrees.
const DEGREES_MAX: f32 = 6.0;

/// A crop to less than this part of the shorter side is not looked for: it holds too little of a mark.
const CROP_MIN: f32 = 0.45;

/// A frame or border around a picture may make it this much larger.
const FRAME_MAX: f32 = 1.25;

/// Width to height of pictures as they are made; each also stands for its inverse.
const ASPECTS: [f32; 9] =
    [1.0, 5.0 / 4.0, 4.0 / 3.0, 7.0 / 5.0, 3.0 / 2.0, 8.0 / 5.0, 16.0 / 9.0, 2.0, 21.0 / 9.0];

/// The rungs for a picture of that size, each a list of guesses.
pub(crate) fn rungs(luma: &Plane) -> Vec<Vec<Guess>> {
    let turned = |turn| Guess { turn, ..Guess::NOTHING };
    let turns = Turn::ALL.into_iter().skip(1).map(turned).collect();
    let mirrors = [Turn::ALL[1], Turn::ALL[2], Turn::ALL[3]];
    vec![
        turns,
        aspects(luma),
        scales(Turn::default(), 1.0, CROP_MIN),
        rotations(luma),
        scales(Turn::default(), FRAME_MAX, 1.0),
        stretches(),
        mirrors.into_iter().flat_map(|turn| scales(turn, 1.0, CROP_MIN)).collect(),
    ]
}

/// That the picture had another shape of the usual ones and was stretched into this.
fn aspects(luma: &Plane) -> Vec<Guess> {
    let (width, height, short) = (as_f32(luma.width), as_f32(luma.height), as_f32(SIDE));
    ASPECTS
        .into_iter()
        .flat_map(|aspect| [(short * aspect, short), (short, short * aspect)])
        .map(|(wide, high)| Guess { stretch: (wide / width, high / height), ..Guess::NOTHING })
        .collect()
}

/// That the picture was cut out of a larger one (factors below one) or framed (above).
fn scales(turn: Turn, from: f32, to: f32) -> Vec<Guess> {
    let scale = |step| Guess { turn, stretch: (from * step, from * step), degrees: 0.0 };
    steps(from / to).map(scale).collect()
}

/// That the picture was rotated: in its own frame, into a frame grown to hold it, or cut to what has no empty corners.
fn rotations(luma: &Plane) -> Vec<Guess> {
    let (long, short) = (as_f32(luma.width.max(luma.height)), as_f32(luma.width.min(luma.height)));
    let mut guesses = Vec::new();
    let mut degrees = DEGREES_STEP;
    while degrees <= DEGREES_MAX {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let aspect = long / short;
        // The frame that holds a rotated picture of this shape has a shorter side of this many of the picture's.
        let grown = cos + aspect * sin;
        for size in [1.0, grown, 1.0 / grown] {
            for degrees in [degrees, -degrees] {
                guesses.push(Guess { turn: Turn::default(), stretch: (size, size), degrees });
            }
        }
        degrees += DEGREES_STEP;
    }
    guesses
}

/// That one side alone was stretched or squeezed, whichever was the shorter one before.
fn stretches() -> Vec<Guess> {
    let one = |factor: f32| {
        let across = Guess { stretch: (factor, 1.0), ..Guess::NOTHING };
        let down = Guess { stretch: (1.0, factor), ..Guess::NOTHING };
        [across, down]
    };
    steps(1.4 / 0.7).map(|step| 1.4 * step).flat_map(one).collect()
}

/// Factors from just below one down to `1 / range`.
fn steps(range: f32) -> impl Iterator<Item = f32> {
    let step = (-SCALE_STEP).exp();
    std::iter::successors(Some(step), move |factor| Some(factor * step))
        .take_while(move |factor| *factor >= 1.0 / range)
}

#[expect(clippy::cast_precision_loss, reason = "sides are below 2^15 and exact")]
fn as_f32(side: usize) -> f32 {
    side as f32
}
