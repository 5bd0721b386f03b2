//! When something breaks: the provider, the client, the database, the server itself.

use std::time::{Duration, Instant};

use gateway::Limits;
use http_body_util::BodyExt as _;
use serde_json::json;
use testkit::{
    fake_upstream::{Act, CHUNKED_HEAD, STREAM_HEAD},
    service::trial_settings,
};

use crate::setup::{Answer, PATIENCE, Site, produce_id};

const HELLO: &str = r#"{"id":"c","choices":[{"index":0,"delta":{"content":"你好"}}]}"#;
const STOP: &str = r#"{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;

fn asking(stream: bool) -> String {
    json!({ "stream": stream, "messages": [{ "role": "user", "content": "好" }] }).to_string()
}

/// Streams from a provider that does this.
async fn streamed(acts: Vec<Act>) -> (Site, Answer) {
    let site = Site::new(acts).await;
    let answer = site.post(&site.key, asking(true)).await;
    (site, answer)
}

/// The stream told an error, after what had come was labelled, and the end is recorded as the provider's failure.
async fn check_broken(acts: Vec<Act>, code: &str) {
    let (site, answer) = streamed(acts).await;
    assert_eq!(answer.status, 200);
    let id = answer.produce_id();
    let label = site.operations.visible_label().render_suffix(&id);
    assert_eq!(answer.content(), format!("你好{label}"), "{}", answer.text);
    assert_eq!(answer.chunks().pop().unwrap()["error"]["code"], code, "{}", answer.text);
    assert!(answer.text.ends_with("data: [DONE]\n\n"));
    assert_eq!(site.ended(id).await, ("upstream_failed".to_owned(), "in_text".to_owned()));
}

#[tokio::test]
async fn a_stream_that_breaks_off_is_labelled_and_says_so() {
    let begin = || vec![Act::send(STREAM_HEAD), Act::event(HELLO)];
    let and = |more: Act| begin().into_iter().chain([more]).collect::<Vec<_>>();
    // No finish.
    check_broken(begin(), "upstream_unreadable").await;
    check_broken(and(Act::send("data: [DONE]\n\n")), "upstream_unreadable").await;
    // Not JSON, a key twice, an endless line.
    check_broken(and(Act::send("data: {\"choices\n\n")), "upstream_unreadable").await;
    check_broken(and(Act::event(r#"{"choices":[],"choices":[]}"#)), "upstream_unreadable").await;
    check_broken(and(Act::send(format!("data: {}", "x".repeat(10 << 20)))), "upstream_unreadable").await;
    // More texts than an entry can hold: what left before them is recorded.
    let fields: serde_json::Map<_, _> = (0..300).map(|at| (format!("f{at}"), json!("a"))).collect();
    let many = json!({ "id": "c", "choices": [{ "index": 0, "delta": fields }] });
    check_broken(and(Act::event(&many.to_string())), "upstream_unreadable").await;
    // It falls silent, and it is cut off within a chunk.
    check_broken(and(Act::Stall), "upstream_timeout").await;
    let event = format!("data: {HELLO}\n\n");
    let cut = Act::send(format!("{CHUNKED_HEAD}{:x}\r\n{event}\r\nff\r\ndata: ", event.len()));
    check_broken(vec![cut], "upstream_broken").await;
}

#[tokio::test]
async fn an_error_of_the_provider_in_mid_stream_is_its_own() {
    let error = r#"{"error":{"message":"overloaded","code":"overloaded_error"}}"#;
    let (site, answer) =
        streamed(vec![Act::send(STREAM_HEAD), Act::event(HELLO), Act::event(error), Act::Stall]).await;
    let errors: Vec<_> = answer.chunks().into_iter().filter(|chunk| chunk["error"].is_object()).collect();
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0]["error"]["code"], "overloaded_error");
    assert!(answer.text.ends_with("data: [DONE]\n\n"));
    assert_eq!(site.ended(answer.produce_id()).await.0, "upstream_failed");
}

#[tokio::test]
async fn a_missing_done_is_added() {
    let (site, answer) = streamed(vec![Act::send(STREAM_HEAD), Act::event(HELLO), Act::event(STOP)]).await;
    assert!(answer.text.ends_with("data: [DONE]\n\n"));
    assert_eq!(answer.chunks().pop().unwrap()["choices"][0]["finish_reason"], "stop");
    assert_eq!(site.ended(answer.produce_id()).await, ("completed".to_owned(), "in_text".to_owned()));
}

#[tokio::test]
async fn an_error_status_passes_with_its_body() {
    for stream in [false, true] {
        let site =
            Site::new(vec![Act::whole("500 Internal Server Error", r#"{"error":{"message":"no"}}"#)]).await;
        let answer = site.post(&site.key, asking(stream)).await;
        assert_eq!((answer.status, answer.text.as_str()), (500, r#"{"error":{"message":"no"}}"#));
    }
}

#[tokio::test]
async fn a_provider_that_does_not_answer_is_a_gateway_error() {
    for stream in [false, true] {
        let site = Site::new(vec![Act::Stall]).await;
        assert_eq!(site.post(&site.key, asking(stream)).await.status, 504);
        let site = Site::new(vec![]).await;
        assert_eq!(site.post(&site.key, asking(stream)).await.status, 502);
        let site = Site::new(vec![Act::whole("200 OK", "not json")]).await;
        let answer = site.post(&site.key, asking(stream)).await;
        assert!(answer.text.contains("upstream_unreadable"), "{}", answer.text);
    }
}

#[tokio::test]
async fn a_client_that_goes_away_stops_the_provider_and_is_recorded() {
    let site = Site::new(vec![Act::send(STREAM_HEAD), Act::event(HELLO), Act::Stall]).await;
    let mut response = site.open(&site.key, asking(true)).await;
    let id = produce_id(&response);
    let _ = response.body_mut().frame().await.unwrap();
    let since = Instant::now();
    drop(response);
    site.provider.client_gone(Duration::from_secs(1)).await;
    assert!(since.elapsed() < Duration::from_secs(1));
    assert_eq!(site.ended(id).await, ("client_gone".to_owned(), "in_text".to_owned()));
}

#[tokio::test]
async fn a_client_that_goes_away_before_the_first_byte_leaves_nothing_open() {
    for stream in [false, true] {
        let site = Site::new(vec![Act::Stall]).await;
        let asked = tokio::time::timeout(Duration::from_millis(300), site.open(&site.key, asking(stream)));
        assert!(asked.await.is_err());
        site.provider.client_gone(Duration::from_secs(1)).await;
        // Every generation under way ends by itself.
        tokio::time::timeout(PATIENCE, site.gateway.drain(PATIENCE)).await.unwrap();
        assert_eq!(site.operations.recover_generations(Duration::ZERO).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn shutting_down_ends_streams_as_interrupted() {
    let limits = Limits::default();
    let long =
        vec![Act::send(STREAM_HEAD), Act::event(HELLO), Act::Wait(Duration::from_millis(500)), Act::Stall];
    let site = Site::with(long, trial_settings(), limits).await;
    let mut read = site.open(&site.key, asking(true)).await;
    let id = produce_id(&read);
    let _ = read.body_mut().frame().await.unwrap();
    let drained = async {
        tokio::time::timeout(PATIENCE, site.gateway.drain(Duration::from_millis(50))).await.unwrap();
    };
    let (answer, ()) = tokio::join!(Answer::read(read), drained);
    assert!(answer.text.contains("shutting_down") && answer.text.ends_with("data: [DONE]\n\n"));
    assert_eq!(site.ended(id).await.0, "interrupted");
}

#[tokio::test]
async fn a_reader_that_reads_nothing_does_not_stop_a_shutdown() {
    let mut acts = vec![Act::send(STREAM_HEAD)];
    acts.extend((0..200).flat_map(|_| [Act::event(HELLO), Act::Wait(Duration::from_millis(2))]));
    acts.push(Act::Stall);
    let site = Site::new(acts).await;
    let unread = site.open(&site.key, asking(true)).await;
    let id = produce_id(&unread);
    tokio::time::sleep(Duration::from_millis(300)).await;
    tokio::time::timeout(PATIENCE, site.gateway.drain(Duration::from_millis(10))).await.unwrap();
    assert_eq!(site.ended(id).await.0, "interrupted");
    drop(unread);
}

#[tokio::test]
async fn nothing_leaves_while_the_ledger_cannot_write() {
    for stream in [false, true] {
        let site = Site::new(vec![Act::send(STREAM_HEAD), Act::event(HELLO), Act::event(STOP)]).await;
        // Known before, so that admission needs no write.
        assert!(site.operations.authenticate_key(Some(&site.key)).is_ok());
        let other = store::Store::open(&store::Target::Sqlite { path: site.database.clone() }).await.unwrap();
        let held = other.begin().await.unwrap();
        let answer = site.post(&site.key, asking(stream)).await;
        drop(held);
        if stream {
            assert_eq!((answer.status, answer.code().as_str()), (503, "not_recorded"), "{}", answer.text);
        } else {
            assert!(answer.status >= 500, "{}", answer.text);
        }
        assert!(!answer.text.contains("你好"));
    }
}
