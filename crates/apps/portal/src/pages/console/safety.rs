//! `/console/safety`: what was hit, by day, category and measure. Counts alone: no text, no person.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use jiff::{ToSpan as _, civil::Date};
use operations::LexiconHits;
use serde::Deserialize;
use terms::Locale;

use super::{
    chart::Chart,
    lexicon::{coverage::Share, row},
};
use crate::{
    Page, PortalState, Section, answer,
    failure::Failure,
    page::{in_china, samples},
    pages::Samples,
    session::Operator,
};

/// The statistics.
#[derive(Template)]
#[template(path = "console/safety.html")]
pub struct SafetyPage {
    /// The frame.
    pub page: Page,
    /// How many days.
    pub days: i64,
    /// All hits.
    pub total: u64,
    /// A column for each day.
    pub chart: Chart,
    /// The same numbers.
    pub by_day: Vec<DayRow>,
    /// By category and direction, the most hits first.
    pub by_category: Vec<CategoryRow>,
}

/// The hits of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayRow {
    /// The day.
    pub day: String,
    /// The hits by measure.
    pub hits: Measures,
}

/// The hits of a category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CategoryRow {
    /// The category, by name.
    pub category: String,
    /// The hits by measure.
    pub hits: Measures,
    /// All of them beside those of the category with the most.
    pub share: Share,
}

/// Hits by what was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Measures {
    /// Blocked.
    pub block: u64,
    /// Masked.
    pub mask: u64,
    /// Warned about, or only noted.
    pub warn: u64,
}

/// For how many days.
#[derive(Deserialize)]
pub(crate) struct Range {
    #[serde(default)]
    days: Option<i64>,
}

/// The ranges to choose from; the first is the usual one.
const RANGES: [i64; 3] = [7, 30, 90];

/// `GET /console/safety`
pub(crate) async fn show(
    State(state): State<PortalState>,
    operator: Operator,
    page: Page,
    Query(range): Query<Range>,
) -> Result<Response, Failure> {
    let days = range.days.filter(|days| RANGES.contains(days)).unwrap_or(RANGES[0]);
    let last = in_china(state.operations.now()).date();
    let dates = dates(last, days);
    let first = dates.first().copied().unwrap_or(last);
    let hits = state.operations.lexicon_hits(&operator.actor, first, last).await?;
    let locale = page.locale;
    let name = |code: &str| state.operations.category_name(code, locale);
    answer::page(&SafetyPage::of(page, &dates, &hits, &name))
}

/// The days up to `last`.
fn dates(last: Date, days: i64) -> Vec<Date> {
    (0..days).rev().filter_map(|back| last.checked_sub(back.days()).ok()).collect()
}

impl Measures {
    fn add(&mut self, hit: &LexiconHits) {
        let sum = match hit.measure.as_str() {
            "block" => &mut self.block,
            "mask" => &mut self.mask,
            _ => &mut self.warn,
        };
        *sum = sum.saturating_add(hit.hits);
    }

    /// All of them.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.block.saturating_add(self.mask).saturating_add(self.warn)
    }
}

impl SafetyPage {
    fn of(page: Page, dates: &[Date], hits: &[LexiconHits], name: &impl Fn(&str) -> String) -> Self {
        let mut by_day: BTreeMap<String, Measures> =
            dates.iter().map(|date| (date.to_string(), Measures::default())).collect();
        let mut by_category: BTreeMap<&str, Measures> = BTreeMap::new();
        for hit in hits {
            if let Some(day) = by_day.get_mut(&hit.day) {
                day.add(hit);
                by_category.entry(&hit.category).or_default().add(hit);
            }
        }
        let columns: Vec<(String, [u64; 3])> = by_day
            .iter()
            .map(|(day, hits)| {
                let short = day.split_once('-').map_or(day.as_str(), |(_, short)| short);
                (short.to_owned(), [hits.block, hits.mask, hits.warn])
            })
            .collect();
        let most = by_category.values().map(Measures::total).max().unwrap_or_default();
        let mut rows: Vec<CategoryRow> = by_category
            .into_iter()
            .map(|(code, hits)| CategoryRow {
                category: row::category_name(code, name),
                hits,
                share: Share { count: hits.total(), floor: most },
            })
            .collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.hits.total()));
        let by_day: Vec<DayRow> = by_day.into_iter().rev().map(|(day, hits)| DayRow { day, hits }).collect();
        Self {
            days: i64::try_from(dates.len()).unwrap_or(i64::MAX),
            total: by_day.iter().fold(0, |sum, row| sum.saturating_add(row.hits.total())),
            chart: Chart::stacked(["block", "mask", "warn"], &columns),
            by_day,
            by_category: rows,
            page: page.in_section(Section::Safety),
        }
    }

    /// The ranges to choose from.
    #[must_use]
    pub const fn ranges(&self) -> [i64; 3] {
        RANGES
    }
}

impl Samples for SafetyPage {
    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let page = || samples::operator(locale, "/console/safety", Section::Safety);
        let last = in_china(samples::hours_later(0)).date();
        let dates = dates(last, 7);
        let hit = |day: &Date, category: &str, measure: &str, hits| LexiconHits {
            day: day.to_string(),
            rule: format!("lexicon.{category}"),
            category: category.to_owned(),
            direction: "input".to_owned(),
            measure: measure.to_owned(),
            hits,
        };
        let hits: Vec<LexiconHits> = (1_u64..)
            .zip(&dates)
            .flat_map(|(n, day)| {
                [
                    hit(day, "fraud", "block", n.saturating_mul(9)),
                    hit(day, "personal-data", "mask", 40_u64.saturating_sub(n)),
                    hit(day, "operator.competitors", "warn", n),
                ]
            })
            .collect();
        vec![
            ("console-safety", Self::of(page(), &dates, &hits, &str::to_owned)),
            ("console-safety-none", Self::of(page(), &dates, &[], &str::to_owned)),
        ]
    }
}
