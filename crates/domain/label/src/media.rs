//! The hidden label in files of every medium: where each format keeps it (TC260-PG-20257A, 20258A, 20259A, 202510A), and
//! what else a file says about how it was made.
//!
//! One module a format. Each reads tolerantly and writes strictly, over bytes alone and by *edits*: what is not the
//! label stays where it was, byte for byte, and nothing is decoded or encoded again. Foreign bytes are untrusted: each
//! module says where a file is broken, within written limits.

mod avi;
mod boxes;
mod comments;
mod ebml;
mod edits;
mod exif;
mod flac;
mod format;
mod generators;
mod gif;
mod heif;
mod hints;
mod html;
mod id3;
mod ifd;
mod iloc;
mod jpeg;
mod line;
mod mkv;
mod mp3;
mod mp4;
mod ogg;
mod ooxml;
mod pdf;
mod png;
pub mod riff;
mod svg;
#[cfg(test)]
mod tests;
mod tiff;
mod wav;
mod webp;
mod xml;
mod xmp;
mod zip;

use std::ops::Range;

use crate::{AigcLabel, Conformance, Doubt, Field, LabelError, Reason};

pub use edits::{Edit, Edits};
pub use format::Format;
pub use hints::{Hint, HintKind};
pub use line::{LineError, add_line, document_text, takes_line};

/// The largest file that is read as one, in bytes.
pub const FILE_BYTES_MAX: usize = 1 << 30;

/// What is read of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reading {
    /// Every place that holds a label, in the order in which they stand.
    pub labels: Vec<Found>,
    /// What other makers' marks say.
    pub hints: Vec<Hint>,
}

/// How many labels or hints of one file are kept. One of each is usual.
const MARKS_MAX: usize = 64;

impl Reading {
    /// Notes a label.
    fn label(&mut self, place: &'static str, range: Range<usize>, text: String) {
        if self.labels.len() < MARKS_MAX {
            self.labels.push(Found { place, range, text });
        }
    }

    /// Notes a hint, once.
    fn hint(&mut self, hint: Hint) {
        if self.hints.len() < MARKS_MAX && !self.hints.contains(&hint) {
            self.hints.push(hint);
        }
    }

    /// Notes a generator, where a field for the maker or a comment names one.
    fn maker(&mut self, place: &'static str, text: &str) {
        if generators::named(text).is_some() {
            self.hint(Hint::new(HintKind::Generator, place, text));
        }
    }

    /// Notes what an XMP packet says, which stands in `range`.
    fn packet(&mut self, range: &Range<usize>, packet: xmp::Packet) {
        packet.labels.into_iter().for_each(|text| self.label("XMP", range.clone(), text));
        packet.hints.into_iter().for_each(|hint| self.hint(hint));
    }

    /// Notes what an XMP packet says that is no place for a label in its format. A broken one says nothing.
    fn packet_hints(&mut self, packet: &[u8]) {
        if let Ok(packet) = xmp::Packet::read(packet, 0) {
            packet.hints.into_iter().for_each(|hint| self.hint(hint));
        }
    }

    /// Notes what a block of EXIF says, which stands in `range`.
    fn exif(&mut self, range: &Range<usize>, exif: exif::Exif) {
        exif.labels.into_iter().for_each(|label| self.label(label.place, range.clone(), label.text));
        exif.hints.into_iter().for_each(|hint| self.hint(hint));
    }
}

/// A label, as it stands in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Which place of the format: `XMP`, `RIFF chunk AIGC`, `ID3v2 TXXX`.
    pub place: &'static str,
    /// The bytes of the file in which it stands: of the chunk, packet or element.
    pub range: Range<usize>,
    /// Its text, with the escapes of the format read.
    pub text: String,
}

/// Why a file cannot be read to its end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// It ends too early.
    #[error("the file ends within {what}, which begins at byte {at}")]
    Truncated {
        /// What is not whole.
        what: &'static str,
        /// Where that begins.
        at: usize,
    },
    /// It says what cannot be.
    #[error("{what} at byte {at}")]
    Malformed {
        /// What is wrong.
        what: &'static str,
        /// Where.
        at: usize,
    },
    /// It has more of something than is read.
    #[error("more than {limit} {what}")]
    Limit {
        /// Of what, in the plural.
        what: &'static str,
        /// How many are read.
        limit: usize,
    },
}

impl Broken {
    /// The same, of a part that begins at `by`.
    const fn moved(self, by: usize) -> Self {
        match self {
            Self::Truncated { what, at } => Self::Truncated { what, at: at.saturating_add(by) },
            Self::Malformed { what, at } => Self::Malformed { what, at: at.saturating_add(by) },
            Self::Limit { .. } => self,
        }
    }
}

/// Why a label cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// The file is broken, and a change could make it worse.
    #[error("the file is broken: {0}")]
    Broken(#[from] Broken),
    /// Another label is there, and only its propagator's fields may be filled in (Labelling Measures, article 10; GB 45438-2025, 6.1 c).
    #[error("the file has a label already: keep it and fill in the propagator")]
    Foreign,
    /// There are several, and which of them is right cannot be known.
    #[error("the file has {0} labels: which of them is right cannot be known")]
    SeveralLabels(usize),
    /// The label there cannot be read, so that it cannot be kept.
    #[error("the file has a label that cannot be read: {0}")]
    Unreadable(LabelError),
    /// The file has no room for the label, or is of a kind that takes none.
    #[error("the file can take no label: {0}")]
    NoPlace(&'static str),
    /// What was written did not read back.
    #[error("the label could not be read back from the file")]
    NotReadBack,
}

/// How a thing was made, in the words of the IPTC's Digital Source Type vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DigitalSource {
    /// By a model alone.
    TrainedAlgorithmicMedia,
    /// By a model, with or from what was not.
    CompositeWithTrainedAlgorithmicMedia,
}

impl DigitalSource {
    /// Whether a term of the vocabulary, with or without its URI, says that a model had a part in a thing.
    pub(crate) fn names_model(text: &str) -> bool {
        let term = text.trim().rsplit('/').next().unwrap_or_default();
        matches!(
            term,
            "trainedAlgorithmicMedia" | "compositeWithTrainedAlgorithmicMedia" | "compositeSynthetic"
        )
    }

    /// The URI of the term.
    #[must_use]
    pub const fn uri(self) -> &'static str {
        match self {
            Self::TrainedAlgorithmicMedia => {
                "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
            }
            Self::CompositeWithTrainedAlgorithmicMedia => {
                "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
            }
        }
    }
}

/// What is written into a file.
#[derive(Debug, Clone, Copy)]
pub struct Marks<'m> {
    /// The label.
    pub label: &'m AigcLabel,
    /// The IPTC's term, in formats that keep XMP.
    pub source: Option<DigitalSource>,
}

/// The verdict on a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileReport {
    /// What it is.
    pub format: Format,
    /// The verdict on its hidden label.
    pub hidden: Conformance,
    /// The label, faulty or not; the first where there are several.
    pub label: Option<AigcLabel>,
    /// Where labels stand.
    pub found: Vec<Found>,
    /// What other makers' marks say.
    pub hints: Vec<Hint>,
}

/// Reads what a file of `format` carries.
///
/// # Errors
/// [`Broken`] where it cannot be read to its end. Then nothing can be said about a label.
pub fn read(format: Format, bytes: &[u8]) -> Result<Reading, Broken> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(Broken::Limit { what: "bytes", limit: FILE_BYTES_MAX });
    }
    match format {
        Format::Avi => avi::read(bytes),
        Format::Avif | Format::Heic => heif::read(bytes),
        Format::Docx | Format::Pptx | Format::Xlsx => ooxml::read(bytes),
        Format::Flac => flac::read(bytes),
        Format::Gif => gif::read(bytes),
        Format::Html => html::read(bytes),
        Format::Jpeg => jpeg::read(bytes),
        Format::M4a | Format::Mov | Format::Mp4 => mp4::read(bytes),
        Format::Mkv | Format::Webm => mkv::read(bytes),
        Format::Mp3 => mp3::read(bytes),
        Format::Ogg | Format::Opus => ogg::read(bytes),
        Format::Pdf => pdf::read(bytes),
        Format::Png => png::read(bytes),
        Format::Svg => svg::read(bytes),
        Format::Tiff => tiff::read(bytes),
        Format::Wav => wav::read(bytes),
        Format::Webp => webp::read(bytes),
    }
}

/// The verdict on a file of `format`.
#[must_use]
pub fn report(format: Format, bytes: &[u8]) -> FileReport {
    let reading = match read(format, bytes) {
        Ok(reading) => reading,
        Err(broken) => {
            let hidden = Conformance::Inconclusive(Doubt::Broken(broken));
            return FileReport { format, hidden, label: None, found: Vec::new(), hints: Vec::new() };
        }
    };
    let duplicate = (reading.labels.len() > 1).then_some(Reason::DuplicateLabel);
    let (hidden, label) = match reading.labels.first().map(|found| AigcLabel::parse(&found.text)) {
        None => (Conformance::NotFound, None),
        Some(Ok(label)) => {
            let label = label.with_reading(duplicate);
            (label.conformance(), Some(label))
        }
        Some(Err(error)) => {
            let reasons = std::iter::once(Reason::Unreadable(error.to_string())).chain(duplicate).collect();
            (Conformance::from_reasons(reasons), None)
        }
    };
    FileReport { format, hidden, label, found: reading.labels, hints: reading.hints }
}

/// The edits that put `marks` into a file of `format`, as its only label.
///
/// A label that is there already is replaced where it stands if `marks` keep its producer's fields: so is a
/// propagator filled in. All else stays byte for byte.
///
/// # Errors
/// [`WriteError`]; then nothing is to be changed.
pub fn write(format: Format, bytes: &[u8], marks: &Marks<'_>) -> Result<Edits, WriteError> {
    let reading = read(format, bytes)?;
    let present = match reading.labels.as_slice() {
        [] => None,
        [one] => {
            let label = AigcLabel::parse(&one.text).map_err(WriteError::Unreadable)?;
            let keeps = [Field::ContentProducer, Field::ProduceId, Field::ReservedCode1]
                .into_iter()
                .all(|field| label.get(field) == marks.label.get(field));
            if !keeps {
                return Err(WriteError::Foreign);
            }
            Some(one)
        }
        several => return Err(WriteError::SeveralLabels(several.len())),
    };
    let edits = match format {
        Format::Avi => avi::write(bytes, present, marks),
        Format::Avif | Format::Heic => heif::write(bytes, present, marks),
        Format::Docx | Format::Pptx | Format::Xlsx => ooxml::write(bytes, present, marks),
        Format::Flac => flac::write(bytes, present, marks),
        Format::Gif => gif::write(bytes, present, marks),
        Format::Html => html::write(bytes, present, marks),
        Format::Jpeg => jpeg::write(bytes, present, marks),
        Format::M4a | Format::Mov | Format::Mp4 => mp4::write(bytes, present, marks),
        Format::Mkv | Format::Webm => mkv::write(bytes, present, marks),
        Format::Mp3 => mp3::write(bytes, present, marks),
        Format::Ogg | Format::Opus => ogg::write(bytes, present, marks),
        Format::Pdf => pdf::write(bytes, present, marks),
        Format::Png => png::write(bytes, present, marks),
        Format::Svg => svg::write(bytes, present, marks),
        Format::Tiff => tiff::write(bytes, present, marks),
        Format::Wav => wav::write(bytes, present, marks),
        Format::Webp => webp::write(bytes, present, marks),
    }?;
    // A hostile file can say that one thing stands in another.
    match edits.overlap() {
        Some(at) => Err(Broken::Malformed { what: "parts that overlap", at }.into()),
        None => Ok(edits),
    }
}

/// The whole file with `marks` in it, read back (invariant 6 of the design).
///
/// # Errors
/// [`WriteError`], [`WriteError::NotReadBack`] among them.
pub fn label(format: Format, bytes: &[u8], marks: &Marks<'_>) -> Result<Vec<u8>, WriteError> {
    let labelled = write(format, bytes, marks)?.apply(bytes);
    match read(format, &labelled)?.labels.as_slice() {
        [one] if AigcLabel::parse(&one.text).is_ok_and(|read| read.to_json() == marks.label.to_json()) => {
            Ok(labelled)
        }
        _ => Err(WriteError::NotReadBack),
    }
}
