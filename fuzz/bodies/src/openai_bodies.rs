//! Requests and answers in OpenAI's shape: what is read can be replaced, and an edited body reads as edited.

use std::ops::Range;

use wire::chat::{ChatRequest, EndUser, RequestLimits, UpstreamEdits};
use wire::moderation::ModerationRequest;
use wire::{Replacement, Scan, insert_before_closing_brace, render, scan};

/// Runs the target.
pub fn run(data: &[u8]) {
    answer(data);
    request(data);
    if let Ok(request) = serde_json::from_slice::<ModerationRequest>(data) {
        let _ = request.input.texts();
    }
}

fn answer(json: &[u8]) {
    let Ok(found) = scan(json) else { return };
    assert_eq!(json.get(found.closing_brace), Some(&b'}'), "the closing brace is elsewhere");
    // Every string can be replaced by itself, and by another.
    assert_eq!(texts(&rewrite(json, &found, |text| text.to_owned())), texts_of(&found), "a text was changed");
    let stars: Vec<String> =
        found.slots.iter().map(|slot| "\"*\\".repeat(slot.text.chars().count())).collect();
    assert_eq!(
        texts(&rewrite(json, &found, |text| "\"*\\".repeat(text.chars().count()))),
        stars,
        "a replacement was changed"
    );
    let Ok(longer) = insert_before_closing_brace(json, "\"cinnabar\":{\"produce_id\":\"x\"}") else {
        unreachable!("an answer that was read is an object")
    };
    let Ok(again) = scan(&longer) else { unreachable!("a member was added") };
    assert!(again.slots.len() >= found.slots.len(), "an extension hides a text");
    let edits: Vec<(Range<usize>, Replacement<'_>)> =
        found.shadows.iter().map(|shadow| (shadow.value.clone(), Replacement::Raw("null"))).collect();
    let Ok(blank) = render(json, &edits) else { unreachable!("shadows lie apart") };
    assert!(scan(&blank).is_ok(), "a blanked answer cannot be read");
}

fn rewrite(json: &[u8], found: &Scan<'_>, with: impl Fn(&str) -> String) -> Vec<u8> {
    let new: Vec<String> = found.slots.iter().map(|slot| with(&slot.text)).collect();
    let edits: Vec<(Range<usize>, Replacement<'_>)> = found
        .slots
        .iter()
        .zip(&new)
        .map(|(slot, text)| (slot.literal.clone(), Replacement::Text(text)))
        .collect();
    let Ok(edited) = render(json, &edits) else { unreachable!("texts lie apart and in order") };
    edited
}

fn texts(json: &[u8]) -> Vec<String> {
    let Ok(found) = scan(json) else { unreachable!("an edited answer cannot be read") };
    texts_of(&found)
}

fn texts_of(found: &Scan<'_>) -> Vec<String> {
    found.slots.iter().map(|slot| slot.text.clone().into_owned()).collect()
}

fn request(json: &[u8]) {
    let limits = RequestLimits::default();
    let request = match ChatRequest::parse(json, limits) {
        Ok(request) => request,
        Err(error) => {
            assert!(!error.to_body().to_bytes().is_empty(), "an error without a body");
            return;
        }
    };
    for message in &request.messages {
        let _ = request.texts_of(message);
    }
    let edits = UpstreamEdits {
        model: Some("other-model"),
        end_user: EndUser::Remove,
        texts: &[],
        must_include_usage: true,
    };
    let Ok(sent) = request.to_upstream(&edits) else { unreachable!("no text edits, so none overlap") };
    let Ok(again) = ChatRequest::parse(&sent, limits) else {
        unreachable!("an edited request cannot be read")
    };
    assert_eq!(again.model.as_ref().map(|text| text.value.as_ref()), Some("other-model"));
    assert_eq!(again.end_user(), None, "the end user went upstream");
    assert_eq!(again.is_stream, request.is_stream);
    assert_eq!(again.choices, request.choices);
    assert_eq!(again.messages.len(), request.messages.len());
    assert_eq!(again.tools, request.tools);
    let said = |request: &ChatRequest<'_>| -> Vec<String> {
        request
            .messages
            .iter()
            .flat_map(|message| request.texts_of(message))
            .map(|text| text.text.clone().into_owned())
            .collect()
    };
    assert_eq!(said(&again), said(&request), "a message was changed");
    if request.is_stream {
        assert!(again.includes_usage, "usage was not asked for");
    }
}
