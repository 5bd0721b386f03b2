//! The demo model through the client.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use upstream::demo::{BLOCKED_PHRASE, Cue, DemoConfig, DemoServer, MODEL, spawn};
use upstream::{ApiKey, TimeoutKind, Upstream, UpstreamError, UpstreamResponse};
use wire::{Decoder, Frame, FrameKind, SseLimits};

async fn demo() -> (DemoServer, Upstream) {
    let server = spawn(DemoConfig::immediate()).await.unwrap();
    let upstream = Upstream::new(server.upstream_config()).unwrap();
    (server, upstream)
}

async fn ask(upstream: &Upstream, question: &str, more: Value) -> UpstreamResponse {
    let mut request = json!({"model": MODEL, "messages": [{"role": "user", "content": question}]});
    request.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    upstream.send("chat/completions", Bytes::from(request.to_string()), HeaderMap::new()).await.unwrap()
}

async fn whole(upstream: &Upstream, question: &str, more: Value) -> Value {
    let answer = ask(upstream, question, more).await;
    assert_eq!(answer.status, StatusCode::OK);
    serde_json::from_slice(&answer.body.collect(1 << 20).await.unwrap()).unwrap()
}

/// All frames, and how the stream ended.
async fn stream(upstream: &Upstream, question: &str, more: Value) -> (Vec<Frame>, Option<UpstreamError>) {
    let mut more = more;
    more["stream"] = json!(true);
    let mut answer = ask(upstream, question, more).await;
    assert!(answer.status == StatusCode::OK && answer.is_event_stream());
    let mut decoder = Decoder::new(SseLimits::default());
    let mut frames = Vec::new();
    while let Some(piece) = answer.body.next().await {
        match piece {
            Ok(piece) => decoder.push(piece, &mut frames).unwrap(),
            Err(error) => return (frames, Some(error)),
        }
    }
    (frames, None)
}

fn chunks(frames: &[Frame]) -> Vec<Value> {
    let data =
        frames.iter().filter(|frame| frame.kind == FrameKind::Data).filter_map(|frame| frame.data.as_ref());
    data.map(|data| serde_json::from_slice(data).unwrap()).collect()
}

fn text(chunks: &[Value], choice: usize, key: &str) -> String {
    let choices = chunks.iter().flat_map(|chunk| chunk["choices"].as_array().unwrap());
    choices.filter(|each| each["index"] == choice).filter_map(|each| each["delta"][key].as_str()).collect()
}

#[tokio::test]
async fn streamed_and_whole_answers_say_the_same() {
    let (server, upstream) = demo().await;
    let more = json!({"n": 2, "stream_options": {"include_usage": true}});
    let completion = whole(&upstream, "怎样申诉？", more.clone()).await;
    let content = completion["choices"][0]["message"]["content"].as_str().unwrap();
    assert!(content.starts_with("（演示模型，引自手册“怎样申诉？”）") && content.contains("/cases/new"));
    assert_eq!(completion["choices"][1]["message"]["content"], content);
    assert_eq!(completion["choices"][1]["finish_reason"], "stop");
    let (frames, error) = stream(&upstream, "怎样申诉？", more).await;
    assert!(error.is_none());
    assert_eq!(frames.last().unwrap().kind, FrameKind::Done);
    let chunks = chunks(&frames);
    assert_eq!(
        (text(&chunks, 0, "content").as_str(), text(&chunks, 1, "content").as_str()),
        (content, content)
    );
    let last = chunks.last().unwrap();
    assert_eq!((&last["choices"], &last["usage"]), (&json!([]), &completion["usage"]));
    assert!(last["usage"]["completion_tokens"].as_u64().unwrap() > 20);
    server.shutdown().await;
}

#[tokio::test]
async fn answers_are_short_when_asked_and_have_log_probabilities() {
    let (_server, upstream) = demo().await;
    let completion = whole(&upstream, "What is Cinnabar?", json!({"max_tokens": 5, "logprobs": true})).await;
    let choice = &completion["choices"][0];
    assert_eq!(choice["finish_reason"], "length");
    let tokens = choice["logprobs"]["content"].as_array().unwrap();
    let joined: String = tokens.iter().map(|token| token["token"].as_str().unwrap()).collect();
    assert_eq!((tokens.len(), joined.as_str()), (5, choice["message"]["content"].as_str().unwrap()));
}

#[tokio::test]
async fn drift_is_split_over_chunks() {
    let (_server, upstream) = demo().await;
    for question in ["什么是账本 demo:drift", "what is the ledger? DEMO:DRIFT", "demo：drift"] {
        let chunks = chunks(&stream(&upstream, question, json!({})).await.0);
        let content = text(&chunks, 0, "content");
        assert!(content.contains(BLOCKED_PHRASE) && !content.ends_with(BLOCKED_PHRASE));
        assert!(!chunks.iter().any(|chunk| chunk.to_string().contains(BLOCKED_PHRASE)));
    }
}

#[tokio::test]
async fn json_tools_code_and_reasoning_come_as_asked() {
    let (_server, upstream) = demo().await;
    let content =
        |completion: &Value| completion["choices"][0]["message"]["content"].as_str().unwrap().to_owned();
    let answer: Value =
        serde_json::from_str(&content(&whole(&upstream, "demo:json ledger", json!({})).await)).unwrap();
    assert!(answer["answer"].is_string());
    let schema = json!({"type": "json_schema", "json_schema": {"schema": {"type": "object", "properties": {"a": {"type": "string"}}}}});
    let answer = whole(&upstream, "ledger", json!({"response_format": schema})).await;
    assert!(serde_json::from_str::<Value>(&content(&answer)).unwrap()["a"].is_string());
    assert!(content(&whole(&upstream, "demo:code", json!({})).await).starts_with("```python\n"));

    let tools = json!({"tools": [{"type": "function", "function": {"name": "find"}}]});
    let completion = whole(&upstream, "demo:tool", tools.clone()).await;
    let call = &completion["choices"][0]["message"]["tool_calls"][0];
    assert_eq!(
        (&call["function"]["name"], &completion["choices"][0]["finish_reason"]),
        (&json!("find"), &json!("tool_calls"))
    );
    assert!(
        serde_json::from_str::<Value>(call["function"]["arguments"].as_str().unwrap()).unwrap()["query"]
            .is_string()
    );
    let chunks_of = chunks(&stream(&upstream, "demo:tool", tools).await.0);
    let arguments: String = chunks_of
        .iter()
        .filter_map(|chunk| chunk["choices"][0]["delta"]["tool_calls"][0]["function"]["arguments"].as_str())
        .collect();
    assert_eq!(arguments, call["function"]["arguments"].as_str().unwrap());
    let messages =
        json!({"messages": [{"role": "user", "content": "demo:tool"}, {"role": "tool", "content": "42"}]});
    assert!(content(&whole(&upstream, "", messages).await).contains("42"));

    let chunks_of = chunks(&stream(&upstream, "demo:reasoning ledger", json!({})).await.0);
    assert!(
        !text(&chunks_of, 0, "reasoning_content").is_empty() && !text(&chunks_of, 0, "content").is_empty()
    );
    assert!(text(&chunks(&stream(&upstream, "demo:long", json!({})).await.0), 0, "content").len() > 10_000);
}

#[tokio::test]
async fn it_fails_in_the_documented_ways() {
    let (_server, upstream) = demo().await;
    for is_stream in [true, false] {
        let answer = ask(&upstream, "demo:error", json!({"stream": is_stream})).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
        let body: Value = serde_json::from_slice(&answer.body.collect(1000).await.unwrap()).unwrap();
        assert_eq!(body["error"]["code"], "demo_error");
    }
    let (frames, error) = stream(&upstream, "demo:break ledger", json!({})).await;
    assert!(matches!(error, Some(UpstreamError::Broken { .. })), "{error:?}");
    assert!(frames.iter().all(|frame| frame.kind == FrameKind::Data));
    let answer = ask(&upstream, "demo:break", json!({})).await;
    assert!(matches!(answer.body.collect(1000).await, Err(UpstreamError::Broken { .. })));
    let (frames, error) = stream(&upstream, "demo:garbage ledger", json!({})).await;
    assert!(error.is_none() && wire::scan(frames.last().unwrap().data.as_ref().unwrap()).is_err());
}

#[tokio::test]
async fn it_stalls_until_the_reader_gives_up() {
    let (_server, upstream) = demo().await;
    let mut answer = ask(&upstream, "demo:stall ledger", json!({"stream": true})).await;
    answer.body.next().await.unwrap().unwrap();
    tokio::time::pause();
    let error = loop {
        match answer.body.next().await.unwrap() {
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert!(matches!(error, UpstreamError::Timeout { kind: TimeoutKind::Idle, .. }), "{error:?}");
}

#[tokio::test]
async fn it_serves_its_own_program_alone() {
    let (server, _) = demo().await;
    let mut config = server.upstream_config();
    config.api_key = Some(ApiKey::new("guess"));
    let stranger = Upstream::new(config).unwrap();
    assert_eq!(stranger.models().await.unwrap().status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn models_and_errors_have_openais_shape() {
    let (_server, upstream) = demo().await;
    let models: Value =
        serde_json::from_slice(&upstream.models().await.unwrap().body.collect(1000).await.unwrap()).unwrap();
    assert_eq!(models["data"][0]["id"], MODEL);
    let answer = ask(&upstream, "x", json!({"model": "other"})).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let answer = upstream.send("chat/completions", Bytes::from_static(b"{"), HeaderMap::new()).await.unwrap();
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let answer = upstream.send("elsewhere", Bytes::new(), HeaderMap::new()).await.unwrap();
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn it_keeps_its_pace() {
    let server = spawn(DemoConfig { tokens_per_second: 10, first_token_ms: 500 }).await.unwrap();
    let upstream = Upstream::new(server.upstream_config()).unwrap();
    let mut answer = ask(&upstream, "demo:json", json!({"stream": true, "max_tokens": 20})).await;
    tokio::time::pause();
    let start = tokio::time::Instant::now();
    while let Some(piece) = answer.body.next().await {
        piece.unwrap();
    }
    let took = start.elapsed();
    assert!((2_000..=2_700).contains(&took.as_millis()), "{took:?}");
}

#[test]
fn cues_are_the_documented_ones() {
    let page = include_str!("../../../../../docs/reference/demo-model.md");
    for (word, cue) in Cue::ALL {
        assert_eq!(Cue::find(&format!("please {word}, now")), Some(cue));
        assert!(page.contains(&format!("`{word}`")), "{word} is documented");
    }
    assert!(page.contains(BLOCKED_PHRASE));
    assert_eq!(Cue::find("a demo: nothing"), None);
}
