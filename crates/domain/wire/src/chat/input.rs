//! The messages of a request and every text in them.

use std::borrow::Cow;
use std::ops::Range;

use super::{ChatRequest, RequestError, RequestLimits};
use crate::document::{Kind, Value};
use crate::scan::field;

/// Who speaks in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The operator's instructions: `system` or `developer`.
    System,
    /// The person.
    User,
    /// The model, earlier.
    Assistant,
    /// A tool or function.
    Tool,
    /// A role that only the upstream knows.
    Other,
}

/// What an input text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InputKind {
    /// What is said.
    Content,
    /// Arguments of an earlier tool call.
    ToolArguments,
    /// The name of a speaker or a tool.
    Name,
    /// A tool's description, a schema, a prediction, a vendor's field.
    Other,
}

/// One text that the model will see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputText<'a> {
    /// The number of its message; `None` for tools and other fields of the request.
    pub message: Option<usize>,
    /// Who says it; [`Role::System`] for tools and other fields, which the calling program sets.
    pub role: Role,
    /// What it is.
    pub kind: InputKind,
    /// The literal with its quotes.
    pub literal: Range<usize>,
    /// The decoded text.
    pub text: Cow<'a, str>,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// Its texts among [`ChatRequest::texts`].
    pub texts: Range<usize>,
    /// How many images it carries.
    pub images: usize,
    /// How many sounds and files it carries.
    pub other_media: usize,
}

/// Top-level fields whose strings name or steer and are not shown to the model as text.
const STEERING: [&str; 18] = [
    "model",
    "user",
    "safety_identifier",
    "messages",
    "stream",
    "stream_options",
    "service_tier",
    "metadata",
    "reasoning_effort",
    "verbosity",
    "modalities",
    "prompt_cache_key",
    "prompt_cache_retention",
    "audio",
    "provider",
    "models",
    "transforms",
    "route",
];

/// Members of a message, a part or a tool call that name or number it. `arguments` given as an object has no such
/// members: see [`is_reference`].
const REFERENCES: [&str; 8] =
    ["role", "type", "id", "tool_call_id", "call_id", "detail", "file_id", "cache_control"];

/// Encoded media and links to media, below a part of that key.
const MEDIA: [&str; 6] = ["image_url", "input_audio", "audio", "file", "video_url", "input_image"];

/// Members of the request that steer, or say what the model sees.
const ROOT_KEYS: [&str; 18] = [
    "model",
    "models",
    "messages",
    "prompt",
    "n",
    "stream",
    "stream_options",
    "user",
    "safety_identifier",
    "response_format",
    "tools",
    "functions",
    "max_tokens",
    "max_completion_tokens",
    "logprobs",
    "top_logprobs",
    "metadata",
    "suffix",
];

/// Members of a message, or of a part of one, that say what the model sees.
const MESSAGE_KEYS: [&str; 12] = [
    "role",
    "content",
    "type",
    "text",
    "name",
    "refusal",
    "reasoning",
    "reasoning_content",
    "tool_calls",
    "function_call",
    "tool_call_id",
    "image_url",
];

/// Refuses a key that is ours but for its case: to many servers (those in Go, for one) `Model` is `model`, so that they would
/// take another model, or read another text, than was checked.
pub(super) fn refuse_other_case(root: Value<'_, '_>) -> Result<(), RequestError> {
    refuse_case(root, &ROOT_KEYS)?;
    for message in root.get("messages").into_iter().flat_map(Value::children) {
        refuse_case(message, &MESSAGE_KEYS)?;
        for part in message.get("content").into_iter().flat_map(Value::children) {
            refuse_case(part, &MESSAGE_KEYS)?;
        }
    }
    Ok(())
}

/// Refuses a member of `object` that is one of `own` but for its case.
pub(crate) fn refuse_case(object: Value<'_, '_>, own: &[&'static str]) -> Result<(), RequestError> {
    let mut found = object
        .children()
        .filter(|_| object.kind() == Kind::Object)
        .filter_map(|member| field::differs_in_case(&member.key(), own).map(|own| (member, own)));
    match found.next() {
        Some((member, own)) => Err(RequestError::OtherCase { at: member.range().start, own }),
        None => Ok(()),
    }
}

pub(super) fn read<'a>(
    request: &mut ChatRequest<'a>,
    root: Value<'_, 'a>,
    limits: RequestLimits,
) -> Result<(), RequestError> {
    let messages = super::present(root, "messages")
        .ok_or_else(|| RequestError::Missing { param: "messages".to_owned() })?;
    if messages.kind() != Kind::Array || messages.is_empty() {
        return Err(RequestError::wrong_type("messages", "an array with at least one message"));
    }
    if messages.len() > limits.messages_max {
        return Err(RequestError::TooMany {
            param: "messages".to_owned(),
            count: messages.len(),
            limit: limits.messages_max,
        });
    }
    for (number, message) in messages.children().enumerate() {
        read_message(request, number, message)?;
    }
    for member in root.children() {
        let key = member.key();
        if key == "tools" || key == "functions" {
            read_tool_names(request, &key, member)?;
        }
        if !STEERING.contains(&key.as_ref()) {
            push_texts(request, None, Role::System, member);
        }
    }
    Ok(())
}

fn read_message<'a>(
    request: &mut ChatRequest<'a>,
    number: usize,
    message: Value<'_, 'a>,
) -> Result<(), RequestError> {
    if message.kind() != Kind::Object {
        return Err(RequestError::wrong_type(&format!("messages[{number}]"), "an object"));
    }
    let role = match message.get("role").map(|role| role.as_str()) {
        None => return Err(RequestError::Missing { param: format!("messages[{number}].role") }),
        Some(None) => {
            return Err(RequestError::wrong_type(&format!("messages[{number}].role"), "a string"));
        }
        Some(Some(role)) => match role.as_ref() {
            "system" | "developer" => Role::System,
            "user" => Role::User,
            "assistant" => Role::Assistant,
            "tool" | "function" => Role::Tool,
            _ => Role::Other,
        },
    };
    if let Some(content) = super::present(message, "content")
        && !matches!(content.kind(), Kind::String | Kind::Array)
    {
        let param = format!("messages[{number}].content");
        return Err(RequestError::wrong_type(&param, "a string or an array of parts"));
    }
    let first = request.texts.len();
    push_texts(request, Some(number), role, message);
    let (images, other_media) = count_media(message);
    request.images += images;
    request.other_media += other_media;
    request.messages.push(Message { role, texts: first..request.texts.len(), images, other_media });
    Ok(())
}

/// Images, and sounds and files, in the parts of a message.
fn count_media(message: Value<'_, '_>) -> (usize, usize) {
    let (mut images, mut others) = (0, 0);
    let parts = message.get("content").into_iter().flat_map(Value::children);
    for part in parts {
        match part.get("type").and_then(Value::as_str).as_deref() {
            Some("image_url" | "input_image" | "image") => images += 1,
            Some("text" | "refusal" | "input_text" | "output_text") | None => {}
            Some(_) => others += 1,
        }
    }
    (images, others)
}

fn push_texts<'a>(request: &mut ChatRequest<'a>, message: Option<usize>, role: Role, value: Value<'_, 'a>) {
    for string in value.strings() {
        let Some(kind) = kind_of(string, value, message.is_some()) else { continue };
        let text = string.as_str().unwrap_or_default();
        if !text.is_empty() {
            request.texts.push(InputText { message, role, kind, literal: string.range(), text });
        }
    }
}

/// What a string is; `None` for references and media.
fn kind_of(string: Value<'_, '_>, top: Value<'_, '_>, is_message: bool) -> Option<InputKind> {
    if !is_message {
        return (string.key() != "type").then_some(InputKind::Other);
    }
    let mut kind = InputKind::Other;
    let mut is_direct = true;
    let mut at = string;
    while !at.is_same(top) {
        let key = at.key();
        match key.as_ref() {
            "arguments" | "input" => return Some(InputKind::ToolArguments),
            "content" | "text" | "refusal" | "reasoning_content" | "reasoning"
                if kind == InputKind::Other =>
            {
                kind = InputKind::Content;
            }
            "name" if is_direct => kind = InputKind::Name,
            _ => {}
        }
        if !is_direct && MEDIA.contains(&key.as_ref()) && string.key() != "filename" {
            return None;
        }
        is_direct = false;
        at = at.parent()?;
    }
    (!is_reference(string)).then_some(kind)
}

fn is_reference(string: Value<'_, '_>) -> bool {
    REFERENCES.contains(&string.key().as_ref()) || MEDIA.contains(&string.key().as_ref())
}

fn read_tool_names<'a>(
    request: &mut ChatRequest<'a>,
    key: &str,
    tools: Value<'_, 'a>,
) -> Result<(), RequestError> {
    if !matches!(tools.kind(), Kind::Array | Kind::Null) {
        return Err(RequestError::wrong_type(key, "an array"));
    }
    for tool in tools.children() {
        let named = ["function", "custom"].iter().find_map(|kind| tool.get(kind)).unwrap_or(tool);
        if let Some(name) = named.get("name").and_then(Value::as_str) {
            request.tools.push(name);
        }
    }
    Ok(())
}
