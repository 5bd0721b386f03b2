//! The demo model's answer in one piece, and what both forms share.

use serde_json::{Map, Value, json};

use super::MODEL;
use super::answer::{Answer, Ending, Piece, split};
use super::request::DemoRequest;
use super::stream::logprob;

/// What every part of one answer says alike.
#[derive(Clone, Debug)]
pub(super) struct Envelope {
    id: String,
    created: u64,
    prompt_tokens: usize,
}

impl Envelope {
    pub(super) fn new(id: String, created: u64, request: &DemoRequest) -> Self {
        Self { id, created, prompt_tokens: split(&request.prompt).count() }
    }

    pub(super) fn call_id(&self, choice: usize) -> String {
        format!("call_{}_{choice}", self.id)
    }

    pub(super) fn usage(&self, answer: &Answer, choices: usize) -> Value {
        let completion = answer.pieces.len() * choices;
        json!({
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": completion,
            "total_tokens": self.prompt_tokens + completion,
        })
    }

    pub(super) fn chunk(&self, choices: Value, usage: Option<Value>) -> Value {
        let mut chunk = self.members("chat.completion.chunk");
        chunk.insert("choices".to_owned(), choices);
        if let Some(usage) = usage {
            chunk.insert("usage".to_owned(), usage);
        }
        Value::Object(chunk)
    }

    fn members(&self, object: &str) -> Map<String, Value> {
        Map::from_iter([
            ("id".to_owned(), json!(format!("chatcmpl-{}", self.id))),
            ("object".to_owned(), json!(object)),
            ("created".to_owned(), json!(self.created)),
            ("model".to_owned(), json!(MODEL)),
        ])
    }

    /// The whole answer.
    pub(super) fn completion(&self, answer: &Answer, choices: usize, has_logprobs: bool) -> Value {
        let Ending::Finish(reason) = answer.ending else { return Value::Null };
        let list: Vec<Value> = (0..choices)
            .map(|choice| {
                json!({
                    "index": choice,
                    "message": self.message(answer, choice),
                    "logprobs": if has_logprobs { logprobs(answer) } else { Value::Null },
                    "finish_reason": reason,
                })
            })
            .collect();
        let mut completion = self.members("chat.completion");
        completion.insert("choices".to_owned(), Value::Array(list));
        completion.insert("usage".to_owned(), self.usage(answer, choices));
        Value::Object(completion)
    }

    fn message(&self, answer: &Answer, choice: usize) -> Value {
        let joined = |pick: fn(&Piece) -> Option<&str>| {
            let texts: Vec<&str> = answer.pieces.iter().filter_map(pick).collect();
            (!texts.is_empty()).then(|| texts.concat())
        };
        let content = joined(|piece| if let Piece::Content(text) = piece { Some(text) } else { None });
        let reasoning = joined(|piece| if let Piece::Reasoning(text) = piece { Some(text) } else { None });
        let name = joined(|piece| if let Piece::ToolName(text) = piece { Some(text) } else { None });
        let arguments =
            joined(|piece| if let Piece::ToolArguments(text) = piece { Some(text) } else { None });
        let mut message = Map::new();
        message.insert("role".to_owned(), json!("assistant"));
        message.insert("content".to_owned(), json!(content));
        message.insert("refusal".to_owned(), Value::Null);
        if let Some(reasoning) = reasoning {
            message.insert("reasoning_content".to_owned(), json!(reasoning));
        }
        if let Some(name) = name {
            let function = json!({ "name": name, "arguments": arguments.unwrap_or_default() });
            let call = json!([{ "id": self.call_id(choice), "type": "function", "function": function }]);
            message.insert("tool_calls".to_owned(), call);
        }
        Value::Object(message)
    }
}

fn logprobs(answer: &Answer) -> Value {
    let tokens = answer.pieces.iter().filter_map(|piece| match piece {
        Piece::Content(text) => Some(logprob(text)),
        _ => None,
    });
    json!({ "content": tokens.collect::<Vec<_>>(), "refusal": null })
}
