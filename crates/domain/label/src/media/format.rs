//! The formats that carry a label.

/// A format of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// JPEG pictures (JFIF, EXIF).
    Jpeg,
    /// PNG pictures, animated ones among them.
    Png,
    /// RIFF WAVE sound, RF64 among it.
    Wav,
    /// WebP pictures, animated ones among them.
    Webp,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Jpeg, Self::Png, Self::Wav, Self::Webp];

    /// The word for it in machine-readable reports, which is also the usual file name extension.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Wav => "wav",
            Self::Webp => "webp",
        }
    }

    /// The media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Wav => "audio/wav",
            Self::Webp => "image/webp",
        }
    }

    /// The format of a file by its first bytes; names are not looked at.
    #[must_use]
    pub fn sniff(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(b"\xff\xd8\xff") {
            return Some(Self::Jpeg);
        }
        if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            return Some(Self::Png);
        }
        let riff = matches!(bytes.get(..4), Some(b"RIFF" | b"RF64"));
        match bytes.get(8..12) {
            Some(b"WAVE") if riff => Some(Self::Wav),
            Some(b"WEBP") if riff => Some(Self::Webp),
            _ => None,
        }
    }
}
