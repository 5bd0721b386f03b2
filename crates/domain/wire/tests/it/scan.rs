//! Readable strings of answers, against a slow walk with serde_json.

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use wire::{ChannelKind, ChannelPath, ChannelRoot, ScanError, Step, scan};

fn slots(json: &str) -> Vec<(u32, String, String)> {
    let scan = scan(json.as_bytes()).unwrap();
    for slot in &scan.slots {
        let literal: String =
            serde_json::from_str(&json[slot.literal.clone()]).unwrap_or_else(|_| slot.text.to_string());
        assert_eq!(literal, slot.text);
    }
    scan.slots.iter().map(|slot| (slot.choice, slot.path.to_string(), slot.text.to_string())).collect()
}

fn check(json: &str, expected: &[(u32, &str, &str)]) {
    let expected: Vec<_> = expected
        .iter()
        .map(|(choice, path, text)| (*choice, (*path).to_owned(), (*text).to_owned()))
        .collect();
    assert_eq!(slots(json), expected, "{json}");
}

#[test]
fn strings_of_chunks_are_slots() {
    check(
        r#"{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","system_fingerprint":"f","choices":[{"index":0,"delta":{"role":"assistant","content":"你\n好"},"finish_reason":null}]}"#,
        &[(0, "delta.content", "你\n好")],
    );
    check(
        r#"{"choices":[{"delta":{"reasoning_content":"r","content":null,"refusal":"n","vendor":{"deep":["a",{"b":"c"}]}},"index":2}]}"#,
        &[
            (2, "delta.reasoning_content", "r"),
            (2, "delta.refusal", "n"),
            (2, "delta.vendor.deep[0]", "a"),
            (2, "delta.vendor.deep[1].b", "c"),
        ],
    );
    check(
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"function":{"arguments":"{\"a"},"index":3,"id":"call_1","type":"function"},{"function":{"name":"f","arguments":""}}]}}]}"#,
        &[
            (0, "delta.tool_calls[3].function.arguments", "{\"a"),
            (0, "delta.tool_calls[1].function.name", "f"),
            (0, "delta.tool_calls[1].function.arguments", ""),
        ],
    );
    check(
        r#"{"choices":[{"message":{"role":"assistant","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}},{"text":"old"},"bare"]}"#,
        &[
            (0, "message.content[0].text", "a"),
            (0, "message.content[1].text", "b"),
            (1, "choice.text", "old"),
            (2, "choice", "bare"),
        ],
    );
}

#[test]
fn exempt_names_are_places_not_names() {
    check(
        r#"{"x_id":{"id":"a"},"choices":[{"index":0,"delta":{"id":"no","vendor":{"id":"b"},"tool_calls":[{"index":0,"id":"no","function":{"arguments":{"id":"c","type":"d"}}}]},"content_filter_results":{"hate":{"severity":"safe"}}}]}"#,
        &[
            (0, "answer.x_id.id", "a"),
            (0, "delta.vendor.id", "b"),
            (0, "delta.tool_calls[0].function.arguments.id", "c"),
            (0, "delta.tool_calls[0].function.arguments.type", "d"),
            (0, "choice.content_filter_results.hate.severity", "safe"),
        ],
    );
}

#[test]
fn strings_hidden_in_steering_fields_of_the_wrong_shape_are_slots() {
    check(
        r#"{"id":{"x":"a"},"choices":[{"finish_reason":["b"],"delta":"c","index":"d","role":"e"}],"usage":{"note":"f"}}"#,
        &[
            (0, "answer.id.x", "a"),
            (0, "choice.finish_reason[0]", "b"),
            (0, "choice.delta", "c"),
            (0, "choice.role", "e"),
            (0, "answer.usage.note", "f"),
        ],
    );
}

#[test]
fn names_and_keys_are_told_apart_from_the_interfaces_own() {
    let json = r#"{"id":"c-1","object":"chat.completion","model":"m","x_note":1,"choices":[{"index":0,"message":{"role":"assistant","tool_calls":[{"id":"call","type":"odd"}],"audio":{"data":"aGk="},"images":[{"image_url":{"url":"data:image/png;base64,aGk="}},{"image_url":{"url":"https://a.b/c"}}],"v":{"k\u0065y":[{"deep":null}]}},"finish_reason":"stop","logprobs":{"content":[],"hidden":1}}]}"#;
    let scan = scan(json.as_bytes()).unwrap();
    assert_eq!(scan.names, ["c-1", "m", "call", "odd", "https://a.b/c"]);
    assert_eq!(scan.keys, ["x_note", "v", "key", "deep"]);
    assert_eq!(scan.slots, []);
}

#[test]
fn odd_indexes_and_halves_of_characters_are_told() {
    let odd = |json: &str| scan(json.as_bytes()).unwrap().has_odd_index;
    for index in ["-1", "1.0", "\"0\"", "4294967295", "true", "[]"] {
        assert!(odd(&format!(r#"{{"choices":[{{"index":{index}}}]}}"#)), "{index}");
        assert!(
            odd(&format!(r#"{{"choices":[{{"delta":{{"a":[{{"index":{index},"b":"c"}}]}}}}]}}"#)),
            "{index}"
        );
        assert!(
            !odd(&format!(r#"{{"choices":[{{"message":{{"a":[{{"index":{index},"b":"c"}}]}}}}]}}"#)),
            "{index}"
        );
    }
    assert!(!odd(r#"{"choices":[{"index":7},{"index":null},{}]}"#));
    let lossy = |text: &str| {
        scan(format!(r#"{{"note":"{text}"}}"#).as_bytes())
            .unwrap()
            .slots
            .iter()
            .map(|slot| slot.is_lossy)
            .collect::<Vec<_>>()
    };
    assert_eq!([lossy("\\ud83d"), lossy("\\ud83d\\ude00"), lossy("\u{fffd}")], [[true], [false], [false]]);
}

#[test]
fn parts_without_an_index_continue_one_text_in_streams_alone() {
    let parts = r#"{"content":["a",{"text":"b"},{"text":{"value":"c"}},{"index":2,"text":"d"}],"other":[{"text":"e"},{"text":"f"}]}"#;
    let paths = |body: &str| -> Vec<String> {
        slots(&format!(r#"{{"choices":[{{"{body}":{parts}}}]}}"#))
            .into_iter()
            .map(|(_, path, _)| path)
            .collect()
    };
    assert_eq!(
        paths("delta"),
        [
            "delta.content[0]",
            "delta.content[0].text",
            "delta.content[0].text.value",
            "delta.content[2].text",
            "delta.other[0].text",
            "delta.other[1].text"
        ]
    );
    assert_eq!(
        paths("message")[..4],
        [
            "message.content[0]",
            "message.content[1].text",
            "message.content[2].text.value",
            "message.content[2].text"
        ]
    );
}

#[test]
fn escapes_and_duplicates_do_not_hide_text() {
    let json = r#"{"choices":[{"index":0,"delta":{"c\u006fntent":"a\ud83d","content":"b"}}]}"#;
    check(json, &[(0, "delta.content", "a\u{fffd}"), (0, "delta.content", "b")]);
    assert!(scan(json.as_bytes()).unwrap().has_duplicate_keys);
}

#[test]
fn steering_fields_are_read() {
    let json = r#"{"id":"c-1","created":17,"model":"m","choices":[{"index":1,"delta":{"tool_calls":[{"index":0}]},"finish_reason":"tool_calls","logprobs":{"content":[{"token":"x"}]}},{"index":0,"delta":{},"finish_reason":null,"logprobs":null}],"usage":{"prompt_tokens":3,"completion_tokens":4}} "#;
    let scan = scan(json.as_bytes()).unwrap();
    assert_eq!(&json[scan.id.clone().unwrap()], "\"c-1\"");
    assert_eq!(&json[scan.model.clone().unwrap()], "\"m\"");
    assert_eq!(&json[scan.created.clone().unwrap()], "17");
    assert_eq!(&json[scan.closing_brace..=scan.closing_brace], "}");
    assert_eq!(scan.closing_brace, json.len() - 2);
    let usage = scan.usage.clone().unwrap();
    assert_eq!((usage.prompt_tokens, usage.completion_tokens), (Some(3), Some(4)));
    assert!(scan.has_finish() && scan.has_logprobs() && scan.has_no_text() && scan.error.is_none());
    assert_eq!(scan.shadows.len(), 1);
    assert_eq!(
        (scan.shadows[0].choice, &json[scan.shadows[0].value.clone()]),
        (Some(1), r#"{"content":[{"token":"x"}]}"#)
    );
    let [first, second] = scan.choices.as_slice() else { panic!("two choices") };
    assert_eq!(
        (first.index, first.finish_reason.as_deref(), first.has_tool_calls),
        (1, Some("tool_calls"), true)
    );
    assert_eq!(&json[first.finish_range.clone().unwrap()], "\"tool_calls\"");
    assert_eq!(&json[first.body.clone().unwrap()], r#"{"tool_calls":[{"index":0}]}"#);
    assert_eq!((second.index, second.finish_reason.as_deref(), second.has_tool_calls), (0, None, false));
}

#[test]
fn error_objects_are_told_apart() {
    let of = |json: &str| scan(json.as_bytes()).unwrap().error.is_some();
    assert!(of(r#"{"error":{"message":"m"}}"#));
    assert!(!of(r#"{"error":null,"choices":[]}"#));
    check(r#"{"error":{"message":"m"}}"#, &[(0, "answer.error.message", "m")]);
}

#[test]
fn what_cannot_be_guarded_is_an_error() {
    assert_eq!(scan(b"[]").unwrap_err(), ScanError::NotAnObject);
    assert!(matches!(scan(b"{"), Err(ScanError::Document(_))));
    let many = format!("{{\"a\":[{}\"\"]}}", "\"\",".repeat(20_000));
    assert_eq!(scan(many.as_bytes()).unwrap_err(), ScanError::TooManySlots { limit: wire::scan::SLOTS_MAX });
}

#[test]
fn channels_know_what_they_are_for() {
    let kind = |root, steps: &[Step]| ChannelPath::new(root, steps).kind();
    let key = Step::key;
    assert_eq!(kind(ChannelRoot::Delta, &[key("content")]), ChannelKind::Content);
    assert_eq!(
        kind(ChannelRoot::Message, &[key("content"), Step::Index(0), key("text")]),
        ChannelKind::Content
    );
    assert_eq!(kind(ChannelRoot::Choice, &[key("text")]), ChannelKind::Content);
    assert_eq!(kind(ChannelRoot::Delta, &[key("reasoning")]), ChannelKind::Reasoning);
    assert_eq!(kind(ChannelRoot::Delta, &[key("function_call"), key("name")]), ChannelKind::ToolName);
    assert_eq!(
        kind(ChannelRoot::Delta, &[key("function_call"), key("arguments")]),
        ChannelKind::ToolArguments
    );
    assert_eq!(kind(ChannelRoot::Envelope, &[key("content")]), ChannelKind::Content);
    assert_eq!(kind(ChannelRoot::Delta, &[key("vendor")]), ChannelKind::Other);
    assert_eq!(ChannelPath::new(ChannelRoot::Delta, &[key("content")]), ChannelPath::delta_content());
}

/// Every string below a vendor's field, by recursion.
fn collect(value: &Json, path: &str, out: &mut Vec<(String, String)>) {
    match value {
        Json::String(text) => out.push((path.to_owned(), text.clone())),
        Json::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                let own =
                    item.get("index").and_then(Json::as_u64).and_then(|index| u32::try_from(index).ok());
                let at = own.filter(|own| *own != u32::MAX).map_or(at, |own| own as usize);
                collect(item, &format!("{path}[{at}]"), out);
            }
        }
        Json::Object(members) => {
            for (key, member) in members {
                collect(member, &format!("{path}.{key}"), out);
            }
        }
        _ => {}
    }
}

proptest! {
    #[test]
    fn every_string_is_a_slot(vendor in super::document::any_json(), choice in 0_u32..5) {
        let chunk = json!({"choices": [{"index": choice, "delta": {"x": vendor.clone()}}], "top": vendor.clone()});
        let text = chunk.to_string();
        let mut expected = Vec::new();
        collect(&vendor, "delta.x", &mut expected);
        collect(&vendor, "answer.top", &mut expected);
        let found: Vec<_> = slots(&text).into_iter().map(|(_, path, text)| (path, text)).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn garbage_does_not_panic(bytes: Vec<u8>) {
        let _ = scan(&bytes);
    }

    #[test]
    fn broken_answers_do_not_panic(at in any::<prop::sample::Index>(), byte: u8) {
        let mut bytes = br#"{"id":"c","choices":[{"index":0,"delta":{"content":"\ud83d\ude00","tool_calls":[{"index":0,"function":{"name":"f"}}]},"finish_reason":null}]}"#.to_vec();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let _ = scan(&bytes);
        bytes.truncate(at);
        prop_assert!(scan(&bytes).is_err());
    }
}
