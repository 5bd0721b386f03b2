//! Operators: the people who work for the provider, and how they are invited.

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

    "invitation" as invitation_columns;
    /// A single-use link that makes an operator.
    pub struct InvitationRow {
        /// The hash of the link's token.
        pub token_hash: [u8; 32],
        /// The role it gives.
        pub role: ActorRole,
        /// When it was made.
        pub created_at: Timestamp,
        /// Until when it works.
        pub expires_at: Timestamp,
        /// When it was used.
        pub used_at: Option<Timestamp>,
        /// Who it made.
        pub operator_id: Option<OperatorId>,
    }
}

static INSERT: Bulk = Bulk::new(
    "operator_insert",
    concat!("INSERT INTO operator (", columns!(), ") VALUES "),
    OperatorRow::COLUMNS.len(),
    "",
);

static INVITE: Bulk = Bulk::new(
    "invitation_insert",
    concat!("INSERT INTO invitation (", invitation_columns!(), ") VALUES "),
    InvitationRow::COLUMNS.len(),
    "",
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

    /// The invitation whose token has that hash.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn invitation_lookup(
        &self,
        token_hash: &[u8; 32],
    ) -> Result<Option<InvitationRow>, StoreError> {
        self.fetch_optional(
            concat!("SELECT ", invitation_columns!(), " FROM invitation WHERE token_hash = $1"),
            values!(self.engine(); *token_hash),
        )
        .await
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

    /// Adds an invitation.
    ///
    /// # Errors
    /// [`StoreError::ConstraintViolated`] where the token is there already.
    pub async fn invitation_insert(&mut self, invitation: &InvitationRow) -> Result<(), StoreError> {
        self.execute_bulk(&INVITE, std::slice::from_ref(invitation), Record::bind).await
    }

    /// Uses an invitation that is neither used nor expired. Says whether it was.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub async fn invitation_use(
        &mut self,
        token_hash: &[u8; 32],
        operator_id: OperatorId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let used = self
            .execute(
                "UPDATE invitation SET used_at = $3, operator_id = $2 \
                 WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $3",
                values!(self.engine(); *token_hash, operator_id, at),
            )
            .await?;
        Ok(used > 0)
    }
}
