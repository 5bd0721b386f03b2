//! XMP, the place of the label in pictures (TC260-PG-20259A): property `AIGC` of the namespace
//! `http://www.tc260.org.cn/ns/AIGC/1.0/`, and beside it the IPTC's `DigitalSourceType`.
//!
//! A packet is looked at as it stands and changed by edits: what others wrote into it stays byte for byte.

mod place;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(super) use tests::sample;

use std::ops::Range;

use super::{
    Broken, DigitalSource, Edits, Marks, WriteError, generators,
    hints::{Hint, HintKind},
    xml::{self, Piece, Pieces, Tag},
};

use place::Place;

const LABEL_SPACE: &str = "http://www.tc260.org.cn/ns/AIGC/1.0/";
const IPTC_SPACE: &str = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/";
const RDF_SPACE: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
/// Properties that are kept of one packet. What has more labels than that has too many anyway.
const PROPERTIES_MAX: usize = 64;

/// What a packet says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Packet {
    /// The texts of its labels, with all references read.
    pub(super) labels: Vec<String>,
    pub(super) hints: Vec<Hint>,
    values: Vec<Value>,
    place: Option<Place>,
    has_source: bool,
}

/// Where the text of a label stands.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Value {
    range: Range<usize>,
    form: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Between the tags of an element.
    Element,
    /// Between such quotes.
    Attribute(u8),
    /// An element without room for a text.
    Empty,
}

/// A property that is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Property {
    Label,
    Source,
    Tool,
    /// The system, version and prompt of the IPTC's properties for generated media (2025.1).
    System,
    Prompt,
}

/// An element whose text is being read.
struct Open {
    property: Property,
    depth: usize,
    start: usize,
    text: String,
}

impl Packet {
    /// Reads a packet, or any other XML with one in it, which begins at `at` of its file.
    ///
    /// # Errors
    /// [`Broken`] where it is no whole XML or larger than is read.
    pub(super) fn read(packet: &[u8], at: usize) -> Result<Self, Broken> {
        Self::scan(packet).map_err(|broken| broken.moved(at))
    }

    fn scan(packet: &[u8]) -> Result<Self, Broken> {
        let mut read = Self::default();
        let mut pieces = Pieces::of(packet);
        let mut prefixes: Vec<&[u8]> = Vec::new();
        let mut open: Option<Open> = None;
        while let Some(piece) = pieces.next()? {
            match piece {
                Piece::Open(tag) => {
                    read.bind(&tag, &mut prefixes);
                    read.attributes(&tag, &prefixes);
                    read.place_tag(&tag);
                    match (&mut open, Property::named(tag.name, &prefixes)) {
                        (Some(open), _) => open.depth = open.depth.saturating_add(usize::from(!tag.is_empty)),
                        (None, Some(property)) if tag.is_empty => read.empty(property, &tag),
                        (None, Some(property)) => {
                            let start = tag.whole.end;
                            open = Some(Open { property, depth: 0, start, text: String::new() });
                        }
                        (None, None) => {}
                    }
                }
                Piece::Close(place) => {
                    if let Some(place_of_marks) = &mut read.place {
                        place_of_marks.close(packet.get(place.clone()).unwrap_or_default(), place.start);
                    }
                    match open.take() {
                        Some(inner) if inner.depth == 0 => {
                            read.take(inner.property, inner.text, inner.start..place.start, Form::Element);
                        }
                        Some(inner) => open = Some(Open { depth: inner.depth.saturating_sub(1), ..inner }),
                        None => {}
                    }
                }
                Piece::Text(text) => {
                    if let Some(open) = &mut open {
                        xml::unescape(text, &mut open.text);
                    }
                }
                Piece::Verbatim(text) => {
                    if let Some(open) = &mut open {
                        open.text.push_str(&String::from_utf8_lossy(text));
                    }
                }
            }
        }
        match open {
            Some(open) => Err(Broken::Truncated { what: "an XMP property", at: open.start }),
            None => Ok(read),
        }
    }

    /// Notes the prefixes that stand for the label's namespace, wherever they are bound.
    fn bind<'x>(&mut self, tag: &Tag<'x>, prefixes: &mut Vec<&'x [u8]>) {
        for attribute in &tag.attributes {
            let prefix = match xml::split_name(attribute.name) {
                (b"xmlns", prefix) => prefix,
                (b"", b"xmlns") => b"",
                _ => continue,
            };
            if attribute.value == LABEL_SPACE.as_bytes() && prefixes.len() < PROPERTIES_MAX {
                prefixes.push(prefix);
            }
        }
    }

    fn attributes(&mut self, tag: &Tag<'_>, prefixes: &[&[u8]]) {
        let property_of_tag = Property::named(tag.name, prefixes);
        for attribute in &tag.attributes {
            let property = match xml::split_name(attribute.name) {
                // `<Iptc4xmpExt:DigitalSourceType rdf:resource="…"/>`
                (_, b"resource") => property_of_tag.filter(|property| *property != Property::Label),
                (b"", _) => None,
                _ => Property::named(attribute.name, prefixes),
            };
            if let Some(property) = property {
                let mut text = String::new();
                xml::unescape(attribute.value, &mut text);
                self.take(property, text, attribute.place.clone(), Form::Attribute(attribute.quote));
            }
        }
    }

    fn empty(&mut self, property: Property, tag: &Tag<'_>) {
        if property == Property::Label {
            self.take(property, String::new(), tag.whole.clone(), Form::Empty);
        }
    }

    fn place_tag(&mut self, tag: &Tag<'_>) {
        match &mut self.place {
            Some(place) => place.open(tag),
            None => self.place = Place::of(tag),
        }
    }

    fn take(&mut self, property: Property, text: String, range: Range<usize>, form: Form) {
        let (kind, place) = match property {
            Property::Label => {
                if self.labels.len() < PROPERTIES_MAX {
                    self.values.push(Value { range, form });
                    self.labels.push(text);
                }
                return;
            }
            Property::Source => {
                self.has_source = true;
                if !DigitalSource::names_model(&text) {
                    return;
                }
                (HintKind::DigitalSource, "XMP Iptc4xmpExt:DigitalSourceType")
            }
            Property::Tool if generators::named(&text).is_none() => return,
            Property::Tool => (HintKind::Generator, "XMP creator tool or credit"),
            Property::System => (HintKind::Generator, "XMP Iptc4xmpExt:AISystemUsed"),
            Property::Prompt => (HintKind::Settings, "XMP Iptc4xmpExt:AIPromptInformation"),
        };
        let hint = Hint::new(kind, place, text.trim());
        if self.hints.len() < PROPERTIES_MAX && !self.hints.contains(&hint) {
            self.hints.push(hint);
        }
    }

    /// The edits of this packet that put `marks` into it: in place of the text of its label, or as a description of
    /// their own beside those that are there. A `DigitalSourceType` that is there stays.
    ///
    /// The packet's padding is used up first, so that its length often stays.
    ///
    /// # Errors
    /// [`WriteError::NoPlace`] where it is no RDF.
    pub(super) fn put(&self, packet: &[u8], marks: &Marks<'_>) -> Result<Edits, WriteError> {
        let json = marks.label.to_json();
        let source = marks.source.filter(|_| !self.has_source);
        let mut edits = Edits::none();
        let is_new = match self.values.first() {
            None => true,
            Some(Value { form: Form::Empty, .. }) => {
                return Err(WriteError::NoPlace("its XMP has an empty label"));
            }
            Some(Value { range, form }) => {
                let quote = match form {
                    Form::Attribute(quote) => Some(*quote),
                    Form::Element | Form::Empty => None,
                };
                let mut is_same = String::new();
                xml::unescape(packet.get(range.clone()).unwrap_or_default(), &mut is_same);
                if is_same != json {
                    edits = edits.and(range.clone(), xml::escape(&json, quote).into_bytes());
                }
                false
            }
        };
        if is_new || source.is_some() {
            let place = self.place.as_ref().ok_or(WriteError::NoPlace("its XMP has no RDF"))?;
            let (range, bytes) = place.insertion(is_new.then_some(&json), source)?;
            edits = edits.and(range, bytes);
        }
        Ok(fit(packet, edits))
    }

    /// Whether there is RDF that marks can be put into.
    pub(super) const fn has_place(&self) -> bool {
        self.place.is_some()
    }
}

/// A whole packet with `marks` alone.
pub(super) fn packet(marks: &Marks<'_>) -> String {
    format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n\
         <x:xmpmeta xmlns:x=\"adobe:ns:meta/\">{}</x:xmpmeta>\n<?xpacket end=\"w\"?>",
        rdf(marks)
    )
}

/// The element `rdf:RDF` with `marks` alone, as documents in XML carry it.
pub(super) fn rdf(marks: &Marks<'_>) -> String {
    let json = marks.label.to_json();
    let description = place::description("rdf", "rdf:about=\"\"", Some(&json), marks.source);
    format!("<rdf:RDF xmlns:rdf=\"{RDF_SPACE}\">{description}</rdf:RDF>")
}

/// Takes what the edits add out of the padding before the trailer, if that is enough.
fn fit(packet: &[u8], edits: Edits) -> Edits {
    let Ok(growth) = usize::try_from(edits.growth()) else { return edits };
    let Some(end) = memchr::memmem::rfind(packet, b"<?xpacket end") else { return edits };
    let before = packet.get(..end).unwrap_or_default();
    let padding = before.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t')).count();
    let start = end.saturating_sub(growth);
    let is_after = edits.as_slice().iter().all(|edit| edit.range.end <= start);
    if growth > 0 && growth < padding && is_after { edits.and(start..end, Vec::new()) } else { edits }
}

impl Property {
    /// The property of that name. Prefixes are read as people use them, and as the document binds them.
    fn named(name: &[u8], label_prefixes: &[&[u8]]) -> Option<Self> {
        let (prefix, local) = xml::split_name(name);
        match local {
            b"AIGC" => {
                let is_meant =
                    [&b"TC260"[..], b"C260"].iter().any(|usual| prefix.eq_ignore_ascii_case(usual));
                (is_meant || label_prefixes.contains(&prefix)).then_some(Self::Label)
            }
            _ if prefix.is_empty() => None,
            b"DigitalSourceType" => Some(Self::Source),
            b"CreatorTool" | b"Software" | b"softwareAgent" | b"Credit" => Some(Self::Tool),
            b"AISystemUsed" => Some(Self::System),
            b"AIPromptInformation" => Some(Self::Prompt),
            _ => None,
        }
    }
}
