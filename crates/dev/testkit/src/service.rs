//! Operations over a database of their own, with the shipped rules, for tests above the domain.

use std::{path::Path, sync::Arc};

use blobs::Blobs;
use identity::IdentityLevel;
use label::{ProviderCode, media::Format};
use ledger::NoteSigner;
use operations::{
    AdmitSettings, AgreementRule, Lease, LexiconList, MarkError, MarkFacts, Marked, MediaMarker, Mode,
    Operations, Parts, SafetyRules, Settings, Visible,
};
use packs::{Pack, PolicyLine};
use safety::{Audience, Engine};
use store::{Journal, JournalLimits, Store, Target};
use terms::{Clock as _, TenantId};
use vault::{KeyFolder, Vault};

use crate::{clock::FakeClock, entropy::SeededEntropy};

/// The settings of a trial on `http://127.0.0.1:8080`.
#[must_use]
pub fn trial_settings() -> Settings {
    Settings {
        mode: Mode::Trial,
        public_url: "http://127.0.0.1:8080".to_owned(),
        provider_code: ProviderCode::trial(),
        provider_name: "Test provider".to_owned(),
        contact: "test@example.invalid".to_owned(),
        admit: AdmitSettings {
            identity_level: IdentityLevel::None,
            agreement: AgreementRule::OwnPages,
            audience: Audience::Adult,
        },
        models: vec!["test-model".to_owned()],
        tenant: TenantId::DEFAULT,
    }
}

/// The shipped word lists and the shipped policy, with rows of an operator's above it.
///
/// # Panics
/// Where a list or a row is wrong.
#[must_use]
pub fn rules_with_policy(pack: &Pack, operator: &[PolicyLine]) -> SafetyRules {
    let lists = pack.lexicon_files().map(|(path, bytes)| {
        let text = std::str::from_utf8(bytes).unwrap_or_default();
        let entries = safety::parse_csv(path, text).unwrap_or_else(|error| panic!("{error}"));
        LexiconList { name: path.to_owned(), is_of_pack: true, entries }
    });
    let builder = operations::with_policy(Engine::builder(), pack, operator);
    SafetyRules { builder: builder.unwrap_or_else(|error| panic!("{error}")), lists: lists.collect() }
}

/// The engine with the shipped word lists and the shipped policy.
///
/// # Panics
/// Where a list or a row is wrong.
#[must_use]
pub fn shipped_engine(pack: &Pack) -> Engine {
    engine_with_policy(pack, &[])
}

/// The same with rows of an operator's above the policy.
///
/// # Panics
/// Where a list or a row is wrong.
#[must_use]
pub fn engine_with_policy(pack: &Pack, operator: &[PolicyLine]) -> Engine {
    rules_with_policy(pack, operator).engine(clock().now(), []).unwrap_or_else(|error| panic!("{error}"))
}

/// Operations over `target`, with keys and published log under `folder`, and the clock they read.
///
/// # Panics
/// Where they cannot be set up.
pub async fn operations(folder: &Path, target: &Target, settings: Settings) -> (Operations, Arc<FakeClock>) {
    let store = open(target).await;
    let clock = clock();
    (operations_over(folder, store, settings, clock.clone(), None).await, clock)
}

/// The same with rows of an operator's above the policy of the pack.
///
/// # Panics
/// Where they cannot be set up.
pub async fn operations_by_policy(
    folder: &Path,
    target: &Target,
    settings: Settings,
    policy: &[PolicyLine],
) -> (Operations, Arc<FakeClock>) {
    let clock = clock();
    let store = open(target).await;
    (set_up(folder, store, settings, packs::embedded_cn(), policy, clock.clone(), None).await, clock)
}

/// The same with the files of another pack.
///
/// # Panics
/// Where they cannot be set up.
pub async fn operations_by_rules(
    folder: &Path,
    target: &Target,
    settings: Settings,
    rules: &[(&str, &[u8])],
) -> (Operations, Arc<FakeClock>) {
    let clock = clock();
    (set_up(folder, open(target).await, settings, rules, &[], clock.clone(), None).await, clock)
}

/// A marker for tests: the hidden label is real, the visible one is noted alone, so that no picture has to be drawn.
#[derive(Debug, Clone, Copy)]
struct NotedLabels;

impl MediaMarker for NotedLabels {
    fn mark(&self, file: &[u8], facts: &MarkFacts) -> Result<Marked, MarkError> {
        let format = Format::sniff(file).ok_or(MarkError::Format)?;
        let bytes = operations::hidden(format, file, facts, None)?;
        Ok(Marked { bytes, format, has_visible: facts.visible == Visible::Put })
    }
}

async fn open(target: &Target) -> Store {
    Store::open(target).await.unwrap_or_else(|error| panic!("opening a database: {error}"))
}

/// The clock that [`operations`] read.
///
/// # Panics
/// Never: it stands at a time that exists.
#[must_use]
pub fn clock() -> Arc<FakeClock> {
    let time = "2026-11-23T08:00:00Z".parse();
    Arc::new(FakeClock::at(time.unwrap_or_else(|error| panic!("{error}"))))
}

/// Operations over an open `store`, with a `lease` on it where the test is about that.
///
/// # Panics
/// Where they cannot be set up.
pub async fn operations_over(
    folder: &Path,
    store: Store,
    settings: Settings,
    clock: Arc<FakeClock>,
    lease: Option<Arc<Lease>>,
) -> Operations {
    set_up(folder, store, settings, packs::embedded_cn(), &[], clock, lease).await
}

async fn set_up(
    folder: &Path,
    store: Store,
    settings: Settings,
    rules: &[(&str, &[u8])],
    policy: &[PolicyLine],
    clock: Arc<FakeClock>,
    lease: Option<Arc<Lease>>,
) -> Operations {
    let set_up = async {
        let entropy = Arc::new(SeededEntropy::new(7));
        store.migrate().await?;
        let (journal, _) = Journal::spawn(store.clone(), JournalLimits::default());
        let pack = Pack::load(rules)?;
        let rules = rules_with_policy(&pack, policy);
        let operations = Operations::start(Parts {
            store,
            journal,
            vault: Vault::open(&KeyFolder::open(&folder.join("keys"))?, entropy.clone())?,
            blobs: Blobs::open_folder(folder.join("ledger"))?,
            media: Blobs::open_folder(folder.join("media"))?,
            marker: Arc::new(NotedLabels),
            cache: Some(Blobs::open_folder(folder.join("cache"))?),
            pack,
            rules,
            log_signer: NoteSigner::new("test.invalid/log", &[7; 32])?,
            settings,
            clock,
            entropy,
            lease,
        })
        .await?;
        operations.log_open().await?;
        Ok::<_, Box<dyn std::error::Error>>(operations)
    };
    set_up.await.unwrap_or_else(|error| panic!("setting up operations: {error}"))
}

/// Operations over a SQLite file under `folder`.
///
/// # Panics
/// Where they cannot be set up.
pub async fn sqlite_operations(folder: &Path) -> (Operations, Arc<FakeClock>) {
    operations(folder, &Target::Sqlite { path: folder.join("test.db") }, trial_settings()).await
}
