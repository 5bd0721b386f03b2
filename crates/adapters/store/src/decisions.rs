//! Decisions about people's content and use.

use sqlx::AssertSqlSafe;
use terms::{
    ApplicationKeyId, CaseId, DecisionId, Direction, EntryId, OperatorId, ProduceId, SubjectId, TenantId,
    Timestamp,
};

use crate::{
    Store, StoreError, Tx,
    bulk::Bulk,
    row::{Filter, Record, row, values},
};

row! {
    "decision" as columns;
    /// One decision.
    pub struct DecisionRow {
        /// Its id.
        pub decision_id: DecisionId,
        /// The provider.
        pub tenant_id: TenantId,
        /// The person it is about.
        pub subject_id: SubjectId,
        /// The generation it is about.
        pub produce_id: Option<ProduceId>,
        /// The application's key, if it came through one.
        pub key_id: Option<ApplicationKeyId>,
        /// What was decided: `block`, `penalty`, …
        pub kind: String,
        /// The rule that decided.
        pub rule: String,
        /// The rule's category.
        pub category: String,
        /// Which way the content went.
        pub direction: Direction,
        /// The statement of reasons, as JSON.
        pub statement: String,
        /// The evidence, sealed.
        pub sealed: Vec<u8>,
        /// When it was made.
        pub made_at: Timestamp,
        /// Whether no human took part.
        pub automated: bool,
        /// The human who did.
        pub decided_by: Option<OperatorId>,
        /// `standing` or `overturned`.
        pub state: String,
        /// When it was overturned.
        pub overturned_at: Option<Timestamp>,
        /// By which case.
        pub overturned_case_id: Option<CaseId>,
        /// The hash of the token that opens the appeal.
        pub appeal_token_hash: [u8; 32],
        /// Whether it counts as a strike.
        pub strike: bool,
        /// The keyed hash of the prompt it was about.
        pub prompt_fingerprint: Option<[u8; 32]>,
        /// Its ledger entry.
        pub entry_id: EntryId,
    }
}

/// Which decisions a list shows. The default shows all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DecisionFilter {
    /// Those about this person.
    pub subject_id: Option<SubjectId>,
    /// Those about this generation.
    pub produce_id: Option<ProduceId>,
    /// Those of this kind.
    pub kind: Option<String>,
    /// Those in this state.
    pub state: Option<String>,
}

static INSERT: Bulk = Bulk::insert(
    "decision_insert",
    concat!("INSERT INTO decision (", columns!(), ") VALUES "),
    DecisionRow::COLUMNS.len(),
);

impl Store {
    /// The decision with that id.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn decision_lookup(&self, decision_id: DecisionId) -> Result<Option<DecisionRow>, StoreError> {
        self.fetch_optional(
            concat!("SELECT ", columns!(), " FROM decision WHERE decision_id = $1"),
            values!(self.engine(); decision_id),
        )
        .await
    }

    /// The decision whose appeal token has that hash.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn decision_lookup_by_token(
        &self,
        token_hash: &[u8; 32],
    ) -> Result<Option<DecisionRow>, StoreError> {
        self.fetch_optional(
            concat!("SELECT ", columns!(), " FROM decision WHERE appeal_token_hash = $1"),
            values!(self.engine(); *token_hash),
        )
        .await
    }

    /// At most `limit` decisions, newest first, older than `after`.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn decision_list(
        &self,
        filter: &DecisionFilter,
        after: Option<DecisionId>,
        limit: u32,
    ) -> Result<Vec<DecisionRow>, StoreError> {
        let mut list = Filter::new(self.engine(), concat!("SELECT ", columns!(), " FROM decision"));
        list.and("subject_id =", filter.subject_id.as_ref());
        list.and("produce_id =", filter.produce_id.as_ref());
        list.and("kind =", filter.kind.as_ref());
        list.and("state =", filter.state.as_ref());
        list.and("decision_id <", after.as_ref());
        let (sql, values) = list.finish(" ORDER BY decision_id DESC", limit);
        self.fetch_all(AssertSqlSafe(sql), values).await
    }

    /// How many standing strikes the person has had since `since`.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn decision_count_strikes(
        &self,
        subject_id: SubjectId,
        since: Timestamp,
    ) -> Result<u64, StoreError> {
        self.fetch_count(STRIKES, values!(self.engine(); subject_id, since)).await
    }
}

const STRIKES: &str = "SELECT COUNT(*) FROM decision \
     WHERE subject_id = $1 AND made_at >= $2 AND strike = 1 AND overturned_at IS NULL";

impl Tx {
    /// Adds a decision.
    ///
    /// # Errors
    /// [`StoreError::ConstraintViolated`] where the id or the token is there already.
    pub async fn decision_insert(&mut self, decision: &DecisionRow) -> Result<(), StoreError> {
        self.execute_bulk(&INSERT, std::slice::from_ref(decision), Record::bind).await
    }

    /// Overturns a standing decision: state `overturned`, and its strike gone.
    ///
    /// # Errors
    /// [`StoreError::AffectedRows`] where it is not there or does not stand.
    pub async fn decision_overturn(
        &mut self,
        decision_id: DecisionId,
        at: Timestamp,
        case_id: CaseId,
    ) -> Result<(), StoreError> {
        self.execute_one(
            "decision_overturn",
            "UPDATE decision SET state = 'overturned', overturned_at = $2, overturned_case_id = $3 \
             WHERE decision_id = $1 AND overturned_at IS NULL",
            values!(self.engine(); decision_id, at, case_id),
        )
        .await
    }

    /// Like [`Store::decision_count_strikes`], with what this transaction has written.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn decision_count_strikes(
        &mut self,
        subject_id: SubjectId,
        since: Timestamp,
    ) -> Result<u64, StoreError> {
        let rows = self.fetch_all_rows(STRIKES, values!(self.engine(); subject_id, since)).await?;
        rows.first().map_or(Ok(0), |row| crate::row::cell(row, 0, "decision", "count"))
    }
}
