//! `/console/try`: what the rules in force say about a text. Nothing that is tried is kept.

use askama::Template;
use axum::{Form, extract::State, response::Response};
use http::StatusCode;
use operations::{TRY_BYTES_MAX, TriedText};
use safety::{
    Action, Audience, Capability, Category, Engine, Entry, Exempted, Explained, Explanation, Scope, Situation,
};
use serde::Deserialize;
use terms::{Direction, Locale};

use super::{
    highlight::Highlight,
    words::{self, Choice, RiskTag},
};
use crate::{
    Page, PortalState, Section, answer, convert,
    failure::Failure,
    page::samples,
    pages::{Field, Samples},
    session::Operator,
    text::key,
};

/// The form, and what came out of it.
#[derive(Template)]
#[template(path = "console/try_text.html")]
pub struct TryPage {
    /// The frame.
    pub page: Page,
    /// The text.
    pub text: Field,
    /// Prompt or answer.
    pub directions: Vec<Choice>,
    /// For whom.
    pub audiences: Vec<Choice>,
    /// What for.
    pub capabilities: Vec<Choice>,
    /// What the rules say, after a trial.
    pub result: Option<Tried>,
}

/// What the rules say about a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// The strongest action.
    pub action: Action,
    /// The action and what follows, in words.
    pub measure: String,
    /// What would leave: the whole text, masked, or what stands before the span that blocks.
    pub released: String,
    /// Whether it left as it came.
    pub is_unchanged: bool,
    /// The text with its findings.
    pub highlight: Highlight,
    /// How many findings there are, listed or not.
    pub hits: usize,
    /// The findings, in the order of the text, and then what an allowed phrase exempts.
    pub findings: Vec<FindingRow>,
    /// How many findings are not listed.
    pub omitted: usize,
    /// The hash of the rules.
    pub version: String,
}

/// A finding in the table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FindingRow {
    /// The rule.
    pub rule: String,
    /// The category, by name.
    pub category: String,
    /// The risks of the standard that it stands for.
    pub risks: Vec<RiskTag>,
    /// What is done about it.
    pub action: Action,
    /// That and what follows, in words.
    pub measure: String,
    /// The first character, counted from 1.
    pub char_first: usize,
    /// The last character.
    pub char_last: usize,
    /// The first byte.
    pub start: usize,
    /// The end, exclusive, in bytes.
    pub end: usize,
    /// What was matched, normalised.
    pub matched: String,
    /// Why it is one, and why that is done.
    pub why: String,
}

/// A text as it was typed, with its situation.
#[derive(Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    text: String,
    #[serde(default)]
    direction: String,
    #[serde(default)]
    audience: String,
    #[serde(default)]
    capability: String,
}

/// `GET /console/try`
pub(crate) async fn show(page: Page) -> Result<Response, Failure> {
    answer::page(&TryPage::empty(page, Situation::of(Direction::Input)))
}

/// `POST /console/try`
pub(crate) async fn check(
    State(state): State<PortalState>,
    operator: Operator,
    page: Page,
    Form(typed): Form<Typed>,
) -> Result<Response, Failure> {
    let situation = typed.situation().ok_or(Failure::status(StatusCode::BAD_REQUEST))?;
    // Browsers send line breaks as two characters; what they show is one.
    let text = typed.text.replace("\r\n", "\n");
    let mut empty = TryPage::empty(page, situation);
    match state.operations.text_try(&operator.actor, &text, situation) {
        Ok(tried) => {
            let name = |category: &str| state.operations.category_name(category, empty.page.locale);
            let result = Tried::of(&empty.page, &text, tried, name);
            answer::page(&TryPage { text: Field::of(text), result: Some(result), ..empty })
        }
        Err(error) => {
            empty.text.value = text;
            convert::beside(error, [("text", &mut empty.text)])?;
            answer::page_with(StatusCode::BAD_REQUEST, &empty)
        }
    }
}

impl Typed {
    fn situation(&self) -> Option<Situation> {
        Some(Situation {
            direction: [Direction::Input, Direction::Output]
                .into_iter()
                .find(|direction| direction.as_str() == self.direction)?,
            audience: Audience::from_word(&self.audience)?,
            capability: Capability::from_word(&self.capability)?,
        })
    }
}

impl TryPage {
    fn empty(page: Page, chosen: Situation) -> Self {
        let directions = [Direction::Input, Direction::Output].map(|one| {
            Choice::new(&page, one.as_str(), words::direction_name(one), chosen.direction.as_str())
        });
        let audiences = Audience::ALL
            .map(|one| Choice::new(&page, one.as_str(), words::audience_name(one), chosen.audience.as_str()));
        let capabilities = Capability::ALL.map(|one| {
            Choice::new(&page, one.as_str(), words::capability_name(one), chosen.capability.as_str())
        });
        Self {
            page: page.in_section(Section::Try),
            text: Field::default(),
            directions: directions.into(),
            audiences: audiences.into(),
            capabilities: capabilities.into(),
            result: None,
        }
    }

    /// The longest text, for the field: a Chinese character has three bytes.
    #[must_use]
    pub const fn length_max(&self) -> usize {
        TRY_BYTES_MAX / 3
    }
}

impl Tried {
    /// What to show of what the rules said about `text`.
    fn of(page: &Page, text: &str, tried: TriedText, category: impl Fn(&str) -> String) -> Self {
        let TriedText { explanation, released } = tried;
        let Explanation { action, then, findings, omitted, exempted, .. } = explanation;
        let mut rows: Vec<FindingRow> =
            findings.iter().map(|hit| FindingRow::of(page, text, hit, &category)).collect();
        rows.extend(exempted.iter().map(|one| FindingRow::exempted(page, text, one, &category)));
        let spans: Vec<_> = rows.iter().map(|row| (row.start..row.end, row.action)).collect();
        Self {
            action,
            measure: words::measure(page, action, then),
            is_unchanged: action != Action::Block && released == text,
            released,
            highlight: Highlight::new(text, &spans),
            hits: findings.len().saturating_add(omitted),
            findings: rows,
            omitted,
            version: hex::encode(explanation.engine_version),
        }
    }

    /// The tone of the result.
    #[must_use]
    pub fn tone(&self) -> &'static str {
        if self.action == Action::Allow { "good" } else { "caution" }
    }
}

impl FindingRow {
    fn of(page: &Page, text: &str, hit: &Explained, category: impl Fn(&str) -> String) -> Self {
        let finding = &hit.finding;
        Self {
            category: category(&finding.category.code()),
            risks: words::risk_tags(page, &finding.category),
            action: finding.action,
            measure: words::measure(page, finding.action, finding.then),
            matched: finding.normalised.clone(),
            why: hit.sentence(page.locale),
            ..Self::at(text, &finding.rule, finding.start, finding.end)
        }
    }

    fn exempted(page: &Page, text: &str, one: &Exempted, category: impl Fn(&str) -> String) -> Self {
        Self {
            category: category(&one.category.code()),
            risks: words::risk_tags(page, &one.category),
            measure: page.t(key!("try-exempted")),
            matched: text.get(one.start..one.end).unwrap_or_default().to_owned(),
            why: one.sentence(page.locale),
            ..Self::at(text, &one.rule, one.start, one.end)
        }
    }

    /// Where it is; the rest is left open.
    fn at(text: &str, rule: &str, start: usize, end: usize) -> Self {
        let before = |at: usize| text.get(..text.floor_char_boundary(at)).unwrap_or(text).chars().count();
        let char_first = before(start).saturating_add(1);
        let char_last = before(end).max(char_first);
        Self { rule: rule.to_owned(), char_first, char_last, start, end, ..Self::default() }
    }

    /// The tone of its measure.
    #[must_use]
    pub fn tone(&self) -> &'static str {
        words::action_tone(self.action)
    }
}

impl Samples for TryPage {
    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let entry = |term, category, action| Entry::new(term, category, action, Scope::Both);
        let entries = [
            entry("朱砂测试违禁词", Category::Test, None),
            entry("违禁词和更", Category::Abuse, None),
            entry("测试很重要", Category::Test, Some(Action::Allow)),
            entry("测试很", Category::Test, None),
        ];
        let engine = Engine::builder().lexicon(entries.into_iter().flatten()).build();
        let page = || samples::operator(locale, "/console/try", Section::Try);
        let situation = Situation::of(Direction::Input);
        let tried = |text: &str| {
            let mut empty = Self::empty(page(), situation);
            if let Ok(engine) = &engine {
                let explanation = engine.explain(text, situation);
                let released = explanation.text.clone().unwrap_or_else(|| text.to_owned());
                let tried = TriedText { explanation, released };
                empty.result = Some(Tried::of(&empty.page, text, tried, str::to_owned));
            }
            Self { text: Field::of(text), ..empty }
        };
        let wrong = Field::default().wrong(key!("try-error-empty"));
        vec![
            ("console-try", Self::empty(page(), situation)),
            ("console-try-blocked", tried("电话 13800138000，朱砂测试违禁词和更多，测试很重要")),
            ("console-try-masked", tried("电话 13800138000")),
            ("console-try-clean", tried("测试很重要")),
            ("console-try-wrong", Self { text: wrong, ..Self::empty(page(), situation) }),
        ]
    }
}
