//! The chunks that the gateway says itself: text that was held back, the label, the end of a blocked answer.

use bytes::Bytes;

use crate::document::write_escaped;
use crate::path::{ChannelPath, ChannelRoot, Step};
use crate::scan::Scan;

/// What every chunk of one stream says alike, as raw JSON values.
///
/// Taken from a chunk of the upstream, so that a client sees one stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    id: String,
    model: String,
    created: String,
}

impl Head {
    /// A head of our own, for an upstream that said nothing.
    #[must_use]
    pub fn new(id: &str, model: &str, created: u64) -> Self {
        let literal = |text: &str| {
            let mut out = Vec::new();
            write_escaped(text, &mut out);
            String::from_utf8(out).unwrap_or_default()
        };
        Self { id: literal(id), model: literal(model), created: created.to_string() }
    }

    /// The head of a scanned chunk; what it lacks comes from `fallback`.
    #[must_use]
    pub fn from_scan(json: &[u8], scan: &Scan<'_>, fallback: &Self) -> Self {
        let take = |range: &Option<std::ops::Range<usize>>, other: &String| {
            range
                .clone()
                .and_then(|range| json.get(range))
                .and_then(|raw| std::str::from_utf8(raw).ok())
                .map_or_else(|| other.clone(), str::to_owned)
        };
        Self {
            id: take(&scan.id, &fallback.id),
            model: take(&scan.model, &fallback.model),
            created: take(&scan.created, &fallback.created),
        }
    }

    fn open(&self, out: &mut Vec<u8>) {
        for part in [
            "{\"id\":",
            &self.id,
            ",\"object\":\"chat.completion.chunk\",\"created\":",
            &self.created,
            ",\"model\":",
            &self.model,
        ] {
            out.extend_from_slice(part.as_bytes());
        }
    }
}

/// A chunk that continues one channel by `text`.
///
/// The path is nested as the upstream nests it; an item of an array is an object with its `index`, by which clients
/// put streamed items together.
#[must_use]
pub fn synth_delta(head: &Head, choice: u32, path: &ChannelPath, text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(192 + text.len());
    head.open(&mut out);
    let steps = path.steps();
    if path.root() == ChannelRoot::Envelope {
        out.extend_from_slice(b",\"choices\":[],");
        member(&steps, text, &mut out);
        out.push(b'}');
        return out;
    }
    out.extend_from_slice(format!(",\"choices\":[{{\"index\":{choice},").as_bytes());
    let key = path.root().key();
    out.extend_from_slice(format!("\"{}\":{{", key.unwrap_or("delta")).as_bytes());
    if key.is_none() {
        out.extend_from_slice(b"},");
    }
    member(&steps, text, &mut out);
    if key.is_some() {
        out.push(b'}');
    }
    out.extend_from_slice(b",\"finish_reason\":null}]}");
    out
}

/// Writes `"key":…` for the first step and nests the others below it.
fn member(steps: &[Step], text: &str, out: &mut Vec<u8>) {
    let mut closers = Vec::new();
    let mut rest = steps;
    // An item that is not a member of anything has no key to go by.
    if let Some(Step::Index(_)) | None = rest.first() {
        out.extend_from_slice(b"\"text\":");
    }
    while let Some((step, below)) = rest.split_first() {
        match step {
            Step::Key(key) => {
                write_escaped(key, out);
                out.push(b':');
                if let Some(Step::Key(_)) = below.first() {
                    out.push(b'{');
                    closers.push(b'}');
                }
            }
            Step::Index(index) => {
                out.push(b'[');
                closers.push(b']');
                if let Some(Step::Key(_)) = below.first() {
                    out.extend_from_slice(format!("{{\"index\":{index},").as_bytes());
                    closers.push(b'}');
                }
            }
        }
        rest = below;
    }
    write_escaped(text, out);
    closers.reverse();
    out.extend_from_slice(&closers);
}

/// The chunk that ends a choice, with further top-level members (`"aigc":{…}`), which may be empty.
#[must_use]
pub fn finish_chunk(head: &Head, choice: u32, reason: &str, extra_members: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(192 + extra_members.len());
    head.open(&mut out);
    out.extend_from_slice(
        format!(",\"choices\":[{{\"index\":{choice},\"delta\":{{}},\"finish_reason\":").as_bytes(),
    );
    write_escaped(reason, &mut out);
    out.extend_from_slice(b"}]");
    if !extra_members.is_empty() {
        out.push(b',');
        out.extend_from_slice(extra_members.as_bytes());
    }
    out.push(b'}');
    out
}

/// The frame of an event with that data: one `data:` line for each of its lines, and the blank line.
#[must_use]
pub fn sse_frame(json: &[u8]) -> Bytes {
    let mut out = Vec::with_capacity(json.len() + 8);
    for line in json.split(|byte| *byte == b'\n') {
        out.extend_from_slice(b"data: ");
        // A lone carriage return would end the line; in JSON it can only be white space between tokens.
        out.extend(line.iter().map(|byte| if *byte == b'\r' { b' ' } else { *byte }));
        out.push(b'\n');
    }
    out.push(b'\n');
    Bytes::from(out)
}

/// The frame that ends an OpenAI stream.
#[must_use]
pub const fn done_frame() -> Bytes {
    Bytes::from_static(b"data: [DONE]\n\n")
}
