//! The rhythm short, long, short, short: `AI` in Morse code (GB 45438-2025, 5.3).

use std::f32::consts::{PI, SQRT_2, TAU};

use super::{format::SampleFormat, level};

/// A short tone, in seconds: twelve words a minute, which a lay ear tells apart.
const UNIT_SECONDS: f32 = 0.1;
/// Silence before and after, so that the rhythm stands alone.
const PAUSE_SECONDS: f32 = 0.2;
/// Rise and fall of each tone, against clicks.
const RAMP_SECONDS: f32 = 0.008;
/// The pitch, in Hz: in the middle of what telephones carry.
const PITCH: f32 = 880.0;

/// Units of tone and of the silence after it: `·–  ··`, three units of silence between the letters.
const RHYTHM: [(f32, f32); 4] = [(1.0, 1.0), (3.0, 3.0), (1.0, 1.0), (1.0, 0.0)];

/// The label in that format, the same in every channel, its tones as loud as `rms`.
pub(super) fn render(format: &SampleFormat, rms: f32) -> Vec<u8> {
    let mut label = Vec::new();
    let mut push = |seconds: f32, value: &dyn Fn(f32) -> f32| {
        for frame in 0..level::frames(seconds, format.rate) {
            let value = value(seconds_of(frame, format.rate));
            (0..format.channels).for_each(|_| format.kind.encode(value, &mut label));
        }
    };
    let pitch = PITCH.min(seconds_of(format.rate, 4));
    push(PAUSE_SECONDS, &|_| 0.0);
    for (tone, silence) in RHYTHM {
        let length = tone * UNIT_SECONDS;
        push(length, &|at| rms * SQRT_2 * envelope(at, length) * (TAU * pitch * at).sin());
        push(silence * UNIT_SECONDS, &|_| 0.0);
    }
    push(PAUSE_SECONDS, &|_| 0.0);
    label
}

/// Half a cosine up and down.
fn envelope(at: f32, length: f32) -> f32 {
    let from_edge = at.min(length - at).clamp(0.0, RAMP_SECONDS);
    0.5 - 0.5 * (PI * from_edge / RAMP_SECONDS).cos()
}

#[expect(clippy::cast_precision_loss, reason = "frames of half a second are far below 2^24")]
fn seconds_of(frame: u32, rate: u32) -> f32 {
    frame as f32 / rate as f32
}
