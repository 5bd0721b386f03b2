//! How loud a sound is, and where in it nothing much is heard.

use super::format::SampleFormat;

/// The quietest and the loudest label, as the root mean square of its tones: -32 and -16 dB of full scale. Between them it
/// is as loud as the sound.
const LABEL_RMS_MIN: f32 = 0.025;
const LABEL_RMS_MAX: f32 = 0.16;
/// Beside silence: -23 dB, where programmes are levelled (EBU R 128).
const LABEL_RMS_OF_SILENCE: f32 = 0.07;
/// Blocks below -50 dB are pauses and say nothing about loudness.
const PAUSE_RMS: f32 = 0.003;
/// Blocks a second.
const BLOCKS_PER_SECOND: usize = 10;
/// Of a long sound so many blocks are heard, spread evenly: two minutes.
const BLOCKS_MAX: usize = 1_200;

/// The root mean square that a label beside these samples has.
pub(super) fn beside(format: &SampleFormat, samples: &[u8]) -> f32 {
    let block = format.frame_bytes() * (format.rate as usize / BLOCKS_PER_SECOND).max(1);
    let step = samples.len().div_ceil(block).div_ceil(BLOCKS_MAX).max(1);
    let mut energy = 0.0;
    let mut heard = 0.0;
    for block in samples.chunks(block).step_by(step) {
        let mean = mean_square(format, block);
        if mean >= PAUSE_RMS * PAUSE_RMS {
            energy += mean;
            heard += 1.0;
        }
    }
    if heard == 0.0 {
        return LABEL_RMS_OF_SILENCE;
    }
    (energy / heard).sqrt().clamp(LABEL_RMS_MIN, LABEL_RMS_MAX)
}

/// The byte before the quietest frame of the quietest 20 ms, within a second of the middle.
pub(super) fn quiet_place(format: &SampleFormat, samples: &[u8]) -> usize {
    let frame = format.frame_bytes();
    let frames = samples.len() / frame;
    let reach = (format.rate as usize).min(frames / 4);
    let from = (frames / 2).saturating_sub(reach);
    let window = samples.get(from * frame..(frames / 2 + reach) * frame).unwrap_or_default();
    let block = frame * (format.rate as usize / 50).max(1);
    let quietest = |blocks: &[u8], size: usize| {
        let energies = blocks.chunks(size).map(|block| mean_square(format, block));
        energies
            .enumerate()
            .min_by(|(_, one), (_, other)| one.total_cmp(other))
            .map_or(0, |(at, _)| at * size)
    };
    let start = quietest(window, block);
    let rest = window.get(start..).unwrap_or_default();
    let within = quietest(rest.get(..block).unwrap_or(rest), frame);
    from * frame + start + within
}

/// The root mean square of what is heard, pauses aside.
pub(super) fn loudness(samples: &[f32], rate: u32) -> f32 {
    let block = (rate as usize / BLOCKS_PER_SECOND).max(1);
    let mut heard = Vec::new();
    for block in samples.chunks(block) {
        let mean = block.iter().map(|value| value * value).sum::<f32>() / count(block.len());
        if mean >= PAUSE_RMS * PAUSE_RMS {
            heard.push(mean);
        }
    }
    (heard.iter().sum::<f32>() / count(heard.len().max(1))).sqrt().max(PAUSE_RMS)
}

/// How many frames so many seconds have.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "at most half a second of at most 768,000 frames each"
)]
pub(super) fn frames(seconds: f32, rate: u32) -> u32 {
    (seconds * rate as f32).round() as u32
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of blocks and of samples in a block are far below 2^24"
)]
fn count(count: usize) -> f32 {
    count as f32
}

fn mean_square(format: &SampleFormat, block: &[u8]) -> f32 {
    let mut sum = 0.0_f64;
    let mut count = 0_u32;
    for sample in block.chunks_exact(format.kind.bytes()) {
        let value = f64::from(format.kind.decode(sample));
        sum += value * value;
        count += 1;
    }
    #[expect(clippy::cast_possible_truncation, reason = "a mean square of samples is a small number")]
    let mean = (sum / f64::from(count.max(1))) as f32;
    mean
}
