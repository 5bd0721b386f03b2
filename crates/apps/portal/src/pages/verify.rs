//! `/verify`: was this generated here? The answer in one sentence, then what it rests on.

use askama::Template;
use axum::{
    Form,
    extract::{Query, State},
    response::Response,
};
use operations::{ProofState, Verdict, Verification, VerifyQuery};
use serde::Deserialize;
use terms::{Locale, Timestamp};

use super::{Field, Samples};
use crate::{Key, Page, PortalState, Section, answer, convert, failure::Failure, page::samples, text::key};

/// The check of an id or a text.
#[derive(Template)]
#[template(path = "verify.html")]
pub struct VerifyPage {
    /// The frame.
    pub page: Page,
    /// The id or text to check.
    pub query: Field,
    /// What is wrong with a file, for the form beside.
    pub file: Field,
    /// Whether a file was declared to be generated, for the form beside.
    pub is_declared: bool,
    /// What came out.
    pub result: Option<ResultView>,
    /// The log's public key, for checking elsewhere.
    pub log_key: String,
}

/// What the check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultView {
    /// The finding.
    pub finding: Finding,
    /// The generation, where it is on record.
    pub generation: Option<GenerationView>,
    /// How the pasted text compares with the recorded one.
    pub text_match: Option<TextMatch>,
    /// The proof of inclusion.
    pub proof: ProofView,
    /// The hidden label, where there is one.
    pub label: Option<LabelView>,
    /// The id the proof's file is named after.
    pub produce_id: String,
}

/// A hidden label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelView {
    /// Its fields; none where they cannot be read.
    pub fields: Option<String>,
    /// In what it does not conform; nothing where it does.
    pub faults: Vec<Key>,
}

/// The finding, in the four shapes there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// Generated here, on record.
    Confirmed,
    /// Our label, but no record.
    LabelOnly,
    /// Somebody else's label.
    ForeignLabel,
    /// Nothing.
    NotFound,
}

/// What is on record about a generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GenerationView {
    /// Which model.
    pub model: String,
    /// From when.
    pub begun_at: Timestamp,
    /// Until when.
    pub ended_at: Option<Timestamp>,
    /// How the label was applied.
    pub label: Key,
    /// How it ended.
    pub end: Key,
}

/// How a text compares with the recorded one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextMatch {
    /// To the character.
    Exact,
    /// Not.
    Altered,
}

/// How far the entry has come on its way into the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProofView {
    /// In the signed log.
    Ready {
        /// The entry's place.
        index: u64,
    },
    /// Recorded, not yet in the signed log.
    Pending,
    /// There is none.
    Absent,
}

impl ResultView {
    /// The sentence that says it.
    #[must_use]
    pub fn headline(&self) -> Key {
        match (self.finding, self.text_match) {
            (Finding::Confirmed, Some(TextMatch::Altered)) => key!("verify-altered"),
            (Finding::Confirmed, Some(TextMatch::Exact)) => key!("verify-confirmed"),
            (Finding::Confirmed, None) => key!("verify-confirmed-id"),
            (Finding::LabelOnly, _) => key!("verify-label-only"),
            (Finding::ForeignLabel, _) => key!("verify-foreign"),
            (Finding::NotFound, _) => key!("verify-not-found"),
        }
    }

    /// The look that goes with it: `good`, `caution` or `plain`.
    #[must_use]
    pub fn tone(&self) -> &'static str {
        match (self.finding, self.text_match) {
            (Finding::Confirmed, Some(TextMatch::Altered)) | (Finding::LabelOnly, _) => "caution",
            (Finding::Confirmed, _) => "good",
            (Finding::ForeignLabel | Finding::NotFound, _) => "plain",
        }
    }

    /// What the comparison of the text says.
    #[must_use]
    pub fn text_sentence(&self) -> Key {
        match self.text_match {
            Some(TextMatch::Exact) => key!("verify-text-exact"),
            Some(TextMatch::Altered) => key!("verify-text-altered"),
            None => key!("verify-text-unchecked"),
        }
    }

    /// The entry's place, where the proof is ready.
    #[must_use]
    pub fn proof_place(&self) -> Option<u64> {
        match self.proof {
            ProofView::Ready { index } => Some(index),
            ProofView::Pending | ProofView::Absent => None,
        }
    }

    /// Whether the entry waits for the next checkpoint.
    #[must_use]
    pub fn proof_pending(&self) -> bool {
        self.proof == ProofView::Pending
    }
}

/// What is to be checked, from a link or from the form.
#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default, alias = "id")]
    q: String,
}

/// `GET /verify`, with `?id=` from a label's link.
pub(crate) async fn show(
    State(state): State<PortalState>,
    page: Page,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    match convert::typed(&asked.q) {
        Some(query) => found(&state, page, query).await,
        None => answer::page(&blank(&state, page)),
    }
}

/// `POST /verify`
pub(crate) async fn check(
    State(state): State<PortalState>,
    page: Page,
    Form(asked): Form<Asked>,
) -> Result<Response, Failure> {
    match convert::typed(&asked.q) {
        Some(query) => found(&state, page, query).await,
        None => {
            let page = blank(&state, page);
            answer::page(&VerifyPage { query: Field::default().wrong(key!("verify-query-empty")), ..page })
        }
    }
}

fn blank(state: &PortalState, page: Page) -> VerifyPage {
    VerifyPage {
        page: page.in_section(Section::Verify),
        query: Field::default(),
        file: Field::default(),
        is_declared: false,
        result: None,
        log_key: state.operations.log_public_key(),
    }
}

async fn found(state: &PortalState, page: Page, query: String) -> Result<Response, Failure> {
    let verification = state.operations.verify(VerifyQuery::Text(query.clone())).await?;
    let page = blank(state, page);
    answer::page(&VerifyPage { query: Field::of(query), result: Some(ResultView::of(verification)), ..page })
}

impl ResultView {
    fn of(verification: Verification) -> Self {
        let produce_id = verification.generation.as_ref().map(|generation| generation.produce_id.to_string());
        Self {
            finding: match verification.verdict {
                Verdict::Confirmed => Finding::Confirmed,
                Verdict::LabelWithoutRecord => Finding::LabelOnly,
                Verdict::ForeignLabel => Finding::ForeignLabel,
                Verdict::NotFound => Finding::NotFound,
            },
            generation: verification.generation.map(GenerationView::of),
            text_match: verification.text_match.map(|text_match| match text_match {
                operations::TextMatch::Exact => TextMatch::Exact,
                operations::TextMatch::Altered => TextMatch::Altered,
            }),
            proof: ProofView::of(&verification.proof),
            label: verification.aigc.map(|aigc| LabelView {
                fields: Some(aigc.to_json()),
                faults: verification.reasons.into_iter().map(reason).collect(),
            }),
            produce_id: produce_id.unwrap_or_default(),
        }
    }
}

impl GenerationView {
    pub(super) fn of(generation: operations::GenerationView) -> Self {
        Self {
            model: generation.model,
            begun_at: generation.begun_at,
            ended_at: generation.ended_at,
            label: label_name(generation.label.as_deref()),
            end: end_name(generation.end_reason.as_deref()),
        }
    }

    pub(super) fn sample() -> Self {
        Self {
            model: "cinnabar-demo".to_owned(),
            begun_at: samples::hours_later(0),
            ended_at: Some(samples::hours_later(0)),
            label: key!("verify-label-in-text"),
            end: key!("verify-end-completed"),
        }
    }
}

impl ProofView {
    pub(super) const fn of(proof: &ProofState) -> Self {
        match proof {
            ProofState::Ready { index } => Self::Ready { index: *index },
            ProofState::Pending => Self::Pending,
            ProofState::None => Self::Absent,
        }
    }
}

fn label_name(word: Option<&str>) -> Key {
    match word {
        Some("in_text") => key!("verify-label-in-text"),
        Some("interface") => key!("verify-label-interface"),
        Some("structured") => key!("verify-label-structured"),
        Some("nothing") => key!("verify-label-nothing"),
        _ => key!("verify-label-unknown"),
    }
}

fn end_name(word: Option<&str>) -> Key {
    match word {
        Some("completed") => key!("verify-end-completed"),
        Some("blocked") => key!("verify-end-blocked"),
        Some("client_gone") => key!("verify-end-client-gone"),
        Some("upstream_failed") => key!("verify-end-upstream-failed"),
        Some("interrupted") => key!("verify-end-interrupted"),
        _ => key!("verify-end-running"),
    }
}

pub(super) fn reason(code: &str) -> Key {
    match code {
        "label_value" => key!("verify-reason-label-value"),
        "missing" => key!("verify-reason-missing"),
        "not_a_string" => key!("verify-reason-not-a-string"),
        "characters" => key!("verify-reason-characters"),
        "zero_id" => key!("verify-reason-zero-id"),
        "trial" => key!("verify-reason-trial"),
        "provider_code" => key!("verify-reason-provider-code"),
        "duplicate_field" => key!("verify-reason-duplicate-field"),
        "duplicate_label" => key!("verify-reason-duplicate-label"),
        _ => key!("verify-reason-unreadable"),
    }
}

impl Samples for VerifyPage {
    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let id = "01KAR2XW5T8E3RPQ0V6HZM1N4B";
        let blank = |query: &str, result| Self {
            page: samples::visitor(locale, "/verify", Section::Verify),
            query: Field::of(query),
            file: Field::default(),
            is_declared: false,
            result,
            log_key: "cinnabar.example/log+6f2a91c4+AZf3Qm0c7x1tq1YkqV8bJ2m9h4cJm5V3n2oX8w0K7RrT".to_owned(),
        };
        let confirmed = ResultView {
            finding: Finding::Confirmed,
            generation: Some(GenerationView::sample()),
            text_match: Some(TextMatch::Exact),
            proof: ProofView::Ready { index: 41 },
            label: Some(LabelView {
                fields: Some(format!(
                    "{{\"Label\":\"1\",\"ContentProducer\":\"TRIAL\",\"ProduceID\":\"{id}\"}}"
                )),
                faults: vec![key!("verify-reason-trial")],
            }),
            produce_id: id.to_owned(),
        };
        let nothing = ResultView {
            finding: Finding::NotFound,
            generation: None,
            text_match: None,
            proof: ProofView::Absent,
            label: None,
            produce_id: String::new(),
        };
        vec![
            ("verify", blank("", None)),
            ("verify-confirmed", blank(id, Some(confirmed.clone()))),
            (
                "verify-altered",
                blank(
                    "…",
                    Some(ResultView {
                        text_match: Some(TextMatch::Altered),
                        proof: ProofView::Pending,
                        ..confirmed.clone()
                    }),
                ),
            ),
            (
                "verify-label-only",
                blank(
                    id,
                    Some(ResultView {
                        finding: Finding::LabelOnly,
                        produce_id: id.to_owned(),
                        ..nothing.clone()
                    }),
                ),
            ),
            (
                "verify-foreign",
                blank(
                    "…",
                    Some(ResultView {
                        finding: Finding::ForeignLabel,
                        label: confirmed.label.map(|label| LabelView { faults: Vec::new(), ..label }),
                        ..nothing.clone()
                    }),
                ),
            ),
            ("verify-not-found", blank("hello", Some(nothing))),
            (
                "verify-invalid",
                Self { query: Field::default().wrong(key!("verify-query-empty")), ..blank("", None) },
            ),
        ]
    }
}
