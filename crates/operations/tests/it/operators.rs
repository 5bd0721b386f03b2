//! Inviting operators and shutting them out.

use std::time::Duration;

use ledger::Entry;
use operations::{CaseState, OperatorSession};
use terms::{Actor, ActorRole, Locale};

use crate::site::{Site, administrator, code, complaint, on_both, token};

const PASSWORD: &str = "correct horse battery";

/// A new operator who signs in as `name`.
async fn join(site: &Site, name: &str, role: ActorRole) -> OperatorSession {
    let link = token(&site.operations.invite_operator_on_machine(role).await.unwrap().url);
    site.operations.accept_invitation(&link, name, PASSWORD).await.unwrap()
}

/// The newest entries of the log, newest first: event, the part of who did it, and the role it is about.
async fn newest(site: &Site, count: usize) -> Vec<(String, String, Option<String>)> {
    let store = store::Store::open(&site.target).await.unwrap();
    let rows = store.entry_list_recent(u32::try_from(count).unwrap()).await.unwrap();
    rows.into_iter()
        .map(|row| {
            let entry = Entry::parse(row.bytes.as_bytes()).unwrap();
            (row.event, entry.actor.as_str().to_owned(), entry.decision)
        })
        .collect()
}

fn line(event: &str, actor: &str, role: &str) -> (String, String, Option<String>) {
    (event.to_owned(), actor.to_owned(), Some(role.to_owned()))
}

#[tokio::test]
async fn an_invitation_makes_one_account() {
    on_both(|site| async move {
        let operations = &site.operations;
        let invitation = operations.invite_operator_on_machine(ActorRole::Reviewer).await.unwrap();
        let link = token(&invitation.url);
        assert_eq!(code(operations.accept_invitation(&link, "lin", "short").await), "invalid");
        assert_eq!(code(operations.accept_invitation(&link, " ", PASSWORD).await), "invalid");
        let session = operations.accept_invitation(&link, "lin", PASSWORD).await.unwrap();
        assert_eq!(session.operator.role, ActorRole::Reviewer);
        assert_eq!(code(operations.accept_invitation(&link, "lan", PASSWORD).await), "invitation_gone");
        let second = token(&operations.invite_operator_on_machine(ActorRole::Auditor).await.unwrap().url);
        assert_eq!(code(operations.accept_invitation(&second, "lin", PASSWORD).await), "conflict");
        site.clock.advance(Duration::from_secs(8 * 24 * 3600));
        assert_eq!(code(operations.accept_invitation(&second, "lan", PASSWORD).await), "invitation_gone");
        assert_eq!(code(operations.invite_operator_on_machine(ActorRole::User).await), "invalid");
        assert_eq!(operations.operator_count().await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_invitation_is_renewed_or_called_back_while_nobody_has_used_it() {
    on_both(|site| async move {
        let operations = &site.operations;
        let boss = join(&site, "lin", ActorRole::Administrator).await.operator.actor();
        site.clock.advance(Duration::from_secs(1));
        let first = operations.invite_operator(&boss, ActorRole::Reviewer).await.unwrap();
        assert_eq!(newest(&site, 1).await, [line("role.granted", "administrator", "reviewer")]);
        let listed = operations.invitation_list(&boss).await.unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!((listed[0].role, listed[0].invited_by.as_deref()), (ActorRole::Reviewer, Some("lin")));
        assert!(!first.url.contains(&listed[0].id), "what names an invitation is not what opens it");

        site.clock.advance(Duration::from_secs(6 * 24 * 3600));
        let second = operations.renew_invitation(&boss, &listed[0].id).await.unwrap();
        assert!(second.expires_at > first.expires_at);
        assert_eq!(operations.invitation_role(&token(&first.url)).await.unwrap(), None);
        let gone = operations.accept_invitation(&token(&first.url), "mei", PASSWORD).await;
        assert_eq!(code(gone), "invitation_gone");
        assert_eq!(code(operations.renew_invitation(&boss, &listed[0].id).await), "not_found");

        let listed = operations.invitation_list(&boss).await.unwrap();
        site.clock.advance(Duration::from_secs(1));
        operations.revoke_invitation(&boss, &listed[0].id).await.unwrap();
        assert_eq!(newest(&site, 1).await, [line("role.revoked", "administrator", "reviewer")]);
        let gone = operations.accept_invitation(&token(&second.url), "mei", PASSWORD).await;
        assert_eq!(code(gone), "invitation_gone");
        assert!(operations.invitation_list(&boss).await.unwrap().is_empty());
        assert_eq!(code(operations.revoke_invitation(&boss, &listed[0].id).await), "not_found");
        assert_eq!(code(operations.revoke_invitation(&boss, "no hash").await), "not_found");
    })
    .await;
}

#[tokio::test]
async fn the_link_of_a_start_replaces_the_one_of_the_start_before() {
    on_both(|site| async move {
        let operations = &site.operations;
        let by_command = operations.invite_operator_on_machine(ActorRole::Administrator).await.unwrap();
        let first = operations.invite_operator_at_start(ActorRole::Administrator).await.unwrap();
        let second = operations.invite_operator_at_start(ActorRole::Administrator).await.unwrap();
        assert_eq!(operations.invitation_role(&token(&first.url)).await.unwrap(), None);
        for link in [&by_command, &second] {
            let role = operations.invitation_role(&token(&link.url)).await.unwrap();
            assert_eq!(role, Some(ActorRole::Administrator));
        }
        operations.accept_invitation(&token(&second.url), "lin", PASSWORD).await.unwrap();
        let third = operations.invite_operator_at_start(ActorRole::Administrator).await.unwrap();
        assert!(operations.invitation_role(&token(&third.url)).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn who_is_shut_out_is_out_at_once_and_leaves_nothing_behind() {
    on_both(|site| async move {
        let operations = &site.operations;
        let boss = join(&site, "lin", ActorRole::Administrator).await.operator.actor();
        let other = join(&site, "mei", ActorRole::Administrator).await;
        let receipt = operations.open_case(&Actor::Anonymous, complaint()).await.unwrap();
        operations.take_case(&other.operator.actor(), receipt.case_id).await.unwrap();
        let link =
            operations.invite_operator(&other.operator.actor(), ActorRole::Administrator).await.unwrap();

        site.clock.advance(Duration::from_secs(1));
        operations.disable_operator(&boss, other.operator.operator_id).await.unwrap();
        let mut entries = newest(&site, 2).await;
        entries.sort();
        assert_eq!(
            entries,
            [
                ("case.moved".to_owned(), "administrator".to_owned(), None),
                line("role.revoked", "administrator", "administrator"),
            ]
        );
        assert!(operations.session_operator(&other.token).await.unwrap().is_none());
        assert_eq!(code(operations.sign_in("mei", PASSWORD, None).await), "sign_in_failed");
        assert_eq!(operations.invitation_role(&token(&link.url)).await.unwrap(), None);
        let status =
            operations.case_status(&receipt.number, &receipt.code, Locale::En).await.unwrap().unwrap();
        assert_eq!(status.state, CaseState::Open);
        operations.take_case(&boss, receipt.case_id).await.unwrap();

        let listed = operations.operator_list(&boss).await.unwrap();
        let mut told: Vec<_> = listed.iter().map(|row| (&*row.name, row.disabled_at.is_some())).collect();
        told.sort_unstable();
        assert_eq!(told, [("lin", false), ("mei", true)]);
        assert_eq!(code(operations.disable_operator(&boss, other.operator.operator_id).await), "conflict");
        let nobody = terms::OperatorId::from_u128(9);
        assert_eq!(code(operations.disable_operator(&boss, nobody).await), "not_found");
    })
    .await;
}

#[tokio::test]
async fn the_last_who_can_invite_cannot_be_shut_out() {
    on_both(|site| async move {
        let operations = &site.operations;
        let boss = join(&site, "lin", ActorRole::Administrator).await.operator;
        join(&site, "mei", ActorRole::Reviewer).await;
        assert_eq!(code(operations.disable_operator(&boss.actor(), boss.operator_id).await), "conflict");
        let second = join(&site, "wei", ActorRole::Administrator).await.operator;
        let last = operations.operator_list(&boss.actor()).await.unwrap();
        assert!(last.iter().all(|row| !row.is_last_manager));
        // Two who shut each other out at the same moment: one stays.
        let (one, other) = (boss.actor(), second.actor());
        let (first, last) = tokio::join!(
            operations.disable_operator(&one, second.operator_id),
            operations.disable_operator(&other, boss.operator_id),
        );
        let mut codes = [code(first), code(last)];
        codes.sort_unstable();
        assert_eq!(codes, ["conflict", "done"]);
        let listed = operations.operator_list(&administrator()).await.unwrap();
        assert_eq!(listed.iter().filter(|row| row.is_last_manager).count(), 1);
    })
    .await;
}
