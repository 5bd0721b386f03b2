//! Sound: WAVE files get the rhythm that stands for `AI`, or spoken words, before what is heard, after it, or between.

mod format;

mod level;

mod positions;

mod rhythm;

mod spoken;

#[cfg(test)]
mod tests;

use label::media::{
    Broken, Edits,
    riff::{self, Form},
};

use crate::MediaError;
use format::SampleFormat;

pub use spoken::{Clip, ClipError};

const NAME: &str = "WAVE sound";
/// The head of the chunk with the samples.
const CHUNK_HEAD: usize = 8;

/// An audible label: what is heard, and when.
#[derive(Debug, Clone, PartialEq)]
pub struct AudibleStyle {
    /// What is heard.
    pub signal: Signal,
    /// Each moment once; at least one (GB 45438-2025, 5.3).
    pub moments: Vec<Moment>,
}

impl Default for AudibleStyle {
    fn default() -> Self {
        Self { signal: Signal::Rhythm, moments: vec![Moment::Start] }
    }
}

/// What is heard as a label (GB 45438-2025, 5.3).
#[derive(Debug, Clone, PartialEq)]
pub enum Signal {
    /// Short, long, short, short: `AI` in Morse code.
    Rhythm,
    /// Words.
    Spoken(Clip),
}

/// When an audible label is heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Moment {
    /// Before everything else.
    Start,
    /// Halfway, in the quietest place near it.
    Middle,
    /// After everything else.
    End,
}

/// The sound with an audible label inserted, at its own rate, depth and channels and as loud as what is heard around it.
/// Every other chunk stays byte for byte; lengths and cue points follow.
///
/// # Errors
/// [`MediaError`]: then there is no labelled sound, and the unlabelled one is not to be delivered.
pub fn label_sound(bytes: &[u8], style: &AudibleStyle) -> Result<Vec<u8>, MediaError> {
    let wave = Wave::read(bytes)?;
    let format = &wave.format;
    let samples = bytes.get(wave.samples.clone()).unwrap_or_default();
    let rms = level::beside(format, samples);
    let label = match &style.signal {
        Signal::Rhythm => rhythm::render(format, rms),
        Signal::Spoken(clip) => clip.render(format, rms),
    };

    let mut moments = style.moments.clone();
    moments.sort_unstable();
    moments.dedup();
    if moments.is_empty() {
        return Err(MediaError::Unsupported("a sound without a moment for the label"));
    }
    let places: Vec<usize> = moments
        .into_iter()
        .map(|moment| match moment {
            Moment::Start => 0,
            Moment::Middle => level::quiet_place(format, samples),
            Moment::End => samples.len(),
        })
        .collect();
    wave.insert(bytes, &places, &label)
}

impl Moment {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Start, Self::Middle, Self::End];

    /// The word for it on the command line and in settings.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Middle => "middle",
            Self::End => "end",
        }
    }

    /// The moment with that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|moment| moment.as_str() == word)
    }
}

/// A WAVE file whose samples are of a kind that is understood.
struct Wave {
    form: Form,
    format: SampleFormat,
    /// Whole frames alone.
    samples: std::ops::Range<usize>,
}

impl Wave {
    fn read(bytes: &[u8]) -> Result<Self, MediaError> {
        if bytes.get(8..12) != Some(b"WAVE") {
            return Err(MediaError::NotThis(NAME));
        }
        let form = Form::read(bytes).map_err(|error| MediaError::decode(NAME, error))?;
        let missing = |what| MediaError::decode(NAME, Broken::Malformed { what, at: riff::HEAD });
        let format = form.named(b"fmt ").next().ok_or_else(|| missing("a file without a format"))?;
        let format = SampleFormat::read(bytes.get(format.data.clone()).unwrap_or_default())?;
        let data = form.named(b"data").next().ok_or_else(|| missing("a file without samples"))?;
        let whole = data.data.len() - data.data.len() % format.frame_bytes();
        let samples = data.data.start..data.data.start + whole;
        Ok(Self { form, format, samples })
    }

    /// The file with `label` before each of `places`, which are in order and count bytes of the samples.
    fn insert(&self, bytes: &[u8], places: &[usize], label: &[u8]) -> Result<Vec<u8>, MediaError> {
        let too_long = || MediaError::Limit { what: "bytes of sound", limit: u64::from(u32::MAX) };
        let mut edits = places.iter().fold(Edits::none(), |edits, place| {
            let at = self.samples.start.saturating_add(*place);
            edits.and(at..at, label.to_vec())
        });
        let added = label.len().saturating_mul(places.len());
        // An odd length needs a byte of padding, and the one that was there may have to go.
        let data = self.form.named(b"data").next().ok_or(MediaError::NotThis(NAME))?;
        let padding = data.data.end..data.whole.end;
        let length = data.data.len().saturating_add(added);
        edits = edits.and(padding, vec![0; length & 1]);

        if self.form.is_rf64 {
            edits = self.resize64(bytes, edits, length, added)?;
        } else {
            let form = bytes.len().min(self.form.end).saturating_sub(CHUNK_HEAD);
            let grown = i64::try_from(form).unwrap_or(i64::MAX).saturating_add(edits.growth());
            let grown = u32::try_from(grown).map_err(|_| too_long())?;
            let length = u32::try_from(length).map_err(|_| too_long())?;
            let at = data.whole.start.saturating_add(4);
            edits = edits
                .and(4..8, grown.to_le_bytes().to_vec())
                .and(at..at.saturating_add(4), length.to_le_bytes().to_vec());
        }
        edits = self.count_frames(bytes, edits, added);
        edits = self.move_marks(bytes, edits, places, label.len());
        Ok(edits.apply(bytes))
    }
}
