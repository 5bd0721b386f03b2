//! What a person can do with the service, and how well they have to be known for it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{AgreementHash, IdentityLevel};

/// Identity of users: Deep Synthesis Provisions, article 9.
const IDENTITY_RULE: &str = "cn.ds.9";
/// Agreement with users: Interim Measures, article 9.
const AGREEMENT_RULE: &str = "cn.genai.9";

/// Something a person can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    /// Ask and be answered.
    Talk,
    /// Show something generated to others through the service.
    Publish,
    /// Open a complaint, a report or an appeal. Nothing is ever asked for it: a person with a complaint is not turned away.
    OpenCase,
}

impl Capability {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Talk, Self::Publish, Self::OpenCase];

    /// The word for it in the configuration and in refusals.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Talk => "talk",
            Self::Publish => "publish",
            Self::OpenCase => "open_case",
        }
    }

    /// The capability with that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|capability| capability.as_str() == word)
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The level that each capability asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requirements {
    talk: IdentityLevel,
    publish: IdentityLevel,
}

/// Requirements that the law does not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequirementError {
    /// Publishing for the unverified.
    #[error(
        "`publish` asks for identity level `{0}`: the unverified may not publish ({IDENTITY_RULE}), `phone` is the least"
    )]
    PublishUnverified(IdentityLevel),
    /// Publishing that asks for less than talking.
    #[error("`publish` asks for `{publish}`, less than the `{talk}` that `talk` asks for")]
    PublishBelowTalk {
        /// What publishing asks for.
        publish: IdentityLevel,
        /// What talking asks for.
        talk: IdentityLevel,
    },
}

/// Why a person may not do something, as data: the page that explains it knows the words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// They are not known well enough.
    #[error("`{capability}` needs identity level `{needs}`, the person has `{has}` ({IDENTITY_RULE})")]
    IdentityLevel {
        /// What they wanted to do.
        capability: Capability,
        /// How well they are known.
        has: IdentityLevel,
        /// How well they would have to be known.
        needs: IdentityLevel,
    },
    /// They did not accept the agreement, or another text of it.
    #[error("the agreement of version `{version}` is not accepted ({AGREEMENT_RULE})")]
    Agreement {
        /// The version to accept.
        version: String,
        /// The hash of its text.
        hash: AgreementHash,
        /// Whether an earlier text was accepted.
        accepted_another: bool,
    },
}

impl Refusal {
    /// The rule that refuses: the id of an obligation in the pack.
    #[must_use]
    pub const fn rule(&self) -> &'static str {
        match self {
            Self::IdentityLevel { .. } => IDENTITY_RULE,
            Self::Agreement { .. } => AGREEMENT_RULE,
        }
    }

    /// A stable code for machines.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::IdentityLevel { .. } => "identity_level_required",
            Self::Agreement { .. } => "agreement_required",
        }
    }
}

impl Requirements {
    /// Trial mode: anybody on the machine may talk, nobody unverified may publish.
    pub const TRIAL: Self = Self { talk: IdentityLevel::None, publish: IdentityLevel::Phone };
    /// Service mode where nothing else is configured: verified for both.
    pub const SERVICE: Self = Self { talk: IdentityLevel::Phone, publish: IdentityLevel::Phone };

    /// Requirements as configured.
    ///
    /// # Errors
    /// [`RequirementError`] where the unverified could publish, or publishing would ask for less than talking.
    pub fn new(talk: IdentityLevel, publish: IdentityLevel) -> Result<Self, RequirementError> {
        if !publish.is_verified() {
            return Err(RequirementError::PublishUnverified(publish));
        }
        if publish < talk {
            return Err(RequirementError::PublishBelowTalk { publish, talk });
        }
        Ok(Self { talk, publish })
    }

    /// The level that a capability asks for.
    #[must_use]
    pub const fn level(&self, capability: Capability) -> IdentityLevel {
        match capability {
            Capability::Talk => self.talk,
            Capability::Publish => self.publish,
            Capability::OpenCase => IdentityLevel::None,
        }
    }

    /// Whether a person known that well may do it.
    ///
    /// # Errors
    /// [`Refusal::IdentityLevel`] where they are not known well enough.
    pub fn check(&self, has: IdentityLevel, capability: Capability) -> Result<(), Refusal> {
        let needs = self.level(capability);
        if has >= needs { Ok(()) } else { Err(Refusal::IdentityLevel { capability, has, needs }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_ordered_and_have_words() {
        assert!(IdentityLevel::ALL.is_sorted());
        for level in IdentityLevel::ALL {
            assert_eq!(IdentityLevel::from_word(level.as_str()), Some(level));
            assert_eq!(serde_json::to_string(&level).unwrap(), format!("\"{level}\""));
        }
        for capability in Capability::ALL {
            assert_eq!(Capability::from_word(capability.as_str()), Some(capability));
        }
        assert_eq!(IdentityLevel::from_word("Full"), None);
    }

    #[test]
    fn every_level_meets_what_is_below_it() {
        use Capability::{OpenCase, Publish, Talk};
        use IdentityLevel::{Declared, Full, None, Phone};
        let requirements = Requirements::new(Declared, Full).unwrap();
        let check = |has, capability, expected| {
            assert_eq!(requirements.check(has, capability).is_ok(), expected, "{has} {capability}");
        };
        for (has, talk, publish) in
            [(None, false, false), (Declared, true, false), (Phone, true, false), (Full, true, true)]
        {
            check(has, Talk, talk);
            check(has, Publish, publish);
            check(has, OpenCase, true);
        }
        let refusal = requirements.check(None, Talk).unwrap_err();
        assert_eq!(refusal, Refusal::IdentityLevel { capability: Talk, has: None, needs: Declared });
        assert_eq!(refusal.rule(), "cn.ds.9");
    }

    #[test]
    fn the_unverified_never_publish() {
        for talk in IdentityLevel::ALL {
            for publish in IdentityLevel::ALL {
                let allowed = publish.is_verified() && publish >= talk;
                assert_eq!(Requirements::new(talk, publish).is_ok(), allowed, "{talk} {publish}");
            }
        }
        assert!(Requirements::TRIAL.check(IdentityLevel::Declared, Capability::Publish).is_err());
    }
}
