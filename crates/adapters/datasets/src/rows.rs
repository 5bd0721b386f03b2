//! The rows of a file: CSV with a header, JSON lines, a JSON document, plain lines.

use serde_json::Value;

use crate::{
    error::{DatasetError, RowProblem},
    file::DataFile,
};

/// Named fields of one row.
pub(crate) struct Row {
    pub(crate) line: u64,
    fields: Fields,
}

enum Fields {
    Csv(std::sync::Arc<csv::StringRecord>, csv::StringRecord),
    Json(Value),
}

impl Row {
    /// A field that must be there, as text. A number reads as its digits.
    pub(crate) fn text(&self, name: &str) -> Result<String, RowProblem> {
        self.get(name).ok_or_else(|| RowProblem::Field(name.into()))
    }

    /// A field that may be missing.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        match &self.fields {
            Fields::Csv(header, record) => {
                let place = header.iter().position(|column| column == name)?;
                record.get(place).map(str::to_owned)
            }
            Fields::Json(value) => match value.get(name)? {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                Value::Bool(is) => Some(is.to_string()),
                _ => None,
            },
        }
    }

    /// A label that must be `yes` or `no`.
    pub(crate) fn label(&self, field: &'static str, yes: &str, no: &str) -> Result<bool, RowProblem> {
        let value = self.text(field)?;
        if value == yes {
            Ok(true)
        } else if value == no {
            Ok(false)
        } else {
            Err(unknown(field, &value))
        }
    }

    /// The texts of a field that is a list.
    pub(crate) fn list(&self, name: &str) -> Result<Vec<String>, RowProblem> {
        let Fields::Json(value) = &self.fields else { return Err(RowProblem::Field(name.into())) };
        value.get(name).and_then(texts).ok_or_else(|| RowProblem::Field(name.into()))
    }
}

/// The problem of a label that the set does not have.
pub(crate) fn unknown(field: &'static str, value: &str) -> RowProblem {
    RowProblem::Value { field, value: value.chars().take(64).collect() }
}

fn texts(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|text| text.as_str().map(str::to_owned)).collect()
}

/// The rows of a CSV file with a header (RFC 4180).
pub(crate) fn csv(file: &DataFile) -> Result<Vec<Row>, DatasetError> {
    let mut reader = csv::ReaderBuilder::new().from_reader(file.text().as_bytes());
    let fail = |error: &csv::Error| {
        let line = error.position().map_or(1, csv::Position::line);
        file.at(line, RowProblem::Csv(error.to_string()))
    };
    let header = std::sync::Arc::new(reader.headers().map_err(|error| fail(&error))?.clone());
    reader
        .records()
        .map(|record| {
            let record = record.map_err(|error| fail(&error))?;
            let line = record.position().map_or(0, csv::Position::line);
            Ok(Row { line, fields: Fields::Csv(header.clone(), record) })
        })
        .collect()
}

/// The rows of a file with one JSON object on each line; empty lines are passed over.
pub(crate) fn json_lines(file: &DataFile) -> Result<Vec<Row>, DatasetError> {
    let lines = file.text().lines().zip(1..).filter(|(text, _)| !text.trim().is_empty());
    lines
        .map(|(text, line)| {
            let value = serde_json::from_str(text)
                .map_err(|error| file.at(line, RowProblem::Json(error.to_string())))?;
            Ok(Row { line, fields: Fields::Json(value) })
        })
        .collect()
}

/// A file that is one JSON document.
pub(crate) fn json(file: &DataFile) -> Result<Value, DatasetError> {
    serde_json::from_str(file.text())
        .map_err(|error| file.at(error.line() as u64, RowProblem::Json(error.to_string())))
}

/// The rows of a JSON document that is a list of objects. They stand on no line of their own: the number of the row is
/// given in its place.
pub(crate) fn json_rows(file: &DataFile) -> Result<Vec<Row>, DatasetError> {
    let Value::Array(values) = json(file)? else {
        return Err(file.at(1, RowProblem::Json("not a list".into())));
    };
    Ok(values.into_iter().zip(1..).map(|(value, line)| Row { line, fields: Fields::Json(value) }).collect())
}

/// A JSON document that is a list of texts.
pub(crate) fn json_texts(file: &DataFile) -> Result<Vec<String>, DatasetError> {
    texts(&json(file)?).ok_or_else(|| file.at(1, RowProblem::Json("not a list of texts".into())))
}

/// The texts of a JSON document of objects in objects, each with the keys that lead to it.
pub(crate) fn json_leaves(file: &DataFile) -> Result<Vec<(Vec<String>, String)>, DatasetError> {
    fn walk(value: &Value, keys: &mut Vec<String>, found: &mut Vec<(Vec<String>, String)>) -> bool {
        match value {
            Value::String(text) => {
                found.push((keys.clone(), text.clone()));
                true
            }
            Value::Array(values) => values.iter().all(|value| walk(value, keys, found)),
            Value::Object(members) => members.iter().all(|(key, value)| {
                keys.push(key.clone());
                let is_known = walk(value, keys, found);
                keys.pop();
                is_known
            }),
            _ => false,
        }
    }
    let mut found = Vec::new();
    if walk(&json(file)?, &mut Vec::new(), &mut found) {
        Ok(found)
    } else {
        Err(file.at(1, RowProblem::Json("something else than objects, lists and texts".into())))
    }
}
