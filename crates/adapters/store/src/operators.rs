//! Operators: the people who work for the provider.

use terms::{ActorRole, OperatorId, Timestamp};

use crate::{
    Store, StoreError, Tx,
    bulk::Bulk,
    row::{Record, row, values},
};

row! {
    "operator" as columns;
    /// One operator.
    pub struct OperatorRow {
        /// Their id.
        pub operator_id: OperatorId,
        /// The name they sign in with.
        pub name: String,
        /// The hash of their password, as Argon2 writes it.
        pub password_hash: String,
        /// Their role.
        pub role: ActorRole,
        /// When they joined.
        pub created_at: Timestamp,
        /// When they were shut out.
        pub disabled_at: Option<Timestamp>,
    }
}

static INSERT: Bulk = Bulk::insert(
    "operator_insert",
    concat!("INSERT INTO operator (", columns!(), ") VALUES "),
    OperatorRow::COLUMNS.len(),
);

impl Store {
    /// The operator with that id.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn operator_lookup(&self, operator_id: OperatorId) -> Result<Option<OperatorRow>, StoreError> {
        self.fetch_optional(
            concat!("SELECT ", columns!(), " FROM operator WHERE operator_id = $1"),
            values!(self.engine(); operator_id),
        )
        .await
    }

    /// The operator with that name.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn operator_lookup_by_name(&self, name: &str) -> Result<Option<OperatorRow>, StoreError> {
        self.fetch_optional(
            concat!("SELECT ", columns!(), " FROM operator WHERE name = $1"),
            values!(self.engine(); name),
        )
        .await
    }

    /// Every operator, oldest first.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn operator_list(&self) -> Result<Vec<OperatorRow>, StoreError> {
        self.fetch_all(
            concat!("SELECT ", columns!(), " FROM operator ORDER BY operator_id"),
            values!(self.engine()),
        )
        .await
    }

    /// How many operators there are, disabled ones included.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn operator_count(&self) -> Result<u64, StoreError> {
        self.fetch_count("SELECT COUNT(*) FROM operator", values!(self.engine())).await
    }
}

impl Tx {
    /// Adds an operator.
    ///
    /// # Errors
    /// [`StoreError::ConstraintViolated`] where the id or the name is there already.
    pub async fn operator_insert(&mut self, operator: &OperatorRow) -> Result<(), StoreError> {
        self.execute_bulk(&INSERT, std::slice::from_ref(operator), Record::bind).await
    }

    /// Shuts an operator out and ends their sessions.
    ///
    /// # Errors
    /// [`StoreError::AffectedRows`] where there is none, or they are out already.
    pub async fn operator_disable(
        &mut self,
        operator_id: OperatorId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute_one(
            "operator_disable",
            "UPDATE operator SET disabled_at = $2 WHERE operator_id = $1 AND disabled_at IS NULL",
            values!(self.engine(); operator_id, at),
        )
        .await?;
        self.execute("DELETE FROM session WHERE operator_id = $1", values!(self.engine(); operator_id))
            .await
            .map(drop)
    }

    /// How many operators of that role are not shut out. Until the transaction ends nobody else can shut one of them out.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub async fn operator_count_held(&mut self, role: ActorRole) -> Result<u64, StoreError> {
        // A write that changes nothing locks the rows in both engines, and looks at them again once it holds them.
        self.execute(
            "UPDATE operator SET role = role WHERE role = $1 AND disabled_at IS NULL",
            values!(self.engine(); role),
        )
        .await
    }
}
