//! The formats of pictures that are decoded and encoded here.

/// A format of pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PictureFormat {
    /// GIF, animated or not.
    Gif,
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// TIFF of one page.
    Tiff,
    /// WebP.
    WebP,
}

impl PictureFormat {
    /// The format of a file by its first bytes; names are not looked at.
    #[must_use]
    pub fn sniff(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
            Some(Self::Jpeg)
        } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            Some(Self::Png)
        } else if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
            Some(Self::Gif)
        } else if bytes.starts_with(b"II*\0") || bytes.starts_with(b"MM\0*") {
            Some(Self::Tiff)
        } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
            Some(Self::WebP)
        } else {
            None
        }
    }

    /// Its name in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gif => "GIF picture",
            Self::Jpeg => "JPEG picture",
            Self::Png => "PNG picture",
            Self::Tiff => "TIFF picture",
            Self::WebP => "WebP picture",
        }
    }

    /// Whether an invisible mark can be put into it: a palette holds none.
    #[must_use]
    pub const fn takes_mark(self) -> bool {
        !matches!(self, Self::Gif)
    }
}
