//! The feature library: what is looked for, who proposed it, who approved it.

pub mod coverage;
pub mod entries;
pub(crate) mod export;
pub mod false_positives;
pub mod form;
pub mod import;
pub mod proposal;
pub mod proposals;
pub mod row;
pub mod shadow;
pub mod term;
pub mod versions;
