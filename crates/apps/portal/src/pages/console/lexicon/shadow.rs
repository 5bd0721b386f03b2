//! `/console/lexicon/shadow`: a list tried out beside the one in force, and what it would have done.

use askama::Template;
use axum::{Form, extract::State, response::Response};
use http::StatusCode;
use operations::{
    LexiconCandidate, LexiconProposalState, LexiconShadowCount, LexiconShadowView, OperationError,
};
use serde::Deserialize;
use terms::{LexiconProposalId, LexiconShadowId, Locale, Timestamp};

use super::row;
use crate::{
    Key, Page, PortalState, Section, answer,
    failure::Failure,
    page::samples,
    pages::{Samples, console::words::Choice},
    session::Operator,
    text::key,
};

/// The runs.
#[derive(Template)]
#[template(path = "console/lexicon/shadow.html")]
pub struct ShadowPage {
    /// The frame.
    pub page: Page,
    /// What can be tried out.
    pub candidates: Vec<Choice>,
    /// How many texts are checked twice.
    pub shares: Vec<Choice>,
    /// The runs, newest first.
    pub runs: Vec<RunRow>,
}

/// A run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRow {
    /// What is tried out.
    pub candidate: String,
    /// The proposal that it is.
    pub proposal_id: Option<String>,
    /// How many texts of a hundred are checked twice.
    pub share: String,
    /// Who started it.
    pub started_by: String,
    /// When.
    pub started_at: Timestamp,
    /// When it ended.
    pub stopped_at: Option<Timestamp>,
    /// Whether it goes on.
    pub is_running: bool,
    /// Texts checked twice.
    pub texts: u64,
    /// Texts left out.
    pub skipped: u64,
    /// The differences.
    pub counts: Vec<DifferenceRow>,
}

/// What a rule would have done differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DifferenceRow {
    /// The rule.
    pub rule: String,
    /// The category, by name.
    pub category: String,
    /// Prompt or answer.
    pub direction: Key,
    /// What would have been different.
    pub change: Key,
    /// The tone of that.
    pub tone: &'static str,
    /// In how many texts.
    pub texts: u64,
}

/// What to try out.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    outcome: String,
    #[serde(default)]
    candidate: String,
    #[serde(default)]
    permille: String,
}

/// Proposals and versions to choose from, of each the newest.
const CANDIDATES_MAX: u32 = 50;

/// `GET /console/lexicon/shadow`
pub(crate) async fn show(
    State(state): State<PortalState>,
    operator: Operator,
    page: Page,
) -> Result<Response, Failure> {
    let actor = &operator.actor;
    let waits = Some(LexiconProposalState::Proposed);
    let proposals = state.operations.lexicon_proposals(actor, waits, None, CANDIDATES_MAX).await?;
    let versions = state.operations.lexicon_versions(actor, None, CANDIDATES_MAX).await?;
    let runs = state.operations.lexicon_shadows(actor).await?;
    let proposals = proposals.iter().map(|proposal| Choice {
        word: format!("proposal:{}", proposal.proposal_id),
        name: page.t1(key!("proposal-title"), "title", &proposal.title),
        is_chosen: false,
    });
    // The newest version is what is in force.
    let versions = versions.iter().skip(1).map(|version| Choice {
        word: format!("version:{}", version.number),
        name: page.t1(key!("version-number"), "number", version.number),
        is_chosen: false,
    });
    let candidates = proposals.chain(versions).collect();
    let locale = page.locale;
    let name = |code: &str| state.operations.category_name(code, locale);
    let runs = runs.into_iter().map(|run| RunRow::of(&page, run, &name)).collect();
    answer::page(&ShadowPage::of(page, candidates, runs))
}

/// `POST /console/lexicon/shadow`: begins a run, or ends the one that goes on.
pub(crate) async fn switch(
    State(state): State<PortalState>,
    operator: Operator,
    Form(wanted): Form<Wanted>,
) -> Result<Response, Failure> {
    let (operations, actor) = (&state.operations, &operator.actor);
    let unknown = || Failure::status(StatusCode::BAD_REQUEST);
    let done: Result<LexiconShadowId, OperationError> = match wanted.outcome.as_str() {
        "start" => {
            let permille = wanted.permille.parse().map_err(|_| unknown())?;
            operations.lexicon_shadow_start(actor, wanted.candidate().ok_or_else(unknown)?, permille).await
        }
        "stop" => operations.lexicon_shadow_stop(actor).await,
        _ => return Err(unknown()),
    };
    done?;
    Ok(answer::see_other("/console/lexicon/shadow"))
}

impl Wanted {
    fn candidate(&self) -> Option<LexiconCandidate> {
        match self.candidate.split_once(':')? {
            ("proposal", id) => id.parse().ok().map(LexiconCandidate::Proposal),
            ("version", number) => number.parse().ok().map(LexiconCandidate::Version),
            _ => None,
        }
    }
}

impl ShadowPage {
    fn of(page: Page, candidates: Vec<Choice>, runs: Vec<RunRow>) -> Self {
        let share =
            |permille: u32, name| Choice { word: permille.to_string(), name, is_chosen: permille == 100 };
        Self {
            page: page.in_section(Section::Shadow),
            candidates,
            shares: vec![
                share(10, "1 %".to_owned()),
                share(100, "10 %".to_owned()),
                share(1_000, "100 %".to_owned()),
            ],
            runs,
        }
    }

    /// Whether a run goes on.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.runs.iter().any(|run| run.is_running)
    }
}

impl RunRow {
    fn of(page: &Page, run: LexiconShadowView, name: &impl Fn(&str) -> String) -> Self {
        let (candidate, proposal_id) = match run.candidate {
            LexiconCandidate::Proposal(id) => (page.t(key!("shadow-of-proposal")), Some(id.to_string())),
            LexiconCandidate::Version(number) => (page.t1(key!("version-number"), "number", number), None),
        };
        Self {
            candidate,
            proposal_id,
            share: match (run.permille / 10, run.permille % 10) {
                (percent, 0) => format!("{percent} %"),
                (percent, rest) => format!("{percent}.{rest} %"),
            },
            started_by: run.started_by,
            started_at: run.started_at,
            stopped_at: run.stopped_at,
            is_running: run.is_running,
            texts: run.texts,
            skipped: run.skipped,
            counts: run.counts.into_iter().map(|count| DifferenceRow::of(count, name)).collect(),
        }
    }
}

impl DifferenceRow {
    fn of(count: LexiconShadowCount, name: &impl Fn(&str) -> String) -> Self {
        let (change, tone) = match count.change.as_str() {
            "blocks" => (key!("shadow-blocks"), "accent"),
            "lifts" => (key!("shadow-lifts"), "good"),
            "finds" => (key!("shadow-finds"), "caution"),
            _ => (key!("shadow-drops"), "plain"),
        };
        Self {
            category: row::category_name(&count.category, name),
            direction: row::direction_name(&count.direction),
            rule: count.rule,
            change,
            tone,
            texts: count.texts,
        }
    }
}

impl Samples for ShadowPage {
    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let page = || samples::operator(locale, "/console/lexicon/shadow", Section::Shadow);
        let count = |change: &str| LexiconShadowCount {
            rule: "lexicon.fraud".to_owned(),
            category: "fraud".to_owned(),
            direction: "input".to_owned(),
            change: change.to_owned(),
            texts: 3,
        };
        let run = |candidate, is_running: bool| {
            let view = LexiconShadowView {
                shadow_id: LexiconShadowId::from_u128(5),
                candidate,
                permille: 105,
                started_by: "lin.yue".to_owned(),
                started_at: samples::hours_later(0),
                stopped_by: None,
                stopped_at: (!is_running).then(|| samples::hours_later(5)),
                is_running,
                texts: 1_204,
                skipped: 2,
                counts: if is_running {
                    ["blocks", "lifts", "finds", "drops"].map(count).into()
                } else {
                    Vec::new()
                },
            };
            RunRow::of(&page(), view, &str::to_owned)
        };
        let runs = vec![
            run(LexiconCandidate::Proposal(LexiconProposalId::from_u128(7)), true),
            run(LexiconCandidate::Version(2), false),
        ];
        let choice = Choice { word: "version:2".into(), name: "2".into(), is_chosen: false };
        vec![
            ("console-shadow", Self::of(page(), vec![choice.clone()], runs)),
            ("console-shadow-idle", Self::of(page(), vec![choice], Vec::new())),
            ("console-shadow-nothing", Self::of(page(), Vec::new(), Vec::new())),
        ]
    }
}
