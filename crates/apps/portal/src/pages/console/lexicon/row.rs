//! An entry of the feature library as tables show it.

use operations::{LexiconDraft, LexiconEntryView, LexiconSource, LexiconState};
use safety::{Action, Audience, Category};

use crate::{
    Key, Page,
    pages::console::words::{self, Choice, RiskTag},
    text::key,
};

/// An entry in a table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EntryRow {
    /// The term as it was written.
    pub term: String,
    /// The term as it is looked for, where that differs.
    pub normalised: Option<String>,
    /// The category, by name.
    pub category: String,
    /// The risks that it stands for.
    pub risks: Vec<RiskTag>,
    /// What is done, in words.
    pub measure: String,
    /// Which texts it is looked for in, in words.
    pub direction: String,
    /// For whom and on which days, in words; empty for everybody and always.
    pub limits: String,
    /// The note.
    pub note: String,
}

impl EntryRow {
    /// A stored entry, or one of a list.
    #[must_use]
    pub fn of(page: &Page, entry: &LexiconEntryView, category: &impl Fn(&str) -> String) -> Self {
        let draft = LexiconDraft {
            term: entry.term.clone(),
            category: entry.category.clone(),
            measure: entry.measure.clone(),
            direction: entry.direction.clone(),
            audiences: entry.audiences.clone(),
            valid_from: entry.valid_from.clone().unwrap_or_default(),
            valid_until: entry.valid_until.clone().unwrap_or_default(),
            note: entry.note.clone(),
        };
        let normalised = (entry.normalised != entry.term).then(|| entry.normalised.clone());
        Self { normalised, ..Self::of_draft(page, &draft, category) }
    }

    /// A draft.
    #[must_use]
    pub fn of_draft(page: &Page, draft: &LexiconDraft, category: &impl Fn(&str) -> String) -> Self {
        let risks = Category::from_code(&draft.category).map(|known| words::risk_tags(page, &known));
        let audiences = draft.audiences.iter().filter_map(|word| Audience::from_word(word));
        let mut limits: Vec<String> = audiences.map(|one| page.t(words::audience_name(one))).collect();
        if !draft.valid_from.is_empty() {
            limits.push(page.t1(key!("lexicon-from"), "day", &draft.valid_from));
        }
        if !draft.valid_until.is_empty() {
            limits.push(page.t1(key!("lexicon-until"), "day", &draft.valid_until));
        }
        Self {
            term: draft.term.clone(),
            normalised: None,
            category: category_name(&draft.category, category),
            risks: risks.unwrap_or_default(),
            measure: page.t(measure_name(&draft.measure)),
            direction: page.t(direction_name(&draft.direction)),
            limits: limits.join(words::list_comma(page)),
            note: draft.note.clone(),
        }
    }
}

/// The name of a category; an operator's own is shown by its code.
#[must_use]
pub fn category_name(code: &str, name: &impl Fn(&str) -> String) -> String {
    if code.starts_with(safety::category::OPERATOR_PREFIX) { code.to_owned() } else { name(code) }
}

/// What an entry does, in words.
#[must_use]
pub fn measure_name(word: &str) -> Key {
    match Action::from_word(word) {
        Some(Action::Allow) => key!("lexicon-measure-allow"),
        Some(action) => words::action_name(action),
        None => key!("lexicon-measure-policy"),
    }
}

/// Which texts an entry is looked for in, in words.
#[must_use]
pub fn direction_name(word: &str) -> Key {
    match word {
        "input" => key!("decision-direction-input"),
        "output" => key!("decision-direction-output"),
        _ => key!("lexicon-direction-both"),
    }
}

/// Where an entry stands, in words.
#[must_use]
pub fn state_name(state: LexiconState) -> Key {
    match state {
        LexiconState::Proposed => key!("lexicon-state-proposed"),
        LexiconState::Approved => key!("lexicon-state-approved"),
        LexiconState::Rejected => key!("lexicon-state-rejected"),
        LexiconState::Retired => key!("lexicon-state-retired"),
    }
}

/// The tone of the tag with that state.
#[must_use]
pub const fn state_tone(state: LexiconState) -> &'static str {
    match state {
        LexiconState::Proposed => "caution",
        LexiconState::Approved => "good",
        LexiconState::Rejected | LexiconState::Retired => "plain",
    }
}

/// Where an entry comes from, in words.
#[must_use]
pub fn source_name(source: LexiconSource) -> Key {
    match source {
        LexiconSource::Pack => key!("lexicon-source-pack"),
        LexiconSource::File => key!("lexicon-source-file"),
        LexiconSource::Operator => key!("lexicon-source-operator"),
        LexiconSource::Case => key!("lexicon-source-case"),
    }
}

/// The categories that an entry may have, the shipped ones by name.
#[must_use]
pub fn category_choices(page: &Page, chosen: &str, name: &impl Fn(&str) -> String) -> Vec<Choice> {
    let is_for_entries = |category: &&Category| {
        !matches!(category, Category::PersonalData | Category::HoldLimit | Category::Operator(_))
    };
    Category::SHIPPED
        .iter()
        .filter(is_for_entries)
        .map(|category| {
            let code = category.code();
            let mut name = name(&code);
            if let [first, ..] = words::risk_tags(page, category).as_slice() {
                name = format!("{name} ({})", first.code);
            }
            Choice { is_chosen: code == chosen, name, word: code }
        })
        .collect()
}
