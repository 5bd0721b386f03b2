//! Who does something.

use serde::{Deserialize, Serialize};

use crate::{ApplicationKeyId, OperatorId, SubjectId};

/// The one on whose account an operation runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    /// The software itself: an automated decision, a background job.
    Service,
    /// An application, by its key.
    Application(ApplicationKeyId),
    /// A person who uses the service.
    Subject(SubjectId),
    /// A person who works for the provider, with the role they act in.
    Operator(OperatorId, ActorRole),
    /// Someone who did not sign in: a complainant, a visitor.
    Anonymous,
}

/// The part somebody plays. It stands in ledger entries, where a name must not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorRole {
    /// The software itself.
    Service,
    /// An application.
    Application,
    /// A person who uses the service.
    User,
    /// Someone who did not sign in.
    Anonymous,
    /// May do everything an operator can, keys and operators included.
    Administrator,
    /// Works through cases.
    Reviewer,
    /// Sees rules, evidence and figures.
    Compliance,
    /// Reads for a limited time.
    Auditor,
}

impl ActorRole {
    /// Every role, in the order people are shown them.
    pub const ALL: [Self; 8] = [
        Self::Service,
        Self::Application,
        Self::User,
        Self::Anonymous,
        Self::Administrator,
        Self::Reviewer,
        Self::Compliance,
        Self::Auditor,
    ];

    /// The word for the role in entries and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Application => "application",
            Self::User => "user",
            Self::Anonymous => "anonymous",
            Self::Administrator => "administrator",
            Self::Reviewer => "reviewer",
            Self::Compliance => "compliance",
            Self::Auditor => "auditor",
        }
    }

    /// The role with that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

impl Actor {
    /// The role that a ledger entry names for this actor.
    #[must_use]
    pub const fn role(&self) -> ActorRole {
        match self {
            Self::Service => ActorRole::Service,
            Self::Application(_) => ActorRole::Application,
            Self::Subject(_) => ActorRole::User,
            Self::Operator(_, role) => *role,
            Self::Anonymous => ActorRole::Anonymous,
        }
    }
}
