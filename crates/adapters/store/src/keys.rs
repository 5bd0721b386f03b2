//! Application keys.

use terms::{ApplicationKeyId, SubjectId, TenantId, Timestamp};

use crate::{
    Store, StoreError, Tx,
    bulk::Bulk,
    row::{Record, row, values},
};

row! {
    "application_key" as columns;
    /// A key that an application presents.
    pub struct ApplicationKeyRow {
        /// Its id.
        pub key_id: ApplicationKeyId,
        /// The provider it belongs to.
        pub tenant_id: TenantId,
        /// What people call it.
        pub name: String,
        /// The first characters of the secret, to recognise it by.
        pub prefix: String,
        /// The hash of the secret.
        pub token_hash: [u8; 32],
        /// Whether requests name their end user: `required`, `optional`, `owner`.
        pub end_user: String,
        /// Where the visible label goes.
        pub placement: String,
        /// Where the machine-readable label goes: `both`, `headers`.
        pub envelope: String,
        /// The person on whose account the key runs.
        pub owner_subject_id: SubjectId,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it was revoked.
        pub revoked_at: Option<Timestamp>,
    }
}

static INSERT: Bulk = Bulk::insert(
    "application_key_insert",
    concat!("INSERT INTO application_key (", columns!(), ") VALUES "),
    ApplicationKeyRow::COLUMNS.len(),
);

impl Store {
    /// Every key, revoked ones too, oldest first.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn application_key_list(&self) -> Result<Vec<ApplicationKeyRow>, StoreError> {
        self.fetch_all(
            concat!("SELECT ", columns!(), " FROM application_key ORDER BY key_id"),
            values!(self.engine()),
        )
        .await
    }

    /// The key with that id.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn application_key_lookup(
        &self,
        key_id: ApplicationKeyId,
    ) -> Result<Option<ApplicationKeyRow>, StoreError> {
        self.fetch_optional(
            concat!("SELECT ", columns!(), " FROM application_key WHERE key_id = $1"),
            values!(self.engine(); key_id),
        )
        .await
    }
}

impl Tx {
    /// Adds a key.
    ///
    /// # Errors
    /// [`StoreError::ConstraintViolated`] where the id or the secret is there already.
    pub async fn application_key_insert(&mut self, key: &ApplicationKeyRow) -> Result<(), StoreError> {
        self.execute_bulk(&INSERT, std::slice::from_ref(key), Record::bind).await
    }

    /// Revokes a key that stands.
    ///
    /// # Errors
    /// [`StoreError::AffectedRows`] where there is none.
    pub async fn application_key_revoke(
        &mut self,
        key_id: ApplicationKeyId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute_one(
            "application_key_revoke",
            "UPDATE application_key SET revoked_at = $2 WHERE key_id = $1 AND revoked_at IS NULL",
            values!(self.engine(); key_id, at),
        )
        .await
    }
}
