//! The object `SecurityData` of TC260-PG-202511A: written as the guide says, read as vendors write it.

use serde::Deserialize;
use serde_json::value::{RawValue, Value};

use super::{SM3_WITH_SM2, VerifyingKey};

/// Real labels have two or three entries; each costs a computation on the curve.
const ENTRIES_MAX: usize = 8;

/// What is read of it.
#[derive(Debug, Default)]
pub(super) struct SecurityData {
    pub(super) signatures: Vec<Signature>,
    /// By their ids; the first of an id counts.
    keys: Vec<(String, Vec<VerifyingKey>)>,
    /// What binds the label to content, as the text that is signed.
    pub(super) bindings: Vec<String>,
}

/// An entry `DS`.
#[derive(Debug)]
pub(super) struct Signature {
    pub(super) algorithm: String,
    /// Over the label; else over a binding or another thing.
    pub(super) is_of_label: bool,
    pub(super) der: Vec<u8>,
    key_id: String,
}

#[derive(Deserialize)]
struct Outer<'t> {
    #[serde(rename = "SecurityData", borrow)]
    data: Inner<'t>,
}

#[derive(Deserialize)]
struct Inner<'t> {
    #[serde(rename = "Type")]
    kind: String,
    // Honor writes `PubSd`.
    #[serde(rename = "PubSD", alias = "PubSd", default)]
    entries: Vec<Value>,
    #[serde(rename = "Bindings", default, borrow)]
    bindings: Vec<&'t RawValue>,
}

impl SecurityData {
    /// Reads it; nothing where the text is something else.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let outer: Outer<'_> = serde_json::from_str(text).ok()?;
        if outer.data.kind != "TC260PG" {
            return None;
        }
        let mut data = Self::default();
        for entry in outer.data.entries.iter().take(ENTRIES_MAX) {
            let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default();
            // `0` where there is one key and nobody names it.
            let key_id = entry.get("KeyID").map_or_else(|| "0".to_owned(), bare);
            match text("Type") {
                "DS" => data.signatures.push(Signature {
                    algorithm: text("AlgID").chars().take(64).collect(),
                    is_of_label: matches!(
                        entry.pointer("/TBSData/Type").and_then(Value::as_str),
                        // The guide's word, and MiniMax's.
                        Some("Md" | "LabelMataData")
                    ),
                    der: hex::decode(text("Signature")).unwrap_or_default(),
                    key_id,
                }),
                "PubKey" if data.keys.iter().all(|(known, _)| *known != key_id) => {
                    data.keys.push((key_id, VerifyingKey::candidates(text("KeyValue"))));
                }
                _ => {}
            }
        }
        data.bindings =
            outer.data.bindings.iter().take(ENTRIES_MAX).map(|raw| raw.get().to_owned()).collect();
        Some(data)
    }

    /// The keys that the label carries for a signature.
    pub(super) fn keys_of(&self, signature: &Signature) -> &[VerifyingKey] {
        self.keys.iter().find(|(id, _)| *id == signature.key_id).map_or(&[], |(_, keys)| keys)
    }
}

/// The text of a value, without the quotes of a string.
fn bare(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The object with one signature over the label, in DER, and its key. No space stands in it (GB 45438-2025, E j).
pub(super) fn to_json(signature: &[u8], key: &VerifyingKey) -> String {
    let signature = hex::encode_upper(signature);
    let key = key.to_spki_hex();
    format!(
        concat!(
            r#"{{"SecurityData":{{"Type":"TC260PG","Version":1,"PubSD":["#,
            r#"{{"Type":"DS","AlgID":"{algorithm}","TBSData":{{"Type":"Md"}},"Signature":"{signature}"}},"#,
            r#"{{"Type":"PubKey","AlgID":"{algorithm}","KeyValue":"{key}"}}]}}}}"#
        ),
        algorithm = SM3_WITH_SM2,
        signature = signature,
        key = key,
    )
}
