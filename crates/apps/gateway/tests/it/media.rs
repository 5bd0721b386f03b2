//! Pictures and speech through the whole way, in front of a provider that follows a script.

use axum::body::Body;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use gateway::Limits;
use http::Request;
use http_body_util::BodyExt as _;
use label::{Conformance, media::Format, text::Placement};
use operations::{EndUserRule, Envelope, GrantRequest, GrantScope, VerifyQuery};
use serde_json::{Value, json};
use terms::ProduceId;
use testkit::{fake_upstream::Act, service};
use tower::ServiceExt as _;

use crate::setup::{Answer, Site, operator};

/// A WAVE file of a tenth of a second.
fn wave() -> Vec<u8> {
    let data = [0_u8, 16].repeat(800);
    let length = u32::try_from(data.len()).unwrap();
    let mut file = b"RIFF".to_vec();
    file.extend((length + 36).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data");
    file.extend(length.to_le_bytes());
    file.extend(data);
    file
}

/// A picture of one pixel.
fn picture() -> Vec<u8> {
    let base64 =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
    STANDARD.decode(base64).unwrap()
}

fn sends(content_type: &str, body: &[u8]) -> Vec<Act> {
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    vec![Act::send(head), Act::Send(body.to_vec())]
}

fn pictures(count: usize) -> Vec<Act> {
    let item = json!({ "b64_json": STANDARD.encode(picture()), "revised_prompt": "a boat" });
    let body = json!({ "created": 7, "data": vec![item; count], "usage": { "input_tokens": 5, "output_tokens": 9 } });
    vec![Act::whole("200 OK", &body.to_string())]
}

async fn send(
    site: &Site,
    path: &str,
    key: &str,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> (u16, http::HeaderMap, Vec<u8>) {
    let mut request = Request::post(path).header("authorization", key);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = site.router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    (parts.status.as_u16(), parts.headers, body.collect().await.unwrap().to_bytes().to_vec())
}

async fn store_of(site: &Site) -> store::Store {
    store::Store::open(&store::Target::Sqlite { path: site.database.clone() }).await.unwrap()
}

async fn ask(site: &Site, path: &str, body: Value) -> Answer {
    let (status, headers, body) = send(site, path, &site.key, &[], body.to_string()).await;
    Answer { status, headers, text: String::from_utf8_lossy(&body).into_owned() }
}

fn label_of(format: Format, file: &[u8]) -> String {
    let report = label::media::report(format, file);
    assert!(
        matches!(report.hidden, Conformance::Conforming | Conformance::NonConforming(_)),
        "{:?}",
        report.hidden
    );
    report.label.unwrap().produce_id().to_owned()
}

#[tokio::test]
async fn every_picture_carries_its_own_number_and_has_its_own_record() {
    let site = Site::new(pictures(2)).await;
    let answer =
        ask(&site, "/v1/images/generations", json!({ "prompt": "a boat", "n": 2, "user": "alice" })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let body = answer.json();
    assert_eq!((body["created"].clone(), body["data"].as_array().unwrap().len()), (json!(7), 2));
    assert_eq!(body["cinnabar"]["produce_id"], answer.header("x-cinnabar-produce-id"));
    assert_eq!(body["aigc"]["ProduceID"], answer.header("x-cinnabar-produce-id"));
    let mut numbers = Vec::new();
    for item in body["data"].as_array().unwrap() {
        assert_eq!(item["revised_prompt"], "a boat");
        let file = STANDARD.decode(item["b64_json"].as_str().unwrap()).unwrap();
        let number = label_of(Format::Png, &file);
        assert_eq!(item["cinnabar"]["produce_id"], number.as_str());
        let number: ProduceId = number.parse().unwrap();
        assert_eq!(site.ended(number).await, ("completed".to_owned(), "in_file".to_owned()));
        // The file alone leads to its entry.
        let found = site
            .operations
            .verify_file(operations::FileQuery { bytes: file.into(), is_declared: false })
            .await
            .unwrap();
        assert_eq!(found.record.unwrap().generation.unwrap().produce_id, number);
        numbers.push(number);
    }
    assert_ne!(numbers[0], numbers[1]);
    // The provider learns neither who asked nor our name of the model.
    let sent: Value = serde_json::from_str(&site.provider.requests()[0]).unwrap();
    assert_eq!(sent["model"], "their-model");
    assert!(!sent.to_string().contains("alice"), "{sent}");
}

#[tokio::test]
async fn what_the_provider_sends_beyond_what_was_asked_stays() {
    let site = Site::new(pictures(3)).await;
    let answer = ask(&site, "/v1/images/generations", json!({ "prompt": "a boat" })).await;
    assert_eq!(answer.json()["data"].as_array().unwrap().len(), 1);
    let site = Site::new(pictures(1)).await;
    let answer = ask(&site, "/v1/images/generations", json!({ "prompt": "a boat", "n": 2 })).await;
    assert_eq!(answer.json()["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_address_is_one_of_ours_and_holds_for_an_hour() {
    let site = Site::new(pictures(1)).await;
    let asked = json!({ "prompt": "a boat", "response_format": "url" });
    let answer = ask(&site, "/v1/images/generations", asked).await.json();
    let url = answer["data"][0]["url"].as_str().unwrap();
    assert!(answer["data"][0].get("b64_json").is_none_or(Value::is_null), "{answer}");
    let path = url.strip_prefix("http://127.0.0.1:8080").unwrap();
    let get = async || {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = site.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        (parts, body.collect().await.unwrap().to_bytes())
    };
    let (head, file) = get().await;
    assert_eq!((head.status.as_u16(), head.headers["content-type"].to_str().unwrap()), (200, "image/png"));
    assert_eq!(head.headers["x-content-type-options"], "nosniff");
    assert_eq!(label_of(Format::Png, &file), answer["cinnabar"]["produce_id"].as_str().unwrap());
    assert_eq!(site.operations.media_sweep().await.unwrap(), 0);
    site.clock.advance(std::time::Duration::from_secs(3601));
    assert_eq!(get().await.0.status, 404);
    site.clock.advance(std::time::Duration::from_secs(3600));
    assert_eq!(site.operations.media_sweep().await.unwrap(), 1);
}

#[tokio::test]
async fn a_picture_at_an_address_is_fetched_at_the_provider_and_nowhere_inside() {
    // The script answers every request alike, so the file at the provider's own address is no picture; others are not asked.
    let check = async |url: &str, code: &str| {
        let body = json!({ "data": [{ "url": url }] });
        let site = Site::new(vec![Act::whole("200 OK", &body.to_string())]).await;
        let answer = ask(&site, "/v1/images/generations", json!({ "prompt": "a boat" })).await;
        assert_eq!((answer.status, answer.code().as_str()), (502, code), "{url}: {}", answer.text);
        assert_eq!(site.provider.requests().len(), 1, "{url}");
        let recorded = store_of(&site).await.generation_list_recent(9).await.unwrap();
        let reasons: Vec<_> = recorded.iter().map(|row| row.end_reason.as_deref().unwrap()).collect();
        assert_eq!(reasons, ["upstream_failed"], "{url}");
    };
    for inside in [
        "http://127.0.0.1:1/a.png",
        "https://127.0.0.1/a.png",
        "https://169.254.169.254/",
        "https://intranet/a.png",
    ] {
        check(inside, "upstream_address").await;
    }
    let data = format!("data:image/png;base64,{}", STANDARD.encode(picture()));
    let body = json!({ "data": [{ "url": data }] });
    let site = Site::new(vec![Act::whole("200 OK", &body.to_string())]).await;
    assert_eq!(ask(&site, "/v1/images/generations", json!({ "prompt": "a boat" })).await.status, 200);
}

#[tokio::test]
async fn nothing_leaves_that_cannot_be_labelled() {
    let broken = json!({ "data": [{ "b64_json": STANDARD.encode(b"no picture") }] }).to_string();
    let site = Site::new(vec![Act::whole("200 OK", &broken)]).await;
    let answer = ask(&site, "/v1/images/generations", json!({ "prompt": "a boat" })).await;
    assert_eq!((answer.status, answer.code().as_str()), (502, "cannot_be_labelled"));
    for body in ["{}", "not json", r#"{"data":[{"b64_json":"%%%"}]}"#, r#"{"data":[]}"#] {
        let site = Site::new(vec![Act::whole("200 OK", body)]).await;
        let answer = ask(&site, "/v1/images/generations", json!({ "prompt": "a boat" })).await;
        assert_eq!((answer.status, answer.code().as_str()), (502, "upstream_unreadable"), "{body}");
    }
    let site = Site::new(sends("audio/pcm", &[1; 999])).await;
    let answer = ask(&site, "/v1/audio/speech", json!({ "input": "你好" })).await;
    assert_eq!((answer.status, answer.code().as_str()), (502, "cannot_be_labelled"));
    let answer = ask(&site, "/v1/audio/speech", json!({ "input": "你好", "response_format": "pcm" })).await;
    assert_eq!((answer.status, answer.code().as_str()), (400, "cannot_be_labelled"));
    assert_eq!(site.provider.requests().len(), 1);
}

#[tokio::test]
async fn speech_is_labelled_and_recorded() {
    let site = Site::new(sends("audio/wav", &wave())).await;
    let (status, headers, file) = send(
        &site,
        "/v1/audio/speech",
        &site.key,
        &[],
        json!({ "input": "你好", "voice": "alloy" }).to_string(),
    )
    .await;
    assert_eq!((status, headers["content-type"].to_str().unwrap()), (200, "audio/wav"));
    let number = label_of(Format::Wav, &file);
    assert_eq!(headers["x-cinnabar-produce-id"].to_str().unwrap(), number);
    assert_eq!(site.ended(number.parse().unwrap()).await, ("completed".to_owned(), "in_file".to_owned()));
    let sent: Value = serde_json::from_str(&site.provider.requests()[0]).unwrap();
    assert_eq!((sent["response_format"].clone(), sent["input"].clone()), (json!("wav"), json!("你好")));
    // An interface may carry the label of sound, and not that of a picture.
    let key = site.new_key(EndUserRule::Optional, Placement::Interface, Envelope::Both).await;
    let (_, headers, _) =
        send(&site, "/v1/audio/speech", &key, &[], json!({ "input": "你好" }).to_string()).await;
    let number: ProduceId = headers["x-cinnabar-produce-id"].to_str().unwrap().parse().unwrap();
    assert_eq!(site.ended(number).await.1, "interface");
}

#[tokio::test]
async fn words_that_are_blocked_reach_no_provider() {
    let site = Site::new(pictures(1)).await;
    let blocked = "朱砂测试违禁词";
    let answer = ask(&site, "/v1/images/generations", json!({ "prompt": blocked })).await;
    assert_eq!((answer.status, answer.code().as_str()), (400, "content_filter"));
    assert!(answer.json()["error"]["cinnabar"]["decisions"][0]["appeal_url"].is_string());
    let answer = ask(&site, "/v1/audio/speech", json!({ "input": blocked })).await;
    assert_eq!(answer.code(), "content_filter");
    let answer =
        ask(&site, "/v1/images/generations", json!({ "prompt": "a boat", "negative_prompt": blocked })).await;
    assert_eq!(answer.code(), "content_filter");
    let form = format!(
        "--b\r\ncontent-disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n\r\nx\r\n--b\r\n\
         content-disposition: form-data; name=\"prompt\"\r\n\r\n{blocked}\r\n--b--\r\n"
    );
    let headers = [("content-type", "multipart/form-data; boundary=b")];
    let (status, _, _) = send(&site, "/v1/images/edits", &site.key, &headers, form).await;
    assert_eq!(status, 400);
    assert!(site.provider.requests().is_empty());
    // What a model says beside a picture is an answer like any other.
    let body = json!({ "data": [{ "b64_json": STANDARD.encode(picture()), "revised_prompt": blocked }] });
    let site = Site::new(vec![Act::whole("200 OK", &body.to_string())]).await;
    let answer = ask(&site, "/v1/images/generations", json!({ "prompt": "a boat" })).await;
    assert_eq!((answer.status, answer.code().as_str()), (400, "content_filter"));
    assert!(!answer.text.contains("b64_json"));
}

#[tokio::test]
async fn an_edit_goes_to_the_provider_as_the_form_it_came_in() {
    let site = Site::new(pictures(1)).await;
    let form = "--b\r\ncontent-disposition: form-data; name=\"image\"; filename=\"a.png\"\r\ncontent-type: image/png\r\n\r\n\
                x\r\n--b\r\ncontent-disposition: form-data; name=\"prompt\"\r\n\r\na red boat\r\n--b--\r\n";
    let headers = [("content-type", "multipart/form-data; boundary=b")];
    let (status, head, body) = send(&site, "/v1/images/edits", &site.key, &headers, form).await;
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
    let sent = site.provider.requests()[0].clone();
    assert!(sent.contains("name=\"model\"\r\n\r\ntheir-model\r\n"), "{sent}");
    assert!(sent.ends_with(&form[5..]), "{sent}");
    let number: ProduceId = head["x-cinnabar-produce-id"].to_str().unwrap().parse().unwrap();
    let found = site.operations.verify(VerifyQuery::ProduceId(number)).await.unwrap();
    assert!(found.generation.is_some());
}

#[tokio::test]
async fn without_a_visible_label_only_under_a_grant_that_covers_it() {
    let site = Site::with(pictures(1), service::trial_settings(), Limits::default()).await;
    let header = [("x-cinnabar-visible-label", "none")];
    let asked = json!({ "prompt": "a boat", "user": "alice" }).to_string();
    let post = async |body: &str| {
        let (status, headers, body) =
            send(&site, "/v1/images/generations", &site.key, &header, body.to_owned()).await;
        Answer { status, headers, text: String::from_utf8_lossy(&body).into_owned() }
    };
    let refused = post(&asked).await;
    assert_eq!((refused.status, refused.code().as_str()), (403, "unlabelled_needs_grant"));
    assert_eq!(refused.json()["error"]["rule"], "cn.lab.9");
    let administrator = operator(1);
    let key_id = site.operations.key_list(&administrator).await.unwrap()[0].key_id;
    let request = |scope, days| GrantRequest {
        key_id,
        end_user: Some("alice".to_owned()),
        scope,
        request: "Alice, 2026-11-20: pictures for a film".to_owned(),
        clause: "7.2".to_owned(),
        agreement: "2026-11".to_owned(),
        days,
    };
    assert!(site.operations.label_grant_give(&administrator, request(GrantScope::Picture, 0)).await.is_err());
    site.operations.label_grant_give(&administrator, request(GrantScope::Sound, 30)).await.unwrap();
    assert_eq!(post(&asked).await.status, 403);
    let grant =
        site.operations.label_grant_give(&administrator, request(GrantScope::Picture, 30)).await.unwrap();
    let given = post(&asked).await;
    assert_eq!(given.status, 200, "{}", given.text);
    assert_eq!(site.ended(given.produce_id()).await, ("completed".to_owned(), "grant".to_owned()));
    // The hidden label is there all the same, and the delivery is on record.
    let file = STANDARD.decode(given.json()["data"][0]["b64_json"].as_str().unwrap()).unwrap();
    assert_eq!(label_of(Format::Png, &file), given.header("x-cinnabar-produce-id"));
    let entries = store_of(&site).await.entry_list_about(&grant.to_string()).await.unwrap();
    let mut events: Vec<&str> = entries.iter().map(|entry| entry.event.as_str()).collect();
    events.sort_unstable();
    assert_eq!(events, ["grant.given", "label.waived"]);
    // Whoever has a grant gets labelled things unless they ask; nobody else is covered.
    let labelled = ask(&site, "/v1/images/generations", json!({ "prompt": "a boat", "user": "alice" })).await;
    assert_eq!(site.ended(labelled.produce_id()).await.1, "in_file");
    assert_eq!(post(&json!({ "prompt": "a boat", "user": "bob" }).to_string()).await.status, 403);
    site.operations.label_grant_withdraw(&administrator, grant).await.unwrap();
    assert_eq!(post(&asked).await.status, 403);
    assert!(site.operations.label_grant_withdraw(&administrator, grant).await.is_err());
    let last = site.operations.label_grant_give(&administrator, request(GrantScope::All, 1)).await;
    assert_eq!(post(&asked).await.status, 200);
    site.clock.advance(std::time::Duration::from_secs(86_401));
    assert_eq!(post(&asked).await.status, 403);
    let listed = site.operations.label_grant_list(&administrator).await.unwrap();
    let last = last.unwrap();
    let last = listed.iter().find(|listed| listed.grant_id == last).unwrap();
    assert_eq!(
        (last.scope, last.request.as_str()),
        (GrantScope::All, "Alice, 2026-11-20: pictures for a film")
    );
}
