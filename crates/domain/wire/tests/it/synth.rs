//! Chunks of our own: they scan as what they were made for.

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use wire::error::ErrorBody;
use wire::models::{Model, ModelList};
use wire::moderation::{ModerationRequest, ModerationResult};
use wire::{
    ChannelPath, ChannelRoot, Decoder, Head, SseLimits, Step, finish_chunk, scan, sse_frame, synth_delta,
};

fn value(bytes: &[u8]) -> Json {
    serde_json::from_slice(bytes).unwrap()
}

#[test]
fn chunks_look_like_the_upstreams() {
    let first = br#"{"id":"chatcmpl-\u00e9","created":9,"model":"m","choices":[]}"#;
    let head = Head::from_scan(first, &scan(first).unwrap(), &Head::new("ours", "none", 0));
    let path = ChannelPath::new(
        ChannelRoot::Delta,
        &[Step::key("tool_calls"), Step::Index(2), Step::key("function"), Step::key("arguments")],
    );
    assert_eq!(
        value(&synth_delta(&head, 1, &path, "\"}")),
        json!({"id": "chatcmpl-é", "object": "chat.completion.chunk", "created": 9, "model": "m", "choices": [
            {"index": 1, "delta": {"tool_calls": [{"index": 2, "function": {"arguments": "\"}"}}]}, "finish_reason": null}]})
    );
    assert_eq!(
        value(&finish_chunk(&head, 0, "content_filter", "\"aigc\":{\"Label\":\"1\"}")),
        json!({"id": "chatcmpl-é", "object": "chat.completion.chunk", "created": 9, "model": "m",
            "choices": [{"index": 0, "delta": {}, "finish_reason": "content_filter"}], "aigc": {"Label": "1"}})
    );
}

#[test]
fn frames_carry_any_json() {
    for json in ["{\"a\":1}", "{\n  \"a\":\r 1\r\n}"] {
        let mut frames = Vec::new();
        Decoder::new(SseLimits::default()).push(sse_frame(json.as_bytes()), &mut frames).unwrap();
        assert_eq!(frames.len(), 1);
        assert_eq!(value(frames[0].data.as_ref().unwrap()), json!({"a": 1}));
    }
    assert_eq!(&sse_frame(b"{}")[..], b"data: {}\n\n");
}

#[test]
fn own_bodies_have_openais_shape() {
    let error =
        ErrorBody::new("invalid_request_error", "bad", "no").param("n").extra("url", "/x").extra("code", "y");
    assert_eq!(
        value(&error.to_bytes()),
        json!({"error": {"message": "no", "type": "invalid_request_error", "param": "n", "code": "bad", "url": "/x"}})
    );
    assert_eq!(
        serde_json::to_value(ModelList::new(vec![Model::new("m", 1, "cinnabar")])).unwrap(),
        json!({"object": "list", "data": [{"id": "m", "object": "model", "created": 1, "owned_by": "cinnabar"}]})
    );
    for (input, texts) in [
        (json!("a"), vec!["a"]),
        (json!(["a", "b"]), vec!["a", "b"]),
        (json!([{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {"url": "x"}}]), vec!["a"]),
    ] {
        let request: ModerationRequest =
            serde_json::from_value(json!({"input": input, "model": "x"})).unwrap();
        assert_eq!(request.input.texts(), texts);
    }
    let own = [("fraud".to_owned(), 1.0), ("abuse".to_owned(), 0.0)];
    let result = ModerationResult::of_text([("illicit", 1.0), ("hate/threatening", 0.0)], own, "block");
    assert_eq!(
        serde_json::to_value(result).unwrap(),
        json!({"flagged": true, "categories": {"hate/threatening": false, "illicit": true},
            "category_scores": {"hate/threatening": 0.0, "illicit": 1.0},
            "category_applied_input_types": {"hate/threatening": ["text"], "illicit": ["text"]},
            "cinnabar": {"action": "block", "categories": {"abuse": false, "fraud": true},
                "category_scores": {"abuse": 0.0, "fraud": 1.0}}})
    );
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        "[a-z\"朱]{1,4}".prop_map(|key| Step::key(&format!("x{key}"))),
        (0_u32..9).prop_map(Step::Index)
    ]
}

proptest! {
    #[test]
    fn synthetic_text_lands_in_its_channel(
        root in prop_oneof![Just(ChannelRoot::Delta), Just(ChannelRoot::Message), Just(ChannelRoot::Choice), Just(ChannelRoot::Envelope)],
        steps in prop::collection::vec(any_step(), 0..5),
        choice in 0_u32..200,
        text: String,
    ) {
        // A path begins with a key and ends with one, and arrays hold objects: other items have no index to go by.
        let mut all = vec![Step::key("v")];
        for step in steps {
            if matches!((&step, all.last()), (Step::Index(_), Some(Step::Index(_)))) {
                all.push(Step::key("k"));
            }
            all.push(step);
        }
        all.push(Step::key("end"));
        let path = ChannelPath::new(root, &all);
        let chunk = synth_delta(&Head::new("i", "m", 1), choice, &path, &text);
        let found = scan(&chunk).unwrap();
        prop_assert_eq!(found.slots.len(), 1);
        prop_assert_eq!(&found.slots[0].path, &path);
        prop_assert_eq!(found.slots[0].text.as_ref(), text);
        prop_assert_eq!(found.slots[0].choice, if root == ChannelRoot::Envelope { 0 } else { choice });
    }
}
