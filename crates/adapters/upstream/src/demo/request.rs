//! What the demo model reads of a request.

use serde_json::Value;

/// A chat request.
#[derive(Clone, Debug)]
pub(super) struct DemoRequest {
    pub(super) model: Option<String>,
    pub(super) question: String,
    /// The last message is a tool's answer.
    pub(super) tool_result: Option<String>,
    /// All texts, to count tokens.
    pub(super) prompt: String,
    pub(super) is_stream: bool,
    pub(super) includes_usage: bool,
    pub(super) has_logprobs: bool,
    pub(super) choices: usize,
    pub(super) tokens_max: Option<usize>,
    pub(super) is_json: bool,
    pub(super) schema: Option<Value>,
    pub(super) tool: Option<String>,
}

impl DemoRequest {
    /// Reads the body; an error is what OpenAI would say.
    pub(super) fn parse(body: &[u8]) -> Result<Self, String> {
        let json: Value = serde_json::from_slice(body).map_err(|error| format!("invalid JSON: {error}"))?;
        let messages = json.get("messages").and_then(Value::as_array).filter(|messages| !messages.is_empty());
        let messages = messages.ok_or("`messages` must be an array with at least one message")?;
        let is_role =
            |message: &&Value, role: &str| message.get("role").and_then(Value::as_str) == Some(role);
        let flag = |pointer: &str| json.pointer(pointer).and_then(Value::as_bool).unwrap_or(false);
        let count =
            |key: &str| json.get(key).and_then(Value::as_u64).and_then(|count| usize::try_from(count).ok());
        let format = json.pointer("/response_format/type").and_then(Value::as_str);
        let tool = json.pointer("/tools/0/function/name").and_then(Value::as_str);
        Ok(Self {
            model: json.get("model").and_then(Value::as_str).map(str::to_owned),
            question: messages
                .iter()
                .rfind(|message| is_role(message, "user"))
                .map(text_of)
                .unwrap_or_default(),
            tool_result: messages.last().filter(|message| is_role(message, "tool")).map(text_of),
            prompt: messages.iter().map(text_of).collect::<Vec<_>>().join("\n"),
            is_stream: flag("/stream"),
            includes_usage: flag("/stream_options/include_usage"),
            has_logprobs: flag("/logprobs"),
            choices: count("n").unwrap_or(1).clamp(1, 128),
            tokens_max: count("max_completion_tokens").or_else(|| count("max_tokens")),
            is_json: matches!(format, Some("json_object" | "json_schema")),
            schema: json.pointer("/response_format/json_schema/schema").cloned(),
            tool: tool.map(str::to_owned),
        })
    }
}

/// The text of a message, with the text parts joined.
fn text_of(message: &Value) -> String {
    match message.get("content") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => {
            let texts = parts.iter().filter_map(|part| part.get("text").and_then(Value::as_str));
            texts.collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    }
}
