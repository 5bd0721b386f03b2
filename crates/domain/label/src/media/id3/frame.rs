//! One frame of a tag, and the text in it.

use std::{borrow::Cow, ops::Range};

use super::{Broken, Version, synchronise, syncsafe, syncsafe_at, u32_at};

const COMPRESSED_OR_ENCRYPTED_23: u8 = 0xc0;
const COMPRESSED_OR_ENCRYPTED_24: u8 = 0x0c;
const GROUPED_23: u8 = 0x20;
const GROUPED_24: u8 = 0x40;
const UNSYNCHRONISED_24: u8 = 0x02;
const HAS_LENGTH_24: u8 = 0x01;

/// One frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Frame {
    /// Its name in four characters; those of 2.2 are turned into those of 2.3 where they matter here.
    pub(in super::super) id: [u8; 4],
    /// Its bytes in the file.
    pub(in super::super) whole: Range<usize>,
    /// What it holds, where that is text or a name that says what else it holds; cut to what a label can be.
    pub(in super::super) text: Option<Text>,
}

/// The text of a frame.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in super::super) struct Text {
    /// What it is about: the description of `TXXX` and `COMM`, the media type of `GEOB`.
    pub(in super::super) about: String,
    pub(in super::super) value: String,
}

/// The head of a frame, within the body of a tag.
pub(super) struct Head {
    id: [u8; 4],
    flags: u8,
    version: Version,
    data: Range<usize>,
    pub(super) end: usize,
}

impl Head {
    /// The head at `at`; none where padding begins or the tag ends.
    pub(super) fn read(version: Version, body: &[u8], at: usize, tag: usize) -> Result<Option<Self>, Broken> {
        let rest = body.get(at..).unwrap_or_default();
        if rest.first().is_none_or(|&first| first == 0) {
            return Ok(None);
        }
        let truncated = Broken::Truncated { what: "a frame of an ID3 tag", at: tag };
        let head = if version == Version::V22 { 6 } else { 10 };
        let length = match version {
            Version::V22 => {
                rest.get(3..6).map(|field| field.iter().fold(0, |sum, &byte| (sum << 8) | usize::from(byte)))
            }
            Version::V23 => u32_at(rest, 4).map(|length| length as usize),
            Version::V24 => length_24(rest),
        };
        let id = match rest.get(..4).ok_or(truncated.clone())? {
            [b'T', b'X', b'X', _] if version == Version::V22 => *b"TXXX",
            [b'C', b'O', b'M', _] if version == Version::V22 => *b"COMM",
            [b'T', b'S', b'S', _] if version == Version::V22 => *b"TSSE",
            [b'T', b'E', b'N', _] if version == Version::V22 => *b"TENC",
            [b'G', b'E', b'O', _] if version == Version::V22 => *b"GEOB",
            [a, b, c, _] if version == Version::V22 => [*a, *b, *c, b' '],
            id => id.try_into().map_err(|_| truncated.clone())?,
        };
        let start = at.saturating_add(head);
        let end = length.and_then(|length| start.checked_add(length)).filter(|&end| end <= body.len());
        let end = end.ok_or(truncated)?;
        let flags = if version == Version::V22 { 0 } else { rest.get(9).copied().unwrap_or_default() };
        Ok(Some(Self { id, flags, version, data: start..end, end }))
    }

    pub(super) fn into_frame(self, body: &[u8], whole: Range<usize>) -> Frame {
        let is_read = matches!(&self.id, b"TXXX" | b"COMM" | b"TSSE" | b"TENC" | b"GEOB" | b"PRIV");
        let data = is_read.then(|| self.data(body)).flatten();
        Frame { id: self.id, whole, text: data.and_then(|data| Text::read(self.id, &data)) }
    }

    /// What the frame holds; none where that is compressed or encrypted.
    fn data<'b>(&self, body: &'b [u8]) -> Option<Cow<'b, [u8]>> {
        let data = body.get(self.data.clone())?;
        match self.version {
            Version::V22 => Some(data.into()),
            Version::V23 if self.flags & COMPRESSED_OR_ENCRYPTED_23 != 0 => None,
            Version::V23 => data.get(usize::from(self.flags & GROUPED_23 != 0)..).map(Cow::from),
            Version::V24 if self.flags & COMPRESSED_OR_ENCRYPTED_24 != 0 => None,
            Version::V24 => {
                let skip = usize::from(self.flags & GROUPED_24 != 0);
                let skip = if self.flags & HAS_LENGTH_24 != 0 { skip.saturating_add(4) } else { skip };
                let data = data.get(skip..)?;
                let is_plain = self.flags & UNSYNCHRONISED_24 == 0;
                Some(if is_plain { data.into() } else { synchronise(data, |_| {}).into() })
            }
        }
    }
}

/// The length of a frame of 2.4. Some writers (old iTunes) leave the seven bits out: where only the plain number ends
/// at a frame or at padding, it is the length.
fn length_24(rest: &[u8]) -> Option<usize> {
    let plain = u32_at(rest, 4)? as usize;
    let Some(length) = syncsafe_at(rest, 4) else { return Some(plain) };
    let ends_well = |length: usize| {
        let next = rest.get(length.saturating_add(10)..);
        next.is_some_and(|next| {
            next.first().is_none_or(|&first| first == 0)
                || next
                    .get(..4)
                    .is_some_and(|id| id.iter().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit()))
        })
    };
    Some(if !ends_well(length) && ends_well(plain) { plain } else { length })
}

impl Text {
    fn read(id: [u8; 4], data: &[u8]) -> Option<Self> {
        let (&encoding, rest) = data.split_first()?;
        match &id {
            b"TXXX" => {
                let (about, value) = cut(encoding, rest);
                Some(Self {
                    about: decode(encoding, about),
                    value: decode(encoding, until_end(encoding, value)),
                })
            }
            b"COMM" => {
                let (about, value) = cut(encoding, rest.get(3..)?);
                Some(Self {
                    about: decode(encoding, about),
                    value: decode(encoding, until_end(encoding, value)),
                })
            }
            b"GEOB" => Some(Self { about: decode(0, cut(0, rest).0), value: String::new() }),
            b"PRIV" => {
                let (owner, value) = cut(0, data);
                Some(Self { about: decode(0, owner), value: String::from_utf8_lossy(value).into_owned() })
            }
            _ => Some(Self { about: String::new(), value: decode(encoding, until_end(encoding, rest)) }),
        }
    }
}

/// What stands before the end mark of a text and what behind it.
fn cut(encoding: u8, data: &[u8]) -> (&[u8], &[u8]) {
    let (at, width) = match encoding {
        1 | 2 => {
            let (units, _) = data.as_chunks::<2>();
            (units.iter().position(|unit| unit == &[0, 0]).map(|at| at.saturating_mul(2)), 2)
        }
        _ => (data.iter().position(|&byte| byte == 0), 1),
    };
    let at = at.unwrap_or(data.len());
    let after = data.get(at.saturating_add(width)..).unwrap_or_default();
    (data.get(..at).unwrap_or_default(), after)
}

fn until_end(encoding: u8, data: &[u8]) -> &[u8] {
    cut(encoding, data).0
}

/// A text in Latin-1, in UTF-16 with a mark of its order or without, or in UTF-8. Latin-1 that is UTF-8 is read as
/// such: many writers do not set the mark.
fn decode(encoding: u8, text: &[u8]) -> String {
    let wide = |text: &[u8], read: fn([u8; 2]) -> u16| {
        let units = text.as_chunks::<2>().0.iter().map(|&unit| read(unit));
        char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    };
    match (encoding, text) {
        (1, [0xff, 0xfe, text @ ..]) => wide(text, u16::from_le_bytes),
        (1, [0xfe, 0xff, text @ ..]) | (2, text) => wide(text, u16::from_be_bytes),
        (1, text) => wide(text, u16::from_le_bytes),
        (0, text) => match std::str::from_utf8(text) {
            Ok(text) => text.to_owned(),
            Err(_) => text.iter().copied().map(char::from).collect(),
        },
        (_, text) => String::from_utf8_lossy(text).into_owned(),
    }
}

/// The frame `TXXX` with a description and a text, for a tag of that version; none where it would be too long.
pub(in super::super) fn user_text(version: Version, about: &str, text: &str) -> Option<Vec<u8>> {
    let data = match version {
        _ if text.is_ascii() => [b"\0", about.as_bytes(), b"\0", text.as_bytes()].concat(),
        Version::V24 => [b"\x03", about.as_bytes(), b"\0", text.as_bytes()].concat(),
        Version::V22 | Version::V23 => {
            let wide = |text: &str| -> Vec<u8> {
                [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
            };
            [&b"\x01"[..], &wide(about), &[0, 0], &wide(text)].concat()
        }
    };
    let length = u32::try_from(data.len()).ok()?;
    Some(match version {
        Version::V22 => {
            let [0, length @ ..] = length.to_be_bytes() else { return None };
            [&b"TXX"[..], &length, &data].concat()
        }
        Version::V23 => [&b"TXXX"[..], &length.to_be_bytes(), &[0, 0], &data].concat(),
        Version::V24 => [&b"TXXX"[..], &syncsafe(length.into())?, &[0, 0], &data].concat(),
    })
}
