//! Who may do what, and how they get in.

use std::time::Duration;

use cases::Outcome;
use identity::{IdentityLevel, Permission, permits};
use label::text::Placement;
use operations::{CaseFilter, ClientNetwork, EndUserRule, Envelope, KeyRequest, PenaltyRequest};
use terms::{Actor, ActorRole, CaseId, DecisionId, Direction, Locale, PenaltyId, TaskId};

use crate::site::{administrator, code, on_both, operator, token};

const PASSWORD: &str = "correct horse battery";

fn key_request() -> KeyRequest {
    KeyRequest {
        name: "shop".to_owned(),
        end_user: EndUserRule::Optional,
        placement: Placement::Suffix,
        envelope: Envelope::Both,
    }
}

#[tokio::test]
async fn each_operation_asks_for_its_permission() {
    on_both(|site| async move {
        let operations = &site.operations;
        let who = site.admit("wang").await.unwrap();
        let person = who.subject.subject_id;
        let notice = site.block(&who, Direction::Input, "代开发票").await;
        let receipt = site.appeal(&token(&notice.appeal_url)).await.unwrap();
        for role in ActorRole::ALL {
            let actor = match role {
                ActorRole::Service => Actor::Service,
                ActorRole::Application => Actor::Application(site.key().await.key_id),
                ActorRole::User => Actor::Subject(person),
                ActorRole::Anonymous => Actor::Anonymous,
                _ => operator(50, role),
            };
            let none = CaseId::from_u128(9);
            let penalty = PenaltyRequest { lasts: None, reasons: "x".to_owned() };
            let unknown = terms::SubjectId::from_u128(9);
            let codes = [
                (Permission::ViewCases, code(operations.case_list(&actor, CaseFilter::default()).await)),
                (Permission::ViewCases, code(operations.case(&actor, receipt.case_id, Locale::En).await)),
                (Permission::DecideCases, code(operations.take_case(&actor, none).await)),
                (Permission::DecideCases, code(operations.give_back_case(&actor, none).await)),
                (
                    Permission::DecideCases,
                    code(operations.decide_case(&actor, none, Outcome::Upheld, "x").await),
                ),
                (Permission::ViewDecisions, code(operations.decision_list(&actor, None, Locale::En).await)),
                (
                    Permission::ViewDecisions,
                    code(operations.decision(&actor, notice.decision_id, Locale::En).await),
                ),
                (
                    Permission::ViewDecisions,
                    code(operations.decision(&actor, DecisionId::from_u128(9), Locale::En).await),
                ),
                (Permission::ViewSubjects, code(operations.subject_list(&actor, None).await)),
                (Permission::ViewSubjects, code(operations.subject_find(&actor, "wang").await)),
                (
                    Permission::SetIdentityLevel,
                    code(operations.set_identity_level(&actor, person, IdentityLevel::Phone, "sms").await),
                ),
                (Permission::ViewLedger, code(operations.ledger_status(&actor).await)),
                (Permission::ManageKeys, code(operations.key_list(&actor).await)),
                (Permission::ManageKeys, code(operations.key_create(&actor, key_request()).await)),
                (
                    Permission::ManageKeys,
                    code(operations.key_revoke(&actor, terms::ApplicationKeyId::from_u128(9)).await),
                ),
                (
                    Permission::ManageOperators,
                    code(operations.invite_operator(&actor, ActorRole::Auditor).await),
                ),
                (Permission::ManageOperators, code(operations.operator_list(&actor).await)),
                (Permission::ManageOperators, code(operations.invitation_list(&actor).await)),
                (Permission::ManageOperators, code(operations.renew_invitation(&actor, "0").await)),
                (Permission::ManageOperators, code(operations.revoke_invitation(&actor, "0").await)),
                (
                    Permission::ManageOperators,
                    code(operations.disable_operator(&actor, terms::OperatorId::from_u128(9)).await),
                ),
                (Permission::ViewTasks, code(operations.task_list(&actor).await)),
                (Permission::ImposePenalty, code(operations.impose_penalty(&actor, unknown, penalty).await)),
                (
                    Permission::LiftPenalty,
                    code(operations.lift_penalty(&actor, PenaltyId::from_u128(9)).await),
                ),
                (Permission::ResolveTasks, code(operations.task_resolve(&actor, TaskId::from_u128(9)).await)),
            ];
            // The software has no operation that asks it for its own permissions yet.
            for (permission, found) in codes.into_iter().filter(|_| role != ActorRole::Service) {
                let is_refused = found == "permission_denied";
                assert_eq!(is_refused, !permits(role, permission), "{role:?} {permission}: {found}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn an_application_speaks_for_its_end_users_alone() {
    on_both(|site| async move {
        let operations = &site.operations;
        let application = Actor::Application(site.key().await.key_id);
        let visitor = operations.start_trial_person().await.unwrap();
        let hash = operations.agreement(Locale::En).hash;
        let person = visitor.subject_id;
        assert_eq!(code(operations.accept_agreement(&application, person, &hash).await), "permission_denied");
        assert_eq!(
            code(operations.set_identity_level(&application, person, IdentityLevel::Full, "x").await),
            "permission_denied"
        );
        assert_eq!(code(operations.admit_person(person).await), "agreement_required");
        assert_eq!(code(operations.accept_agreement(&Actor::Subject(person), person, "0").await), "conflict");
        operations.accept_agreement(&Actor::Subject(person), person, &hash).await.unwrap();
        assert_eq!(code(operations.admit_person(person).await), "done");
        let user = operations.end_user(&application, "wang").await.unwrap();
        operations.accept_agreement(&application, user, &hash).await.unwrap();
        let other = Actor::Subject(user);
        assert_eq!(code(operations.accept_agreement(&other, person, &hash).await), "permission_denied");
        assert!(operations.session_person(&visitor.token).await.unwrap().unwrap().agreement_accepted);
        assert!(operations.session_person("other").await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_revoked_key_is_refused_at_the_next_request() {
    on_both(|site| async move {
        let operations = &site.operations;
        let key = operations.key_create(&administrator(), key_request()).await.unwrap();
        let header = format!("Bearer {}", key.secret);
        assert!(operations.authenticate_key(Some(&header)).is_ok());
        operations.key_revoke(&administrator(), key.key_id).await.unwrap();
        assert_eq!(operations.authenticate_key(Some(&header)).unwrap_err().code, "invalid_api_key");
        assert_eq!(code(operations.key_revoke(&administrator(), key.key_id).await), "not_found");
        let listed = operations.key_list(&administrator()).await.unwrap();
        assert!(listed.iter().any(|view| view.key_id == key.key_id && view.revoked_at.is_some()));
        assert_eq!(
            code(
                operations
                    .key_create(&administrator(), KeyRequest { name: " ".to_owned(), ..key_request() })
                    .await
            ),
            "invalid"
        );
    })
    .await;
}

#[tokio::test]
async fn signing_in_pauses_after_too_many_tries_and_ends_with_the_session() {
    on_both(|site| async move {
        let operations = &site.operations;
        let link = token(&operations.invite_operator_on_machine(ActorRole::Reviewer).await.unwrap().url);
        operations.accept_invitation(&link, "lin", PASSWORD).await.unwrap();
        assert_eq!(code(operations.sign_in("nobody", PASSWORD, None).await), "sign_in_failed");
        for _ in 0..10 {
            assert_eq!(code(operations.sign_in("lin", "wrong", None).await), "sign_in_failed");
        }
        assert_eq!(code(operations.sign_in("lin", PASSWORD, None).await), "too_many_tries");
        site.clock.advance(Duration::from_secs(15 * 60));
        let session = operations.sign_in("lin", PASSWORD, None).await.unwrap();
        let seen = operations.session_operator(&session.token).await.unwrap().unwrap();
        assert_eq!(seen.name, "lin");
        site.clock.advance(Duration::from_secs(3 * 3600));
        assert!(operations.session_operator(&session.token).await.unwrap().is_none(), "idle");
        let session = operations.sign_in("lin", PASSWORD, None).await.unwrap();
        operations.sign_out(&session.token).await.unwrap();
        assert!(operations.session_operator(&session.token).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn tries_at_the_same_time_are_not_more_than_the_limit() {
    on_both(|site| async move {
        let operations = &site.operations;
        let link = token(&operations.invite_operator_on_machine(ActorRole::Reviewer).await.unwrap().url);
        operations.accept_invitation(&link, "lin", PASSWORD).await.unwrap();
        let attacker = Some(ClientNetwork::of("192.0.2.66".parse().unwrap()));
        let mut tries = tokio::task::JoinSet::new();
        for _ in 0..30 {
            let operations = operations.clone();
            tries.spawn(async move { code(operations.sign_in("lin", "wrong", attacker).await) });
        }
        let answers = tries.join_all().await;
        assert_eq!(answers.iter().filter(|code| **code == "sign_in_failed").count(), 10);
        assert_eq!(answers.iter().filter(|code| **code == "too_many_tries").count(), 20);
        let at_home = Some(ClientNetwork::of("198.51.100.7".parse().unwrap()));
        operations.sign_in("lin", PASSWORD, at_home).await.expect("the attacker keeps nobody out");
    })
    .await;
}
