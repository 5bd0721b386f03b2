//! Marks on generated content: the visible one that people read and the hidden one that programs read.
//!
//! [`AigcLabel`] is the seven-field label of GB 45438-2025 with its fixed serialisation, [`ProviderCode`] the
//! 27-character code in it, [`text::VisibleLabel`] the sentence under an answer. [`markdown`] and [`plain`] put the marks
//! into files and read them back; [`verify_text`] says what a foreign text carries.
//!
//! What is written is strict, what is read is tolerant: real files reorder, wrap and escape the label. Nothing here
//! decides whether a label is due, and nothing here takes a foreign label out.

pub mod code;

pub mod aigc;

pub mod conformance;

pub mod text;

pub mod waiver;

pub mod markdown;

pub mod plain;

pub mod report;

pub mod state;

pub mod media;

pub mod security;

pub use aigc::{AigcLabel, LabelError};
pub use code::{CodeError, CodeForm, ProviderCode, ServiceType};
pub use conformance::{Conformance, Doubt, Field, Reason};
pub use report::{TextKind, TextReport, VisibleMark, verify_text, verify_text_with};
pub use security::{DigestForm, KeyError, KeyStanding, SecretKey, Security, VerifyingKey};
pub use state::{Layer, Sign, SignKind, State};
pub use text::{
    Ending, FoundLabel, Placement, Shape, ShapeSniffer, TemplateError, VisibleLabel, contains_elements,
};
pub use waiver::Waiver;
