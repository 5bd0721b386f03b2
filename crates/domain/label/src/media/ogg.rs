//! Ogg with Vorbis or Opus: the label is the Vorbis comment `AIGC` (TC260-PG-202510A, annex) in the packet of comments,
//! the second of a stream. Only the pages that hold it are made anew.

mod pages;
#[cfg(test)]
mod tests;

use std::ops::Range;

use super::{Broken, Edits, Format, Found, Marks, Reading, WriteError, comments::Comments};

use pages::{Page, Pages};

/// Streams of one file, one after another or beside each other. A concert in pieces has some dozen.
const STREAMS_MAX: usize = 256;
/// A packet of comments, covers of records in it.
const COMMENTS_BYTES_MAX: usize = 64 << 20;
/// Pages at the head of a file that are looked at for its format: one a stream.
const HEADS_MAX: usize = 16;

/// What a stream is, by its first packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Vorbis,
    Opus,
    /// An index of a file by Ogg Skeleton 4, which counts bytes.
    Index,
    Other,
}

impl Kind {
    fn of(packet: &[u8]) -> Self {
        match packet {
            [b'O', b'p', b'u', b's', b'H', b'e', b'a', b'd', ..] => Self::Opus,
            [1, b'v', b'o', b'r', b'b', b'i', b's', ..] => Self::Vorbis,
            [b'f', b'i', b's', b'h', b'e', b'a', b'd', 0, version, ..] if *version >= 4 => Self::Index,
            _ => Self::Other,
        }
    }

    /// What the packet of comments begins with.
    const fn mark(self) -> &'static [u8] {
        match self {
            Self::Vorbis => b"\x03vorbis",
            Self::Opus => b"OpusTags",
            Self::Index | Self::Other => b"",
        }
    }
}

/// A stream whose comments are read.
struct Stream {
    serial: u32,
    kind: Kind,
    /// The pages that hold the comments.
    pages: Vec<Page>,
    packet: Vec<u8>,
    /// How many parts of the last page belong to the comments; none while they go on.
    parts_of_last: Option<usize>,
}

/// The format by the streams that a file begins with.
pub(super) fn sniff(bytes: &[u8]) -> Option<Format> {
    let heads = Pages::of(bytes).take(HEADS_MAX).map_while(Result::ok).take_while(Page::is_first);
    let kinds: Vec<Kind> = heads.map(|page| Kind::of(page.data(bytes))).collect();
    match kinds.as_slice() {
        kinds if kinds.contains(&Kind::Vorbis) => Some(Format::Ogg),
        kinds if kinds.contains(&Kind::Opus) => Some(Format::Opus),
        _ => None,
    }
}

/// Every comment with the label's name, in every stream.
pub(super) fn read(bytes: &[u8]) -> Result<Reading, Broken> {
    let mut reading = Reading::default();
    for stream in streams(bytes)?.0 {
        let comments = stream.comments()?;
        for (_, text) in comments.labels(&stream.packet) {
            reading.label("Ogg comment AIGC", stream.range(), text);
        }
        for text in comments.texts(&stream.packet) {
            reading.maker("Ogg comment", &String::from_utf8_lossy(text));
        }
    }
    Ok(reading)
}

/// Adds a comment to the first stream.
pub(super) fn write(bytes: &[u8], present: Option<&Found>, marks: &Marks<'_>) -> Result<Edits, WriteError> {
    let (streams, has_index) = streams(bytes)?;
    if has_index {
        return Err(WriteError::NoPlace("the file has an index of its bytes (Ogg Skeleton 4)"));
    }
    let is_place = |stream: &&Stream| present.is_none_or(|found| found.range == stream.range());
    let stream = streams.iter().find(is_place);
    let stream = stream.ok_or(WriteError::NoPlace("the file has no stream of Vorbis or Opus"))?;
    let comments = stream.comments()?;
    let old = present.and_then(|_| comments.labels(&stream.packet).into_iter().next()).map(|label| label.0);
    let packet = comments.with_label(old, &marks.label.to_json())?.apply(&stream.packet);
    stream.with_packet(bytes, &packet)
}

/// The streams of Vorbis and Opus with their comments, and whether something counts the bytes of the file.
fn streams(bytes: &[u8]) -> Result<(Vec<Stream>, bool), Broken> {
    let mut streams: Vec<Stream> = Vec::new();
    let mut has_index = false;
    for page in Pages::of(bytes) {
        let page = page?;
        if page.is_first() {
            let kind = Kind::of(page.data(bytes));
            has_index |= kind == Kind::Index;
            if matches!(kind, Kind::Vorbis | Kind::Opus) {
                if streams.len() == STREAMS_MAX {
                    return Err(Broken::Limit { what: "Ogg streams", limit: STREAMS_MAX });
                }
                let (pages, packet) = (Vec::new(), Vec::new());
                streams.push(Stream { serial: page.serial, kind, pages, packet, parts_of_last: None });
            }
        } else if let Some(stream) = streams.iter_mut().rfind(|stream| stream.serial == page.serial) {
            stream.take(bytes, page)?;
        }
    }
    match streams.iter().find(|stream| stream.parts_of_last.is_none()) {
        Some(stream) => {
            let at = stream.pages.first().map_or(0, |page| page.whole.start);
            Err(Broken::Truncated { what: "a packet of comments", at })
        }
        None => Ok((streams, has_index)),
    }
}

impl Stream {
    /// Takes what a page holds of the comments.
    fn take(&mut self, bytes: &[u8], page: Page) -> Result<(), Broken> {
        if self.parts_of_last.is_some() {
            return Ok(());
        }
        let lacing = page.lacing(bytes);
        let end = lacing.iter().position(|&length| length < 255).map(|last| last.saturating_add(1));
        let length = page.length_of(bytes, end.unwrap_or(lacing.len()));
        self.packet.extend_from_slice(page.data(bytes).get(..length).unwrap_or_default());
        self.parts_of_last = end;
        let at = page.whole.start;
        self.pages.push(page);
        if self.packet.len() > COMMENTS_BYTES_MAX {
            return Err(Broken::Limit { what: "bytes of comments", limit: COMMENTS_BYTES_MAX });
        }
        if end.is_some() && !self.packet.starts_with(self.kind.mark()) {
            return Err(Broken::Malformed { what: "an Ogg stream without comments", at });
        }
        Ok(())
    }

    fn comments(&self) -> Result<Comments, Broken> {
        Comments::read(&self.packet, self.kind.mark().len()..self.packet.len())
    }

    fn range(&self) -> Range<usize> {
        let start = self.pages.first().map_or(0, |page| page.whole.start);
        start..self.pages.last().map_or(start, |page| page.whole.end)
    }

    /// The same pages with other comments. Where these need one more, the pages behind get their numbers anew.
    fn with_packet(&self, bytes: &[u8], packet: &[u8]) -> Result<Edits, WriteError> {
        let last = self.pages.last().ok_or(WriteError::NoPlace("the stream has no comments"))?;
        let used = self.parts_of_last.unwrap_or_default();
        let rest = last.length_of(bytes, used);
        let full = packet.len() / 255;
        let end = u8::try_from(packet.len() % 255).unwrap_or_default();
        let lacing = last.lacing(bytes).get(used..).unwrap_or_default();
        let lacing = [&vec![255; full][..], &[end], lacing].concat();
        let data = [packet, last.data(bytes).get(rest..).unwrap_or_default()].concat();
        let new = pages::repaged(bytes, &self.pages, &lacing, &data);
        let more = new.len().saturating_sub(self.pages.len());
        let mut edits = Edits::none();
        let mut new = new.into_iter();
        for (number, page) in self.pages.iter().enumerate() {
            let is_last = number.saturating_add(1) == self.pages.len();
            let bytes =
                if is_last { new.by_ref().flatten().collect() } else { new.next().unwrap_or_default() };
            edits = edits.and(page.whole.clone(), bytes);
        }
        if more > 0 {
            for page in Pages::from(bytes, last.whole.end) {
                let page = page?;
                if page.serial == self.serial {
                    if page.is_first() {
                        break;
                    }
                    let (place, field) = page.renumbered(bytes, more);
                    edits = edits.and(place, field);
                }
            }
        }
        Ok(edits)
    }
}

#[cfg(test)]
pub(super) use tests::samples;
