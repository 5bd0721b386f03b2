//! How samples stand in a WAVE file, and the values they are of.

use label::media::Broken;

use super::NAME;
use crate::MediaError;

/// The most channels that are taken: 7th-order ambisonics.
const CHANNELS_MAX: u16 = 64;
/// The highest rate, in Hz.
const RATE_MAX: u32 = 768_000;

/// Rate, channels and kind of the samples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SampleFormat {
    pub(super) kind: Kind,
    pub(super) channels: u16,
    /// Frames a second.
    pub(super) rate: u32,
}

/// What a sample is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Unsigned8,
    Signed16,
    Signed24,
    Signed32,
    Float32,
    Float64,
}

impl SampleFormat {
    /// Reads the chunk `fmt `.
    pub(super) fn read(chunk: &[u8]) -> Result<Self, MediaError> {
        let short =
            || MediaError::decode(NAME, Broken::Truncated { what: "the format of the samples", at: 0 });
        let word = |at: usize| chunk.get(at..)?.first_chunk().copied().map(u16::from_le_bytes);
        let tag = word(0).ok_or_else(short)?;
        let channels = word(2).ok_or_else(short)?;
        let rate = chunk.get(4..).and_then(|rest| rest.first_chunk()).copied().map(u32::from_le_bytes);
        let rate = rate.ok_or_else(short)?;
        let frame = word(12).ok_or_else(short)?;
        let bits = word(14).ok_or_else(short)?;
        // WAVE_FORMAT_EXTENSIBLE says the kind in the first bytes of a GUID.
        let tag = if tag == 0xfffe { word(24).ok_or_else(short)? } else { tag };
        let kind = match (tag, bits.next_multiple_of(8)) {
            (1, 8) => Kind::Unsigned8,
            (1, 16) => Kind::Signed16,
            (1, 24) => Kind::Signed24,
            (1, 32) => Kind::Signed32,
            (3, 32) => Kind::Float32,
            (3, 64) => Kind::Float64,
            _ => return Err(MediaError::Unsupported("sound that is neither linear PCM nor floating point")),
        };
        let format = Self { kind, channels, rate };
        let fits = usize::from(frame) == format.frame_bytes();
        if channels == 0 || channels > CHANNELS_MAX || rate == 0 || rate > RATE_MAX || !fits {
            return Err(MediaError::Unsupported("a sound of such rate, channels and frames"));
        }
        Ok(format)
    }

    /// The bytes of a sample of each channel.
    pub(super) fn frame_bytes(&self) -> usize {
        self.kind.bytes() * usize::from(self.channels)
    }
}

impl Kind {
    pub(super) const fn bytes(self) -> usize {
        match self {
            Self::Unsigned8 => 1,
            Self::Signed16 => 2,
            Self::Signed24 => 3,
            Self::Signed32 | Self::Float32 => 4,
            Self::Float64 => 8,
        }
    }

    /// The value of a sample, full scale at 1.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "values are compared, not kept"
    )]
    pub(super) fn decode(self, sample: &[u8]) -> f32 {
        let value = match (self, sample) {
            (Self::Unsigned8, &[a]) => (f32::from(a) - 128.0) / 128.0,
            (Self::Signed16, &[a, b]) => f32::from(i16::from_le_bytes([a, b])) / 32_768.0,
            (Self::Signed24, &[a, b, c]) => i32::from_le_bytes([0, a, b, c]) as f32 / 2_147_483_648.0,
            (Self::Signed32, &[a, b, c, d]) => i32::from_le_bytes([a, b, c, d]) as f32 / 2_147_483_648.0,
            (Self::Float32, &[a, b, c, d]) => f32::from_le_bytes([a, b, c, d]),
            (Self::Float64, &[a, b, c, d, e, f, g, h]) => f64::from_le_bytes([a, b, c, d, e, f, g, h]) as f32,
            _ => 0.0,
        };
        if value.is_finite() { value } else { 0.0 }
    }

    /// Appends a sample, cut at full scale.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the value is within full scale"
    )]
    pub(super) fn encode(self, value: f32, into: &mut Vec<u8>) {
        let value = value.clamp(-1.0, 1.0);
        let scaled = |full: f64| (f64::from(value) * full).round() as i32;
        match self {
            Self::Unsigned8 => into.push((scaled(127.0) + 128) as u8),
            Self::Signed16 => into.extend_from_slice(&(scaled(32_767.0) as i16).to_le_bytes()),
            Self::Signed24 => into.extend(scaled(8_388_607.0).to_le_bytes().into_iter().take(3)),
            Self::Signed32 => into.extend_from_slice(&scaled(2_147_483_647.0).to_le_bytes()),
            Self::Float32 => into.extend_from_slice(&value.to_le_bytes()),
            Self::Float64 => into.extend_from_slice(&f64::from(value).to_le_bytes()),
        }
    }
}
