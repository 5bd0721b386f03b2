//! Opens database, keys, rules and log.

use std::{fs::File, path::Path, sync::Arc};

use anyhow::{Context as _, bail};
use blobs::Blobs;
use label::ProviderCode;
use ledger::NoteSigner;
use operations::{AdmitSettings, Lease, LexiconList, Mode, Operations, Parts, Room, SafetyRules, Settings};
use packs::Pack;
use safety::{Engine, EngineBuilder, Model, PassageMode};
use store::{Journal, JournalLimits, OpenOptions, Store, Target};
use terms::{Clock as _, Entropy as _, TenantId, random_bytes};
use tokio::task::JoinHandle;
use vault::{KeyFolder, Vault};
use zeroize::Zeroizing;

use crate::{Config, MediaMarks, SystemClock, config::ClassifierWord, lease, os::PooledEntropy};

/// The opened parts.
pub struct Opened {
    /// The use cases.
    pub operations: Operations,
    /// The group-commit actor; it ends once every handle is dropped.
    pub journal: JoinHandle<()>,
    /// The database, for its own upkeep.
    pub store: Store,
    /// Entries in the log at the start.
    pub log_size: u64,
    /// The right to serve over a PostgreSQL database.
    pub(crate) lease: Option<Arc<Lease>>,
    /// Holds the data folder: no second process takes it.
    _lock: Option<File>,
}

/// How the parts are going to be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// As the one process that serves: takes the data folder or the database's lease, and takes up the log.
    Serve,
    /// For a command that may run beside a serving process and leaves the log alone.
    Beside,
}

/// Opens everything that `config` names. `public_url` is where people reach it.
///
/// # Errors
/// With the reason, and what to do: a folder in use, a database that does not open, a restored old copy, a word list with a mistake.
pub async fn open(
    config: &Config,
    public_url: &str,
    models: Vec<String>,
    for_use: Use,
) -> anyhow::Result<Opened> {
    std::fs::create_dir_all(&config.data)
        .with_context(|| format!("creating the data folder `{}`", config.data.display()))?;
    let is_sqlite = config.database.expose() == "sqlite";
    let lock = if is_sqlite && for_use == Use::Serve { Some(lock_folder(&config.data)?) } else { None };
    let entropy = Arc::new(PooledEntropy::default());
    let target = if is_sqlite {
        Target::Sqlite { path: config.data.join("cinnabar.db") }
    } else {
        Target::Postgres { url: config.database.expose().to_owned() }
    };
    let options = OpenOptions {
        sqlite_reserve_bytes: (for_use == Use::Serve).then_some(config.limits.disk_reserve_bytes),
        ..OpenOptions::default()
    };
    let store = Store::open_with(&target, &options).await.context("opening the database")?;
    store.migrate().await.context("bringing the database up to date")?;
    // Before anything of the database is kept in memory: what another process still wrote is seen.
    let clock = Arc::new(SystemClock);
    let lease = match for_use {
        Use::Serve if !is_sqlite => Some(Arc::new(lease::take(&store, clock.clone()).await?)),
        Use::Serve | Use::Beside => None,
    };
    let folder = KeyFolder::open(&config.keys)?;
    refuse_lost_keys(config, &store, &folder).await?;
    let vault = Vault::open(&folder, entropy.clone())?;
    let log_signer = log_signer(config, &folder, &entropy)?;
    bind_log(&store, log_signer.name()).await?;
    let limits = JournalLimits { queue_max: config.ledger.queue_max, ..JournalLimits::default() };
    let (journal, journal_task) = Journal::spawn(store.clone(), limits);
    let (pack, rules) = pack_and_rules(config)?;
    let blobs =
        Blobs::open_folder(config.data.join("ledger")).context("opening the published log's folder")?;
    let cache = Blobs::open_folder(config.data.join("cache"))
        .inspect_err(|error| {
            tracing::warn!(error = error as &dyn std::error::Error, "nothing is kept compiled")
        })
        .ok();
    let media = Blobs::open_folder(config.data.join("media")).context("opening the folder of media")?;
    let operations = Operations::start(Parts {
        store: store.clone(),
        journal,
        vault,
        blobs,
        media,
        marker: Arc::new(MediaMarks::new().context("reading the words of the visible label")?),
        cache,
        pack,
        rules,
        log_signer,
        settings: settings(config, public_url, models)?,
        clock,
        entropy,
        lease: lease.clone(),
    })
    .await?;
    if for_use == Use::Beside {
        return Ok(Opened { operations, journal: journal_task, store, log_size: 0, lease, _lock: None });
    }
    let log_size = operations.log_open().await?;
    match operations.settle_deadlines().await {
        Ok(0) => {}
        Ok(settled) => tracing::info!(cases = settled, "counted provisional time limits anew"),
        // On a full disk cases are taken all the same; the hourly job counts them anew.
        Err(_) if operations.room() != Room::Enough => {}
        Err(error) => return Err(error.into()),
    }
    Ok(Opened { operations, journal: journal_task, store, log_size, lease, _lock: lock })
}

fn lock_folder(data: &Path) -> anyhow::Result<File> {
    let path = data.join("lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .with_context(|| format!("opening `{}`", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => bail!(
            "the data folder `{}` is in use by another `cinnabar`: stop that one, or set another `data`",
            data.display()
        ),
        Err(std::fs::TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("locking the data folder `{}`", data.display()))
        }
    }
}

/// The log's signer. Its name is the log's origin, made once with the key.
fn log_signer(config: &Config, folder: &KeyFolder, entropy: &PooledEntropy) -> anyhow::Result<NoteSigner> {
    let origin = config.ledger.origin.clone().unwrap_or_else(|| {
        let suffix: [u8; 4] = random_bytes(entropy);
        format!("trial.invalid/cinnabar-{:08x}", u32::from_be_bytes(suffix))
    });
    let mut seed = Zeroizing::new([0_u8; 32]);
    entropy.fill(&mut *seed);
    let made = NoteSigner::new(&origin, &seed).context("`ledger.origin` cannot name a log")?;
    let text = folder.secret("log.key", || made.to_private_text())?;
    let signer = NoteSigner::parse(text.trim()).context("reading `log.key` of the key folder")?;
    if let Some(origin) = &config.ledger.origin
        && origin != signer.name()
    {
        bail!(
            "`ledger.origin` is `{origin}`, but the log's key was made for `{}`: a log keeps its name; set that one, or use another key folder",
            signer.name()
        );
    }
    Ok(signer)
}

/// A database that was written to needs the keys it was written with: new ones would open nothing of it and forget who is who.
async fn refuse_lost_keys(config: &Config, store: &Store, folder: &KeyFolder) -> anyhow::Result<()> {
    if store.meta_lookup("log.origin").await?.is_none() {
        return Ok(());
    }
    for name in KEY_FILES {
        if !folder.contains(name) {
            bail!(
                "the key `{}` is missing, and the database was written with it: put the key folder back from your copy",
                config.keys.join(name).display()
            );
        }
    }
    Ok(())
}

/// The files of a key folder.
const KEY_FILES: [&str; 3] = ["content.key", "index.key", "log.key"];

/// A database belongs to one log: another key folder beside it is a mistake.
async fn bind_log(store: &Store, origin: &str) -> anyhow::Result<()> {
    match store.meta_lookup("log.origin").await? {
        Some(stored) if stored != origin => bail!(
            "this database belongs to the log `{stored}`, the key folder to `{origin}`: put the key folder back that belongs to it"
        ),
        Some(_) => Ok(()),
        None => {
            let mut tx = store.begin().await?;
            tx.meta_set("log.origin", origin).await?;
            Ok(tx.commit().await?)
        }
    }
}

/// The pack and the engine built from its word lists and patterns and those that the configuration names.
///
/// # Errors
/// For a pack, a promise, a word list or a pattern with a mistake, naming file and line.
pub fn pack_and_engine(config: &Config) -> anyhow::Result<(Pack, Engine)> {
    let (pack, rules) = pack_and_rules(config)?;
    Ok((pack, rules.engine(SystemClock.now(), []).context("building the safety engine")?))
}

/// The pack, and what the engine is built from.
fn pack_and_rules(config: &Config) -> anyhow::Result<(Pack, SafetyRules)> {
    let mut pack = Pack::load(packs::embedded_cn()).context("loading the pack `cn`")?;
    for (id, number) in &config.promises {
        pack = pack.with_number(id, *number).with_context(|| format!("`promises.\"{id}\"`"))?;
    }
    let mut lists = Vec::new();
    for (path, bytes) in pack.lexicon_files() {
        let text = std::str::from_utf8(bytes).with_context(|| format!("`{path}` is not UTF-8"))?;
        let entries = safety::lexicon::parse_csv(path, text)?;
        lists.push(LexiconList { name: path.to_owned(), is_of_pack: true, entries });
    }
    for path in &config.lexicons {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("reading the word list `{}`", path.display()))?;
        let name = path.display().to_string();
        let entries = safety::lexicon::parse_csv(&name, &text)?;
        lists.push(LexiconList { name, is_of_pack: false, entries });
    }
    let builder = operations::with_policy(Engine::builder(), &pack, &config.policy);
    let builder = builder.context("reading the policy")?;
    let builder = with_patterns(builder, &pack, config)?;
    let builder = with_classifier(builder, &pack, config.classifier)?;
    Ok((pack, SafetyRules { builder, lists }))
}

/// Adds the passage scorer, where it is on.
fn with_classifier(
    builder: EngineBuilder,
    pack: &Pack,
    word: ClassifierWord,
) -> anyhow::Result<EngineBuilder> {
    let mode = match word {
        ClassifierWord::Off => return Ok(builder),
        ClassifierWord::Score => PassageMode::Score,
        ClassifierWord::Gate => PassageMode::Gate,
    };
    let (path, bytes) = pack.model_file().context("the pack has no model for the passage scorer")?;
    let model = Model::from_bytes(bytes).with_context(|| format!("reading `{path}`"))?;
    Ok(builder.classifier(Arc::new(model), mode))
}

/// Adds the patterns of the pack and those that the configuration names.
fn with_patterns(mut builder: EngineBuilder, pack: &Pack, config: &Config) -> anyhow::Result<EngineBuilder> {
    for (path, bytes) in pack.pattern_files() {
        let text = std::str::from_utf8(bytes).with_context(|| format!("`{path}` is not UTF-8"))?;
        builder = builder.patterns(safety::pattern::parse_yaml(path, text)?);
    }
    for path in &config.patterns {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("reading the patterns `{}`", path.display()))?;
        builder = builder.patterns(safety::pattern::parse_yaml(&path.display().to_string(), &text)?);
    }
    Ok(builder)
}

fn settings(config: &Config, public_url: &str, models: Vec<String>) -> anyhow::Result<Settings> {
    let provider = &config.provider;
    Ok(Settings {
        mode: Mode::from(config.mode),
        public_url: public_url.to_owned(),
        provider_code: match &provider.code {
            Some(code) => ProviderCode::parse(code)?,
            None => ProviderCode::trial(),
        },
        provider_name: provider.name.clone().unwrap_or_else(|| "Cinnabar trial".to_owned()),
        contact: provider.contact.clone().unwrap_or_else(|| "trial@cinnabar.invalid".to_owned()),
        admit: AdmitSettings {
            identity_level: config.identity_level()?,
            agreement: config.agreement_rule(),
            audience: config.admit.audience.into(),
        },
        models,
        tenant: TenantId::DEFAULT,
    })
}
