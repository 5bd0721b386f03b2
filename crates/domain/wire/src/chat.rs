//! The borrowed view of a chat request.
//!
//! Only what a gateway must know is read: who asks which model for how many answers, in which form, and every text
//! that the model will see. All other fields pass untouched. A key that stands twice in one object is refused, because
//! the model's server could believe the other one than was checked.

pub(crate) mod edit;
mod error;
pub(crate) mod input;

use std::borrow::Cow;
use std::ops::Range;

pub use edit::{EndUser, UpstreamEdits};
pub use error::RequestError;
pub use input::{InputKind, InputText, Message, Role};

use crate::document::{Document, DocumentLimits, Kind, Value};

/// The largest `n`, OpenAI's own limit.
pub const CHOICES_MAX: u32 = 128;

/// How large a request may be, beside the limit of the body's bytes, which the server sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestLimits {
    /// The largest number of messages.
    pub messages_max: usize,
    /// The largest `n`.
    pub choices_max: u32,
    /// Nesting and number of values.
    pub document: DocumentLimits,
}

impl Default for RequestLimits {
    /// 4096 messages are more than any context window holds in earnest.
    fn default() -> Self {
        Self { messages_max: 4096, choices_max: CHOICES_MAX, document: DocumentLimits::default() }
    }
}

/// A string member of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text<'a> {
    /// Decoded.
    pub value: Cow<'a, str>,
    /// The literal with its quotes.
    pub literal: Range<usize>,
}

/// What form the answer must have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResponseFormat {
    /// Prose.
    #[default]
    Text,
    /// `json_object`.
    JsonObject,
    /// `json_schema`.
    JsonSchema,
    /// A form that only the upstream knows; treated as structured.
    Other,
}

impl ResponseFormat {
    /// Whether text that is put into the answer would break its form.
    #[must_use]
    pub const fn is_structured(self) -> bool {
        !matches!(self, Self::Text)
    }
}

/// A chat request, borrowed from its body.
#[derive(Clone, Debug)]
pub struct ChatRequest<'a> {
    json: &'a [u8],
    document: Document<'a>,
    /// `model`.
    pub model: Option<Text<'a>>,
    /// `stream`.
    pub is_stream: bool,
    /// `stream_options.include_usage`.
    pub includes_usage: bool,
    /// `n`, 1 when absent.
    pub choices: u32,
    /// `max_completion_tokens`, else `max_tokens`.
    pub tokens_max: Option<u64>,
    /// `response_format.type`.
    pub response_format: ResponseFormat,
    /// `logprobs` is asked for.
    pub has_logprobs: bool,
    /// `user`.
    pub user: Option<Text<'a>>,
    /// `safety_identifier`.
    pub safety_identifier: Option<Text<'a>>,
    /// The messages.
    pub messages: Vec<Message>,
    /// Every text that the model will see, in order: those of the messages, then those of tools and other fields.
    pub texts: Vec<InputText<'a>>,
    /// The names in `tools` and `functions`.
    pub tools: Vec<Cow<'a, str>>,
    /// How many images the messages carry.
    pub images: usize,
    /// How many sounds and files the messages carry.
    pub other_media: usize,
}

impl<'a> ChatRequest<'a> {
    /// Reads a request.
    ///
    /// # Errors
    /// [`RequestError`], which names the field.
    pub fn parse(json: &'a [u8], limits: RequestLimits) -> Result<Self, RequestError> {
        let document = Document::parse(json, limits.document)?;
        if document.root().kind() != Kind::Object {
            return Err(RequestError::wrong_type("", "an object"));
        }
        if let Some(at) = document.duplicate_key() {
            return Err(RequestError::DuplicateKey { at });
        }
        let owner = document.clone();
        let root = owner.root();
        input::refuse_other_case(root)?;
        let mut request = Self {
            json,
            document,
            model: text(root, "model")?,
            is_stream: boolean(root, "stream")?,
            includes_usage: includes_usage(root)?,
            choices: choices(root, limits.choices_max)?,
            tokens_max: match count(root, "max_completion_tokens")? {
                Some(tokens) => Some(tokens),
                None => count(root, "max_tokens")?,
            },
            response_format: response_format(root)?,
            has_logprobs: root
                .get("logprobs")
                .is_some_and(|value| !matches!(value.kind(), Kind::Null | Kind::False)),
            user: text(root, "user")?,
            safety_identifier: text(root, "safety_identifier")?,
            messages: Vec::new(),
            texts: Vec::new(),
            tools: Vec::new(),
            images: 0,
            other_media: 0,
        };
        input::read(&mut request, root, limits)?;
        Ok(request)
    }

    /// The end user that the caller names: `safety_identifier`, else `user`, without spaces around it; never an empty one.
    #[must_use]
    pub fn end_user(&self) -> Option<&str> {
        [&self.safety_identifier, &self.user]
            .into_iter()
            .flatten()
            .map(|text| text.value.trim())
            .find(|value| !value.is_empty())
    }

    /// The texts of one message.
    #[must_use]
    pub fn texts_of(&self, message: &Message) -> &[InputText<'a>] {
        self.texts.get(message.texts.clone()).unwrap_or(&[])
    }

    /// The request's bytes.
    #[must_use]
    pub const fn json(&self) -> &'a [u8] {
        self.json
    }

    /// The whole request, for what has no field here.
    #[must_use]
    pub const fn document(&self) -> &Document<'a> {
        &self.document
    }
}

fn present<'d, 'a>(object: Value<'d, 'a>, key: &str) -> Option<Value<'d, 'a>> {
    object.get(key).filter(|value| !value.is_null())
}

fn text<'a>(root: Value<'_, 'a>, key: &str) -> Result<Option<Text<'a>>, RequestError> {
    present(root, key)
        .map(|value| {
            let text = value.as_str().ok_or_else(|| RequestError::wrong_type(key, "a string"))?;
            Ok(Text { value: text, literal: value.range() })
        })
        .transpose()
}

fn boolean(root: Value<'_, '_>, key: &str) -> Result<bool, RequestError> {
    present(root, key)
        .map_or(Ok(false), |value| value.as_bool().ok_or_else(|| RequestError::wrong_type(key, "a boolean")))
}

fn count(root: Value<'_, '_>, key: &str) -> Result<Option<u64>, RequestError> {
    present(root, key)
        .map(|value| value.as_u64().ok_or_else(|| RequestError::wrong_type(key, "a whole number")))
        .transpose()
}

fn includes_usage(root: Value<'_, '_>) -> Result<bool, RequestError> {
    let Some(options) = present(root, "stream_options") else { return Ok(false) };
    if options.kind() != Kind::Object {
        return Err(RequestError::wrong_type("stream_options", "an object"));
    }
    present(options, "include_usage").map_or(Ok(false), |value| {
        value.as_bool().ok_or_else(|| RequestError::wrong_type("stream_options.include_usage", "a boolean"))
    })
}

fn choices(root: Value<'_, '_>, limit: u32) -> Result<u32, RequestError> {
    let n = count(root, "n")?.unwrap_or(1);
    u32::try_from(n).ok().filter(|n| (1..=limit).contains(n)).ok_or(RequestError::OutOfRange {
        param: "n".to_owned(),
        value: n,
        least: 1,
        most: u64::from(limit),
    })
}

fn response_format(root: Value<'_, '_>) -> Result<ResponseFormat, RequestError> {
    let Some(format) = present(root, "response_format") else { return Ok(ResponseFormat::Text) };
    let kind = format.get("type").and_then(Value::as_str);
    match kind.as_deref() {
        Some("text") => Ok(ResponseFormat::Text),
        Some("json_object") => Ok(ResponseFormat::JsonObject),
        Some("json_schema") => Ok(ResponseFormat::JsonSchema),
        Some(_) => Ok(ResponseFormat::Other),
        None => Err(RequestError::wrong_type("response_format.type", "a string")),
    }
}
