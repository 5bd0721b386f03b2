//! Who may come in, and what every answer carries: asked of the real router over real operations.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, Bytes},
    response::{IntoResponse, Response},
};
use futures_util::future::BoxFuture;
use http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use operations::{OperationError, Operations};
use portal::{ApiReference, BlockNotice, ChatAnswer, ChatMessage, PortalState, Talk, access};
use terms::{ActorRole, Locale, SubjectId};
use tower::ServiceExt;

/// Answers what was asked, and stops where the word `stop` is said.
struct Echo;

impl Talk for Echo {
    fn answer(
        &self,
        _: SubjectId,
        _: Option<String>,
        _: Locale,
        messages: Vec<ChatMessage>,
    ) -> BoxFuture<'_, Result<ChatAnswer, OperationError>> {
        Box::pin(async move {
            let text = messages.last().unwrap().content.clone();
            let appeal_url = "http://127.0.0.1:8080/appeals/0".to_owned();
            let blocked = text.contains("stop").then_some(BlockNotice { message: None, appeal_url });
            let produce_id = Some(terms::ProduceId::from_u128(7));
            Ok(ChatAnswer { text: format!("{} heard: {text}", messages.len()), produce_id, blocked })
        })
    }

    fn stream(&self, _: SubjectId, _: Option<String>, body: Bytes) -> BoxFuture<'_, Response> {
        Box::pin(async move { body.into_response() })
    }
}

struct Site {
    router: Router,
    operations: Operations,
    _folder: tempfile::TempDir,
}

struct Answer {
    status: StatusCode,
    headers: http::HeaderMap,
    body: String,
}

impl Site {
    async fn start() -> Self {
        Self::over(&store::OpenOptions::default()).await
    }

    async fn over(options: &store::OpenOptions) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let operations = crate::service::operations(folder.path(), options).await;
        let document = std::fs::read_to_string(crate::OPENAPI).unwrap();
        let reference = Arc::new(ApiReference::parse(&document).unwrap());
        let router =
            portal::router(PortalState { operations: operations.clone(), talk: Arc::new(Echo), reference });
        Self { router, operations, _folder: folder }
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    async fn get(&self, path: &str, cookie: &str) -> Answer {
        let request = Request::get(path).header(header::COOKIE, cookie).header(header::ACCEPT_LANGUAGE, "en");
        self.send(request.body(Body::empty()).unwrap()).await
    }

    async fn post(&self, path: &str, cookie: &str, form: &str) -> Answer {
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header(header::ACCEPT_LANGUAGE, "en")
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(form.to_owned())).unwrap()).await
    }

    /// Posts a form with a file.
    async fn upload(&self, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Answer {
        let part = |(name, value): &(&str, &str)| {
            let (name, file) = name.split_once('=').unwrap_or((name, ""));
            let file = if file.is_empty() { String::new() } else { format!("; filename=\"{file}\"") };
            format!("--edge\r\ncontent-disposition: form-data; name=\"{name}\"{file}\r\n\r\n{value}\r\n")
        };
        let body: String = fields.iter().map(part).collect();
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header(header::ACCEPT_LANGUAGE, "en")
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge");
        self.send(request.body(Body::from(format!("{body}--edge--\r\n"))).unwrap()).await
    }

    /// The cookie of a new operator of that role.
    async fn operator(&self, role: ActorRole) -> String {
        let invitation = self.operations.invite_operator_on_machine(role).await.unwrap();
        let path = invitation.url.strip_prefix("http://127.0.0.1:8080").unwrap().to_owned();
        let form = format!("name={}&password=correct+horse+battery", role.as_str());
        let answer = self.post(&path, "", &form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        answer.cookie()
    }
}

impl Answer {
    fn cookie(&self) -> String {
        let set = self.headers[header::SET_COOKIE].to_str().unwrap();
        set.split(';').next().unwrap().to_owned()
    }

    fn location(&self) -> &str {
        self.headers[header::LOCATION].to_str().unwrap()
    }
}

/// A path that fits the route.
fn filled(route: &str) -> String {
    route
        .replace("{id}", "01KAR2YF8N2Q6ZT0M5B7WJ4C9D")
        .replace("{number}", "CN-7K3Q-F9XM-2WEA-C")
        .replace("{token}", "x")
        .replace("{term}", "%E8%AF%8D")
        .replace("{file}", "none.css")
}

#[tokio::test]
async fn the_console_is_closed_to_everyone_else() {
    let site = Site::start().await;
    for (route, _) in access::TABLE.iter().filter(|(route, _)| route.starts_with("/console")) {
        let path = filled(route);
        for cookie in ["", "cinnabar-operator=forged"] {
            let read = site.get(&path, cookie).await;
            let is_closed = read.status == StatusCode::METHOD_NOT_ALLOWED
                || (read.status == StatusCode::SEE_OTHER && read.location().starts_with("/sign-in"));
            assert!(is_closed, "GET {path}: {}", read.status);
            let write = site.post(&path, cookie, "reasons=x").await;
            let is_closed = matches!(write.status, StatusCode::FORBIDDEN | StatusCode::METHOD_NOT_ALLOWED);
            assert!(is_closed, "POST {path}: {}", write.status);
        }
    }
}

#[tokio::test]
async fn roles_see_what_the_permission_table_says() {
    let site = Site::start().await;
    let auditor = site.operator(ActorRole::Auditor).await;
    for (path, status) in [
        ("/console", StatusCode::OK),
        ("/console/ledger", StatusCode::OK),
        ("/console/decisions", StatusCode::OK),
        ("/console/keys", StatusCode::FORBIDDEN),
        ("/console/operators", StatusCode::FORBIDDEN),
        ("/console/subjects", StatusCode::FORBIDDEN),
        ("/console/tasks", StatusCode::FORBIDDEN),
    ] {
        assert_eq!(site.get(path, &auditor).await.status, status, "{path}");
    }
    let administrator = site.operator(ActorRole::Administrator).await;
    for (route, _) in
        access::TABLE.iter().filter(|(route, _)| route.starts_with("/console") && !route.contains('{'))
    {
        assert_eq!(site.get(route, &administrator).await.status, StatusCode::OK, "{route}");
    }
}

#[tokio::test]
async fn every_answer_is_hardened_and_errors_are_pages() {
    let site = Site::start().await;
    for path in [
        "/",
        "/chat",
        "/verify",
        "/rules",
        "/agreement",
        "/cases",
        "/cases/new",
        "/api/docs",
        "/sign-in",
        "/nowhere",
        "/appeals/x",
        "/invitations/x",
    ] {
        let answer = site.get(path, "").await;
        let policy = answer.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{path}");
        assert_eq!(answer.headers[header::REFERRER_POLICY], "no-referrer", "{path}");
        assert!(answer.body.contains("<html lang=\"en\">"), "{path}: {}", answer.body);
        assert!(!answer.body.contains('⟦'), "{path}");
    }
    assert_eq!(site.get("/nowhere", "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(site.get("/appeals/x", "").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn another_site_cannot_post() {
    let site = Site::start().await;
    let request = Request::post("/verify")
        .header("sec-fetch-site", "cross-site")
        .header(header::ORIGIN, "https://evil.example")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let answer = site.send(request.body(Body::from("q=x")).unwrap()).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.body.contains("<h1>"));
}

#[tokio::test]
async fn chatting_begins_with_the_agreement_and_works_without_script() {
    let site = Site::start().await;
    let page = site.get("/chat", "").await;
    assert!(page.body.contains("Accept and begin") && page.body.contains("人工智能生成"));
    assert_eq!(site.post("/chat/stream", "", "{}").await.status, StatusCode::UNAUTHORIZED);
    let hash = site.operations.agreement(Locale::En).hash;
    let accepted = site.post("/agreement", "", &format!("hash={hash}&next=/chat")).await;
    assert_eq!((accepted.status, accepted.location()), (StatusCode::SEE_OTHER, "/chat"));
    let cookie = accepted.cookie();
    let answer = site.post("/chat", &cookie, "message=hello&history=%5B%5D").await;
    assert!(answer.body.contains("1 heard: hello"), "{}", answer.body);
    assert!(answer.body.contains("/verify?id=00000000000000000000000007"));
    assert!(
        answer.body.contains("&#34;role&#34;:&#34;assistant&#34;"),
        "the conversation travels in the page"
    );
    let stopped = site.post("/chat", &cookie, "message=stop&history=%5B%5D").await;
    assert!(stopped.body.contains("href=\"http://127.0.0.1:8080/appeals/0\""));
    assert!(stopped.body.contains("name=\"history\" id=\"history\" value=\"[]\""));
    assert_eq!(site.post("/chat/stream", &cookie, "{\"a\":1}").await.body, "{\"a\":1}");
}

#[tokio::test]
async fn a_complaint_is_filed_answered_and_read() {
    let site = Site::start().await;
    let empty = site.post("/cases/new", "", "kind=complaint&text=+").await;
    assert!(empty.body.contains("aria-invalid=\"true\""), "{}", empty.body);
    let filed =
        site.post("/cases/new", "", "kind=complaint&text=It+is+wrong&contact=me%40example.invalid").await;
    assert_eq!(filed.status, StatusCode::SEE_OTHER, "{}", filed.body);
    let path = filed.location().split('?').next().unwrap().to_owned();
    let cookie = filed.cookie();
    let receipt = site.get(filed.location(), &cookie).await;
    assert!(receipt.body.contains("It is wrong") && receipt.body.contains("Received."), "{}", receipt.body);
    assert!(site.get(&path, "").await.body.contains("name=\"code\""), "without the code it is asked for");
    let reviewer = site.operator(ActorRole::Reviewer).await;
    let queue = site.get("/console", &reviewer).await;
    let id = queue.body.split("/console/cases/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(
        site.post(&format!("/console/cases/{id}/take"), &reviewer, "").await.status,
        StatusCode::SEE_OTHER
    );
    let give_back = format!("/console/cases/{id}/give-back");
    assert_eq!(site.post(&give_back, &reviewer, "").await.status, StatusCode::SEE_OTHER);
    let again = site.post(&give_back, &reviewer, "").await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.body.contains("Back to the console"), "{}", again.body);
    site.post(&format!("/console/cases/{id}/take"), &reviewer, "").await;
    let decide = format!("/console/cases/{id}/decide");
    let bare = site.post(&decide, &reviewer, "outcome=upheld&reasons=").await;
    assert!(bare.body.contains("reasons-error"), "{}", bare.body);
    let decided = site.post(&decide, &reviewer, "outcome=upheld&reasons=You+are+right.").await;
    assert_eq!(decided.status, StatusCode::SEE_OTHER, "{}", decided.body);
    let answer = site.get(&path, &cookie).await;
    assert!(answer.body.contains("You are right."), "{}", answer.body);
}

#[tokio::test]
async fn what_is_tried_is_shown_and_not_kept() {
    let site = Site::start().await;
    let auditor = site.operator(ActorRole::Auditor).await;
    let recorded = async || site.get("/console/ledger", &auditor).await.body;
    let before = recorded().await;
    let form = "direction=input&audience=adult&capability=text&text=";
    let tried = site.post("/console/try", &auditor, &format!("{form}call+13800138000%0D%0Anow")).await;
    assert_eq!(tried.status, StatusCode::OK, "{}", tried.body);
    assert!(tried.body.contains("<mark class=\"hit mask\">13800138000</mark>"), "{}", tried.body);
    assert!(tried.body.contains("call 138****8000\nnow"), "{}", tried.body);
    assert!(tried.body.contains("bytes 5–16"), "{}", tried.body);
    assert_eq!(recorded().await, before, "a trial left an entry");
    for (wrong, said) in [("+", "enter a text"), (&"x".repeat(50_000), "too long")] {
        let answer = site.post("/console/try", &auditor, &format!("{form}{wrong}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(answer.body.contains(said) && answer.body.contains("aria-invalid"), "{said}");
    }
    let unknown = site.post("/console/try", &auditor, "direction=sideways&text=x").await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_entry_is_proposed_tried_and_approved_by_another() {
    let site = Site::start().await;
    let reviewer = site.operator(ActorRole::Reviewer).await;
    let form =
        "term=%E6%9F%90%E5%B9%B3%E5%8F%B0%E4%BB%A3%E5%85%85&category=fraud&measure=block&direction=both";
    let sample = "sample=%E5%8E%BB+%E6%9F%90%E5%B9%B3%E5%8F%B0%E4%BB%A3%E5%85%85+%E5%90%A7";
    let tried = site.post("/console/lexicon/new", &reviewer, &format!("{form}&step=try&{sample}")).await;
    assert!(tried.body.contains("<mark class=\"hit block\">某平台代充</mark>"), "{}", tried.body);
    assert!(tried.body.contains("value=\"某平台代充\""), "what was typed is lost");
    let bare = site.post("/console/lexicon/new", &reviewer, &format!("{form}&step=propose&reasons=")).await;
    assert_eq!(bare.status, StatusCode::BAD_REQUEST);
    assert!(bare.body.contains("id=\"reasons-error\""), "{}", bare.body);
    let done =
        site.post("/console/lexicon/new", &reviewer, &format!("{form}&step=propose&reasons=why")).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let path = done.location().to_owned();
    let own = site.get(&path, &reviewer).await;
    assert!(own.body.contains("value=\"withdraw\"") && !own.body.contains("value=\"approve\""));
    assert_eq!(site.post(&path, &reviewer, "outcome=approve&reasons=x").await.status, StatusCode::CONFLICT);

    let other = site.operator(ActorRole::Compliance).await;
    let bare = site.post(&path, &other, "outcome=approve&reasons=").await;
    assert!(bare.body.contains("id=\"reasons-error\""), "{}", bare.body);
    let approved = site.post(&path, &other, "outcome=approve&reasons=fits").await;
    assert_eq!(approved.status, StatusCode::SEE_OTHER, "{}", approved.body);
    let found = site.get("/console/lexicon?q=%E5%B9%B3%E5%8F%B0", &other).await;
    let term = "/console/lexicon/terms/%E6%9F%90%E5%B9%B3%E5%8F%B0%E4%BB%A3%E5%85%85";
    assert!(found.body.contains(term), "{}", found.body);
    let entry = site.get(term, &other).await;
    let id = entry.body.split("name=\"entry_id\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let retired = site.post(term, &other, &format!("entry_id={id}&reasons=too+wide")).await;
    assert!(retired.location().starts_with("/console/lexicon/proposals/"), "{}", retired.body);
    assert!(site.get(retired.location(), &reviewer).await.body.contains("某平台代充"));
    let diff = site.get("/console/lexicon/versions?from=0&to=1", &reviewer).await;
    assert!(diff.body.contains("某平台代充"), "{}", diff.body);
    let auditor = site.operator(ActorRole::Auditor).await;
    assert_eq!(site.get("/console/lexicon/new", &auditor).await.status, StatusCode::FORBIDDEN);
    assert!(!site.get(term, &auditor).await.body.contains("entry_id"));
}

#[tokio::test]
async fn an_own_category_counts_for_the_risks_that_were_chosen() {
    let site = Site::start().await;
    let reviewer = site.operator(ActorRole::Reviewer).await;
    let path = "/console/lexicon/coverage";
    let wrong = site.post(path, &reviewer, "category=fraud&risk=A.1.h").await;
    assert!(wrong.body.contains("id=\"category-error\""), "{}", wrong.body);
    let set = site.post(path, &reviewer, "category=operator.rivals&risk=A.3.d&risk=A.1.h").await;
    assert_eq!(set.status, StatusCode::SEE_OTHER, "{}", set.body);
    let page = site.get(path, &reviewer).await.body;
    let row = page.split("<code>operator.rivals</code>").nth(1).unwrap().split("</tr>").next().unwrap();
    assert!(row.contains("A.3.d") && row.contains("A.1.h"), "{row}");
    assert!(page.contains("10000") && page.contains(">200<") && page.contains(">100<"), "the floors");
}

#[tokio::test]
async fn a_file_is_looked_at_and_then_proposed() {
    let site = Site::start().await;
    let reviewer = site.operator(ActorRole::Reviewer).await;
    let path = "/console/lexicon/import";
    let csv = "term,category,action,direction,note\n某词甲,fraud,block,both,\n某词乙,fruad,block,both,\n";
    let seen = site.upload(path, &reviewer, &[("file=list.csv", csv), ("step", "preview")]).await;
    assert_eq!(seen.status, StatusCode::OK, "{}", seen.body);
    assert!(
        seen.body.contains("1 new") && seen.body.contains("lines that cannot be taken: 1"),
        "{}",
        seen.body
    );
    assert!(seen.body.contains("<th scope=\"row\">3</th>") && seen.body.contains("fruad"), "{}", seen.body);
    let hidden = |name: &str| {
        let field = seen.body.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
        field.split('"').next().unwrap().to_owned()
    };
    let (kept, format) = (hidden("kept"), hidden("kept_format"));
    let fields = |step: &'static [(&'static str, &'static str)]| {
        let mut fields = vec![("name", "list.csv"), ("kept_format", &*format), ("kept", &*kept)];
        fields.extend([("reasons", "why"), ("step", "propose")]);
        fields.extend(step);
        fields
    };
    let stopped = site.upload(path, &reviewer, &fields(&[])).await;
    assert_eq!(stopped.status, StatusCode::BAD_REQUEST);
    assert!(stopped.body.contains("id=\"leave-out-error\""), "{}", stopped.body);
    let done = site.upload(path, &reviewer, &fields(&[("leave_out", "yes")])).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let proposal = site.get(done.location(), &reviewer).await.body;
    assert!(proposal.contains("某词甲") && !proposal.contains("某词乙") && proposal.contains("list.csv"));
    let pasted = [("pasted", "某词丙"), ("format", "txt"), ("category", "fraud"), ("direction", "both")];
    assert!(site.upload(path, &reviewer, &pasted).await.body.contains("某词丙"));
    let nothing = site.upload(path, &reviewer, &[("step", "preview")]).await;
    assert!(nothing.body.contains("id=\"file-error\""), "{}", nothing.body);
    let unreadable = site.upload(path, &reviewer, &[("file=x.csv", "a,b\n")]).await;
    assert!(unreadable.body.contains("id=\"file-error\""), "{}", unreadable.body);
}

#[tokio::test]
async fn the_library_leaves_as_a_file() {
    let site = Site::start().await;
    let auditor = site.operator(ActorRole::Auditor).await;
    for format in ["csv", "txt", "xlsx", "jsonl", "filing"] {
        let file = site.get(&format!("/console/lexicon/export?format={format}"), &auditor).await;
        assert_eq!(file.status, StatusCode::OK, "{format}: {}", file.body);
        let name = file.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
        assert!(name.starts_with("attachment; filename=\"lexicon-"), "{name}");
    }
    let unknown = site.get("/console/lexicon/export?format=exe", &auditor).await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_waiting_change_is_tried_out_until_somebody_stops_it() {
    let site = Site::start().await;
    let reviewer = site.operator(ActorRole::Reviewer).await;
    let path = "/console/lexicon/shadow";
    assert!(!site.get(path, &reviewer).await.body.contains("name=\"candidate\""), "nothing to try out yet");
    let form = "term=%E6%9F%90%E8%AF%8D&category=fraud&measure=block&direction=both&step=propose&reasons=why";
    let proposal = site.post("/console/lexicon/new", &reviewer, form).await.location().to_owned();
    let id = proposal.rsplit('/').next().unwrap();
    let start = format!("outcome=start&permille=100&candidate=proposal:{id}");
    let auditor = site.operator(ActorRole::Auditor).await;
    assert_eq!(site.post(path, &auditor, &start).await.status, StatusCode::FORBIDDEN);
    assert_eq!(site.post(path, &reviewer, &start).await.status, StatusCode::SEE_OTHER);
    let running = site.get(path, &reviewer).await.body;
    assert!(running.contains("value=\"stop\"") && running.contains("10 %"), "{running}");
    assert_eq!(site.post(path, &reviewer, &start).await.status, StatusCode::CONFLICT);
    assert_eq!(site.post(path, &reviewer, "outcome=stop").await.status, StatusCode::SEE_OTHER);
    assert!(site.get(path, &reviewer).await.body.contains("value=\"start\""));
    assert_eq!(site.post(path, &reviewer, "outcome=start&permille=x").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_key_is_shown_once() {
    let site = Site::start().await;
    let administrator = site.operator(ActorRole::Administrator).await;
    let form = "name=bot&end_user=optional&placement=suffix&envelope=both";
    let created = site.post("/console/keys", &administrator, form).await;
    let secret = created.body.split("id=\"secret\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    assert!(secret.starts_with("ck-"));
    let list = site.get("/console/keys", &administrator).await;
    assert!(list.body.contains(">bot<") && !list.body.contains(&secret));
}

#[tokio::test]
async fn a_link_for_an_operator_is_shown_once_and_the_last_administrator_stays() {
    let site = Site::start().await;
    let administrator = site.operator(ActorRole::Administrator).await;
    let list = "/console/operators";
    assert_eq!(site.post(list, &administrator, "role=emperor").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(site.post(list, &administrator, "role=anonymous").await.status, StatusCode::BAD_REQUEST);
    let made = site.post(list, &administrator, "role=auditor").await;
    let link = made.body.split("id=\"link\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let path = link.strip_prefix("http://127.0.0.1:8080").unwrap();
    assert_eq!(site.get(path, "").await.status, StatusCode::OK);
    let page = site.get(list, &administrator).await;
    assert!(page.body.contains("/renew") && !page.body.contains(path));
    assert!(!page.body.contains("/disable"), "the only administrator could leave");
    let id = page.body.split("/console/invitations/").nth(1).unwrap().split('/').next().unwrap();
    let revoke = format!("/console/invitations/{id}/revoke");
    assert_eq!(site.post(&revoke, &administrator, "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(site.post(&revoke, &administrator, "").await.status, StatusCode::CONFLICT);
    assert_eq!(site.get(path, "").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_language_is_negotiated_and_can_be_chosen() {
    let site = Site::start().await;
    assert!(site.get("/", "").await.body.contains("<html lang=\"en\">"));
    let chosen = site.get("/verify?lang=zh-CN", "").await;
    assert_eq!(chosen.location(), "/verify");
    assert!(site.get("/verify", &chosen.cookie()).await.body.contains("<html lang=\"zh-CN\">"));
}

#[tokio::test]
async fn static_files_are_kept_by_browsers() {
    let site = Site::start().await;
    let page = site.get("/", "").await;
    let path = page.body.split("href=\"/assets/portal-").nth(1).unwrap().split('"').next().unwrap();
    let answer = site.get(&format!("/assets/portal-{path}"), "").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.headers[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
}

#[tokio::test]
async fn the_page_of_the_api_leaves_nothing_out() {
    let site = Site::start().await;
    let page = site.get("/api/docs", "").await.body;
    let document: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(crate::OPENAPI).unwrap()).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let heading = format!("{} {path}</code></h3>", method.to_uppercase());
            assert_eq!(page.matches(&heading).count(), 1, "{heading}");
            let part = page.split(&heading).nth(1).unwrap().split("</section>").next().unwrap();
            assert_eq!(part.contains("needs a key"), operation.get("security").is_some(), "{heading}");
            for status in operation["responses"].as_object().unwrap().keys() {
                assert!(part.contains(&format!("<code>{status}</code>")), "{heading} {status}");
            }
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let name = parameter["name"].as_str().unwrap();
                assert!(part.contains(&format!("<code>{name}</code></th>")), "{heading} {name}");
            }
        }
    }
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let part = page.split(&format!("<h3 id=\"{name}\">")).nth(1).unwrap_or_else(|| panic!("{name}"));
        let part = part.split("</section>").next().unwrap();
        for member in schema["properties"].as_object().unwrap().keys() {
            assert!(part.contains(&format!("<code>{member}</code></th>")), "{name}.{member}");
        }
    }
    for link in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(page.contains(&format!("id=\"{link}\"")), "#{link} leads nowhere");
    }
}

#[tokio::test]
async fn a_complaint_that_cannot_be_saved_is_given_back_with_a_contact() {
    // A database that is full, and no reserve beside it.
    let site = Site::over(&store::OpenOptions { sqlite_pages_max: Some(150), ..Default::default() }).await;
    let words = format!("My+picture+%3Cb%3E{}", "+again".repeat(2_000));
    let refused = loop {
        let answer = site.post("/cases/new", "", &format!("kind=complaint&text={words}")).await;
        if answer.status != StatusCode::SEE_OTHER {
            break answer;
        }
    };
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    let body = &refused.body;
    assert!(body.contains("Nothing could be saved"), "{body}");
    assert!(
        body.contains("contact test@example.invalid directly. That does not need this service"),
        "{body}"
    );
    let text = body.split("<textarea").nth(1).and_then(|rest| rest.split("</textarea>").next()).unwrap();
    assert!(text.contains("My picture &#60;b&#62;") && text.contains(&" again".repeat(2_000)), "{text:.200}");
}

#[tokio::test]
async fn a_file_is_looked_at_without_an_account() {
    let site = Site::start().await;
    let text = "本文由AI生成";
    let answer = site.upload("/verify/file", "", &[("file=note.txt", text)]).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.body.contains("This is suspected to have been generated by AI."), "{}", answer.body);
    assert!(answer.body.contains("note.txt"));
    let declared = site.upload("/verify/file", "", &[("file=x.txt", "hello"), ("declared", "yes")]).await;
    assert!(declared.body.contains("This may have been generated by AI."));
    let hostile = site.upload("/verify/file", "", &[("file=<b>.txt", "hello")]).await;
    assert!(
        hostile.body.contains("No sign of generation by AI was found.") && !hostile.body.contains("<b>.txt")
    );
    let unreadable = "RIFF\u{1a}\0\0\0WAVEAIGC\u{4}\0\0\0oopsdata\u{2}\0\0\0aa";
    let unreadable = site.upload("/verify/file", "", &[("file=a.wav", unreadable)]).await;
    assert!(unreadable.body.contains("The label cannot be read."), "{}", unreadable.body);
    let empty = site.upload("/verify/file", "", &[("file=", "")]).await;
    assert_eq!(empty.status, StatusCode::BAD_REQUEST);
    assert!(empty.body.contains("Please choose a file."));
}
