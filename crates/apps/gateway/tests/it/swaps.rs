//! The lexicons change while requests are under way.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use operations::{LexiconDraft, LexiconProposalRequest};
use serde_json::json;
use testkit::fake_upstream::Act;

use crate::setup::{Site, operator};

const ANSWER: &str =
    r#"{"choices":[{"index":0,"message":{"role":"assistant","content":"赤青"},"finish_reason":"stop"}]}"#;
/// Versions that are made under load.
const SWAPS: usize = 12;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_swap_under_load_loses_no_request_and_every_verdict_is_of_one_version() {
    let site = Arc::new(Site::new(vec![Act::whole("200 OK", ANSWER)]).await);
    let stop = Arc::new(AtomicBool::new(false));
    // Every version has exactly one of the two words, so a text with both is blocked by each version, one without by none.
    let draft = |term: &str, measure: &str| LexiconDraft {
        term: term.to_owned(),
        category: "operator.swap".to_owned(),
        measure: measure.to_owned(),
        direction: "both".to_owned(),
        ..LexiconDraft::default()
    };
    let change = async |first: &str, second: &str| {
        let request = LexiconProposalRequest {
            reasons: "交换".to_owned(),
            drafts: vec![draft("赤词", first), draft("青词", second)],
            ..LexiconProposalRequest::default()
        };
        let id = site.operations.lexicon_propose(&operator(1), request).await.unwrap();
        site.operations.lexicon_approve(&operator(2), id, "好").await.unwrap();
    };
    change("block", "warn").await;
    let load: Vec<_> = (0..6)
        .map(|worker: usize| {
            let (site, stop) = (Arc::clone(&site), Arc::clone(&stop));
            tokio::spawn(async move {
                let is_blocked = worker.is_multiple_of(2);
                let mut sent = 0_usize;
                while !stop.load(Ordering::Relaxed) {
                    let text = if is_blocked { "赤词青词" } else { "平常的话" };
                    let answer = site
                        .chat(json!({ "messages": [
                            { "role": "user", "content": format!("{text} {worker} {sent}") },
                        ] }))
                        .await;
                    if is_blocked {
                        assert_eq!((answer.status, answer.code().as_str()), (400, "content_filter"));
                    } else {
                        assert_eq!(answer.status, 200, "{}", answer.text);
                    }
                    sent += 1;
                }
                sent
            })
        })
        .collect();
    let mut versions = std::collections::HashSet::new();
    for swap in 0..SWAPS {
        let (first, second) = if swap % 2 == 0 { ("warn", "block") } else { ("block", "warn") };
        change(first, second).await;
        versions.insert(site.operations.safety().version());
        // Requests go by between two swaps.
        let answer = site.chat(json!({ "messages": [{ "role": "user", "content": "平常的话" }] })).await;
        assert_eq!(answer.status, 200);
    }
    stop.store(true, Ordering::Relaxed);
    let mut sent = 0;
    for worker in load {
        sent += worker.await.unwrap();
    }
    assert!(sent >= SWAPS, "{sent}");
    assert_eq!(versions.len(), 2);
}
