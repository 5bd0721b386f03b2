//! The kinds of case and the ways they end, with the words of the law beside ours.

use serde::{Deserialize, Serialize};

/// What somebody came with (Interim Measures, article 15; Deep Synthesis Provisions, article 12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseKind {
    /// 申诉: somebody a decision was made against asks for a second look.
    Appeal,
    /// 投诉: somebody is harmed or dissatisfied themselves.
    Complaint,
    /// 举报: somebody points at content that harms others or breaks a rule.
    Report,
}

impl CaseKind {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Appeal, Self::Complaint, Self::Report];

    /// The word for it in entries, paths and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Appeal => "appeal",
            Self::Complaint => "complaint",
            Self::Report => "report",
        }
    }

    /// The kind with that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// How a case ended, always seen from the one who opened it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// 申诉成立, 投诉属实, 举报属实: they are right. The decision appealed against is undone.
    Upheld,
    /// 部分成立: right in part. What is undone stands in the reasons and is ordered by hand.
    PartlyUpheld,
    /// 不成立: they are not right. The decision appealed against stays.
    Rejected,
}

impl Outcome {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Upheld, Self::PartlyUpheld, Self::Rejected];

    /// The word for it in entries and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Upheld => "upheld",
            Self::PartlyUpheld => "partly_upheld",
            Self::Rejected => "rejected",
        }
    }

    /// The outcome with that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == word)
    }

    /// Whether the whole decision appealed against is to be undone.
    #[must_use]
    pub const fn undoes_the_decision(self) -> bool {
        match self {
            Self::Upheld => true,
            Self::PartlyUpheld | Self::Rejected => false,
        }
    }
}
