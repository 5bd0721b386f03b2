//! The formats that carry a label.

use super::{flac, heif, html, mkv, mp3, mp4, ogg, ooxml, pdf, svg};

/// A format of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// RIFF video.
    Avi,
    /// AVIF pictures.
    Avif,
    /// Documents of Word: Office Open XML.
    Docx,
    /// Free Lossless Audio Codec in its own container.
    Flac,
    /// GIF pictures, animated ones among them.
    Gif,
    /// HEIC pictures, and others of HEIF.
    Heic,
    /// Web pages.
    Html,
    /// JPEG pictures (JFIF, EXIF).
    Jpeg,
    /// MPEG-4 sound alone.
    M4a,
    /// Matroska.
    Mkv,
    /// QuickTime.
    Mov,
    /// MPEG sound, with or without a tag.
    Mp3,
    /// MPEG-4, whole or in fragments.
    Mp4,
    /// Ogg with Vorbis sound, beside which other streams may stand.
    Ogg,
    /// Ogg with Opus sound.
    Opus,
    /// PDF documents.
    Pdf,
    /// PNG pictures, animated ones among them.
    Png,
    /// Presentations of PowerPoint: Office Open XML.
    Pptx,
    /// SVG drawings.
    Svg,
    /// TIFF pictures, BigTIFF among them.
    Tiff,
    /// RIFF WAVE sound, RF64 among it.
    Wav,
    /// WebM: Matroska for browsers.
    Webm,
    /// WebP pictures, animated ones among them.
    Webp,
    /// Workbooks of Excel: Office Open XML.
    Xlsx,
}

impl Format {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::Avi,
        Self::Avif,
        Self::Docx,
        Self::Flac,
        Self::Gif,
        Self::Heic,
        Self::Html,
        Self::Jpeg,
        Self::M4a,
        Self::Mkv,
        Self::Mov,
        Self::Mp3,
        Self::Mp4,
        Self::Ogg,
        Self::Opus,
        Self::Pdf,
        Self::Png,
        Self::Pptx,
        Self::Svg,
        Self::Tiff,
        Self::Wav,
        Self::Webm,
        Self::Webp,
        Self::Xlsx,
    ];

    /// The word for it in machine-readable reports, which is also the usual file name extension.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Avi => "avi",
            Self::Avif => "avif",
            Self::Docx => "docx",
            Self::Flac => "flac",
            Self::Gif => "gif",
            Self::Heic => "heic",
            Self::Html => "html",
            Self::Jpeg => "jpg",
            Self::M4a => "m4a",
            Self::Mkv => "mkv",
            Self::Mov => "mov",
            Self::Mp3 => "mp3",
            Self::Mp4 => "mp4",
            Self::Ogg => "ogg",
            Self::Opus => "opus",
            Self::Pdf => "pdf",
            Self::Png => "png",
            Self::Pptx => "pptx",
            Self::Svg => "svg",
            Self::Tiff => "tif",
            Self::Wav => "wav",
            Self::Webm => "webm",
            Self::Webp => "webp",
            Self::Xlsx => "xlsx",
        }
    }

    /// The media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Avi => "video/x-msvideo",
            Self::Avif => "image/avif",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Flac => "audio/flac",
            Self::Gif => "image/gif",
            Self::Heic => "image/heic",
            Self::Html => "text/html",
            Self::Jpeg => "image/jpeg",
            Self::M4a => "audio/mp4",
            Self::Mkv => "video/matroska",
            Self::Mov => "video/quicktime",
            Self::Mp3 => "audio/mpeg",
            Self::Mp4 => "video/mp4",
            Self::Ogg => "audio/ogg",
            Self::Opus => "audio/ogg; codecs=opus",
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Pptx => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            Self::Svg => "image/svg+xml",
            Self::Tiff => "image/tiff",
            Self::Wav => "audio/wav",
            Self::Webm => "video/webm",
            Self::Webp => "image/webp",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// The format of a file by its first bytes, and of a ZIP archive by its directory; names are not looked at.
    #[must_use]
    pub fn sniff(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => return Some(Self::Gif),
            [0xFF, 0xD8, 0xFF, ..] => return Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => return Some(Self::Png),
            [b'I', b'I', b'*' | b'+', 0, ..] | [b'M', b'M', 0, b'*' | b'+', ..] => return Some(Self::Tiff),
            _ if svg::is_svg(bytes) => return Some(Self::Svg),
            _ => {}
        }
        let riff = matches!(bytes.get(..4), Some(b"RIFF" | b"RF64"));
        match bytes.get(8..12) {
            Some(b"AVI ") if riff => Some(Self::Avi),
            Some(b"WAVE") if riff => Some(Self::Wav),
            Some(b"WEBP") if riff => Some(Self::Webp),
            _ if flac::is(bytes) => Some(Self::Flac),
            _ if mp3::is(bytes) => Some(Self::Mp3),
            _ if html::is_html(bytes) => Some(Self::Html),
            // PDF last: its head may stand a little after the start.
            _ => heif::sniff(bytes)
                .or_else(|| mp4::sniff(bytes))
                .or_else(|| ogg::sniff(bytes))
                .or_else(|| mkv::sniff(bytes))
                .or_else(|| ooxml::sniff(bytes))
                .or_else(|| pdf::is_pdf(bytes).then_some(Self::Pdf)),
        }
    }
}
