//! The custom properties of a document (ISO/IEC 29500-1, 22.3).

use std::ops::Range;

use super::{
    super::xml::Piece,
    Broken, WriteError,
    part::{self, Part},
    xml,
};
use crate::media::Edits;

/// The namespaces that the part is in.
const SPACE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties";
const TYPES_SPACE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes";
/// The set that properties of users belong to.
const FORMAT_ID: &str = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}";
/// The first number that a property may have.
const FIRST_ID: u32 = 2;

/// The properties of a part that matter.
#[derive(Debug, Default)]
pub(super) struct Properties {
    pub(super) labels: Vec<Label>,
    last_id: u32,
}

/// A property with our name.
#[derive(Debug)]
pub(super) struct Label {
    pub(super) text: String,
    /// Where its text stands in the part.
    range: Range<usize>,
}

impl Properties {
    /// # Errors
    /// [`Broken`] where the part is no XML.
    pub(super) fn read(part: &Part) -> Result<Self, Broken> {
        let mut read = Self { last_id: FIRST_ID - 1, ..Self::default() };
        // Of a property with our name: its text, and where that begins once its value does.
        let mut open: Option<(String, Option<usize>)> = None;
        part.each_piece(|piece| match piece {
            Piece::Open(tag) if xml::split_name(tag.name).1 == b"property" => {
                let id = part::attribute(&tag, b"pid").and_then(|id| id.parse().ok());
                read.last_id = read.last_id.max(id.unwrap_or(0));
                if part::attribute(&tag, b"name").is_some_and(|name| name.trim() == "AIGC") {
                    open = (!tag.is_empty).then(|| (String::new(), None));
                    if tag.is_empty {
                        read.labels.push(Label { text: String::new(), range: tag.whole });
                    }
                }
            }
            Piece::Open(tag) => {
                if let Some((_, start)) = &mut open {
                    start.get_or_insert(tag.whole.end);
                }
            }
            Piece::Close(place) => {
                if let Some((text, start)) = open.take() {
                    let start = start.unwrap_or(place.start);
                    read.labels.push(Label { text, range: start..place.start });
                }
            }
            Piece::Text(raw) => {
                if let Some((text, Some(_))) = &mut open {
                    xml::unescape(raw, text);
                }
            }
            Piece::Verbatim(raw) => {
                if let Some((text, Some(_))) = &mut open {
                    text.push_str(&String::from_utf8_lossy(raw));
                }
            }
        })?;
        Ok(read)
    }

    /// The part with the label in place of the one it has, or as its last property.
    ///
    /// # Errors
    /// [`WriteError`] where the part has no root.
    pub(super) fn with_label(&self, part: &Part, json: &str) -> Result<Vec<u8>, WriteError> {
        if let Some(label) = self.labels.first() {
            return Ok(
                Edits::replace(label.range.clone(), xml::escape(json, None).into_bytes()).apply(&part.bytes)
            );
        }
        let id =
            self.last_id.checked_add(1).ok_or(WriteError::NoPlace("its properties have no free number"))?;
        // With its own names, whatever the root's prefixes stand for.
        part.with_last_child(|_| {
            property(json, id, &format!(" xmlns=\"{SPACE}\" xmlns:vt=\"{TYPES_SPACE}\""))
        })
    }
}

/// A whole part with the label alone.
pub(super) fn new_part(json: &str) -> String {
    let property = property(json, FIRST_ID, "");
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\r\n\
         <Properties xmlns=\"{SPACE}\" xmlns:vt=\"{TYPES_SPACE}\">{property}</Properties>"
    )
}

fn property(json: &str, id: u32, spaces: &str) -> String {
    let text = xml::escape(json, None);
    format!(
        "<property{spaces} fmtid=\"{FORMAT_ID}\" pid=\"{id}\" name=\"AIGC\"><vt:lpwstr>{text}</vt:lpwstr></property>"
    )
}
