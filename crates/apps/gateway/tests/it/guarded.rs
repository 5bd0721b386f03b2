//! Runs a guard over a stream and reads what came out, as a client would.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use gateway::guard::{Blocked, GuardError, Rules, StreamGuard, StreamSetup, Tail};
use label::text::Placement;
use operations::Operations;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use terms::{Locale, ProduceId};
use wire::{Decoder, Head, SseLimits};

/// Members that the guard adds to the first and last chunk.
pub(crate) const MEMBERS: &str = r#""aigc":{"Label":"1"},"cinnabar":{"produce_id":"x"}"#;
/// Members of the last chunk of a blocked choice.
pub(crate) const DECIDED: &str = r#""aigc":{"Label":"1"},"cinnabar":{"decisions":[1]}"#;

/// One set of operations for all tests of the guard, which only take hashers and the label from it.
pub(crate) fn operations() -> &'static Operations {
    static OPERATIONS: OnceLock<(tokio::runtime::Runtime, Operations)> = OnceLock::new();
    let (_, operations) = OPERATIONS.get_or_init(|| {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let folder = tempfile::tempdir().unwrap().keep();
        let (operations, _) = runtime.block_on(testkit::service::sqlite_operations(&folder));
        let _ = std::fs::remove_dir_all(folder);
        (runtime, operations)
    });
    operations
}

pub(crate) fn stream_setup(placement: Placement, choices: u32) -> StreamSetup {
    StreamSetup {
        rules: Rules::new(operations().safety()),
        produce_id: ProduceId::from_u128(7),
        placement,
        tools: vec!["look_up".to_owned()],
        choices,
        restored: None,
        members: MEMBERS.to_owned(),
        notices: Vec::new(),
        locale: Locale::ZhCn,
        head: Head::new("ours", "model", 1),
    }
}

pub(crate) fn suffix() -> String {
    operations().visible_label().render_suffix(&ProduceId::from_u128(7))
}

pub(crate) fn prefix() -> String {
    operations().visible_label().render_prefix(&ProduceId::from_u128(7))
}

/// What came out of a guard.
pub(crate) struct Run {
    pub(crate) out: Vec<Bytes>,
    pub(crate) tail: Tail,
    pub(crate) blocked: Vec<Blocked>,
    pub(crate) error: Option<GuardError>,
    /// Everything in order, parsed.
    pub(crate) chunks: Vec<Value>,
}

/// Guards `stream`, handed over in pieces of the given sizes, over and over.
pub(crate) fn run(setup: StreamSetup, stream: &[u8], sizes: &[usize]) -> Run {
    let mut guard = StreamGuard::new(operations(), setup);
    let mut decoder = Decoder::new(SseLimits::default());
    let (mut out, mut blocked, mut error) = (Vec::new(), Vec::new(), None);
    let mut rest = Bytes::copy_from_slice(stream);
    let mut sizes = sizes.iter().copied().cycle();
    let mut close = |guard: &mut StreamGuard, found: Vec<Blocked>, out: &mut Vec<Bytes>| {
        for found in found {
            guard.close_blocked(found.choice, DECIDED, out).unwrap();
            blocked.push(found);
        }
    };
    'reading: while !rest.is_empty() {
        let size = sizes.next().unwrap_or(usize::MAX).clamp(1, rest.len());
        let mut frames = Vec::new();
        decoder.push(rest.split_to(size), &mut frames).unwrap();
        for frame in frames {
            match guard.push(&frame, &mut out) {
                Ok(found) => close(&mut guard, found, &mut out),
                Err(found) => {
                    error = Some(found);
                    break 'reading;
                }
            }
            if guard.is_over() {
                break 'reading;
            }
        }
    }
    let found = guard.end(&mut out).unwrap();
    close(&mut guard, found, &mut out);
    let tail = guard.into_tail();
    let chunks = out
        .iter()
        .chain(&tail.frames)
        .filter(|frame| !frame.starts_with(b":"))
        .map(|frame| {
            let text = std::str::from_utf8(frame).unwrap();
            let data = text.strip_prefix("data: ").and_then(|text| text.strip_suffix("\n\n")).unwrap();
            serde_json::from_str(&data.replace("\ndata: ", "\n")).unwrap()
        })
        .collect();
    Run { out, tail, blocked, error, chunks }
}

impl Run {
    /// The text of each channel, by choice and name, as it was delivered.
    pub(crate) fn texts(&self) -> BTreeMap<(u64, String), String> {
        let mut texts = BTreeMap::new();
        for chunk in &self.chunks {
            gather(chunk, "delta", &mut texts);
        }
        texts.retain(|_, text: &mut String| !text.is_empty());
        texts
    }

    pub(crate) fn text(&self, choice: u64, channel: &str) -> String {
        self.texts().remove(&(choice, channel.to_owned())).unwrap_or_default()
    }

    /// The finish reasons in order: choice and reason.
    pub(crate) fn finishes(&self) -> Vec<(u64, String)> {
        let mut found = Vec::new();
        for choice in self.chunks.iter().filter_map(|chunk| chunk["choices"].as_array()).flatten() {
            if let Some(reason) = choice["finish_reason"].as_str() {
                found.push((choice["index"].as_u64().unwrap(), reason.to_owned()));
            }
        }
        found
    }

    /// Whether the commitments open to what was delivered, with nothing left over.
    pub(crate) fn check_hashes(&self) {
        let texts = self.texts();
        for content in &self.tail.contents {
            let key = (u64::from(content.choice), content.channel.clone());
            let text = texts.get(&key).unwrap_or_else(|| panic!("{key:?} was not delivered: {texts:?}"));
            let salt = hex::decode(&content.salt).unwrap();
            let hash = Sha256::new().chain_update(salt).chain_update(text).finalize();
            assert_eq!(hex::encode(hash), content.hash, "{key:?}: {text}");
        }
        assert_eq!(texts.len(), self.tail.contents.len(), "{texts:?}");
    }

    /// Each choice ends at most once, says nothing after that, and counts come last.
    pub(crate) fn check_order(&self) {
        let mut ended: Vec<u64> = Vec::new();
        for chunk in &self.chunks {
            for choice in chunk["choices"].as_array().into_iter().flatten() {
                let index = choice["index"].as_u64().unwrap();
                let mut texts = BTreeMap::new();
                let alone = serde_json::json!({ "choices": [choice] });
                gather(&alone, "delta", &mut texts);
                let says = texts.values().any(|text| !text.is_empty());
                assert!(!(ended.contains(&index) && says), "text after the end of {index}: {chunk}");
                if choice["finish_reason"].is_string() {
                    assert!(!ended.contains(&index), "{index} ends twice");
                    ended.push(index);
                }
            }
        }
        if let Some(first) = self.chunks.first() {
            assert!(first["aigc"].is_object(), "no aigc in the first chunk: {first}");
        }
        let last = self.chunks.iter().rfind(|chunk| {
            chunk["choices"]
                .as_array()
                .into_iter()
                .flatten()
                .any(|choice| choice["finish_reason"].is_string())
        });
        if let Some(last) = last {
            assert!(last["aigc"].is_object(), "no aigc in the last chunk: {last}");
        }
    }
}

/// Adds the strings of a chunk or answer to their channels.
pub(crate) fn gather(chunk: &Value, body: &str, texts: &mut BTreeMap<(u64, String), String>) {
    let mut add = |choice: u64, channel: &str, text: &Value| {
        if let Some(text) = text.as_str() {
            texts.entry((choice, channel.to_owned())).or_default().push_str(text);
        }
    };
    add(0, "note", &chunk["note"]);
    for choice in chunk["choices"].as_array().into_iter().flatten() {
        let index = choice["index"].as_u64().unwrap();
        let delta = &choice[body];
        for channel in ["content", "reasoning_content", "x_note", "refusal"] {
            add(index, channel, &delta[channel]);
        }
        add(index, "function_call.arguments", &delta["function_call"]["arguments"]);
        for (at, call) in delta["tool_calls"].as_array().into_iter().flatten().enumerate() {
            let at = call["index"].as_u64().unwrap_or(at as u64);
            add(index, &format!("tool_calls[{at}].function.arguments"), &call["function"]["arguments"]);
        }
        for (at, part) in delta["content"].as_array().into_iter().flatten().enumerate() {
            // Without an index of their own, the parts of a chunk are appended.
            let place = if body == "delta" { 0 } else { at as u64 };
            let at = part["index"].as_u64().unwrap_or(place);
            add(index, &format!("content[{at}].text"), &part["text"]);
        }
    }
}

/// A shared engine's verdict on a text of an answer.
pub(crate) fn checked(text: &str) -> safety::Checked {
    let engine: Arc<safety::Engine> = operations().safety();
    engine.check(text, terms::Direction::Output)
}
