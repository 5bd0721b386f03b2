//! Obligations: one row for each thing that a provision asks of somebody.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;
use serde_saphyr::Spanned;
use terms::Locale;

use crate::{
    control::Control,
    error::{PackError, Place, Problem},
    parameter::Value,
    text::Bilingual,
    yaml,
};

/// The law, measure or standard that a row comes from. One file of rows names one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instrument {
    /// Its name in ids: `cn.genai`.
    pub id: String,
    /// Its title.
    pub title: Bilingual,
    /// Whose law it is: `CN`.
    pub jurisdiction: String,
    /// From when it is in force.
    #[serde(deserialize_with = "yaml::date::required")]
    pub effective_from: Date,
    /// Until when, where it was replaced.
    #[serde(default, deserialize_with = "yaml::date::optional")]
    pub effective_to: Option<Date>,
    /// Where its text is published.
    pub source: Source,
}

/// Where something can be read, and when it was.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// What it is: the issuing body and number, or the notice.
    pub name: String,
    /// Its address, where one is known.
    #[serde(default)]
    pub url: Option<String>,
    /// When it was read, where it was.
    #[serde(default, deserialize_with = "yaml::date::optional")]
    pub read_on: Option<Date>,
}

/// One duty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obligation {
    /// Its name: `cn.genai.14.1`.
    pub id: String,
    /// Whose law it is.
    pub jurisdiction: String,
    /// What it comes from.
    pub instrument: std::sync::Arc<Instrument>,
    /// The article or clause.
    pub article: String,
    /// The same as a Chinese text cites it, where that differs: `第十四条第一款`.
    pub article_zh: Option<String>,
    /// From when it applies.
    pub effective_from: Date,
    /// Until when, where it no longer does.
    pub effective_to: Option<Date>,
    /// The scope flag under which it applies; always, where there is none.
    pub applies_if: Option<String>,
    /// Who has the duty.
    pub actor: Vec<Party>,
    /// What has to be done, in one line of our own.
    pub duty: Bilingual,
    /// What this software does for it.
    pub control: Vec<Control>,
    /// What proves it.
    pub evidence: Vec<String>,
    /// Numbers that the provision itself names.
    pub params: BTreeMap<String, Value>,
    /// How loud a breach is.
    pub severity: Severity,
    /// Where it can be read.
    pub source: Source,
    /// How the row was checked.
    pub verification: Verification,
    /// What is open about the row.
    pub note: Option<String>,
}

impl Obligation {
    /// The article or clause as texts of that language cite it.
    #[must_use]
    pub fn article_in(&self, locale: Locale) -> &str {
        match (locale, &self.article_zh) {
            (Locale::ZhCn, Some(cited)) => cited,
            _ => &self.article,
        }
    }

    /// Whether the duty is in force on `day`.
    #[must_use]
    pub fn is_in_force(&self, day: Date) -> bool {
        self.effective_from <= day && self.effective_to.is_none_or(|to| day <= to)
    }
}

/// Who a duty binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Party {
    /// Who offers the service, through an interface for programs too.
    Provider,
    /// Who gives a provider technical support.
    TechnicalSupporter,
    /// Who spreads content for others.
    Platform,
    /// Who distributes applications.
    AppStore,
    /// Who uses the service.
    User,
    /// The state.
    Authority,
    /// Everybody.
    Anyone,
}

/// How loud a breach is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Good to know.
    Hint,
    /// Should be put right.
    Warning,
    /// A breach.
    Error,
}

/// How a row was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verification {
    /// Against the official text.
    Primary,
    /// Against a public rendering of it, or by computing on real files.
    Secondary,
    /// Not at all yet.
    Memory,
}

impl Severity {
    /// The word in packs and in output for machines.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hint => "hint",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl Verification {
    /// The word in packs and in output for machines.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Secondary => "secondary",
            Self::Memory => "memory",
        }
    }
}

impl Party {
    /// The word in packs and in output for machines.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::TechnicalSupporter => "technical-supporter",
            Self::Platform => "platform",
            Self::AppStore => "app-store",
            Self::User => "user",
            Self::Authority => "authority",
            Self::Anyone => "anyone",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    instrument: Instrument,
    obligations: Vec<Spanned<Row>>,
}

/// A row as it is written: what it leaves out, the instrument of its file says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    article: String,
    #[serde(default)]
    article_zh: Option<String>,
    #[serde(default, deserialize_with = "yaml::date::optional")]
    effective_from: Option<Date>,
    #[serde(default, deserialize_with = "yaml::date::optional")]
    effective_to: Option<Date>,
    #[serde(default)]
    applies_if: Option<String>,
    actor: Vec<Party>,
    duty: Bilingual,
    control: Vec<Control>,
    evidence: Vec<String>,
    #[serde(default)]
    params: BTreeMap<String, Value>,
    severity: Severity,
    #[serde(default)]
    source: Option<Source>,
    verification: Verification,
    #[serde(default)]
    note: Option<String>,
}

impl Row {
    fn check(&self) -> Result<(), Problem> {
        let id = || self.id.clone();
        if !yaml::is_id(&self.id) {
            return Err(Problem::BadId(id()));
        }
        if let Some(flag) = self.applies_if.as_ref().filter(|flag| !yaml::is_id(flag)) {
            return Err(Problem::BadId(flag.clone()));
        }
        if self.article.trim().is_empty() {
            return Err(Problem::Empty { id: id(), field: "article" });
        }
        if self.article_zh.as_ref().is_some_and(|cited| cited.trim().is_empty()) {
            return Err(Problem::Empty { id: id(), field: "article_zh" });
        }
        if self.actor.is_empty() {
            return Err(Problem::Empty { id: id(), field: "actor" });
        }
        for (field, words) in [("duty: zh-CN", &self.duty.zh_cn), ("duty: en", &self.duty.en)] {
            if words.trim().is_empty() {
                return Err(Problem::Empty { id: id(), field });
            }
        }
        // Design, invariant 5: a rule that was not verified against the text of the law is only a hint.
        if self.verification == Verification::Memory && self.severity > Severity::Hint {
            return Err(Problem::MemoryAboveHint { id: id() });
        }
        Ok(())
    }
}

/// Every row of a file, with its place.
pub(crate) fn read(file: &str, bytes: &[u8]) -> Result<Vec<(Place, Obligation)>, PackError> {
    let parsed: File = yaml::read(file, bytes)?;
    let instrument = std::sync::Arc::new(parsed.instrument);
    if !yaml::is_id(&instrument.id) {
        return Err(Place::file(file).invalid(Problem::BadId(instrument.id.clone())));
    }
    instrument.title.check(file, &instrument.id)?;
    let mut rows = Vec::with_capacity(parsed.obligations.len());
    for row in parsed.obligations {
        let place = Place::located(file, row.referenced);
        let row = row.value;
        row.check().map_err(|problem| place.clone().invalid(problem))?;
        let from = row.effective_from.unwrap_or(instrument.effective_from);
        let to = row.effective_to.or(instrument.effective_to);
        if let Some(to) = to.filter(|to| *to < from) {
            return Err(place.invalid(Problem::DatesCrossed { id: row.id, from, to }));
        }
        let obligation = Obligation {
            id: row.id,
            jurisdiction: instrument.jurisdiction.clone(),
            instrument: instrument.clone(),
            article: row.article,
            article_zh: row.article_zh,
            effective_from: from,
            effective_to: to,
            applies_if: row.applies_if,
            actor: row.actor,
            duty: row.duty,
            control: row.control,
            evidence: row.evidence,
            params: row.params,
            severity: row.severity,
            source: row.source.unwrap_or_else(|| instrument.source.clone()),
            verification: row.verification,
            note: row.note,
        };
        rows.push((place, obligation));
    }
    Ok(rows)
}
