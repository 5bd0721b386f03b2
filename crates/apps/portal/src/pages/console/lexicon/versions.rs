//! `/console/lexicon/versions`: the versions of the feature library, what changed between two, and the way back.

use askama::Template;
use axum::{
    Form,
    extract::{Query, State},
    response::Response,
};
use operations::{LexiconDiff, LexiconDraft, LexiconVersionView};
use serde::Deserialize;
use terms::{Locale, Timestamp};

use super::row::EntryRow;
use crate::{
    Page, PortalState, Section, answer, convert,
    failure::Failure,
    page::samples,
    pages::{Field, Samples},
    session::Operator,
    text::key,
};

/// The versions.
#[derive(Template)]
#[template(path = "console/lexicon/versions.html")]
pub struct VersionsPage {
    /// The frame.
    pub page: Page,
    /// The versions, newest first.
    pub rows: Vec<VersionRow>,
    /// The newest one's number; 0 before the first.
    pub newest: u64,
    /// Where the list goes on.
    pub before: Option<u64>,
    /// What changed between two.
    pub diff: Option<DiffView>,
    /// The reasons for going back, and the version they are about.
    pub reasons: Field,
}

/// A version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRow {
    /// Its number.
    pub number: u64,
    /// The hash of its content.
    pub hash: String,
    /// The proposal that made it.
    pub proposal_id: String,
    /// When.
    pub made_at: Timestamp,
    /// Who approved it.
    pub made_by: String,
    /// Its entries.
    pub entries: u64,
    /// Allowed phrases among them.
    pub allowed_phrases: u64,
}

/// What changed from one version to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiffView {
    /// The earlier one.
    pub from: u64,
    /// The later one.
    pub to: u64,
    /// How many came, changed, went.
    pub counts: (usize, usize, usize),
    /// What came.
    pub added: Vec<EntryRow>,
    /// What changed: before and after.
    pub changed: Vec<(EntryRow, EntryRow)>,
    /// What went.
    pub retired: Vec<EntryRow>,
}

/// What to show.
#[derive(Deserialize)]
pub(crate) struct Sought {
    before: Option<u64>,
    from: Option<u64>,
    to: Option<u64>,
}

/// A way back.
#[derive(Deserialize)]
pub(crate) struct Rollback {
    number: u64,
    #[serde(default)]
    reasons: String,
}

/// As many versions as a page brings.
const PAGE_ROWS: u32 = 50;
/// As many entries of each kind as a comparison shows; the export has all of them.
const DIFF_ROWS: usize = 200;

/// `GET /console/lexicon/versions`
pub(crate) async fn show(
    State(state): State<PortalState>,
    operator: Operator,
    page: Page,
    Query(sought): Query<Sought>,
) -> Result<Response, Failure> {
    let diff = match (sought.from, sought.to) {
        (Some(from), Some(to)) => {
            let diff = state.operations.lexicon_diff(&operator.actor, from, to).await?;
            let locale = page.locale;
            Some(DiffView::of(&page, (from, to), &diff, &|code| state.operations.category_name(code, locale)))
        }
        _ => None,
    };
    let page = VersionsPage::of(&state, &operator, page, sought.before).await?;
    answer::page(&VersionsPage { diff, ..page })
}

/// `POST /console/lexicon/versions`: proposes to go back.
pub(crate) async fn roll_back(
    State(state): State<PortalState>,
    operator: Operator,
    page: Page,
    Form(rollback): Form<Rollback>,
) -> Result<Response, Failure> {
    let Rollback { number, reasons } = rollback;
    match state.operations.lexicon_propose_rollback(&operator.actor, number, &reasons).await {
        Ok(id) => Ok(answer::see_other(&format!("/console/lexicon/proposals/{id}"))),
        Err(error) => {
            let mut field = Field::of(reasons);
            convert::beside(error, [("reasons", &mut field)])?;
            let page = VersionsPage::of(&state, &operator, page, number.checked_add(1)).await?;
            answer::page(&VersionsPage { reasons: field, ..page })
        }
    }
}

impl VersionsPage {
    async fn of(
        state: &PortalState,
        operator: &Operator,
        page: Page,
        before: Option<u64>,
    ) -> Result<Self, Failure> {
        let newest = state.operations.lexicon_versions(&operator.actor, None, 1).await?;
        let found = state.operations.lexicon_versions(&operator.actor, before, PAGE_ROWS).await?;
        Ok(Self {
            page: page.in_section(Section::Versions),
            newest: newest.first().map_or(0, |version| version.number),
            before: found.last().map(|version| version.number).filter(|number| *number > 1),
            rows: found.into_iter().map(VersionRow::of).collect(),
            diff: None,
            reasons: Field::default(),
        })
    }
}

impl VersionRow {
    fn of(version: LexiconVersionView) -> Self {
        Self {
            number: version.number,
            hash: version.content_hash,
            proposal_id: version.proposal_id.to_string(),
            made_at: version.made_at,
            made_by: version.made_by,
            entries: version.entries,
            allowed_phrases: version.allowed_phrases,
        }
    }

    /// The version before it.
    #[must_use]
    pub const fn previous(&self) -> u64 {
        self.number.saturating_sub(1)
    }
}

impl DiffView {
    fn of(page: &Page, (from, to): (u64, u64), diff: &LexiconDiff, name: &impl Fn(&str) -> String) -> Self {
        let row = |draft: &LexiconDraft| EntryRow::of_draft(page, draft, name);
        Self {
            from,
            to,
            counts: (diff.added.len(), diff.changed.len(), diff.removed.len()),
            added: diff.added.iter().take(DIFF_ROWS).map(row).collect(),
            changed: diff.changed.iter().take(DIFF_ROWS).map(|(a, b)| (row(a), row(b))).collect(),
            retired: diff.removed.iter().take(DIFF_ROWS).map(row).collect(),
        }
    }

    /// Whether not all of it is shown.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        let (added, changed, retired) = self.counts;
        added.max(changed).max(retired) > DIFF_ROWS
    }
}

impl Samples for VersionsPage {
    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let page = || samples::operator(locale, "/console/lexicon/versions", Section::Versions);
        let version = |number| VersionRow {
            number,
            hash: "5f".repeat(32),
            proposal_id: "01KAR2YF8N2Q6ZT0M5B7WJ4C9D".to_owned(),
            made_at: samples::hours_later(number),
            made_by: "zhou.an".to_owned(),
            entries: 10_240,
            allowed_phrases: 31,
        };
        let drafts = super::form::sample_drafts();
        let diff = LexiconDiff {
            added: drafts.clone(),
            removed: drafts.clone(),
            changed: drafts.iter().cloned().zip(drafts.iter().rev().cloned()).take(1).collect(),
        };
        let of = |rows: Vec<VersionRow>, diff| Self {
            page: page(),
            newest: rows.first().map_or(0, |row| row.number),
            before: (rows.len() > 1).then_some(1),
            rows,
            diff,
            reasons: Field::default(),
        };
        let diff = Some(DiffView::of(&page(), (1, 2), &diff, &str::to_owned));
        let two = || vec![version(2), version(1)];
        vec![
            ("console-versions", of(two(), None)),
            ("console-versions-diff", of(two(), diff)),
            ("console-versions-none", of(Vec::new(), None)),
            (
                "console-versions-wrong",
                Self { reasons: Field::default().wrong(key!("console-error-reasons")), ..of(two(), None) },
            ),
        ]
    }
}
