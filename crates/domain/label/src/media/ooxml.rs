//! Documents of Office Open XML: the label is the custom property `AIGC`, a `vt:lpwstr` in `docProps/custom.xml`
//! (TC260-PG-20258A).
//!
//! The part is changed by edits of its XML, and made with its content type and relationship where there is none. All other
//! entries of the archive stay as they are packed. The visible line of documents and presentations is a paragraph of their own.

mod document;
mod part;
mod properties;
mod slide;

use super::{
    Broken, Edits, Format, Found, Marks, Reading, WriteError, xml,
    zip::{Archive, Entry},
};

use part::Part;
use properties::Properties;

const TYPES: &str = "[Content_Types].xml";
const RELATIONSHIPS: &str = "_rels/.rels";
/// Where the part stands unless a relationship says otherwise.
const CUSTOM: &str = "docProps/custom.xml";
/// Its content type.
const CUSTOM_TYPE: &str = "application/vnd.openxmlformats-officedocument.custom-properties+xml";

/// Which kind of document an archive is, by what lies in it.
pub(super) fn sniff(bytes: &[u8]) -> Option<Format> {
    if !bytes.starts_with(b"PK\x03\x04") {
        return None;
    }
    let archive = Archive::read(bytes).ok()?;
    archive.named(TYPES).next()?;
    let has = |folder: &[u8]| archive.entries.iter().any(|entry| entry.name.starts_with(folder));
    [(&b"word/"[..], Format::Docx), (b"ppt/", Format::Pptx), (b"xl/", Format::Xlsx)]
        .into_iter()
        .find_map(|(folder, format)| has(folder).then_some(format))
}

/// Every property of that name.
pub(super) fn read(bytes: &[u8]) -> Result<Reading, Broken> {
    let archive = Archive::read(bytes)?;
    let relationships = Relationships::read(bytes, &archive)?;
    let mut reading = Reading::default();
    for entry in archive.named(&relationships.custom) {
        let part = Part::read(bytes, entry)?;
        for label in Properties::read(&part)?.labels {
            reading.label("OOXML custom property AIGC", entry.local.clone(), label.text);
        }
    }
    Ok(reading)
}

/// Puts the property where it belongs.
pub(super) fn write(bytes: &[u8], present: Option<&Found>, marks: &Marks<'_>) -> Result<Edits, WriteError> {
    let archive = Archive::read(bytes)?;
    let json = marks.label.to_json();
    if present.is_some_and(|found| found.text == json) {
        return Ok(Edits::none());
    }
    let relationships = Relationships::read(bytes, &archive)?;
    let mut replaced: Vec<(&Entry, Vec<u8>)> = Vec::new();
    let mut added = Vec::new();
    if [TYPES, RELATIONSHIPS].iter().any(|own| relationships.custom.eq_ignore_ascii_case(own)) {
        return Err(WriteError::NoPlace("its custom properties are said to be a part of its own"));
    }
    match only(&archive, &relationships.custom)? {
        Some(entry) => {
            let part = Part::read(bytes, entry)?;
            replaced.push((entry, Properties::read(&part)?.with_label(&part, &json)?));
        }
        None if relationships.has_custom => {
            return Err(WriteError::NoPlace("its custom properties are not where it says"));
        }
        None => added.push((relationships.custom.as_str(), properties::new_part(&json).into_bytes())),
    }
    let missing = || WriteError::NoPlace("it has no content types or no relationships");
    if !relationships.has_custom {
        let entry = only(&archive, RELATIONSHIPS)?.ok_or_else(missing)?;
        let part = Part::read(bytes, entry)?;
        replaced.push((entry, part.with_last_child(|_| relationships.element())?));
    }
    let entry = only(&archive, TYPES)?.ok_or_else(missing)?;
    let part = Part::read(bytes, entry)?;
    if !names_part(&part, &relationships.custom)? {
        let name = xml::escape(&relationships.custom, Some(b'"'));
        let element =
            |prefix: &str| format!("<{prefix}Override PartName=\"/{name}\" ContentType=\"{CUSTOM_TYPE}\"/>");
        replaced.push((entry, part.with_last_child(element)?));
    }
    archive.change(&replaced, &added)
}

/// The only entry of that name, if there is one. Readers differ in which of several they take.
fn only<'a>(archive: &'a Archive, name: &'a str) -> Result<Option<&'a Entry>, WriteError> {
    let mut entries = archive.named(name);
    let first = entries.next();
    if entries.next().is_some() {
        return Err(WriteError::NoPlace("its archive has two entries of one name"));
    }
    Ok(first)
}

/// The text of the document that a label may stand in, a line for each paragraph: all of a Word document, the first slide
/// of a presentation.
pub(super) fn text(format: Format, bytes: &[u8]) -> Result<String, Broken> {
    let archive = Archive::read(bytes)?;
    let Some(name) = main_part(format, bytes, &archive)? else { return Ok(String::new()) };
    let Some(entry) = archive.named(&name).next() else { return Ok(String::new()) };
    Part::read(bytes, entry)?.text()
}

/// Puts a visible line into the document.
pub(super) fn write_line(format: Format, bytes: &[u8], line: &str) -> Result<Edits, WriteError> {
    let archive = Archive::read(bytes)?;
    let no_part = WriteError::NoPlace("its main part is not where it says");
    let name = main_part(format, bytes, &archive)?.ok_or(no_part.clone())?;
    let entry = only(&archive, &name)?.ok_or(no_part)?;
    let part = Part::read(bytes, entry)?;
    let changed = match format {
        Format::Docx => document::with_line(&part, line)?,
        _ => slide::with_line(&part, slide::size(bytes, &archive)?, line)?,
    };
    archive.change(&[(entry, changed)], &[])
}

/// The part whose text comes first.
fn main_part(format: Format, bytes: &[u8], archive: &Archive) -> Result<Option<String>, Broken> {
    match format {
        Format::Docx => Ok(Relationships::read(bytes, archive)?.document),
        _ => slide::first(bytes, archive),
    }
}

/// Whether the content types have one for that very part.
fn names_part(part: &Part, name: &str) -> Result<bool, Broken> {
    let mut found = false;
    part.each_tag(|tag| {
        let is_override = xml::split_name(tag.name).1 == b"Override";
        found |= is_override
            && part::attribute(tag, b"PartName")
                .is_some_and(|value| value.trim_start_matches('/').eq_ignore_ascii_case(name));
    })?;
    Ok(found)
}

/// What the package says about its parts.
#[derive(Debug)]
struct Relationships {
    /// The part of the custom properties: the one that is related, or where it is usual.
    custom: String,
    has_custom: bool,
    /// The main part.
    document: Option<String>,
    /// It is of the strict kind, whose names are others (ISO/IEC 29500-1).
    is_strict: bool,
    ids: Vec<String>,
}

impl Relationships {
    fn read(bytes: &[u8], archive: &Archive) -> Result<Self, Broken> {
        let (mut custom, mut document, mut is_strict, mut ids) = (None, None, false, Vec::new());
        for entry in archive.named(RELATIONSHIPS) {
            Part::read(bytes, entry)?.each_tag(|tag| {
                let get = |name: &[u8]| part::attribute(tag, name).unwrap_or_default();
                let kind = get(b"Type");
                let target = get(b"Target").trim_start_matches("./").trim_start_matches('/').to_owned();
                match kind.rsplit('/').next().unwrap_or_default() {
                    "custom-properties" | "customProperties" => custom = Some(target),
                    "officeDocument" => {
                        is_strict = kind.starts_with("http://purl.oclc.org/");
                        document = Some(target);
                    }
                    _ => {}
                }
                ids.push(get(b"Id"));
            })?;
        }
        let has_custom = custom.is_some();
        Ok(Self { custom: custom.unwrap_or_else(|| CUSTOM.to_owned()), has_custom, document, is_strict, ids })
    }

    /// A relationship to the part, with an id that no other has.
    fn element(&self) -> String {
        let kind = if self.is_strict {
            "http://purl.oclc.org/ooxml/officeDocument/relationships/customProperties"
        } else {
            "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties"
        };
        let target = xml::escape(&self.custom, Some(b'"'));
        // Of one name more than there are ids, one is free.
        let id = (1..=self.ids.len().saturating_add(1))
            .map(|number| format!("rIdAIGC{number}"))
            .find(|id| !self.ids.contains(id))
            .unwrap_or_default();
        format!("<Relationship Id=\"{id}\" Type=\"{kind}\" Target=\"{target}\"/>")
    }
}

#[cfg(test)]
pub(super) use tests::samples;
#[cfg(test)]
mod tests;
