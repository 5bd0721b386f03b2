//! Provisional limits are counted anew once their calendar is there.

use std::{sync::Arc, time::Duration};

use operations::{CaseView, Operations, Receipt};
use terms::{Actor, Locale};
use testkit::{clock::FakeClock, service};

use crate::site::{Site, administrator, complaint, on_both};

const SECOND: Duration = Duration::from_secs(1);
/// The list of 2028, which the shipped rules lack.
const PATH: &str = "calendars/cn-2028.yaml";

/// The shipped rules with that list.
fn rules(list: String) -> Vec<(&'static str, Vec<u8>)> {
    let mut files: Vec<(&str, Vec<u8>)> =
        packs::embedded_cn().iter().map(|(path, bytes)| (*path, bytes.to_vec())).collect();
    let (_, manifest) = files.iter_mut().find(|(path, _)| *path == "pack.yaml").unwrap();
    let text = String::from_utf8(manifest.clone()).unwrap();
    *manifest = text.replace("files:\n", &format!("files:\n  - {PATH}\n")).into_bytes();
    files.push((PATH, list.into_bytes()));
    files
}

/// A list with these days off.
fn calendar(year: u16, verification: &str, days_off: &[(&str, &str)]) -> String {
    let spans: Vec<String> =
        days_off.iter().map(|(from, to)| format!("{{ from: \"{from}\", to: \"{to}\" }}")).collect();
    format!(
        "jurisdiction: CN\nyear: {year}\nsource:\n  name: a test\nverification: {verification}\ndays_off: [{}]\ndays_worked: []\n",
        spans.join(", ")
    )
}

/// The same deployment, started again with that list.
async fn started_with(site: &Site, list: String) -> (Operations, Arc<FakeClock>) {
    let rules = rules(list);
    let files: Vec<(&str, &[u8])> = rules.iter().map(|(path, bytes)| (*path, bytes.as_slice())).collect();
    let settings = service::trial_settings();
    let (again, clock) =
        service::operations_by_rules(site.folder.path(), &site.target, settings, &files).await;
    // The seeded ids of the second start begin as those of the first did: they differ by their time.
    clock.set(site.operations.now().plus(SECOND));
    (again, clock)
}

async fn view(operations: &Operations, receipt: &Receipt) -> CaseView {
    operations.case_status(&receipt.number, &receipt.code, Locale::ZhCn).await.unwrap().unwrap()
}

async fn tasks(operations: &Operations) -> Vec<(String, String)> {
    let tasks = operations.task_list(&administrator()).await.unwrap();
    tasks.into_iter().map(|task| (task.kind, task.detail)).collect()
}

fn events(view: CaseView) -> Vec<String> {
    view.events.into_iter().map(|(_, what)| what).collect()
}

const MAY_DAY: (&str, &str) = ("2028-05-01", "2028-05-05");

#[tokio::test]
async fn a_day_that_was_promised_is_kept_when_the_missing_list_comes() {
    on_both(|site| async move {
        site.clock.set("2028-04-24T02:00:00Z".parse().unwrap());
        let receipt = site.operations.open_case(&Actor::Anonymous, complaint()).await.unwrap();
        let answered = site.operations.open_case(&Actor::Anonymous, complaint()).await.unwrap();
        site.operations.withdraw_case(&answered.number, &answered.code).await.unwrap();
        assert!(receipt.provisional);
        assert_eq!(tasks(&site.operations).await, [("calendar_missing".to_owned(), "2028".to_owned())]);
        assert_eq!(site.operations.settle_deadlines().await.unwrap(), 0, "nothing has come");

        // The list makes the computed day later; the person was told the earlier one.
        let (again, _) = started_with(&site, calendar(2028, "secondary", &[MAY_DAY])).await;
        let fresh = again.open_case(&Actor::Anonymous, complaint()).await.unwrap();
        assert!(fresh.due_at > receipt.due_at && !fresh.provisional);
        assert_eq!(again.settle_deadlines().await.unwrap(), 1);
        let settled = view(&again, &receipt).await;
        assert_eq!((settled.due_at, settled.provisional), (receipt.due_at, false));
        assert_eq!(settled.limit_text, receipt.limit_text);
        assert_eq!(events(settled), ["opened", "due_settled"]);
        assert!(view(&again, &answered).await.provisional, "what is over stays as it was told");
        assert!(tasks(&again).await.is_empty());
        assert_eq!(again.settle_deadlines().await.unwrap(), 0, "once");
        let store = store::Store::open(&site.target).await.unwrap();
        let entries = store.entry_list_about(&receipt.case_id.to_string()).await.unwrap();
        let told: Vec<_> = entries.iter().map(|entry| &*entry.event).collect();
        assert_eq!(told, ["case.opened", "case.moved"]);
    })
    .await;
}

#[tokio::test]
async fn a_day_becomes_earlier_when_the_checked_list_has_fewer_days_off() {
    on_both(|site| async move {
        let (first, clock) = started_with(&site, calendar(2028, "memory", &[MAY_DAY])).await;
        clock.set("2028-04-24T02:00:00Z".parse().unwrap());
        let receipt = first.open_case(&Actor::Anonymous, complaint()).await.unwrap();
        assert!(receipt.provisional);
        assert_eq!(tasks(&first).await, [("calendar_unverified".to_owned(), "2028".to_owned())]);
        // In review it stays in review, and whoever took it can go on.
        first.take_case(&administrator(), receipt.case_id).await.unwrap();

        let (again, clock) = started_with(&site, calendar(2028, "primary", &[])).await;
        clock.set(first.now().plus(SECOND));
        let fresh = again.open_case(&Actor::Anonymous, complaint()).await.unwrap();
        assert_eq!(again.settle_deadlines().await.unwrap(), 1);
        let settled = view(&again, &receipt).await;
        assert!(settled.due_at < receipt.due_at);
        // Clock and published limit are one datum: both cases are due as the limit counts now.
        assert_eq!((settled.due_at, settled.provisional), (fresh.due_at, false));
        assert_eq!(events(settled), ["opened", "taken", "due_earlier"]);
        assert!(tasks(&again).await.is_empty());
        let decided =
            again.decide_case(&administrator(), receipt.case_id, cases::Outcome::Rejected, "不成立").await;
        decided.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_list_from_memory_asks_for_its_check_and_settles_nothing() {
    on_both(|site| async move {
        site.clock.set("2028-04-24T02:00:00Z".parse().unwrap());
        let receipt = site.operations.open_case(&Actor::Anonymous, complaint()).await.unwrap();
        let (again, _) = started_with(&site, calendar(2028, "memory", &[MAY_DAY])).await;
        assert_eq!(again.settle_deadlines().await.unwrap(), 0);
        let still = view(&again, &receipt).await;
        assert_eq!((still.due_at, still.provisional), (receipt.due_at, true));
        assert_eq!(tasks(&again).await, [("calendar_unverified".to_owned(), "2028".to_owned())]);
    })
    .await;
}
