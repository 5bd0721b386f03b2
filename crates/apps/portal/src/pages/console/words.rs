//! The safety engine's words for people: actions, measures, audiences, risks.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use safety::{Action, Audience, Capability, Category, FollowUps};
use terms::{Direction, Risk};

use crate::{Key, Page, text::key};

/// One choice of a select.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The word in the form.
    pub word: String,
    /// The name.
    pub name: String,
    /// Whether it is the one chosen.
    pub is_chosen: bool,
}

impl Choice {
    /// A choice named by that text.
    #[must_use]
    pub fn new(page: &Page, word: &str, name: Key, chosen: &str) -> Self {
        Self { word: word.to_owned(), name: page.t(name), is_chosen: word == chosen }
    }
}

/// What becomes of a span, in words.
#[must_use]
pub fn action_name(action: Action) -> Key {
    match action {
        Action::Allow => key!("measure-allow"),
        Action::Mask => key!("measure-mask"),
        Action::Warn => key!("measure-warn"),
        Action::Block => key!("measure-block"),
    }
}

/// The action and what follows from it, in words, such as “mask; a person looks at it later”.
#[must_use]
pub fn measure(page: &Page, action: Action, then: FollowUps) -> String {
    let follow_ups = [
        (FollowUps::REVIEW, key!("measure-review")),
        (FollowUps::ATTACH, key!("measure-attach")),
        (FollowUps::ASK_GUARD, key!("measure-ask-guard")),
        (FollowUps::END_SESSION, key!("measure-end-session")),
        (FollowUps::CRISIS, key!("measure-crisis")),
    ];
    let mut words = vec![page.t(action_name(action))];
    words.extend(follow_ups.iter().filter(|(one, _)| then.contains(*one)).map(|(_, name)| page.t(name)));
    words.join(if page.speaks("zh-CN") { "；" } else { "; " })
}

/// The tone of an action's tag.
#[must_use]
pub const fn action_tone(action: Action) -> &'static str {
    match action {
        Action::Allow => "good",
        Action::Mask | Action::Warn => "caution",
        Action::Block => "accent",
    }
}

/// The audience in words.
#[must_use]
pub fn audience_name(audience: Audience) -> Key {
    match audience {
        Audience::Adult => key!("audience-adult"),
        Audience::Minor => key!("audience-minor"),
        Audience::Verified => key!("audience-verified"),
    }
}

/// The capability in words.
#[must_use]
pub fn capability_name(capability: Capability) -> Key {
    match capability {
        Capability::Text => key!("capability-text"),
        Capability::Tool => key!("capability-tool"),
        Capability::Image => key!("capability-image"),
        Capability::Speech => key!("capability-speech"),
    }
}

/// The direction in words.
#[must_use]
pub fn direction_name(direction: Direction) -> Key {
    match direction {
        Direction::Input => key!("decision-direction-input"),
        Direction::Output => key!("decision-direction-output"),
    }
}

/// The name of a risk, in the words of the standard.
#[must_use]
pub fn risk_name(page: &Page, risk: Risk) -> String {
    page.t(risk_key(risk).as_str())
}

/// The name of the text with a risk's name, such as `risk-a-1-f`.
#[must_use]
pub fn risk_key(risk: Risk) -> String {
    format!("risk-{}", risk.code().to_ascii_lowercase().replace('.', "-"))
}

/// A risk as a tag shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RiskTag {
    /// The clause, such as `A.1.f`.
    pub code: &'static str,
    /// The name.
    pub name: String,
}

/// The risks that a category stands for.
#[must_use]
pub fn risk_tags(page: &Page, category: &Category) -> Vec<RiskTag> {
    let tag = |risk: &Risk| RiskTag { code: risk.code(), name: risk_name(page, *risk) };
    category.risks().iter().map(tag).collect()
}

/// What stands between the members of a list.
#[must_use]
pub fn list_comma(page: &Page) -> &'static str {
    if page.speaks("zh-CN") { "，" } else { ", " }
}

/// A query for an address; what is empty is left out.
#[must_use]
pub fn query(pairs: &[(&str, &str)]) -> String {
    let pairs = pairs.iter().filter(|(_, value)| !value.is_empty());
    pairs.map(|(name, value)| format!("{name}={}", segment(value))).collect::<Vec<_>>().join("&")
}

/// A text as one segment of an address's path.
#[must_use]
pub fn segment(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
