//! The feature library: what is looked for, who proposed it, who approved it.

pub mod coverage;
pub mod entries;
pub mod form;
pub mod proposal;
pub mod proposals;
pub mod row;
pub mod term;
pub mod versions;
