//! A full disk: answers are refused, cases are saved.

use label::text::Placement;
use operations::{EndReason, EndUserRule, Envelope, KeyRequest, OpenCase, OperationError, Operations, Room};
use store::{OpenOptions, Store, Target};
use terms::{Actor, Locale, ProduceId};
use testkit::{service, small_disk::SmallDisk};

use crate::{
    log::{content, ending},
    site::{administrator, code, complaint, files},
};

const RESERVE_BYTES: u64 = 4 << 20;

async fn on(disk: &SmallDisk) -> Operations {
    let target = Target::Sqlite { path: disk.path().join("test.db") };
    let options = OpenOptions { sqlite_reserve_bytes: Some(RESERVE_BYTES), ..OpenOptions::default() };
    let store = Store::open_with(&target, &options).await.unwrap();
    service::operations_over(disk.path(), store, service::trial_settings(), service::clock(), None).await
}

async fn secret(operations: &Operations) -> String {
    let request = KeyRequest {
        name: "test".to_owned(),
        end_user: EndUserRule::Optional,
        placement: Placement::Suffix,
        envelope: Envelope::Both,
    };
    operations.key_create_on_machine(request).await.unwrap().secret
}

async fn generate(operations: &Operations, secret: &str) -> Result<ProduceId, OperationError> {
    let key = operations.authenticate_key(Some(&format!("Bearer {secret}"))).unwrap();
    let admitted = operations.admit(key, None).await?;
    let generation = operations.start_generation(admitted, "chat.completions", "test-model", false);
    let contents = vec![content(operations, "content", &"港".repeat(2_000))];
    operations.record_generation(&generation, ending(EndReason::Completed, contents)).await?;
    Ok(generation.produce_id)
}

#[tokio::test]
async fn a_full_disk_refuses_answers_and_takes_complaints() {
    let Some(disk) = SmallDisk::mount(24 << 20) else { return };
    let operations = on(&disk).await;
    let secret = secret(&operations).await;
    let ballast = disk.fill();
    let mut recorded = Vec::new();
    let refused = loop {
        match generate(&operations, &secret).await {
            Ok(id) => recorded.push(id),
            Err(error) => break Err::<(), _>(error),
        }
    };
    assert_eq!(code(refused), "unavailable");
    assert_eq!(operations.room(), Room::CasesOnly);
    assert_eq!(code(generate(&operations, &secret).await), "unavailable");

    // Complaints of the greatest length, until the reserve is used up: each one that got a receipt is there.
    let published = files(&disk.path().join("ledger"));
    let mut receipts = Vec::new();
    let filed = loop {
        let long = OpenCase { text: "投".repeat(5_000), ..complaint() };
        match operations.open_case(&Actor::Anonymous, long).await {
            Ok(receipt) => receipts.push(receipt),
            Err(error) => break Err::<(), _>(error),
        }
        assert_eq!(code(generate(&operations, &secret).await), "unavailable");
        assert_eq!(operations.log_round().await.unwrap(), 0, "tiles would eat the reserve");
    };
    assert_eq!(code(filed), "unavailable");
    assert_eq!((operations.room(), operations.reserve_held_bytes()), (Room::Nothing, 0));
    assert!(receipts.len() >= 50, "only {} complaints found room", receipts.len());
    assert_eq!(files(&disk.path().join("ledger")), published);
    for receipt in &receipts {
        let status = operations.case_status(&receipt.number, &receipt.code, Locale::ZhCn).await.unwrap();
        assert!(status.is_some(), "{} is lost", receipt.number);
    }
    let tasks = operations.task_list(&administrator()).await.unwrap();
    assert!(tasks.iter().any(|task| task.kind == "disk_full" && task.detail == "2026-11-23"), "{tasks:?}");

    // Room again: everything is recorded and published, and what was acknowledged before is in the log.
    assert!(!operations.room_check().await.unwrap());
    std::fs::remove_file(ballast).unwrap();
    assert!(operations.room_check().await.unwrap());
    assert_eq!((operations.room(), operations.reserve_held_bytes()), (Room::Enough, RESERVE_BYTES));
    recorded.push(generate(&operations, &secret).await.unwrap());
    while operations.log_round().await.unwrap() > 0 {}
    for id in recorded {
        assert!(operations.proof(id).await.unwrap().is_some(), "{id} has no proof");
    }
}

#[tokio::test]
async fn a_full_disk_that_met_no_complaint_leaves_a_task_and_its_reserve() {
    let Some(disk) = SmallDisk::mount(24 << 20) else { return };
    let operations = on(&disk).await;
    let secret = secret(&operations).await;
    let ballast = disk.fill();
    while operations.room() == Room::Enough {
        let _ = generate(&operations, &secret).await;
    }
    assert_eq!(operations.reserve_held_bytes(), RESERVE_BYTES);
    std::fs::remove_file(ballast).unwrap();
    assert!(operations.room_check().await.unwrap());
    assert!(!operations.room_check().await.unwrap(), "it is said once");
    generate(&operations, &secret).await.unwrap();
    let tasks = operations.task_list(&administrator()).await.unwrap();
    assert!(tasks.iter().any(|task| task.kind == "disk_full"), "{tasks:?}");
}
