//! The feature library: two people, versions, what is in force.

use operations::{
    LexiconDraft, LexiconProposalRequest, LexiconProposalState, LexiconQuery, LexiconSource, LexiconState,
    LexiconTextQuery, Operations,
};
use terms::{Actor, ActorRole, Direction, LexiconProposalId, Risk};

use crate::site::{code, on_both, operator, reviewer};

fn draft(term: &str) -> LexiconDraft {
    LexiconDraft {
        term: term.to_owned(),
        category: "operator.mine".to_owned(),
        measure: "block".to_owned(),
        direction: "both".to_owned(),
        ..LexiconDraft::default()
    }
}

async fn propose(operations: &Operations, drafts: Vec<LexiconDraft>) -> LexiconProposalId {
    let request = LexiconProposalRequest { title: String::new(), reasons: "需要".to_owned(), drafts };
    operations.lexicon_propose(&reviewer(1), request).await.unwrap()
}

async fn approved(operations: &Operations, drafts: Vec<LexiconDraft>) -> operations::LexiconVersionView {
    let id = propose(operations, drafts).await;
    operations.lexicon_approve(&reviewer(2), id, "同意").await.unwrap()
}

fn is_blocked(operations: &Operations, text: &str) -> bool {
    operations.safety().check(text, Direction::Input).verdict.is_blocked()
}

async fn found(operations: &Operations, query: LexiconQuery) -> Vec<String> {
    let page = operations.lexicon_search(&reviewer(1), query).await.unwrap();
    page.entries.into_iter().map(|entry| entry.term).collect()
}

#[tokio::test]
async fn an_entry_is_in_force_when_a_second_person_approved_it() {
    on_both(async |site| {
        let operations = &site.operations;
        let id = propose(operations, vec![draft("某竞品名")]).await;
        assert!(!is_blocked(operations, "请介绍某竞品名"));
        let own = operations.lexicon_approve(&reviewer(1), id, "好").await;
        assert_eq!(code(own), "conflict");
        assert_eq!(code(operations.lexicon_reject(&reviewer(1), id, "不").await), "conflict");
        let auditor = operator(3, ActorRole::Auditor);
        assert_eq!(code(operations.lexicon_approve(&auditor, id, "好").await), "permission_denied");
        assert_eq!(code(operations.lexicon_approve(&reviewer(2), id, " ").await), "invalid");

        let version = operations.lexicon_approve(&reviewer(2), id, "同意").await.unwrap();
        assert_eq!((version.number, version.entries), (1, 1));
        assert!(is_blocked(operations, "请介绍某竞品名"));
        assert_eq!(code(operations.lexicon_approve(&reviewer(2), id, "再次").await), "conflict");

        let store = store::Store::open(&site.target).await.unwrap();
        let rows = store.entry_list_recent(2).await.unwrap();
        let events: Vec<&str> = rows.iter().map(|row| row.event.as_str()).collect();
        assert_eq!(events, ["lexicon.changed", "lexicon.proposed"]);
        assert!(rows[0].bytes.contains(&version.content_hash), "{}", rows[0].bytes);
    })
    .await;
}

#[tokio::test]
async fn what_is_rejected_or_withdrawn_changes_nothing() {
    on_both(async |site| {
        let operations = &site.operations;
        let rejected = propose(operations, vec![draft("甲词")]).await;
        let withdrawn = propose(operations, vec![draft("乙词")]).await;
        assert_eq!(code(operations.lexicon_withdraw(&reviewer(2), withdrawn, "算了").await), "conflict");
        operations.lexicon_withdraw(&reviewer(1), withdrawn, "算了").await.unwrap();
        operations.lexicon_reject(&reviewer(2), rejected, "太宽").await.unwrap();
        for id in [rejected, withdrawn] {
            assert_eq!(code(operations.lexicon_approve(&reviewer(2), id, "好").await), "conflict");
        }
        assert!(!is_blocked(operations, "甲词乙词"));
        let state = Some(LexiconState::Rejected);
        assert_eq!(found(operations, LexiconQuery { state, ..LexiconQuery::default() }).await.len(), 2);
        let proposals = operations.lexicon_proposals(&reviewer(2), None, None, 10).await.unwrap();
        let states: Vec<_> = proposals.iter().map(|proposal| proposal.state).collect();
        assert_eq!(states, [LexiconProposalState::Withdrawn, LexiconProposalState::Rejected]);
        assert_eq!(proposals[1].decided_because.as_deref(), Some("太宽"));
    })
    .await;
}

#[tokio::test]
async fn the_same_proposal_waits_once_and_what_is_there_is_not_proposed() {
    on_both(async |site| {
        let operations = &site.operations;
        let first = propose(operations, vec![draft("甲词"), draft("乙词")]).await;
        let again =
            |drafts| LexiconProposalRequest { title: String::new(), reasons: "再".to_owned(), drafts };
        let twice = operations.lexicon_propose(&reviewer(2), again(vec![draft("乙词"), draft("甲词")])).await;
        assert_eq!(code(twice), "conflict");
        operations.lexicon_approve(&reviewer(2), first, "好").await.unwrap();
        let nothing = operations.lexicon_propose(&reviewer(2), again(vec![draft("甲词")])).await;
        assert_eq!(code(nothing), "conflict");
        let double = operations.lexicon_propose(&reviewer(2), again(vec![draft("丙"), draft("丙")])).await;
        assert_eq!(code(double), "invalid");

        let softer = LexiconDraft { measure: "warn".to_owned(), ..draft("甲词") };
        let changed = propose(operations, vec![softer, draft("丙词")]).await;
        let view = operations.lexicon_proposal(&reviewer(2), changed).await.unwrap();
        assert_eq!((view.added, view.changed, view.retired), (1, 1, 0));
        assert!(view.may_decide && !view.may_withdraw);
        operations.lexicon_approve(&reviewer(2), changed, "好").await.unwrap();
        assert!(!is_blocked(operations, "甲词") && is_blocked(operations, "丙词"));
    })
    .await;
}

#[tokio::test]
async fn a_proposal_on_what_changed_since_is_made_anew() {
    on_both(async |site| {
        let operations = &site.operations;
        approved(operations, vec![draft("甲词")]).await;
        let softer = |measure: &str| LexiconDraft { measure: measure.to_owned(), ..draft("甲词") };
        let one = propose(operations, vec![softer("warn")]).await;
        let other = propose(operations, vec![softer("mask")]).await;
        let apart = propose(operations, vec![draft("乙词")]).await;
        let new = propose(operations, vec![draft("丙词")]).await;
        let same_new =
            propose(operations, vec![LexiconDraft { note: "二".to_owned(), ..draft("丙词") }]).await;
        operations.lexicon_approve(&reviewer(2), one, "好").await.unwrap();
        assert_eq!(code(operations.lexicon_approve(&reviewer(2), other, "好").await), "conflict");
        operations.lexicon_approve(&reviewer(2), apart, "好").await.unwrap();
        operations.lexicon_approve(&reviewer(2), new, "好").await.unwrap();
        assert_eq!(code(operations.lexicon_approve(&reviewer(2), same_new, "好").await), "conflict");
    })
    .await;
}

#[tokio::test]
async fn two_approvers_at_once_make_one_version_each() {
    on_both(async |site| {
        let operations = &site.operations;
        let id = propose(operations, vec![draft("甲词")]).await;
        let other = propose(operations, vec![draft("乙词")]).await;
        let (two, three) = (reviewer(2), reviewer(3));
        let (first, second, third) = tokio::join!(
            operations.lexicon_approve(&two, id, "好"),
            operations.lexicon_approve(&three, id, "好"),
            operations.lexicon_approve(&three, other, "好"),
        );
        let mut codes = [code(first), code(second), code(third)];
        codes.sort_unstable();
        assert_eq!(codes, ["conflict", "done", "done"]);
        let versions = operations.lexicon_versions(&reviewer(1), None, 10).await.unwrap();
        assert_eq!(versions.iter().map(|version| version.entries).collect::<Vec<_>>(), [2, 1]);
    })
    .await;
}

#[tokio::test]
async fn versions_compare_and_come_back() {
    on_both(async |site| {
        let operations = &site.operations;
        let first = approved(operations, vec![draft("甲词"), draft("乙词")]).await;
        let softer = LexiconDraft { measure: "warn".to_owned(), ..draft("甲词") };
        let second = approved(operations, vec![softer, draft("丙词")]).await;
        assert_ne!(first.content_hash, second.content_hash);
        let diff = operations.lexicon_diff(&reviewer(1), 1, 2).await.unwrap();
        assert_eq!(diff.added, [draft("丙词")]);
        assert_eq!(diff.changed.len(), 1);
        assert!(diff.removed.is_empty());
        assert_eq!(operations.lexicon_diff(&reviewer(1), 2, 1).await.unwrap().removed, [draft("丙词")]);
        assert_eq!(operations.lexicon_diff(&reviewer(1), 0, 1).await.unwrap().added.len(), 2);
        assert_eq!(code(operations.lexicon_diff(&reviewer(1), 0, 9).await), "not_found");

        let back = operations.lexicon_propose_rollback(&reviewer(1), 1, "误伤").await.unwrap();
        let third = operations.lexicon_approve(&reviewer(2), back, "好").await.unwrap();
        assert_eq!((third.number, &third.content_hash), (3, &first.content_hash));
        assert!(is_blocked(operations, "甲词") && !is_blocked(operations, "丙词"));
        let nothing = operations.lexicon_propose_rollback(&reviewer(1), 3, "无").await;
        assert_eq!(code(nothing), "conflict");
        let empty = operations.lexicon_propose_rollback(&reviewer(1), 0, "清空").await.unwrap();
        assert_eq!(operations.lexicon_approve(&reviewer(2), empty, "好").await.unwrap().entries, 0);
        assert!(!is_blocked(operations, "甲词"));
    })
    .await;
}

#[tokio::test]
async fn retired_entries_stay_on_record() {
    on_both(async |site| {
        let operations = &site.operations;
        approved(operations, vec![draft("甲词"), draft("乙词")]).await;
        let text = Some(LexiconTextQuery::Exact("甲词".to_owned()));
        let query = LexiconQuery { text, ..LexiconQuery::default() };
        let page = operations.lexicon_search(&reviewer(1), query.clone()).await.unwrap();
        let entry = &page.entries[0];
        assert_eq!((entry.state, entry.source), (LexiconState::Approved, LexiconSource::Operator));
        let ids = [entry.id.parse().unwrap()];
        let id = operations.lexicon_propose_retirement(&reviewer(1), &ids, "误伤").await.unwrap();
        operations.lexicon_approve(&reviewer(2), id, "好").await.unwrap();
        assert!(!is_blocked(operations, "甲词") && is_blocked(operations, "乙词"));
        let page = operations.lexicon_search(&reviewer(1), query).await.unwrap();
        assert_eq!((page.entries[0].state, page.entries[0].until_version), (LexiconState::Retired, Some(2)));
        let gone = operations.lexicon_propose_retirement(&reviewer(1), &ids, "再").await;
        assert_eq!(code(gone), "not_found");
        let brought = LexiconQuery { retired_by: Some(id), ..LexiconQuery::default() };
        assert_eq!(found(operations, brought).await, ["甲词"]);
    })
    .await;
}

#[tokio::test]
async fn a_search_goes_page_by_page_through_both_kinds_of_lists() {
    on_both(async |site| {
        let operations = &site.operations;
        approved(operations, (0..25).map(|number| draft(&format!("词{number:02}"))).collect()).await;
        let mut all = Vec::new();
        let mut after = None;
        loop {
            let query = LexiconQuery { after, limit: 40, ..LexiconQuery::default() };
            let page = operations.lexicon_search(&Actor::Service, query).await.unwrap();
            assert!(page.entries.len() == 40 || page.next.is_none());
            all.extend(page.entries);
            let Some(next) = page.next else { break };
            after = Some(next);
        }
        assert!(all.is_sorted_by(|a, b| (&a.normalised, &a.id) < (&b.normalised, &b.id)));
        let of = |source| all.iter().filter(|entry| entry.source == source).count();
        assert_eq!(of(LexiconSource::Operator), 25);
        assert!(of(LexiconSource::Pack) > 500, "{}", of(LexiconSource::Pack));

        let text = |text| LexiconQuery { text: Some(text), ..LexiconQuery::default() };
        assert_eq!(found(operations, text(LexiconTextQuery::Prefix("词0".to_owned()))).await.len(), 10);
        assert_eq!(found(operations, text(LexiconTextQuery::Part("词１".to_owned()))).await.len(), 10);
        assert_eq!(found(operations, text(LexiconTextQuery::Exact("词07".to_owned()))).await, ["词07"]);
        let category = Some("operator.mine".to_owned());
        assert_eq!(found(operations, LexiconQuery { category, ..LexiconQuery::default() }).await.len(), 25);
    })
    .await;
}

#[tokio::test]
async fn words_count_once_for_each_risk_that_their_category_stands_for() {
    on_both(async |site| {
        let operations = &site.operations;
        let before = operations.lexicon_coverage(&Actor::Service).await.unwrap();
        let of = |coverage: &operations::LexiconCoverage, risk| {
            let row = coverage.risks.iter().find(|row| row.risk == risk).unwrap();
            (row.terms, row.floor)
        };
        assert_eq!(before.floor, 10_000);
        assert_eq!(of(&before, Risk::Secession), (0, 200));
        assert_eq!(of(&before, Risk::DiscriminationAge), (0, 100));
        assert!(!before.is_complete);
        let allowed = LexiconDraft { measure: "allow".to_owned(), ..draft("允许短语") };
        let narrow = LexiconDraft { direction: "input".to_owned(), ..draft("ＡＢ词") };
        approved(operations, vec![draft("AB词"), narrow, draft("乙词"), allowed]).await;
        let category = "operator.mine";
        operations
            .lexicon_set_category_risks(&reviewer(1), category, &[Risk::Secession, Risk::Terrorism])
            .await
            .unwrap();
        let after = operations.lexicon_coverage(&Actor::Service).await.unwrap();
        assert_eq!(after.terms, before.terms + 2);
        assert_eq!(of(&after, Risk::Secession).0, 2);
        assert_eq!(of(&after, Risk::Terrorism).0, of(&before, Risk::Terrorism).0 + 2);
        assert_eq!(after.categories[0].risks, [Risk::Secession, Risk::Terrorism]);
        let shipped = operations.lexicon_set_category_risks(&reviewer(1), "fraud", &[]).await;
        assert_eq!(code(shipped), "invalid");
    })
    .await;
}
