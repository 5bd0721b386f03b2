//! The formats that carry a label.

/// A format of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// RIFF WAVE sound, RF64 among it.
    Wav,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 1] = [Self::Wav];

    /// The word for it in machine-readable reports, which is also the usual file name extension.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wav => "wav",
        }
    }

    /// The media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Wav => "audio/wav",
        }
    }

    /// The format of a file by its first bytes; names are not looked at.
    #[must_use]
    pub fn sniff(bytes: &[u8]) -> Option<Self> {
        let riff = matches!(bytes.get(..4), Some(b"RIFF" | b"RF64"));
        match bytes.get(8..12) {
            Some(b"WAVE") if riff => Some(Self::Wav),
            _ => None,
        }
    }
}
