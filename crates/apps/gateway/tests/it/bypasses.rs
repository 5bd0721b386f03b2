//! Ways by which a provider's text could reach a reader unchecked, one test for each.

use gateway::guard::{GuardError, whole};
use label::text::Placement;
use serde_json::{Value, json};
use testkit::fake_upstream::Act;

use crate::{
    guarded::{Run, operations, run, stream_setup},
    setup::{Answer, Site},
};

const STOP: &str = r#"{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
const SIZES: [&[usize]; 3] = [&[usize::MAX], &[1], &[7, 2]];

fn events(events: &[String]) -> Vec<u8> {
    events.iter().map(|data| format!("data: {data}\n\n")).collect::<String>().into_bytes()
}

/// The run over these chunks, which is the same for each way to cut the stream.
fn guarded(chunks: &[Value]) -> Run {
    let mut all: Vec<String> = chunks.iter().map(Value::to_string).collect();
    all.extend([STOP.to_owned(), "[DONE]".to_owned()]);
    let runs = SIZES.map(|sizes| run(stream_setup(Placement::Suffix, 1), &events(&all), sizes));
    let [first, others @ ..] = runs;
    for other in others {
        assert_eq!((&other.out, &other.error), (&first.out, &first.error));
        assert_eq!(other.tail.frames, first.tail.frames);
    }
    first
}

fn delta(delta: &Value) -> Value {
    json!({ "id": "c", "choices": [{ "index": 0, "delta": delta }] })
}

/// All that left, as a reader with every decoder would see it.
fn seen(run: &Run) -> String {
    let all: Vec<u8> = run.out.iter().chain(&run.tail.frames).flat_map(|frame| frame.to_vec()).collect();
    let text = String::from_utf8(all).unwrap();
    let once = wire::document::unescape(&text).into_owned();
    let twice = wire::document::unescape(&once).into_owned();
    format!("{text}{once}{twice}")
}

/// Blocked in a stream of these deltas, with nothing of the end of the phrase in it.
fn check_blocked(deltas: &[Value]) {
    let run = guarded(&deltas.iter().map(delta).collect::<Vec<_>>());
    assert_eq!(run.blocked.len(), 1, "{deltas:?}");
    assert_eq!(run.finishes(), [(0, "content_filter".to_owned())], "{deltas:?}");
    assert!(!seen(&run).contains('票'), "{}", seen(&run));
    run.check_hashes();
    run.check_order();
}

/// The stream ends before the chunk, with an error that is told.
fn check_unreadable(chunk: &Value) {
    let run = guarded(&[delta(&json!({ "content": "好" })), chunk.clone()]);
    assert!(matches!(run.error, Some(GuardError::Unreadable(_))), "{chunk}: {:?}", run.error);
    assert!(!seen(&run).contains('票'), "{chunk}");
}

fn arguments(piece: &str) -> Value {
    json!({ "tool_calls": [{ "index": 0, "function": { "arguments": piece } }] })
}

fn part(index: u32, text: &str) -> Value {
    json!({ "content": [{ "index": index, "type": "text", "text": text }] })
}

#[test]
fn escape_sequences_within_a_text_are_read() {
    for phrase in [
        r"\u4ee3\u5f00\u53d1\u7968",
        r"\u4EE3开\u53D1票",
        r"代\u200b开发\u7968",
        r"\\u4ee3\\u5f00\\u53d1\\u7968",
        r"\u005cu4ee3开发票",
    ] {
        let json = format!(r#"{{"q":"{phrase}"}}"#);
        check_blocked(&[arguments(&json)]);
        check_blocked(&json.chars().map(|c| arguments(&c.to_string())).collect::<Vec<_>>());
        check_blocked(&[json!({ "function_call": { "arguments": json } })]);
        check_blocked(&[json!({ "content": json })]);
        check_blocked(&[part(0, &json)]);
        let message = json!({ "tool_calls": [{ "function": { "name": "look_up", "arguments": json } }] });
        let body = json!({ "choices": [{ "index": 0, "message": message }] }).to_string();
        let answer = whole(operations(), &stream_setup(Placement::Suffix, 1), &[], body.as_bytes()).unwrap();
        assert_eq!(answer.blocked.len(), 1, "{json}");
    }
    // A mask leaves the arguments JSON.
    let json = r#"{"q":"\u0031\u00338\u00300138000\n"}"#;
    let run = guarded(&json.chars().map(|c| delta(&arguments(&c.to_string()))).collect::<Vec<_>>());
    let masked = run.text(0, "tool_calls[0].function.arguments");
    assert_eq!(serde_json::from_str::<Value>(&masked).unwrap(), json!({ "q": "138****8000\n" }));
    run.check_hashes();
}

#[test]
fn parts_of_an_answer_are_one_text() {
    check_blocked(&[part(0, "可以代开"), part(1, "发票")]);
    check_blocked(&[part(0, "代"), part(1, "开"), part(2, "发"), part(3, "票")]);
    check_blocked(&[json!({ "content": "可以代开" }), part(0, "发票")]);
    check_blocked(&[part(0, "可以代开"), json!({ "content": "发票" })]);
    let both = |index: [u32; 2]| {
        json!({ "content": [
            { "index": index[0], "type": "text", "text": "可以代开" },
            { "index": index[1], "type": "text", "text": "发票" },
        ] })
    };
    check_blocked(&[both([0, 1])]);
    // Without an index of their own they are appended.
    let list = |texts: &[&str]| json!({ "content": texts.iter().map(|text| json!({ "type": "text", "text": text })).collect::<Value>() });
    check_blocked(&[list(&["可以", "代开"]), list(&["发票"])]);
    check_blocked(&[json!({ "content": ["代开"] }), json!({ "content": ["发票"] })]);
    check_blocked(&[list(&["可以代开", "发票"])]);
    // Each part by itself as well.
    check_blocked(&[part(0, "代开"), part(1, "代开发票")]);
    // A number across parts.
    let run = guarded(&[part(0, "电话 1380013"), part(1, "8000 好")].map(|part| delta(&part)));
    assert_eq!(run.text(0, "content[0].text"), "电话 138****");
    assert!(run.text(0, "content[1].text").starts_with("8000 好"));
    run.check_hashes();
    // Nothing found: what was held of the first part leaves in the first part.
    let run = guarded(&[part(0, "可以代开"), part(1, "户口")].map(|part| delta(&part)));
    assert_eq!(run.text(0, "content[0].text"), "可以代开");
    assert!(run.text(0, "content[1].text").starts_with("户口"));
    run.check_hashes();
    run.check_order();
    // Back to an earlier part: clients would read another text than was checked.
    let back = guarded(&[part(0, "代开"), part(1, "好"), part(0, "发票")].map(|part| delta(&part)));
    assert!(matches!(back.error, Some(GuardError::Unreadable(_))));
    assert!(!seen(&back).contains("发票"));

    let body = |content: Value| json!({ "choices": [{ "message": { "content": content } }] }).to_string();
    for content in [json!([{ "text": "可以代开" }, { "text": "发票" }]), json!(["可以代开", "发票"])]
    {
        let setup = stream_setup(Placement::Suffix, 1);
        let answer = whole(operations(), &setup, &[], body(content.clone()).as_bytes()).unwrap();
        assert_eq!(answer.blocked.len(), 1, "{content}");
    }
}

#[test]
fn texts_that_nobody_reads_joined_are_not_joined() {
    let run = guarded(&[
        delta(&json!({ "reasoning_content": "代开" })),
        delta(&json!({ "content": "发票" })),
        delta(&arguments(r#"{"a":"代开","b":"发票"}"#)),
    ]);
    assert!(run.blocked.is_empty() && run.error.is_none());
    run.check_hashes();
}

#[test]
fn every_field_is_a_text() {
    for value in [
        json!({ "vendor": { "deep": [{ "note": "代开发票" }] } }),
        json!({ "audio": { "transcript": "代开发票" } }),
        json!({ "annotations": [{ "type": "url_citation", "url_citation": { "title": "代开发票" } }] }),
        json!({ "tool_calls": [{ "index": 0, "function": { "name": "代开发票" } }] }),
        json!({ "content": { "text": "代开发票" } }),
        json!({ "reasoning_details": [{ "summary": "代开发票" }] }),
    ] {
        check_blocked(&[value]);
    }
    for chunk in [
        json!({ "choices": [{ "index": 0, "delta": "代开发票" }] }),
        json!({ "choices": [{ "index": 0, "delta": ["代开发票"] }] }),
        json!({ "choices": [{ "index": 0, "finish_reason": { "x": "代开发票" } }] }),
        json!({ "choices": ["代开发票"] }),
        json!({ "choices": { "0": { "delta": { "content": "代开发票" } } } }),
        json!({ "choices": [], "usage": { "note": "代开发票" } }),
    ] {
        let run = guarded(std::slice::from_ref(&chunk));
        assert_eq!(run.blocked.len(), 1, "{chunk}");
        assert!(!seen(&run).contains('票'), "{chunk}");
    }
}

#[test]
fn names_and_keys_say_nothing_that_a_text_may_not() {
    for field in ["id", "object", "model", "system_fingerprint", "service_tier", "provider", "created"] {
        check_unreadable(&json!({ field: "代开发票", "choices": [] }));
        check_unreadable(&json!({ field: "电话 13800138000", "choices": [] }));
    }
    check_unreadable(&json!({ "choices": [{ "index": 0, "finish_reason": "代开发票" }] }));
    check_unreadable(&json!({ "choices": [{ "index": 0, "stop_reason": "代开发票" }] }));
    for value in [
        json!({ "role": "代开发票" }),
        json!({ "tool_calls": [{ "index": 0, "id": "代开发票" }] }),
        json!({ "content": [{ "type": "代开发票" }] }),
        json!({ "audio": { "data": "代开发票" } }),
        json!({ "images": [{ "image_url": { "url": "https://代开发票/" } }] }),
        json!({ "代开发票": 1 }),
        json!({ "x": { "y": [{ "代开发票": null }] } }),
        json!({ "\\u4ee3\\u5f00\\u53d1\\u7968": 1 }),
    ] {
        check_unreadable(&delta(&value));
    }
    // What real answers have passes as it came.
    let usual = json!({
        "id": "chatcmpl-13800138000", "model": "通义千问/max-2025", "system_fingerprint": "fp_1", "x_groq": { "seed": 1 },
        "choices": [{ "index": 0, "delta": {
            "content": "好",
            "images": [{ "image_url": { "url": "data:image/png;base64,aGVsbG8=" } }],
            "reasoning_details": [{ "type": "reasoning.encrypted", "data": "aGVsbG8=" }],
        } }],
    });
    let run = guarded(&[usual.clone(), usual.clone()]);
    assert_eq!(run.error, None);
    assert_eq!(run.out[1], format!("data: {usual}\n\n").as_bytes());
}

#[test]
fn pieces_are_put_together_as_every_client_does_it() {
    for index in [json!(-1), json!(1.0), json!("0"), json!(4_294_967_296_u64), json!([0])] {
        check_unreadable(&json!({ "choices": [{ "index": index, "delta": { "content": "发票" } }] }));
        let call = json!({ "tool_calls": [{ "index": index, "function": { "arguments": "发票" } }] });
        check_unreadable(&delta(&call));
    }
    check_unreadable(
        &json!({ "choices": [{ "index": 0, "index\u{0}": 1, "delta": { "发票代开发票": 1 } }] }),
    );
    // Halves of a character in two chunks are no character.
    let half =
        |half: &str| format!(r#"{{"id":"c","choices":[{{"index":0,"delta":{{"content":"a{half}"}}}}]}}"#);
    let all = [half("\\ud835"), half("\\udc1f"), STOP.to_owned()];
    let run = run(stream_setup(Placement::Interface, 1), &events(&all), &[1]);
    assert_eq!(run.text(0, "content"), "a\u{fffd}a\u{fffd}");
    assert!(!seen(&run).contains("\\ud"));
    // Two choices at a time, and one after its end.
    let two = |texts: [&str; 2]| {
        let choice = |index: usize| json!({ "index": index, "delta": { "content": texts[index] } });
        json!({ "choices": [choice(0), choice(1)] }).to_string()
    };
    let all = [two(["代开", "发"]), two(["发", "票"]), two(["票", "好"]), STOP.to_owned(), two(["再", "见"])];
    let run = crate::guarded::run(stream_setup(Placement::Interface, 2), &events(&all), &[1]);
    let blocked: Vec<u32> = run.blocked.iter().map(|found| found.choice).collect();
    assert_eq!(blocked, [0]);
    assert_eq!((run.text(0, "content"), run.text(1, "content")), (String::new(), "发票好见".to_owned()));
}

#[test]
fn what_comes_after_the_end_is_silent() {
    let late = json!({ "id": "c", "choices": [{
        "index": 0, "delta": { "content": "代开发票", "note": "代开发票" }, "finish_reason": "length",
        "logprobs": { "content": [{ "token": "代开发票", "logprob": -1 }] },
    }] });
    let run = guarded(&[delta(&json!({ "content": "好" })), serde_json::from_str(STOP).unwrap(), late]);
    assert!(!seen(&run).contains('票'), "{}", seen(&run));
}

#[test]
fn repetitions_of_the_text_are_proved() {
    let chunk = |logprobs: &Value| json!({ "id": "c", "choices": [{ "index": 0, "delta": { "content": "天" }, "logprobs": logprobs }] });
    let entry = |entry: Value| json!({ "content": [entry] });
    let bytes = "天".as_bytes();
    let first = delta(&json!({ "role": "assistant", "content": "" }));
    for logprobs in [
        entry(json!({ "token": "天", "logprob": -0.5 })),
        entry(
            json!({ "token": "天", "bytes": bytes, "logprob": -0.5, "top_logprobs": [{ "token": "地", "logprob": -1, "bytes": "地".as_bytes() }] }),
        ),
        json!({ "content": [
            { "token": "bytes:\\xe5\\xa4", "bytes": bytes[..2], "logprob": 0 },
            { "token": "\u{fffd}", "bytes": bytes[2..], "logprob": 0 },
        ], "refusal": null }),
    ] {
        let chunk = chunk(&logprobs);
        let run = guarded(&[first.clone(), chunk.clone()]);
        assert_eq!(run.out[1], format!("data: {chunk}\n\n").as_bytes());
    }
    for logprobs in [
        entry(json!({ "token": "代开发票", "logprob": -0.5 })),
        entry(json!({ "token": "代开发票", "bytes": bytes })),
        entry(json!({ "token": "天", "bytes": "代开发票".as_bytes() })),
        entry(json!({ "token": "天", "note": "代开发票" })),
        entry(json!({ "token": "天", "top_logprobs": [{ "token": "代开发票" }] })),
        entry(json!({ "token": "天", "top_logprobs": [{ "token": "地", "bytes": "代开发票".as_bytes() }] })),
        entry(json!({ "token": "天", "top_logprobs": [{ "token": "\\u4ee3开发票" }] })),
        entry(json!({ "token": "天", "top_logprobs": [{ "代开发票": 1 }] })),
        json!({ "tokens": ["代开发票"], "top_logprobs": [{ "代开发票": -1 }] }),
        json!([1, 2, 3]),
    ] {
        let run = guarded(&[first.clone(), chunk(&logprobs)]);
        assert_eq!(run.chunks[1]["choices"][0]["logprobs"], Value::Null, "{logprobs}");
        assert_eq!(run.error, None, "{logprobs}");
        let message =
            json!({ "choices": [{ "message": { "content": "天" }, "logprobs": logprobs }] }).to_string();
        let answer =
            whole(operations(), &stream_setup(Placement::Suffix, 1), &[], message.as_bytes()).unwrap();
        let body: Value = serde_json::from_slice(&answer.into_body("").unwrap()).unwrap();
        assert_eq!(body["choices"][0]["logprobs"], Value::Null, "{logprobs}");
    }
    let ids = json!({ "prompt_token_ids": [1], "choices": [{ "index": 0, "delta": { "content": "天", "token_ids": [7] } }] });
    let run = guarded(&[first, ids]);
    assert_eq!(
        (&run.chunks[1]["prompt_token_ids"], &run.chunks[1]["choices"][0]["delta"]["token_ids"]),
        (&Value::Null, &Value::Null)
    );
}

#[test]
fn lines_around_the_data_do_not_leave() {
    let data = r#"{"id":"c","choices":[{"index":0,"delta":{"content":"好"}}]}"#;
    for stream in [
        format!("event: 代开发票\nid: 代开发票\nretry: 1\n: 代开发票\ndata: {data}\n\n"),
        format!(": 代开发票\n\ndata: {data}\n\n代开发票\n\n"),
        format!("\u{feff}data: {data}\r\n\r\n"),
        format!("data:{data}\r\n\n"),
        format!("data: {data}\r\r"),
        format!("代开发票: x\ndata: {data}\n\n"),
    ] {
        for sizes in SIZES {
            let run = run(stream_setup(Placement::Interface, 1), stream.as_bytes(), sizes);
            assert_eq!(run.error, None, "{stream}");
            assert_eq!(run.text(0, "content"), "好", "{stream}");
            assert!(!seen(&run).contains('票'), "{stream}");
        }
    }
    let lines = data.replace(":[", ":\ndata: [");
    let run = run(stream_setup(Placement::Interface, 1), format!("data: {lines}\n\n").as_bytes(), &[1]);
    assert_eq!(run.text(0, "content"), "好");
}

#[test]
fn what_is_not_read_does_not_pass() {
    let deep = format!("{}\"代开发票\"{}", "{\"a\":".repeat(80), "}".repeat(80));
    let gzip: &[u8] = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\x56\x4a\xce\xc8\xcf\xcc\x4e\x2d\x56";
    let invalid: &[u8] = b"{\"choices\":[{\"message\":{\"content\":\"\xff\"}}]}";
    for body in ["代开发票".as_bytes(), b"\"text\"", deep.as_bytes(), gzip, invalid] {
        let answer = whole(operations(), &stream_setup(Placement::Suffix, 1), &[], body);
        assert!(matches!(answer, Err(GuardError::Unreadable(_))));
        let mut stream = b"data: ".to_vec();
        stream.extend_from_slice(body);
        stream.extend_from_slice(b"\n\n");
        let run = run(stream_setup(Placement::Suffix, 1), &stream, &[1000]);
        assert!(matches!(run.error, Some(GuardError::Unreadable(_))));
        assert!(run.out.is_empty());
    }
}

/// A provider that answers with this status, header lines and body.
async fn failing(status: &str, headers: &str, body: &str, is_stream: bool) -> Answer {
    let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n", body.len());
    let site = Site::new(vec![Act::send(format!("{head}{body}"))]).await;
    site.chat(json!({ "stream": is_stream, "messages": [{ "role": "user", "content": "好" }] })).await
}

#[tokio::test]
async fn the_text_of_a_providers_error_is_guarded() {
    for is_stream in [false, true] {
        let body = json!({ "error": { "message": "代开发票", "code": "x", "hint": "call 13800138000" }, "detail": "代开发票" });
        let answer =
            failing("429 Too Many", "retry-after: 7\r\nx-note: hello\r\n", &body.to_string(), is_stream)
                .await;
        assert_eq!((answer.status, answer.code().as_str(), answer.header("retry-after")), (429, "x", "7"));
        assert_eq!(answer.json()["error"]["hint"], "call 138****8000");
        assert_eq!(answer.header("x-note"), "");
        assert!(!answer.text.contains('票'), "{}", answer.text);
        for body in [
            "<p>代开发票</p>",
            r#"{"message":"代开发票"}"#,
            r#"{"error":{"代开发票":1}}"#,
            r#"{"error":"a","error":"b"}"#,
            "",
        ] {
            let answer =
                failing("503 Gone", "content-type: text/html\r\nretry-after: soon\r\n", body, is_stream)
                    .await;
            assert_eq!((answer.status, answer.code().as_str()), (503, "upstream_error"), "{body}");
            assert_eq!(
                (answer.header("content-type"), answer.header("retry-after")),
                ("application/json", "")
            );
            assert!(!answer.text.contains('票'), "{}", answer.text);
        }
    }
}

#[tokio::test]
async fn a_prompt_in_escape_sequences_is_refused() {
    let site = Site::new(Vec::new()).await;
    let call = r#"{"q":"\u4ee3\u5f00\u53d1\u7968"}"#;
    for message in [
        json!({ "role": "user", "content": r"\u4ee3\u5f00\u53d1\u7968" }),
        json!({ "role": "user", "content": [{ "type": "text", "text": r"\u4ee3\u5f00\u53" }, { "type": "text", "text": r"d1\u7968" }] }),
        json!({ "role": "tool", "tool_call_id": "1", "content": call }),
        json!({ "role": "assistant", "tool_calls": [{ "id": "1", "type": "function", "function": { "name": "f", "arguments": call } }] }),
    ] {
        let answer = site.chat(json!({ "messages": [message] })).await;
        assert_eq!(answer.code(), "content_filter", "{message}");
    }
}

#[test]
fn keys_in_another_case_are_not_passed_on() {
    for key in ["Content", "CONTENT", "Refu\u{17f}al", "reasoning_Content"] {
        check_unreadable(&delta(&json!({ key: "发票" })));
    }
    check_unreadable(&delta(&json!({ "content": [{ "type": "text", "Text": "发票" }] })));
    check_unreadable(&delta(&json!({ "tool_calls": [{ "index": 0, "function": { "Arguments": "发票" } }] })));
    check_unreadable(&json!({ "choices": [{ "index": 0, "Delta": { "content": "发票" } }] }));
    check_unreadable(&json!({ "Choices": [{ "index": 0, "delta": { "content": "发票" } }] }));
    // What a vendor attaches has names of its own.
    let found =
        json!({ "choices": [{ "index": 0, "delta": { "found": [{ "Text": "晴" }], "Note": "晴" } }] });
    assert_eq!(guarded(&[found]).error, None);
}

#[tokio::test]
async fn a_request_says_nothing_under_a_key_in_another_case() {
    let site = Site::new(Vec::new()).await;
    let message = |message: Value| json!({ "messages": [message] });
    let said = json!({ "role": "user", "content": "好" });
    for body in [
        json!({ "messages": [said.clone()], "Model": "other" }),
        json!({ "messages": [said.clone()], "model": "test-model", "MODEL": "other" }),
        json!({ "messages": [said.clone()], "me\u{17f}\u{17f}ages": [] }),
        json!({ "messages": [said], "Safety_Identifier": "wang" }),
        message(json!({ "role": "user", "content": "好", "Content": "发票" })),
        message(json!({ "role": "user", "content": [{ "type": "text", "Text": "发票" }] })),
    ] {
        let answer = site.chat(body.clone()).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "key_in_other_case"), "{body}");
    }
    assert!(site.provider.requests().is_empty());
}

/// Programs take `delta.content ?? text` from each chunk.
#[test]
fn an_answer_that_goes_on_in_another_place_ends() {
    let text = |text: &str| json!({ "id": "c", "choices": [{ "index": 0, "text": text }] });
    let both = |said: &str| json!({ "id": "c", "choices": [{ "index": 0, "delta": { "content": said }, "text": said }] });
    let say = |said: &str| delta(&json!({ "content": said }));
    for (pieces, passes) in [
        (vec![say("可以代开"), text("发票")], false),
        (vec![text("可以代开"), say("发票")], false),
        (vec![both("可以代开"), text("发票")], false),
        (vec![text("可以代开"), both("发票")], false),
        (vec![text("今天"), text("天晴")], true),
        (vec![both("今天"), both("天晴")], true),
        (vec![say("今天"), text(""), say("天晴")], true),
    ] {
        let run = guarded(&pieces);
        assert_eq!(matches!(run.error, Some(GuardError::Unreadable(_))), !passes, "{pieces:?}");
        assert!(!seen(&run).contains('票'), "{pieces:?}");
    }
}

/// Their routes do not exist yet; a provider that sends such events all the same has their texts read.
#[test]
fn events_of_other_interfaces_are_read_across_chunks() {
    let anthropic = |kind: &str, field: &str, text: &str| json!({ "type": "content_block_delta", "index": 0, "delta": { "type": kind, field: text } });
    let responses = |kind: &str, text: &str| json!({ "type": kind, "item_id": "msg_1", "output_index": 0, "content_index": 0, "delta": text });
    for event in [
        &(|text: &str| anthropic("text_delta", "text", text)) as &dyn Fn(&str) -> Value,
        &|text| anthropic("thinking_delta", "thinking", text),
        &|text| anthropic("input_json_delta", "partial_json", text),
        &|text| responses("response.output_text.delta", text),
        &|text| responses("response.refusal.delta", text),
        &|text| responses("response.function_call_arguments.delta", text),
        &|text| json!({ "type": "content_block_start", "index": 0, "content_block": { "type": "text", "text": text } }),
        &|text| json!({ "type": "response.output_text.done", "text": text }),
    ] {
        let run = guarded(&[event("可以代开"), event("发票，请")]);
        assert!(!run.blocked.is_empty(), "{}", event(""));
        let left: String = run.out.iter().map(|frame| String::from_utf8_lossy(frame)).collect();
        assert!(!left.contains('代') && !left.contains('票'), "{left}");
        let clean = guarded(&[event("今天"), event("天晴")]);
        let left: String = clean.out.iter().map(|frame| String::from_utf8_lossy(frame)).collect();
        assert!(clean.blocked.is_empty() && left.contains("今天") && left.contains("天晴"), "{left}");
    }
}
