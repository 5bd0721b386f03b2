//! Marks in files: what is put into a generated picture or sound before it leaves.
//!
//! The order is visible label → invisible mark → encode → hidden label and IPTC → C2PA, so that all of them verify afterwards.
//! How that is done is behind [`MediaMarker`]: decoding and drawing live in adapters, which `server` wires.

mod files;

use std::sync::Arc;

use bytes::Bytes;
use label::{
    AigcLabel, ProviderCode,
    media::{self, DigitalSource, Format, Marks},
};
use terms::{Locale, ProduceId, Timestamp};
use tokio::sync::Semaphore;

use crate::{Generation, OperationError, Operations};

pub use files::{MEDIA_BYTES_MAX, MediaFile};

/// What becomes of the visible label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visible {
    /// It is put into the file.
    Put,
    /// It is left out: under a grant, or because the interface shows it, where the law allows that for the medium.
    Leave,
}

/// What a file is marked with.
#[derive(Debug, Clone)]
pub struct MarkFacts {
    /// The hidden label.
    pub label: AigcLabel,
    /// Who we are, where the thing is another producer's and we pass it on.
    pub provider: ProviderCode,
    /// The number of the thing.
    pub produce_id: ProduceId,
    /// How it was made.
    pub source: DigitalSource,
    /// What becomes of the visible label.
    pub visible: Visible,
    /// The language of its reader.
    pub locale: Locale,
    /// The model, as the client names it.
    pub model: Arc<str>,
    /// When it was made.
    pub made_at: Timestamp,
}

/// A marked file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    /// The file.
    pub bytes: Vec<u8>,
    /// What it is.
    pub format: Format,
    /// Whether a visible (of sound: audible) label is in it.
    pub has_visible: bool,
}

/// Why a file cannot be marked. It does not leave then.
#[derive(Debug, thiserror::Error)]
pub enum MarkError {
    /// It is in a format that carries no label.
    #[error("the file is in no format that can carry a label")]
    Format,
    /// It is in a format in which no visible label can be put.
    #[error("no visible label can be put into a file in the format `{}`", .0.as_str())]
    NoVisible(Format),
    /// It cannot be read, or is over a limit.
    #[error("the file cannot be marked: {0}")]
    Unreadable(String),
    /// The hidden label could not be written, or did not read back.
    #[error("the hidden label could not be written")]
    Hidden(#[from] media::WriteError),
}

/// Something that marks files. It is called on threads for blocking work, on a few at a time.
pub trait MediaMarker: Send + Sync {
    /// Marks one file, and reads the marks back.
    ///
    /// # Errors
    /// [`MarkError`]; then nothing of the file leaves.
    fn mark(&self, file: &[u8], facts: &MarkFacts) -> Result<Marked, MarkError>;
}

/// A file with the hidden label of `facts`, read back.
///
/// A valid label that `original` carries is another producer's: it is kept, and we fill in the propagator's fields (GB 45438-2025,
/// 6.1; design 9.11). `original` is the file as it came where `file` was encoded anew since.
///
/// # Errors
/// [`media::WriteError`].
pub fn hidden(
    format: Format,
    file: &[u8],
    facts: &MarkFacts,
    original: Option<&[u8]>,
) -> Result<Vec<u8>, media::WriteError> {
    let source = original.unwrap_or(file);
    let came = Format::sniff(source).map(|format| media::report(format, source));
    let foreign =
        came.filter(|report| report.hidden == label::Conformance::Conforming).and_then(|report| report.label);
    let label = match foreign {
        Some(foreign) => foreign.propagated(&facts.provider, facts.label.produce_id()),
        None => facts.label.clone(),
    };
    media::label(format, file, &Marks { label: &label, source: Some(facts.source) })
}

/// Files marked at the same time: each holds a decoded picture and a core.
pub(crate) fn marking_turns() -> Semaphore {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Semaphore::new(cores)
}

impl Operations {
    /// Marks one file of a generation, on a thread for blocking work; of many at a time, as many as there are cores.
    ///
    /// # Errors
    /// [`OperationError::Internal`] where the work broke off. The inner [`MarkError`] says why the file may not leave.
    pub async fn mark_file(
        &self,
        generation: &Generation,
        file: Bytes,
        source: DigitalSource,
        visible: Visible,
        locale: Locale,
    ) -> Result<Result<Marked, MarkError>, OperationError> {
        let facts = MarkFacts {
            label: self.aigc_label(generation.produce_id),
            provider: self.inner.settings.provider_code.clone(),
            produce_id: generation.produce_id,
            source,
            visible,
            locale,
            model: Arc::clone(&generation.model),
            made_at: generation.begun_at,
        };
        let closed = |error| OperationError::internal("waiting for a turn to mark a file")(Box::new(error));
        let _turn = self.inner.marking.acquire().await.map_err(closed)?;
        let marker = Arc::clone(&self.inner.marker);
        crate::threads::off_the_threads_that_serve(move || Ok(marker.mark(&file, &facts))).await
    }
}
