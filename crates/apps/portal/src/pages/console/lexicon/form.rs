//! `/console/lexicon/new`: proposes an entry, after a look at where its term would hit.

use askama::Template;
use axum::{
    Form,
    extract::{Query, State},
    response::Response,
};
use http::StatusCode;
use operations::{LexiconDraft, LexiconProposalRequest};
use safety::{Action, Audience, Category, Scope};
use serde::Deserialize;
use terms::Locale;

use super::row;
use crate::{
    Page, PortalState, Section, answer, convert,
    failure::Failure,
    page::samples,
    pages::{
        Field, Samples,
        console::{
            highlight::Highlight,
            words::{self, Choice},
        },
    },
    session::Operator,
    text::key,
};

/// The form.
#[derive(Template)]
#[template(path = "console/lexicon/form.html")]
pub struct FormPage {
    /// The frame.
    pub page: Page,
    /// The term.
    pub term: Field,
    /// The category from the list.
    pub categories: Vec<Choice>,
    /// The category of the operator's own.
    pub own_category: Field,
    /// What is done.
    pub measures: Vec<Choice>,
    /// Which texts it is looked for in.
    pub directions: Vec<Choice>,
    /// For whom.
    pub audiences: Vec<Choice>,
    /// The first day.
    pub valid_from: Field,
    /// The last day.
    pub valid_until: Field,
    /// A note.
    pub note: Field,
    /// Why.
    pub reasons: Field,
    /// The text to try the term on.
    pub sample: Field,
    /// Where the term hits in it.
    pub preview: Option<Preview>,
}

/// Where a term hits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// How often.
    pub count: usize,
    /// Where.
    pub highlight: Highlight,
}

/// An entry as it was typed.
#[derive(Deserialize, Default)]
pub(crate) struct Typed {
    #[serde(default)]
    step: String,
    #[serde(default)]
    term: String,
    #[serde(default)]
    category: String,
    #[serde(default)]
    own_category: String,
    #[serde(default)]
    measure: String,
    #[serde(default)]
    direction: String,
    #[serde(default)]
    audience: String,
    #[serde(default)]
    valid_from: String,
    #[serde(default)]
    valid_until: String,
    #[serde(default)]
    note: String,
    #[serde(default)]
    reasons: String,
    #[serde(default)]
    sample: String,
}

/// `GET /console/lexicon/new`: the form, filled where another page leads here with a term.
pub(crate) async fn show(
    State(state): State<PortalState>,
    page: Page,
    Query(typed): Query<Typed>,
) -> Result<Response, Failure> {
    let locale = page.locale;
    let name = |code: &str| state.operations.category_name(code, locale);
    answer::page(&FormPage::of(page, typed, name))
}

/// `POST /console/lexicon/new`: tries the term on a text, or proposes it.
pub(crate) async fn propose(
    State(state): State<PortalState>,
    operator: Operator,
    page: Page,
    Form(typed): Form<Typed>,
) -> Result<Response, Failure> {
    let locale = page.locale;
    let name = |code: &str| state.operations.category_name(code, locale);
    let draft = typed.draft();
    let is_trial = typed.step == "try";
    let sample = typed.sample.replace("\r\n", "\n");
    let reasons = typed.reasons.clone();
    let mut form = FormPage::of(page, typed, name);
    let error = if is_trial {
        match state.operations.lexicon_try(&operator.actor, &draft, &sample) {
            Ok(places) => {
                form.preview = Some(Preview::of(&sample, &draft, &places));
                return answer::page(&form);
            }
            Err(error) => error,
        }
    } else {
        let request = LexiconProposalRequest { title: String::new(), reasons, drafts: vec![draft] };
        match state.operations.lexicon_propose(&operator.actor, request).await {
            Ok(id) => return Ok(answer::see_other(&format!("/console/lexicon/proposals/{id}"))),
            Err(error) => error,
        }
    };
    convert::beside(
        error,
        [
            ("term", &mut form.term),
            ("category", &mut form.own_category),
            ("valid_from", &mut form.valid_from),
            ("valid_until", &mut form.valid_until),
            ("note", &mut form.note),
            ("reasons", &mut form.reasons),
            ("text", &mut form.sample),
        ],
    )?;
    answer::page_with(StatusCode::BAD_REQUEST, &form)
}

impl Typed {
    fn draft(&self) -> LexiconDraft {
        let own = convert::typed(&self.own_category).map(|name| {
            let is_whole = name.starts_with(safety::category::OPERATOR_PREFIX);
            if is_whole { name } else { format!("{}{name}", safety::category::OPERATOR_PREFIX) }
        });
        LexiconDraft {
            term: self.term.trim().to_owned(),
            category: own.unwrap_or_else(|| self.category.clone()),
            measure: self.measure.clone(),
            direction: self.direction.clone(),
            audiences: convert::typed(&self.audience).into_iter().collect(),
            valid_from: self.valid_from.clone(),
            valid_until: self.valid_until.clone(),
            note: self.note.clone(),
        }
    }
}

impl Preview {
    fn of(sample: &str, draft: &LexiconDraft, places: &[std::ops::Range<usize>]) -> Self {
        let action = Action::from_word(&draft.measure).unwrap_or(Action::Warn);
        let spans: Vec<_> = places.iter().map(|place| (place.clone(), action)).collect();
        Self { count: places.len(), highlight: Highlight::new(sample, &spans) }
    }
}

impl FormPage {
    fn of(page: Page, typed: Typed, name: impl Fn(&str) -> String) -> Self {
        let measures = ["", "mask", "warn", "block", "allow"]
            .map(|word| Choice::new(&page, word, row::measure_name(word), &typed.measure));
        let directions = [Scope::Both, Scope::Input, Scope::Output]
            .map(|one| Choice::new(&page, one.as_str(), row::direction_name(one.as_str()), &typed.direction));
        let audiences = Audience::ALL
            .map(|one| Choice::new(&page, one.as_str(), words::audience_name(one), &typed.audience));
        Self {
            categories: row::category_choices(&page, &typed.category, &name),
            measures: measures.into(),
            directions: directions.into(),
            audiences: audiences.into(),
            term: Field::of(typed.term),
            own_category: Field::of(typed.own_category),
            valid_from: Field::of(typed.valid_from),
            valid_until: Field::of(typed.valid_until),
            note: Field::of(typed.note),
            reasons: Field::of(typed.reasons),
            sample: Field::of(typed.sample),
            preview: None,
            page: page.in_section(Section::Lexicon),
        }
    }
}

/// Entries to render without a service.
pub(crate) fn sample_drafts() -> Vec<LexiconDraft> {
    let draft = |term: &str, category: &Category, measure: &str| LexiconDraft {
        term: term.to_owned(),
        category: category.code(),
        measure: measure.to_owned(),
        direction: "both".to_owned(),
        ..LexiconDraft::default()
    };
    vec![
        LexiconDraft {
            audiences: vec!["minor".to_owned()],
            valid_from: "2026-11-25".to_owned(),
            valid_until: "2027-11-24".to_owned(),
            ..draft("某平台代充", &Category::Fraud, "block")
        },
        draft("代充值教程", &Category::Fraud, ""),
        draft("某某竞品", &Category::Operator("competitors".into()), "warn"),
        draft("充值指南", &Category::Fraud, "allow"),
    ]
}

impl Samples for FormPage {
    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let page = || samples::operator(locale, "/console/lexicon/new", Section::Lexicon);
        let typed = Typed {
            term: "某平台代充".into(), sample: "去某平台代充吧".into(), ..Typed::default()
        };
        let preview = Preview::of(&typed.sample, &typed.draft(), std::slice::from_ref(&(3..18)));
        let wrong = |field: Field| field.wrong(key!("console-error-reasons"));
        let tried = Self { preview: Some(preview), ..Self::of(page(), typed, str::to_owned) };
        let empty = || Self::of(page(), Typed::default(), str::to_owned);
        vec![
            ("console-lexicon-new", empty()),
            ("console-lexicon-new-tried", tried),
            (
                "console-lexicon-new-wrong",
                Self {
                    term: Field::default().wrong(key!("lexicon-error-term")),
                    own_category: Field::of("X").wrong(key!("lexicon-error-category")),
                    valid_from: Field::of("x").wrong(key!("lexicon-error-day")),
                    valid_until: Field::of("x").wrong(key!("lexicon-error-days")),
                    note: Field::of("x").wrong(key!("lexicon-error-note")),
                    reasons: wrong(Field::default()),
                    sample: Field::default().wrong(key!("try-error-empty")),
                    ..empty()
                },
            ),
        ]
    }
}
