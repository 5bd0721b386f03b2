//! Public data sets in a folder, as texts with labels for the heads of the classifier.
//!
//! [`training`] names the files a model may be trained from, [`evaluation`] those it is only measured on. Each file is
//! read whole, hashed, and turned into [`safety::classifier::Example`]s or cases by a rule of its own; a row that the rule
//! does not understand is an error with file and line, since a set that has changed would train another model silently.
//!
//! What this crate is not: it fetches nothing, and the texts stay where they are. Only weights leave.

mod error;
pub mod evaluation;
mod file;
mod labels;
mod rows;
pub mod training;
mod written;

pub use error::DatasetError;
pub use evaluation::{Case, EvaluationSet};
pub use training::TrainingSet;
