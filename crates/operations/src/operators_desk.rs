//! Who works here: the list of operators, and shutting one out.

use std::collections::HashMap;

use identity::Permission;
use ledger::EventKind;
use serde::Serialize;
use terms::{Actor, ActorRole, OperatorId, Timestamp};

use crate::{OperationError, Operations, entries::Draft};

/// An operator as the console lists them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorRecord {
    /// Their id.
    pub operator_id: OperatorId,
    /// The name they sign in with.
    pub name: String,
    /// The role they act in, or acted in.
    pub role: ActorRole,
    /// When they joined.
    pub created_at: Timestamp,
    /// When they were shut out.
    pub disabled_at: Option<Timestamp>,
    /// Whether they are the last who can invite: shutting them out would lock everybody out.
    pub is_last_manager: bool,
}

/// The names of all operators, those who left too.
pub(crate) struct OperatorNames(HashMap<OperatorId, String>);

impl OperatorNames {
    /// The operator's name; their id where nobody of that id is known.
    pub(crate) fn of(&self, id: OperatorId) -> String {
        self.0.get(&id).cloned().unwrap_or_else(|| id.to_string())
    }
}

#[derive(Serialize)]
struct RoleRevokedPayload<'a> {
    operator_id: OperatorId,
    name: &'a str,
    role: &'a str,
    by: OperatorId,
    /// Cases that went back to the queue.
    cases_released: usize,
    /// Invitations of theirs that do not work any more.
    invitations_revoked: u64,
}

impl Operations {
    /// Every operator, the oldest first, those who were shut out too.
    ///
    /// # Errors
    /// Without the permission.
    pub async fn operator_list(&self, actor: &Actor) -> Result<Vec<OperatorRecord>, OperationError> {
        Self::authorise(actor, Permission::ManageOperators)?;
        let rows = self.inner.store.operator_list().await?;
        let manages =
            |row: &&store::OperatorRow| row.disabled_at.is_none() && identity::permits(row.role, MANAGE);
        let managers = rows.iter().filter(manages).count();
        Ok(rows
            .iter()
            .map(|row| OperatorRecord {
                operator_id: row.operator_id,
                name: row.name.clone(),
                role: row.role,
                created_at: row.created_at,
                disabled_at: row.disabled_at,
                is_last_manager: managers == 1 && manages(&row),
            })
            .collect())
    }

    /// Takes an operator's role away: they are signed out at once and cannot sign in again, what they had taken goes back to the
    /// queue, and their open invitations are called back.
    ///
    /// # Errors
    /// Without the permission, where there is no such operator, where they are out already, or where nobody would be left who can
    /// invite.
    pub async fn disable_operator(
        &self,
        actor: &Actor,
        operator_id: OperatorId,
    ) -> Result<(), OperationError> {
        let by = Self::authorise(actor, MANAGE)?;
        let row = self
            .inner
            .store
            .operator_lookup(operator_id)
            .await?
            .ok_or(OperationError::NotFound { what: "operator" })?;
        let now = self.now();
        let mut tx = self.tx().await?;
        if identity::permits(row.role, MANAGE) {
            // Counted under a lock: two who shut each other out at the same moment must not both succeed.
            let mut managers = 0;
            for role in MANAGE.roles() {
                managers += tx.operator_count_held(*role).await?;
            }
            if row.disabled_at.is_none() && managers <= 1 {
                return Err(OperationError::conflict(
                    "operators-error-last",
                    "nobody else can invite operators: invite another administrator first",
                ));
            }
        }
        tx.operator_disable(operator_id, now).await.map_err(|error| match error {
            store::StoreError::AffectedRows { .. } => {
                OperationError::conflict("operators-error-out", "this operator was shut out already")
            }
            other => other.into(),
        })?;
        let cases_released = self.cases_release_of(&mut tx, actor, by, operator_id, now).await?;
        let invitations_revoked = tx.invitation_revoke_of(operator_id, now).await?;
        let draft = Draft::new(EventKind::RoleRevoked, actor.role(), now)
            .about(operator_id)
            .decided(row.role.as_str());
        let payload = RoleRevokedPayload {
            operator_id,
            name: &row.name,
            role: row.role.as_str(),
            by,
            cases_released,
            invitations_revoked,
        };
        let entry = self.entry(draft, &payload)?;
        tx.entry_append(&entry).await?;
        Ok(tx.commit().await?)
    }

    pub(crate) async fn operator_names(&self) -> Result<OperatorNames, OperationError> {
        let rows = self.inner.store.operator_list().await?;
        Ok(OperatorNames(rows.into_iter().map(|row| (row.operator_id, row.name)).collect()))
    }
}

/// What inviting and shutting out needs.
const MANAGE: Permission = Permission::ManageOperators;
