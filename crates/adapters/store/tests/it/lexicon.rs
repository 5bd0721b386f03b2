//! The operator's lexicons: what is in which version follows from the proposals.

use store::*;
use terms::*;

use crate::{database::on_both_engines, samples::at};

fn proposal(number: u128) -> LexiconProposalRow {
    LexiconProposalRow {
        proposal_id: LexiconProposalId::from_u128(number),
        kind: "import".to_owned(),
        title: "列表.csv".to_owned(),
        source: "operator".to_owned(),
        reasons: "需要".to_owned(),
        decision_id: Some(DecisionId::from_u128(4)),
        target_version: None,
        base_version: 0,
        content_hash: [u8::try_from(number).unwrap(); 32],
        added: 2,
        changed: 0,
        retired: 0,
        state: "preparing".to_owned(),
        proposed_by: OperatorId::from_u128(1),
        proposed_at: at(1),
        decided_by: None,
        decided_at: None,
        decided_because: None,
        version: None,
    }
}

fn entry(number: u128, proposal: u128, normalised: &str) -> LexiconEntryRow {
    LexiconEntryRow {
        entry_id: LexiconEntryId::from_u128(number),
        proposal_id: LexiconProposalId::from_u128(proposal),
        term: normalised.to_uppercase(),
        normalised: normalised.to_owned(),
        category: "operator.mine".to_owned(),
        measure: "block".to_owned(),
        direction: "both".to_owned(),
        audiences: "minor".to_owned(),
        valid_from: Some("2026-01-01".to_owned()),
        valid_until: None,
        note: String::new(),
    }
}

fn approval(version: u64) -> LexiconDecision {
    LexiconDecision {
        state: "approved".to_owned(),
        by: OperatorId::from_u128(2),
        at: at(2),
        because: "好".to_owned(),
        version: Some(version),
    }
}

async fn submit(store: &Store, number: u128, entries: &[LexiconEntryRow], retired: &[u128]) {
    let mut tx = store.begin().await.unwrap();
    tx.lexicon_proposal_insert(&proposal(number)).await.unwrap();
    tx.lexicon_entry_insert(entries).await.unwrap();
    let retirements: Vec<_> = retired
        .iter()
        .map(|id| LexiconRetirementRow {
            entry_id: LexiconEntryId::from_u128(*id),
            proposal_id: LexiconProposalId::from_u128(number),
        })
        .collect();
    tx.lexicon_retirement_insert(&retirements).await.unwrap();
    tx.lexicon_proposal_submit(LexiconProposalId::from_u128(number)).await.unwrap();
    tx.commit().await.unwrap();
}

async fn decide(store: &Store, number: u128, decision: LexiconDecision) -> Result<(), StoreError> {
    let mut tx = store.begin().await.unwrap();
    tx.lexicon_proposal_decide(LexiconProposalId::from_u128(number), &decision).await?;
    tx.commit().await
}

async fn found(store: &Store, filter: LexiconEntryFilter) -> Vec<String> {
    let rows = store.lexicon_entry_list(&filter, None, 100).await.unwrap();
    rows.into_iter().map(|row| row.entry.normalised).collect()
}

on_both_engines! {
    async fn a_version_is_what_came_until_then_and_has_not_gone(db) {
        let store = &db.store;
        let entries: Vec<_> = (0..600).map(|number| entry(number, 1, &format!("词{number:03}"))).collect();
        submit(store, 1, &entries, &[]).await;
        submit(store, 2, &[entry(900, 2, "新")], &[0, 1]).await;
        submit(store, 3, &[entry(901, 3, "否")], &[2]).await;
        let standing = |standing| LexiconEntryFilter { standing: Some(standing), ..LexiconEntryFilter::default() };
        assert_eq!(found(store, standing(LexiconStanding::Proposed)).await.len(), 100);
        assert!(found(store, standing(LexiconStanding::Approved)).await.is_empty());
        decide(store, 1, approval(1)).await.unwrap();
        let again = decide(store, 1, approval(9)).await;
        assert!(matches!(again, Err(StoreError::AffectedRows { .. })), "{again:?}");
        decide(store, 2, approval(2)).await.unwrap();
        let taken = decide(store, 3, approval(2)).await.unwrap_err();
        assert!(taken.is_unique_violation(), "{taken:?}");
        decide(store, 3, LexiconDecision { state: "rejected".to_owned(), version: None, ..approval(0) })
            .await
            .unwrap();

        let first = LexiconEntryFilter { text: Some(LexiconText::Prefix("词00".to_owned())), ..LexiconEntryFilter::default() };
        let at = |number| LexiconEntryFilter { standing: Some(LexiconStanding::InVersion(number)), ..first.clone() };
        assert!(found(store, at(0)).await.is_empty());
        assert_eq!(found(store, at(1)).await.len(), 10);
        assert_eq!(found(store, at(2)).await.len(), 8);
        assert_eq!(found(store, standing(LexiconStanding::Retired)).await, ["词000", "词001"]);
        assert_eq!(found(store, standing(LexiconStanding::Rejected)).await, ["否"]);
        let by = LexiconProposalId::from_u128(2);
        let retired = LexiconEntryFilter { retired_by: Some(by), ..LexiconEntryFilter::default() };
        assert_eq!(found(store, retired).await, ["词000", "词001"]);
        let brought = LexiconEntryFilter { proposal_id: Some(by), source: Some("operator".to_owned()), ..LexiconEntryFilter::default() };
        let rows = store.lexicon_entry_list(&brought, None, 9).await.unwrap();
        let whole = LexiconStandingRow {
            entry: entry(900, 2, "新"),
            proposal_state: "approved".to_owned(),
            since_version: Some(2),
            until_version: None,
        };
        assert_eq!(rows, [whole]);
    }

    async fn entries_are_found_by_text_page_by_page(db) {
        let terms = ["100%", "a_b", "ab", "代开", "代开发票", "发票代开", "\u{10FFFF}x"];
        let entries: Vec<_> = terms.iter().zip(1..).map(|(term, number)| entry(number, 1, term)).collect();
        submit(&db.store, 1, &entries, &[]).await;
        let by = async |text| found(&db.store, LexiconEntryFilter { text: Some(text), ..LexiconEntryFilter::default() }).await;
        assert_eq!(by(LexiconText::Exact("代开".to_owned())).await, ["代开"]);
        assert_eq!(by(LexiconText::Prefix("代开".to_owned())).await, ["代开", "代开发票"]);
        assert_eq!(by(LexiconText::Prefix("\u{10FFFF}".to_owned())).await, ["\u{10FFFF}x"]);
        assert_eq!(by(LexiconText::Part("代开".to_owned())).await, ["代开", "代开发票", "发票代开"]);
        // Neither wildcards nor case.
        assert_eq!(by(LexiconText::Part("%".to_owned())).await, ["100%"]);
        assert_eq!(by(LexiconText::Part("_".to_owned())).await, ["a_b"]);
        assert!(by(LexiconText::Part("A".to_owned())).await.is_empty());

        let mut seen = Vec::new();
        let mut after: Option<LexiconPlace> = None;
        loop {
            let page = db.store.lexicon_entry_list(&LexiconEntryFilter::default(), after.as_ref(), 2).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some((last.entry.normalised.clone(), last.entry.entry_id));
            seen.extend(page.into_iter().map(|row| row.entry.normalised));
        }
        assert_eq!(seen, terms);
    }

    async fn the_same_proposal_waits_once(db) {
        submit(&db.store, 1, &[], &[]).await;
        let mut tx = db.store.begin().await.unwrap();
        let same = LexiconProposalRow { content_hash: [1; 32], ..proposal(2) };
        tx.lexicon_proposal_insert(&same).await.unwrap();
        let waits = tx.lexicon_proposal_submit(same.proposal_id).await.unwrap_err();
        assert!(waits.is_unique_violation(), "{waits:?}");
        drop(tx);
        decide(&db.store, 1, approval(1)).await.unwrap();
        submit(&db.store, 2, &[], &[]).await;
        assert_eq!(db.store.lexicon_proposal_list(Some("proposed"), None, 9).await.unwrap().len(), 1);
        assert_eq!(db.store.lexicon_proposal_list(None, None, 9).await.unwrap().len(), 2);
    }

    async fn counts_add_up(db) {
        let hit = |day: &str, hits| LexiconHitRow {
            day: day.to_owned(),
            rule: "lexicon.fraud".to_owned(),
            category: "fraud".to_owned(),
            direction: "input".to_owned(),
            measure: "block".to_owned(),
            hits,
        };
        for _ in 0..2 {
            let mut tx = db.store.begin().await.unwrap();
            tx.lexicon_hit_add(&[hit("2026-11-01", 2), hit("2026-11-02", 3)]).await.unwrap();
            tx.commit().await.unwrap();
        }
        let listed = db.store.lexicon_hit_list("2026-11-02", "2026-11-30", 9).await.unwrap();
        assert_eq!(listed, [hit("2026-11-02", 6)]);
    }
}
