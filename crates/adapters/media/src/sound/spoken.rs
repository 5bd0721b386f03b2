//! A spoken label: a recording that says it, brought to the rate and loudness of the sound it is put into.

use std::f32::consts::PI;

use super::{Wave, format::SampleFormat, level};
use crate::{MediaError, wording::says_so};

/// The longest recording, in seconds.
const SECONDS_MAX: usize = 30;
/// Normal speech, in Chinese characters a minute (GB 45438-2025, 5.3).
const SPEED: std::ops::RangeInclusive<u32> = 120..=160;
/// Silence before and after, in seconds.
const PAUSE_SECONDS: f32 = 0.25;
/// Below full scale by so much, whatever the loudness.
const PEAK_MAX: f32 = 0.9;
/// Zero crossings of the filter to each side: aliases are 60 dB down.
const CROSSINGS: f32 = 12.0;

static CHINESE: &[u8] = include_bytes!("../../clips/ai-generated.zh.wav");
static ENGLISH: &[u8] = include_bytes!("../../clips/ai-generated.en.wav");

/// A recording of words that mark a sound as generated.
#[derive(Debug, Clone, PartialEq)]
pub struct Clip {
    rate: u32,
    samples: Vec<f32>,
}

/// Why a recording is no spoken label.
#[derive(Debug, thiserror::Error)]
pub enum ClipError {
    /// Its words lack an element of the standard.
    #[error("the words `{0}` do not say that it is generated")]
    MissingElement(String),
    /// It is spoken too fast or too slowly.
    #[error("it is spoken at {0} characters a minute: 120 to 160 are normal speech")]
    Speed(u32),
    /// It is longer than a label.
    #[error("it is longer than {SECONDS_MAX} seconds")]
    TooLong,
    /// It cannot be read.
    #[error(transparent)]
    Unreadable(#[from] MediaError),
}

impl Clip {
    /// `人工智能生成`, spoken by a program (`clips/README.md`).
    ///
    /// # Errors
    /// None that a released version has: a test reads it.
    pub fn chinese() -> Result<Self, ClipError> {
        Self::new(CHINESE, "人工智能生成")
    }

    /// `This audio is AI generated`, spoken by a program.
    ///
    /// # Errors
    /// None that a released version has: a test reads it.
    pub fn english() -> Result<Self, ClipError> {
        Self::new(ENGLISH, "This audio is AI generated")
    }

    /// A WAVE recording of those words, without silence around them.
    ///
    /// # Errors
    /// [`ClipError`] where it would not do what the standard asks of it.
    pub fn new(wav: &[u8], words: &str) -> Result<Self, ClipError> {
        if !says_so(words) {
            return Err(ClipError::MissingElement(words.to_owned()));
        }
        let wave = Wave::read(wav)?;
        let (format, rate) = (&wave.format, wave.format.rate);
        let frames = wav.get(wave.samples.clone()).unwrap_or_default().chunks_exact(format.frame_bytes());
        if frames.len() > SECONDS_MAX.saturating_mul(rate as usize) {
            return Err(ClipError::TooLong);
        }
        let samples: Vec<f32> = frames
            .map(|frame| {
                let values = frame.chunks_exact(format.kind.bytes()).map(|sample| format.kind.decode(sample));
                values.sum::<f32>() / f32::from(format.channels)
            })
            .collect();
        let characters = words.chars().filter(|c| matches!(c, '\u{4e00}'..='\u{9fff}')).count();
        let per_minute = (characters * 60).saturating_mul(rate as usize) / samples.len().max(1);
        let per_minute = u32::try_from(per_minute).unwrap_or(u32::MAX);
        if characters > 0 && !SPEED.contains(&per_minute) {
            return Err(ClipError::Speed(per_minute));
        }
        Ok(Self { rate, samples })
    }

    /// The label in that format, the same in every channel, as loud as `rms`.
    pub(super) fn render(&self, format: &SampleFormat, rms: f32) -> Vec<u8> {
        let samples = self.at_rate(format.rate);
        let peak = samples.iter().fold(0.0_f32, |peak, value| peak.max(value.abs()));
        let gain = (rms / level::loudness(&samples, format.rate)).min(PEAK_MAX / peak.max(f32::MIN_POSITIVE));
        let pause = vec![0.0; level::frames(PAUSE_SECONDS, format.rate) as usize];
        let mut label = Vec::new();
        for value in pause.iter().chain(&samples).chain(&pause) {
            (0..format.channels).for_each(|_| format.kind.encode(value * gain, &mut label));
        }
        label
    }

    /// The samples at another rate, by a windowed sinc: low enough that nothing folds over.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "positions within half a minute of sound; what is negative is cut to zero"
    )]
    fn at_rate(&self, rate: u32) -> Vec<f32> {
        if rate == self.rate {
            return self.samples.clone();
        }
        let step = f64::from(self.rate) / f64::from(rate);
        let band = (1.0 / step).min(1.0) as f32;
        let reach = CROSSINGS / band;
        let count = (self.samples.len() as f64 / step) as usize;
        let value = |index: usize| {
            let place = index as f64 * step;
            let first = (place - f64::from(reach)).ceil().max(0.0) as usize;
            let last = (place + f64::from(reach)) as usize;
            let near =
                self.samples.get(first..self.samples.len().min(last.saturating_add(1))).unwrap_or_default();
            let weighted = (first..).zip(near).map(|(at, sample)| {
                let distance = (at as f64 - place) as f32;
                sample * band * sinc(distance * band) * sinc(distance / reach)
            });
            weighted.sum()
        };
        (0..count).map(value).collect()
    }
}

fn sinc(x: f32) -> f32 {
    let angle = PI * x;
    if angle.abs() < 1e-4 { 1.0 } else { angle.sin() / angle }
}
