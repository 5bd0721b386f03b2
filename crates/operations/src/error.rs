//! How an operation fails.

use crate::DecisionNotice;

/// Why somebody may not do something now. Every refusal names the rule and where to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status that fits.
    pub status: u16,
    /// A stable word for programs, such as `agreement_required`.
    pub code: &'static str,
    /// One English sentence: what was refused and what to do.
    pub message: String,
    /// The same in Chinese.
    pub message_zh: String,
    /// The row of the pack that asks for it, such as `cn.genai.9`.
    pub rule: Option<&'static str>,
    /// The page to go to.
    pub page: Option<String>,
    /// The decision behind the refusal, with its appeal link.
    pub decision: Option<Box<DecisionNotice>>,
}

impl Refusal {
    /// A refusal without rule, page or decision.
    #[must_use]
    pub fn new(
        status: u16,
        code: &'static str,
        message: impl Into<String>,
        message_zh: impl Into<String>,
    ) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            message_zh: message_zh.into(),
            rule: None,
            page: None,
            decision: None,
        }
    }

    /// The same refusal, resting on `rule`.
    #[must_use]
    pub const fn by_rule(mut self, rule: &'static str) -> Self {
        self.rule = Some(rule);
        self
    }

    /// The same refusal, naming the page to go to.
    #[must_use]
    pub fn go_to(mut self, page: String) -> Self {
        self.page = Some(page);
        self
    }

    /// The same refusal, resting on a decision that can be appealed.
    #[must_use]
    pub fn decided(mut self, notice: DecisionNotice) -> Self {
        self.decision = Some(Box::new(notice));
        self
    }
}

/// Why an operation did not happen.
#[derive(Debug, thiserror::Error)]
pub enum OperationError {
    /// It is not allowed, for this actor, now.
    #[error("refused ({}): {}", .0.code, .0.message)]
    Refused(Box<Refusal>),
    /// What it is about does not exist, or is not for this actor to see.
    #[error("no such {what}")]
    NotFound {
        /// The noun: `case`, `decision`.
        what: &'static str,
    },
    /// A value given is not acceptable.
    #[error("`{field}`: {detail}")]
    Invalid {
        /// Which value.
        field: &'static str,
        /// What is wrong and what to do.
        detail: String,
        /// The key of the same sentence in the locales.
        message_key: &'static str,
    },
    /// The state of things does not allow it (any more).
    #[error("{detail}")]
    Conflict {
        /// What stands against it.
        detail: String,
        /// The key of the same sentence in the locales.
        message_key: &'static str,
    },
    /// The database or the ledger cannot take it now. Nothing was done.
    #[error("nothing could be recorded: {doing}")]
    Unavailable {
        /// What was tried.
        doing: &'static str,
        /// Why it failed.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A fault of ours: data that breaks an invariant.
    #[error("internal fault: {doing}")]
    Internal {
        /// What was tried.
        doing: &'static str,
        /// Why it failed.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl OperationError {
    /// Whether it did not happen because the disk is full.
    pub(crate) fn is_disk_full(&self) -> bool {
        let Self::Unavailable { source, .. } = self else { return false };
        source.downcast_ref::<store::StoreError>().is_some_and(store::StoreError::is_disk_full)
    }

    pub(crate) fn internal(
        doing: &'static str,
    ) -> impl FnOnce(Box<dyn std::error::Error + Send + Sync>) -> Self {
        move |source| Self::Internal { doing, source }
    }

    pub(crate) fn conflict(message_key: &'static str, detail: impl Into<String>) -> Self {
        Self::Conflict { detail: detail.into(), message_key }
    }

    /// Somebody else changed the case between reading it and writing it.
    pub(crate) fn raced(error: store::StoreError) -> Self {
        match error {
            store::StoreError::AffectedRows { .. } => {
                Self::conflict("case-error-state", "somebody else changed it just now: look again")
            }
            other => other.into(),
        }
    }

    pub(crate) fn invalid(field: &'static str, message_key: &'static str, detail: impl Into<String>) -> Self {
        Self::Invalid { field, detail: detail.into(), message_key }
    }

    pub(crate) fn forbidden(permission: &'static str) -> Self {
        Self::Refused(Box::new(Refusal::new(
            403,
            "permission_denied",
            format!("your role lacks the permission `{permission}`"),
            format!("您的角色没有“{permission}”权限"),
        )))
    }
}

impl From<Refusal> for OperationError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl From<store::StoreError> for OperationError {
    fn from(error: store::StoreError) -> Self {
        Self::Unavailable { doing: "the database did not take it", source: Box::new(error) }
    }
}

impl From<store::JournalError> for OperationError {
    fn from(error: store::JournalError) -> Self {
        Self::Unavailable { doing: "the ledger did not take it", source: Box::new(error) }
    }
}

impl From<vault::SealError> for OperationError {
    fn from(error: vault::SealError) -> Self {
        Self::Internal { doing: "sealing or opening personal data", source: Box::new(error) }
    }
}

impl From<serde_json::Error> for OperationError {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal { doing: "reading or writing stored JSON", source: Box::new(error) }
    }
}
