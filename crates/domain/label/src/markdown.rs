//! The hidden label of Markdown files: an `AIGC:` mapping in the YAML front matter (TC260-PG-20258A).
//!
//! Only the front matter is looked at, and in it only our key: everything else stays byte for byte. This is no YAML
//! parser; it reads the forms that the mapping has in real files and reports the others as unreadable.

mod front_matter;
mod yaml;

use std::ops::Range;

use front_matter::FrontMatter;

use crate::{AigcLabel, Conformance, Field, Reason};

/// What a Markdown file carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkdownReading<'d> {
    /// The label, faulty or not; the first where there are several.
    pub label: Option<AigcLabel>,
    /// The verdict on it.
    pub conformance: Conformance,
    /// The text after the front matter.
    pub body: &'d str,
}

/// Why a label cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MarkdownError {
    /// There is one already, and there may be only one (GB 45438-2025, 6.1 c). Keep it, or fill in the propagator.
    #[error("the file already has a label: keep it and fill in the propagator")]
    AlreadyLabelled,
    /// There is none to replace.
    #[error("the file has no label to replace")]
    NotLabelled,
    /// There are several, and which of them is right cannot be known.
    #[error("the file has {0} labels: which of them is right cannot be known")]
    SeveralLabels(usize),
    /// The front matter is of another kind, and YAML in or before it would break it.
    #[error("the file has {0} front matter: only a YAML block mapping can take the label")]
    OtherFrontMatter(&'static str),
}

/// Reads the label of a Markdown file.
#[must_use]
pub fn read(document: &str) -> MarkdownReading<'_> {
    let Some(matter) = FrontMatter::of(document) else {
        return MarkdownReading { label: None, conformance: Conformance::NotFound, body: document };
    };
    let body = document.get(matter.body..).unwrap_or_default();
    let mappings = matter.mappings(document);
    let Some(first) = mappings.first() else {
        return MarkdownReading { label: None, conformance: Conformance::NotFound, body };
    };
    let duplicate = (mappings.len() > 1).then_some(Reason::DuplicateLabel);
    match yaml::read_mapping(document.get(first.clone()).unwrap_or_default()) {
        Ok(label) => {
            let label = label.with_reading(duplicate);
            MarkdownReading { conformance: label.conformance(), label: Some(label), body }
        }
        Err(what) => {
            let mut reasons = vec![Reason::Unreadable(what)];
            reasons.extend(duplicate);
            MarkdownReading { label: None, conformance: Conformance::from_reasons(reasons), body }
        }
    }
}

/// The document with `label` in its front matter, which is made where there is none.
///
/// # Errors
/// [`MarkdownError`] where there is a label already, or where the front matter takes none.
pub fn write(document: &str, label: &AigcLabel) -> Result<String, MarkdownError> {
    let (byte_order_mark, rest) = match document.strip_prefix('\u{feff}') {
        Some(rest) => ("\u{feff}", rest),
        None => ("", document),
    };
    if rest.lines().next().is_some_and(|line| line.trim_end() == "+++") {
        return Err(MarkdownError::OtherFrontMatter("TOML"));
    }
    let line_end = line_end_of(document);
    let Some(matter) = FrontMatter::of(document) else {
        let block = mapping(label, line_end);
        return Ok(format!("{byte_order_mark}---{line_end}{block}---{line_end}{rest}"));
    };
    if !matter.mappings(document).is_empty() {
        return Err(MarkdownError::AlreadyLabelled);
    }
    if matter.is_flow(document) {
        return Err(MarkdownError::OtherFrontMatter("JSON"));
    }
    Ok(spliced(document, matter.end..matter.end, &mapping(label, line_end)))
}

/// The document with `label` in the place of the one it has: for a propagator's fields, never for another producer.
///
/// # Errors
/// [`MarkdownError`] where there is not exactly one label.
pub fn replace(document: &str, label: &AigcLabel) -> Result<String, MarkdownError> {
    let mappings = FrontMatter::of(document).map(|matter| matter.mappings(document)).unwrap_or_default();
    match mappings.as_slice() {
        [] => Err(MarkdownError::NotLabelled),
        [one] => Ok(spliced(document, one.clone(), &mapping(label, line_end_of(document)))),
        several => Err(MarkdownError::SeveralLabels(several.len())),
    }
}

/// The mapping as it is written: seven quoted strings in the order of Annex E.
fn mapping(label: &AigcLabel, line_end: &str) -> String {
    let mut block = format!("AIGC:{line_end}");
    for field in Field::ALL {
        block.push_str("  ");
        block.push_str(field.key());
        block.push_str(": ");
        block.push_str(&yaml::quote(label.get(field)));
        block.push_str(line_end);
    }
    block
}

fn spliced(document: &str, range: Range<usize>, block: &str) -> String {
    let head = document.get(..range.start).unwrap_or_default();
    let tail = document.get(range.end..).unwrap_or_default();
    [head, block, tail].concat()
}

/// The line end of the document's first line.
fn line_end_of(document: &str) -> &'static str {
    match document.split_once('\n') {
        Some((line, _)) if line.ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

#[cfg(test)]
mod tests;
