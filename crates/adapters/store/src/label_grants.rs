//! Grants: who may be given things without a visible label, and on what agreement.

use terms::{ApplicationKeyId, LabelGrantId, OperatorId, SubjectId, TenantId, Timestamp};

use crate::{
    Store, StoreError, Tx,
    bulk::Bulk,
    row::{Record, row, values},
};

row! {
    "label_grant" as columns;
    /// One grant. It names a key, a person or both.
    pub struct LabelGrantRow {
        /// Its id.
        pub grant_id: LabelGrantId,
        /// The provider.
        pub tenant_id: TenantId,
        /// The key whose requests it covers; `None` for any.
        pub key_id: Option<ApplicationKeyId>,
        /// The person whose requests it covers; `None` for anyone behind the key.
        pub subject_id: Option<SubjectId>,
        /// What it covers: `picture`, `sound`, `all`.
        pub scope: String,
        /// The clause of the agreement that fixes duty and liability.
        pub clause: String,
        /// The version of that agreement.
        pub agreement: String,
        /// The request, sealed.
        pub sealed: Vec<u8>,
        /// Who granted it.
        pub granted_by: OperatorId,
        /// When.
        pub granted_at: Timestamp,
        /// Until when it holds.
        pub expires_at: Timestamp,
        /// When it was withdrawn.
        pub withdrawn_at: Option<Timestamp>,
        /// By whom.
        pub withdrawn_by: Option<OperatorId>,
    }
}

static INSERT: Bulk = Bulk::insert(
    "label_grant_insert",
    concat!("INSERT INTO label_grant (", columns!(), ") VALUES "),
    LabelGrantRow::COLUMNS.len(),
);

impl Store {
    /// The newest `limit` grants, those that ended and were withdrawn among them, newest first.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn label_grant_list(&self, limit: u32) -> Result<Vec<LabelGrantRow>, StoreError> {
        self.fetch_all(
            concat!("SELECT ", columns!(), " FROM label_grant ORDER BY grant_id DESC LIMIT $1"),
            values!(self.engine(); i64::from(limit)),
        )
        .await
    }

    /// The grants that are not withdrawn and have not ended at `now`, newest first.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn label_grant_list_in_force(&self, now: Timestamp) -> Result<Vec<LabelGrantRow>, StoreError> {
        self.fetch_all(
            concat!(
                "SELECT ",
                columns!(),
                " FROM label_grant WHERE withdrawn_at IS NULL AND expires_at > $1 ORDER BY grant_id DESC"
            ),
            values!(self.engine(); now),
        )
        .await
    }
}

impl Tx {
    /// Adds a grant.
    ///
    /// # Errors
    /// [`StoreError::ConstraintViolated`] where it is there already, or names neither a key nor a person.
    pub async fn label_grant_insert(&mut self, grant: &LabelGrantRow) -> Result<(), StoreError> {
        self.execute_bulk(&INSERT, std::slice::from_ref(grant), Record::bind).await
    }

    /// Withdraws a grant that is not withdrawn.
    ///
    /// # Errors
    /// [`StoreError::AffectedRows`] where there is none.
    pub async fn label_grant_withdraw(
        &mut self,
        grant_id: LabelGrantId,
        at: Timestamp,
        by: OperatorId,
    ) -> Result<(), StoreError> {
        self.execute_one(
            "label_grant_withdraw",
            "UPDATE label_grant SET withdrawn_at = $2, withdrawn_by = $3 \
             WHERE grant_id = $1 AND withdrawn_at IS NULL",
            values!(self.engine(); grant_id, at, by),
        )
        .await
    }
}
