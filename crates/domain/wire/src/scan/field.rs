//! The closed lists of fields that carry no readable text, and of the words that stand in them in every answer.
//!
//! It is a list of places, not of names: `id` of a tool call is none of the reader's business, `id` within the
//! arguments of that call is text that a tool may show. In a field that nobody here knows, everything is text.

use crate::path::{ChannelRoot, StepRef};

/// Top-level strings that name, number or date the answer.
const ENVELOPE: [&str; 7] =
    ["id", "object", "model", "created", "system_fingerprint", "service_tier", "provider"];

/// Strings directly in a choice that say why it ended. `stop_reason` is the caller's own stop word in vLLM.
const CHOICE: [&str; 5] = ["finish_reason", "native_finish_reason", "stop_reason", "index", "type"];

/// Strings in the known objects below `delta` and `message` that name or number their object.
const BODY: [&str; 9] =
    ["id", "object", "role", "type", "index", "format", "call_id", "tool_call_id", "model"];

/// Keys on the way to what a reader reads.
const READ: [&str; 16] = [
    "choices",
    "error",
    "index",
    "delta",
    "message",
    "finish_reason",
    "content",
    "text",
    "value",
    "refusal",
    "reasoning",
    "reasoning_content",
    "tool_calls",
    "function_call",
    "function",
    "arguments",
];

/// Whether a step on the way to a string is one of [`READ`] but for its case: some readers take it for that one.
pub(crate) fn is_in_other_case(root: ChannelRoot, steps: &[StepRef<'_>]) -> bool {
    for step in steps {
        let StepRef::Key(key) = step else { continue };
        if differs_in_case(key, &READ).is_some() {
            return true;
        }
        // Below what a vendor invents, names are the vendor's.
        if !matches!(root, ChannelRoot::Delta | ChannelRoot::Message) || !is_known(step) {
            return false;
        }
    }
    false
}

/// Objects below `delta` and `message` whose shape is known, so that [`BODY`] holds in them.
const KNOWN: [&str; 11] = [
    "tool_calls",
    "function_call",
    "function",
    "custom",
    "content",
    "annotations",
    "url_citation",
    "audio",
    "reasoning_details",
    "thinking_blocks",
    "images",
];

/// Values that repeat text in another form. Directly in the answer, a choice, a delta or a message.
const SHADOW: [&str; 7] = [
    "logprobs",
    "top_logprobs",
    "completion_probabilities",
    "prompt_logprobs",
    "token_ids",
    "prompt_token_ids",
    "tokens",
];

/// Whether a non-text field says nothing but what the interface itself says.
pub(crate) fn is_own_word(value: &str) -> bool {
    matches!(
        value,
        "" | "chat.completion.chunk"
            | "chat.completion"
            | "assistant"
            | "function"
            | "text"
            | "stop"
            | "length"
            | "tool_calls"
            | "default"
    )
}

/// Whether a key is the interface's own. Any other key is what somebody chose to write there.
///
/// Every key of every chunk comes here, so they are told apart by their length first.
pub(crate) fn is_own_key(key: &str) -> bool {
    let own: &[&str] = match key.len() {
        0 => return true,
        2 => &["id"],
        3 => &["url"],
        4 => &["role", "type", "text", "name", "data"],
        5 => &["model", "index", "delta", "usage", "audio", "error", "title", "value"],
        6 => &["object", "format", "custom", "images", "tokens"],
        7 => &["created", "call_id", "choices", "message", "content", "refusal"],
        8 => &["provider", "logprobs", "function"],
        9 => &["reasoning", "arguments", "image_url", "token_ids"],
        10 => &["tool_calls", "transcript"],
        11 => &["stop_reason", "annotations"],
        12 => {
            &["service_tier", "tool_call_id", "url_citation", "total_tokens", "audio_tokens", "top_logprobs"]
        }
        13 => &["finish_reason", "function_call", "prompt_tokens", "cached_tokens"],
        15 => &["thinking_blocks", "prompt_logprobs"],
        16 => &["reasoning_tokens", "prompt_token_ids"],
        17 => &["reasoning_content", "reasoning_details", "completion_tokens"],
        18 => &["system_fingerprint"],
        20 => &["native_finish_reason"],
        21 => &["prompt_tokens_details"],
        24 => &["completion_probabilities"],
        25 => &["completion_tokens_details"],
        26 => &["accepted_prediction_tokens", "rejected_prediction_tokens"],
        _ => &[],
    };
    own.contains(&key)
}

/// The key of `own` that `key` is but for its case, as decoders fold it that do not tell case apart (Go's `encoding/json`).
pub(crate) fn differs_in_case(key: &str, own: &[&'static str]) -> Option<&'static str> {
    // Nearly every key is written in small letters.
    if key.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        return None;
    }
    let folded = |letter: char| match letter {
        'ſ' => 's',
        '\u{212a}' => 'k',
        other => other.to_ascii_lowercase(),
    };
    own.iter().find(|own| own.chars().eq(key.chars().map(folded))).copied()
}

/// Whether a value of an opaque field is what such a field holds: Base64, alone or in a `data:` address.
pub(crate) fn is_encoded(value: &str) -> bool {
    let encoded = match value.strip_prefix("data:") {
        Some(address) => match address.split_once(";base64,") {
            Some((_, encoded)) => encoded,
            None => return false,
        },
        None => value,
    };
    encoded
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_'))
}

/// Whether the member of that name repeats text in another form.
pub(crate) fn is_shadow(key: &str) -> bool {
    SHADOW.contains(&key)
}

/// Whether the string at the end of those steps is on the list.
pub(crate) fn is_not_text(root: ChannelRoot, steps: &[StepRef<'_>]) -> bool {
    let Some((StepRef::Key(last), above)) = steps.split_last() else { return false };
    match root {
        ChannelRoot::Envelope => above.is_empty() && ENVELOPE.contains(last),
        ChannelRoot::Choice => above.is_empty() && CHOICE.contains(last),
        ChannelRoot::Delta | ChannelRoot::Message => BODY.contains(last) && above.iter().all(is_known),
    }
}

/// Whether the string at the end of those steps is encoded media, a signature or a ciphertext.
pub(crate) fn is_opaque_place(root: ChannelRoot, steps: &[StepRef<'_>]) -> bool {
    let Some((StepRef::Key(last), above)) = steps.split_last() else { return false };
    matches!(root, ChannelRoot::Delta | ChannelRoot::Message)
        && is_opaque(above, last)
        && above.iter().all(is_known)
}

fn is_known(step: &StepRef<'_>) -> bool {
    match step {
        StepRef::Index(_) => true,
        StepRef::Key(key) => KNOWN.contains(key) || *key == "image_url",
    }
}

/// Encoded media, signatures and ciphertext: nothing a reader reads, and an edit would break them.
fn is_opaque(above: &[StepRef<'_>], last: &str) -> bool {
    let parent = above.iter().rev().find_map(|step| match step {
        StepRef::Key(key) => Some(*key),
        StepRef::Index(_) => None,
    });
    matches!(
        (parent, last),
        (Some("audio"), "data")
            | (Some("image_url"), "url")
            | (Some("reasoning_details" | "thinking_blocks" | "content"), "signature" | "data")
    )
}
