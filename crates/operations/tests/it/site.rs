//! Operations over a database of their own, and what tests do with them over and over.

use std::{path::Path, sync::Arc, task::Poll};

use cases::CaseKind;
use label::text::Placement;
use operations::{
    Admitted, ApplicationKey, BlockRecord, DecisionNotice, EndUserRule, Envelope, Evidence, FindingNote,
    KeyRequest, OpenCase, OperationError, Operations, Receipt,
};
use store::Target;
use terms::{Actor, ActorRole, Direction, Locale, OperatorId};
use testkit::{clock::FakeClock, postgres, service};

pub(crate) struct Site {
    pub(crate) operations: Operations,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) target: Target,
    pub(crate) folder: Arc<tempfile::TempDir>,
}

/// Runs a test over each kind of database.
pub(crate) async fn on_both<F: Future<Output = ()>>(test: impl Fn(Site) -> F) {
    let folder = tempfile::tempdir().unwrap();
    let target = Target::Sqlite { path: folder.path().join("test.db") };
    // A test may take what it needs out of its site and drop the rest: folder and database outlive it here.
    let site = Site::over(folder, target).await;
    let _folder = Arc::clone(&site.folder);
    test(site).await;
    if let Some(server) = postgres::server() {
        let database = server.database().await;
        let target = Target::Postgres { url: database.url.clone() };
        let site = Site::over(tempfile::tempdir().unwrap(), target).await;
        let _folder = Arc::clone(&site.folder);
        test(site).await;
    }
}

impl Site {
    async fn over(folder: tempfile::TempDir, target: Target) -> Self {
        let (operations, clock) =
            service::operations(folder.path(), &target, service::trial_settings()).await;
        Self { operations, clock, target, folder: Arc::new(folder) }
    }

    pub(crate) async fn key(&self) -> Arc<ApplicationKey> {
        let request = KeyRequest {
            name: "test".to_owned(),
            end_user: EndUserRule::Optional,
            placement: Placement::Suffix,
            envelope: Envelope::Both,
        };
        let key = self.operations.key_create_on_machine(request).await.unwrap();
        self.operations.authenticate_key(Some(&format!("Bearer {}", key.secret))).unwrap()
    }

    pub(crate) async fn admit(&self, name: &str) -> Result<Admitted, OperationError> {
        self.operations.admit(self.key().await, Some(name)).await
    }

    pub(crate) async fn block(&self, who: &Admitted, direction: Direction, prompt: &str) -> DecisionNotice {
        let evidence = Evidence {
            prompt: prompt.to_owned(),
            answer: if direction == Direction::Output { "以下是".to_owned() } else { String::new() },
            held: if direction == Direction::Output { "代开发票".to_owned() } else { String::new() },
            findings: vec![FindingNote {
                rule: "lexicon.fraud".to_owned(),
                category: "fraud".to_owned(),
                start: 0,
                end: 12,
                normalised: "代开发票".to_owned(),
            }],
        };
        let record = BlockRecord {
            direction,
            rule: "lexicon.fraud".to_owned(),
            category: "fraud".to_owned(),
            produce_id: None,
            evidence,
        };
        self.operations.record_block(who, record).await.unwrap()
    }

    pub(crate) async fn appeal(&self, token: &str) -> Result<Receipt, OperationError> {
        self.operations.open_case(&Actor::Anonymous, appeal(token)).await
    }

    /// Appeals, takes and decides.
    pub(crate) async fn appealed(&self, token: &str, outcome: cases::Outcome) -> Receipt {
        let receipt = self.appeal(token).await.unwrap();
        self.operations.take_case(&reviewer(2), receipt.case_id).await.unwrap();
        self.operations.decide_case(&reviewer(2), receipt.case_id, outcome, "已复核").await.unwrap();
        receipt
    }
}

pub(crate) fn appeal(token: &str) -> OpenCase {
    OpenCase {
        kind: CaseKind::Appeal,
        locale: Locale::ZhCn,
        text: "这是教学用途".to_owned(),
        contact: Some("wang@example.invalid".to_owned()),
        appeal_token: Some(token.to_owned()),
        produce_id: None,
    }
}

pub(crate) fn complaint() -> OpenCase {
    OpenCase { kind: CaseKind::Complaint, appeal_token: None, ..appeal("") }
}

/// The token at the end of an appeal link.
pub(crate) fn token(url: &str) -> String {
    url.rsplit('/').next().unwrap().to_owned()
}

pub(crate) fn operator(number: u128, role: ActorRole) -> Actor {
    Actor::Operator(OperatorId::from_u128(number), role)
}

pub(crate) fn reviewer(number: u128) -> Actor {
    operator(number, ActorRole::Reviewer)
}

pub(crate) fn administrator() -> Actor {
    operator(1, ActorRole::Administrator)
}

/// The code of a refusal, or the kind of another error.
pub(crate) fn code<T>(result: Result<T, OperationError>) -> &'static str {
    match result {
        Ok(_) => "done",
        Err(OperationError::Refused(refusal)) => refusal.code,
        Err(OperationError::NotFound { .. }) => "not_found",
        Err(OperationError::Invalid { .. }) => "invalid",
        Err(OperationError::Conflict { .. }) => "conflict",
        Err(OperationError::Unavailable { .. }) => "unavailable",
        Err(OperationError::Internal { .. }) => "internal",
    }
}

/// A folder's files with their bytes, by name.
pub(crate) fn files(folder: &Path) -> std::collections::BTreeMap<String, Vec<u8>> {
    let mut found = std::collections::BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(at) = open.pop() {
        for entry in std::fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                found.insert(name, std::fs::read(path).unwrap());
            }
        }
    }
    found
}

/// Polls `future` so many times and drops it when it could go on, as a server does whose client went away. Whether it had ended.
pub(crate) async fn gone_after<F: Future>(polls: usize, future: F) -> bool {
    let mut future = std::pin::pin!(future);
    let mut left = polls;
    std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(false);
        }
        left -= 1;
        future.as_mut().poll(context).map(|_| true)
    })
    .await
}
