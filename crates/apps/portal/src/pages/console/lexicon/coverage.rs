//! `/console/lexicon/coverage`: how many words stand for each class of risk, beside the floors of the standard.

use askama::Template;
use axum::{Form, extract::State, response::Response};
use operations::{LexiconCategoryRisks, LexiconCoverage};
use serde::Deserialize;
use terms::{Locale, Risk, RiskGroup, Timestamp};

use crate::{
    Page, PortalState, Section, answer, convert,
    failure::Failure,
    page::samples,
    pages::{
        Field, Samples,
        console::words::{self, RiskTag},
    },
    session::Operator,
    text::key,
};

/// The coverage.
#[derive(Template)]
#[template(path = "console/lexicon/coverage.html")]
pub struct CoveragePage {
    /// The frame.
    pub page: Page,
    /// The whole library.
    pub total: Share,
    /// Whether every floor is reached.
    pub is_complete: bool,
    /// The classes that have a floor.
    pub floors: Vec<RiskRow>,
    /// The classes that have none.
    pub others: Vec<RiskRow>,
    /// The operator's categories.
    pub categories: Vec<CategoryRow>,
    /// The risks to choose from.
    pub risks: Vec<RiskTag>,
    /// The category that was typed, and what is wrong with it.
    pub category: Field,
}

/// A class of risk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RiskRow {
    /// The class.
    pub risk: RiskTag,
    /// Its words beside its floor.
    pub share: Share,
}

/// A number beside the one that it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// What there is.
    pub count: u64,
    /// What there should be; 0 for no floor.
    pub floor: u64,
}

/// A category of the operator's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CategoryRow {
    /// Its code.
    pub code: String,
    /// Its words.
    pub terms: u64,
    /// What it stands for.
    pub risks: Vec<RiskTag>,
    /// Who said so.
    pub set_by: Option<String>,
    /// When.
    pub set_at: Option<Timestamp>,
}

/// What a category stands for, as it was chosen. A form repeats the name for each risk, so that it comes as pairs.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct Chosen(Vec<(String, String)>);

/// `GET /console/lexicon/coverage`
pub(crate) async fn show(
    State(state): State<PortalState>,
    operator: Operator,
    page: Page,
) -> Result<Response, Failure> {
    let coverage = state.operations.lexicon_coverage(&operator.actor).await?;
    answer::page(&CoveragePage::of(page, coverage))
}

/// `POST /console/lexicon/coverage`: says what a category of the operator's stands for.
pub(crate) async fn set_risks(
    State(state): State<PortalState>,
    operator: Operator,
    page: Page,
    Form(Chosen(pairs)): Form<Chosen>,
) -> Result<Response, Failure> {
    let values = |name: &'static str| {
        pairs.iter().filter(move |(pair, _)| pair == name).map(|(_, value)| value.trim())
    };
    let category = values("category").next().unwrap_or_default();
    let risks: Vec<Risk> = values("risk").filter_map(Risk::from_code).collect();
    match state.operations.lexicon_set_category_risks(&operator.actor, category, &risks).await {
        Ok(()) => Ok(answer::see_other("/console/lexicon/coverage")),
        Err(error) => {
            let mut field = Field::of(category);
            convert::beside(error, [("category", &mut field)])?;
            let coverage = state.operations.lexicon_coverage(&operator.actor).await?;
            answer::page(&CoveragePage { category: field, ..CoveragePage::of(page, coverage) })
        }
    }
}

impl CoveragePage {
    fn of(page: Page, coverage: LexiconCoverage) -> Self {
        let tag = |risk: Risk| RiskTag { code: risk.code(), name: words::risk_name(&page, risk) };
        let (floors, others): (Vec<_>, Vec<_>) = coverage.risks.iter().partition(|row| row.floor > 0);
        let rows = |rows: Vec<&operations::RiskCoverage>| -> Vec<RiskRow> {
            let row = |row: &operations::RiskCoverage| RiskRow {
                risk: tag(row.risk),
                share: Share { count: row.terms, floor: row.floor },
            };
            rows.into_iter().map(row).collect()
        };
        let category = |row: LexiconCategoryRisks| CategoryRow {
            code: row.category,
            terms: row.terms,
            risks: row.risks.into_iter().map(tag).collect(),
            set_by: row.set_by,
            set_at: row.set_at,
        };
        Self {
            total: Share { count: coverage.terms, floor: coverage.floor },
            is_complete: coverage.is_complete,
            floors: rows(floors),
            others: rows(others),
            categories: coverage.categories.into_iter().map(category).collect(),
            risks: Risk::ALL
                .into_iter()
                .filter(|risk| risk.group() != RiskGroup::ServiceSpecific)
                .map(tag)
                .collect(),
            category: Field::default(),
            page: page.in_section(Section::Coverage),
        }
    }
}

impl Share {
    /// How many are missing.
    #[must_use]
    pub const fn missing(self) -> u64 {
        self.floor.saturating_sub(self.count)
    }

    /// How far it reaches, in hundredths of the floor, at most 100.
    #[must_use]
    pub const fn percent(self) -> u64 {
        match self.count.saturating_mul(100).checked_div(self.floor) {
            Some(percent) if percent < 100 => percent,
            _ => 100,
        }
    }
}

impl Samples for CoveragePage {
    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let page = || samples::operator(locale, "/console/lexicon/coverage", Section::Coverage);
        let coverage = |terms: u64| LexiconCoverage {
            terms: terms.saturating_mul(40),
            floor: 10_000,
            is_complete: terms > 200,
            risks: Risk::ALL
                .into_iter()
                .map(|risk| operations::RiskCoverage {
                    risk,
                    terms,
                    floor: match risk.group() {
                        RiskGroup::CoreValues => 200,
                        RiskGroup::Discrimination => 100,
                        _ => 0,
                    },
                })
                .collect(),
            categories: vec![LexiconCategoryRisks {
                category: "operator.competitors".to_owned(),
                terms: 12,
                risks: vec![Risk::UnfairCompetition],
                set_by: Some("lin.yue".to_owned()),
                set_at: Some(samples::hours_later(1)),
            }],
        };
        vec![
            ("console-coverage", Self::of(page(), coverage(130))),
            ("console-coverage-complete", Self::of(page(), coverage(251))),
            (
                "console-coverage-wrong",
                Self {
                    category: Field::of("x").wrong(key!("lexicon-error-own-category")),
                    ..Self::of(page(), coverage(0))
                },
            ),
        ]
    }
}
