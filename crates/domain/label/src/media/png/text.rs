//! The text chunks of PNG: `tEXt`, `zTXt`, `iTXt` (PNG, third edition, 11.3.3).

use std::{borrow::Cow, io::Read as _};

use super::{super::Broken, XMP_KEYWORD};

/// What is inflated of one file. A prompt with its workflow has 100 KB; more is a bomb.
const INFLATED_BYTES_MAX: usize = 16 << 20;
/// The longest data of a chunk.
pub(super) const LENGTH_MAX: u32 = (1 << 31) - 1;

/// One text chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text<'b> {
    pub(super) keyword: &'b [u8],
    pub(super) text: Cow<'b, [u8]>,
    /// Where in the data of the chunk the text stands, if not compressed.
    pub(super) verbatim_at: Option<usize>,
}

/// Inflates, all in all so much of one file.
#[derive(Debug)]
pub(super) struct Inflater {
    left: usize,
}

impl Inflater {
    pub(super) const fn new() -> Self {
        Self { left: INFLATED_BYTES_MAX }
    }

    fn inflate(&mut self, data: &[u8], at: usize) -> Result<Vec<u8>, Broken> {
        let mut text = Vec::new();
        let limit = u64::try_from(self.left).unwrap_or(u64::MAX).saturating_add(1);
        let read = flate2::read::ZlibDecoder::new(data).take(limit).read_to_end(&mut text);
        let length =
            read.map_err(|_| Broken::Malformed { what: "compressed text that cannot be read", at })?;
        self.left = self
            .left
            .checked_sub(length)
            .ok_or(Broken::Limit { what: "bytes of compressed text", limit: INFLATED_BYTES_MAX })?;
        Ok(text)
    }
}

impl<'b> Text<'b> {
    /// Reads a chunk of that kind, whose data begins at `at`; none where it is no text, or its
    /// keyword is none that is read.
    ///
    /// # Errors
    /// [`Broken`] where a compressed text cannot be read, or there is too much of them.
    pub(super) fn read(
        kind: [u8; 4],
        data: &'b [u8],
        at: usize,
        inflater: &mut Inflater,
        is_read: fn(&[u8]) -> bool,
    ) -> Result<Option<Self>, Broken> {
        if !matches!(&kind, b"tEXt" | b"zTXt" | b"iTXt") {
            return Ok(None);
        }
        let Some((keyword, rest)) = split_zero(data).filter(|(keyword, _)| is_read(keyword)) else {
            return Ok(None);
        };
        let (is_compressed, text) = match (&kind, rest) {
            (b"tEXt", text) => (false, text),
            (b"zTXt", [0, text @ ..]) => (true, text),
            (b"iTXt", [flag, _, rest @ ..]) => {
                let text = split_zero(rest).and_then(|(_, rest)| split_zero(rest));
                let Some((_, text)) = text else { return Ok(None) };
                (*flag == 1, text)
            }
            _ => return Ok(None),
        };
        Ok(Some(if is_compressed {
            Self { keyword, text: Cow::Owned(inflater.inflate(text, at)?), verbatim_at: None }
        } else {
            let verbatim_at = Some(data.len().saturating_sub(text.len()));
            Self { keyword, text: Cow::Borrowed(text), verbatim_at }
        }))
    }

    /// A whole chunk with that keyword and another text; none where it would be longer than one can be.
    pub(super) fn with_text(&self, text: &str) -> Option<Vec<u8>> {
        if text.is_ascii() {
            return chunk(*b"tEXt", &[self.keyword, b"\0", text.as_bytes()].concat());
        }
        international(self.keyword, text.as_bytes())
    }
}

/// A whole chunk with an XMP packet.
pub(super) fn xmp(packet: &[u8]) -> Option<Vec<u8>> {
    international(XMP_KEYWORD, packet)
}

fn international(keyword: &[u8], text: &[u8]) -> Option<Vec<u8>> {
    chunk(*b"iTXt", &[keyword, b"\0\0\0\0\0", text].concat())
}

/// A whole chunk.
pub(super) fn chunk(kind: [u8; 4], data: &[u8]) -> Option<Vec<u8>> {
    let length = u32::try_from(data.len()).ok().filter(|length| *length <= LENGTH_MAX)?;
    let mut checksum = flate2::Crc::new();
    checksum.update(&kind);
    checksum.update(data);
    Some([&length.to_be_bytes()[..], &kind, data, &checksum.sum().to_be_bytes()].concat())
}

/// What is before the first zero, and after it.
fn split_zero(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = memchr::memchr(0, data)?;
    Some((data.get(..at)?, data.get(at.checked_add(1)?..)?))
}
