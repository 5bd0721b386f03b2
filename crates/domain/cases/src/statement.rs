//! The statement of reasons that comes with every decision against a person (DSA, article 17(3); Interim Measures,
//! article 14; Deep Synthesis Provisions, article 10).
//!
//! One record serves both laws: the same event, two renderings. It holds words for people only where they were written
//! for this decision; law titles come from the packs.

use serde::{Deserialize, Serialize};
use terms::{DecisionId, Timestamp};

use crate::Limit;

/// What was done, why, on what ground, and what can be done about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// The decision it belongs to.
    pub decision: DecisionId,
    /// When the decision was made.
    pub made_at: Timestamp,
    /// What was done. DSA 17(3)(a).
    pub restriction: Restriction,
    /// What the decision rests on. DSA 17(3)(b).
    pub facts: String,
    /// What set it off. DSA 17(3)(b).
    pub source: Source,
    /// Whether software found it. DSA 17(3)(c).
    pub automated_detection: bool,
    /// Whether software decided it. DSA 17(3)(c).
    pub automated_decision: bool,
    /// The rule that fired, such as `lexicon.fraud`.
    pub rule: String,
    /// The law or the clause that was broken. DSA 17(3)(d) and (e).
    pub ground: Ground,
    /// Why the facts fall under the ground, in words for the person. DSA 17(3)(d) and (e).
    pub explanation: String,
    /// What the person can do. DSA 17(3)(f).
    pub redress: Redress,
}

/// What was done to whom, for how long, where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restriction {
    /// What was done.
    pub kind: RestrictionKind,
    /// Where it holds: a territory, or everywhere the service is offered.
    pub territory: Option<String>,
    /// When it ends; nothing for a single act or for good.
    pub ends_at: Option<Timestamp>,
}

/// What a decision does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RestrictionKind {
    /// A prompt was not answered.
    PromptRefused,
    /// An answer was stopped or held back.
    AnswerBlocked,
    /// Parts of a text were masked.
    ContentMasked,
    /// The person was warned (警示).
    Warning,
    /// Functions were limited (限制功能).
    FunctionsLimited,
    /// The service was suspended (暂停服务).
    Suspended,
    /// The account was closed (关闭账号).
    AccountClosed,
}

impl RestrictionKind {
    /// All of them, mildest first.
    pub const ALL: [Self; 7] = [
        Self::PromptRefused,
        Self::AnswerBlocked,
        Self::ContentMasked,
        Self::Warning,
        Self::FunctionsLimited,
        Self::Suspended,
        Self::AccountClosed,
    ];

    /// The word for it in entries and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PromptRefused => "prompt_refused",
            Self::AnswerBlocked => "answer_blocked",
            Self::ContentMasked => "content_masked",
            Self::Warning => "warning",
            Self::FunctionsLimited => "functions_limited",
            Self::Suspended => "suspended",
            Self::AccountClosed => "account_closed",
        }
    }

    /// The restriction with that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// What set a decision off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The provider's own checks.
    OwnInitiative,
    /// A report or a complaint (DSA, article 16).
    Notice,
    /// An authority's order.
    Order,
}

/// What was broken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ground", rename_all = "snake_case")]
pub enum Ground {
    /// Law: the ids of the obligations, such as `cn.genai.4.1`. Their titles and articles come from the pack.
    Law {
        /// At least one.
        articles: Vec<String>,
    },
    /// The provider's own terms.
    Terms {
        /// The clause.
        clause: String,
        /// The version of the agreement it stands in.
        version: String,
    },
}

/// What the person can do about a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redress {
    /// The path of the appeal form, without the token.
    pub appeal_path: String,
    /// Until when an appeal is taken: at least six months (DSA, article 20(1)).
    pub appeal_until: Timestamp,
    /// By when an appeal is answered: the published limit.
    pub answer_limit: Limit,
    /// Whom else to turn to: an authority or a body for disputes.
    pub elsewhere: Vec<String>,
}

/// Why a statement states too little.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// A part that must be there is blank.
    #[error("statement of reasons of decision `{decision}` has no {part}")]
    Missing {
        /// The decision.
        decision: DecisionId,
        /// The part.
        part: &'static str,
    },
    /// The restriction or the way to appeal ends before the decision was made.
    #[error("statement of reasons of decision `{decision}`: {part} ends before the decision was made")]
    EndsBefore {
        /// The decision.
        decision: DecisionId,
        /// What ends.
        part: &'static str,
    },
}

impl Statement {
    /// The same statement, if it states all that it must. A decision takes no other.
    ///
    /// # Errors
    /// [`StatementError`] names the part that is missing.
    pub fn checked(self) -> Result<Self, StatementError> {
        let decision = self.decision;
        let ground_is_blank = match &self.ground {
            Ground::Law { articles } => articles.is_empty() || articles.iter().any(|id| id.trim().is_empty()),
            Ground::Terms { clause, .. } => clause.trim().is_empty(),
        };
        let blanks = [
            ("facts", self.facts.trim().is_empty()),
            ("rule", self.rule.trim().is_empty()),
            ("ground", ground_is_blank),
            ("explanation", self.explanation.trim().is_empty()),
            ("way to appeal", self.redress.appeal_path.trim().is_empty()),
        ];
        if let Some((part, _)) = blanks.into_iter().find(|(_, is_blank)| *is_blank) {
            return Err(StatementError::Missing { decision, part });
        }
        if self.redress.appeal_until <= self.made_at {
            return Err(StatementError::EndsBefore { decision, part: "the way to appeal" });
        }
        if self.restriction.ends_at.is_some_and(|end| end <= self.made_at) {
            return Err(StatementError::EndsBefore { decision, part: "the restriction" });
        }
        Ok(self)
    }

    /// Whether an appeal against the decision is still taken at `now`.
    #[must_use]
    pub fn may_appeal(&self, now: Timestamp) -> bool {
        now < self.redress.appeal_until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Statement {
        let day = |n: i64| Timestamp::from_micros(n * 86_400_000_000).unwrap();
        Statement {
            decision: DecisionId::from_u128(3),
            made_at: day(10),
            restriction: Restriction {
                kind: RestrictionKind::Suspended,
                territory: None,
                ends_at: Some(day(17)),
            },
            facts: "a phrase of the word list".into(),
            source: Source::OwnInitiative,
            automated_detection: true,
            automated_decision: true,
            rule: "lexicon.fraud".into(),
            ground: Ground::Law { articles: vec!["cn.genai.4.1".into()] },
            explanation: "the phrase sells what may not be sold".into(),
            redress: Redress {
                appeal_path: "/cases/new".into(),
                appeal_until: day(194),
                answer_limit: Limit::working_days(15).unwrap(),
                elsewhere: Vec::new(),
            },
        }
    }

    #[test]
    fn a_whole_statement_passes_and_survives_its_storage() {
        let statement = sample().checked().unwrap();
        let json = serde_json::to_string(&statement).unwrap();
        assert_eq!(serde_json::from_str::<Statement>(&json).unwrap(), statement);
        assert!(statement.may_appeal(statement.made_at));
        assert!(!statement.may_appeal(statement.redress.appeal_until));
    }

    #[test]
    fn each_part_must_be_there() {
        let check = |change: fn(&mut Statement), missing: &str| {
            let mut statement = sample();
            change(&mut statement);
            let error = statement.checked().unwrap_err().to_string();
            assert!(error.contains(missing), "{error}");
        };
        check(|s| s.facts = " ".into(), "facts");
        check(|s| s.rule.clear(), "rule");
        check(|s| s.explanation.clear(), "explanation");
        check(|s| s.ground = Ground::Law { articles: Vec::new() }, "ground");
        check(|s| s.ground = Ground::Terms { clause: String::new(), version: "1".into() }, "ground");
        check(|s| s.redress.appeal_path.clear(), "way to appeal");
        check(|s| s.redress.appeal_until = s.made_at, "the way to appeal ends before");
        check(|s| s.restriction.ends_at = Some(s.made_at), "the restriction ends before");
    }
}
