//! The cross-reference of a PDF: where its objects are (ISO 32000-2, 7.5.4 and 7.5.8), in tables and in streams.

use std::{borrow::Cow, ops::Range};

use super::{
    Broken,
    stream::{self, Budget},
    syntax::{self, Dictionary},
};

/// Sections of the cross-reference: each saving of a file may add one or two.
const SECTIONS_MAX: usize = 1024;
/// How far from the end the word `startxref` is looked for. Readers look through the last 1024 bytes or so.
const TAIL_BYTES: usize = 4096;
/// How far from the start the head may stand.
const HEAD_BYTES: usize = 1024;
/// An entry of a table.
const ENTRY_BYTES: usize = 20;

/// Where objects are, the newest section first.
#[derive(Debug)]
pub(super) struct Xref<'b> {
    bytes: &'b [u8],
    /// What stands before the head; offsets do not count it.
    pub(super) base: usize,
    /// The offset that the file ends with.
    pub(super) start: usize,
    sections: Vec<Section>,
    pub(super) trailer: Dictionary,
    /// The newest section is a stream.
    pub(super) is_stream: bool,
}

#[derive(Debug)]
enum Section {
    Table(Vec<Part>),
    Stream { parts: Vec<Part>, widths: [usize; 3], data: Vec<u8> },
}

/// Entries of objects whose numbers follow each other.
#[derive(Debug)]
struct Part {
    first: usize,
    count: usize,
    /// Where the first entry is: in the file, or in the data of the stream.
    at: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Free,
    At { offset: usize, generation: usize },
    Within { stream: usize, index: usize },
}

/// An object.
#[derive(Debug)]
pub(super) struct Object<'b> {
    /// What it stands in: the file, or the data of an object stream.
    pub(super) bytes: Cow<'b, [u8]>,
    /// Its value, in that.
    pub(super) value: Range<usize>,
    pub(super) generation: usize,
    /// Where it, or the object stream that it is in, stands in the file.
    pub(super) in_file: Range<usize>,
}

impl Object<'_> {
    pub(super) fn text(&self) -> &[u8] {
        self.bytes.get(self.value.clone()).unwrap_or_default()
    }
}

/// Where the head of a PDF is, if there is one.
pub(super) fn head(bytes: &[u8]) -> Option<usize> {
    let start = bytes.get(..bytes.len().min(HEAD_BYTES)).unwrap_or_default();
    memchr::memmem::find(start, b"%PDF-")
}

impl<'b> Xref<'b> {
    /// Reads all sections, of a file with several savings too.
    ///
    /// # Errors
    /// [`Broken`] where one of them is not where it should be.
    pub(super) fn read(bytes: &'b [u8], budget: &mut Budget) -> Result<Self, Broken> {
        let base = head(bytes).ok_or(Broken::Malformed { what: "no PDF head", at: 0 })?;
        let tail = bytes.len().saturating_sub(TAIL_BYTES);
        let word = memchr::memmem::rfind(bytes.get(tail..).unwrap_or_default(), b"startxref")
            .ok_or(Broken::Malformed { what: "no startxref at the end", at: tail })?;
        let at = syntax::skip_space(bytes, tail.saturating_add(word).saturating_add(b"startxref".len()));
        let start =
            number_at(bytes, at).ok_or(Broken::Malformed { what: "startxref without a number", at })?.0;

        let mut sections = Vec::new();
        let mut newest = None;
        let mut to_read = vec![start];
        let mut seen = Vec::new();
        while let Some(offset) = to_read.pop() {
            if seen.contains(&offset) {
                return Err(Broken::Malformed { what: "a cross-reference that leads back", at: offset });
            }
            if sections.len() == SECTIONS_MAX {
                return Err(Broken::Limit { what: "cross-reference sections", limit: SECTIONS_MAX });
            }
            seen.push(offset);
            let (section, trailer) = Section::read(bytes, base.saturating_add(offset), budget)?;
            let earlier = |key: &[u8]| trailer.get(bytes, key).and_then(syntax::integer);
            to_read.extend(earlier(b"Prev"));
            if matches!(section, Section::Table(_)) {
                // For readers that know streams; before `Prev`, so that it is read first (7.5.8.4).
                to_read.extend(earlier(b"XRefStm"));
            }
            let is_stream = matches!(section, Section::Stream { .. });
            newest.get_or_insert((trailer, is_stream));
            sections.push(section);
        }
        let (trailer, is_stream) =
            newest.ok_or(Broken::Malformed { what: "no cross-reference", at: start })?;
        Ok(Self { bytes, base, start, sections, trailer, is_stream })
    }

    /// The text of a key of the newest trailer.
    pub(super) fn trailer_value(&self, key: &[u8]) -> Option<&'b [u8]> {
        self.trailer.get(self.bytes, key)
    }

    /// A number that no object has.
    pub(super) fn unused_number(&self) -> usize {
        let said = self.trailer_value(b"Size").and_then(syntax::integer).unwrap_or(1);
        let parts = self.sections.iter().flat_map(|section| match section {
            Section::Table(parts) | Section::Stream { parts, .. } => parts,
        });
        parts.map(|part| part.first.saturating_add(part.count)).max().unwrap_or(1).max(said)
    }

    /// The object of that number; none where it is free.
    ///
    /// # Errors
    /// [`Broken`] where it is not where the cross-reference says.
    pub(super) fn object(&self, number: usize, budget: &mut Budget) -> Result<Option<Object<'b>>, Broken> {
        match self.place(number) {
            Place::Free => Ok(None),
            Place::At { offset, generation } => self.object_at(number, offset, generation).map(Some),
            Place::Within { stream, index } => self.object_within(number, stream, index, budget),
        }
    }

    /// The value itself, or that which it refers to.
    ///
    /// # Errors
    /// As [`Xref::object`].
    pub(super) fn resolve(&self, value: &[u8], budget: &mut Budget) -> Result<Vec<u8>, Broken> {
        match syntax::reference(value) {
            None => Ok(value.to_vec()),
            Some((number, _)) => {
                Ok(self.object(number, budget)?.map(|object| object.text().to_vec()).unwrap_or_default())
            }
        }
    }

    /// The length of a stream: a number, or an object of its own outside of object streams.
    pub(super) fn length(&self, value: &[u8]) -> Option<usize> {
        let Some((number, _)) = syntax::reference(value) else { return syntax::integer(value) };
        match self.place(number) {
            Place::At { offset, generation } => {
                syntax::integer(self.object_at(number, offset, generation).ok()?.text())
            }
            Place::Free | Place::Within { .. } => None,
        }
    }

    fn place(&self, number: usize) -> Place {
        self.sections.iter().find_map(|section| section.place(self.bytes, number)).unwrap_or(Place::Free)
    }

    fn object_at(&self, number: usize, offset: usize, generation: usize) -> Result<Object<'b>, Broken> {
        let at = self.base.saturating_add(offset);
        let start = object_start(self.bytes, at)
            .filter(|(found, _)| *found == number)
            .ok_or(Broken::Malformed { what: "an object is not where the cross-reference says", at })?
            .1;
        let value = start..syntax::value_end(self.bytes, start)?;
        let in_file = at..value.end;
        Ok(Object { bytes: Cow::Borrowed(self.bytes), value, generation, in_file })
    }

    fn object_within(
        &self,
        number: usize,
        stream: usize,
        index: usize,
        budget: &mut Budget,
    ) -> Result<Option<Object<'b>>, Broken> {
        let Place::At { offset, generation } = self.place(stream) else { return Ok(None) };
        let container = self.object_at(stream, offset, generation)?;
        let malformed = Broken::Malformed { what: "an object stream", at: container.in_file.start };
        let dictionary = Dictionary::read(self.bytes, container.value.start)?;
        let data = stream::decoded(self.bytes, &dictionary, |value| self.length(value), budget)?;
        let entry = |key: &[u8]| dictionary.get(self.bytes, key).and_then(syntax::integer);
        let (count, first) = entry(b"N").zip(entry(b"First")).ok_or(malformed.clone())?;
        let mut at = 0;
        for place in 0..count {
            let (found, end) = number_at(&data, syntax::skip_space(&data, at)).ok_or(malformed.clone())?;
            let (offset, end) = number_at(&data, syntax::skip_space(&data, end)).ok_or(malformed.clone())?;
            at = end;
            if place == index || found == number {
                if found != number {
                    return Err(malformed);
                }
                let start = syntax::skip_space(&data, first.saturating_add(offset));
                let value = start..syntax::value_end(&data, start)?;
                let in_file = container.in_file;
                return Ok(Some(Object { bytes: Cow::Owned(data), value, generation: 0, in_file }));
            }
        }
        Err(malformed)
    }
}

impl Section {
    fn read(bytes: &[u8], at: usize, budget: &mut Budget) -> Result<(Self, Dictionary), Broken> {
        let start = syntax::skip_space(bytes, at);
        match bytes.get(start..).and_then(|rest| rest.strip_prefix(b"xref")) {
            Some(_) => Self::table(bytes, start.saturating_add(b"xref".len())),
            None => Self::stream(bytes, start, budget),
        }
    }

    fn table(bytes: &[u8], mut at: usize) -> Result<(Self, Dictionary), Broken> {
        let start = at;
        let mut parts = Vec::new();
        loop {
            at = syntax::skip_space(bytes, at);
            if bytes.get(at..).is_some_and(|rest| rest.starts_with(b"trailer")) {
                let trailer = Dictionary::read(bytes, at.saturating_add(b"trailer".len()))?;
                return Ok((Self::Table(parts), trailer));
            }
            let malformed = Broken::Malformed { what: "a cross-reference table", at: start };
            let (first, end) = number_at(bytes, at).ok_or(malformed.clone())?;
            let (count, end) = number_at(bytes, syntax::skip_space(bytes, end)).ok_or(malformed.clone())?;
            let entries = syntax::skip_space(bytes, end);
            at = count
                .checked_mul(ENTRY_BYTES)
                .and_then(|length| entries.checked_add(length))
                .filter(|end| *end <= bytes.len())
                .ok_or(malformed)?;
            if parts.len() == SECTIONS_MAX {
                return Err(Broken::Limit { what: "parts of a cross-reference table", limit: SECTIONS_MAX });
            }
            parts.push(Part { first, count, at: entries });
        }
    }

    fn stream(bytes: &[u8], at: usize, budget: &mut Budget) -> Result<(Self, Dictionary), Broken> {
        let malformed = Broken::Malformed { what: "no cross-reference where one should be", at };
        let (_, start) = object_start(bytes, at).ok_or(malformed.clone())?;
        let trailer = Dictionary::read(bytes, start)?;
        let get = |key: &[u8]| trailer.get(bytes, key);
        if get(b"Type") != Some(b"/XRef") {
            return Err(malformed);
        }
        let widths: [usize; 3] = get(b"W")
            .and_then(syntax::integers)
            .and_then(|widths| widths.try_into().ok())
            .filter(|widths: &[usize; 3]| widths.iter().all(|width| *width <= 8))
            .ok_or(malformed.clone())?;
        let entry_bytes: usize = widths.iter().sum();
        let index = match get(b"Index") {
            Some(index) => syntax::integers(index).ok_or(malformed.clone())?,
            None => vec![0, get(b"Size").and_then(syntax::integer).ok_or(malformed.clone())?],
        };
        let data = stream::decoded(bytes, &trailer, syntax::integer, budget)?;
        let mut parts = Vec::new();
        let mut at = 0_usize;
        for part in index.chunks(2) {
            let [first, count] = *part else { return Err(malformed) };
            let end = count
                .checked_mul(entry_bytes)
                .and_then(|length| at.checked_add(length))
                .filter(|end| *end <= data.len())
                .ok_or(malformed.clone())?;
            parts.push(Part { first, count, at });
            at = end;
        }
        Ok((Self::Stream { parts, widths, data }, trailer))
    }

    /// Where an object is by this section, if it knows.
    fn place(&self, bytes: &[u8], number: usize) -> Option<Place> {
        let (Self::Table(parts) | Self::Stream { parts, .. }) = self;
        let part = parts.iter().find(|part| number >= part.first && number - part.first < part.count)?;
        let index = number.saturating_sub(part.first);
        match self {
            Self::Table(_) => {
                let at = part.at.saturating_add(index.saturating_mul(ENTRY_BYTES));
                let entry = bytes.get(at..at.saturating_add(ENTRY_BYTES))?;
                let offset = syntax::integer(entry.get(..10)?.trim_ascii())?;
                let generation = syntax::integer(entry.get(11..16)?.trim_ascii())?;
                Some(if entry.get(17) == Some(&b'n') {
                    Place::At { offset, generation }
                } else {
                    Place::Free
                })
            }
            Self::Stream { widths, data, .. } => {
                let mut at = part.at.saturating_add(index.saturating_mul(widths.iter().sum()));
                let [kind, second, third] = widths.map(|width| {
                    let field = data.get(at..at.saturating_add(width)).unwrap_or_default();
                    at = at.saturating_add(width);
                    field.iter().fold(0_usize, |value, byte| value << 8 | usize::from(*byte))
                });
                // A field without width has its default, which is 1 for the kind.
                Some(match if widths.first() == Some(&0) { 1 } else { kind } {
                    1 => Place::At { offset: second, generation: third },
                    2 => Place::Within { stream: second, index: third },
                    _ => Place::Free,
                })
            }
        }
    }
}

/// The number of the object that begins at `at`, and where its value begins.
fn object_start(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let (number, end) = number_at(bytes, syntax::skip_space(bytes, at))?;
    let (_, end) = number_at(bytes, syntax::skip_space(bytes, end))?;
    let word = syntax::skip_space(bytes, end);
    let end = word.saturating_add(b"obj".len());
    (bytes.get(word..end)? == b"obj").then(|| (number, syntax::skip_space(bytes, end)))
}

/// The whole number at `at`, and where it ends.
fn number_at(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let end = syntax::run_end(bytes, at);
    // `obj` may follow a number without a space in between, and digits alone are its part.
    let run = bytes.get(at..end)?;
    let digits = run.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let end = at.saturating_add(digits);
    Some((syntax::integer(bytes.get(at..end)?)?, end))
}
