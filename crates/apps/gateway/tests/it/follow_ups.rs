//! What follows from a hit: texts for the person, a look by a person, a judgement by a guard, the end of the session.
//!
//! A mobile number stands in for whatever a policy is about.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use cases::{CaseKind, Outcome};
use gateway::{Guard, Judgement, Judging, Limits, NoJudgement, Question, SecondStage, Unjudged};
use label::text::Placement;
use operations::{EndUserRule, Envelope, OpenCase, ReferralKind};
use packs::PolicyLine;
use serde_json::{Value, json};
use terms::Locale;
use testkit::{
    fake_upstream::{Act, STREAM_HEAD},
    service::trial_settings,
};

use crate::setup::{Answer, Site, operator};

const PHONE: &str = "13800138000";
const HELP: &str = "12356";

fn row(direction: Option<terms::Direction>, measure: &str, text: Option<&str>) -> PolicyLine {
    PolicyLine {
        category: None,
        rule: Some("personal-data.mobile-phone".to_owned()),
        direction,
        audience: None,
        capability: None,
        measure: measure.to_owned(),
        text: text.map(str::to_owned),
    }
}

fn whole(content: &str) -> Vec<Act> {
    let body = json!({ "id": "c", "choices": [
        { "index": 0, "message": { "role": "assistant", "content": content }, "finish_reason": "stop" },
    ] });
    vec![Act::whole("200 OK", &body.to_string())]
}

fn streamed(content: &str) -> Vec<Act> {
    let delta = |text: &str| json!({ "id": "c", "choices": [{ "index": 0, "delta": { "content": text } }] });
    let mut acts = vec![Act::send(STREAM_HEAD)];
    acts.extend(content.chars().map(|c| Act::event(&delta(&c.to_string()).to_string())));
    acts.push(Act::event(r#"{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#));
    acts.push(Act::event("[DONE]"));
    acts
}

fn ask(text: &str, stream: bool) -> Value {
    json!({ "messages": [{ "role": "user", "content": text }], "stream": stream, "user": "wang" })
}

async fn site(script: Vec<Act>, policy: &[PolicyLine], stage: SecondStage) -> Site {
    Site::by_policy(script, trial_settings(), Limits::default(), policy, stage).await
}

async fn tasks(site: &Site) -> Vec<(String, ReferralKind)> {
    let tasks = site.operations.task_list(&operator(1)).await.unwrap();
    tasks
        .into_iter()
        .filter_map(|task| {
            Some((task.detail.split_once(' ')?.0.to_owned(), ReferralKind::from_word(&task.kind)?))
        })
        .collect()
}

fn notice_ids(answer: &Value) -> Vec<&str> {
    let notices = answer["cinnabar"]["notices"].as_array().map(Vec::as_slice).unwrap_or_default();
    notices.iter().filter_map(|notice| notice["id"].as_str()).collect()
}

/// Says the same of every text, and notes what it was asked.
struct Says(Result<Judgement, NoJudgement>, Mutex<Vec<String>>);

impl Guard for Says {
    fn judge<'q>(&'q self, question: Question<'q>) -> Judging<'q> {
        assert!(!question.findings.is_empty());
        self.1.lock().unwrap().push(question.text.to_owned());
        let says = self.0;
        Box::pin(async move { says })
    }
}

fn guarded(says: Result<Judgement, NoJudgement>, unjudged: Unjudged) -> (SecondStage, Arc<Says>) {
    let guard = Arc::new(Says(says, Mutex::default()));
    (SecondStage { guard: Some(guard.clone()), unjudged }, guard)
}

#[tokio::test]
async fn help_in_a_crisis_comes_with_the_answer_and_nobody_is_penalised() {
    let rows = [row(None, "allow+crisis", Some("notice.crisis"))];
    for (stream, script) in [(true, streamed("我在听。")), (false, whole("我在听。"))] {
        let site = site(script, &rows, SecondStage::default()).await;
        let answer = site.chat(ask(&format!("我不想活了 {PHONE}"), stream)).await;
        assert_eq!(answer.status, 200);
        let (text, last) = if stream {
            let chunks = answer.chunks();
            assert_eq!(notice_ids(&chunks[0]), ["notice.crisis"], "with the first chunk");
            (answer.content(), chunks.last().unwrap().clone())
        } else {
            (answer.json()["choices"][0]["message"]["content"].as_str().unwrap().to_owned(), answer.json())
        };
        assert_eq!(notice_ids(&last), ["notice.crisis"]);
        let (said, label) = text.split_once("\n\n").unwrap();
        assert_eq!(said, "我在听。");
        assert!(label.contains(HELP) && label.contains("人工智能生成"), "{text}");
        assert!(label.find(HELP) < label.find("AI-generated"), "before the label");
        assert_eq!(tasks(&site).await, [("personal-data".to_owned(), ReferralKind::Crisis)]);
        let key = site.operations.authenticate_key(Some(&site.key)).unwrap();
        let who = site.operations.admit(key, Some("wang")).await.unwrap().subject.subject_id;
        let since = site.operations.now().minus(std::time::Duration::from_secs(60));
        assert_eq!(site.operations.strikes(who, since).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn the_answers_own_hits_attach_their_text_once() {
    let output = Some(terms::Direction::Output);
    let rows = [row(output, "warn+attach", Some("notice.minors"))];
    for (stream, script) in
        [(true, streamed(&format!("{PHONE} 和 {PHONE}"))), (false, whole(&format!("{PHONE} 和 {PHONE}")))]
    {
        let site = site(script, &rows, SecondStage::default()).await;
        let answer = site.chat(ask("好", stream)).await;
        let (text, body) = if stream {
            let chunks = answer.chunks();
            assert!(notice_ids(&chunks[0]).is_empty(), "nothing was known yet");
            (answer.content(), chunks.last().unwrap().clone())
        } else {
            (answer.json()["choices"][0]["message"]["content"].as_str().unwrap().to_owned(), answer.json())
        };
        assert_eq!(notice_ids(&body), ["notice.minors"]);
        assert_eq!(text.matches("test@example.invalid").count(), 1, "{text}");
        assert!(tasks(&site).await.is_empty(), "a notice asks nobody");
    }
}

#[tokio::test]
async fn structured_answers_have_their_notices_beside_them() {
    let rows = [row(Some(terms::Direction::Output), "warn+attach", Some("notice.minors"))];
    let site = site(whole(&format!("{{\"a\":\"{PHONE}\"}}")), &rows, SecondStage::default()).await;
    let answer = site.chat(ask("好", false)).await.json();
    assert_eq!(answer["choices"][0]["message"]["content"], format!("{{\"a\":\"{PHONE}\"}}"));
    assert_eq!(notice_ids(&answer), ["notice.minors"]);
}

#[tokio::test]
async fn a_look_is_asked_for_once_and_its_evidence_is_sealed() {
    let rows = [row(None, "mask+review", None)];
    let site = site(whole("好"), &rows, SecondStage::default()).await;
    for _ in 0..2 {
        assert_eq!(site.chat(ask(&format!("打 {PHONE}"), false)).await.status, 200);
    }
    assert_eq!(tasks(&site).await.len(), 1, "the same rule and person");
    site.clock.advance(operations::SAME_REFERRAL);
    assert_eq!(site.chat(ask(&format!("打 {PHONE}"), false)).await.status, 200);
    let open = site.operations.task_list(&operator(1)).await.unwrap();
    assert_eq!(open.len(), 2);
    assert!(!open[0].detail.contains(PHONE));
    let view = site.operations.referral(&operator(1), open[0].task_id).await.unwrap();
    assert_eq!((view.kind, view.rule.as_str()), (ReferralKind::Review, "personal-data.mobile-phone"));
    assert!(view.evidence.prompt.contains(PHONE), "what was said stands in the sealed evidence alone");
    let status = site.operations.ledger_status(&operator(1)).await.unwrap();
    assert!(status.recent.iter().any(|entry| entry.event == "evidence.viewed"));
    site.operations.task_resolve(&operator(1), open[0].task_id).await.unwrap();
    assert_eq!(site.operations.task_list(&operator(1)).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_guard_decides_about_prompts_and_whole_answers() {
    let rows = [row(None, "allow+ask-guard", None)];
    let prompt = ask(&format!("打 {PHONE}"), false);
    for (says, code) in [
        (Ok(Judgement::Pass), 200),
        (Ok(Judgement::Review), 200),
        (Ok(Judgement::Block), 400),
        (Err(NoJudgement), 400),
    ] {
        let (stage, guard) = guarded(says, Unjudged::Block);
        let site = site(whole("好"), &rows, stage).await;
        let answer = site.chat(prompt.clone()).await;
        assert_eq!(answer.status, code, "{says:?}");
        assert_eq!(guard.1.lock().unwrap().as_slice(), [format!("打 {PHONE}")]);
        let reviews = usize::from(says == Ok(Judgement::Review));
        assert_eq!(tasks(&site).await.len(), reviews, "{says:?}");
        if code == 400 {
            assert_eq!(answer.code(), "content_filter");
            assert!(answer.json()["error"]["cinnabar"]["decisions"][0]["appeal_url"].is_string());
        }
    }
    for (says, blocked) in [(Judgement::Pass, false), (Judgement::Review, false), (Judgement::Block, true)] {
        let (stage, guard) = guarded(Ok(says), Unjudged::Pass);
        let site = site(whole(&format!("请打 {PHONE}")), &rows, stage).await;
        let answer = site.chat(ask("好", false)).await.json();
        assert_eq!(answer["choices"][0]["finish_reason"] == "content_filter", blocked, "{says:?}");
        assert_eq!(answer.to_string().contains(PHONE), !blocked, "{says:?}");
        assert_eq!(guard.1.lock().unwrap().len(), 1, "asked once");
        assert_eq!(tasks(&site).await.len(), usize::from(says == Judgement::Review));
    }
}

#[tokio::test]
async fn what_holds_without_a_guard_holds_for_streams() {
    let rows = [row(None, "allow+ask-guard", None)];
    for (unjudged, blocked, reviews) in
        [(Unjudged::Pass, false, 0), (Unjudged::Review, false, 1), (Unjudged::Block, true, 0)]
    {
        let (mut stage, guard) = guarded(Ok(Judgement::Pass), unjudged);
        let site = site(streamed(&format!("请打 {PHONE} 好")), &rows, stage.clone()).await;
        let answer = site.chat(ask("好", true)).await;
        assert_eq!(answer.text.contains("content_filter"), blocked, "{unjudged:?}");
        assert_eq!(answer.content().contains(PHONE), !blocked, "{unjudged:?}");
        assert!(!blocked || !answer.content().contains("138"), "nothing of the span");
        assert!(guard.1.lock().unwrap().is_empty(), "a stream waits for nobody");
        assert_eq!(tasks(&site).await.len(), reviews, "{unjudged:?}");
        // Without any guard the same holds for prompts.
        stage.guard = None;
        let prompts = self::site(whole("好"), &rows, stage).await;
        let answer = prompts.chat(ask(&format!("打 {PHONE}"), false)).await;
        assert_eq!(answer.status, if blocked { 400 } else { 200 }, "{unjudged:?}");
    }
}

/// Never answers.
struct Silent(AtomicUsize);

impl Guard for Silent {
    fn judge<'q>(&'q self, _: Question<'q>) -> Judging<'q> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Box::pin(std::future::pending())
    }
}

#[tokio::test]
async fn a_guard_that_takes_too_long_counts_as_absent() {
    let guard = Arc::new(Silent(AtomicUsize::new(0)));
    let stage = SecondStage { guard: Some(guard.clone()), unjudged: Unjudged::Block };
    let site = site(whole("好"), &[row(None, "allow+ask-guard", None)], stage).await;
    let answer = site.chat(ask(&format!("打 {PHONE}"), false)).await;
    assert_eq!((answer.status, answer.code().as_str()), (400, "content_filter"));
    assert_eq!(guard.0.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_session_that_a_rule_ended_stays_ended_until_an_appeal_is_upheld() {
    let rows = [row(None, "block+end-session", None)];
    let site = site(whole("好"), &rows, SecondStage::default()).await;
    let post = async |session: &str, text: &str| -> Answer {
        site.post_with(&[("x-cinnabar-session", session)], ask(text, false)).await
    };
    assert_eq!(post("s1", &format!("打 {PHONE}")).await.code(), "content_filter");
    let ended = post("s1", "你好").await;
    assert_eq!((ended.status, ended.code().as_str()), (403, "session_ended"));
    let link = ended.json()["error"]["cinnabar"]["decisions"][0]["appeal_url"].as_str().unwrap().to_owned();
    assert_eq!(post("s2", "你好").await.status, 200, "a new one begins");
    assert_eq!(site.chat(ask("你好", false)).await.status, 200, "and where none is named");
    assert_eq!(post(&"s".repeat(65), "你好").await.code(), "session_name");

    let token = link.rsplit('/').next().unwrap().to_owned();
    let case = OpenCase {
        kind: CaseKind::Appeal,
        text: "误判".to_owned(),
        contact: None,
        produce_id: None,
        appeal_token: Some(token),
        locale: Locale::ZhCn,
    };
    let receipt = site.operations.open_case(&terms::Actor::Anonymous, case).await.unwrap();
    site.operations.take_case(&operator(2), receipt.case_id).await.unwrap();
    site.operations.decide_case(&operator(2), receipt.case_id, Outcome::Upheld, "误判").await.unwrap();
    assert_eq!(post("s1", "你好").await.status, 200, "opened again");
}

#[tokio::test]
async fn an_audience_that_is_claimed_makes_the_policy_stricter_and_never_looser() {
    let minors = PolicyLine { audience: Some("minor".to_owned()), ..row(None, "block", None) };
    let verified = PolicyLine { audience: Some("verified".to_owned()), ..row(None, "allow", None) };
    let site = site(whole("好"), &[row(None, "warn", None), minors, verified], SecondStage::default()).await;
    let post = async |audience: &str| {
        site.post_with(&[("x-cinnabar-audience", audience)], ask(&format!("打 {PHONE}"), false)).await
    };
    assert_eq!(post("minor").await.code(), "content_filter");
    assert_eq!(post("verified").await.status, 200);
    assert_eq!(post("child").await.code(), "unknown_audience");
    let mut settings = trial_settings();
    settings.admit.audience = safety::Audience::Minor;
    let minors = PolicyLine { audience: Some("minor".to_owned()), ..row(None, "block", None) };
    let site =
        Site::by_policy(whole("好"), settings, Limits::default(), &[minors], SecondStage::default()).await;
    let answer =
        site.post_with(&[("x-cinnabar-audience", "adult")], ask(&format!("打 {PHONE}"), false)).await;
    assert_eq!(answer.code(), "content_filter", "a deployment for minors is one");
}

#[tokio::test]
async fn tools_have_a_policy_of_their_own() {
    let tool = PolicyLine { capability: Some("tool".to_owned()), ..row(None, "block", None) };
    let rows = [row(None, "allow", None), tool];
    let site = site(whole(PHONE), &rows, SecondStage::default()).await;
    let answer = site.chat(ask(&format!("打 {PHONE}"), false)).await;
    assert_eq!(answer.status, 200, "text passes both ways");
    assert!(answer.text.contains(PHONE));
    let messages = json!([
        { "role": "user", "content": "查" },
        { "role": "tool", "tool_call_id": "1", "content": format!("电话 {PHONE}") },
    ]);
    let answer = site.chat(json!({ "messages": messages, "user": "wang" })).await;
    assert_eq!(answer.code(), "content_filter", "what a tool returned");
    let call = json!({ "id": "c", "choices": [{ "index": 0, "finish_reason": "tool_calls", "message": {
        "role": "assistant", "content": null,
        "tool_calls": [{ "id": "1", "type": "function", "function": {
            "name": "look_up", "arguments": format!("{{\"q\":\"{PHONE}\"}}") } }],
    } }] });
    let site = self::site(vec![Act::whole("200 OK", &call.to_string())], &rows, SecondStage::default()).await;
    let answer = site.chat(ask("查", false)).await.json();
    assert_eq!(answer["choices"][0]["finish_reason"], "content_filter", "what a tool is given");
}

#[tokio::test]
async fn a_large_prompt_is_checked_like_a_small_one() {
    let site = Site::new(whole("好")).await;
    let key = site.new_key(EndUserRule::Optional, Placement::Suffix, Envelope::Both).await;
    let filler = "天气很好。".repeat(20_000);
    let body = ask(&format!("{filler}代开发票"), false).to_string();
    assert!(body.len() > 128 * 1024);
    assert_eq!(site.post(&key, body).await.code(), "content_filter");
    let body = ask(&format!("{filler}{PHONE}"), false).to_string();
    assert_eq!(site.post(&key, body).await.status, 200);
    let sent = &site.provider.requests()[0];
    assert!(sent.contains("138****8000") && !sent.contains(PHONE));
}
