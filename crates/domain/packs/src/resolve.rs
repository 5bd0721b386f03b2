//! Several packs at once: what holds where more than one has a parameter.

use std::{collections::BTreeMap, fmt};

use crate::{
    pack::Pack,
    parameter::{FromParameter, Limit, Merge, Parameter, ParameterError, Value},
};

/// The parameters that hold where several packs are active.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Resolved {
    parameters: BTreeMap<String, ResolvedParameter>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct ResolvedParameter {
    parameter: Parameter,
    pack: String,
}

/// Two rows that cannot both hold. The packs are not activated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("parameter `{parameter}`: {first} and {second} {reason}")]
pub struct Conflict {
    /// The parameter.
    pub parameter: String,
    /// One row.
    pub first: Box<Claim>,
    /// The other row.
    pub second: Box<Claim>,
    /// Why they do not go together.
    pub reason: &'static str,
}

/// A row of a pack that sets a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The pack.
    pub pack: String,
    /// The obligation that the value belongs to.
    pub row: String,
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` of pack `{}`", self.row, self.pack)
    }
}

impl Resolved {
    /// The value that holds.
    ///
    /// # Errors
    /// [`ParameterError`] where there is none, or it is of another type.
    pub fn parameter<T: FromParameter>(&self, id: &str) -> Result<T, ParameterError> {
        let row = self.parameters.get(id).ok_or_else(|| ParameterError::Unknown(id.to_owned()))?;
        T::from_parameter(&row.parameter)
            .ok_or_else(|| ParameterError::Type { id: id.to_owned(), wanted: T::WANTED })
    }

    /// The span of time that holds.
    ///
    /// # Errors
    /// [`ParameterError`] where there is none, or it is no span of time.
    pub fn limit(&self, id: &str) -> Result<Limit, ParameterError> {
        self.parameter(id)
    }

    /// Every parameter that holds, with the pack it comes from.
    pub fn parameters(&self) -> impl ExactSizeIterator<Item = (&Parameter, &str)> {
        self.parameters.values().map(|row| (&row.parameter, row.pack.as_str()))
    }
}

/// Puts packs together, parameter by parameter.
///
/// # Errors
/// [`Conflict`] where two rows cannot both hold; it names both.
pub fn resolve(packs: &[Pack]) -> Result<Resolved, Conflict> {
    let mut resolved = Resolved::default();
    for pack in packs {
        for parameter in pack.parameters() {
            let next = ResolvedParameter { parameter: parameter.clone(), pack: pack.id().to_owned() };
            let held = match resolved.parameters.remove(&parameter.id) {
                Some(first) => merge(first, next)?,
                None => next,
            };
            resolved.parameters.insert(parameter.id.clone(), held);
        }
    }
    Ok(resolved)
}

fn merge(first: ResolvedParameter, second: ResolvedParameter) -> Result<ResolvedParameter, Conflict> {
    let (one, other) = (&first.parameter, &second.parameter);
    let reason = if one.merge != other.merge {
        "disagree on how they go together"
    } else if one.unit != other.unit {
        "count in different units"
    } else {
        match (one.merge, &one.value, &other.value) {
            (_, a, b) if a == b => return Ok(first),
            (Merge::Max, Value::Number(a), Value::Number(b)) => {
                return Ok(if a >= b { first } else { second });
            }
            (Merge::Min, Value::Number(a), Value::Number(b)) => {
                return Ok(if a <= b { first } else { second });
            }
            (Merge::Union, Value::Words(a), Value::Words(b)) => {
                let mut words = a.clone();
                words.extend(b.iter().filter(|word| !a.contains(word)).cloned());
                return Ok(first.with(Value::Words(words)));
            }
            (Merge::Union, Value::Flag(a), Value::Flag(b)) => {
                let flag = *a || *b;
                return Ok(first.with(Value::Flag(flag)));
            }
            (Merge::Conflict, _, _) => "must be equal and are not",
            _ => "have values of different types",
        }
    };
    let parameter = one.id.clone();
    Err(Conflict { parameter, first: first.claim(), second: second.claim(), reason })
}

impl ResolvedParameter {
    fn claim(self) -> Box<Claim> {
        Box::new(Claim { pack: self.pack, row: self.parameter.source })
    }

    fn with(self, value: Value) -> Self {
        Self { parameter: Parameter { value, ..self.parameter }, pack: self.pack }
    }
}
