//! Error bodies in OpenAI's shape.

use serde_json::{Map, Value};

/// An error as OpenAI's clients read it: `{"error":{"message","type","param","code",…}}`.
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorBody {
    message: String,
    kind: String,
    param: Option<String>,
    code: Option<String>,
    extra: Map<String, Value>,
}

impl ErrorBody {
    /// An error of that type (`invalid_request_error`, `permission_error`, `api_error` …) and stable code.
    #[must_use]
    pub fn new(kind: &str, code: &str, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            kind: kind.to_owned(),
            param: None,
            code: (!code.is_empty()).then(|| code.to_owned()),
            extra: Map::new(),
        }
    }

    /// Names the field of the request that is at fault.
    #[must_use]
    pub fn param(mut self, param: &str) -> Self {
        self.param = Some(param.to_owned());
        self
    }

    /// Adds a member beside the four; they themselves cannot be overwritten.
    #[must_use]
    pub fn extra(mut self, key: &str, value: impl Into<Value>) -> Self {
        if !matches!(key, "message" | "type" | "param" | "code") {
            self.extra.insert(key.to_owned(), value.into());
        }
        self
    }

    /// The body as a value.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let text = |text: &Option<String>| text.clone().map_or(Value::Null, Value::String);
        let mut error = Map::new();
        error.insert("message".to_owned(), Value::String(self.message.clone()));
        error.insert("type".to_owned(), Value::String(self.kind.clone()));
        error.insert("param".to_owned(), text(&self.param));
        error.insert("code".to_owned(), text(&self.code));
        error.extend(self.extra.clone());
        Value::Object(Map::from_iter([("error".to_owned(), Value::Object(error))]))
    }

    /// The body as bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.to_value().to_string().into_bytes()
    }
}
