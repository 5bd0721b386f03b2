//! The passage scorer: what a text is about, by a linear model over hashed pieces of it.
//!
//! A [`Model`] has eight [`Head`]s, each with a score in log-odds and three [`Zone`]s. It is small (2 MB), fast (a text of
//! a kilobyte in some tens of microseconds) and explains nothing: it says where a guard model or a person should look, and
//! blocks alone only where hardly any harmless text of any source scores as high. It reads one normalised character at a
//! time, and scores at positions that follow from the text alone (`passages`), so that a stream is scored as the whole is.
//!
//! [`train`] makes a model from [`Example`]s, [`Model::calibrate`] sets its zones, [`Model::to_bytes`] and
//! [`Model::from_bytes`] are its form on disk. `measure`, [`near_duplicates`] and [`Homophones`] serve its evaluation.
//!
//! What it is not: a judge of intent. On implied hate and on the purpose of a request a linear model is little better than
//! chance; the figures are in `docs/reference/classifier.md`.

mod calibrate;
mod clusters;
mod features;
mod file;
mod head;
mod homophones;
pub mod measure;
mod model;
mod passages;
mod scorer;
mod seen;
mod syllables;
mod train;

pub use calibrate::HeldOut;
pub use clusters::near_duplicates;
pub use file::ModelError;
pub use head::{HEADS, Head};
pub use homophones::Homophones;
pub use model::{HeadSettings, Model, Scores, Source, Zone};
pub(crate) use scorer::Scorer;
pub use train::{Example, TrainSettings, Trained, train};
