//! The visible label of documents: our sentence as a line of its own, where a reader meets it first
//! (GB 45438-2025, 5.1; Labelling Measures, article 4).
//!
//! The words are those of [`VisibleLabel`], so that a line is found again wherever the text is copied to. It is put in
//! before the hidden label. Markdown and plain text have modules of their own; a workbook has no place that every reader
//! shows.

use terms::ProduceId;

use super::{Broken, Edits, Format, WriteError, html, ooxml};
use crate::{
    VisibleLabel,
    plain::{self, PlainReading},
};

/// Why a document gets no line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// One of our own is there already.
    #[error("the document already has our label")]
    AlreadyLabelled,
    /// It could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Whether documents of that format get a line.
#[must_use]
pub const fn takes_line(format: Format) -> bool {
    matches!(format, Format::Docx | Format::Html | Format::Pptx)
}

/// The text of a document in which its label may stand: none for formats that get no line.
///
/// # Errors
/// [`Broken`] where it cannot be read.
pub fn document_text(format: Format, bytes: &[u8]) -> Result<String, Broken> {
    match format {
        Format::Docx | Format::Pptx => ooxml::text(format, bytes),
        Format::Html => html::text(bytes),
        _ => Ok(String::new()),
    }
}

/// The whole document with the line in it, read back.
///
/// # Errors
/// [`LineError`]; then nothing is to be changed.
pub fn add_line(
    format: Format,
    bytes: &[u8],
    visible: &VisibleLabel,
    produce_id: &ProduceId,
) -> Result<Vec<u8>, LineError> {
    let text = document_text(format, bytes).map_err(WriteError::Broken)?;
    if visible.find(&text).is_some() {
        return Err(LineError::AlreadyLabelled);
    }
    let line = visible.render(produce_id);
    let edits: Edits = match format {
        Format::Docx | Format::Pptx => ooxml::write_line(format, bytes, &line)?,
        Format::Html => html::write_line(bytes, &line)?,
        _ => return Err(WriteError::NoPlace("files of this format get no line").into()),
    };
    let labelled = edits.apply(bytes);
    let text = document_text(format, &labelled).map_err(WriteError::Broken)?;
    let PlainReading { label, .. } = plain::read(&text, visible);
    let expected = visible.find(&line).and_then(|label| label.produce_id);
    if label.is_some_and(|label| label.produce_id == expected) {
        Ok(labelled)
    } else {
        Err(WriteError::NotReadBack.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Conformance,
        media::{self, tests},
    };

    fn visible() -> VisibleLabel {
        VisibleLabel::new(VisibleLabel::DEFAULT_TEMPLATE).unwrap()
    }

    #[test]
    fn a_line_is_found_again_and_comes_once() {
        let id = ProduceId::from_u128(7);
        let mut documents = 0;
        for (format, file) in tests::samples().into_iter().filter(|(format, _)| takes_line(*format)) {
            documents += 1;
            let before = plain::read(&document_text(format, &file).unwrap(), &visible()).conformance;
            assert_eq!(before, Conformance::NotFound, "{format:?}");
            let labelled = add_line(format, &file, &visible(), &id).unwrap();
            let text = document_text(format, &labelled).unwrap();
            let read = plain::read(&text, &visible());
            assert_eq!(read.label.and_then(|label| label.produce_id), Some(id), "{format:?}: {text}");
            assert_eq!(read.conformance, Conformance::Conforming);
            assert_eq!(add_line(format, &labelled, &visible(), &id), Err(LineError::AlreadyLabelled));
            // The hidden label beside it.
            let both = media::label(format, &labelled, &tests::with(&tests::a_label(7))).unwrap();
            let words = document_text(format, &both).unwrap();
            assert!(words.split_whitespace().eq(text.split_whitespace()), "{format:?}: {words}");
        }
        assert!(documents > 5);
    }

    #[test]
    fn other_files_get_no_line() {
        for (format, file) in tests::samples().into_iter().filter(|(format, _)| !takes_line(*format)) {
            let error = add_line(format, &file, &visible(), &ProduceId::from_u128(7)).unwrap_err();
            assert!(matches!(error, LineError::Write(WriteError::NoPlace(_))), "{format:?}");
            assert_eq!(document_text(format, &file).unwrap(), "");
        }
    }

    #[test]
    fn a_document_cut_anywhere_gets_a_line_or_an_error() {
        for (format, file) in tests::samples() {
            for end in 0..file.len() {
                let cut = file.get(..end).unwrap();
                let _ = add_line(format, cut, &visible(), &ProduceId::from_u128(7));
            }
        }
    }
}
