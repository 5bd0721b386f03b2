//! Ledger entries. A transaction inserts them without an index (the durable point); the sequencer allots indexes later.

use terms::{EntryId, ProduceId, SubjectId, TenantId, Timestamp};

use crate::{
    Store, StoreError, Tx,
    bulk::{Bulk, Piece},
    engine::Engine,
    row::{Cell as _, Record, row, values},
};

row! {
    "ledger_entry" as columns;
    /// A stored ledger entry.
    pub struct EntryRow {
        /// Its id.
        pub entry_id: EntryId,
        /// The event's word.
        pub event: String,
        /// When it happened.
        pub time: Timestamp,
        /// The provider.
        pub tenant_id: TenantId,
        /// The person concerned. It stands in the store alone, never in the log.
        pub subject_id: Option<SubjectId>,
        /// The generation concerned.
        pub produce_id: Option<ProduceId>,
        /// Another thing concerned, as `kind:id`.
        pub about: Option<String>,
        /// The canonical bytes that the log commits to.
        pub bytes: String,
        /// The nonce of the sealed payload.
        pub nonce: Option<Vec<u8>>,
        /// The sealed payload.
        pub payload: Option<Vec<u8>>,
        /// Its place in the log, once it has one.
        pub log_index: Option<u64>,
    }

    "ledger_entry" as new_columns;
    /// A ledger entry to be appended.
    pub struct NewEntry {
        /// Its id.
        pub entry_id: EntryId,
        /// The event's word.
        pub event: String,
        /// When it happened.
        pub time: Timestamp,
        /// The provider.
        pub tenant_id: TenantId,
        /// The person concerned.
        pub subject_id: Option<SubjectId>,
        /// The generation concerned.
        pub produce_id: Option<ProduceId>,
        /// Another thing concerned, as `kind:id`.
        pub about: Option<String>,
        /// The canonical bytes that the log commits to.
        pub bytes: String,
        /// The nonce of the sealed payload.
        pub nonce: Option<Vec<u8>>,
        /// The sealed payload.
        pub payload: Option<Vec<u8>>,
    }

    "ledger_entry" as pending_columns;
    /// An entry that has no index yet.
    pub struct PendingEntry {
        /// Its id.
        pub entry_id: EntryId,
        /// The canonical bytes that the log commits to.
        pub bytes: String,
    }
}

static APPEND: Bulk = Bulk::insert(
    "entry_append_batch",
    concat!("INSERT INTO ledger_entry (", new_columns!(), ") VALUES "),
    NewEntry::COLUMNS.len(),
);

/// An entry gets an index once; a second one counts as no row and fails the write.
static ASSIGN: Bulk = Bulk::update(
    "entry_assign_indexes",
    "WITH assigned (entry_id, log_index) AS (VALUES ",
    2,
    ") UPDATE ledger_entry SET log_index = assigned.log_index FROM assigned \
     WHERE ledger_entry.entry_id = assigned.entry_id AND ledger_entry.log_index IS NULL",
);

/// The statements that append entries, without indexes.
pub(crate) fn append_pieces(engine: Engine, entries: &[NewEntry]) -> impl Iterator<Item = Piece<'_>> {
    APPEND.pieces(engine, entries, Record::bind)
}

impl Store {
    /// The entry with that id.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn entry_lookup(&self, entry_id: EntryId) -> Result<Option<EntryRow>, StoreError> {
        self.fetch_optional(
            concat!("SELECT ", columns!(), " FROM ledger_entry WHERE entry_id = $1"),
            values!(self.engine(); entry_id),
        )
        .await
    }

    /// The entries about a generation, oldest first: of its beginning and end, which the generation names, and of any other
    /// event.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn entry_list_for_produce(&self, produce_id: ProduceId) -> Result<Vec<EntryRow>, StoreError> {
        self.fetch_all(
            concat!(
                "SELECT ",
                columns!(),
                " FROM ledger_entry WHERE entry_id IN ( \
                 SELECT begun_entry_id FROM generation WHERE produce_id = $1 \
                 UNION SELECT ended_entry_id FROM generation WHERE produce_id = $1 AND ended_entry_id IS NOT NULL \
                 UNION SELECT entry_id FROM ledger_entry WHERE produce_id = $1 \
                 AND event NOT IN ('generation.begun', 'generation.ended') \
                 ) ORDER BY time, entry_id"
            ),
            values!(self.engine(); produce_id),
        )
        .await
    }

    /// The entries about that other thing, oldest first.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn entry_list_about(&self, about: &str) -> Result<Vec<EntryRow>, StoreError> {
        self.fetch_all(
            concat!("SELECT ", columns!(), " FROM ledger_entry WHERE about = $1 ORDER BY time, entry_id"),
            values!(self.engine(); about),
        )
        .await
    }

    /// The `limit` newest entries.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn entry_list_recent(&self, limit: u32) -> Result<Vec<EntryRow>, StoreError> {
        self.fetch_all(
            concat!("SELECT ", columns!(), " FROM ledger_entry ORDER BY entry_id DESC LIMIT $1"),
            values!(self.engine(); i64::from(limit)),
        )
        .await
    }

    /// At most `limit` entries from the index `from_index` on, in the log's order.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn entry_list_range(&self, from_index: u64, limit: u32) -> Result<Vec<EntryRow>, StoreError> {
        self.fetch_all(
            concat!(
                "SELECT ",
                columns!(),
                " FROM ledger_entry WHERE log_index IS NOT NULL AND log_index >= $1 ORDER BY log_index LIMIT $2"
            ),
            values!(self.engine(); from_index, i64::from(limit)),
        )
        .await
    }

    /// At most `limit` entries without an index, oldest first.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn entry_list_pending(&self, limit: u32) -> Result<Vec<PendingEntry>, StoreError> {
        self.fetch_all(
            concat!(
                "SELECT ",
                pending_columns!(),
                " FROM ledger_entry WHERE log_index IS NULL ORDER BY entry_id LIMIT $1"
            ),
            values!(self.engine(); i64::from(limit)),
        )
        .await
    }

    /// How many entries have no index yet.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn entry_count_pending(&self) -> Result<u64, StoreError> {
        self.fetch_count("SELECT COUNT(*) FROM ledger_entry WHERE log_index IS NULL", values!(self.engine()))
            .await
    }

    /// The index that the next entry in the log gets.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn entry_next_index(&self) -> Result<u64, StoreError> {
        self.fetch_count(
            "SELECT log_index + 1 FROM ledger_entry WHERE log_index IS NOT NULL ORDER BY log_index DESC LIMIT 1",
            values!(self.engine()),
        )
        .await
    }
}

impl Tx {
    /// Appends an entry, without an index.
    ///
    /// # Errors
    /// [`StoreError::ConstraintViolated`] where it is there already.
    pub async fn entry_append(&mut self, entry: &NewEntry) -> Result<(), StoreError> {
        self.execute_bulk(&APPEND, std::slice::from_ref(entry), Record::bind).await
    }

    /// Gives entries their places in the log.
    ///
    /// # Errors
    /// [`StoreError::AffectedRows`] where an entry is not there or has a place; [`StoreError::ConstraintViolated`] where a
    /// place is taken.
    pub async fn entry_assign_indexes(&mut self, assigned: &[(EntryId, u64)]) -> Result<(), StoreError> {
        self.execute_bulk(&ASSIGN, assigned, |(entry_id, index), values| {
            entry_id.bind(values);
            index.bind(values);
        })
        .await
    }
}
