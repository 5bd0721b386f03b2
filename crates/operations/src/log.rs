//! The log's own work: entries get their index, tiles are written, the checkpoint is signed and published.
//!
//! Order of writing (design section 4): entries commit (the durable point, in the journal) → indexes commit → tiles → checkpoint
//! by compare-and-swap → publish. Whatever step a crash hits, the next run repeats it to the same bytes, since indexes are fixed
//! before the first tile is written.

use bytes::Bytes;
use identity::Permission;
use ledger::{Checkpoint, TilePath, TreeState, VerifierKey};
use store::{LogStateRow, Room, Tx};
use terms::{Actor, EntryId, Timestamp};
use tokio::sync::Mutex;

use crate::{LeaseError, OperationError, Operations};

/// The row of the one log of a deployment.
pub(crate) const LOG: &str = "main";
/// Entries integrated at once.
const BATCH: u32 = 5_000;
/// Entries shown on the console's page.
const RECENT: u32 = 50;
/// The published checkpoint's name under the blobs.
pub(crate) const CHECKPOINT_PATH: &str = "checkpoint";

/// What the log's role keeps between rounds.
#[derive(Default)]
pub(crate) struct LogRole {
    state: Mutex<Option<LogState>>,
}

struct LogState {
    tree: TreeState,
    /// The next index to allot; at least the tree's size.
    next_index: u64,
    /// A stored checkpoint whose publishing failed.
    unpublished: Option<String>,
}

/// What can stop the log.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The database is older than what was published.
    #[error(
        "the published checkpoint has {published} entries, the database {stored}: the database is an old copy and must not sign. \
         Restore the newest one, or move the published log away and start a new log with a new key"
    )]
    RolledBack {
        /// Size of the published tree.
        published: u64,
        /// Size of the stored tree.
        stored: u64,
    },
    /// What was published is not ours or cannot be read.
    #[error("the published checkpoint cannot be read: {0}")]
    Published(String),
    /// Another process serves over the database.
    #[error("the log must not be moved")]
    Lease(#[from] LeaseError),
    /// A step of the work failed; the next round tries it again.
    #[error("{doing}")]
    Step {
        /// Which.
        doing: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

fn step<E: std::error::Error + Send + Sync + 'static>(doing: &'static str) -> impl FnOnce(E) -> LogError {
    move |source| LogError::Step { doing, source: Box::new(source) }
}

/// The log as the console shows it.
#[derive(Debug, Clone)]
pub struct LedgerStatus {
    /// The log's name.
    pub origin: String,
    /// Entries in the tree.
    pub size: u64,
    /// Entries that wait for their index.
    pub pending: u64,
    /// The signed checkpoint.
    pub checkpoint: Option<String>,
    /// When it was signed.
    pub checkpoint_at: Option<Timestamp>,
    /// The public key, in the note format.
    pub key: String,
    /// The newest entries.
    pub recent: Vec<LogEntryView>,
}

/// One entry as the console shows it.
#[derive(Debug, Clone)]
pub struct LogEntryView {
    /// Its id.
    pub entry_id: EntryId,
    /// What happened.
    pub event: String,
    /// When.
    pub time: Timestamp,
    /// Its index, once it has one.
    pub log_index: Option<u64>,
}

impl Operations {
    /// Compares the database with what was published, and takes up the log where it stands. A checkpoint that a crash kept from
    /// being published is published by the next round.
    ///
    /// # Errors
    /// [`LogError::RolledBack`] for a restored old copy: then nothing may be signed.
    pub async fn log_open(&self) -> Result<u64, LogError> {
        let row = self.inner.store.log_state_lookup(LOG).await.map_err(step("reading the log's state"))?;
        let tree = match &row {
            Some(row) => TreeState::from_bytes(&row.state).map_err(step("reading the log's stored tree"))?,
            None => TreeState::new(),
        };
        let published = self.published_checkpoint().await?;
        if let Some(published) = &published
            && published.size > tree.size()
        {
            return Err(LogError::RolledBack { published: published.size, stored: tree.size() });
        }
        if let Some(published) = &published
            && published.size == tree.size()
            && published.root != tree.root()
        {
            return Err(LogError::Published(
                "it has as many entries as the database, and other ones: it belongs to another log"
                    .to_owned(),
            ));
        }
        let next_index =
            self.inner.store.entry_next_index().await.map_err(step("reading the highest log index"))?;
        let size = tree.size();
        let unpublished = row
            .filter(|row| published.as_ref().is_none_or(|published| published.size < row.size))
            .map(|row| row.checkpoint);
        *self.inner.log.state.lock().await =
            Some(LogState { next_index: next_index.max(size), tree, unpublished });
        Ok(size)
    }

    async fn published_checkpoint(&self) -> Result<Option<Checkpoint>, LogError> {
        let bytes =
            self.inner.blobs.get(CHECKPOINT_PATH).await.map_err(step("reading the published checkpoint"))?;
        let Some(bytes) = bytes else { return Ok(None) };
        Checkpoint::open(&bytes, self.log_verifier())
            .map(Some)
            .map_err(|error| LogError::Published(error.to_string()))
    }

    /// One round: gives indexes to what waits, integrates it, signs and publishes. Returns how many entries were integrated.
    ///
    /// # Errors
    /// [`LogError::Step`]; the next round tries again. [`LogError::Lease`] once another process serves over the database.
    pub async fn log_round(&self) -> Result<u64, LogError> {
        // Tiles would eat the room kept for cases. Indexes, and with them tiles, come once there is room again.
        if self.room() != Room::Enough || self.inner.lease.as_ref().is_some_and(|lease| lease.is_lost()) {
            return Ok(0);
        }
        let mut guard = self.inner.log.state.lock().await;
        let Some(state) = guard.as_mut() else { return Ok(0) };
        // 0. What an earlier round could not publish.
        if let Some(note) = state.unpublished.clone() {
            self.publish(note).await?;
            state.unpublished = None;
        }
        // 1. Indexes, durable before any tile shows them.
        let pending = self
            .inner
            .store
            .entry_list_pending(BATCH)
            .await
            .map_err(step("listing entries without index"))?;
        let first_index = state.next_index;
        if !pending.is_empty() {
            let indexes: Vec<(EntryId, u64)> =
                pending.iter().map(|entry| entry.entry_id).zip(state.next_index..).collect();
            if let Err(error) = self.assign_indexes(&indexes).await {
                // Another process may have allotted them.
                if let Ok(next_index) = self.inner.store.entry_next_index().await {
                    state.next_index = next_index.max(state.tree.size());
                }
                return Err(error);
            }
            state.next_index += u64::try_from(indexes.len()).unwrap_or(0);
        }
        // 2. What has an index and is not yet in the tree: just now, or before a crash. The former is at hand already.
        let size_before = state.tree.size();
        let leaves: Vec<String> = if first_index == size_before {
            pending.into_iter().map(|entry| entry.bytes).collect()
        } else {
            let rows = self.inner.store.entry_list_range(size_before, BATCH).await;
            let rows = rows.map_err(step("reading entries to integrate"))?;
            rows.into_iter().map(|entry| entry.bytes).collect()
        };
        if leaves.is_empty() {
            return Ok(0);
        }
        // Milliseconds of hashing: away from the threads that carry the streams.
        let tree = state.tree.clone();
        let integrating = tokio::task::spawn_blocking(move || ledger::integrate(&tree, &leaves));
        let integration = integrating
            .await
            .map_err(step("integrating entries into the tree"))?
            .map_err(step("integrating entries into the tree"))?;
        for (path, bytes) in &integration.tiles {
            // The disk may fill up in the middle; the next round writes the same bytes.
            if self.room() != Room::Enough {
                return Ok(0);
            }
            self.inner
                .blobs
                .put_immutable(&path.to_string(), Bytes::copy_from_slice(bytes))
                .await
                .map_err(step("writing a tile"))?;
        }
        // 3. The checkpoint, by compare-and-swap.
        let note =
            Checkpoint::new(self.inner.log_signer.name(), integration.state.size(), integration.state.root())
                .sign(&self.inner.log_signer)
                .map_err(step("signing the checkpoint"))?
                .to_string();
        let row = LogStateRow {
            log_name: LOG.to_owned(),
            size: integration.state.size(),
            state: integration.state.to_bytes(),
            checkpoint: note.clone(),
            updated_at: self.now(),
        };
        let mut tx = self.inner.store.begin().await.map_err(step("storing the checkpoint"))?;
        self.prolong_lease(&mut tx).await?;
        let swapped = tx
            .log_state_compare_and_swap(LOG, size_before, &row)
            .await
            .map_err(step("storing the checkpoint"))?;
        tx.commit().await.map_err(step("storing the checkpoint"))?;
        if !swapped {
            // Another process went ahead: take up its state and publish nothing.
            drop(guard);
            self.log_open().await?;
            return Ok(0);
        }
        let integrated = integration.state.size() - size_before;
        state.tree = integration.state;
        // 4. Publish.
        state.unpublished = Some(note.clone());
        self.publish(note).await?;
        state.unpublished = None;
        Ok(integrated)
    }

    async fn assign_indexes(&self, indexes: &[(EntryId, u64)]) -> Result<(), LogError> {
        let failed = || step("allotting indexes");
        let mut tx = self.inner.store.begin().await.map_err(failed())?;
        self.prolong_lease(&mut tx).await?;
        tx.entry_assign_indexes(indexes).await.map_err(failed())?;
        tx.commit().await.map_err(failed())
    }

    /// What `tx` does to the log is done by the process that holds the lease, or not at all.
    async fn prolong_lease(&self, tx: &mut Tx) -> Result<(), LeaseError> {
        match &self.inner.lease {
            Some(lease) => lease.prolong(tx).await,
            None => Ok(()),
        }
    }

    async fn publish(&self, note: String) -> Result<(), LogError> {
        self.inner
            .blobs
            .put_replace(CHECKPOINT_PATH, Bytes::from(note))
            .await
            .map_err(step("publishing the checkpoint"))
    }

    /// The log's public key, in the note format: all that a verifier needs.
    #[must_use]
    pub fn log_public_key(&self) -> String {
        self.log_verifier().to_string()
    }

    pub(crate) fn log_verifier(&self) -> &VerifierKey {
        self.inner.log_signer.verifier()
    }

    /// The published checkpoint.
    ///
    /// # Errors
    /// When the blobs cannot be read.
    pub async fn checkpoint(&self) -> Result<Option<Bytes>, OperationError> {
        self.blob(CHECKPOINT_PATH).await
    }

    /// A published tile or entry bundle; `path` begins with `tile/` and is checked.
    ///
    /// # Errors
    /// When the blobs cannot be read.
    pub async fn tile(&self, path: &str) -> Result<Option<Bytes>, OperationError> {
        match path.parse::<TilePath>() {
            Ok(path) => self.blob(&path.to_string()).await,
            Err(_) => Ok(None),
        }
    }

    pub(crate) async fn blob(&self, path: &str) -> Result<Option<Bytes>, OperationError> {
        self.inner.blobs.get(path).await.map_err(|error| OperationError::Unavailable {
            doing: "reading the published log",
            source: Box::new(error),
        })
    }

    /// The log as the console shows it.
    ///
    /// # Errors
    /// Without the permission.
    pub async fn ledger_status(&self, actor: &Actor) -> Result<LedgerStatus, OperationError> {
        Self::authorise(actor, Permission::ViewLedger)?;
        let row = self.inner.store.log_state_lookup(LOG).await?;
        let recent = self.inner.store.entry_list_recent(RECENT).await?;
        Ok(LedgerStatus {
            origin: self.inner.log_signer.name().to_owned(),
            size: row.as_ref().map_or(0, |row| row.size),
            pending: self.inner.store.entry_count_pending().await?,
            checkpoint_at: row.as_ref().map(|row| row.updated_at),
            checkpoint: row.map(|row| row.checkpoint),
            key: self.log_public_key(),
            recent: recent
                .into_iter()
                .map(|row| LogEntryView {
                    entry_id: row.entry_id,
                    event: row.event,
                    time: row.time,
                    log_index: row.log_index,
                })
                .collect(),
        })
    }
}
