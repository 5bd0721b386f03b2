//! Invitations: single-use links that make operators.

use terms::{ActorRole, OperatorId, Timestamp};

use crate::{
    Store, StoreError, Tx,
    bulk::Bulk,
    row::{Record, row, values},
};

row! {
    "invitation" as columns;
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
        /// Who made it; `None` for the machine itself.
        pub invited_by: Option<OperatorId>,
        /// When it was called back.
        pub revoked_at: Option<Timestamp>,
    }
}

static INSERT: Bulk = Bulk::insert(
    "invitation_insert",
    concat!("INSERT INTO invitation (", columns!(), ") VALUES "),
    InvitationRow::COLUMNS.len(),
);

impl Store {
    /// The invitation whose token has that hash.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn invitation_lookup(
        &self,
        token_hash: &[u8; 32],
    ) -> Result<Option<InvitationRow>, StoreError> {
        self.fetch_optional(
            concat!("SELECT ", columns!(), " FROM invitation WHERE token_hash = $1"),
            values!(self.engine(); *token_hash),
        )
        .await
    }

    /// The invitations that can be used at `now`, oldest first.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn invitation_list_open(&self, now: Timestamp) -> Result<Vec<InvitationRow>, StoreError> {
        self.fetch_all(
            concat!(
                "SELECT ",
                columns!(),
                " FROM invitation WHERE used_at IS NULL AND revoked_at IS NULL AND expires_at > $1 \
                 ORDER BY created_at, token_hash"
            ),
            values!(self.engine(); now),
        )
        .await
    }
}

impl Tx {
    /// Adds an invitation.
    ///
    /// # Errors
    /// [`StoreError::ConstraintViolated`] where the token is there already.
    pub async fn invitation_insert(&mut self, invitation: &InvitationRow) -> Result<(), StoreError> {
        self.execute_bulk(&INSERT, std::slice::from_ref(invitation), Record::bind).await
    }

    /// Uses an invitation that is neither used nor called back nor expired. Says whether it was.
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
                 WHERE token_hash = $1 AND used_at IS NULL AND revoked_at IS NULL AND expires_at > $3",
                values!(self.engine(); *token_hash, operator_id, at),
            )
            .await?;
        Ok(used > 0)
    }

    /// Gives an invitation that can still be used another token and another end: the link of before does not work any more.
    ///
    /// # Errors
    /// [`StoreError::AffectedRows`] where it was used or called back.
    pub async fn invitation_renew(
        &mut self,
        token_hash: &[u8; 32],
        new_token_hash: &[u8; 32],
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute_one(
            "invitation_renew",
            "UPDATE invitation SET token_hash = $2, expires_at = $3 \
             WHERE token_hash = $1 AND used_at IS NULL AND revoked_at IS NULL",
            values!(self.engine(); *token_hash, *new_token_hash, expires_at),
        )
        .await
    }

    /// Calls back what an operator invited and nobody used yet. Says how many invitations that were.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub async fn invitation_revoke_of(
        &mut self,
        invited_by: OperatorId,
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        self.execute(
            "UPDATE invitation SET revoked_at = $2 \
             WHERE invited_by = $1 AND used_at IS NULL AND revoked_at IS NULL AND expires_at > $2",
            values!(self.engine(); invited_by, at),
        )
        .await
    }

    /// Calls an invitation back.
    ///
    /// # Errors
    /// [`StoreError::AffectedRows`] where it was used or called back already.
    pub async fn invitation_revoke(
        &mut self,
        token_hash: &[u8; 32],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute_one(
            "invitation_revoke",
            "UPDATE invitation SET revoked_at = $2 \
             WHERE token_hash = $1 AND used_at IS NULL AND revoked_at IS NULL",
            values!(self.engine(); *token_hash, at),
        )
        .await
    }
}
