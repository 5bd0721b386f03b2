//! The document as it is written: the part of OpenAPI 3.1 that `api` uses, and nothing else.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    Answer, Content, Group, Member, Operation as Shown, Parameter as ShownParameter, Prose,
    Schema as ShownSchema, Shape, reason,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    #[serde(rename = "openapi")]
    _version: String,
    /// Title, licence and version: the page has its own.
    #[serde(rename = "info")]
    _info: serde_json::Value,
    pub(super) paths: BTreeMap<String, PathItem>,
    pub(super) components: Components,
    pub(super) tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tag {
    name: String,
    description: String,
}

impl Tag {
    pub(super) fn group(self) -> Group {
        Group { name: self.name, description: Prose::new(&self.description), operations: Vec::new() }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PathItem {
    get: Option<Operation>,
    put: Option<Operation>,
    post: Option<Operation>,
    delete: Option<Operation>,
}

impl PathItem {
    pub(super) fn methods(self) -> impl Iterator<Item = (&'static str, Operation)> {
        [("GET", self.get), ("POST", self.post), ("PUT", self.put), ("DELETE", self.delete)]
            .into_iter()
            .filter_map(|(method, operation)| Some((method, operation?)))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Operation {
    pub(super) tags: Vec<String>,
    summary: String,
    #[serde(default)]
    description: String,
    #[serde(rename = "operationId")]
    _operation_id: String,
    #[serde(default)]
    parameters: Vec<Parameter>,
    request_body: Option<RequestBody>,
    responses: BTreeMap<String, Response>,
    #[serde(default)]
    security: Vec<serde_json::Value>,
}

impl Operation {
    pub(super) fn shown(self, method: &'static str, path: &str) -> Shown {
        let words = path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        let anchor = std::iter::once(method.to_ascii_lowercase()).chain(words.map(str::to_owned));
        let answers = self.responses.into_iter().map(|(status, response)| Answer {
            reason: reason(&status),
            content: response.content.and_then(content),
            status,
        });
        Shown {
            anchor: anchor.collect::<Vec<_>>().join("-"),
            method,
            path: path.to_owned(),
            summary: Prose::new(format!("{} {}", self.summary, self.description).trim_end()),
            needs_key: !self.security.is_empty(),
            parameters: self.parameters.into_iter().map(Parameter::shown).collect(),
            body: self.request_body.and_then(|body| content(body.content)),
            answers: answers.collect(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameter {
    name: String,
    r#in: Place,
    #[serde(default)]
    description: String,
    required: bool,
    schema: Schema,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Place {
    Path,
    Query,
}

impl Parameter {
    fn shown(self) -> ShownParameter {
        ShownParameter {
            name: self.name,
            in_path: self.r#in == Place::Path,
            is_required: self.required,
            shape: self.schema.shape(),
            description: Prose::new(&self.description),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestBody {
    content: BTreeMap<String, MediaType>,
    #[serde(rename = "required")]
    _required: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Response {
    content: Option<BTreeMap<String, MediaType>>,
    #[serde(default, rename = "description")]
    _description: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MediaType {
    schema: Schema,
}

fn content(by_type: BTreeMap<String, MediaType>) -> Option<Content> {
    by_type.into_iter().next().map(|(media_type, content)| Content {
        shape: media_type.ends_with("json").then(|| content.schema.shape()),
        media_type,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Components {
    pub(super) schemas: BTreeMap<String, Schema>,
    #[serde(rename = "securitySchemes")]
    _security_schemes: serde_json::Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Schema {
    r#type: Option<OneOrMore>,
    #[serde(rename = "$ref")]
    reference: Option<String>,
    one_of: Option<Vec<Schema>>,
    items: Option<Box<Schema>>,
    #[serde(default)]
    description: String,
    #[serde(default)]
    required: Vec<String>,
    #[serde(default)]
    properties: BTreeMap<String, Schema>,
    #[serde(rename = "additionalProperties")]
    _additional_properties: Option<bool>,
    #[serde(rename = "format")]
    _format: Option<String>,
    #[serde(rename = "minimum")]
    _minimum: Option<u64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl Schema {
    pub(super) fn shown(self, name: String) -> ShownSchema {
        let required = self.required;
        let members = self.properties.into_iter().map(|(name, schema)| Member {
            is_required: required.contains(&name),
            shape: schema.shape(),
            description: Prose::new(&schema.words()),
            name,
        });
        ShownSchema { name, description: Prose::new(&self.description), members: members.collect() }
    }

    /// What the value is apart from `null`: whether it may be missing says the same.
    fn shape(&self) -> Shape {
        if let Some(reference) = &self.reference {
            let name = reference.rsplit('/').next().unwrap_or_default().to_owned();
            return Shape { name, is_schema: true, is_list: false };
        }
        if let Some(items) = &self.items {
            return Shape { is_list: true, ..items.shape() };
        }
        if let Some(one) = self.one_of.iter().flatten().find(|one| !one.is_null()) {
            return one.shape();
        }
        let name = match &self.r#type {
            Some(OneOrMore::One(name)) => name.clone(),
            Some(OneOrMore::More(names)) => {
                let names: Vec<&str> =
                    names.iter().map(String::as_str).filter(|name| *name != "null").collect();
                names.join(" | ")
            }
            None => "any".to_owned(),
        };
        Shape { name, is_schema: false, is_list: false }
    }

    /// What it means: said by itself, or by the one that it may be.
    fn words(&self) -> String {
        let inner = self.one_of.iter().flatten().map(|one| one.description.as_str());
        std::iter::once(self.description.as_str())
            .chain(inner)
            .find(|words| !words.is_empty())
            .unwrap_or_default()
            .to_owned()
    }

    fn is_null(&self) -> bool {
        matches!(&self.r#type, Some(OneOrMore::One(name)) if name == "null")
    }
}
