//! How often rules hit: numbers by day, without text and without people.

use crate::{
    Store, StoreError, Tx,
    bulk::Bulk,
    row::{Record, row, values},
};

row! {
    "lexicon_hit" as columns;
    /// How often a rule hit on one day.
    pub struct LexiconHitRow {
        /// The day, ISO 8601.
        pub day: String,
        /// The rule: `lexicon.fraud`.
        pub rule: String,
        /// The category's code.
        pub category: String,
        /// `input` or `output`.
        pub direction: String,
        /// What was done.
        pub measure: String,
        /// How often.
        pub hits: u64,
    }
}

static ADD: Bulk = Bulk::update(
    "lexicon_hit_add",
    concat!("INSERT INTO lexicon_hit (", columns!(), ") VALUES "),
    LexiconHitRow::COLUMNS.len(),
    " ON CONFLICT (day, rule, category, direction, measure) DO UPDATE SET hits = lexicon_hit.hits + excluded.hits",
);

impl Store {
    /// The numbers of the days from `first` to `last`, at most `limit`.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn lexicon_hit_list(
        &self,
        first: &str,
        last: &str,
        limit: u32,
    ) -> Result<Vec<LexiconHitRow>, StoreError> {
        self.fetch_all(
            concat!(
                "SELECT ",
                columns!(),
                " FROM lexicon_hit WHERE day >= $1 AND day <= $2 \
                 ORDER BY day, rule, category, direction, measure LIMIT $3"
            ),
            values!(self.engine(); first, last, i64::from(limit)),
        )
        .await
    }
}

impl Tx {
    /// Adds to the numbers. No two rows may be about the same.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub async fn lexicon_hit_add(&mut self, hits: &[LexiconHitRow]) -> Result<(), StoreError> {
        self.execute_bulk(&ADD, hits, Record::bind).await
    }
}
