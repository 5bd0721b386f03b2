//! Real operations over a database of their own, with the shipped rules.

use std::{path::Path, sync::Arc};

use operations::{
    AdmitSettings, AgreementRule, MarkError, MarkFacts, Marked, MediaMarker, Mode, Operations, Parts,
    Settings,
};
use store::{OpenOptions, Store, Target};
use testkit::{clock::FakeClock, entropy::SeededEntropy};

/// Marks nothing: pages generate no files.
struct NoMarks;

impl MediaMarker for NoMarks {
    fn mark(&self, _: &[u8], _: &MarkFacts) -> Result<Marked, MarkError> {
        Err(MarkError::Format)
    }
}

/// Operations of a trial over a SQLite file under `folder`, opened with `options`.
pub(crate) async fn operations(folder: &Path, options: &OpenOptions) -> Operations {
    let entropy = Arc::new(SeededEntropy::new(7));
    let clock = Arc::new(FakeClock::at("2026-11-23T08:00:00Z".parse().unwrap()));
    let target = Target::Sqlite { path: folder.join("test.db") };
    let store = Store::open_with(&target, options).await.unwrap();
    store.migrate().await.unwrap();
    let (journal, _) = store::Journal::spawn(store.clone(), store::JournalLimits::default());
    let keys = vault::KeyFolder::open(&folder.join("keys")).unwrap();
    let operations = Operations::start(Parts {
        store,
        journal,
        vault: vault::Vault::open(&keys, entropy.clone()).unwrap(),
        blobs: blobs::Blobs::open_folder(folder.join("ledger")).unwrap(),
        media: blobs::Blobs::open_folder(folder.join("media")).unwrap(),
        marker: Arc::new(NoMarks),
        cache: None,
        pack: packs::Pack::load(packs::embedded_cn()).unwrap(),
        rules: operations::SafetyRules { builder: safety::Engine::builder(), lists: Vec::new() },
        log_signer: ledger::NoteSigner::new("test.invalid/log", &[7; 32]).unwrap(),
        settings: Settings {
            mode: Mode::Trial,
            public_url: "http://127.0.0.1:8080".to_owned(),
            provider_code: label::ProviderCode::trial(),
            provider_name: "Test provider".to_owned(),
            contact: "test@example.invalid".to_owned(),
            admit: AdmitSettings {
                identity_level: identity::IdentityLevel::None,
                agreement: AgreementRule::OwnPages,
                audience: safety::Audience::Adult,
            },
            models: vec!["test-model".to_owned()],
            tenant: terms::TenantId::DEFAULT,
        },
        clock,
        entropy,
        lease: None,
    })
    .await
    .unwrap();
    operations.log_open().await.unwrap();
    operations
}
