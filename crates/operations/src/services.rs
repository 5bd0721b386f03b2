//! [`Operations`]: everything an operation needs, in one cheap handle.

use std::sync::Arc;

use arc_swap::ArcSwap;
use blobs::Blobs;
use label::text::VisibleLabel;
use ledger::NoteSigner;
use packs::Pack;
use store::{Journal, Store, Tx};
use terms::{Actor, Clock, Entropy, Timestamp};
use vault::Vault;

use crate::{
    Lease, MediaMarker, OperationError, SafetyRules, Settings,
    lexicon::{Hits, Live, Shadow},
    memory::Memory,
};

/// What [`Operations`] are made of.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// The group-commit actor over the same database.
    pub journal: Journal,
    /// The keys.
    pub vault: Vault,
    /// Where tiles and the checkpoint are published.
    pub blobs: Blobs,
    /// Where files lie that are served from an address of ours for a while.
    pub media: Blobs,
    /// What marks generated files.
    pub marker: Arc<dyn MediaMarker>,
    /// A place for what can be made anew, so that the next start need not: the compiled lexicons.
    pub cache: Option<Blobs>,
    /// The rules in force.
    pub pack: Pack,
    /// What the safety engine is built from, beside the library in the database.
    pub rules: SafetyRules,
    /// The signer of the log; its name is the log's origin.
    pub log_signer: NoteSigner,
    /// What the operator decided.
    pub settings: Settings,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The right to serve over the database, where processes could meet there. Whoever has none must be alone.
    pub lease: Option<Arc<Lease>>,
}

/// The use cases. Cheap to clone; every clone works on the same state.
#[derive(Clone)]
pub struct Operations {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) journal: Journal,
    pub(crate) vault: Vault,
    pub(crate) blobs: Blobs,
    pub(crate) media: Blobs,
    pub(crate) marker: Arc<dyn MediaMarker>,
    /// Held while a file is marked.
    pub(crate) marking: tokio::sync::Semaphore,
    pub(crate) cache: Option<Blobs>,
    pub(crate) pack: Pack,
    pub(crate) pack_hash: ledger::Hash,
    pub(crate) rules: SafetyRules,
    pub(crate) safety: ArcSwap<safety::Engine>,
    pub(crate) lexicon: Live,
    pub(crate) hits: Hits,
    pub(crate) shadow: Shadow,
    pub(crate) visible_label: VisibleLabel,
    pub(crate) log_signer: NoteSigner,
    pub(crate) settings: Settings,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) memory: Memory,
    pub(crate) log: crate::log::LogRole,
    pub(crate) lease: Option<Arc<Lease>>,
}

impl Operations {
    /// Puts the parts together and loads what admission needs into memory.
    ///
    /// # Errors
    /// When the database cannot be read, or the pack's visible label lacks an element that GB 45438 §5.1 asks for.
    pub async fn start(parts: Parts) -> Result<Self, OperationError> {
        let template =
            parts.pack.text("label.text.visible", terms::Locale::ZhCn).unwrap_or_default().to_owned();
        let visible_label = VisibleLabel::new(&template).map_err(|error| OperationError::Internal {
            doing: "reading the visible label `label.text.visible` of the pack",
            source: Box::new(error),
        })?;
        // Without word lists: they come in with the library's, before anything is checked.
        let engine = parts
            .rules
            .builder
            .clone()
            .build()
            .map_err(|error| OperationError::internal("building the safety engine")(Box::new(error)))?;
        let pack_hash = ledger::Hash(parts.pack.hash());
        let operations = Self {
            inner: Arc::new(Inner {
                store: parts.store,
                journal: parts.journal,
                vault: parts.vault,
                blobs: parts.blobs,
                media: parts.media,
                marker: parts.marker,
                marking: crate::media::marking_turns(),
                cache: parts.cache,
                pack: parts.pack,
                pack_hash,
                rules: parts.rules,
                safety: ArcSwap::from_pointee(engine),
                lexicon: Live::default(),
                hits: Hits::default(),
                shadow: Shadow::default(),
                visible_label,
                log_signer: parts.log_signer,
                settings: parts.settings,
                clock: parts.clock,
                entropy: parts.entropy,
                memory: Memory::new(),
                log: crate::log::LogRole::default(),
                lease: parts.lease,
            }),
        };
        operations.memory_load().await?;
        operations.lexicon_refresh().await?;
        Ok(operations)
    }

    /// What the operator decided.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// The rules in force.
    #[must_use]
    pub fn pack(&self) -> &Pack {
        &self.inner.pack
    }

    /// The visible label of generated text.
    #[must_use]
    pub fn visible_label(&self) -> &VisibleLabel {
        &self.inner.visible_label
    }

    /// The safety engine in force now.
    #[must_use]
    pub fn safety(&self) -> Arc<safety::Engine> {
        self.inner.safety.load_full()
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ready(&self) -> Result<(), OperationError> {
        Ok(self.inner.store.ping().await?)
    }

    /// How the group commit is doing.
    #[must_use]
    pub fn journal_statistics(&self) -> store::JournalStatistics {
        self.inner.journal.statistics()
    }

    pub(crate) fn entropy(&self) -> &dyn Entropy {
        &*self.inner.entropy
    }

    pub(crate) async fn tx(&self) -> Result<Tx, OperationError> {
        Ok(self.inner.store.begin().await?)
    }

    /// Commits, then lets memory follow, whether or not anybody still waits: a server drops the future of a client that goes away,
    /// and between the two steps a suspension or a revoked key would stand in the database without effect.
    pub(crate) async fn commit_then<F>(
        &self,
        tx: Tx,
        follow: impl FnOnce(Self) -> F,
    ) -> Result<(), OperationError>
    where
        F: Future<Output = Result<(), OperationError>> + Send + 'static,
    {
        let follow = follow(self.clone());
        let task = tokio::spawn(async move {
            tx.commit().await?;
            follow.await
        });
        task.await.map_err(|error| OperationError::internal("letting memory follow")(Box::new(error)))?
    }

    /// The operator behind `actor`, if the role holds `permission`.
    pub(crate) fn authorise(
        actor: &Actor,
        permission: identity::Permission,
    ) -> Result<terms::OperatorId, OperationError> {
        match actor {
            Actor::Operator(id, role) if identity::permits(*role, permission) => Ok(*id),
            _ => Err(OperationError::forbidden(permission.as_str())),
        }
    }

    /// Whoever `actor` is, in words for sealed payloads, if the role holds `permission`.
    pub(crate) fn authorise_any(
        actor: &Actor,
        permission: identity::Permission,
    ) -> Result<String, OperationError> {
        if !identity::permits(actor.role(), permission) {
            return Err(OperationError::forbidden(permission.as_str()));
        }
        Ok(match actor {
            Actor::Service => "service".to_owned(),
            Actor::Application(id) => id.to_string(),
            Actor::Subject(id) => id.to_string(),
            Actor::Operator(id, _) => id.to_string(),
            Actor::Anonymous => "anonymous".to_owned(),
        })
    }

    /// A random id for things that are not kept.
    #[must_use]
    pub fn new_id(&self) -> String {
        terms::EntryId::generate(self.now(), self.entropy()).to_string()
    }
}
