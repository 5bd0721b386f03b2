//! `/console/lexicon/terms/{term}`: every entry of one term, in force or not, with how each came in and went out.

use askama::Template;
use axum::{
    Form,
    extract::{Path, State},
    response::Response,
};
use operations::{LexiconEntryView, LexiconQuery, LexiconState, LexiconTextQuery};
use serde::Deserialize;
use terms::{LexiconEntryId, Locale};

use super::{
    proposals::ProposalRow,
    row::{self, EntryRow},
};
use crate::{
    Key, Page, PortalState, Section, answer, convert,
    failure::Failure,
    page::samples,
    pages::{Field, Samples},
    session::Operator,
    text::key,
};

/// The entries of a term.
#[derive(Template)]
#[template(path = "console/lexicon/term.html")]
pub struct TermPage {
    /// The frame.
    pub page: Page,
    /// The term as it was asked for.
    pub term: String,
    /// Its entries, those in force first.
    pub entries: Vec<HistoryRow>,
    /// Reasons that were missing, and why they are no good.
    pub reasons: Field,
}

/// An entry with its history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryRow {
    /// The entry.
    pub entry: EntryRow,
    /// Where it comes from.
    pub source: Key,
    /// Where it stands.
    pub state: Key,
    /// The tone of that.
    pub tone: &'static str,
    /// The version it came with.
    pub since: Option<u64>,
    /// The version it went with.
    pub until: Option<u64>,
    /// The proposal it came by.
    pub proposal: Option<ProposalRow>,
    /// Its id, where the operator may propose to take it out.
    pub retirable: Option<String>,
}

/// What to take out.
#[derive(Deserialize)]
pub(crate) struct Retirement {
    entry_id: LexiconEntryId,
    #[serde(default)]
    reasons: String,
}

/// `GET /console/lexicon/terms/{term}`
pub(crate) async fn show(
    State(state): State<PortalState>,
    operator: Operator,
    Path(term): Path<String>,
    page: Page,
) -> Result<Response, Failure> {
    answer::page(&TermPage::of(&state, &operator, page, term).await?)
}

/// `POST /console/lexicon/terms/{term}`: proposes to take an entry out.
pub(crate) async fn retire(
    State(state): State<PortalState>,
    operator: Operator,
    Path(term): Path<String>,
    page: Page,
    Form(retirement): Form<Retirement>,
) -> Result<Response, Failure> {
    let Retirement { entry_id, reasons } = retirement;
    match state.operations.lexicon_propose_retirement(&operator.actor, &[entry_id], &reasons).await {
        Ok(id) => Ok(answer::see_other(&format!("/console/lexicon/proposals/{id}"))),
        Err(error) => {
            let mut field = Field::of(reasons);
            convert::beside(error, [("reasons", &mut field)])?;
            let page = TermPage::of(&state, &operator, page, term).await?;
            answer::page(&TermPage { reasons: field, ..page })
        }
    }
}

impl TermPage {
    async fn of(state: &PortalState, operator: &Operator, page: Page, term: String) -> Result<Self, Failure> {
        let text = Some(LexiconTextQuery::Exact(term.clone()));
        let query = LexiconQuery { text, ..LexiconQuery::default() };
        let mut found = state.operations.lexicon_search(&operator.actor, query).await?.entries;
        if found.is_empty() {
            return Err(Failure::not_found());
        }
        // Those in force first, then what waits, then what was; each newest first.
        let rank = |state| match state {
            LexiconState::Approved => 0,
            LexiconState::Proposed => 1,
            LexiconState::Retired | LexiconState::Rejected => 2,
        };
        found.reverse();
        found.sort_by_key(|entry| rank(entry.state));
        let locale = page.locale;
        let name = |code: &str| state.operations.category_name(code, locale);
        let may_propose = page.may("propose_lexicon");
        let row = |entry: LexiconEntryView| HistoryRow {
            entry: EntryRow::of(&page, &entry, &name),
            source: row::source_name(entry.source),
            state: row::state_name(entry.state),
            tone: row::state_tone(entry.state),
            since: entry.since_version,
            until: entry.until_version,
            retirable: (may_propose
                && entry.state == LexiconState::Approved
                && entry.id.parse::<LexiconEntryId>().is_ok())
            .then(|| entry.id.clone()),
            proposal: entry.proposal.map(ProposalRow::of),
        };
        let entries = found.into_iter().map(row).collect();
        Ok(Self { page: page.in_section(Section::Lexicon), term, entries, reasons: Field::default() })
    }
}

impl Samples for TermPage {
    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let page = || samples::operator(locale, "/console/lexicon/terms/x", Section::Lexicon);
        let entries: Vec<HistoryRow> = super::form::sample_drafts()
            .into_iter()
            .zip(LexiconState::ALL.iter().zip(operations::LexiconSource::ALL))
            .map(|(draft, (state, source))| HistoryRow {
                entry: EntryRow::of_draft(&page(), &draft, &str::to_owned),
                source: row::source_name(*source),
                state: row::state_name(*state),
                tone: row::state_tone(*state),
                since: Some(2),
                until: (*state == LexiconState::Retired).then_some(4),
                proposal: Some(ProposalRow::sample(key!("proposal-state-approved"))),
                retirable: (*state == LexiconState::Approved).then(|| "01KAR2YF8N2Q6ZT0M5B7WJ4C9D".into()),
            })
            .collect();
        let term = "某平台代充".to_owned();
        let wrong = Field::default().wrong(key!("console-error-reasons"));
        vec![
            (
                "console-lexicon-term",
                Self {
                    page: page(),
                    term: term.clone(),
                    entries: entries.clone(),
                    reasons: Field::default(),
                },
            ),
            ("console-lexicon-term-wrong", Self { page: page(), term, entries, reasons: wrong }),
        ]
    }
}
