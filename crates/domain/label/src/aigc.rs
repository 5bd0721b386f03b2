//! The hidden label of GB 45438-2025: one flat object of seven strings.

use std::fmt::Write as _;

use serde_json::value::RawValue;
use terms::ProduceId;

use crate::{Conformance, Field, ProviderCode, Reason, State, conformance::faults};

/// A real label with signatures is under 3 KB; what is far above is no label.
const LABEL_BYTES_MAX: usize = 64 * 1024;

/// The seven fields. A label that was read may be faulty: [`AigcLabel::conformance`] tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AigcLabel {
    values: [String; 7],
    /// What was wrong with the serialisation that it was read from.
    reading: Vec<Reason>,
}

/// Why a text is no label at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// Larger than any label.
    #[error("{0} bytes are too many for a label")]
    TooLong(usize),
    /// Not JSON.
    #[error("the label is not JSON: {0}")]
    NotJson(String),
    /// JSON, but no object with one of the seven keys.
    #[error("no key of the label is there")]
    NoLabel,
}

impl AigcLabel {
    /// The label of a thing that `producer` generated. It says "is generated" and has no propagator yet.
    #[must_use]
    pub fn new(producer: &ProviderCode, produce_id: &ProduceId) -> Self {
        let mut label = Self::empty();
        label.set(Field::Label, "1".to_owned());
        label.set(Field::ContentProducer, producer.as_str().to_owned());
        label.set(Field::ProduceId, produce_id.to_string());
        label
    }

    /// The same label after `propagator` passed the thing on under `propagate_id`.
    ///
    /// The producer's fields stay as they are. An earlier propagator gives way, with what it protected the label by.
    #[must_use]
    pub fn propagated(mut self, propagator: &ProviderCode, propagate_id: &str) -> Self {
        self.set(Field::ContentPropagator, propagator.as_str().to_owned());
        self.set(Field::PropagateId, propagate_id.to_owned());
        self.set(Field::ReservedCode2, String::new());
        self
    }

    /// The label that a platform writes into a thing that has none: what it found it to be, its own code and number
    /// (Labelling Measures, article 6). Nobody is named as the producer. None where there is nothing to write.
    #[must_use]
    pub fn by_propagator(state: State, propagator: &ProviderCode, propagate_id: &str) -> Option<Self> {
        let mut label = Self::empty();
        label.set(Field::Label, state.label_value()?.to_owned());
        Some(label.propagated(propagator, propagate_id))
    }

    /// The same label with the producer's integrity information.
    #[must_use]
    pub fn with_reserved_code1(mut self, text: &str) -> Self {
        self.set(Field::ReservedCode1, text.to_owned());
        self
    }

    /// The value of a field; empty where it is absent.
    #[must_use]
    pub fn get(&self, field: Field) -> &str {
        self.values.get(field as usize).map_or("", String::as_str)
    }

    /// Whether the thing is ("1"), may be ("2") or is suspected to be ("3") generated.
    #[must_use]
    pub fn label(&self) -> &str {
        self.get(Field::Label)
    }

    /// Name or code of the provider.
    #[must_use]
    pub fn content_producer(&self) -> &str {
        self.get(Field::ContentProducer)
    }

    /// The provider's number for the thing, as text: other providers have other forms.
    #[must_use]
    pub fn produce_id(&self) -> &str {
        self.get(Field::ProduceId)
    }

    /// The JSON of Annex E, byte for byte: seven keys in order, no spaces.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = String::with_capacity(192);
        for (index, field) in Field::ALL.into_iter().enumerate() {
            json.push(if index == 0 { '{' } else { ',' });
            push_json_string(&mut json, field.key());
            json.push(':');
            push_json_string(&mut json, self.get(field));
        }
        json.push('}');
        json
    }

    /// Reads a label as found in real files: any order of keys, wrapped in `{"AIGC": …}`, as a JSON string inside a
    /// string, with HTML entities, or with the bare word `AIGC` before it. Faults are kept for [`AigcLabel::conformance`].
    ///
    /// # Errors
    /// [`LabelError`] where there is no label at all.
    pub fn parse(text: &str) -> Result<Self, LabelError> {
        if text.len() > LABEL_BYTES_MAX {
            return Err(LabelError::TooLong(text.len()));
        }
        let bare = text.trim_matches(|c: char| c.is_whitespace() || c == '\0' || c == '\u{feff}');
        let bare = bare.strip_prefix("AIGC").map_or(bare, |rest| rest.trim_start_matches([':', '=', ' ']));
        let first = serde_json::from_str::<Object>(bare);
        let object = match first {
            Ok(object) => object,
            Err(_) if bare.contains("&quot;") || bare.contains("&#34;") => {
                serde_json::from_str::<Object>(&unescape_entities(bare)).map_err(not_json)?
            }
            Err(error) => match serde_json::from_str::<String>(bare) {
                Ok(inner) => serde_json::from_str::<Object>(&inner).map_err(not_json)?,
                Err(_) => return Err(not_json(error)),
            },
        };
        Self::from_object(object, 0)
    }

    /// Every fault, those of the serialisation first.
    #[must_use]
    pub fn conformance(&self) -> Conformance {
        let mut reasons = self.reading.clone();
        // What is wrong with a value that is no string follows from that.
        let taken = |reason: &Reason| match reason {
            Reason::Missing(field) | Reason::Characters { field, .. } => {
                !self.reading.contains(&Reason::NotAString(*field))
            }
            _ => true,
        };
        reasons.extend(faults(self).into_iter().filter(taken));
        Conformance::from_reasons(reasons)
    }

    /// A label from keys and values that another format held, faults of that reading included.
    pub(crate) fn from_parts(parts: Vec<(Field, String)>, reading: Vec<Reason>) -> Self {
        let mut label = Self::empty();
        label.reading = reading;
        let mut seen = [false; 7];
        for (field, value) in parts {
            label.take(&mut seen, field, value);
        }
        label
    }

    /// The same label with another fault of its reading.
    pub(crate) fn with_reading(mut self, fault: Option<Reason>) -> Self {
        self.reading.extend(fault);
        self
    }

    fn from_object(object: Object, depth: u8) -> Result<Self, LabelError> {
        if !object.0.iter().any(|(key, _)| Field::from_key(key).is_some()) {
            // Two layers of wrapping are seen; deeper ones are somebody's test of patience.
            let mut inner = object.0.into_iter().filter(|(key, _)| key == "AIGC").map(|(_, value)| value);
            let Some(value) = inner.next().filter(|_| depth < 2) else {
                return Err(LabelError::NoLabel);
            };
            let mut label = match serde_json::from_str::<String>(value.get()) {
                Ok(text) => Self::from_object(serde_json::from_str(&text).map_err(not_json)?, depth + 1)?,
                Err(_) => Self::from_object(serde_json::from_str(value.get()).map_err(not_json)?, depth + 1)?,
            };
            if inner.next().is_some() {
                label.reading.push(Reason::DuplicateLabel);
            }
            return Ok(label);
        }
        let mut label = Self::empty();
        let mut seen = [false; 7];
        for (key, value) in object.0 {
            let Some(field) = Field::from_key(&key) else { continue };
            let text = serde_json::from_str::<String>(value.get()).unwrap_or_else(|_| {
                label.reading.push(Reason::NotAString(field));
                if value.get() == "null" { String::new() } else { value.get().to_owned() }
            });
            label.take(&mut seen, field, text);
        }
        Ok(label)
    }

    /// Keeps the first value of a field and notes a second one.
    fn take(&mut self, seen: &mut [bool; 7], field: Field, value: String) {
        let Some(was_seen) = seen.get_mut(field as usize) else { return };
        if *was_seen {
            self.reading.push(Reason::DuplicateField(field));
        } else {
            *was_seen = true;
            self.set(field, value);
        }
    }

    fn empty() -> Self {
        Self { values: Default::default(), reading: Vec::new() }
    }

    fn set(&mut self, field: Field, value: String) {
        if let Some(slot) = self.values.get_mut(field as usize) {
            *slot = value;
        }
    }
}

/// A JSON object with its keys in order and its duplicates kept, which `serde_json::Map` would drop.
struct Object(Vec<(String, Box<RawValue>)>);

impl<'de> serde::Deserialize<'de> for Object {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;

        impl<'de> serde::de::Visitor<'de> for Pairs {
            type Value = Object;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Object(pairs))
            }
        }

        deserializer.deserialize_map(Pairs)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that `map_err` calls")]
fn not_json(error: serde_json::Error) -> LabelError {
    LabelError::NotJson(error.to_string())
}

/// Writes `text` as a JSON string (RFC 8259 §7) with only the escapes that must be.
pub(crate) fn push_json_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if u32::from(c) < 0x20 => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

fn unescape_entities(text: &str) -> String {
    text.replace("&quot;", "\"")
        .replace("&#34;", "\"")
        .replace("&apos;", "'")
        .replace("&#39;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests;
