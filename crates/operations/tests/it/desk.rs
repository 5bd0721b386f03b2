//! The reviewers' desk: what was taken can be given back.

use cases::Outcome;
use operations::CaseState;
use terms::{Actor, ActorRole, Direction, Locale};

use crate::site::{administrator, code, complaint, on_both, operator, reviewer, token};

#[tokio::test]
async fn a_case_is_given_back_by_who_took_it_or_by_an_administrator() {
    on_both(|site| async move {
        let operations = &site.operations;
        let receipt = operations.open_case(&Actor::Anonymous, complaint()).await.unwrap();
        let id = receipt.case_id;
        let give_back = async |actor: Actor| code(operations.give_back_case(&actor, id).await);
        assert_eq!(give_back(administrator()).await, "conflict", "nobody took it");
        operations.take_case(&reviewer(2), id).await.unwrap();
        assert_eq!(give_back(reviewer(3)).await, "permission_denied");
        assert_eq!(give_back(operator(4, ActorRole::Compliance)).await, "permission_denied");
        let may = async |actor: Actor| operations.case(&actor, id, Locale::En).await.unwrap().may_give_back;
        assert!(may(reviewer(2)).await && may(administrator()).await);
        assert!(!may(reviewer(3)).await && !may(operator(4, ActorRole::Compliance)).await);

        assert_eq!(give_back(reviewer(2)).await, "done");
        assert!(!may(administrator()).await);
        let decided = operations.decide_case(&reviewer(2), id, Outcome::Upheld, "对").await;
        assert_eq!(code(decided), "conflict", "it is no more theirs");
        operations.take_case(&reviewer(3), id).await.unwrap();
        assert_eq!(give_back(administrator()).await, "done");

        let status =
            operations.case_status(&receipt.number, &receipt.code, Locale::En).await.unwrap().unwrap();
        assert_eq!((status.state, status.due_at), (CaseState::Open, receipt.due_at));
        let events: Vec<String> = status.events.into_iter().map(|(_, what)| what).collect();
        assert_eq!(events, ["opened", "taken", "given_back", "taken", "given_back"]);
        let store = store::Store::open(&site.target).await.unwrap();
        let entries = store.entry_list_about(&id.to_string()).await.unwrap();
        let moved = entries.iter().filter(|entry| entry.event == "case.moved").count();
        assert_eq!((entries.len(), moved), (5, 4));
    })
    .await;
}

#[tokio::test]
async fn an_appeal_that_was_given_back_is_still_not_for_the_first_reviewer() {
    on_both(|site| async move {
        let operations = &site.operations;
        let person = site.admit("wang").await.unwrap().subject.subject_id;
        let request = operations::PenaltyRequest { lasts: None, reasons: "多次违规".to_owned() };
        operations.impose_penalty(&reviewer(2), person, request).await.unwrap();
        let Err(operations::OperationError::Refused(refusal)) = site.admit("wang").await else { panic!() };
        let receipt = site.appeal(&token(&refusal.page.unwrap())).await.unwrap();
        operations.take_case(&reviewer(3), receipt.case_id).await.unwrap();
        operations.give_back_case(&reviewer(3), receipt.case_id).await.unwrap();
        assert_eq!(code(operations.take_case(&reviewer(2), receipt.case_id).await), "conflict");
        let detail = operations.case(&reviewer(2), receipt.case_id, Locale::En).await.unwrap();
        assert!(detail.is_own_decision && !detail.may_take);
        let detail = operations.case(&reviewer(3), receipt.case_id, Locale::En).await.unwrap();
        assert!(!detail.is_own_decision && detail.may_take);
    })
    .await;
}

#[tokio::test]
async fn two_who_give_back_at_once_do_it_once() {
    on_both(|site| async move {
        let operations = &site.operations;
        let who = site.admit("wang").await.unwrap();
        let link = token(&site.block(&who, Direction::Input, "代开发票").await.appeal_url);
        let receipt = site.appeal(&link).await.unwrap();
        operations.take_case(&reviewer(2), receipt.case_id).await.unwrap();
        let (holder, boss) = (reviewer(2), administrator());
        let (one, other) = tokio::join!(
            operations.give_back_case(&holder, receipt.case_id),
            operations.give_back_case(&boss, receipt.case_id)
        );
        let mut codes = [code(one), code(other)];
        codes.sort_unstable();
        assert_eq!(codes, ["conflict", "done"]);
    })
    .await;
}
