//! Chunks that repeat their text as log probabilities or tokens: they leave with their text, whole, or without the repetition.

use std::collections::VecDeque;

use bytes::Bytes;
use serde_json::Value;
use wire::{Replacement, Scan, Shadow, Slot, render, sse_frame};

/// One chunk that waits for its text.
struct Waiting {
    json: Bytes,
    /// Its text, and the literal it stands in.
    text: String,
    literal: std::ops::Range<usize>,
    /// What repeats it.
    shadows: Vec<std::ops::Range<usize>>,
}

/// The waiting chunks of one channel, and the text that may leave and has no chunk yet.
#[derive(Default)]
pub(super) struct Queue {
    waiting: VecDeque<Waiting>,
    released: String,
}

impl Queue {
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.released.is_empty()
    }

    /// Takes a chunk that says `slot` and repeats it.
    pub(super) fn push(&mut self, json: Bytes, scan: &Scan<'_>, slot: &Slot<'_>) {
        self.waiting.push_back(Waiting {
            text: slot.text.clone().into_owned(),
            literal: slot.literal.clone(),
            shadows: scan.shadows.iter().map(|shadow| shadow.value.clone()).collect(),
            json,
        });
    }

    /// Takes text that may leave, and gives the chunks that may leave with it.
    pub(super) fn release(&mut self, text: &str, out: &mut Vec<Bytes>) {
        self.released.push_str(text);
        while let Some(first) = self.waiting.front() {
            if let Some(rest) = self.released.strip_prefix(first.text.as_str()) {
                out.push(sse_frame(&first.json));
                self.released = rest.to_owned();
            } else if first.text.starts_with(self.released.as_str()) {
                // Part of it is still held.
                return;
            } else {
                // A mask changed the text: the repetition would show what was masked.
                out.push(blanked(first, &self.released));
                self.released.clear();
                self.waiting.pop_front();
                self.drop_masked();
                return;
            }
            self.waiting.pop_front();
        }
    }

    /// After a mask the chunks behind it no longer line up with the text: they leave without repetition, their text as it comes.
    fn drop_masked(&mut self) {
        self.waiting.clear();
    }

    /// What is left to be said when no more comes.
    pub(super) fn take_rest(&mut self) -> String {
        self.waiting.clear();
        std::mem::take(&mut self.released)
    }
}

fn blanked(chunk: &Waiting, text: &str) -> Bytes {
    let mut edits: Vec<_> =
        chunk.shadows.iter().map(|range| (range.clone(), Replacement::Raw("null"))).collect();
    edits.push((chunk.literal.clone(), Replacement::Text(text)));
    edits.sort_by_key(|(range, _)| range.start);
    render(&chunk.json, &edits).map(|json| sse_frame(&json)).unwrap_or_default()
}

/// Repetitions beside which no text stands that they could repeat. Nothing guards them, so they must not leave.
pub(super) fn loose<'s>(json: &'s [u8], seen: &'s Scan<'_>) -> impl Iterator<Item = &'s Shadow> {
    seen.shadows.iter().filter(|shadow| {
        let has_text = seen
            .slots
            .iter()
            .any(|slot| !slot.text.is_empty() && shadow.choice.is_none_or(|choice| choice == slot.choice));
        !has_text && says_something(json.get(shadow.value.clone()).unwrap_or_default())
    })
}

/// Whether a value has any text or number in it; `{"content":[]}` has none.
fn says_something(json: &[u8]) -> bool {
    fn has_leaf(value: &Value) -> bool {
        match value {
            Value::Null | Value::Bool(_) => false,
            Value::Number(_) => true,
            Value::String(text) => !text.is_empty(),
            Value::Array(items) => items.iter().any(has_leaf),
            Value::Object(members) => members.values().any(has_leaf),
        }
    }
    // What cannot be read is taken to say something.
    serde_json::from_slice::<Value>(json).map_or(true, |value| has_leaf(&value))
}
