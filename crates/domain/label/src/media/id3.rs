//! ID3v2 (versions 2.2, 2.3 and 2.4): the tag before MPEG sound, frames with a name each. Only what a label needs is
//! understood; every other frame stays as it stands.

mod frame;

use std::ops::Range;

use super::Broken;

pub(super) use frame::{Frame, user_text};

/// Frames of one tag; a tag of a whole audio book has some hundred.
const FRAMES_MAX: usize = 65_536;
/// Before the frames: `ID3`, a version, flags, a length.
const HEAD: usize = 10;
const HAS_UNSYNCHRONISATION: u8 = 0x80;
const HAS_EXTENDED_HEAD: u8 = 0x40;
const HAS_FOOTER: u8 = 0x10;

/// One tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tag {
    pub(super) version: Version,
    /// With head and footer.
    pub(super) whole: Range<usize>,
    /// Where frames may begin: behind the extended head.
    pub(super) first: usize,
    /// Where the last frame ends, and padding begins.
    pub(super) last: usize,
    pub(super) frames: Vec<Frame>,
    /// The tag has a byte of zero after each of 255, as players of before such tags need it (2.2 and 2.3).
    pub(super) is_unsynchronised: bool,
    /// The extended head holds a checksum of the frames.
    pub(super) has_checksum: bool,
    has_footer: bool,
}

/// The versions, which differ in the heads of frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    V22,
    V23,
    V24,
}

impl Tag {
    /// The tag that begins at `start`; none where none does.
    ///
    /// # Errors
    /// [`Broken`] where there is one that is not whole.
    pub(super) fn read(bytes: &[u8], start: usize) -> Result<Option<Self>, Broken> {
        let rest = bytes.get(start..).unwrap_or_default();
        let (Some(b"ID3"), Some(&major), Some(&flags)) = (rest.get(..3), rest.get(3), rest.get(5)) else {
            return Ok(None);
        };
        let version = match major {
            2 => Version::V22,
            3 => Version::V23,
            4 => Version::V24,
            _ => return Err(Broken::Malformed { what: "an ID3 tag of an unknown version", at: start }),
        };
        let truncated = Broken::Truncated { what: "an ID3 tag", at: start };
        let length = syncsafe_at(rest, 6).ok_or(truncated.clone())?;
        let body = start.saturating_add(HEAD)..start.saturating_add(HEAD).saturating_add(length);
        let has_footer = version == Version::V24 && flags & HAS_FOOTER != 0;
        let end = body.end.saturating_add(if has_footer { HEAD } else { 0 });
        let raw = bytes.get(body.clone()).filter(|_| end <= bytes.len()).ok_or(truncated)?;
        let is_unsynchronised = version != Version::V24 && flags & HAS_UNSYNCHRONISATION != 0;
        let body_text = if is_unsynchronised { Synchronised::read(raw) } else { Synchronised::plain(raw) };
        let mut tag = Self {
            version,
            whole: start..end,
            first: body.start,
            last: body.start,
            frames: Vec::new(),
            is_unsynchronised,
            has_checksum: false,
            has_footer,
        };
        let mut at = 0;
        if version != Version::V22 && flags & HAS_EXTENDED_HEAD != 0 {
            at = tag.extended_head(&body_text.bytes, start)?;
        }
        tag.first = body.start.saturating_add(body_text.place(at));
        tag.last = tag.first;
        while let Some(frame) = frame::Head::read(version, &body_text.bytes, at, start)? {
            if tag.frames.len() == FRAMES_MAX {
                return Err(Broken::Limit { what: "frames of an ID3 tag", limit: FRAMES_MAX });
            }
            let place = |at| body.start.saturating_add(body_text.place(at));
            let whole = place(at)..place(frame.end);
            at = frame.end;
            tag.last = whole.end;
            tag.frames.push(frame.into_frame(&body_text.bytes, whole));
        }
        Ok(Some(tag))
    }

    /// Where the extended head ends; its length counts itself in 2.4 only.
    fn extended_head(&mut self, body: &[u8], start: usize) -> Result<usize, Broken> {
        let malformed = Broken::Malformed { what: "an ID3 tag with a broken extended head", at: start };
        let end = match self.version {
            Version::V24 => {
                self.has_checksum = body.get(5).is_some_and(|flags| flags & 0x20 != 0);
                syncsafe_at(body, 0)
            }
            _ => {
                self.has_checksum = body.get(4).is_some_and(|flags| flags & 0x80 != 0);
                u32_at(body, 0).map(|length| (length as usize).saturating_add(4))
            }
        };
        end.filter(|end| (6..=body.len()).contains(end)).ok_or(malformed)
    }

    /// Where its length stands, in the head and in a footer, and what it is once the tag has grown; none where it
    /// cannot become as long.
    pub(super) fn resized(&self, growth: i64) -> Option<(Vec<Range<usize>>, [u8; 4])> {
        let footer = if self.has_footer { HEAD } else { 0 };
        let length = self.whole.len().checked_sub(HEAD)?.checked_sub(footer)?;
        let length = u64::try_from(length).ok()?.checked_add_signed(growth)?;
        let footer = self.has_footer.then(|| self.whole.end.saturating_sub(HEAD));
        let heads = std::iter::once(self.whole.start).chain(footer);
        let fields = heads.map(|at| at.saturating_add(6)..at.saturating_add(HEAD)).collect();
        Some((fields, syncsafe(length)?))
    }
}

/// The bytes of a tag without the zeros that unsynchronisation put in.
struct Synchronised<'b> {
    bytes: std::borrow::Cow<'b, [u8]>,
    /// For each zero that was taken out, where in `bytes` it stood.
    removed: Vec<usize>,
}

impl<'b> Synchronised<'b> {
    fn plain(raw: &'b [u8]) -> Self {
        Self { bytes: raw.into(), removed: Vec::new() }
    }

    fn read(raw: &'b [u8]) -> Self {
        let mut removed = Vec::new();
        let bytes = synchronise(raw, |at| removed.push(at));
        Self { bytes: bytes.into(), removed }
    }

    /// Where a byte stands in the file, from where the tag's body begins.
    fn place(&self, at: usize) -> usize {
        at.saturating_add(self.removed.partition_point(|&removed| removed <= at))
    }
}

/// Takes out the zero after each byte of 255.
fn synchronise(raw: &[u8], mut removed: impl FnMut(usize)) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut after = false;
    for &byte in raw {
        if after && byte == 0 {
            removed(bytes.len());
        } else {
            bytes.push(byte);
        }
        after = byte == 0xff;
    }
    bytes
}

/// Puts a zero after each byte of 255 that could be taken for the start of sound.
pub(super) fn unsynchronise(bytes: &[u8]) -> Vec<u8> {
    let mut raw = Vec::with_capacity(bytes.len());
    for (at, &byte) in bytes.iter().enumerate() {
        raw.push(byte);
        let next = bytes.get(at.saturating_add(1));
        if byte == 0xff && next.is_none_or(|&next| next == 0 || next >= 0xe0) {
            raw.push(0);
        }
    }
    raw
}

/// A whole new tag with one frame.
pub(super) fn new(frame: &[u8]) -> Option<Vec<u8>> {
    let length = syncsafe(frame.len() as u64)?;
    Some([&b"ID3\x03\0\0"[..], &length, frame].concat())
}

/// Four times seven bits.
fn syncsafe_at(bytes: &[u8], at: usize) -> Option<usize> {
    let field = bytes.get(at..at.checked_add(4)?)?;
    field.iter().try_fold(0, |sum, &byte| (byte < 0x80).then_some((sum << 7) | usize::from(byte)))
}

fn syncsafe(length: u64) -> Option<[u8; 4]> {
    let length = u32::try_from(length).ok().filter(|&length| length < 1 << 28)?;
    let seven = |shift: u32| u8::try_from((length >> shift) & 0x7f).ok();
    Some([seven(21)?, seven(14)?, seven(7)?, seven(0)?])
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    super::boxes::u32_at(bytes, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsynchronisation_is_undone_and_places_are_those_of_the_file() {
        let plain = [1, 0xff, 0, 2, 0xff, 0xe0, 0xff];
        let raw = unsynchronise(&plain);
        assert_eq!(raw, [1, 0xff, 0, 0, 2, 0xff, 0, 0xe0, 0xff, 0]);
        let read = Synchronised::read(&raw);
        assert_eq!(*read.bytes, plain);
        let places: Vec<usize> = (0..plain.len()).map(|at| read.place(at)).collect();
        assert_eq!(places, [0, 1, 3, 4, 5, 7, 8]);
    }

    #[test]
    fn lengths_have_seven_bits_a_byte() {
        assert_eq!(syncsafe(257), Some([0, 0, 2, 1]));
        assert_eq!(syncsafe_at(&[0, 0, 2, 1], 0), Some(257));
        assert_eq!(syncsafe(1 << 28), None);
        assert_eq!(syncsafe_at(&[0, 0, 0x80, 1], 0), None);
    }
}
