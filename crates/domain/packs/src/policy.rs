//! The policy: what is done about a hit, by category, direction, audience and capability, as rows in their order.
//!
//! Which categories, audiences and measures there are is the safety engine's to say; here a row is read and its text
//! looked up. Words that the engine does not know are refused where the rows are compiled, by the same place.

use serde::Deserialize;
use serde_saphyr::Spanned;
use terms::Direction;

use crate::{
    error::{PackError, Place},
    yaml,
};

/// What an attached text may hold a place for: what is known wherever a hit is.
pub const ATTACHED_PLACEHOLDERS: [&str; 2] = ["contact", "provider_name"];

/// One row of a policy, as it is written. What is left out means any.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyLine {
    /// The category of the hit: `fraud`, `operator.competitors`.
    pub category: Option<String>,
    /// The rule that hit: `personal-data.email`.
    pub rule: Option<String>,
    /// Prompt (`input`) or answer (`output`).
    pub direction: Option<Direction>,
    /// For whom: `adult`, `minor`, `verified`.
    pub audience: Option<String>,
    /// What for: `text`, `tool`, `image`, `speech`.
    pub capability: Option<String>,
    /// What is done, in words joined by `+`: `block`, `mask+review`.
    pub measure: String,
    /// The id of the text that is attached, or that helps in a crisis.
    pub text: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    rows: Vec<Spanned<PolicyLine>>,
}

/// Every row of the file, with its place.
pub(crate) fn read(file: &str, bytes: &[u8]) -> Result<Vec<(Place, PolicyLine)>, PackError> {
    let parsed: File = yaml::read(file, bytes)?;
    Ok(parsed.rows.into_iter().map(|row| (Place::located(file, row.referenced), row.value)).collect())
}
