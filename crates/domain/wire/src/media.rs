//! The borrowed view of a request for pictures or speech, in JSON or as a form, and of the answer with pictures.
//!
//! Only what a gateway must know is read: which model, for whom, how many, every text that the model will see, and in
//! which form pictures are to come. All other bytes pass untouched.

mod answer;
mod form;

use std::borrow::Cow;
use std::ops::Range;

pub use answer::{PictureAnswer, PictureItem, PicturePlace};
pub use form::boundary;

use self::form::Form;
use crate::chat::edit::removals;
use crate::chat::{EndUser, RequestError, input};
use crate::document::{Document, DocumentLimits, Kind, write_escaped};
use crate::scan::field;
use crate::splice::SpliceError;

/// The most pictures of one request, OpenAI's own limit.
pub const PICTURES_MAX: u32 = 10;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaKind {
    /// Pictures from words.
    Pictures,
    /// Pictures from pictures and words.
    Edits,
    /// Speech from words.
    Speech,
}

/// In which form pictures are to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureForm {
    /// As base64 in the answer.
    Base64,
    /// As an address.
    Address,
}

/// A string of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaText<'a> {
    /// The field: `prompt`.
    pub name: Cow<'a, str>,
    /// Decoded.
    pub text: Cow<'a, str>,
    /// What a new text takes the place of.
    pub place: Range<usize>,
}

/// A request for pictures or speech, borrowed from its body.
#[derive(Clone, Debug)]
pub struct MediaRequest<'a> {
    body: &'a [u8],
    encoding: Encoding<'a>,
    /// `model`.
    pub model: Option<MediaText<'a>>,
    /// Every string and number at the top, and every string below it.
    strings: Vec<MediaText<'a>>,
    /// Every text that the model will see; the prompt (of speech: what is to be said) first.
    pub texts: Vec<MediaText<'a>>,
    /// `n`, 1 when absent.
    pub items: u32,
    /// `response_format` of pictures.
    pub form: Option<PictureForm>,
    /// `response_format` of speech: the format of the file.
    pub sound: Option<Cow<'a, str>>,
    /// How many pictures come with it.
    pub pictures: usize,
}

#[derive(Clone, Debug)]
enum Encoding<'a> {
    Json(Document<'a>),
    Form(Form<'a>),
}

/// The edits towards the upstream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MediaEdits<'e> {
    /// The model's name at the upstream, added where the request names none.
    pub model: Option<&'e str>,
    /// The format of speech, added where the request names none.
    pub sound: Option<&'e str>,
    /// What becomes of the end user's name.
    pub end_user: EndUser<'e>,
    /// New texts for places of [`MediaRequest::texts`].
    pub texts: &'e [(Range<usize>, String)],
}

/// Fields whose strings name or steer, or are a picture, and are not shown to the model as text.
const STEERING: [&str; 24] = [
    "model",
    "user",
    "safety_identifier",
    "n",
    "size",
    "quality",
    "style",
    "background",
    "moderation",
    "response_format",
    "output_format",
    "output_compression",
    "input_fidelity",
    "partial_images",
    "stream",
    "stream_format",
    "voice",
    "speed",
    "image",
    "image[]",
    "images",
    "mask",
    "image_url",
    "metadata",
];

/// Fields that say what the model sees, how many, and for whom.
const KEYS: [&str; 14] = [
    "model",
    "prompt",
    "input",
    "instructions",
    "n",
    "user",
    "safety_identifier",
    "response_format",
    "stream",
    "stream_format",
    "image",
    "mask",
    "negative_prompt",
    "voice",
];

/// The parts of a form that may be files.
const FILES: [&str; 4] = ["image", "image[]", "images", "mask"];

impl<'a> MediaRequest<'a> {
    /// Reads a request in JSON.
    ///
    /// # Errors
    /// [`RequestError`], which names the field.
    pub fn parse_json(kind: MediaKind, json: &'a [u8]) -> Result<Self, RequestError> {
        let document = Document::parse(json, DocumentLimits::default())?;
        let owner = document.clone();
        let root = owner.root();
        if root.kind() != Kind::Object {
            return Err(RequestError::wrong_type("", "an object"));
        }
        if let Some(at) = document.duplicate_key() {
            return Err(RequestError::DuplicateKey { at });
        }
        input::refuse_case(root, &KEYS)?;
        let mut strings: Vec<MediaText<'a>> = Vec::new();
        for member in root.children() {
            let name = member.key();
            if STEERING.contains(&name.as_ref()) {
                let text = match (member.kind(), name.as_ref()) {
                    (Kind::String, _) => member.as_str().unwrap_or_default(),
                    // Read from their own text, as from a form.
                    (Kind::Number | Kind::True | Kind::False, _) => Cow::Borrowed(member.raw()),
                    (Kind::Object | Kind::Array, "model" | "user" | "safety_identifier" | "n") => {
                        return Err(RequestError::wrong_type(&name, "a string"));
                    }
                    (Kind::Object | Kind::Array | Kind::Null, _) => continue,
                };
                strings.push(MediaText { name, text, place: member.range() });
                continue;
            }
            if matches!(name.as_ref(), "prompt" | "input" | "instructions")
                && !matches!(member.kind(), Kind::String | Kind::Null)
            {
                return Err(RequestError::wrong_type(&name, "a string"));
            }
            strings.extend(member.strings().map(|string| MediaText {
                name: name.clone(),
                text: string.as_str().unwrap_or_default(),
                place: string.range(),
            }));
        }
        let pictures =
            FILES.iter().filter(|name| root.get(name).is_some_and(|value| !value.is_null())).count();
        Self::of(kind, json, Encoding::Json(document), strings, pictures)
    }

    /// Reads a request that comes as a form with that boundary.
    ///
    /// # Errors
    /// [`RequestError`], which names the field or the byte.
    pub fn parse_form(kind: MediaKind, body: &'a [u8], boundary: &str) -> Result<Self, RequestError> {
        let form = Form::read(body, boundary)?;
        let mut strings: Vec<MediaText<'a>> = Vec::new();
        let mut pictures = 0;
        for part in &form.parts {
            let at = part.value.start;
            if let Some(own) = field::differs_in_case(part.name, &KEYS) {
                return Err(RequestError::OtherCase { at, own });
            }
            if part.is_file {
                if !FILES.contains(&part.name) {
                    return Err(RequestError::wrong_type(part.name, "a text and no file"));
                }
                pictures += usize::from(part.name != "mask");
                continue;
            }
            if strings.iter().any(|string| string.name == part.name) {
                return Err(RequestError::DuplicateKey { at });
            }
            let bytes = body.get(part.value.clone()).unwrap_or_default();
            let text = std::str::from_utf8(bytes)
                .map_err(|_| RequestError::Form { what: "a text is not UTF-8", at })?;
            strings.push(MediaText {
                name: Cow::Borrowed(part.name),
                text: Cow::Borrowed(text),
                place: part.value.clone(),
            });
        }
        Self::of(kind, body, Encoding::Form(form), strings, pictures)
    }

    fn of(
        kind: MediaKind,
        body: &'a [u8],
        encoding: Encoding<'a>,
        strings: Vec<MediaText<'a>>,
        pictures: usize,
    ) -> Result<Self, RequestError> {
        let named = |name: &str| strings.iter().find(|string| string.name == name);
        let prompt = if kind == MediaKind::Speech { "input" } else { "prompt" };
        if named(prompt).is_none_or(|string| string.text.trim().is_empty()) {
            return Err(RequestError::Missing { param: prompt.to_owned() });
        }
        if kind == MediaKind::Edits && pictures == 0 {
            return Err(RequestError::Missing { param: "image".to_owned() });
        }
        let word = |name: &str| named(name).map(|string| string.text.as_ref());
        if !matches!(word("stream"), None | Some("false" | ""))
            || !matches!(word("stream_format"), None | Some("audio" | ""))
        {
            let expected = "false or absent: the label is put into the whole file, so that it comes as one";
            return Err(RequestError::wrong_type("stream", expected));
        }
        let items = match word("n").filter(|_| kind != MediaKind::Speech) {
            None => 1,
            Some(text) => {
                let n = text.parse().map_err(|_| RequestError::wrong_type("n", "a whole number"))?;
                let (least, most) = (1, u64::from(PICTURES_MAX));
                u32::try_from(n)
                    .ok()
                    .filter(|n| (1..=PICTURES_MAX).contains(n))
                    .ok_or(RequestError::OutOfRange { param: "n".to_owned(), value: n, least, most })?
            }
        };
        let form = match word("response_format").filter(|_| kind != MediaKind::Speech) {
            None => None,
            Some("b64_json") => Some(PictureForm::Base64),
            Some("url") => Some(PictureForm::Address),
            Some(_) => return Err(RequestError::wrong_type("response_format", "`url` or `b64_json`")),
        };
        let sound = named("response_format").filter(|_| kind == MediaKind::Speech);
        let mut texts: Vec<MediaText<'a>> =
            strings.iter().filter(|string| !STEERING.contains(&string.name.as_ref())).cloned().collect();
        texts.sort_by_key(|text| text.name != prompt);
        Ok(Self {
            body,
            encoding,
            model: named("model").cloned(),
            items,
            form,
            sound: sound.map(|string| string.text.clone()),
            pictures,
            texts,
            strings,
        })
    }

    /// The end user that the caller names: `safety_identifier`, else `user`, without spaces around it; never an empty one.
    #[must_use]
    pub fn end_user(&self) -> Option<&str> {
        let names = ["safety_identifier", "user"].into_iter().filter_map(|name| self.named(name));
        names.map(str::trim).find(|name| !name.is_empty())
    }

    /// The text of a field; of a number its digits.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&str> {
        self.strings.iter().find(|string| string.name == name).map(|string| string.text.as_ref())
    }

    /// The prompt; of speech what is to be said.
    #[must_use]
    pub fn prompt(&self) -> &str {
        self.texts.first().map_or("", |text| text.text.as_ref())
    }

    /// The request's bytes with those edits; all other bytes as they came.
    ///
    /// # Errors
    /// [`SpliceError`] for edits that overlap, and for a text that would end its part of a form.
    pub fn to_upstream(&self, edits: &MediaEdits<'_>) -> Result<Vec<u8>, SpliceError> {
        let mut list: Vec<(Range<usize>, Vec<u8>)> = Vec::new();
        for (place, text) in edits.texts {
            list.push((place.clone(), self.text(place, text)?));
        }
        match (edits.model, &self.model) {
            (Some(model), Some(named)) => list.push((named.place.clone(), self.text(&named.place, model)?)),
            (Some(model), None) => list.push(self.added("model", model)?),
            (None, _) => {}
        }
        if let (Some(format), None) = (edits.sound, &self.sound) {
            list.push(self.added("response_format", format)?);
        }
        match edits.end_user {
            EndUser::Keep => {}
            EndUser::Remove => list.extend(self.without_users().into_iter().map(|range| (range, Vec::new()))),
            EndUser::Pseudonym(name) => {
                let is_user =
                    |text: &&MediaText<'_>| matches!(text.name.as_ref(), "user" | "safety_identifier");
                for user in self.strings.iter().filter(is_user) {
                    list.push((user.place.clone(), self.text(&user.place, name)?));
                }
            }
        }
        list.sort_by_key(|(range, _)| (range.start, range.end));
        let mut out = Vec::with_capacity(self.body.len().saturating_add(256));
        let mut at = 0;
        for (range, bytes) in &list {
            let error = SpliceError::Range { start: range.start, end: range.end };
            out.extend_from_slice(self.body.get(at..range.start).ok_or(error)?);
            out.extend_from_slice(bytes);
            at = range.end;
        }
        out.extend_from_slice(self.body.get(at..).unwrap_or_default());
        Ok(out)
    }

    /// A text as it stands in the body.
    fn text(&self, place: &Range<usize>, text: &str) -> Result<Vec<u8>, SpliceError> {
        match &self.encoding {
            Encoding::Json(_) => {
                let mut literal = Vec::new();
                write_escaped(text, &mut literal);
                Ok(literal)
            }
            // The delimiter begins with the line end before it, which is not the text's own.
            Encoding::Form(form) => {
                let bytes = text.as_bytes();
                if memchr::memmem::find(bytes, &form.delimiter).is_some() {
                    return Err(SpliceError::Range { start: place.start, end: place.end });
                }
                Ok(bytes.to_vec())
            }
        }
    }

    /// A field more.
    fn added(&self, name: &str, text: &str) -> Result<(Range<usize>, Vec<u8>), SpliceError> {
        match &self.encoding {
            Encoding::Json(document) => {
                let brace = document.root().range().end.saturating_sub(1);
                let mut member = format!(",\"{name}\":").into_bytes();
                member.extend(self.text(&(brace..brace), text)?);
                Ok((brace..brace, member))
            }
            Encoding::Form(form) => {
                let value = self.text(&(0..0), text)?;
                let opening = form.delimiter.get(2..).unwrap_or_default();
                let head = format!("\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
                Ok((0..0, [opening, head.as_bytes(), &value, b"\r\n"].concat()))
            }
        }
    }

    /// The ranges whose removal takes the end user's name out.
    fn without_users(&self) -> Vec<Range<usize>> {
        let is_user = |name: &str| matches!(name, "user" | "safety_identifier");
        match &self.encoding {
            Encoding::Json(document) => removals(document.root(), is_user),
            Encoding::Form(form) => {
                let users = form.parts.iter().filter(|part| !part.is_file && is_user(part.name));
                users
                    .map(|part| match part.whole.start {
                        // The first part's delimiter has no line end before it: the next one's goes instead.
                        0 => 0..part.whole.end.saturating_add(2),
                        start => start..part.whole.end,
                    })
                    .collect()
            }
        }
    }
}

#[cfg(test)]
mod tests;
