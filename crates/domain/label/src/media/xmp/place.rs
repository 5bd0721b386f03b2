//! Where in RDF a description can be added.

use std::ops::Range;

use super::{DigitalSource, IPTC_SPACE, LABEL_SPACE, WriteError, xml, xml::Tag};

/// The first element `RDF` of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The prefix that the document uses for RDF.
    prefix: String,
    /// The attribute of its first description that says what it is about, as it stands there. All must say the same
    /// (ISO 16684-1, 7.4).
    about: Option<String>,
    end: End,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum End {
    /// Not met yet.
    Unknown,
    /// The end tag begins here.
    At(usize),
    /// There is no end tag: this is the slash of the only one.
    Empty(Range<usize>),
}

impl Place {
    /// The place that begins with this tag, if it is one.
    pub(super) fn of(tag: &Tag<'_>) -> Option<Self> {
        let (prefix, local) = xml::split_name(tag.name);
        if local != b"RDF" || prefix.is_empty() {
            return None;
        }
        let slash = tag.whole.end.saturating_sub(2)..tag.whole.end;
        let end = if tag.is_empty { End::Empty(slash) } else { End::Unknown };
        Some(Self { prefix: std::str::from_utf8(prefix).ok()?.to_owned(), about: None, end })
    }

    /// Meets a tag in it.
    pub(super) fn open(&mut self, tag: &Tag<'_>) {
        if self.about.is_some() || xml::split_name(tag.name).1 != b"Description" {
            return;
        }
        let about = tag.attributes.iter().find(|attribute| xml::split_name(attribute.name).1 == b"about");
        self.about = about.and_then(|about| {
            let (value, quote) = (std::str::from_utf8(about.value).ok()?, char::from(about.quote));
            Some(format!("{}={quote}{value}{quote}", std::str::from_utf8(about.name).ok()?))
        });
    }

    /// Meets an end tag, which begins at `at`.
    pub(super) fn close(&mut self, tag: &[u8], at: usize) {
        let name = tag.strip_prefix(b"</").unwrap_or_default();
        let name = name.strip_prefix(self.prefix.as_bytes()).unwrap_or_default();
        if self.end == End::Unknown && name.starts_with(b":RDF") {
            self.end = End::At(at);
        }
    }

    /// The edit that adds what is given.
    pub(super) fn insertion(
        &self,
        json: Option<&String>,
        source: Option<DigitalSource>,
    ) -> Result<(Range<usize>, Vec<u8>), WriteError> {
        let usual = format!("{}:about=\"\"", self.prefix);
        let new = description(&self.prefix, self.about.as_deref().unwrap_or(&usual), json, source);
        match &self.end {
            End::Unknown => Err(WriteError::NoPlace("its XMP has RDF without end")),
            End::At(at) => Ok((*at..*at, new.into_bytes())),
            End::Empty(slash) => Ok((slash.clone(), format!(">{new}</{}:RDF>", self.prefix).into_bytes())),
        }
    }
}

/// A description of what is given, which needs nothing around it but RDF under that prefix.
pub(super) fn description(
    prefix: &str,
    about: &str,
    json: Option<&String>,
    source: Option<DigitalSource>,
) -> String {
    let mut spaces = String::new();
    let mut properties = String::new();
    if let Some(json) = json {
        spaces.push_str(&format!(" xmlns:TC260=\"{LABEL_SPACE}\""));
        properties.push_str(&format!("<TC260:AIGC>{}</TC260:AIGC>", xml::escape(json, None)));
    }
    if let Some(source) = source {
        spaces.push_str(&format!(" xmlns:Iptc4xmpExt=\"{IPTC_SPACE}\""));
        let uri = source.uri();
        properties.push_str(&format!("<Iptc4xmpExt:DigitalSourceType>{uri}</Iptc4xmpExt:DigitalSourceType>"));
    }
    format!("<{prefix}:Description {about}{spaces}>{properties}</{prefix}:Description>")
}
