//! What a model scores for.

use terms::Direction;

use super::Zone;
use crate::policy::ASKS;
use crate::{Action, Category, FollowUps, Measure};

/// One thing that a text may be about, with a score of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Head {
    /// Insults and offence.
    Abuse,
    /// Contempt for a group of people.
    Discrimination,
    /// Sexual content.
    Sexual,
    /// Violence, and help to hurt others.
    Violence,
    /// Fraud, and the advertising of loans, gambling and escorts.
    Fraud,
    /// Attempts to set a model's rules aside, injected ones too.
    Jailbreak,
    /// A person may be about to harm themself.
    SelfHarm,
    /// Asking for what is private about somebody.
    PrivacyRequest,
}

/// How many heads there are.
pub const HEADS: usize = Head::ALL.len();

impl Head {
    /// All of them, in the order of a model's weights.
    pub const ALL: [Self; 8] = [
        Self::Abuse,
        Self::Discrimination,
        Self::Sexual,
        Self::Violence,
        Self::Fraud,
        Self::Jailbreak,
        Self::SelfHarm,
        Self::PrivacyRequest,
    ];

    /// The name used in rules, models and tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Abuse => "abuse",
            Self::Discrimination => "discrimination",
            Self::Sexual => "sexual",
            Self::Violence => "violence",
            Self::Fraud => "fraud",
            Self::Jailbreak => "jailbreak",
            Self::SelfHarm => "self-harm",
            Self::PrivacyRequest => "privacy-request",
        }
    }

    /// The head with that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|head| head.name() == name)
    }

    /// Its place among [`Head::ALL`].
    #[must_use]
    pub const fn place(self) -> usize {
        self as usize
    }

    /// What is done by default about a text in a zone of the head.
    ///
    /// A score alone blocks only what people are to be kept from; a person who insults a model is told at most, and one who
    /// may be in danger is helped. Attacks on a model and requests for data are looked for in what goes to it.
    #[must_use]
    pub const fn measure(self, zone: Zone, direction: Direction) -> Measure {
        match (self, zone, direction) {
            (_, Zone::Pass, _) | (Self::Jailbreak | Self::PrivacyRequest, _, Direction::Output) => {
                Measure::new(Action::Allow)
            }
            (Self::SelfHarm, _, _) => Measure::new(Action::Allow).then(FollowUps::CRISIS),
            (_, Zone::Ask, _) => Measure::new(Action::Allow).then(FollowUps::ASK_GUARD),
            (Self::Abuse, Zone::Block, Direction::Input) => {
                Measure::new(Action::Warn).then(FollowUps::ASK_GUARD)
            }
            (_, Zone::Block, _) => Measure::new(Action::Block),
        }
    }

    /// The rule of a zone, which a policy can name: `classifier.fraud` where it blocks, `classifier.fraud.ask`.
    #[must_use]
    pub fn rule(self, zone: Zone) -> String {
        let name = self.name();
        match zone {
            // What is done about a person in distress is the same at any certainty: the score never blocks.
            Zone::Ask if self != Self::SelfHarm => format!("classifier.{name}{ASKS}"),
            _ => format!("classifier.{name}"),
        }
    }

    /// What a finding of the head is about.
    #[must_use]
    pub const fn category(self) -> Category {
        match self {
            Self::Abuse => Category::Abuse,
            Self::Discrimination => Category::Discrimination,
            Self::Sexual => Category::SexualContent,
            Self::Violence => Category::Violence,
            Self::Fraud => Category::Fraud,
            Self::Jailbreak => Category::Jailbreak,
            Self::SelfHarm => Category::SelfHarm,
            Self::PrivacyRequest => Category::PrivacyRequest,
        }
    }
}
