//! Generations: what was produced, for whom, and how it ended.

use terms::{ApplicationKeyId, EntryId, ProduceId, SubjectId, TenantId, Timestamp};

use crate::{
    Store, StoreError,
    bulk::{Bulk, Piece},
    engine::Engine,
    row::{Record, row, values},
};

row! {
    "generation" as columns;
    /// One generation.
    pub struct GenerationRow {
        /// Its id: GB 45438's `ProduceID`.
        pub produce_id: ProduceId,
        /// The provider.
        pub tenant_id: TenantId,
        /// The application's key, if it came through one.
        pub key_id: Option<ApplicationKeyId>,
        /// For whom.
        pub subject_id: SubjectId,
        /// The route it came in by.
        pub route: String,
        /// The model.
        pub model: String,
        /// Whether the answer was streamed.
        pub streamed: bool,
        /// When it began.
        pub begun_at: Timestamp,
        /// The ledger entry of its beginning.
        pub begun_entry_id: EntryId,
        /// When it ended.
        pub ended_at: Option<Timestamp>,
        /// The ledger entry of its end.
        pub ended_entry_id: Option<EntryId>,
        /// Why it ended.
        pub end_reason: Option<String>,
        /// Tokens read.
        pub prompt_tokens: Option<u64>,
        /// Tokens written.
        pub completion_tokens: Option<u64>,
        /// How it was labelled.
        pub label: Option<String>,
        /// The keyed hash of what was delivered.
        pub fingerprint: Option<[u8; 32]>,
    }

    "generation" as begin_columns;
    /// What is known when a generation begins.
    pub struct GenerationBegin {
        /// Its id.
        pub produce_id: ProduceId,
        /// The provider.
        pub tenant_id: TenantId,
        /// The application's key, if it came through one.
        pub key_id: Option<ApplicationKeyId>,
        /// For whom.
        pub subject_id: SubjectId,
        /// The route it came in by.
        pub route: String,
        /// The model.
        pub model: String,
        /// Whether the answer is streamed.
        pub streamed: bool,
        /// When it began.
        pub begun_at: Timestamp,
        /// The ledger entry of its beginning.
        pub begun_entry_id: EntryId,
    }

    "generation" as end_columns;
    /// What is known when a generation ends.
    pub struct GenerationEnd {
        /// Its id.
        pub produce_id: ProduceId,
        /// When it ended.
        pub ended_at: Timestamp,
        /// The ledger entry of its end.
        pub ended_entry_id: EntryId,
        /// Why it ended.
        pub end_reason: String,
        /// Tokens read.
        pub prompt_tokens: Option<u64>,
        /// Tokens written.
        pub completion_tokens: Option<u64>,
        /// How it was labelled.
        pub label: Option<String>,
        /// The keyed hash of what was delivered.
        pub fingerprint: Option<[u8; 32]>,
    }
}

static INSERT: Bulk = Bulk::insert(
    "generation_insert_whole_batch",
    concat!("INSERT INTO generation (", columns!(), ") VALUES "),
    GenerationRow::COLUMNS.len(),
);

static BEGIN: Bulk = Bulk::insert(
    "generation_begin_batch",
    concat!("INSERT INTO generation (", begin_columns!(), ") VALUES "),
    GenerationBegin::COLUMNS.len(),
);

/// A generation ends once; an end for one that has ended counts as no row and fails the write.
static END: Bulk = Bulk::update(
    "generation_end_batch",
    concat!("WITH ending (", end_columns!(), ") AS (VALUES "),
    GenerationEnd::COLUMNS.len(),
    ") UPDATE generation SET ended_at = ending.ended_at, ended_entry_id = ending.ended_entry_id, \
     end_reason = ending.end_reason, prompt_tokens = ending.prompt_tokens, \
     completion_tokens = ending.completion_tokens, label = ending.label, fingerprint = ending.fingerprint \
     FROM ending WHERE generation.produce_id = ending.produce_id AND generation.ended_at IS NULL",
);

/// The statements that add generations that begin.
pub(crate) fn begin_pieces(engine: Engine, begun: &[GenerationBegin]) -> impl Iterator<Item = Piece<'_>> {
    BEGIN.pieces(engine, begun, Record::bind)
}

/// The statements that end generations that are open.
pub(crate) fn end_pieces(engine: Engine, ended: &[GenerationEnd]) -> impl Iterator<Item = Piece<'_>> {
    END.pieces(engine, ended, Record::bind)
}

/// The statements that add generations that begin and end in one write.
pub(crate) fn whole_pieces(engine: Engine, whole: &[GenerationRow]) -> impl Iterator<Item = Piece<'_>> {
    INSERT.pieces(engine, whole, Record::bind)
}

impl Store {
    /// The generation with that id.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn generation_lookup(
        &self,
        produce_id: ProduceId,
    ) -> Result<Option<GenerationRow>, StoreError> {
        self.fetch_optional(
            concat!("SELECT ", columns!(), " FROM generation WHERE produce_id = $1"),
            values!(self.engine(); produce_id),
        )
        .await
    }

    /// The generations that delivered the text with that keyed hash, newest first, at most 100.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn generation_lookup_by_fingerprint(
        &self,
        fingerprint: &[u8; 32],
    ) -> Result<Vec<GenerationRow>, StoreError> {
        self.fetch_all(
            concat!(
                "SELECT ",
                columns!(),
                " FROM generation WHERE fingerprint = $1 ORDER BY produce_id DESC LIMIT 100"
            ),
            values!(self.engine(); *fingerprint),
        )
        .await
    }

    /// At most `limit` generations that began before `before` and have not ended, oldest first.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn generation_list_open(
        &self,
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<GenerationRow>, StoreError> {
        self.fetch_all(
            concat!(
                "SELECT ",
                columns!(),
                " FROM generation WHERE ended_at IS NULL AND begun_at < $1 ORDER BY begun_at, produce_id LIMIT $2"
            ),
            values!(self.engine(); before, i64::from(limit)),
        )
        .await
    }

    /// The `limit` newest generations.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn generation_list_recent(&self, limit: u32) -> Result<Vec<GenerationRow>, StoreError> {
        self.fetch_all(
            concat!("SELECT ", columns!(), " FROM generation ORDER BY produce_id DESC LIMIT $1"),
            values!(self.engine(); i64::from(limit)),
        )
        .await
    }
}
