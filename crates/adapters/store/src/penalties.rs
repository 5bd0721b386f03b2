//! Penalties.

use terms::{CaseId, DecisionId, PenaltyId, SubjectId, TenantId, Timestamp};

use crate::{
    Store, StoreError, Tx,
    bulk::Bulk,
    row::{Record, row, values},
};

row! {
    "penalty" as columns;
    /// One penalty.
    pub struct PenaltyRow {
        /// Its id.
        pub penalty_id: PenaltyId,
        /// The provider.
        pub tenant_id: TenantId,
        /// Whom it is on.
        pub subject_id: SubjectId,
        /// What it does.
        pub kind: String,
        /// The decision that imposed it.
        pub decision_id: DecisionId,
        /// From when.
        pub starts_at: Timestamp,
        /// Until when; `None` until it is lifted.
        pub ends_at: Option<Timestamp>,
        /// When it was lifted.
        pub lifted_at: Option<Timestamp>,
        /// By which case, if by one.
        pub lifted_case_id: Option<CaseId>,
    }
}

static INSERT: Bulk = Bulk::insert(
    "penalty_insert",
    concat!("INSERT INTO penalty (", columns!(), ") VALUES "),
    PenaltyRow::COLUMNS.len(),
);

impl Store {
    /// The penalty with that id.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn penalty_lookup(&self, penalty_id: PenaltyId) -> Result<Option<PenaltyRow>, StoreError> {
        self.fetch_optional(
            concat!("SELECT ", columns!(), " FROM penalty WHERE penalty_id = $1"),
            values!(self.engine(); penalty_id),
        )
        .await
    }

    /// The penalties that are not lifted and have not ended at `now`, those still to start included.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn penalty_list_active(&self, now: Timestamp) -> Result<Vec<PenaltyRow>, StoreError> {
        self.fetch_all(
            concat!(
                "SELECT ",
                columns!(),
                " FROM penalty WHERE lifted_at IS NULL AND (ends_at IS NULL OR ends_at > $1) ORDER BY penalty_id"
            ),
            values!(self.engine(); now),
        )
        .await
    }

    /// Every penalty the person has or had, newest first.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn penalty_list_for_subject(
        &self,
        subject_id: SubjectId,
    ) -> Result<Vec<PenaltyRow>, StoreError> {
        self.fetch_all(
            concat!("SELECT ", columns!(), " FROM penalty WHERE subject_id = $1 ORDER BY penalty_id DESC"),
            values!(self.engine(); subject_id),
        )
        .await
    }

    /// The penalties that a decision imposed.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn penalty_list_for_decision(
        &self,
        decision_id: DecisionId,
    ) -> Result<Vec<PenaltyRow>, StoreError> {
        self.fetch_all(
            concat!("SELECT ", columns!(), " FROM penalty WHERE decision_id = $1 ORDER BY penalty_id"),
            values!(self.engine(); decision_id),
        )
        .await
    }
}

impl Tx {
    /// Imposes a penalty.
    ///
    /// # Errors
    /// [`StoreError::ConstraintViolated`] where it is there already.
    pub async fn penalty_insert(&mut self, penalty: &PenaltyRow) -> Result<(), StoreError> {
        self.execute_bulk(&INSERT, std::slice::from_ref(penalty), Record::bind).await
    }

    /// Lifts a penalty that is not lifted.
    ///
    /// # Errors
    /// [`StoreError::AffectedRows`] where there is none.
    pub async fn penalty_lift(
        &mut self,
        penalty_id: PenaltyId,
        at: Timestamp,
        case_id: Option<CaseId>,
    ) -> Result<(), StoreError> {
        self.execute_one(
            "penalty_lift",
            "UPDATE penalty SET lifted_at = $2, lifted_case_id = $3 WHERE penalty_id = $1 AND lifted_at IS NULL",
            values!(self.engine(); penalty_id, at, case_id),
        )
        .await
    }
}
