//! Cases: complaints, reports and appeals, and what happened to them.

use sqlx::AssertSqlSafe;
use terms::{ActorRole, CaseId, DecisionId, Locale, OperatorId, ProduceId, SubjectId, TenantId, Timestamp};

use crate::{
    Store, StoreError, Tx,
    bulk::Bulk,
    row::{self, Filter, Record, row, values},
};

row! {
    "case_record" as columns;
    /// One case.
    pub struct CaseRow {
        /// Its id.
        pub case_id: CaseId,
        /// The number people quote.
        pub number: String,
        /// The provider.
        pub tenant_id: TenantId,
        /// `appeal`, `complaint`, `report`.
        pub kind: String,
        /// Where it stands.
        pub state: String,
        /// The decision it is about.
        pub decision_id: Option<DecisionId>,
        /// The generation it is about.
        pub produce_id: Option<ProduceId>,
        /// Who brought it, where known.
        pub subject_id: Option<SubjectId>,
        /// When it was opened.
        pub opened_at: Timestamp,
        /// When it must be decided.
        pub due_at: Timestamp,
        /// Whether the limit was computed from an unverified calendar.
        pub due_provisional: bool,
        /// The datum the limit came from.
        pub limit_id: String,
        /// The hash of the code that opens the case's page.
        pub code_hash: [u8; 32],
        /// The language of the one who brought it.
        pub locale: Locale,
        /// Text and contact, sealed.
        pub sealed: Vec<u8>,
        /// Who reviews it.
        pub reviewer_id: Option<OperatorId>,
        /// The outcome.
        pub outcome: Option<String>,
        /// The reasons, sealed.
        pub reasons_sealed: Option<Vec<u8>>,
        /// When it was decided.
        pub decided_at: Option<Timestamp>,
        /// By whom.
        pub decided_by: Option<OperatorId>,
        /// When the row changed last.
        pub updated_at: Timestamp,
        /// Counts the changes, from 1.
        pub version: u64,
    }

    "case_event" as event_columns;
    /// One thing that happened to a case.
    pub struct CaseEventRow {
        /// The case.
        pub case_id: CaseId,
        /// The event's number within the case.
        pub seq: u64,
        /// When.
        pub at: Timestamp,
        /// The part played by the one who did it.
        pub actor_role: ActorRole,
        /// Their id, where they have one.
        pub actor_id: Option<String>,
        /// What happened, as a word.
        pub what: String,
    }
}

/// Which cases a list shows. The default shows all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaseFilter {
    /// Those in this state.
    pub state: Option<String>,
    /// Those of this kind.
    pub kind: Option<String>,
    /// Those due before this time and not decided.
    pub overdue_before: Option<Timestamp>,
    /// Those about this decision.
    pub decision_id: Option<DecisionId>,
}

static INSERT: Bulk = Bulk::insert(
    "case_insert",
    concat!("INSERT INTO case_record (", columns!(), ") VALUES "),
    CaseRow::COLUMNS.len(),
);

impl Store {
    /// The case with that id.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn case_lookup(&self, case_id: CaseId) -> Result<Option<CaseRow>, StoreError> {
        self.fetch_optional(
            concat!("SELECT ", columns!(), " FROM case_record WHERE case_id = $1"),
            values!(self.engine(); case_id),
        )
        .await
    }

    /// The case with that number.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn case_lookup_by_number(&self, number: &str) -> Result<Option<CaseRow>, StoreError> {
        self.fetch_optional(
            concat!("SELECT ", columns!(), " FROM case_record WHERE number = $1"),
            values!(self.engine(); number),
        )
        .await
    }

    /// At most `limit` cases, the most urgent first.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn case_list(&self, filter: &CaseFilter, limit: u32) -> Result<Vec<CaseRow>, StoreError> {
        let mut list = Filter::new(self.engine(), concat!("SELECT ", columns!(), " FROM case_record"));
        list.and("state =", filter.state.as_ref());
        list.and("kind =", filter.kind.as_ref());
        list.and("decided_at IS NULL AND due_at <", filter.overdue_before.as_ref());
        list.and("decision_id =", filter.decision_id.as_ref());
        let (sql, values) = list.finish(" ORDER BY due_at, case_id", limit);
        self.fetch_all(AssertSqlSafe(sql), values).await
    }

    /// At most `limit` unanswered cases whose limit is provisional, by id, those after `after`.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn case_list_provisional(
        &self,
        after: Option<CaseId>,
        limit: u32,
    ) -> Result<Vec<CaseRow>, StoreError> {
        // No id is smaller than the one of zeros, and nobody is given it.
        let after = after.unwrap_or(CaseId::from_u128(0));
        self.fetch_all(
            concat!(
                "SELECT ",
                columns!(),
                " FROM case_record WHERE state IN ('open', 'in_review') AND due_provisional = 1 AND case_id > $1 \
                 ORDER BY case_id LIMIT $2"
            ),
            values!(self.engine(); after, i64::from(limit)),
        )
        .await
    }

    /// How many cases stand in each state, by the state's word.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn case_count_by_state(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let rows = self
            .fetch_all_rows(
                "SELECT state, COUNT(*) FROM case_record GROUP BY state ORDER BY state",
                values!(self.engine()),
            )
            .await?;
        rows.iter()
            .map(|found| {
                Ok((
                    row::cell(found, 0, "case_record", "state")?,
                    row::cell(found, 1, "case_record", "count")?,
                ))
            })
            .collect()
    }

    /// What happened to a case, in order.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn case_event_list(&self, case_id: CaseId) -> Result<Vec<CaseEventRow>, StoreError> {
        self.fetch_all(
            concat!("SELECT ", event_columns!(), " FROM case_event WHERE case_id = $1 ORDER BY seq"),
            values!(self.engine(); case_id),
        )
        .await
    }
}

impl Tx {
    /// The cases that an operator reviews, by id.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn case_list_in_review_by(
        &mut self,
        reviewer_id: OperatorId,
    ) -> Result<Vec<CaseRow>, StoreError> {
        self.fetch_all_rows(
            concat!(
                "SELECT ",
                columns!(),
                " FROM case_record WHERE state = 'in_review' AND reviewer_id = $1 ORDER BY case_id"
            ),
            values!(self.engine(); reviewer_id),
        )
        .await?
        .iter()
        .map(CaseRow::read)
        .collect()
    }

    /// Adds a case.
    ///
    /// # Errors
    /// [`StoreError::ConstraintViolated`] where the id or the number is there already.
    pub async fn case_insert(&mut self, case: &CaseRow) -> Result<(), StoreError> {
        self.execute_bulk(&INSERT, std::slice::from_ref(case), Record::bind).await
    }

    /// Writes the changed row of a case, if it still has the version `expected_version`. The row carries the new one.
    ///
    /// # Errors
    /// [`StoreError::AffectedRows`] where somebody else changed it first.
    pub async fn case_update(&mut self, case: &CaseRow, expected_version: u64) -> Result<(), StoreError> {
        self.execute_one(
            "case_update",
            "UPDATE case_record SET state = $3, due_at = $4, due_provisional = $5, limit_id = $6, sealed = $7, \
             reviewer_id = $8, outcome = $9, reasons_sealed = $10, decided_at = $11, decided_by = $12, \
             updated_at = $13, version = $14 WHERE case_id = $1 AND version = $2",
            values!(
                self.engine();
                case.case_id,
                expected_version,
                case.state,
                case.due_at,
                case.due_provisional,
                case.limit_id,
                case.sealed,
                case.reviewer_id,
                case.outcome,
                case.reasons_sealed,
                case.decided_at,
                case.decided_by,
                case.updated_at,
                case.version,
            ),
        )
        .await
    }

    /// Adds what happened to a case, as its next event, and gives the event's number.
    ///
    /// # Errors
    /// [`StoreError::ConstraintViolated`] where the case is not there.
    pub async fn case_event_append(
        &mut self,
        case_id: CaseId,
        at: Timestamp,
        actor_role: ActorRole,
        actor_id: Option<&str>,
        what: &str,
    ) -> Result<u64, StoreError> {
        let rows = self
            .fetch_all_rows(
                concat!(
                    "INSERT INTO case_event (",
                    event_columns!(),
                    ") VALUES ($1, (SELECT COALESCE(MAX(seq), 0) + 1 FROM case_event WHERE case_id = $1), ",
                    "$2, $3, $4, $5) RETURNING seq"
                ),
                values!(self.engine(); case_id, at, actor_role, actor_id.map(str::to_owned), what),
            )
            .await?;
        match rows.first() {
            Some(found) => row::cell(found, 0, "case_event", "seq"),
            None => Err(StoreError::AffectedRows { operation: "case_event_append", expected: 1, actual: 0 }),
        }
    }
}
