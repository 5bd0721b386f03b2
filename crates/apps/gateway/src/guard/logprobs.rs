//! Chunks that repeat their text as log probabilities or tokens: they leave with their text, whole, or without the repetition.

use std::collections::VecDeque;

use bytes::Bytes;
use serde_json::{Map, Value};
use wire::{ChannelKind, Replacement, Scan, Shadow, Slot, render, sse_frame};

use super::rules::Rules;

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

/// Values beside the text that may not leave with it: all that do not provably say what the text says.
///
/// Provable are log probabilities in OpenAI's shape whose tokens, put together, are a text of their choice, and whose
/// alternatives each pass as a text. Numbers of tokens say nothing here and much to who has the table, so they do not leave.
pub(super) fn other<'s>(
    json: &'s [u8],
    seen: &'s Scan<'_>,
    rules: &'s Rules,
) -> impl Iterator<Item = &'s Shadow> {
    seen.shadows.iter().filter(move |shadow| {
        let value = json.get(shadow.value.clone()).unwrap_or_default();
        // What cannot be read is taken to say something.
        serde_json::from_slice::<Value>(value)
            .map_or(true, |value| has_leaf(&value) && !repeats(&value, shadow.choice, seen, rules))
    })
}

/// Whether everything beside the text says what the text says.
pub(super) fn repeat(json: &[u8], seen: &Scan<'_>, rules: &Rules) -> bool {
    other(json, seen, rules).next().is_none()
}

/// Whether a value has any text or number in it; `{"content":[]}` has none.
fn has_leaf(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) => false,
        Value::Number(_) => true,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => items.iter().any(has_leaf),
        Value::Object(members) => members.values().any(has_leaf),
    }
}

fn repeats(value: &Value, choice: Option<u32>, seen: &Scan<'_>, rules: &Rules) -> bool {
    let (Some(choice), Value::Object(lists)) = (choice, value) else { return false };
    lists.iter().filter(|(_, list)| has_leaf(list)).all(|(key, list)| {
        let kind = match key.as_str() {
            "content" => ChannelKind::Content,
            "refusal" => ChannelKind::Refusal,
            _ => return false,
        };
        let Some(said) = list.as_array().and_then(|tokens| said(tokens, rules)) else { return false };
        let mut spoken = seen.slots.iter().filter(|slot| slot.choice == choice && slot.path.kind() == kind);
        spoken.any(|slot| slot.text.as_bytes() == said)
    })
}

/// What the tokens say together, in bytes; nothing where one of them says something else as well.
fn said(tokens: &[Value], rules: &Rules) -> Option<Vec<u8>> {
    let mut said = Vec::new();
    for token in tokens {
        let members = token.as_object()?;
        let alternatives = members.get("top_logprobs").and_then(Value::as_array);
        let is_known = members.iter().all(|(key, value)| match key.as_str() {
            "token" | "bytes" => true,
            "logprob" => value.is_number() || value.is_null(),
            "top_logprobs" => value.is_array() || value.is_null(),
            _ => !has_leaf(value),
        });
        if !is_known || !alternatives.is_none_or(|list| list.iter().all(|token| passes(token, rules))) {
            return None;
        }
        said.extend(bytes_of(members)?);
    }
    Some(said)
}

/// Whether an alternative, which the model did not say, may be shown.
fn passes(token: &Value, rules: &Rules) -> bool {
    let Some(members) = token.as_object() else { return false };
    let is_known = members.iter().all(|(key, value)| match key.as_str() {
        "token" | "bytes" => true,
        "logprob" => value.is_number() || value.is_null(),
        _ => !has_leaf(value),
    });
    let passes = |text: &str| {
        let checked = rules.check(text);
        !checked.verdict.is_blocked() && checked.text.is_none()
    };
    is_known && bytes_of(members).is_some_and(|bytes| passes(&String::from_utf8_lossy(&bytes)))
}

/// The bytes of a token. Where its text and its bytes differ, it may only be a token of less than a character, whose text tells
/// nothing: U+FFFD, or the bytes in hexadecimal.
fn bytes_of(token: &Map<String, Value>) -> Option<Vec<u8>> {
    let text = token.get("token")?.as_str()?;
    let bytes: Vec<u8> = match token.get("bytes") {
        None | Some(Value::Null) => return Some(text.as_bytes().to_vec()),
        Some(bytes) => bytes
            .as_array()?
            .iter()
            .map(|byte| byte.as_u64().and_then(|byte| u8::try_from(byte).ok()))
            .collect::<Option<_>>()?,
    };
    let is_same = text.as_bytes() == bytes;
    let is_fragment = || {
        let hexadecimal: String = bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect();
        std::str::from_utf8(&bytes).is_err()
            && (text == String::from_utf8_lossy(&bytes) || text.strip_prefix("bytes:") == Some(&hexadecimal))
    };
    (is_same || is_fragment()).then_some(bytes)
}
