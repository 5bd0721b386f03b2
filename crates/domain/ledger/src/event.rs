//! The kinds of things that leave an entry.

use std::{fmt, str::FromStr};

/// A word that names no event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown event `{0}`")]
pub struct UnknownEvent(pub String);

macro_rules! events {
    ($($(#[$doc:meta])* $name:ident = $word:literal;)+) => {
        /// What an entry records. What grants, decides, discloses or changes a rule is here; log-ins, one-time codes and
        /// leases are not.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum EventKind {
            $($(#[$doc])* $name,)+
        }

        impl EventKind {
            /// Every event, in the order of the design.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The word in entries and in the database.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)+
                }
            }
        }
    };
}

events! {
    /// A generation was admitted; durable before the first byte of the answer leaves.
    GenerationBegun = "generation.begun";
    /// A generation ended: finished, blocked, interrupted.
    GenerationEnded = "generation.ended";
    /// A prompt or an answer was blocked.
    ContentBlocked = "content.blocked";
    /// A person of the operator's was asked to look at a prompt or an answer.
    ContentReferred = "content.referred";
    /// What was generated carries its label.
    LabelApplied = "label.applied";
    /// What was generated left without a label in its text, for a recorded reason.
    LabelWaived = "label.waived";
    /// Delivery without a visible label was granted (Labelling Measures, article 9).
    GrantGiven = "grant.given";
    /// Such a grant was withdrawn before its end.
    GrantWithdrawn = "grant.withdrawn";
    /// A claim about who a person is was verified.
    IdentityVerified = "identity.verified";
    /// A version of the service agreement was accepted.
    AgreementAccepted = "agreement.accepted";
    /// Consent was given.
    ConsentGiven = "consent.given";
    /// Consent was withdrawn.
    ConsentWithdrawn = "consent.withdrawn";
    /// A complaint, report or appeal was opened.
    CaseOpened = "case.opened";
    /// A case changed its state or its reviewer.
    CaseMoved = "case.moved";
    /// A case was decided.
    CaseDecided = "case.decided";
    /// A penalty was imposed.
    PenaltyImposed = "penalty.imposed";
    /// A penalty was lifted before its end.
    PenaltyLifted = "penalty.lifted";
    /// A pack of obligations came into force.
    PackActivated = "pack.activated";
    /// A change of the word lists was proposed.
    LexiconProposed = "lexicon.proposed";
    /// The word lists changed: a second person approved a proposal.
    LexiconChanged = "lexicon.changed";
    /// A proposed change of the word lists was rejected or withdrawn.
    LexiconRejected = "lexicon.rejected";
    /// A model was registered.
    ModelRegistered = "model.registered";
    /// A corpus was assessed.
    CorpusAssessed = "corpus.assessed";
    /// An assessment finished.
    AssessmentFinished = "assessment.finished";
    /// A filing with an authority changed its state.
    FilingChanged = "filing.changed";
    /// An incident was reported.
    IncidentReported = "incident.reported";
    /// An inspection received an export.
    InspectionExported = "inspection.exported";
    /// A person's data was erased.
    SubjectErased = "subject.erased";
    /// An application key was created.
    KeyCreated = "key.created";
    /// An application key was revoked.
    KeyRevoked = "key.revoked";
    /// A role was granted to an operator.
    RoleGranted = "role.granted";
    /// A role was taken from an operator.
    RoleRevoked = "role.revoked";
    /// An operator looked at kept evidence.
    EvidenceViewed = "evidence.viewed";
    /// The configuration changed.
    ConfigChanged = "config.changed";
    /// The log signs with another key from here on.
    LogKeyRotated = "log.key_rotated";
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for EventKind {
    type Err = UnknownEvent;

    fn from_str(word: &str) -> Result<Self, UnknownEvent> {
        Self::ALL
            .iter()
            .copied()
            .find(|event| event.as_str() == word)
            .ok_or_else(|| UnknownEvent(word.chars().take(64).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_has_a_word_of_its_own() {
        for event in EventKind::ALL {
            assert_eq!(event.as_str().parse(), Ok(*event));
        }
        assert_eq!(EventKind::ALL.len(), 35);
        assert!("generation.dreamt".parse::<EventKind>().is_err());
    }
}
