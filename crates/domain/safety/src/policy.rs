//! What is done about a hit: by category, direction, audience and capability.

use std::fmt;

use terms::Direction;

use crate::{Action, Category};

/// For whom a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Audience {
    /// Anyone who is not known to be a minor and whose identity is not verified.
    #[default]
    Adult,
    /// A person known or presumed to be a minor.
    Minor,
    /// An adult whose identity is verified.
    Verified,
}

/// What a text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Capability {
    /// People read it: conversation, completion.
    #[default]
    Text,
    /// A program reads it: the arguments and the results of tools, structured output.
    Tool,
    /// A picture is made or changed by it.
    Image,
    /// It is spoken.
    Speech,
}

/// All that a policy may depend on beside the category.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Situation {
    /// Prompt or answer.
    pub direction: Direction,
    /// For whom.
    pub audience: Audience,
    /// What for.
    pub capability: Capability,
}

/// What follows from a hit beside what becomes of the span. Several may.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FollowUps(u8);

/// What is done about a hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Measure {
    /// What becomes of the span.
    pub action: Action,
    /// What follows.
    pub then: FollowUps,
}

/// One row of a policy. A field that is `None` means any.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PolicyRow {
    /// The category of the hit.
    pub category: Option<Category>,
    /// The rule's name, such as `personal-data.email`.
    pub rule: Option<String>,
    /// Prompt or answer.
    pub direction: Option<Direction>,
    /// For whom.
    pub audience: Option<Audience>,
    /// What for.
    pub capability: Option<Capability>,
    /// What is done.
    pub measure: Measure,
    /// The id of the text that is attached, where the measure attaches one.
    pub text: Option<String>,
    /// Where the row stands, for explanations: `cn policy.yaml:12`. It decides nothing.
    pub origin: String,
}

/// Rows over the defaults of the categories ([`Category::default_action`]): the last one that fits decides.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policy {
    rows: Vec<PolicyRow>,
}

impl Audience {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Adult, Self::Minor, Self::Verified];

    /// The word used in policies and lexicons.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Adult => "adult",
            Self::Minor => "minor",
            Self::Verified => "verified",
        }
    }

    /// The audience with that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|audience| audience.as_str() == word)
    }
}

impl Capability {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Text, Self::Tool, Self::Image, Self::Speech];

    /// The word used in policies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Tool => "tool",
            Self::Image => "image",
            Self::Speech => "speech",
        }
    }

    /// The capability with that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|capability| capability.as_str() == word)
    }
}

impl Situation {
    /// The situation of an adult who talks.
    #[must_use]
    pub const fn of(direction: Direction) -> Self {
        Self { direction, audience: Audience::Adult, capability: Capability::Text }
    }

    /// Every situation of a direction.
    pub(crate) fn all(direction: Direction) -> impl Iterator<Item = Self> {
        Audience::ALL.into_iter().flat_map(move |audience| {
            Capability::ALL.into_iter().map(move |capability| Self { direction, audience, capability })
        })
    }

    /// Its place among those of its direction: the order of [`Situation::all`].
    pub(crate) const fn place(self) -> usize {
        (self.audience as usize).wrapping_mul(Capability::ALL.len()).wrapping_add(self.capability as usize)
    }
}

impl From<Direction> for Situation {
    fn from(direction: Direction) -> Self {
        Self::of(direction)
    }
}

impl FollowUps {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// A person looks at it later.
    pub const REVIEW: Self = Self(1);
    /// A text of the pack is attached for the person.
    pub const ATTACH: Self = Self(2);
    /// A guard model is asked.
    pub const ASK_GUARD: Self = Self(4);
    /// The session ends.
    pub const END_SESSION: Self = Self(8);
    /// The path for a person in danger: the texts of help, and a person of the operator's is told.
    pub const CRISIS: Self = Self(16);

    const WORDS: [(Self, &'static str); 5] = [
        (Self::REVIEW, "review"),
        (Self::ATTACH, "attach"),
        (Self::ASK_GUARD, "ask-guard"),
        (Self::END_SESSION, "end-session"),
        (Self::CRISIS, "crisis"),
    ];

    /// Whether all of `other` are among them.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Those of both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The words of those it holds.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        Self::WORDS.into_iter().filter(move |(one, _)| self.contains(*one)).map(|(_, word)| word)
    }

    /// The one with that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::WORDS.into_iter().find(|(_, known)| *known == word).map(|(one, _)| one)
    }
}

impl fmt::Debug for FollowUps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.words()).finish()
    }
}

impl Measure {
    /// The action alone.
    #[must_use]
    pub const fn new(action: Action) -> Self {
        Self { action, then: FollowUps::NONE }
    }

    /// The same with what follows.
    #[must_use]
    pub const fn then(self, then: FollowUps) -> Self {
        Self { action: self.action, then: self.then.and(then) }
    }

    /// Whether the rule is off.
    #[must_use]
    pub const fn is_nothing(self) -> bool {
        matches!(self.action, Action::Allow) && self.then.0 == 0
    }

    /// The words, joined by `+`, such as `mask+review`.
    #[must_use]
    pub fn words(self) -> String {
        let mut words = vec![self.action.as_str()];
        words.extend(self.then.words());
        words.join("+")
    }

    /// The measure with these words.
    #[must_use]
    pub fn from_words(words: &str) -> Option<Self> {
        let (action, then) = words.split_once('+').map_or((words, None), |(a, t)| (a, Some(t)));
        then.into_iter()
            .flat_map(|then| then.split('+'))
            .try_fold(Self::new(Action::from_word(action)?), |measure, word| {
                Some(measure.then(FollowUps::from_word(word)?))
            })
    }
}

impl From<Action> for Measure {
    fn from(action: Action) -> Self {
        Self::new(action)
    }
}

impl PolicyRow {
    fn fits(&self, rule: &str, category: &Category, situation: Situation) -> bool {
        self.category.as_ref().is_none_or(|one| one == category)
            && self.rule.as_ref().is_none_or(|one| one == rule)
            && self.direction.is_none_or(|one| one == situation.direction)
            && self.audience.is_none_or(|one| one == situation.audience)
            && self.capability.is_none_or(|one| one == situation.capability)
    }
}

impl Policy {
    /// The defaults alone.
    #[must_use]
    pub const fn new() -> Self {
        Self { rows: Vec::new() }
    }

    /// Adds a row, stronger than those before it.
    pub fn push(&mut self, row: PolicyRow) {
        self.rows.push(row);
    }

    /// What is done about a hit of a rule that names no action itself.
    #[must_use]
    pub fn measure(&self, rule: &str, category: &Category, situation: Situation) -> Measure {
        let said = self.row(rule, category, situation);
        said.map_or_else(|| category.default_action(situation.direction).into(), |row| row.measure)
    }

    /// The row that says so; none where the default of the category does.
    #[must_use]
    pub fn row(&self, rule: &str, category: &Category, situation: Situation) -> Option<&PolicyRow> {
        self.rows.iter().rev().find(|row| row.fits(rule, category, situation))
    }

    /// The rows, the strongest last.
    #[must_use]
    pub fn rows(&self) -> &[PolicyRow] {
        &self.rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_round_trip() {
        for words in ["allow", "mask+review", "block+attach+end-session", "allow+crisis"] {
            assert_eq!(Measure::from_words(words).unwrap().words(), words);
        }
        for wrong in ["", "review", "mask+", "mask+block", "Mask"] {
            assert_eq!(Measure::from_words(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn every_situation_has_its_place() {
        for (place, situation) in Situation::all(Direction::Input).enumerate() {
            assert_eq!(situation.place(), place);
        }
    }

    #[test]
    fn the_last_row_that_fits_decides() {
        let mut policy = Policy::default();
        let minor = Situation { audience: Audience::Minor, ..Situation::of(Direction::Input) };
        let row =
            |measure: Measure| PolicyRow { category: Some(Category::Abuse), measure, ..Default::default() };
        policy.push(PolicyRow { audience: Some(Audience::Minor), ..row(Action::Block.into()) });
        let abuse = |situation| policy.measure("lexicon.abuse", &Category::Abuse, situation).action;
        assert_eq!(abuse(Situation::of(Direction::Input)), Action::Warn);
        assert_eq!(abuse(minor), Action::Block);
        assert_eq!(policy.measure("x", &Category::Fraud, minor).action, Action::Block);
    }
}
