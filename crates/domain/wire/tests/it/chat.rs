//! Requests: what is read, what is refused, what is edited.

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use wire::chat::{
    ChatRequest, EndUser, InputKind, RequestError, RequestLimits, ResponseFormat, Role, UpstreamEdits,
};

fn parse(json: &str) -> Result<ChatRequest<'_>, RequestError> {
    ChatRequest::parse(json.as_bytes(), RequestLimits::default())
}

#[test]
fn request_is_read() {
    let json = json!({
        "model": "m", "stream": true, "n": 2, "max_tokens": 9, "logprobs": true, "stream_options": {"include_usage": true},
        "response_format": {"type": "json_schema", "json_schema": {"name": "s"}}, "user": "u", "safety_identifier": "s",
        "messages": [
            {"role": "system", "content": "be kind"},
            {"content": [
                {"type": "text", "text": "look"},
                {"type": "image_url", "image_url": {"url": "https://x/y.png", "detail": "low"}},
                {"type": "input_audio", "input_audio": {"data": "UklG", "format": "wav"}}], "name": "li", "role": "user"},
            {"role": "assistant", "content": null, "tool_calls": [
                {"id": "call_1", "type": "function", "function": {"arguments": "{\"q\":1}", "name": "find"}}]},
            {"role": "tool", "tool_call_id": "call_1", "content": "found"}],
        "tools": [{"type": "function", "function": {"description": "finds", "name": "find", "parameters": {"type": "object"}}}]
    })
    .to_string();
    let request = parse(&json).unwrap();
    assert_eq!(request.model.as_ref().unwrap().value, "m");
    assert!(request.is_stream && request.includes_usage && request.has_logprobs);
    assert_eq!((request.choices, request.tokens_max), (2, Some(9)));
    assert_eq!(request.response_format, ResponseFormat::JsonSchema);
    assert!(request.response_format.is_structured());
    assert_eq!(request.end_user(), Some("s"));
    assert_eq!(request.tools, ["find"]);
    assert_eq!((request.images, request.other_media), (1, 1));
    let texts: Vec<_> =
        request.texts.iter().map(|text| (text.message, text.role, text.kind, text.text.as_ref())).collect();
    assert_eq!(
        texts,
        [
            (Some(0), Role::System, InputKind::Content, "be kind"),
            (Some(1), Role::User, InputKind::Content, "look"),
            (Some(1), Role::User, InputKind::Name, "li"),
            (Some(2), Role::Assistant, InputKind::ToolArguments, "{\"q\":1}"),
            (Some(2), Role::Assistant, InputKind::Name, "find"),
            (Some(3), Role::Tool, InputKind::Content, "found"),
            (None, Role::System, InputKind::Other, "s"),
            (None, Role::System, InputKind::Other, "finds"),
            (None, Role::System, InputKind::Other, "find"),
        ]
    );
    assert_eq!(request.texts_of(&request.messages[3])[0].text, "found");
}

#[test]
fn errors_name_the_field() {
    for (json, param, code) in [
        ("{", None, "invalid_json"),
        ("[]", Some("request body"), "invalid_type"),
        ("{}", Some("messages"), "missing_required_parameter"),
        (r#"{"messages":[]}"#, Some("messages"), "invalid_type"),
        (r#"{"messages":[1]}"#, Some("messages[0]"), "invalid_type"),
        (r#"{"messages":[{}]}"#, Some("messages[0].role"), "missing_required_parameter"),
        (r#"{"messages":[{"role":1}]}"#, Some("messages[0].role"), "invalid_type"),
        (r#"{"messages":[{"role":"user","content":1}]}"#, Some("messages[0].content"), "invalid_type"),
        (r#"{"messages":[{"role":"user"}],"model":1}"#, Some("model"), "invalid_type"),
        (r#"{"messages":[{"role":"user"}],"stream":"yes"}"#, Some("stream"), "invalid_type"),
        (r#"{"messages":[{"role":"user"}],"n":0}"#, Some("n"), "invalid_value"),
        (r#"{"messages":[{"role":"user"}],"n":1000}"#, Some("n"), "invalid_value"),
        (
            r#"{"messages":[{"role":"user"}],"stream_options":{"include_usage":1}}"#,
            Some("stream_options.include_usage"),
            "invalid_type",
        ),
        (
            r#"{"messages":[{"role":"user"}],"response_format":{}}"#,
            Some("response_format.type"),
            "invalid_type",
        ),
        (r#"{"messages":[{"role":"user"}],"tools":1}"#, Some("tools"), "invalid_type"),
        (r#"{"messages":[{"role":"user"}],"messages":[]}"#, None, "duplicate_key"),
    ] {
        let error = parse(json).unwrap_err();
        assert_eq!((error.param(), error.code()), (param, code), "{json}");
        let body: Json = serde_json::from_slice(&error.to_body().to_bytes()).unwrap();
        assert_eq!(body["error"]["param"], param.map_or(Json::Null, Json::from));
    }
    let limits = RequestLimits { messages_max: 1, ..RequestLimits::default() };
    let two = br#"{"messages":[{"role":"user"},{"role":"user"}]}"#;
    assert_eq!(ChatRequest::parse(two, limits).unwrap_err().param(), Some("messages"));
}

#[test]
fn nulls_count_as_absent() {
    let request = parse(r#"{"messages":[{"role":"user","content":null}],"model":null,"stream":null,"n":null,"user":null,"tools":null,"stream_options":null,"response_format":null}"#).unwrap();
    assert!(
        request.model.is_none() && !request.is_stream && request.choices == 1 && request.end_user().is_none()
    );
}

#[test]
fn edits_touch_only_what_they_must() {
    let check = |json: &str, edits: &UpstreamEdits<'_>, expected: &str| {
        let edited = parse(json).unwrap().to_upstream(edits).unwrap();
        assert_eq!(String::from_utf8(edited).unwrap(), expected);
    };
    let keep = UpstreamEdits { end_user: EndUser::Keep, ..UpstreamEdits::default() };
    let json = r#"{ "user" : "u","x": 1.50 , "messages":[{"role":"user","content":"a"}],"safety_identifier":"s", "stream":true ,"model":"m" }"#;
    check(json, &keep, json);
    check(
        json,
        &UpstreamEdits { model: Some("n\""), must_include_usage: true, ..UpstreamEdits::default() },
        r#"{ "x": 1.50 , "messages":[{"role":"user","content":"a"}], "stream":true ,"model":"n\"" ,"stream_options":{"include_usage":true}}"#,
    );
    check(
        json,
        &UpstreamEdits { end_user: EndUser::Pseudonym("p"), ..UpstreamEdits::default() },
        &json.replace("\"u\"", "\"p\"").replace("\"s\"", "\"p\""),
    );
    let end = r#"{"messages":[{"role":"user","content":"a"}],"user":"u","safety_identifier":"s"}"#;
    check(end, &UpstreamEdits::default(), r#"{"messages":[{"role":"user","content":"a"}]}"#);
    let start = r#"{"user":"u","safety_identifier":"s","messages":[{"role":"user","content":"a"}]}"#;
    check(start, &UpstreamEdits::default(), r#"{"messages":[{"role":"user","content":"a"}]}"#);
    let options =
        r#"{"stream":true,"stream_options":{"a":1},"messages":[{"role":"assistant","content":"a 标"}]}"#;
    let literal = parse(options).unwrap().texts[0].literal.clone();
    check(
        options,
        &UpstreamEdits { texts: &[(literal, "a".to_owned())], must_include_usage: true, ..keep },
        r#"{"stream":true,"stream_options":{"a":1,"include_usage":true},"messages":[{"role":"assistant","content":"a"}]}"#,
    );
}

proptest! {
    #[test]
    fn every_edit_leaves_valid_json(
        extra in super::document::any_json(),
        order in Just(vec!["user", "safety_identifier", "model", "stream", "extra", "messages"]).prop_shuffle(),
        count in 1_usize..7,
    ) {
        let mut members = Vec::new();
        for key in order.iter().take(count).chain(std::iter::once(&"messages")) {
            let value = match *key {
                "stream" => json!(true),
                "extra" => extra.clone(),
                "messages" => json!([{"role": "user", "content": extra.to_string()}]),
                _ => json!("x"),
            };
            let member = format!("{}:{}", json!(key), value);
            if !members.contains(&member) {
                members.push(member);
            }
        }
        let text = format!("{{{}}}", members.join(" , "));
        let request = parse(&text).unwrap();
        let edits = UpstreamEdits { model: Some("n"), must_include_usage: true, ..UpstreamEdits::default() };
        let edited: Json = serde_json::from_slice(&request.to_upstream(&edits).unwrap()).unwrap();
        let mut expected: Json = serde_json::from_str(&text).unwrap();
        let object = expected.as_object_mut().unwrap();
        object.remove("user");
        object.remove("safety_identifier");
        object.insert("model".to_owned(), json!("n"));
        if object.contains_key("stream") {
            object.insert("stream_options".to_owned(), json!({"include_usage": true}));
        }
        prop_assert_eq!(edited, expected);
    }

    #[test]
    fn garbage_does_not_panic(bytes: Vec<u8>) {
        let _ = ChatRequest::parse(&bytes, RequestLimits::default());
    }

    #[test]
    fn json_of_any_shape_does_not_panic(value in super::document::any_json(), messages in super::document::any_json()) {
        let text = json!({"messages": [messages, {"role": "user", "content": value}], "tools": value}).to_string();
        let _ = parse(&text);
    }
}
