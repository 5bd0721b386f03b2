//! What each role may do: one table, no exceptions.
//!
//! The table says what a role may do at all. That the reviewer of an appeal is someone else is a rule of the case, and what
//! a person may do with their own things is no permission.

use std::fmt;

use serde::{Deserialize, Serialize};
use terms::ActorRole;

macro_rules! permissions {
    ($($(#[$doc:meta])* $variant:ident, $word:literal, [$($role:ident),*];)+) => {
        /// Something that needs a role.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Permission {
            $($(#[$doc])* $variant,)+
        }

        impl Permission {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word for it in the access table and in refusals.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The roles that have it.
            #[must_use]
            pub const fn roles(self) -> &'static [ActorRole] {
                match self { $(Self::$variant => &[$(ActorRole::$role),*]),+ }
            }
        }
    };
}

permissions! {
    /// See cases and their texts.
    ViewCases, "view_cases", [Administrator, Reviewer, Compliance, Auditor];
    /// Take cases, give back one's own, decide them.
    DecideCases, "decide_cases", [Administrator, Reviewer];
    /// Give back a case that somebody else took.
    ReleaseCases, "release_cases", [Administrator];
    /// See people, their levels and penalties.
    ViewSubjects, "view_subjects", [Administrator, Reviewer];
    /// Record how well a person is known. An application does it for its own users.
    SetIdentityLevel, "set_identity_level", [Administrator, Reviewer, Application];
    /// Warn, limit, suspend, close. The software does it by the published ladder.
    ImposePenalty, "impose_penalty", [Administrator, Reviewer, Service];
    /// End a penalty early, or when its time is over.
    LiftPenalty, "lift_penalty", [Administrator, Reviewer, Service];
    /// See decisions and their statements of reasons.
    ViewDecisions, "view_decisions", [Administrator, Reviewer, Compliance, Auditor];
    /// See the content that a decision rests on. Each view leaves an entry.
    ViewEvidence, "view_evidence", [Administrator, Reviewer, Compliance, Auditor];
    /// See the state of the ledger and its checkpoints.
    ViewLedger, "view_ledger", [Administrator, Reviewer, Compliance, Auditor];
    /// Make and revoke application keys.
    ManageKeys, "manage_keys", [Administrator];
    /// See who may be given things without a visible label.
    ViewGrants, "view_grants", [Administrator, Reviewer, Compliance, Auditor];
    /// Grant it, and withdraw a grant.
    ManageGrants, "manage_grants", [Administrator, Compliance];
    /// Invite operators, grant and revoke roles.
    ManageOperators, "manage_operators", [Administrator];
    /// See the lexicons, their versions, figures and proposals. The command line does it as the software.
    ViewLexicon, "view_lexicon", [Administrator, Reviewer, Compliance, Auditor, Service];
    /// Propose entries and retirements, try a list out beside the one in force, say what an operator's category stands for.
    ProposeLexicon, "propose_lexicon", [Administrator, Reviewer, Compliance];
    /// Approve or reject what another person proposed.
    ApproveLexicon, "approve_lexicon", [Administrator, Reviewer, Compliance];
    /// See what has to be done.
    ViewTasks, "view_tasks", [Administrator, Reviewer, Compliance];
    /// Mark a task as done. The software does it when its cause is gone.
    ResolveTasks, "resolve_tasks", [Administrator, Compliance, Service];
}

/// Whether the role has the permission.
#[must_use]
pub fn permits(role: ActorRole, permission: Permission) -> bool {
    permission.roles().contains(&role)
}

impl Permission {
    /// The permission with that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|permission| permission.as_str() == word)
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole table, written a second time and the other way round: a change has to be meant twice.
    const TABLE: &str = "
        service       impose_penalty lift_penalty view_lexicon resolve_tasks
        application   set_identity_level
        user
        anonymous
        administrator view_cases decide_cases release_cases view_subjects set_identity_level impose_penalty lift_penalty view_decisions view_evidence view_ledger manage_keys view_grants manage_grants manage_operators view_lexicon propose_lexicon approve_lexicon view_tasks resolve_tasks
        reviewer      view_cases decide_cases view_subjects set_identity_level impose_penalty lift_penalty view_decisions view_evidence view_ledger view_grants view_lexicon propose_lexicon approve_lexicon view_tasks
        compliance    view_cases view_decisions view_evidence view_ledger view_grants manage_grants view_lexicon propose_lexicon approve_lexicon view_tasks resolve_tasks
        auditor       view_cases view_decisions view_evidence view_ledger view_grants view_lexicon
    ";

    #[test]
    fn the_table_is_the_one_written_here() {
        let mut rows = 0;
        for line in TABLE.lines().filter(|line| !line.trim().is_empty()) {
            let mut words = line.split_whitespace();
            let role = ActorRole::from_word(words.next().unwrap()).unwrap();
            let granted: Vec<Permission> = words.map(|word| Permission::from_word(word).unwrap()).collect();
            for permission in Permission::ALL {
                assert_eq!(permits(role, *permission), granted.contains(permission), "{role:?} {permission}");
            }
            rows += 1;
        }
        assert_eq!(rows, ActorRole::ALL.len());
    }

    #[test]
    fn an_auditor_only_reads() {
        for permission in Permission::ALL {
            if permits(ActorRole::Auditor, *permission) {
                assert!(permission.as_str().starts_with("view_"), "{permission}");
            }
        }
    }

    #[test]
    fn words_are_the_ones_that_are_stored() {
        for permission in Permission::ALL {
            assert_eq!(serde_json::to_string(permission).unwrap(), format!("\"{permission}\""));
        }
    }
}
