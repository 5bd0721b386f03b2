//! Packs: obligations, parameters, texts and calendars of one jurisdiction, as checked data.
//!
//! A [`Pack`] is made from bytes that the caller hands in, embedded ([`embedded_cn`]) or read from a folder; nothing here
//! reads a file. Loading is strict: an unknown field, an unknown control, a missing translation or a duty that nobody read
//! in the law but that claims to be an error refuses the whole pack, with file, line and what to do.
//! [`resolve`] puts several packs together. What the rules *do* lives elsewhere: a [`Control`] only names it.

mod calendar;
mod control;
mod embedded;
mod error;
mod loading;
mod manifest;
mod obligation;
mod pack;
mod parameter;
mod policy;
mod resolve;
mod status;
mod text;
mod yaml;

pub use calendar::{CalendarYear, DaysOff};
pub use control::{Control, ControlStatus, UnknownControl};
pub use embedded::embedded_cn;
pub use error::{PackError, Place, Problem};
pub use jiff::civil::Date;
pub use manifest::{FileKind, Manifest};
pub use obligation::{Instrument, Obligation, Party, Severity, Source, Verification};
pub use pack::{PACK_BYTES_MAX, Pack};
pub use parameter::{Adjust, FromParameter, Limit, Merge, Parameter, ParameterError, SetBy, Unit, Value};
pub use policy::{ATTACHED_PLACEHOLDERS, PolicyLine};
pub use resolve::{Claim, Conflict, Resolved, resolve};
pub use status::{Explanation, ObligationState, PackStatus, RowStatus};
pub use text::{Bilingual, LawReference, Text, TextError};
