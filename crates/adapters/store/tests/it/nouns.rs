//! Each noun goes in and comes out the same, and each write counts the rows it changed.

use store::*;
use terms::*;

use crate::{database::on_both_engines, samples::*};

fn is_affected_rows(result: Result<(), StoreError>) -> bool {
    matches!(result, Err(StoreError::AffectedRows { .. }))
}

fn journal(db: &crate::database::TestDatabase) -> Journal {
    Journal::spawn(db.store.clone(), JournalLimits::default()).0
}

on_both_engines! {
    async fn meta_is_set_and_replaced(db) {
        let mut tx = db.store.begin().await.unwrap();
        tx.meta_set("log.origin", "a").await.unwrap();
        tx.meta_set("log.origin", "b").await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(db.store.meta_lookup("log.origin").await.unwrap().as_deref(), Some("b"));
        assert_eq!(db.store.meta_lookup("other").await.unwrap(), None);
    }

    async fn application_keys_round_trip(db) {
        let mut tx = db.store.begin().await.unwrap();
        tx.application_key_insert(&key()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(db.store.application_key_lookup(key().key_id).await.unwrap(), Some(key()));

        let mut tx = db.store.begin().await.unwrap();
        tx.application_key_revoke(key().key_id, at(9)).await.unwrap();
        assert!(is_affected_rows(tx.application_key_revoke(key().key_id, at(9)).await));
        tx.commit().await.unwrap();
        let revoked = ApplicationKeyRow { revoked_at: Some(at(9)), ..key() };
        assert_eq!(db.store.application_key_list().await.unwrap(), vec![revoked]);
    }

    async fn subjects_round_trip(db) {
        let mut tx = db.store.begin().await.unwrap();
        for number in [7, 5, 6] {
            assert_eq!(tx.subject_upsert(&subject(number)).await.unwrap(), subject(number));
        }
        let same = SubjectRow { subject_id: SubjectId::from_u128(99), ..subject(5) };
        assert_eq!(tx.subject_upsert(&same).await.unwrap(), subject(5));
        tx.subject_set_level(subject(5).subject_id, "phone", Some("carrier"), at(4)).await.unwrap();
        tx.subject_set_agreement(subject(5).subject_id, &[2; 32], at(5)).await.unwrap();
        assert!(is_affected_rows(tx.subject_set_level(SubjectId::from_u128(99), "phone", None, at(4)).await));
        tx.commit().await.unwrap();

        let changed = SubjectRow {
            level: "phone".to_owned(),
            level_method: Some("carrier".to_owned()),
            level_at: Some(at(4)),
            agreement_hash: Some([2; 32]),
            agreement_at: Some(at(5)),
            ..subject(5)
        };
        assert_eq!(db.store.subject_lookup(changed.subject_id).await.unwrap().as_ref(), Some(&changed));
        assert_eq!(db.store.subject_lookup_by_index(&[5; 32]).await.unwrap(), Some(changed.clone()));
        assert_eq!(db.store.subject_list(None, 2).await.unwrap(), vec![changed.clone(), subject(6)]);
        assert_eq!(db.store.subject_list(Some(changed.subject_id), 9).await.unwrap(), vec![subject(6), subject(7)]);
    }

    async fn generations_begin_and_end(db) {
        let journal = journal(db);
        let begun: Vec<_> = (1..=400).map(begin).collect();
        journal.append(JournalWrite { begun, ..JournalWrite::default() }).await.unwrap();
        let ended: Vec<_> = (2..=400).map(end).collect();
        journal.append(JournalWrite { ended, whole: vec![whole(1001)], ..JournalWrite::default() }).await.unwrap();

        let lookup = async |number| db.store.generation_lookup(ProduceId::from_u128(number)).await.unwrap();
        assert_eq!(lookup(400).await, Some(whole(400)));
        assert_eq!(lookup(1001).await, Some(whole(1001)));
        let open = db.store.generation_list_open(at(2), 10).await.unwrap();
        assert_eq!(open.iter().map(|row| row.produce_id).collect::<Vec<_>>(), vec![begin(1).produce_id]);
        assert!(db.store.generation_list_open(at(1), 10).await.unwrap().is_empty());
        assert_eq!(db.store.generation_lookup_by_fingerprint(&[9; 32]).await.unwrap().len(), 100);
        assert_eq!(db.store.generation_list_recent(1).await.unwrap(), vec![whole(1001)]);
    }

    async fn a_generation_ends_once(db) {
        let journal = journal(db);
        let ends = |number| JournalWrite { ended: vec![end(number)], ..JournalWrite::default() };
        let both = JournalWrite { begun: vec![begin(1)], ..ends(1) };
        journal.append(both).await.unwrap();
        for number in [1, 2] {
            let JournalError::Failed(error) = journal.append(ends(number)).await.unwrap_err() else {
                panic!("{number}: another failure");
            };
            assert!(matches!(*error, StoreError::AffectedRows { .. }), "{error:?}");
        }
    }

    async fn entries_are_appended_and_get_their_places(db) {
        assert_eq!(db.store.entry_next_index().await.unwrap(), 0);
        let entries: Vec<_> = (1..=345).map(entry).collect();
        let mut tx = db.store.begin().await.unwrap();
        let (first, rest) = entries.split_first().unwrap();
        tx.entry_append(first).await.unwrap();
        tx.commit().await.unwrap();
        let appended = JournalWrite { entries: rest.to_vec(), ..JournalWrite::default() };
        journal(db).append(appended).await.unwrap();
        let mut tx = db.store.begin().await.unwrap();
        let bare = NewEntry {
            subject_id: None, produce_id: None, about: None, nonce: None, payload: None, ..entry(9_000)
        };
        tx.entry_append(&bare).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(db.store.entry_count_pending().await.unwrap(), 346);
        let pending = db.store.entry_list_pending(300).await.unwrap();
        assert_eq!(pending.len(), 300);
        assert_eq!(pending[0], PendingEntry { entry_id: entry(1).entry_id, bytes: entry(1).bytes });

        let assigned: Vec<_> = pending.iter().enumerate().map(|(at, row)| (row.entry_id, at as u64)).collect();
        let mut tx = db.store.begin().await.unwrap();
        tx.entry_assign_indexes(&assigned).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = db.store.begin().await.unwrap();
        assert!(is_affected_rows(tx.entry_assign_indexes(&[(entry(1).entry_id, 900)]).await));
        tx.rollback().await.unwrap();
        let mut tx = db.store.begin().await.unwrap();
        let taken = tx.entry_assign_indexes(&[(entry(340).entry_id, 5)]).await.unwrap_err();
        assert!(taken.is_unique_violation(), "{taken:?}");
        drop(tx);

        assert_eq!(db.store.entry_next_index().await.unwrap(), 300);
        assert_eq!(db.store.entry_count_pending().await.unwrap(), 46);
        let range = db.store.entry_list_range(298, 10).await.unwrap();
        assert_eq!(range.iter().map(|row| row.log_index).collect::<Vec<_>>(), vec![Some(298), Some(299)]);
        let found = db.store.entry_lookup(entry(2).entry_id).await.unwrap().unwrap();
        assert_eq!((found.bytes, found.log_index, found.nonce), (entry(2).bytes, Some(1), entry(2).nonce));
        assert_eq!(db.store.entry_list_about("case:1").await.unwrap().len(), 345);
        let newest = db.store.entry_list_recent(1).await.unwrap().remove(0);
        assert_eq!((newest.entry_id, newest.payload), (bare.entry_id, None));
    }

    async fn the_entries_of_a_generation_are_found_whatever_their_event(db) {
        let of = |number, id, event: &str| NewEntry {
            entry_id: id, event: event.to_owned(), produce_id: Some(ProduceId::from_u128(number)), ..entry(1)
        };
        let entries = [1, 2].into_iter().flat_map(|number| {
            [
                of(number, begin(number).begun_entry_id, "generation.begun"),
                of(number, EntryId::from_u128(number + 500), "content.blocked"),
                of(number, end(number).ended_entry_id, "generation.ended"),
            ]
        });
        let write = JournalWrite {
            entries: entries.collect(), begun: vec![begin(1)], whole: vec![whole(2)], ..JournalWrite::default()
        };
        journal(db).append(write).await.unwrap();
        let found = async |number| {
            let rows = db.store.entry_list_for_produce(ProduceId::from_u128(number)).await.unwrap();
            rows.into_iter().map(|row| row.event).collect::<Vec<_>>()
        };
        assert_eq!(found(1).await, ["generation.begun", "content.blocked"], "its end is not known yet");
        assert_eq!(found(2).await, ["generation.begun", "content.blocked", "generation.ended"]);
        assert!(found(3).await.is_empty());
    }

    async fn decisions_round_trip_and_are_overturned(db) {
        let mut tx = db.store.begin().await.unwrap();
        for number in 1..=3 {
            tx.decision_insert(&decision(number)).await.unwrap();
        }
        assert_eq!(tx.decision_count_strikes(decision(1).subject_id, at(2)).await.unwrap(), 2);
        tx.decision_overturn(decision(3).decision_id, at(9), CaseId::from_u128(4)).await.unwrap();
        assert!(is_affected_rows(tx.decision_overturn(decision(3).decision_id, at(9), CaseId::from_u128(4)).await));
        tx.commit().await.unwrap();

        assert_eq!(db.store.decision_lookup(decision(1).decision_id).await.unwrap(), Some(decision(1)));
        let overturned = db.store.decision_lookup_by_token(&[3; 32]).await.unwrap().unwrap();
        assert_eq!((overturned.state.as_str(), overturned.overturned_at), ("overturned", Some(at(9))));
        assert_eq!(db.store.decision_count_strikes(decision(1).subject_id, at(0)).await.unwrap(), 2);
        let list = async |filter: DecisionFilter, after: Option<u128>, limit| {
            let rows = db.store.decision_list(&filter, after.map(DecisionId::from_u128), limit).await.unwrap();
            rows.into_iter().map(|row| row.appeal_token_hash[0]).collect::<Vec<_>>()
        };
        assert_eq!(list(DecisionFilter::default(), None, 2).await, vec![3, 2]);
        assert_eq!(list(DecisionFilter::default(), Some(2), 9).await, vec![1]);
        let standing = DecisionFilter { state: Some("standing".to_owned()), ..DecisionFilter::default() };
        assert_eq!(list(standing, None, 9).await, vec![2, 1]);
        let nobody = DecisionFilter { subject_id: Some(SubjectId::from_u128(6)), ..DecisionFilter::default() };
        assert!(list(nobody, None, 9).await.is_empty());
    }

    async fn prompt_passes_are_used_once(db) {
        let mut tx = db.store.begin().await.unwrap();
        tx.decision_insert(&decision(1)).await.unwrap();
        tx.prompt_pass_insert(&pass(1)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(db.store.prompt_pass_list_unused().await.unwrap(), vec![pass(1)]);

        let mut tx = db.store.begin().await.unwrap();
        let mut using = async || tx.prompt_pass_use(pass(1).subject_id, &[8; 32], at(4)).await.unwrap();
        assert_eq!(using().await, Some(decision(1).decision_id));
        assert_eq!(using().await, None);
        tx.commit().await.unwrap();
        assert!(db.store.prompt_pass_list_unused().await.unwrap().is_empty());
    }

    async fn a_pass_needs_its_decision(db) {
        let mut tx = db.store.begin().await.unwrap();
        tx.prompt_pass_insert(&pass(1)).await.unwrap();
        let error = tx.commit().await.unwrap_err();
        assert!(
            matches!(error, StoreError::ConstraintViolated { kind: ConstraintKind::Reference, .. }),
            "{error:?}"
        );
    }

    async fn penalties_end_and_are_lifted(db) {
        let mut tx = db.store.begin().await.unwrap();
        tx.decision_insert(&decision(1)).await.unwrap();
        for row in [penalty(1, None), penalty(2, Some(at(10))), penalty(3, None)] {
            tx.penalty_insert(&row).await.unwrap();
        }
        tx.penalty_lift(penalty(3, None).penalty_id, at(5), None).await.unwrap();
        assert!(is_affected_rows(tx.penalty_lift(penalty(3, None).penalty_id, at(5), None).await));
        tx.commit().await.unwrap();

        let active = async |now| db.store.penalty_list_active(now).await.unwrap();
        assert_eq!(active(at(9)).await, vec![penalty(1, None), penalty(2, Some(at(10)))]);
        assert_eq!(active(at(10)).await, vec![penalty(1, None)]);
        assert_eq!(db.store.penalty_list_for_subject(SubjectId::from_u128(5)).await.unwrap().len(), 3);
        assert_eq!(db.store.penalty_list_for_decision(decision(1).decision_id).await.unwrap().len(), 3);
        assert_eq!(db.store.penalty_lookup(penalty(1, None).penalty_id).await.unwrap(), Some(penalty(1, None)));
    }

    async fn label_grants_end_and_are_withdrawn(db) {
        let rows = [label_grant(1, 20), label_grant(2, 10), label_grant(3, 20)];
        let mut tx = db.store.begin().await.unwrap();
        for row in &rows {
            tx.label_grant_insert(row).await.unwrap();
        }
        let (third, by) = (rows[2].grant_id, OperatorId::from_u128(9));
        tx.label_grant_withdraw(third, at(5), by).await.unwrap();
        assert!(is_affected_rows(tx.label_grant_withdraw(third, at(5), by).await));
        tx.commit().await.unwrap();

        let in_force = async |now| db.store.label_grant_list_in_force(now).await.unwrap();
        assert_eq!(in_force(at(9)).await, vec![rows[1].clone(), rows[0].clone()]);
        assert_eq!(in_force(at(10)).await, vec![rows[0].clone()]);
        let withdrawn = LabelGrantRow { withdrawn_at: Some(at(5)), withdrawn_by: Some(by), ..rows[2].clone() };
        assert_eq!(db.store.label_grant_list(2).await.unwrap(), vec![withdrawn, rows[1].clone()]);
        let mut tx = db.store.begin().await.unwrap();
        let of_nobody = LabelGrantRow { key_id: None, subject_id: None, ..label_grant(4, 20) };
        assert!(tx.label_grant_insert(&of_nobody).await.is_err());
    }

    async fn cases_round_trip_and_move(db) {
        let mut tx = db.store.begin().await.unwrap();
        tx.decision_insert(&decision(1)).await.unwrap();
        tx.case_insert(&case(1, 50)).await.unwrap();
        tx.case_insert(&case(2, 20)).await.unwrap();
        let id = case(1, 50).case_id;
        assert_eq!(tx.case_event_append(id, at(1), ActorRole::User, None, "opened").await.unwrap(), 1);
        assert_eq!(tx.case_event_append(id, at(2), ActorRole::Reviewer, Some("x"), "taken").await.unwrap(), 2);
        tx.commit().await.unwrap();
        assert_eq!(db.store.case_lookup_by_number("2026-0001").await.unwrap(), Some(case(1, 50)));

        let decided = CaseRow {
            state: "decided".to_owned(),
            reviewer_id: Some(OperatorId::from_u128(2)),
            outcome: Some("upheld".to_owned()),
            reasons_sealed: Some(vec![1]),
            decided_at: Some(at(30)),
            decided_by: Some(OperatorId::from_u128(2)),
            updated_at: at(30),
            version: 2,
            ..case(1, 50)
        };
        let mut tx = db.store.begin().await.unwrap();
        tx.case_update(&decided, 1).await.unwrap();
        assert!(is_affected_rows(tx.case_update(&decided, 1).await));
        tx.commit().await.unwrap();

        assert_eq!(db.store.case_lookup(id).await.unwrap().as_ref(), Some(&decided));
        let list = async |filter: CaseFilter| {
            let rows = db.store.case_list(&filter, 10).await.unwrap();
            rows.into_iter().map(|row| row.number).collect::<Vec<_>>()
        };
        assert_eq!(list(CaseFilter::default()).await, vec!["2026-0002", "2026-0001"]);
        let overdue = CaseFilter { overdue_before: Some(at(60)), ..CaseFilter::default() };
        assert_eq!(list(overdue).await, vec!["2026-0002"]);
        let decided = CaseFilter { state: Some("decided".to_owned()), kind: Some("appeal".to_owned()), ..CaseFilter::default() };
        assert_eq!(list(decided).await, vec!["2026-0001"]);
        let counts = db.store.case_count_by_state().await.unwrap();
        assert_eq!(counts, vec![("decided".to_owned(), 1), ("open".to_owned(), 1)]);
        let events = db.store.case_event_list(id).await.unwrap();
        assert_eq!(events.len(), 2);
        assert_eq!((events[1].seq, events[1].what.as_str(), events[1].actor_id.as_deref()), (2, "taken", Some("x")));
    }

    async fn operators_are_invited_and_shut_out(db) {
        let mut tx = db.store.begin().await.unwrap();
        tx.invitation_insert(&invitation()).await.unwrap();
        tx.operator_insert(&operator()).await.unwrap();
        let id = operator().operator_id;
        assert!(!tx.invitation_use(&[3; 32], id, at(100)).await.unwrap(), "expired");
        assert!(tx.invitation_use(&[3; 32], id, at(99)).await.unwrap());
        assert!(!tx.invitation_use(&[3; 32], id, at(99)).await.unwrap(), "used");
        tx.session_insert(&session(1, 50)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(db.store.operator_lookup_by_name("李雷").await.unwrap(), Some(operator()));
        assert_eq!(db.store.operator_count().await.unwrap(), 1);
        assert_eq!(db.store.invitation_lookup(&[3; 32]).await.unwrap().unwrap().operator_id, Some(id));

        let mut tx = db.store.begin().await.unwrap();
        tx.operator_disable(id, at(7)).await.unwrap();
        assert!(is_affected_rows(tx.operator_disable(id, at(7)).await));
        tx.commit().await.unwrap();
        assert_eq!(db.store.session_lookup(&[1; 32]).await.unwrap(), None);
        assert_eq!(db.store.operator_lookup(id).await.unwrap().unwrap().disabled_at, Some(at(7)));
        assert_eq!(db.store.operator_list().await.unwrap().len(), 1);

        let mut tx = db.store.begin().await.unwrap();
        let twice = OperatorRow { operator_id: OperatorId::from_u128(8), ..operator() };
        assert!(tx.operator_insert(&twice).await.unwrap_err().is_unique_violation());
    }

    async fn invitations_are_renewed_and_called_back(db) {
        let by = OperatorId::from_u128(2);
        let row = |number| InvitationRow { token_hash: [number; 32], created_at: at(number.into()), invited_by: Some(by), ..invitation() };
        let mut tx = db.store.begin().await.unwrap();
        for number in [1, 2, 4] {
            tx.invitation_insert(&row(number)).await.unwrap();
        }
        tx.invitation_insert(&invitation()).await.unwrap();
        tx.invitation_renew(&[1; 32], &[9; 32], at(200)).await.unwrap();
        assert!(is_affected_rows(tx.invitation_renew(&[1; 32], &[8; 32], at(200)).await), "it has another name now");
        tx.invitation_revoke(&[2; 32], at(5)).await.unwrap();
        assert!(is_affected_rows(tx.invitation_revoke(&[2; 32], at(5)).await));
        assert!(is_affected_rows(tx.invitation_renew(&[2; 32], &[8; 32], at(200)).await));
        assert!(!tx.invitation_use(&[2; 32], operator().operator_id, at(6)).await.unwrap(), "called back");
        tx.commit().await.unwrap();

        let open = async |now| {
            let rows = db.store.invitation_list_open(at(now)).await.unwrap();
            rows.into_iter().map(|row| row.token_hash[0]).collect::<Vec<_>>()
        };
        assert_eq!(open(99).await, vec![3, 9, 4]);
        assert_eq!(open(100).await, vec![9], "the others are over");
        let renewed = db.store.invitation_lookup(&[9; 32]).await.unwrap();
        assert_eq!(renewed, Some(InvitationRow { token_hash: [9; 32], expires_at: at(200), ..row(1) }));

        let mut tx = db.store.begin().await.unwrap();
        assert_eq!(tx.invitation_revoke_of(by, at(50)).await.unwrap(), 2);
        tx.commit().await.unwrap();
        assert_eq!(open(50).await, vec![3], "what the machine made stays");
    }

    async fn operators_of_a_role_are_counted(db) {
        let with = |number, role| OperatorRow {
            operator_id: OperatorId::from_u128(number), name: number.to_string(), role, ..operator()
        };
        let mut tx = db.store.begin().await.unwrap();
        tx.operator_insert(&with(1, ActorRole::Administrator)).await.unwrap();
        tx.operator_insert(&with(2, ActorRole::Administrator)).await.unwrap();
        tx.operator_insert(&with(3, ActorRole::Auditor)).await.unwrap();
        tx.operator_disable(OperatorId::from_u128(1), at(7)).await.unwrap();
        assert_eq!(tx.operator_count_held(ActorRole::Administrator).await.unwrap(), 1);
        assert_eq!(tx.operator_count_held(ActorRole::Compliance).await.unwrap(), 0);
    }

    async fn cases_are_found_by_reviewer_and_by_doubt(db) {
        let reviewer = OperatorId::from_u128(2);
        let mut tx = db.store.begin().await.unwrap();
        tx.decision_insert(&decision(1)).await.unwrap();
        for (number, state, due_provisional) in
            [(1, "open", true), (2, "in_review", true), (3, "in_review", false), (4, "withdrawn", true), (5, "open", true)]
        {
            let reviewer_id = (state != "open").then_some(reviewer);
            tx.case_insert(&CaseRow { state: state.to_owned(), due_provisional, reviewer_id, ..case(number, 50) }).await.unwrap();
        }
        let taken = tx.case_list_in_review_by(reviewer).await.unwrap();
        assert_eq!(taken.iter().map(|row| row.number.as_str()).collect::<Vec<_>>(), vec!["2026-0002", "2026-0003"]);
        assert!(tx.case_list_in_review_by(OperatorId::from_u128(3)).await.unwrap().is_empty());
        tx.commit().await.unwrap();
        let doubtful = async |after, limit| {
            let rows = db.store.case_list_provisional(after, limit).await.unwrap();
            rows.into_iter().map(|row| row.number).collect::<Vec<_>>()
        };
        assert_eq!(doubtful(None, 2).await, vec!["2026-0001", "2026-0002"]);
        assert_eq!(doubtful(Some(case(2, 50).case_id), 9).await, vec!["2026-0005"]);
    }

    async fn sessions_are_touched_and_expire(db) {
        let mut tx = db.store.begin().await.unwrap();
        for (number, expires) in [(1, 50), (2, 10), (3, 11)] {
            tx.session_insert(&session(number, expires)).await.unwrap();
        }
        tx.session_touch(&[1; 32], at(20), at(70)).await.unwrap();
        assert!(is_affected_rows(tx.session_touch(&[9; 32], at(20), at(70)).await));
        assert_eq!(tx.session_delete_expired(at(10)).await.unwrap(), 1);
        assert!(tx.session_delete(&[3; 32]).await.unwrap());
        assert!(!tx.session_delete(&[3; 32]).await.unwrap());
        tx.commit().await.unwrap();
        let touched = SessionRow { seen_at: at(20), expires_at: at(70), ..session(1, 50) };
        assert_eq!(db.store.session_lookup(&[1; 32]).await.unwrap(), Some(touched));
        assert_eq!(db.store.session_lookup(&[2; 32]).await.unwrap(), None);
    }

    async fn tasks_are_raised_once(db) {
        let mut tx = db.store.begin().await.unwrap();
        assert!(tx.task_insert_if_absent(&task(1, "2027")).await.unwrap());
        assert!(!tx.task_insert_if_absent(&task(2, "2027")).await.unwrap());
        assert!(tx.task_insert_if_absent(&task(3, "2028")).await.unwrap());
        tx.task_resolve(task(3, "").task_id, at(4), Some(OperatorId::from_u128(2))).await.unwrap();
        assert!(is_affected_rows(tx.task_resolve(task(3, "").task_id, at(4), None).await));
        tx.commit().await.unwrap();
        assert_eq!(db.store.task_list_open(10).await.unwrap(), vec![task(1, "2027")]);
        let done = db.store.task_lookup(task(3, "").task_id).await.unwrap().unwrap();
        assert_eq!((done.dedup_key.as_str(), done.resolved_at), ("2028", Some(at(4))));
        assert_eq!(db.store.task_lookup(task(2, "").task_id).await.unwrap(), None);
    }

    async fn a_row_that_cannot_be_is_named(db) {
        let mut tx = db.store.begin().await.unwrap();
        tx.operator_insert(&operator()).await.unwrap();
        tx.commit().await.unwrap();
        db.script("UPDATE operator SET role = 'emperor'").await;
        let error = db.store.operator_list().await.unwrap_err();
        let StoreError::Inconsistent { table, column, row, .. } = &error else { panic!("{error:?}") };
        assert_eq!((*table, *column), ("operator", "role"));
        assert_eq!(*row, operator().operator_id.to_string());
        assert!(error.to_string().contains("`emperor`"));
    }

    async fn a_number_that_does_not_fit_is_refused(db) {
        let row = GenerationRow { prompt_tokens: Some(u64::MAX), ..whole(1) };
        let write = JournalWrite { whole: vec![row], ..JournalWrite::default() };
        let JournalError::Failed(error) = journal(db).append(write).await.unwrap_err() else {
            panic!("another failure");
        };
        assert!(matches!(*error, StoreError::NumberTooLarge(u64::MAX)), "{error:?}");
    }
}
