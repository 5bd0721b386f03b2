//! The closed list of fields that carry no readable text.
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
        ChannelRoot::Delta | ChannelRoot::Message => {
            (BODY.contains(last) || is_opaque(above, last)) && above.iter().all(is_known)
        }
    }
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
