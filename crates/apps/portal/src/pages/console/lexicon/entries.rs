//! `/console/lexicon`: what is looked for, by term, category, state and source.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use operations::{LexiconProposalState, LexiconQuery, LexiconSource, LexiconState, LexiconTextQuery};
use serde::Deserialize;
use terms::Locale;

use super::row::{self, EntryRow};
use crate::{
    Key, Page, PortalState, Section, answer, convert,
    failure::Failure,
    page::samples,
    pages::{
        Samples,
        console::words::{Choice, query, segment},
    },
    session::Operator,
    text::key,
};

/// The list.
#[derive(Template)]
#[template(path = "console/lexicon/entries.html")]
pub struct EntriesPage {
    /// The frame.
    pub page: Page,
    /// The term that was looked for.
    pub text: String,
    /// How it was looked for.
    pub ways: Vec<Choice>,
    /// The categories to choose from.
    pub categories: Vec<Choice>,
    /// The states to choose from.
    pub states: Vec<Choice>,
    /// The sources to choose from.
    pub sources: Vec<Choice>,
    /// The entries.
    pub rows: Vec<ListedRow>,
    /// The query that the next page has.
    pub next: Option<String>,
    /// The version in force; 0 before the first.
    pub version: u64,
    /// How many proposals wait.
    pub waiting: usize,
}

/// An entry in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedRow {
    /// The entry.
    pub entry: EntryRow,
    /// Its place in the address of its page.
    pub segment: String,
    /// Where it comes from.
    pub source: Key,
    /// Where it stands.
    pub state: Key,
    /// The tone of that.
    pub tone: &'static str,
    /// The version it came with.
    pub since: Option<u64>,
}

/// What to show.
#[derive(Deserialize, Default)]
pub(crate) struct Sought {
    #[serde(default)]
    q: String,
    #[serde(default)]
    way: String,
    #[serde(default)]
    category: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    source: String,
    after: Option<String>,
}

/// As many as a page brings.
const PAGE_ROWS: u32 = 25;
/// Proposals are counted up to here.
const WAITING_MAX: u32 = 100;

/// `GET /console/lexicon`
pub(crate) async fn show(
    State(state): State<PortalState>,
    operator: Operator,
    page: Page,
    Query(sought): Query<Sought>,
) -> Result<Response, Failure> {
    let found = state.operations.lexicon_search(&operator.actor, sought.query()).await?;
    let newest = state.operations.lexicon_versions(&operator.actor, None, 1).await?;
    let waits = Some(LexiconProposalState::Proposed);
    let waiting = state.operations.lexicon_proposals(&operator.actor, waits, None, WAITING_MAX).await?;
    let locale = page.locale;
    let name = |code: &str| state.operations.category_name(code, locale);
    let rows = found.entries.iter().map(|entry| ListedRow {
        entry: EntryRow::of(&page, entry, &name),
        segment: segment(&entry.term),
        source: row::source_name(entry.source),
        state: row::state_name(entry.state),
        tone: row::state_tone(entry.state),
        since: entry.since_version,
    });
    let rows = rows.collect();
    let next = found.next.map(|after| sought.page_query(&after));
    answer::page(&EntriesPage {
        rows,
        next,
        version: newest.first().map_or(0, |version| version.number),
        waiting: waiting.len(),
        ..EntriesPage::empty(page, sought, name)
    })
}

impl Sought {
    fn query(&self) -> LexiconQuery {
        let text = convert::typed(&self.q).map(|text| match self.way.as_str() {
            "exact" => LexiconTextQuery::Exact(text),
            "prefix" => LexiconTextQuery::Prefix(text),
            _ => LexiconTextQuery::Part(text),
        });
        LexiconQuery {
            text,
            category: convert::typed(&self.category),
            state: LexiconState::from_word(&self.state),
            source: LexiconSource::from_word(&self.source),
            after: self.after.clone(),
            limit: PAGE_ROWS,
            ..LexiconQuery::default()
        }
    }

    fn page_query(&self, after: &str) -> String {
        query(&[
            ("q", &self.q),
            ("way", &self.way),
            ("category", &self.category),
            ("state", &self.state),
            ("source", &self.source),
            ("after", after),
        ])
    }
}

impl EntriesPage {
    fn empty(page: Page, sought: Sought, name: impl Fn(&str) -> String) -> Self {
        let ways = [
            ("part", key!("lexicon-way-part")),
            ("prefix", key!("lexicon-way-prefix")),
            ("exact", key!("lexicon-way-exact")),
        ];
        let states = LexiconState::ALL
            .iter()
            .map(|one| Choice::new(&page, one.as_str(), row::state_name(*one), &sought.state));
        let sources = LexiconSource::ALL
            .iter()
            .map(|one| Choice::new(&page, one.as_str(), row::source_name(*one), &sought.source));
        Self {
            ways: ways.map(|(word, name)| Choice::new(&page, word, name, &sought.way)).into(),
            categories: row::category_choices(&page, &sought.category, &name),
            states: states.collect(),
            sources: sources.collect(),
            text: sought.q,
            rows: Vec::new(),
            next: None,
            version: 0,
            waiting: 0,
            page: page.in_section(Section::Lexicon),
        }
    }
}

impl Samples for EntriesPage {
    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let page = || samples::operator(locale, "/console/lexicon", Section::Lexicon);
        let row = |draft: operations::LexiconDraft, state, source| ListedRow {
            entry: EntryRow::of_draft(&page(), &draft, &str::to_owned),
            segment: segment(&draft.term),
            source: row::source_name(source),
            state: row::state_name(state),
            tone: row::state_tone(state),
            since: Some(3),
        };
        let rows: Vec<ListedRow> = super::form::sample_drafts()
            .into_iter()
            .zip(LexiconState::ALL.iter().zip(LexiconSource::ALL))
            .map(|(draft, (state, source))| row(draft, *state, *source))
            .collect();
        let empty = || Self::empty(page(), Sought::default(), str::to_owned);
        vec![
            (
                "console-lexicon",
                Self { rows, next: Some("after=x".into()), version: 3, waiting: 2, ..empty() },
            ),
            ("console-lexicon-none", empty()),
        ]
    }
}
