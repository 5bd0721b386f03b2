//! A file's state for programs: without a key, and nothing foreign breaks it.

use axum::{Router, body::Body};
use http::Request;
use http_body_util::BodyExt as _;
use label::{
    AigcLabel, ProviderCode,
    media::{self, Format, Marks},
};
use operations::{EndUserRule, Envelope, KeyRequest};
use serde_json::Value;
use terms::ProduceId;
use testkit::service;
use tower::ServiceExt as _;

async fn ask(router: &Router, query: &str, body: impl Into<Body>) -> (u16, Value) {
    let request = Request::post(format!("/api/v1/verify/file{query}")).body(body.into()).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

fn sound() -> Vec<u8> {
    let format = [16, 0, 0, 0, 1, 0, 1, 0, 0x40, 0x1f, 0, 0, 0x40, 0x1f, 0, 0, 1, 0, 8, 0];
    let form = [&b"WAVEfmt "[..], &format, b"data", &[2, 0, 0, 0, 128, 128]].concat();
    [&b"RIFF"[..], &u32::try_from(form.len()).unwrap().to_le_bytes(), &form].concat()
}

#[tokio::test]
async fn a_platform_learns_what_to_show_and_what_to_write() {
    let folder = tempfile::tempdir().unwrap();
    let (operations, _) = service::sqlite_operations(folder.path()).await;
    let router = api::router(operations);
    let sound = sound();
    let producer = ProviderCode::parse("001191110102MACQD9K64010000").unwrap();
    let label = AigcLabel::new(&producer, &ProduceId::from_u128(5));
    let labelled = media::label(Format::Wav, &sound, &Marks { label: &label, source: None }).unwrap();

    let (status, found) = ask(&router, "", labelled).await;
    assert_eq!((status, &found["state"], &found["label_value"]), (200, &"confirmed".into(), &"1".into()));
    assert_eq!(found["notice"]["zh-CN"], "该内容由人工智能生成合成");
    assert_eq!(found["hidden_label"]["verdict"], "conforming");
    assert_eq!(found["hidden_label"]["aigc"]["ContentProducer"], producer.as_str());
    assert_eq!(found["signs"][0]["kind"], "label_is");
    assert_eq!(found["signs"][0]["place"], "RIFF chunk AIGC");

    let (_, found) = ask(&router, "", sound.clone()).await;
    assert_eq!((&found["state"], &found["notice"]), (&"no_sign_found".into(), &Value::Null));
    let (_, found) = ask(&router, "?declared=true", sound).await;
    assert_eq!((&found["state"], &found["label_value"]), (&"possible".into(), &"2".into()));
    let (_, found) = ask(&router, "", &b"RIFF\x10\x00\x00\x00WAVEdat"[..]).await;
    assert_eq!(found["state"], "inconclusive");
    assert!(found["hidden_label"]["doubt"].as_str().unwrap().contains("byte 12"), "{found}");
    let (status, problem) = ask(&router, "", Body::empty()).await;
    assert_eq!((status, &problem["code"]), (422, &"empty_file".into()));
    let (status, _) = ask(&router, "?declard=true", "x").await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn only_who_has_a_key_has_files_labelled() {
    let folder = tempfile::tempdir().unwrap();
    let (operations, _) = service::sqlite_operations(folder.path()).await;
    let request = KeyRequest {
        name: "platform".to_owned(),
        end_user: EndUserRule::Optional,
        placement: label::Placement::Suffix,
        envelope: Envelope::Both,
    };
    let key = operations.key_create_on_machine(request).await.unwrap();
    let router = api::router(operations);
    let ask = async |token: &str, body: Vec<u8>| {
        let request = Request::post("/api/v1/propagate?declared=true&propagate_id=post-7")
            .header("authorization", format!("Bearer {token}"))
            .body(Body::from(body))
            .unwrap();
        router.clone().oneshot(request).await.unwrap()
    };
    assert_eq!(ask("ck-none", sound()).await.status(), 401);
    let answer = ask(&key.secret, sound()).await;
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["content-type"]),
        (200, &"audio/wav".parse().unwrap())
    );
    assert_eq!(answer.headers()["x-cinnabar-state"], "possible");
    let label = AigcLabel::parse(answer.headers()["x-cinnabar-aigc"].to_str().unwrap()).unwrap();
    let file = answer.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(media::report(Format::Wav, &file).label.unwrap().to_json(), label.to_json());
    assert_eq!(ask(&key.secret, b"text".to_vec()).await.status(), 422);
}
