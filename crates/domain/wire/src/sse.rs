//! Cutting a server-sent event stream into frames.
//!
//! [`Decoder`] takes the chunks as they arrive. A frame that lies within one chunk is a slice of it; only one that is
//! split over chunks is copied. The raw bytes of all frames, in order, are exactly the bytes that came in, so a frame
//! that needs no change is passed on as it is. The frames do not depend on where the chunks were cut.
//!
//! Follows the "event stream interpretation" of the WHATWG HTML standard, with one addition that real servers need:
//! what stands after the last blank line is handed out by [`Decoder::finish`] and marked as incomplete.

mod frame;

use bytes::{Buf, Bytes, BytesMut};

pub use frame::{Frame, FrameKind};

/// How much of a stream is held at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SseLimits {
    /// The largest event with all its lines.
    pub event_bytes_max: usize,
}

impl Default for SseLimits {
    /// 1 MiB: a chunk with a base64 image fits, an endless line does not.
    fn default() -> Self {
        Self { event_bytes_max: 1024 * 1024 }
    }
}

/// Why a stream cannot be read on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SseError {
    /// One event is larger than the limit. The stream is lost: nothing after it is read.
    #[error("event larger than {limit} bytes")]
    EventTooLarge {
        /// The limit.
        limit: usize,
    },
}

/// Cuts chunks into frames.
#[derive(Debug)]
pub struct Decoder {
    limits: SseLimits,
    /// The event so far, where it began in an earlier chunk.
    held: BytesMut,
    line: Line,
    is_first: bool,
    is_broken: bool,
}

/// Where in an event the last byte was.
#[derive(Clone, Copy, Debug)]
struct Line {
    /// Nothing of the present line has come.
    is_empty: bool,
    /// The last byte was a carriage return; a line feed may belong to it.
    after_return: bool,
    /// The line before ended with a carriage return and a line feed.
    is_crlf: bool,
}

impl Line {
    const START: Self = Self { is_empty: true, after_return: false, is_crlf: false };

    /// Takes bytes up to and with the blank line that ends the event; `None` when it is not among them.
    ///
    /// A blank line that is a lone carriage return ends the event at once, except where the line before it ended with
    /// both: then the line feed is waited for. So frames are the same for every cut of the chunks, and a stream that
    /// uses carriage returns alone is not held back by one event.
    fn take(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        loop {
            let rest = bytes.get(at..).unwrap_or(&[]);
            let first = *rest.first()?;
            if self.after_return {
                self.after_return = false;
                let has_feed = first == b'\n';
                at += usize::from(has_feed);
                if self.is_empty {
                    return Some(at);
                }
                self.is_crlf = has_feed;
                self.is_empty = true;
                continue;
            }
            let Some(length) = memchr::memchr2(b'\n', b'\r', rest) else {
                self.is_empty = false;
                return None;
            };
            self.is_empty &= length == 0;
            let is_feed = rest.get(length) == Some(&b'\n');
            at += length + 1;
            if self.is_empty && (is_feed || !self.is_crlf) {
                return Some(at);
            }
            if is_feed {
                self.is_crlf = false;
                self.is_empty = true;
            } else {
                self.after_return = true;
            }
        }
    }
}

impl Decoder {
    /// A decoder at the start of a stream.
    #[must_use]
    pub fn new(limits: SseLimits) -> Self {
        Self { limits, held: BytesMut::new(), line: Line::START, is_first: true, is_broken: false }
    }

    /// Takes the next chunk and appends the frames that it completes.
    ///
    /// # Errors
    /// [`SseError::EventTooLarge`], and from then on always. Frames completed before are in `frames`.
    pub fn push(&mut self, mut chunk: Bytes, frames: &mut Vec<Frame>) -> Result<(), SseError> {
        let limit = self.limits.event_bytes_max;
        if self.is_broken {
            return Err(SseError::EventTooLarge { limit });
        }
        while !chunk.is_empty() {
            let found = self.line.take(&chunk);
            let length = found.unwrap_or(chunk.len());
            if self.held.len().saturating_add(length) > limit {
                self.is_broken = true;
                self.held = BytesMut::new();
                return Err(SseError::EventTooLarge { limit });
            }
            if found.is_none() {
                self.held.extend_from_slice(&chunk);
                break;
            }
            self.line = Line::START;
            let raw = if self.held.is_empty() {
                chunk.split_to(length)
            } else {
                self.held.extend_from_slice(chunk.get(..length).unwrap_or(&[]));
                chunk.advance(length);
                self.held.split().freeze()
            };
            frames.push(Frame::parse(raw, std::mem::take(&mut self.is_first), true));
        }
        Ok(())
    }

    /// Ends the stream: what stands after the last blank line, where there is something.
    ///
    /// The frame has [`Frame::is_complete`] false: it may be an event whose server forgot the blank line, or half of one.
    pub fn finish(&mut self) -> Option<Frame> {
        let raw = self.held.split().freeze();
        let is_ended_by_return = self.line.after_return && self.line.is_empty;
        self.line = Line::START;
        (!raw.is_empty()).then(|| Frame::parse(raw, std::mem::take(&mut self.is_first), is_ended_by_return))
    }

    /// How many bytes of an unfinished event are held.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.held.len()
    }
}
