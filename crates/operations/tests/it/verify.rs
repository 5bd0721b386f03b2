//! Was this generated here?

use operations::{EndReason, ProofState, TextMatch, Verdict, VerifyQuery};
use terms::ProduceId;

use crate::{
    log::{begun, content, ending},
    site::on_both,
};

const TEXT: &str = "今天的天气很好，适合出门散步。";

#[tokio::test]
async fn a_text_is_found_again_and_a_forged_label_is_told() {
    on_both(|site| async move {
        let operations = &site.operations;
        let generation = begun(&site).await;
        let id = generation.produce_id;
        let contents = vec![
            content(operations, "reasoning_content", "先想一想。"),
            content(operations, "content", TEXT),
        ];
        operations.record_generation(&generation, ending(EndReason::Completed, contents)).await.unwrap();
        let check = async |query: VerifyQuery, verdict: Verdict, text_match: Option<TextMatch>| {
            let found = operations.verify(query.clone()).await.unwrap();
            assert_eq!((found.verdict, found.text_match), (verdict, text_match), "{query:?}");
            let is_ours = found.generation.is_some_and(|generation| generation.produce_id == id);
            assert_eq!(is_ours, verdict == Verdict::Confirmed, "{query:?}");
        };
        let text = |text: String| VerifyQuery::Text(text);
        let label = |id: &ProduceId| operations.visible_label().render_suffix(id);
        check(VerifyQuery::ProduceId(id), Verdict::Confirmed, None).await;
        check(text(id.to_string()), Verdict::Confirmed, None).await;
        check(text(format!("{TEXT}{}", label(&id))), Verdict::Confirmed, Some(TextMatch::Exact)).await;
        check(text(format!("{TEXT}!{}", label(&id))), Verdict::Confirmed, Some(TextMatch::Altered)).await;
        check(text(format!("  {TEXT}\n")), Verdict::Confirmed, Some(TextMatch::Exact)).await;
        check(text("别的话".to_owned()), Verdict::NotFound, None).await;
        let forged = ProduceId::from_u128(12345);
        check(text(format!("{TEXT}{}", label(&forged))), Verdict::LabelWithoutRecord, None).await;
        check(VerifyQuery::ProduceId(forged), Verdict::NotFound, None).await;
        let found = operations.verify(VerifyQuery::ProduceId(id)).await.unwrap();
        assert_eq!(found.proof, ProofState::Pending);
        while operations.log_round().await.unwrap() > 0 {}
        let found = operations.verify(VerifyQuery::ProduceId(id)).await.unwrap();
        assert!(matches!(found.proof, ProofState::Ready { .. }));
        // The trial's provider code is no code.
        assert!(!found.reasons.is_empty());
    })
    .await;
}
