//! Ids: newtypes over ULIDs, so that one noun's id cannot stand where another's belongs.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{Entropy, Timestamp, random_bytes};

/// A text that is no id of the kind asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a {kind} id: 26 characters of Crockford's base 32 are expected")]
pub struct IdError {
    /// What was asked for, in words: `case`, `entry`.
    pub kind: &'static str,
    /// What was given, cut to 64 characters.
    pub text: String,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident, $kind:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(ulid::Ulid);

        impl $name {
            /// A new id: the milliseconds of `now`, then 80 random bits.
            #[must_use]
            pub fn generate(now: Timestamp, entropy: &dyn Entropy) -> Self {
                let random: [u8; 16] = random_bytes(entropy);
                Self(ulid::Ulid::from_parts(now.as_millis(), u128::from_be_bytes(random)))
            }

            /// The id with exactly these 128 bits. For tests and for ids kept elsewhere as bytes.
            #[must_use]
            pub const fn from_u128(bits: u128) -> Self {
                Self(ulid::Ulid(bits))
            }

            /// When the id was made, to the millisecond.
            #[must_use]
            pub fn time(self) -> Timestamp {
                let millis = i64::try_from(self.0.timestamp_ms()).unwrap_or(i64::MAX);
                Timestamp::from_micros_clamped(millis.saturating_mul(1_000))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                ulid::Ulid::from_string(text)
                    .map(Self)
                    .map_err(|_| IdError { kind: $kind, text: text.chars().take(64).collect() })
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }
    )+};
}

ids! {
    /// One thing generated: GB 45438's `ProduceID`.
    ProduceId, "produce";
    /// One ledger entry.
    EntryId, "entry";
    /// One decision about a person's content or use.
    DecisionId, "decision";
    /// One complaint, report or appeal.
    CaseId, "case";
    /// One penalty.
    PenaltyId, "penalty";
    /// One person (or organisation) who uses the service.
    SubjectId, "subject";
    /// One application key.
    ApplicationKeyId, "application key";
    /// One person who works for the provider.
    OperatorId, "operator";
    /// One thing an operator has to do.
    TaskId, "task";
    /// One entry of the operator's lexicons.
    LexiconEntryId, "lexicon entry";
    /// One proposal to change them.
    LexiconProposalId, "lexicon proposal";
    /// One hit that an appeal found wrong.
    FalsePositiveId, "false positive";
    /// One run of a candidate list beside the one in force.
    LexiconShadowId, "lexicon shadow";
    /// One grant of things without a visible label.
    LabelGrantId, "label grant";
    /// One provider served by this deployment.
    TenantId, "tenant";
}

impl TenantId {
    /// The tenant of a deployment that serves one provider.
    pub const DEFAULT: Self = Self::from_u128(0);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn text_round_trips(bits: u128) {
            let id = ProduceId::from_u128(bits);
            prop_assert_eq!(id.to_string().parse::<ProduceId>().unwrap(), id);
        }

        #[test]
        fn foreign_text_never_panics(text: String) {
            let _ = text.parse::<CaseId>();
        }
    }

    #[test]
    fn ids_carry_their_time_and_sort_by_it() {
        struct Zero;
        impl Entropy for Zero {
            fn fill(&self, buffer: &mut [u8]) {
                buffer.fill(0);
            }
        }
        let early = Timestamp::from_micros(1_000_000).unwrap();
        let late = Timestamp::from_micros(2_000_000).unwrap();
        assert_eq!(EntryId::generate(late, &Zero).time(), late);
        assert!(EntryId::generate(early, &Zero).to_string() < EntryId::generate(late, &Zero).to_string());
    }
}
