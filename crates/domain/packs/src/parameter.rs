//! Parameters: the numbers and switches that duties turn on, with how packs and operators may change them.

use std::time::Duration;

use serde::Deserialize;
use serde_saphyr::Spanned;
use terms::Locale;

use crate::{
    error::{PackError, Place, Problem},
    text::Bilingual,
    yaml,
};

/// One number, switch or list of words.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Its name: `case.appeal.answer_limit`.
    pub id: String,
    /// What it is.
    pub title: Bilingual,
    /// Its value.
    pub value: Value,
    /// What a number counts.
    #[serde(default)]
    pub unit: Unit,
    /// What holds where several packs have it.
    pub merge: Merge,
    /// The obligation it belongs to.
    pub source: String,
    /// Whether the law or the operator names the value.
    pub set_by: SetBy,
    /// Which way an operator may move it.
    pub adjust: Adjust,
}

/// A parameter's value.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "a whole number from 0, `true` or `false`, or a list of words is expected")]
pub enum Value {
    /// A whole number.
    Number(u64),
    /// A switch.
    Flag(bool),
    /// Words.
    Words(Vec<String>),
}

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Working days of the pack's calendar.
    WorkingDays,
    /// Days.
    Days,
    /// Hours.
    Hours,
    /// Minutes.
    Minutes,
    /// Seconds.
    Seconds,
    /// Hundredths.
    Percent,
    /// Years of age.
    Years,
    /// Things.
    #[default]
    Count,
}

/// What holds where several packs have a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Merge {
    /// The greatest: how long a record is kept.
    Max,
    /// The least: how long an answer may take.
    Min,
    /// All words together; a switch is on where one is on.
    Union,
    /// They must be equal.
    Conflict,
}

/// Who names a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SetBy {
    /// The provision itself.
    Law,
    /// The operator, who publishes it: a promise. The pack's value is where they start.
    Operator,
}

/// Which way an operator may move a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Adjust {
    /// Either way.
    Any,
    /// Up only: the pack's value is the least allowed.
    Up,
    /// Down only: the pack's value is the most allowed.
    Down,
    /// Not at all.
    Fixed,
}

/// A span that somebody promised or the law set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Limit {
    /// How many.
    pub amount: u32,
    /// Of what: working days, days, hours, minutes or seconds.
    pub unit: Unit,
}

/// A parameter that could not be had or set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParameterError {
    /// The pack has none of that name.
    #[error("the pack has no parameter `{0}`")]
    Unknown(String),
    /// It is of another type.
    #[error("parameter `{id}` is no {wanted}")]
    Type {
        /// The parameter.
        id: String,
        /// What was asked for.
        wanted: &'static str,
    },
    /// The operator may not move it that way.
    #[error(
        "parameter `{id}` may not be set to {given}: {reason} ({pack_value} in the pack, for `{source_row}`)"
    )]
    NotAllowed {
        /// The parameter.
        id: String,
        /// What was asked for.
        given: u64,
        /// Why not.
        reason: &'static str,
        /// The pack's value.
        pack_value: u64,
        /// The obligation it belongs to.
        source_row: String,
    },
}

/// A type that a parameter can be had as.
pub trait FromParameter: Sized {
    /// The type in words, for the error.
    const WANTED: &'static str;

    /// The value, where it is of this type.
    fn from_parameter(parameter: &Parameter) -> Option<Self>;
}

impl FromParameter for u64 {
    const WANTED: &'static str = "number";

    fn from_parameter(parameter: &Parameter) -> Option<Self> {
        match parameter.value {
            Value::Number(number) => Some(number),
            Value::Flag(_) | Value::Words(_) => None,
        }
    }
}

impl FromParameter for u32 {
    const WANTED: &'static str = "number below 2^32";

    fn from_parameter(parameter: &Parameter) -> Option<Self> {
        u64::from_parameter(parameter).and_then(|number| Self::try_from(number).ok())
    }
}

impl FromParameter for bool {
    const WANTED: &'static str = "switch";

    fn from_parameter(parameter: &Parameter) -> Option<Self> {
        match parameter.value {
            Value::Flag(flag) => Some(flag),
            Value::Number(_) | Value::Words(_) => None,
        }
    }
}

impl FromParameter for Vec<String> {
    const WANTED: &'static str = "list of words";

    fn from_parameter(parameter: &Parameter) -> Option<Self> {
        match &parameter.value {
            Value::Words(words) => Some(words.clone()),
            Value::Number(_) | Value::Flag(_) => None,
        }
    }
}

impl FromParameter for Limit {
    const WANTED: &'static str = "span of time";

    fn from_parameter(parameter: &Parameter) -> Option<Self> {
        let amount = u32::from_parameter(parameter)?;
        parameter.unit.is_time().then_some(Self { amount, unit: parameter.unit })
    }
}

impl FromParameter for Duration {
    const WANTED: &'static str = "span of time without calendar";

    fn from_parameter(parameter: &Parameter) -> Option<Self> {
        Limit::from_parameter(parameter)?.duration()
    }
}

impl Unit {
    /// The word in packs and in output for machines.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WorkingDays => "working_days",
            Self::Days => "days",
            Self::Hours => "hours",
            Self::Minutes => "minutes",
            Self::Seconds => "seconds",
            Self::Percent => "percent",
            Self::Years => "years",
            Self::Count => "count",
        }
    }

    /// Whether it counts time.
    #[must_use]
    pub const fn is_time(self) -> bool {
        match self {
            Self::WorkingDays | Self::Days | Self::Hours | Self::Minutes | Self::Seconds => true,
            Self::Percent | Self::Years | Self::Count => false,
        }
    }
}

impl Limit {
    /// The limit as a length of time; a limit in working days has none without a calendar.
    #[must_use]
    pub fn duration(self) -> Option<Duration> {
        let seconds = match self.unit {
            Unit::Days => 86_400,
            Unit::Hours => 3_600,
            Unit::Minutes => 60,
            Unit::Seconds => 1,
            Unit::WorkingDays | Unit::Percent | Unit::Years | Unit::Count => return None,
        };
        Some(Duration::from_secs(u64::from(self.amount).saturating_mul(seconds)))
    }

    /// The limit in words: `7 个工作日`, `7 working days`.
    #[must_use]
    pub fn words(self, locale: Locale) -> String {
        let (chinese, one, many) = match self.unit {
            Unit::WorkingDays => ("个工作日", "working day", "working days"),
            Unit::Days => ("日", "day", "days"),
            Unit::Hours => ("小时", "hour", "hours"),
            Unit::Minutes => ("分钟", "minute", "minutes"),
            Unit::Seconds => ("秒", "second", "seconds"),
            Unit::Percent => ("%", "percent", "percent"),
            Unit::Years => ("周岁", "year of age", "years of age"),
            Unit::Count => ("次", "time", "times"),
        };
        match locale {
            Locale::ZhCn => format!("{} {chinese}", self.amount),
            Locale::En if self.amount == 1 => format!("1 {one}"),
            Locale::En => format!("{} {many}", self.amount),
        }
    }
}

impl Parameter {
    fn check(&self) -> Result<(), Problem> {
        if !yaml::is_id(&self.id) {
            return Err(Problem::BadId(self.id.clone()));
        }
        let refuse = |reason| Err(Problem::Parameter { id: self.id.clone(), reason });
        if self.title.zh_cn.trim().is_empty() || self.title.en.trim().is_empty() {
            return refuse("its title is empty in one language: write it");
        }
        match (&self.value, self.merge) {
            (Value::Number(_), Merge::Union) => {
                refuse("numbers have no union: use `max`, `min` or `conflict`")
            }
            (Value::Flag(_) | Value::Words(_), Merge::Max | Merge::Min) => {
                refuse("only numbers have a maximum or minimum: use `union` or `conflict`")
            }
            (Value::Flag(_) | Value::Words(_), _) if self.unit != Unit::Count => {
                refuse("only numbers have a unit: strike `unit`")
            }
            (Value::Flag(_) | Value::Words(_), _) if matches!(self.adjust, Adjust::Up | Adjust::Down) => {
                refuse("only numbers go up or down: use `adjust: any` or `fixed`")
            }
            (Value::Number(number), _) if self.unit.is_time() && u32::try_from(*number).is_err() => {
                refuse("a span of time is below 2^32: use a larger unit")
            }
            _ => Ok(()),
        }
    }

    /// The parameter with the operator's `number`, where they may set it.
    pub(crate) fn adjusted(&self, number: u64) -> Result<Self, ParameterError> {
        let pack_value = u64::from_parameter(self)
            .ok_or_else(|| ParameterError::Type { id: self.id.clone(), wanted: u64::WANTED })?;
        let refuse = |reason| {
            let source_row = self.source.clone();
            Err(ParameterError::NotAllowed {
                id: self.id.clone(),
                given: number,
                reason,
                pack_value,
                source_row,
            })
        };
        match self.adjust {
            Adjust::Up if number < pack_value => refuse("it may only be raised"),
            Adjust::Down if number > pack_value => refuse("it may only be lowered"),
            Adjust::Fixed if number != pack_value => refuse("it is fixed"),
            _ if self.unit.is_time() && u32::try_from(number).is_err() => refuse("it is too large"),
            _ => Ok(Self { value: Value::Number(number), ..self.clone() }),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    parameters: Vec<Spanned<Parameter>>,
}

/// Every parameter of a file, with its place.
pub(crate) fn read(file: &str, bytes: &[u8]) -> Result<Vec<(Place, Parameter)>, PackError> {
    let parsed: File = yaml::read(file, bytes)?;
    let mut parameters = Vec::with_capacity(parsed.parameters.len());
    for row in parsed.parameters {
        let place = Place::located(file, row.referenced);
        row.value.check().map_err(|problem| place.clone().invalid(problem))?;
        parameters.push((place, row.value));
    }
    Ok(parameters)
}
