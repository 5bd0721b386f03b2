//! PDF: the label is the string `AIGC` of the information dictionary (TC260-PG-20258A).
//!
//! It is written as an incremental update, so that every byte that was there stays where it was, and signatures over the
//! file hold. A signature that certifies the file and allows no change at all will be reported as followed by one.
//! A label in the file's XMP is read too; written is the one place that the guide names.

mod stream;
mod syntax;
mod update;
mod xref;

use std::ops::Range;

use super::{Broken, Edits, Found, Hint, HintKind, Marks, Reading, WriteError, generators, xmp};

use stream::Budget;
use syntax::Dictionary;
use xref::{Object, Xref};

const KEY: &[u8] = b"AIGC";

/// Whether the bytes begin as a PDF does.
pub(super) fn is_pdf(bytes: &[u8]) -> bool {
    xref::head(bytes).is_some()
}

/// The label of the newest information dictionary; what earlier savings said does not count.
pub(super) fn read(bytes: &[u8]) -> Result<Reading, Broken> {
    let mut budget = Budget::new();
    let xref = Xref::read(bytes, &mut budget)?;
    let mut reading = Reading::default();
    if is_encrypted(&xref) {
        return read_encrypted(bytes, &xref, &mut budget, reading);
    }
    if let Some(info) = Info::read(bytes, &xref, &mut budget)? {
        for place in info.dictionary.values(KEY) {
            let text = info.text(place, &xref, &mut budget)?;
            reading.label("PDF Info", info.object.in_file.clone(), text);
        }
        for (key, place) in [(&b"Creator"[..], "PDF Info Creator"), (b"Producer", "PDF Info Producer")] {
            for value in info.dictionary.values(key) {
                let text = info.text(value, &xref, &mut budget)?;
                if generators::named(&text).is_some() {
                    reading.hint(Hint::new(HintKind::Generator, place, &text));
                }
            }
        }
    }
    if let Some((range, packet)) = xmp_packet(bytes, &xref, &mut budget)? {
        reading.packet(&range, packet);
    }
    Ok(reading)
}

/// Of an encrypted file it is known whether a label is there, and not what it says.
fn read_encrypted(
    bytes: &[u8],
    xref: &Xref<'_>,
    budget: &mut Budget,
    reading: Reading,
) -> Result<Reading, Broken> {
    let hidden = Broken::Malformed { what: "an information dictionary that is encrypted", at: xref.start };
    match Info::read(bytes, xref, budget) {
        Ok(None) => Ok(reading),
        Ok(Some(info)) if info.dictionary.values(KEY).next().is_none() => Ok(reading),
        _ => Err(hidden),
    }
}

/// The XMP of the whole file (14.3.2), where it can be read without more than what objects are packed in.
fn xmp_packet(
    bytes: &[u8],
    xref: &Xref<'_>,
    budget: &mut Budget,
) -> Result<Option<(Range<usize>, xmp::Packet)>, Broken> {
    let number_of = |value: Option<&[u8]>| value.and_then(syntax::reference).map(|(number, _)| number);
    let Some(root) = number_of(xref.trailer_value(b"Root")) else { return Ok(None) };
    let Some(root) = xref.object(root, budget)? else { return Ok(None) };
    let Ok(catalog) = Dictionary::read(&root.bytes, root.value.start) else { return Ok(None) };
    let Some(metadata) = number_of(catalog.get(&root.bytes, b"Metadata")) else { return Ok(None) };
    let Some(object) = xref.object(metadata, budget)? else { return Ok(None) };
    let Ok(dictionary) = Dictionary::read(bytes, object.value.start) else { return Ok(None) };
    let data = stream::decoded(bytes, &dictionary, |value| xref.length(value), budget)?;
    let packet = xmp::Packet::read(&data, object.in_file.start)?;
    Ok(Some((object.in_file, packet)))
}

/// Writes the information dictionary anew, with the label.
pub(super) fn write(bytes: &[u8], present: Option<&Found>, marks: &Marks<'_>) -> Result<Edits, WriteError> {
    let mut budget = Budget::new();
    let xref = Xref::read(bytes, &mut budget)?;
    if is_encrypted(&xref) {
        return Err(WriteError::NoPlace("it is encrypted"));
    }
    if present.is_some_and(|found| found.place == "XMP") {
        return Err(WriteError::NoPlace("its label stands in XMP, where none of ours belongs in a PDF"));
    }
    let json = marks.label.to_json();
    if present.is_some_and(|found| found.text == json) {
        return Ok(Edits::none());
    }
    let value = syntax::string_of(&json);
    let (number, generation, dictionary) = match Info::read(bytes, &xref, &mut budget)? {
        Some(info) => {
            let dictionary = update::with_key(&info.object.bytes, &info.dictionary, KEY, &value);
            (info.number, info.object.generation, dictionary)
        }
        None => (xref.unused_number(), 0, [b"<</", KEY, b" ", &value, b">>"].concat()),
    };
    let update = update::with_info(bytes, &xref, number, generation, &dictionary)
        .ok_or(WriteError::NoPlace("its cross-reference takes no more"))?;
    Ok(Edits::insert(bytes.len(), update))
}

fn is_encrypted(xref: &Xref<'_>) -> bool {
    xref.trailer_value(b"Encrypt").is_some_and(|value| value != b"null")
}

/// The information dictionary.
struct Info<'b> {
    number: usize,
    object: Object<'b>,
    dictionary: Dictionary,
}

impl<'b> Info<'b> {
    fn read(bytes: &'b [u8], xref: &Xref<'b>, budget: &mut Budget) -> Result<Option<Self>, Broken> {
        let Some(value) = xref.trailer_value(b"Info") else { return Ok(None) };
        let Some((number, _)) = syntax::reference(value) else {
            // It has to be an object of its own; a dictionary in the trailer is seen, and becomes one.
            let Ok(dictionary) = Dictionary::read(value, 0) else { return Ok(None) };
            let object = Object {
                bytes: value.into(),
                value: dictionary.whole.clone(),
                generation: 0,
                in_file: within(bytes, value),
            };
            return Ok(Some(Self { number: xref.unused_number(), object, dictionary }));
        };
        let Some(object) = xref.object(number, budget)?.filter(|object| object.text() != b"null") else {
            return Ok(None);
        };
        let dictionary = Dictionary::read(&object.bytes, object.value.start)?;
        Ok(Some(Self { number, object, dictionary }))
    }

    /// The text of a value of the dictionary.
    fn text(&self, value: Range<usize>, xref: &Xref<'b>, budget: &mut Budget) -> Result<String, Broken> {
        let value = xref.resolve(self.object.bytes.get(value).unwrap_or_default(), budget)?;
        Ok(syntax::text_string(&value).unwrap_or_else(|| String::from_utf8_lossy(&value).into_owned()))
    }
}

/// Where the trailer with that value is.
fn within(bytes: &[u8], value: &[u8]) -> Range<usize> {
    let start = memchr::memmem::rfind(bytes, value).unwrap_or_default();
    start..start.saturating_add(value.len())
}

#[cfg(test)]
pub(super) use tests::samples;
#[cfg(test)]
mod tests;
