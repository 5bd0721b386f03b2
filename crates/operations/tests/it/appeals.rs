//! From a block or a suspension to its appeal and what that undoes.

use std::time::Duration;

use cases::Outcome;
use operations::{CaseState, DecisionState, PenaltyRequest};
use terms::{Actor, Direction, Locale};

use crate::site::{Site, administrator, code, complaint, gone_after, on_both, operator, reviewer, token};

const DAY: Duration = Duration::from_secs(24 * 3600);

fn hour_ago(site: &Site) -> terms::Timestamp {
    site.operations.now().minus(Duration::from_secs(3600))
}

#[tokio::test]
async fn an_upheld_appeal_undoes_the_block() {
    on_both(|site| async move {
        let operations = &site.operations;
        let who = site.admit("wang").await.unwrap();
        let notice = site.block(&who, Direction::Input, "代开发票 怎么举报").await;
        assert_eq!(
            site.block(&who, Direction::Input, "代开发票怎么举报").await,
            notice,
            "one decision a minute"
        );
        assert_eq!(operations.strikes(who.subject.subject_id, hour_ago(&site)).await.unwrap(), 1);
        let token = token(&notice.appeal_url);
        let view = operations.decision_by_token(&token, Locale::ZhCn).await.unwrap().unwrap();
        assert_eq!((view.state, view.appealed), (DecisionState::Standing, false));
        assert!(!view.statement.grounds.is_empty() && !view.statement.facts.is_empty());

        let receipt = site.appeal(&token).await.unwrap();
        assert_eq!(code(site.appeal(&token).await), "conflict");
        let status =
            operations.case_status(&receipt.number, &receipt.code, Locale::ZhCn).await.unwrap().unwrap();
        assert_eq!((status.state, status.text.as_str()), (CaseState::Open, "这是教学用途"));
        assert!(
            operations.case_status(&receipt.number, "0000-0000-0000", Locale::En).await.unwrap().is_none()
        );
        // In its order: taken by one, decided by the same.
        assert_eq!(
            code(operations.decide_case(&reviewer(2), receipt.case_id, Outcome::Upheld, "对").await),
            "conflict"
        );
        operations.take_case(&reviewer(2), receipt.case_id).await.unwrap();
        assert_eq!(code(operations.take_case(&reviewer(3), receipt.case_id).await), "conflict");
        assert_eq!(
            code(operations.decide_case(&reviewer(3), receipt.case_id, Outcome::Upheld, "对").await),
            "conflict"
        );
        assert_eq!(
            code(operations.decide_case(&reviewer(2), receipt.case_id, Outcome::Upheld, " ").await),
            "invalid"
        );
        let prompt = "代开发票怎么举报";
        assert!(!operations.use_prompt_pass(&who, prompt).await.unwrap());
        operations.decide_case(&reviewer(2), receipt.case_id, Outcome::Upheld, "举报不是违法").await.unwrap();

        let status =
            operations.case_status(&receipt.number, &receipt.code, Locale::ZhCn).await.unwrap().unwrap();
        assert_eq!(status.state, CaseState::Decided);
        assert_eq!(status.answer.unwrap().reasons, "举报不是违法");
        let events: Vec<String> = status.events.into_iter().map(|(_, what)| what).collect();
        assert_eq!(events, ["opened", "taken", "decided"]);
        assert!(matches!(status.decision.unwrap().state, DecisionState::Overturned { .. }));
        assert_eq!(operations.strikes(who.subject.subject_id, hour_ago(&site)).await.unwrap(), 0);
        let other = site.admit("li").await.unwrap();
        assert!(!operations.use_prompt_pass(&other, prompt).await.unwrap(), "that person's");
        assert!(operations.use_prompt_pass(&who, prompt).await.unwrap());
        assert!(!operations.use_prompt_pass(&who, prompt).await.unwrap(), "once");
        assert_eq!(code(operations.withdraw_case(&receipt.number, &receipt.code).await), "conflict");
        assert_eq!(code(site.appeal(&token).await), "conflict");
    })
    .await;
}

#[tokio::test]
async fn an_upheld_appeal_against_an_answer_releases_what_was_held() {
    on_both(|site| async move {
        let who = site.admit("wang").await.unwrap();
        let notice = site.block(&who, Direction::Output, "问题").await;
        assert_eq!(site.operations.strikes(who.subject.subject_id, hour_ago(&site)).await.unwrap(), 0);
        let token = token(&notice.appeal_url);
        site.appealed(&token, Outcome::Upheld).await;
        let view = site.operations.decision_by_token(&token, Locale::ZhCn).await.unwrap().unwrap();
        assert_eq!(view.released_text.as_deref(), Some("以下是代开发票"));
    })
    .await;
}

#[tokio::test]
async fn a_rejected_or_withdrawn_appeal_changes_nothing() {
    on_both(|site| async move {
        let operations = &site.operations;
        let who = site.admit("wang").await.unwrap();
        let link = token(&site.block(&who, Direction::Input, "代开发票").await.appeal_url);
        let first = site.appeal(&link).await.unwrap();
        operations.withdraw_case(&first.number, &first.code).await.unwrap();
        assert_eq!(code(operations.take_case(&reviewer(2), first.case_id).await), "conflict");
        site.appealed(&link, Outcome::Rejected).await;
        let view = operations.decision_by_token(&link, Locale::En).await.unwrap().unwrap();
        assert_eq!((view.state, view.released_text), (DecisionState::Standing, None));
        assert_eq!(operations.strikes(who.subject.subject_id, hour_ago(&site)).await.unwrap(), 1);
        assert!(!operations.use_prompt_pass(&who, "代开发票").await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn two_appeals_at_once_are_one() {
    on_both(|site| async move {
        let who = site.admit("wang").await.unwrap();
        let link = token(&site.block(&who, Direction::Input, "代开发票").await.appeal_url);
        let (one, two) = tokio::join!(site.appeal(&link), site.appeal(&link));
        let mut codes = [code(one), code(two)];
        codes.sort_unstable();
        assert_eq!(codes, ["conflict", "done"]);
    })
    .await;
}

#[tokio::test]
async fn of_two_reviewers_at_once_one_is_told_that_the_other_was_faster() {
    on_both(|site| async move {
        let operations = &site.operations;
        let receipt = operations.open_case(&Actor::Anonymous, complaint()).await.unwrap();
        let (two, three) = (reviewer(2), reviewer(3));
        let (one, other) = tokio::join!(
            operations.take_case(&two, receipt.case_id),
            operations.take_case(&three, receipt.case_id)
        );
        let mut codes = [code(one), code(other)];
        codes.sort_unstable();
        assert_eq!(codes, ["conflict", "done"]);
    })
    .await;
}

#[tokio::test]
async fn an_appeal_has_its_time() {
    on_both(|site| async move {
        let who = site.admit("wang").await.unwrap();
        let link = token(&site.block(&who, Direction::Input, "代开发票").await.appeal_url);
        let view = site.operations.decision_by_token(&link, Locale::En).await.unwrap().unwrap();
        site.clock.set(view.appeal_open_until);
        assert_eq!(code(site.appeal(&link).await), "appeal_window_over");
        site.clock.set(view.appeal_open_until.minus(Duration::from_secs(1)));
        assert_eq!(code(site.appeal(&link).await), "done");
        assert_eq!(code(site.appeal("unknown").await), "decision_unknown");
    })
    .await;
}

#[tokio::test]
async fn a_suspension_binds_at_once_and_is_reviewed_by_somebody_else() {
    on_both(|site| async move {
        let operations = &site.operations;
        let who = site.admit("wang").await.unwrap();
        let person = who.subject.subject_id;
        let request = |lasts| PenaltyRequest { lasts, reasons: "多次违规".to_owned() };
        assert_eq!(
            code(
                operations
                    .impose_penalty(
                        &reviewer(2),
                        person,
                        PenaltyRequest { lasts: None, reasons: String::new() }
                    )
                    .await
            ),
            "invalid"
        );
        let penalty = operations.impose_penalty(&reviewer(2), person, request(None)).await.unwrap();
        assert_eq!(code(site.admit("wang").await), "suspended");
        assert_eq!(code(site.admit("li").await), "done");
        let Err(operations::OperationError::Refused(refusal)) = site.admit("wang").await else { panic!() };
        let receipt = site.appeal(&token(&refusal.page.unwrap())).await.unwrap();
        assert_eq!(
            code(operations.take_case(&reviewer(2), receipt.case_id).await),
            "conflict",
            "their own decision"
        );
        let detail = operations.case(&reviewer(2), receipt.case_id, Locale::En).await.unwrap();
        assert!(!detail.may_take);
        operations.take_case(&reviewer(3), receipt.case_id).await.unwrap();
        operations.decide_case(&reviewer(3), receipt.case_id, Outcome::Upheld, "证据不足").await.unwrap();
        assert_eq!(code(site.admit("wang").await), "done");
        assert_eq!(code(operations.lift_penalty(&reviewer(3), penalty.penalty_id).await), "not_found");
    })
    .await;
}

#[tokio::test]
async fn a_suspension_says_why_until_when_and_on_what_ground() {
    on_both(|site| async move {
        let operations = &site.operations;
        let person = site.admit("wang").await.unwrap().subject.subject_id;
        let statement = async |lasts, locale| {
            let request = PenaltyRequest { lasts, reasons: "多次违规".to_owned() };
            operations.impose_penalty(&reviewer(2), person, request).await.unwrap();
            let listed = operations.decision_list(&reviewer(2), None, locale).await.unwrap();
            site.clock.advance(Duration::from_secs(1));
            listed.into_iter().next().unwrap().statement
        };
        let days = statement(Some(DAY * 3), Locale::ZhCn).await;
        assert!(
            days.facts.contains("多次违规") && days.facts.contains("至2026年11月26日 16:00（北京时间）止"),
            "{}",
            days.facts
        );
        assert_eq!(days.category, "违反法律或者服务协议");
        assert!(days.reason.contains("应当依法依约") && !days.grounds.is_empty(), "{}", days.reason);
        let open = statement(None, Locale::En).await;
        assert!(open.facts.contains("until further notice"), "{}", open.facts);
    })
    .await;
}

#[tokio::test]
async fn the_longest_of_several_suspensions_binds() {
    on_both(|site| async move {
        let operations = &site.operations;
        let person = site.admit("wang").await.unwrap().subject.subject_id;
        let impose = async |days: u32| {
            let request = PenaltyRequest { lasts: Some(DAY * days), reasons: "违规".to_owned() };
            operations.impose_penalty(&administrator(), person, request).await.unwrap()
        };
        let _short = impose(1).await;
        let long = impose(30).await;
        let _shortest = impose(2).await;
        site.clock.advance(DAY * 3);
        assert_eq!(code(site.admit("wang").await), "suspended");
        // The same after a restart.
        let (again, clock) = testkit::service::operations(
            site.folder.path(),
            &site.target,
            testkit::service::trial_settings(),
        )
        .await;
        clock.set(operations.now());
        assert_eq!(code(again.admit(site.key().await, Some("wang")).await), "suspended");
        operations.lift_penalty(&administrator(), long.penalty_id).await.unwrap();
        assert_eq!(code(site.admit("wang").await), "done");
    })
    .await;
}

#[tokio::test]
async fn a_year_without_a_calendar_makes_the_limit_provisional_and_raises_a_task() {
    on_both(|site| async move {
        let operations = &site.operations;
        let known = operations.open_case(&Actor::Anonymous, complaint()).await.unwrap();
        let before = operations.task_list(&administrator()).await.unwrap().len();
        site.clock.set("2028-03-01T02:00:00Z".parse().unwrap());
        for _ in 0..2 {
            let receipt = operations.open_case(&Actor::Anonymous, complaint()).await.unwrap();
            assert!(receipt.provisional);
        }
        let tasks = operations.task_list(&administrator()).await.unwrap();
        assert_eq!(tasks.len(), before + 1, "{tasks:?}");
        let task = tasks.iter().find(|task| task.detail == "2028").unwrap();
        assert_eq!(task.kind, "calendar_missing");
        operations.task_resolve(&operator(4, terms::ActorRole::Compliance), task.task_id).await.unwrap();
        assert!(known.due_at < site.operations.now());
    })
    .await;
}

#[tokio::test]
async fn what_nobody_can_read_or_answer_is_not_filed() {
    on_both(|site| async move {
        let file = |request| site.operations.open_case(&Actor::Anonymous, request);
        let with = |text: String| operations::OpenCase { text, ..complaint() };
        assert_eq!(code(file(with("  ".to_owned())).await), "invalid");
        assert_eq!(code(file(with("长".repeat(6_000))).await), "invalid");
        assert_eq!(
            code(file(operations::OpenCase { contact: Some("c".repeat(501)), ..complaint() }).await),
            "invalid"
        );
        let without_link = operations::OpenCase { kind: cases::CaseKind::Appeal, ..complaint() };
        assert_eq!(code(file(without_link).await), "invalid");
    })
    .await;
}

#[tokio::test]
async fn what_was_committed_binds_though_nobody_waits_for_it() {
    on_both(|site| async move {
        let operations = &site.operations;
        for polls in 1..1_000 {
            let name = format!("wang {polls}");
            let person = site.admit(&name).await.unwrap().subject.subject_id;
            let request = PenaltyRequest { lasts: None, reasons: "多次违规".to_owned() };
            let is_done = gone_after(polls, operations.impose_penalty(&reviewer(2), person, request)).await;
            let settled = async {
                loop {
                    let found = operations.subject_find(&reviewer(2), &person.to_string()).await.unwrap();
                    let view = found.unwrap();
                    if view.penalties.is_empty() != (code(site.admit(&name).await) == "suspended") {
                        break;
                    }
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            };
            let waited = tokio::time::timeout(Duration::from_secs(20), settled).await;
            waited.unwrap_or_else(|_| panic!("recorded and without effect, after {polls} polls"));
            if is_done {
                return;
            }
        }
        panic!("it never ends");
    })
    .await;
}
