//! What the demo model says.

use serde_json::{Map, Value, json};

use super::cue::{BLOCKED_PHRASE, Cue};
use super::handbook::{Handbook, Language};
use super::request::DemoRequest;

/// How an answer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// With this finish reason.
    Finish(&'static str),
    /// Not at all.
    Stall,
    /// With a broken connection.
    Break,
    /// With an event that is not JSON.
    Garbage,
}

/// One streamed piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Reasoning(String),
    Content(String),
    ToolName(String),
    ToolArguments(String),
}

/// An answer in pieces.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) pieces: Vec<Piece>,
    pub(super) ending: Ending,
}

impl Answer {
    /// The answer to a request; `None` for the cue that asks for an error.
    pub(super) fn to(request: &DemoRequest) -> Option<Self> {
        let cue = if request.tool_result.is_some() { None } else { Cue::find(&request.question) };
        let language = Language::of(&request.question);
        let mut pieces = Vec::new();
        let mut ending = Ending::Finish("stop");
        match cue {
            Some(Cue::Error) => return None,
            Some(Cue::Tool) => {
                let name = request.tool.clone().unwrap_or_else(|| "look_up".to_owned());
                pieces.push(Piece::ToolName(name));
                let arguments = json!({ "query": request.question }).to_string();
                pieces.extend(split(&arguments).map(|piece| Piece::ToolArguments(piece.to_owned())));
                ending = Ending::Finish("tool_calls");
            }
            Some(Cue::Stall) => ending = Ending::Stall,
            Some(Cue::Break) => ending = Ending::Break,
            Some(Cue::Garbage) => ending = Ending::Garbage,
            Some(Cue::Reasoning) => {
                pieces.extend(split(reasoning(language)).map(|piece| Piece::Reasoning(piece.to_owned())));
            }
            _ => {}
        }
        if cue != Some(Cue::Tool) {
            let content = content(request, cue, language);
            pieces.extend(split(&content).map(|piece| Piece::Content(piece.to_owned())));
        }
        if let (Some(limit), Ending::Finish(_)) = (request.tokens_max, ending)
            && pieces.len() > limit
        {
            pieces.truncate(limit);
            ending = Ending::Finish("length");
        }
        Some(Self { pieces, ending })
    }
}

/// Cuts a text into pieces of the size of a model's tokens: a word with the space before it, two Chinese characters,
/// up to four other ones. Their concatenation is the text.
pub(super) fn split(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (piece, after) = rest.split_at_checked(piece_length(rest))?;
        rest = after;
        (!piece.is_empty()).then_some(piece)
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Letter,
    Sign,
    Wide,
}

/// How many bytes the first piece of a text has.
fn piece_length(text: &str) -> usize {
    let mut before = None;
    for (count, (at, character)) in text.char_indices().enumerate() {
        let class = match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' => Class::Letter,
            _ if character.is_ascii() => Class::Sign,
            _ => Class::Wide,
        };
        let is_over = match (before, class) {
            (None, _) => false,
            (Some(Class::Letter), Class::Letter) => count >= 12,
            (Some(Class::Sign), Class::Sign) => count >= 4,
            (Some(Class::Wide), Class::Wide) => count >= 2,
            (Some(Class::Sign), Class::Letter) => count > 1 || !text.starts_with(' '),
            _ => true,
        };
        if is_over {
            return at;
        }
        before = Some(class);
    }
    text.len()
}

fn content(request: &DemoRequest, cue: Option<Cue>, language: Language) -> String {
    let is_chinese = language == Language::Chinese;
    let (title, text) = look_up(request, language);
    match cue {
        Some(Cue::Json) => return json!({ "title": title, "answer": text }).to_string(),
        Some(Cue::Code) => return code().to_owned(),
        Some(Cue::Drift) if is_chinese => {
            return format!(
                "{text}\n\n说着说着，演示模型跑偏了：{BLOCKED_PHRASE}，后面这一句不应当有人看到。"
            );
        }
        Some(Cue::Drift) => {
            return format!(
                "{text}\n\nAnd now the demo model drifts: {BLOCKED_PHRASE}, and nobody should read this."
            );
        }
        Some(Cue::Long) => return whole_handbook(language),
        _ => {}
    }
    if request.is_json {
        let answer = json!({ "title": title, "answer": text });
        return request.schema.as_ref().map_or(answer, |schema| fill(schema, &text, 0)).to_string();
    }
    if let Some(result) = &request.tool_result {
        return if is_chinese {
            format!("工具返回：{result}")
        } else {
            format!("The tool returned: {result}")
        };
    }
    match (title.is_empty(), is_chinese) {
        (true, _) => text,
        (false, true) => format!("（演示模型，引自手册“{title}”）\n\n{text}"),
        (false, false) => format!("(Demo model, quoting its handbook: \"{title}\")\n\n{text}"),
    }
}

/// Title and text of the entry that fits; without a title, an honest "I do not know".
fn look_up(request: &DemoRequest, language: Language) -> (String, String) {
    let handbook = Handbook::of(language);
    if let Some(entry) = handbook.find(&request.question) {
        return (entry.title.to_owned(), entry.text.to_owned());
    }
    let topics: Vec<&str> = handbook.entries().iter().step_by(6).map(|entry| entry.title).collect();
    let text = match language {
        Language::Chinese => format!(
            "我是朱砂自带的小型演示模型，只会引用自己的手册，里面没有与您的话相符的条目。您可以问，例如：{}",
            topics.join(" ")
        ),
        Language::English => format!(
            "I am the small demo model that comes with Cinnabar. I can only quote my handbook, and nothing in it fits \
             what you wrote. You could ask, for example: {}",
            topics.join(" ")
        ),
    };
    (String::new(), text)
}

fn whole_handbook(language: Language) -> String {
    let sections =
        Handbook::of(language).entries().iter().map(|entry| format!("## {}\n{}", entry.title, entry.text));
    sections.collect::<Vec<_>>().join("\n\n")
}

const fn reasoning(language: Language) -> &'static str {
    match language {
        Language::Chinese => "先把问题拆成词，再在手册里找重合最多的条目，然后原样引用。",
        Language::English => {
            "I split the question into words, look for the entry with the most of them, and quote it."
        }
    }
}

const fn code() -> &'static str {
    "```python\nfrom openai import OpenAI\n\nclient = OpenAI(base_url=\"http://127.0.0.1:8080/v1\")\nanswer = \
     client.chat.completions.create(\n    model=\"cinnabar-demo\",\n    messages=[{\"role\": \"user\", \"content\": \
     \"hello\"}],\n)\nprint(answer.choices[0].message.content)\n```"
}

/// The simplest value of a JSON schema, with the text in each string.
fn fill(schema: &Value, text: &str, depth: usize) -> Value {
    // Deeper than any schema that a demo needs; a schema that refers to itself is not followed at all.
    const DEPTH_MAX: usize = 8;
    if depth > DEPTH_MAX {
        return Value::Null;
    }
    if let Some(first) = schema.get("enum").and_then(Value::as_array).and_then(|values| values.first()) {
        return first.clone();
    }
    let kind = schema.get("type");
    let kind =
        kind.and_then(Value::as_str).or_else(|| kind.and_then(|kinds| kinds.get(0)).and_then(Value::as_str));
    match kind {
        Some("string") => Value::from(text),
        Some("number" | "integer") => Value::from(1),
        Some("boolean") => Value::from(true),
        Some("array") => schema.get("items").map_or(json!([]), |items| json!([fill(items, text, depth + 1)])),
        Some("object") => {
            let properties = schema.get("properties").and_then(Value::as_object);
            let filled = properties
                .into_iter()
                .flatten()
                .map(|(key, schema)| (key.clone(), fill(schema, text, depth + 1)));
            Value::Object(filled.collect::<Map<_, _>>())
        }
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_join_to_the_text_and_cut_the_blocked_phrase() {
        for entry in
            [Language::Chinese, Language::English].map(Handbook::of).into_iter().flat_map(Handbook::entries)
        {
            assert_eq!(split(entry.text).collect::<String>(), entry.text);
        }
        assert_eq!(
            split("Hello,  big 世界你好!").collect::<Vec<_>>(),
            ["Hello", ",  ", "big", " ", "世界", "你好", "!"]
        );
        assert!(split(&format!("x {BLOCKED_PHRASE}")).count() > 3);
    }

    #[test]
    fn schemas_are_filled() {
        let schema = json!({"type": "object", "properties": {
            "a": {"type": "string"}, "b": {"type": "array", "items": {"type": "integer"}}, "c": {"enum": ["x", "y"]},
            "d": {"type": ["boolean", "null"]}}});
        assert_eq!(fill(&schema, "t", 0), json!({"a": "t", "b": [1], "c": "x", "d": true}));
    }
}
