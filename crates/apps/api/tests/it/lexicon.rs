//! The feature library for programs: two people, and nobody without a session.

use axum::{Router, body::Body};
use http::{Method, Request};
use http_body_util::BodyExt as _;
use operations::Operations;
use serde_json::{Value, json};
use terms::ActorRole;
use testkit::service;
use tower::ServiceExt as _;

const PASSWORD: &str = "correct horse battery";

struct Site {
    router: Router,
    operations: Operations,
    _folder: tempfile::TempDir,
}

impl Site {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (operations, _) = service::sqlite_operations(folder.path()).await;
        Self { router: api::router(operations.clone()), operations, _folder: folder }
    }

    async fn ask(&self, method: Method, path: &str, token: &str, body: impl Into<Body>) -> (u16, Vec<u8>) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
            .body(body.into())
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        (status, response.into_body().collect().await.unwrap().to_bytes().to_vec())
    }

    async fn get(&self, path: &str, token: &str) -> (u16, Value) {
        let (status, body) = self.ask(Method::GET, path, token, Body::empty()).await;
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }

    async fn post(&self, path: &str, token: &str, body: Value) -> (u16, Value) {
        let (status, body) = self.ask(Method::POST, path, token, body.to_string()).await;
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }

    /// A new operator's token.
    async fn joined(&self, name: &str, role: ActorRole) -> String {
        let url = self.operations.invite_operator_on_machine(role).await.unwrap().url;
        let link = url.rsplit('/').next().unwrap();
        self.operations.accept_invitation(link, name, PASSWORD).await.unwrap();
        let sign_in = json!({ "name": name, "password": PASSWORD });
        let (status, session) = self.post("/api/v1/operators/session", "", sign_in).await;
        assert_eq!(status, 201, "{session}");
        session["token"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn two_operators_change_the_library_and_see_it() {
    let site = Site::new().await;
    let one = site.joined("one", ActorRole::Administrator).await;
    let two = site.joined("two", ActorRole::Reviewer).await;
    let entry =
        json!({ "term": "某竞品", "category": "operator.mine", "measure": "block", "direction": "both" });
    let proposal = json!({ "reasons": "需要", "entries": [entry] });
    let (status, made) = site.post("/api/v1/lexicon/proposals", &one, proposal).await;
    assert_eq!(status, 201, "{made}");
    let path = format!("/api/v1/lexicon/proposals/{}", made["proposal_id"].as_str().unwrap());
    let reasons = json!({ "reasons": "好" });
    assert_eq!(site.post(&format!("{path}/approve"), &one, reasons.clone()).await.0, 409);
    assert_eq!(site.get(&path, &two).await.1["may_decide"], true);
    let (status, version) = site.post(&format!("{path}/approve"), &two, reasons.clone()).await;
    assert_eq!((status, &version["version"]), (200, &json!(1)));
    let (_, page) = site.get("/api/v1/lexicon/entries?text=%E6%9F%90&match=prefix", &one).await;
    assert_eq!(page["entries"][0]["state"], "approved");
    let (_, diff) = site.get("/api/v1/lexicon/diff?from=0&to=1", &one).await;
    assert_eq!(diff["added"].as_array().unwrap().len(), 1);

    let path = "/api/v1/lexicon/import?format=txt&category=operator.mine&reasons=x&name=list.txt";
    let (status, body) = site.ask(Method::POST, path, &one, "新词一\n新词二\n").await;
    assert_eq!(status, 201, "{}", String::from_utf8_lossy(&body));
    let (status, body) = site.ask(Method::GET, "/api/v1/lexicon/export?format=txt", &two, "").await;
    assert_eq!((status, body), (200, "某竞品\n".into()));

    let category = "/api/v1/lexicon/categories/operator.mine/risks";
    let risks = json!({ "risks": ["A.1.c"] }).to_string();
    assert_eq!(site.ask(Method::PUT, category, &one, risks).await.0, 204);
    let (_, coverage) = site.get("/api/v1/lexicon/coverage", &one).await;
    assert_eq!(coverage["risks"][2], json!({ "risk": "A.1.c", "terms": 1, "floor": 200 }));
    for (path, of) in [("versions", 1), ("proposals", 2), ("false-positives", 0), ("shadow", 0)] {
        let (status, list) = site.get(&format!("/api/v1/lexicon/{path}"), &two).await;
        assert_eq!((status, list.as_array().unwrap().len()), (200, of), "{path}");
    }
    assert_eq!(site.get("/api/v1/lexicon/hits?from=2026-11-01&until=2026-11-30", &two).await.0, 200);
    assert_eq!(site.get("/api/v1/lexicon/hits?from=yesterday&until=2026-11-30", &two).await.0, 422);
    let run = json!({ "version": 1, "permille": 10 });
    assert_eq!(site.post("/api/v1/lexicon/shadow", &one, run.clone()).await.0, 201);
    assert_eq!(site.post("/api/v1/lexicon/shadow", &two, run).await.0, 409);
    assert_eq!(site.ask(Method::DELETE, "/api/v1/lexicon/shadow", &one, "").await.0, 200);

    assert_eq!(site.ask(Method::DELETE, "/api/v1/operators/session", &one, "").await.0, 204);
    assert_eq!(site.get("/api/v1/lexicon/entries", &one).await.0, 401);
}

#[tokio::test]
async fn nobody_without_a_session_reads_or_changes_the_library() {
    let site = Site::new().await;
    let document: Value = serde_json::from_str(&api::openapi_json()).unwrap();
    let mut asked = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        if !path.starts_with("/api/v1/lexicon") {
            continue;
        }
        for method in methods.as_object().unwrap().keys() {
            let method: Method = method.to_uppercase().parse().unwrap();
            for token in ["", "wrong"] {
                let (status, _) = site.ask(method.clone(), path, token, "{}").await;
                assert_eq!(status, 401, "{method} {path}");
            }
            asked += 1;
        }
    }
    assert!(asked >= 20, "{asked}");
}
