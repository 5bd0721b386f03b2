//! The routes: who may ask, what is refused and how, what reaches the provider.

use cases::{CaseKind, Outcome};
use gateway::{Gateway, Limits, Metrics};
use http::Request;
use identity::IdentityLevel;
use label::text::Placement;
use operations::{AgreementRule, EndUserRule, Envelope, OpenCase, PenaltyRequest};
use prometheus::Registry;
use serde_json::{Value, json};
use terms::{Actor, Locale};
use testkit::{
    fake_upstream::{Act, STREAM_HEAD},
    service::trial_settings,
};
use tower::ServiceExt as _;
use upstream::{Upstream, UpstreamConfig};

use crate::setup::{Answer, Site, operator};

fn completion(content: &str) -> Act {
    let body = json!({
        "id": "c", "object": "chat.completion", "model": "their-model",
        "choices": [{ "index": 0, "message": { "role": "assistant", "content": content }, "finish_reason": "stop" }],
        "usage": { "prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7 },
    });
    Act::whole("200 OK", &body.to_string())
}

fn asking(text: &str) -> Value {
    json!({ "messages": [{ "role": "user", "content": text }] })
}

/// One request to any route.
async fn send(site: &Site, method: &str, path: &str, key: &str, body: &str) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", key)
        .body(axum::body::Body::from(body.to_owned()))
        .unwrap();
    Answer::read(site.router.clone().oneshot(request).await.unwrap()).await
}

#[tokio::test]
async fn who_has_no_key_in_force_is_refused() {
    let site = Site::new(vec![completion("好")]).await;
    for (key, code) in
        [("", "missing_api_key"), ("Basic x", "missing_api_key"), ("Bearer ck-wrong", "invalid_api_key")]
    {
        for (method, path) in
            [("POST", "/v1/chat/completions"), ("GET", "/v1/models"), ("POST", "/v1/moderations")]
        {
            let answer = send(&site, method, path, key, "{}").await;
            assert_eq!((answer.status, answer.code().as_str()), (401, code), "{path}");
            assert_eq!(answer.header("x-should-retry"), "false");
        }
    }
    assert_eq!(send(&site, "GET", "/v1/embeddings", &site.key, "").await.code(), "unknown_url");
    assert!(site.provider.requests().is_empty());
}

#[tokio::test]
async fn what_is_no_request_is_refused_with_its_reason() {
    let limits = Limits { request_bytes_max: 2_000, ..Limits::default() };
    let site = Site::with(vec![completion("好")], trial_settings(), limits).await;
    let answer =
        site.chat(json!({ "model": "other", "messages": [{ "role": "user", "content": "好" }] })).await;
    assert_eq!((answer.status, answer.code().as_str()), (404, "model_not_found"));
    for body in ["", "{", "[]", "{}", r#"{"messages":1}"#] {
        assert_eq!(site.post(&site.key, body).await.status, 400, "{body}");
    }
    let answer = site.chat(asking(&"长".repeat(1_000))).await;
    assert_eq!((answer.status, answer.code().as_str()), (413, "request_too_large"));
    let strict = site.new_key(EndUserRule::Required, Placement::Suffix, Envelope::Both).await;
    assert_eq!(site.post(&strict, asking("好").to_string()).await.code(), "end_user_required");
    let mut long = asking("好");
    long["user"] = json!("u".repeat(300));
    assert_eq!(site.chat(long).await.code(), "end_user_too_long");
    assert!(site.provider.requests().is_empty());
}

#[tokio::test]
async fn a_whole_answer_is_labelled_recorded_and_named() {
    let site = Site::new(vec![completion("你好，电话 13800138000")]).await;
    let answer = site.chat(asking("好")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let body = answer.json();
    let id = answer.produce_id();
    let label = site.operations.visible_label().render_suffix(&id);
    assert_eq!(body["choices"][0]["message"]["content"], format!("你好，电话 138****8000{label}"));
    assert_eq!(body["cinnabar"]["produce_id"], id.to_string());
    assert_eq!(body["aigc"]["ProduceID"], id.to_string());
    assert_eq!(site.ended(id).await, ("completed".to_owned(), "in_text".to_owned()));
    // What was copied is found again, with its label and without.
    let text = body["choices"][0]["message"]["content"].as_str().unwrap().to_owned();
    for text in [text.clone(), text.replace(&label, "")] {
        let found = site.operations.verify(operations::VerifyQuery::Text(text)).await.unwrap();
        assert_eq!(found.text_match, Some(operations::TextMatch::Exact));
        assert_eq!(found.generation.unwrap().produce_id, id);
    }
}

#[tokio::test]
async fn a_models_name_is_short_even_where_any_passes() {
    let site = Site::new(vec![completion("好")]).await;
    let upstream = Upstream::new(UpstreamConfig::new("fake", site.provider.url.clone())).unwrap();
    let metrics = Metrics::register(&Registry::new()).unwrap();
    let router = Gateway::new(site.operations.clone(), upstream, Limits::default(), metrics).router();
    for (length, status) in [(200, 200), (201, 404)] {
        let mut body = asking("好");
        body["model"] = json!("m".repeat(length));
        let request = Request::post("/v1/chat/completions")
            .header("authorization", &site.key)
            .body(axum::body::Body::from(body.to_string()))
            .unwrap();
        assert_eq!(router.clone().oneshot(request).await.unwrap().status(), status);
    }
}

#[tokio::test]
async fn a_key_that_asks_for_headers_alone_gets_an_untouched_body() {
    let site = Site::new(vec![completion("{\"a\":1}")]).await;
    let key = site.new_key(EndUserRule::Optional, Placement::Suffix, Envelope::Headers).await;
    let answer = site.post(&key, asking("好").to_string()).await;
    let label: Value = serde_json::from_str(answer.header("x-cinnabar-aigc")).unwrap();
    assert_eq!(label["ProduceID"], answer.produce_id().to_string());
    assert!(answer.json().get("aigc").is_none() && answer.json().get("cinnabar").is_none());
    assert_eq!(answer.json()["choices"][0]["message"]["content"], "{\"a\":1}");
    assert_eq!(site.ended(answer.produce_id()).await.1, "structured");
}

#[tokio::test]
async fn a_blocked_prompt_is_one_decision_with_reasons_and_a_way_to_appeal() {
    let site = Site::new(vec![completion("好")]).await;
    let mut body = asking("哪里可以代开发票？");
    body["user"] = json!("wang");
    let (first, second) = tokio::join!(site.chat(body.clone()), site.chat(body.clone()));
    let decision = |answer: &Answer| answer.json()["error"]["cinnabar"]["decisions"][0].clone();
    assert_eq!((first.status, first.code().as_str()), (400, "content_filter"));
    assert_eq!(first.header("x-should-retry"), "false");
    assert_eq!(first.header("x-cinnabar-decision"), decision(&first)["id"].as_str().unwrap());
    assert_eq!(decision(&first)["id"], decision(&second)["id"], "sent twice at once, decided once");
    assert!(site.provider.requests().is_empty());

    // Another person, and the same person later: decisions of their own.
    body["user"] = json!("li");
    assert_ne!(decision(&site.chat(body.clone()).await)["id"], decision(&first)["id"]);
    body["user"] = json!("wang");
    site.clock.advance(std::time::Duration::from_secs(61));
    assert_ne!(decision(&site.chat(body.clone()).await)["id"], decision(&first)["id"]);

    // The appeal is upheld: that prompt of that person passes, once.
    let url = decision(&first)["appeal_url"].as_str().unwrap().to_owned();
    let token = url.rsplit('/').next().unwrap().to_owned();
    let appeal = OpenCase {
        kind: CaseKind::Appeal,
        locale: Locale::ZhCn,
        text: "我在写反诈教材".to_owned(),
        contact: None,
        appeal_token: Some(token),
        produce_id: None,
    };
    let receipt = site.operations.open_case(&Actor::Anonymous, appeal).await.unwrap();
    site.operations.take_case(&operator(1), receipt.case_id).await.unwrap();
    site.operations.decide_case(&operator(1), receipt.case_id, Outcome::Upheld, "理由成立").await.unwrap();
    assert_eq!(site.chat(body.clone()).await.status, 200);
    assert_eq!(site.chat(body).await.status, 400);
    assert_eq!(site.provider.requests().len(), 1);
}

#[tokio::test]
async fn a_phrase_cut_into_parts_is_found() {
    let site = Site::new(vec![completion("好")]).await;
    let body = json!({ "messages": [{ "role": "user", "content": [
        { "type": "text", "text": "哪里代开" }, { "type": "text", "text": "发票" }] }] });
    assert_eq!(site.chat(body).await.code(), "content_filter");
}

#[tokio::test]
async fn the_provider_sees_a_pseudonym_masks_and_no_label_of_ours() {
    let site = Site::new(vec![completion("好")]).await;
    let before = site.chat(asking("好")).await;
    let said = before.json()["choices"][0]["message"]["content"].as_str().unwrap().to_owned();
    let body = json!({ "user": "wang@example.com", "messages": [
        { "role": "user", "content": "你好" },
        { "role": "assistant", "content": said },
        { "role": "user", "content": "我的身份证是 11010519491231002X，谢谢" },
    ] });
    assert_eq!(site.chat(body).await.status, 200);
    let sent = site.provider.requests().pop().unwrap();
    let request: Value = serde_json::from_str(&sent).unwrap();
    assert_eq!(request["model"], "their-model");
    assert_eq!(request["messages"][1]["content"], "好");
    assert!(!sent.contains("wang") && !sent.contains("19491231"), "{sent}");
    let pseudonym = request["user"].as_str().unwrap();
    assert_eq!(pseudonym, site.operations.pseudonym("fake", "wang@example.com"));
}

#[tokio::test]
async fn a_suspended_person_is_sent_to_the_appeal_page() {
    let site = Site::new(vec![completion("好")]).await;
    let mut body = asking("好");
    body["user"] = json!("wang");
    assert_eq!(site.chat(body.clone()).await.status, 200);
    let person = site.operations.subject_find(&operator(1), "wang").await.unwrap().unwrap();
    let request = PenaltyRequest { lasts: None, reasons: "多次尝试违规".to_owned() };
    let penalty = site.operations.impose_penalty(&operator(1), person.subject_id, request).await.unwrap();
    let answer = site.chat(body.clone()).await;
    assert_eq!((answer.status, answer.code().as_str()), (403, "suspended"));
    assert!(answer.json()["error"]["page"].as_str().unwrap().starts_with("http://127.0.0.1:8080/appeals/"));
    assert_eq!(site.chat(asking("好")).await.status, 200, "others are not meant");
    site.operations.lift_penalty(&operator(2), penalty.penalty_id).await.unwrap();
    assert_eq!(site.chat(body).await.status, 200);
}

#[tokio::test]
async fn identity_and_agreement_are_asked_of_the_people_behind_an_application() {
    let mut settings = trial_settings();
    settings.admit.identity_level = IdentityLevel::Phone;
    settings.admit.agreement = AgreementRule::Everyone;
    let site = Site::with(vec![completion("好")], settings, Limits::default()).await;
    let mut body = asking("好");
    body["safety_identifier"] = json!("wang");
    let answer = site.chat(body.clone()).await;
    assert_eq!((answer.status, answer.code().as_str()), (403, "identity_required"));
    assert_eq!(answer.json()["error"]["rule"], "cn.ds.9");
    let key = site.operations.authenticate_key(Some(&site.key)).unwrap();
    let application = Actor::Application(key.key_id);
    let person = site.operations.end_user(&application, "wang").await.unwrap();
    site.operations.set_identity_level(&application, person, IdentityLevel::Phone, "短信验证").await.unwrap();
    assert_eq!(site.chat(body.clone()).await.code(), "agreement_required");
    let hash = site.operations.agreement(Locale::ZhCn).hash;
    site.operations.accept_agreement(&application, person, &hash).await.unwrap();
    assert_eq!(site.chat(body).await.status, 200);
}

#[tokio::test]
async fn a_streamed_block_ends_the_choice_and_the_upstream() {
    let site = Site::new(vec![
        Act::send(STREAM_HEAD),
        Act::event(r#"{"id":"c","choices":[{"index":0,"delta":{"content":"没问题，代开"}}]}"#),
        Act::event(r#"{"id":"c","choices":[{"index":0,"delta":{"content":"发票请联系"}}]}"#),
        Act::Stall,
    ])
    .await;
    let mut body = asking("怎么报销？");
    body["stream"] = json!(true);
    let answer = site.chat(body).await;
    let id = answer.produce_id();
    assert!(answer.text.ends_with("data: [DONE]\n\n"), "{}", answer.text);
    assert!(!answer.text.contains("代开") && !answer.text.contains("票"));
    let last = answer.chunks().pop().unwrap();
    assert_eq!(last["choices"][0]["finish_reason"], "content_filter");
    assert_eq!(last["aigc"]["ProduceID"], id.to_string());
    let url = last["cinnabar"]["decisions"][0]["appeal_url"].as_str().unwrap().to_owned();
    let label = site.operations.visible_label().render_suffix(&id);
    assert_eq!(answer.content(), format!("没问题，{label}"));
    assert_eq!(site.ended(id).await, ("blocked".to_owned(), "in_text".to_owned()));
    site.provider.client_gone(crate::setup::PATIENCE).await;
    // The person reads why, and after an upheld appeal what had been held back.
    let token = url.rsplit('/').next().unwrap();
    let view = site.operations.decision_by_token(token, Locale::ZhCn).await.unwrap().unwrap();
    assert_eq!(view.produce_id, Some(id));
    assert_eq!(view.released_text, None);
}

#[tokio::test]
async fn moderations_name_what_the_rules_find() {
    let site = Site::new(Vec::new()).await;
    let body = json!({ "input": ["代开发票", "今天天气晴朗"] }).to_string();
    let answer = send(&site, "POST", "/v1/moderations", &site.key, &body).await;
    let results = answer.json()["results"].clone();
    assert_eq!((results[0]["flagged"].clone(), results[1]["flagged"].clone()), (json!(true), json!(false)));
    let members = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let thirteen: Vec<String> =
        safety::taxonomy::Moderation::ALL.iter().map(|class| class.code().to_owned()).collect();
    for result in results.as_array().unwrap() {
        for field in ["categories", "category_scores", "category_applied_input_types"] {
            let mut expected = thirteen.clone();
            expected.sort();
            assert_eq!(members(&result[field]), expected, "{field}");
        }
        assert_eq!(result["category_applied_input_types"]["hate"], json!(["text"]));
    }
    assert_eq!(
        (results[0]["categories"]["illicit"].clone(), results[0]["categories"]["hate"].clone()),
        (json!(true), json!(false))
    );
    assert_eq!(results[0]["category_scores"]["illicit"], 1.0);
    assert_eq!(results[0]["cinnabar"]["categories"]["fraud"], true);
    assert_eq!(results[0]["cinnabar"]["action"], "block");
    // Personal data is no class of OpenAI's: it is flagged, and told beside.
    let parts = json!({ "input": [
        { "type": "text", "text": "打 138" },
        { "type": "image_url", "image_url": { "url": "data:image/png;base64,AA==" } },
        { "type": "text", "text": "打 13800138000" },
    ] })
    .to_string();
    let answer = send(&site, "POST", "/v1/moderations", &site.key, &parts).await.json();
    assert_eq!(answer["results"].as_array().unwrap().len(), 1);
    assert_eq!(answer["results"][0]["flagged"], true);
    assert!(
        answer["results"][0]["categories"].as_object().unwrap().values().all(|found| *found == json!(false))
    );
    assert_eq!(answer["results"][0]["cinnabar"]["categories"]["personal-data"], true);
    // A small body can hold millions of texts, and each has a long result.
    let many = json!({ "input": vec![""; 1025] }).to_string();
    let values = json!({ "input": "好", "other": vec![0; 262_144] }).to_string();
    for (body, code) in [
        ("{}", "missing_required_parameter"),
        (r#"{"input":[1]}"#, "invalid_type"),
        (many.as_str(), "invalid_value"),
        (values.as_str(), "invalid_json"),
    ] {
        let answer = send(&site, "POST", "/v1/moderations", &site.key, body).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, code));
    }
    let most = json!({ "input": vec![""; 1024] }).to_string();
    assert_eq!(send(&site, "POST", "/v1/moderations", &site.key, &most).await.status, 200);
}

#[tokio::test]
async fn models_are_those_of_the_configuration() {
    let site = Site::new(Vec::new()).await;
    let list = send(&site, "GET", "/v1/models", &site.key, "").await.json();
    assert_eq!(list["data"][0]["id"], "test-model");
    assert_eq!(send(&site, "GET", "/v1/models/test-model", &site.key, "").await.status, 200);
    assert_eq!(send(&site, "GET", "/v1/models/other", &site.key, "").await.code(), "model_not_found");
}
