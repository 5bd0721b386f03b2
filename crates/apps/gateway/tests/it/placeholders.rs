//! Placeholders: what the provider gets in place of personal data, and what the person reads.

use std::sync::Arc;

use gateway::{
    Limits, Placeholders,
    guard::{Restored, StreamSetup, whole},
};
use label::text::Placement;
use serde_json::{Value, json};
use testkit::{
    fake_upstream::{Act, STREAM_HEAD},
    service,
};

use crate::{
    guarded::{operations, run, stream_setup, suffix},
    setup::Site,
};

async fn site(script: Vec<Act>, placeholders: Placeholders) -> Site {
    Site::with_placeholders(script, service::trial_settings(), Limits::default(), placeholders).await
}

fn prompt(is_stream: bool) -> Value {
    json!({"model": "test-model", "stream": is_stream, "messages": [
        {"role": "user", "content": "我的电话13800138000，张工的是13900139000"},
        {"role": "assistant", "content": "记下了：138 0013 8000"},
        {"role": "user", "content": [{"type": "text", "text": "打１３８００１３８０００，密码：abc12345"}]},
    ]})
}

fn answer(text: &str) -> Act {
    Act::whole("200 OK", &json!({"choices": [{"index": 0, "message": {"content": text}}]}).to_string())
}

fn content(text: &str) -> Act {
    Act::event(&json!({"id": "c", "choices": [{"index": 0, "delta": {"content": text}}]}).to_string())
}

/// What the provider was told, message by message.
fn told(site: &Site) -> Vec<String> {
    let request = site.provider.requests().remove(0);
    let body: Value = serde_json::from_str(&request).unwrap();
    let messages = body["messages"].as_array().unwrap().iter();
    let text = |message: &Value| match &message["content"] {
        Value::String(text) => text.clone(),
        parts => parts[0]["text"].as_str().unwrap().to_owned(),
    };
    messages.map(text).collect()
}

const TOLD: [&str; 3] =
    ["我的电话[手机号1]，张工的是[手机号2]", "记下了：[手机号1]", "打[手机号1]，密码：[密码1]"];

#[tokio::test]
async fn one_value_has_one_placeholder_in_all_of_a_request() {
    let site = site(vec![answer("[手机号1]打不通")], Placeholders::Kept).await;
    let said = site.chat(prompt(false)).await;
    assert_eq!(told(&site), TOLD);
    let text = said.json()["choices"][0]["message"]["content"].as_str().unwrap().to_owned();
    assert!(text.starts_with("[手机号1]打不通"), "{text}");
}

#[tokio::test]
async fn without_placeholders_a_prompt_has_asterisks() {
    let site = site(vec![answer("好")], Placeholders::Off).await;
    site.chat(prompt(false)).await;
    assert_eq!(told(&site)[0], "我的电话138****8000，张工的是139****9000");
}

#[tokio::test]
async fn a_whole_answer_says_the_values_of_its_own_request_again() {
    let site =
        site(vec![answer("请打[手机号1]或[手机号2]，不是[手机号3]或15012345678")], Placeholders::Restored)
            .await;
    let said = site.chat(prompt(false)).await;
    assert_eq!(told(&site), TOLD);
    let request = site.provider.requests().remove(0);
    assert!(!request.contains("13800138000") && !request.contains("abc12345"), "{request}");
    let text = said.json()["choices"][0]["message"]["content"].as_str().unwrap().to_owned();
    assert!(text.starts_with("请打13800138000或13900139000，不是[手机号3]或150****5678"), "{text}");
}

#[tokio::test]
async fn a_streamed_answer_says_them_wherever_its_chunks_cut() {
    let said = "请打[手机号1]或[手机号2]，[手";
    for size in [1, 2, 5, 100] {
        let chars: Vec<char> = said.chars().collect();
        let mut script = vec![Act::send(STREAM_HEAD)];
        script.extend(chars.chunks(size).map(|chunk| content(&chunk.iter().collect::<String>())));
        script.push(Act::event(r#"{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#));
        script.push(Act::event("[DONE]"));
        let site = site(script, Placeholders::Restored).await;
        let answer = site.chat(prompt(true)).await;
        assert_eq!(told(&site), TOLD);
        let text = answer.content();
        assert!(text.starts_with("请打13800138000或13900139000，[手"), "{size}: {text}");
    }
}

fn setup() -> StreamSetup {
    let values = vec![
        ("[手机号1]".to_owned(), "13800138000".to_owned()),
        ("[密码1]".to_owned(), "a\"b\\1".to_owned()),
    ];
    StreamSetup { restored: Some(Arc::new(Restored::new(values))), ..stream_setup(Placement::Suffix, 1) }
}

#[test]
fn the_commitment_is_to_what_was_delivered() {
    let chunk =
        |text: &str| json!({"id": "c", "choices": [{"index": 0, "delta": {"content": text}}]}).to_string();
    let stop = r#"{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
    let events = [chunk("打[手机"), chunk("号1]"), chunk("[手"), stop.to_owned()];
    let bytes: Vec<u8> =
        events.iter().map(|data| format!("data: {data}\n\n")).collect::<String>().into_bytes();
    let run = run(setup(), &bytes, &[1000]);
    assert_eq!(run.text(0, "content"), format!("打13800138000[手{}", suffix()));
    run.check_hashes();
    run.check_order();
}

#[test]
fn arguments_of_tools_stay_json() {
    let arguments = r#"{"to":"[手机号1]","password":"[密码1]"}"#;
    let body = json!({"choices": [{"index": 0, "message": {"tool_calls": [{"function": {"name": "look_up", "arguments": arguments}}]}}]});
    let answer = whole(operations(), &setup(), &[], body.to_string().as_bytes()).unwrap();
    let said: Value = serde_json::from_slice(&answer.into_body("").unwrap()).unwrap();
    let arguments = said["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"].as_str().unwrap();
    let read: Value = serde_json::from_str(arguments).unwrap();
    assert_eq!(read, json!({"to": "13800138000", "password": "a\"b\\1"}));
}
