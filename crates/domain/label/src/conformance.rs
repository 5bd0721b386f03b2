//! The verdict on a label: four answers, and every reason for the second.

use std::fmt;

use crate::{AigcLabel, CodeError, ProviderCode};

/// One of the seven fields of GB 45438-2025, Annex E, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// Whether the thing is ("1"), may be ("2") or is suspected to be ("3") generated.
    Label,
    /// Name or code of the provider.
    ContentProducer,
    /// The provider's unique number for the thing.
    ProduceId,
    /// What the producer protects the label with.
    ReservedCode1,
    /// Name or code of the platform that spread it.
    ContentPropagator,
    /// The platform's unique number.
    PropagateId,
    /// What the platform protects the label with.
    ReservedCode2,
}

impl Field {
    /// All seven, in the order in which they are written.
    pub const ALL: [Self; 7] = [
        Self::Label,
        Self::ContentProducer,
        Self::ProduceId,
        Self::ReservedCode1,
        Self::ContentPropagator,
        Self::PropagateId,
        Self::ReservedCode2,
    ];

    /// The key in the label.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Label => "Label",
            Self::ContentProducer => "ContentProducer",
            Self::ProduceId => "ProduceID",
            Self::ReservedCode1 => "ReservedCode1",
            Self::ContentPropagator => "ContentPropagator",
            Self::PropagateId => "PropagateID",
            Self::ReservedCode2 => "ReservedCode2",
        }
    }

    /// The field with that key.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.key() == key)
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

/// What can be said about the label of a thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conformance {
    /// There is one, and nothing speaks against it.
    Conforming,
    /// There is one, with these faults.
    NonConforming(Vec<Reason>),
    /// There is none. That says nothing about who made the thing.
    NotFound,
    /// It could not be told.
    Inconclusive(Doubt),
}

impl Conformance {
    /// The word for the verdict in machine-readable reports.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Conforming => "conforming",
            Self::NonConforming(_) => "non_conforming",
            Self::NotFound => "not_found",
            Self::Inconclusive(_) => "inconclusive",
        }
    }

    /// The verdict that these faults make.
    #[must_use]
    pub fn from_reasons(reasons: Vec<Reason>) -> Self {
        if reasons.is_empty() { Self::Conforming } else { Self::NonConforming(reasons) }
    }

    /// This verdict, or `other` where nothing was found: a thing without a place for one label may have another.
    #[must_use]
    pub const fn or<'c>(&'c self, other: &'c Self) -> &'c Self {
        match self {
            Self::NotFound => other,
            Self::Conforming | Self::NonConforming(_) | Self::Inconclusive(_) => self,
        }
    }

    /// The faults; none unless the verdict is non-conforming.
    #[must_use]
    pub fn reasons(&self) -> &[Reason] {
        match self {
            Self::NonConforming(reasons) => reasons,
            Self::Conforming | Self::NotFound | Self::Inconclusive(_) => &[],
        }
    }
}

/// One fault of a label.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// `Label` is none of the three values.
    #[error("Label is `{0}`: it must be \"1\", \"2\" or \"3\"")]
    LabelValue(String),
    /// A required field is absent or empty.
    #[error("{0} is missing")]
    Missing(Field),
    /// A value is a number, an object or another thing that is not a string.
    #[error("{0} is not a string")]
    NotAString(Field),
    /// A value holds a character outside 0x21 to 0x7E: a space, a control character, a multi-byte one.
    #[error("{field} holds `{}` (U+{:04X}): only 0x21 to 0x7E may stand there", .found.escape_debug(), u32::from(*.found))]
    Characters {
        /// Where it stands.
        field: Field,
        /// The first such character.
        found: char,
    },
    /// A number of zeros is not unique.
    #[error("{0} is all zeros and identifies nothing")]
    ZeroId(Field),
    /// The provider is the reserved word of trial mode.
    #[error("{0} is the reserved word of trial mode and names no provider")]
    Trial(Field),
    /// A provider code fails its checks.
    #[error("{field}: {error}")]
    Code {
        /// Where it stands.
        field: Field,
        /// The check that failed.
        error: CodeError,
    },
    /// The same key stands twice in one label.
    #[error("{0} stands more than once in the label")]
    DuplicateField(Field),
    /// A file holds more than one label, even where they are equal.
    #[error("there is more than one label")]
    DuplicateLabel,
    /// There is a label, but it cannot be read.
    #[error("the label cannot be read: {0}")]
    Unreadable(String),
}

impl Reason {
    /// A stable word for the fault, for machine-readable reports.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::LabelValue(_) => "label_value",
            Self::Missing(_) => "missing",
            Self::NotAString(_) => "not_a_string",
            Self::Characters { .. } => "characters",
            Self::ZeroId(_) => "zero_id",
            Self::Trial(_) => "trial",
            Self::Code { .. } => "provider_code",
            Self::DuplicateField(_) => "duplicate_field",
            Self::DuplicateLabel => "duplicate_label",
            Self::Unreadable(_) => "unreadable",
        }
    }
}

/// Why nothing can be said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    /// The bytes are not UTF-8.
    #[error("the text is not UTF-8 from byte {0} on")]
    NotUtf8(usize),
    /// The thing is larger than is read.
    #[error("{bytes} bytes are more than the {limit} that are read")]
    TooLong {
        /// How many there are.
        bytes: usize,
        /// How many are read.
        limit: usize,
    },
    /// The words of a label stand in the middle of the text, where they may be the subject of it.
    #[error("the words of a label stand in the middle of the text only")]
    WordsInside,
    /// The file cannot be read to its end.
    #[error("the file is broken: {0}")]
    Broken(crate::media::Broken),
}

/// Every fault of the values themselves, in the order of the fields.
pub(crate) fn faults(label: &AigcLabel) -> Vec<Reason> {
    let mut reasons = Vec::new();
    // A platform that found a thing to be generated knows its own name and number, and no producer's.
    let is_by_propagator = matches!(label.get(Field::Label), "2" | "3")
        && [Field::ContentPropagator, Field::PropagateId].iter().all(|&field| !label.get(field).is_empty());
    for field in Field::ALL {
        let value = label.get(field);
        let is_required = match field {
            Field::Label => true,
            Field::ContentProducer | Field::ProduceId => !is_by_propagator,
            _ => false,
        };
        if value.is_empty() {
            if is_required {
                reasons.push(Reason::Missing(field));
            }
            continue;
        }
        if field == Field::Label && !matches!(value, "1" | "2" | "3") {
            reasons.push(Reason::LabelValue(value.chars().take(64).collect()));
        }
        if let Some(found) = value.chars().find(|c| !('\u{21}'..='\u{7e}').contains(c)) {
            reasons.push(Reason::Characters { field, found });
        }
        match field {
            Field::ProduceId | Field::PropagateId => {
                if value.chars().all(|c| matches!(c, '0' | '-')) {
                    reasons.push(Reason::ZeroId(field));
                }
            }
            Field::ContentProducer | Field::ContentPropagator => {
                if value == ProviderCode::TRIAL {
                    reasons.push(Reason::Trial(field));
                } else if ProviderCode::is_meant(value)
                    && let Err(error) = ProviderCode::parse(value)
                {
                    reasons.push(Reason::Code { field, error });
                }
            }
            Field::Label | Field::ReservedCode1 | Field::ReservedCode2 => {}
        }
    }
    reasons
}
