//! What a platform owes a file that it passes on: to look, and to write what it found beside what is there (Labelling
//! Measures, article 6). Nothing in the file is taken out.

use bytes::Bytes;
use label::{
    AigcLabel, Conformance, ProviderCode, State,
    media::{self, Format, Marks, WriteError},
};
use terms::ProduceId;

use crate::{FileQuery, FileVerification, OperationError, Operations, threads::off_the_threads_that_serve};

/// The longest number that a platform gives a file of its own, in bytes.
const PROPAGATE_ID_BYTES_MAX: usize = 128;

/// A file with the propagator's fields in its hidden label.
#[derive(Debug, Clone)]
pub struct Propagated {
    /// The file.
    pub bytes: Bytes,
    /// Its media type.
    pub media_type: &'static str,
    /// What it was found to be.
    pub found: FileVerification,
    /// The label that it has now.
    pub label: AigcLabel,
}

impl Operations {
    /// Writes the propagator's fields into a file: into the label that it has, or into one that says what it was found
    /// to be. `propagate_id` is the platform's own number for it; one is made where there is none.
    ///
    /// # Errors
    /// [`OperationError::Invalid`] where the file takes no label or shows no sign of generation, or the number is no
    /// value of a label.
    pub async fn propagate_file(
        &self,
        query: FileQuery,
        propagate_id: Option<String>,
    ) -> Result<Propagated, OperationError> {
        let id = match propagate_id {
            Some(id) => checked(id)?,
            None => ProduceId::generate(self.now(), self.entropy()).to_string(),
        };
        let bytes = query.bytes.clone();
        let Some(format) = Format::sniff(&bytes) else {
            return Err(refused("the file is of no format that takes a hidden label"));
        };
        let found = self.verify_file(query).await?;
        let label = propagated_label(&found, &self.inner.settings.provider_code, &id)?;
        let written = label.clone();
        let bytes = off_the_threads_that_serve(move || {
            let marks = Marks { label: &written, source: None };
            media::label(format, &bytes, &marks).map_err(|error| match error {
                WriteError::NotReadBack => OperationError::internal("labelling a file")(Box::new(error)),
                other => refused(&other.to_string()),
            })
        })
        .await?;
        Ok(Propagated { bytes: bytes.into(), media_type: format.media_type(), found, label })
    }
}

/// The label that a file is to have after `propagator` passed it on: what it has, or what it was found to be.
///
/// # Errors
/// [`OperationError::Invalid`] where there is nothing to write or what is there cannot be kept.
pub fn propagated_label(
    found: &FileVerification,
    propagator: &ProviderCode,
    id: &str,
) -> Result<AigcLabel, OperationError> {
    match (&found.hidden, &found.aigc) {
        (Conformance::Conforming | Conformance::NonConforming(_), Some(label)) => {
            Ok(label.clone().propagated(propagator, id))
        }
        (Conformance::NotFound, _) if found.state == State::Confirmed => {
            // A record here names the producer. Credentials alone do not in the words of a label: it stays at "may be".
            let recorded = found.record.as_ref().and_then(|record| record.aigc.clone());
            recorded
                .map(|label| label.propagated(propagator, id))
                .or_else(|| AigcLabel::by_propagator(State::Possible, propagator, id))
                .ok_or_else(|| refused("the file shows no sign of generation"))
        }
        (Conformance::NotFound, _) => AigcLabel::by_propagator(found.state, propagator, id)
            .ok_or_else(|| refused("the file shows no sign of generation: there is nothing to write")),
        _ => Err(refused("its label cannot be read, so that it cannot be kept")),
    }
}

fn checked(id: String) -> Result<String, OperationError> {
    let is_value =
        !id.is_empty() && id.len() <= PROPAGATE_ID_BYTES_MAX && id.bytes().all(|b| b.is_ascii_graphic());
    if is_value {
        return Ok(id);
    }
    Err(OperationError::invalid(
        "propagate_id",
        "file-error-propagate-id",
        format!(
            "must have 1 to {PROPAGATE_ID_BYTES_MAX} characters from 0x21 to 0x7E (GB 45438-2025, Annex E)"
        ),
    ))
}

fn refused(detail: &str) -> OperationError {
    OperationError::invalid("file", "file-error-no-label", detail)
}
