//! One event of a stream.

use bytes::{Bytes, BytesMut};

/// What a frame is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameKind {
    /// An event with data.
    Data,
    /// The data is `[DONE]`, OpenAI's end of stream.
    Done,
    /// No data: comments that keep the connection alive, blank lines, `retry:`.
    Quiet,
}

/// One event with all its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The bytes as they came, with the blank line.
    pub raw: Bytes,
    /// The data: a slice of `raw` for one line, joined by line feeds for several.
    pub data: Option<Bytes>,
    /// The `event:` field, where there is one.
    pub event: Option<Bytes>,
    /// What it is.
    pub kind: FrameKind,
    /// Whether the blank line was there. A frame without one must not be passed on as it is: see
    /// [`crate::sse_frame`].
    pub is_complete: bool,
}

impl Frame {
    pub(super) fn parse(raw: Bytes, is_first: bool, is_complete: bool) -> Self {
        let mut fields = Fields::default();
        let mut at = if is_first && raw.starts_with("\u{feff}".as_bytes()) { 3 } else { 0 };
        while at < raw.len() {
            let rest = raw.get(at..).unwrap_or(&[]);
            let length = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
            fields.line(&raw, at, at + length);
            let is_crlf = rest.get(length..length + 2) == Some(b"\r\n");
            at += length + 1 + usize::from(is_crlf);
        }
        let data = match (fields.joined, fields.data) {
            (Some(joined), _) => Some(joined.freeze()),
            (None, data) => data,
        };
        let kind = match &data {
            None => FrameKind::Quiet,
            Some(data) if data.trim_ascii() == b"[DONE]" => FrameKind::Done,
            Some(_) => FrameKind::Data,
        };
        Self { raw, data, event: fields.event, kind, is_complete }
    }
}

#[derive(Default)]
struct Fields {
    data: Option<Bytes>,
    joined: Option<BytesMut>,
    event: Option<Bytes>,
}

impl Fields {
    fn line(&mut self, raw: &Bytes, start: usize, end: usize) {
        let line = raw.get(start..end).unwrap_or(&[]);
        let colon = memchr::memchr(b':', line).unwrap_or(line.len());
        let name = line.get(..colon).unwrap_or(&[]);
        let mut value = (start + colon + 1).min(end);
        if raw.get(value) == Some(&b' ') && value < end {
            value += 1;
        }
        match name {
            b"data" => self.data(raw.slice(value..end)),
            b"event" => self.event = Some(raw.slice(value..end)),
            // An empty name is a comment; `id` and `retry` say nothing to a gateway.
            _ => {}
        }
    }

    fn data(&mut self, value: Bytes) {
        match (&mut self.joined, &self.data) {
            (Some(joined), _) => {
                joined.extend_from_slice(b"\n");
                joined.extend_from_slice(&value);
            }
            (None, Some(first)) => {
                let mut joined = BytesMut::with_capacity(first.len() + value.len() + 1);
                joined.extend_from_slice(first);
                joined.extend_from_slice(b"\n");
                joined.extend_from_slice(&value);
                self.joined = Some(joined);
            }
            (None, None) => self.data = Some(value),
        }
    }
}
