//! What is done about a hit: by category, direction, audience and capability.

use std::fmt;

use terms::Direction;

use crate::{Action, Category, PersonalData};

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

/// How the names of rules end that find nothing for certain and ask for a closer look, such as `classifier.abuse.ask`.
pub(crate) const ASKS: &str = ".ask";

/// Rows over the defaults of the categories ([`Category::default_action`]). Of one pack's rows, and of the operator's, the
/// last one that fits decides; the strictest of the packs holds ([`Measure::strictest`]); the operator's word is above
/// theirs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policy {
    packs: Vec<Vec<PolicyRow>>,
    operator: Vec<PolicyRow>,
}

/// What a policy says of one rule in one situation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided<'p> {
    /// What is done.
    pub measure: Measure,
    /// The rows that say so: none where the default of the category does, several where several packs do.
    pub rows: Vec<&'p PolicyRow>,
}

impl Audience {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Adult, Self::Minor, Self::Verified];

    /// The stricter of both: minors are protected most, and who is verified is trusted most.
    #[must_use]
    pub const fn stricter(self, other: Self) -> Self {
        match (self, other) {
            (Self::Minor, _) | (_, Self::Minor) => Self::Minor,
            (Self::Adult, _) | (_, Self::Adult) => Self::Adult,
            (Self::Verified, Self::Verified) => Self::Verified,
        }
    }

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
    /// What is done about a hit that is worth a look and no more: a person looks at it later.
    pub(crate) const HINT: Self = Self { action: Action::Allow, then: FollowUps::REVIEW };

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

impl Measure {
    /// Both together: the stricter action and all that follows. A mask is stricter than a warning, which lets the text leave
    /// as it is.
    #[must_use]
    pub const fn strictest(self, other: Self) -> Self {
        const fn rank(action: Action) -> u8 {
            match action {
                Action::Allow => 0,
                Action::Warn => 1,
                Action::Mask => 2,
                Action::Block => 3,
            }
        }
        let action = if rank(self.action) >= rank(other.action) { self.action } else { other.action };
        Self { action, then: self.then.and(other.then) }
    }
}

impl From<Action> for Measure {
    fn from(action: Action) -> Self {
        Self::new(action)
    }
}

impl PolicyRow {
    /// All that it says, in a line.
    pub(crate) fn line(&self) -> String {
        let category = self.category.as_ref().map(Category::code).unwrap_or_default();
        let rule = self.rule.as_deref().unwrap_or_default();
        let direction = self.direction.map(Direction::as_str).unwrap_or_default();
        let audience = self.audience.map(Audience::as_str).unwrap_or_default();
        let capability = self.capability.map(Capability::as_str).unwrap_or_default();
        let text = self.text.as_deref().unwrap_or_default();
        let measure = self.measure.words();
        format!("{category}\t{rule}\t{direction}\t{audience}\t{capability}\t{measure}\t{text}")
    }

    /// What is said of a category is meant for hits. A rule that only asks ([`ASKS`]) goes by the rows that name it, and by
    /// those that turn the category off.
    fn fits(&self, rule: &str, category: &Category, situation: Situation) -> bool {
        let is_meant = self.rule.is_some() || self.measure.is_nothing() || !rule.ends_with(ASKS);
        is_meant
            && self.category.as_ref().is_none_or(|one| one == category)
            && self.rule.as_ref().is_none_or(|one| one == rule)
            && self.is_for(situation)
    }

    fn is_for(&self, situation: Situation) -> bool {
        self.direction.is_none_or(|one| one == situation.direction)
            && self.audience.is_none_or(|one| one == situation.audience)
            && self.capability.is_none_or(|one| one == situation.capability)
    }
}

impl Policy {
    /// The defaults alone.
    #[must_use]
    pub const fn new() -> Self {
        Self { packs: Vec::new(), operator: Vec::new() }
    }

    /// Adds the rows of a pack, a later one stronger than those before it.
    pub fn push_pack(&mut self, rows: Vec<PolicyRow>) {
        self.packs.push(rows);
    }

    /// Adds a row of the operator's, stronger than those before it and than every pack.
    pub fn push(&mut self, row: PolicyRow) {
        self.operator.push(row);
    }

    /// What is done about a hit of a rule that names no action itself, and who says so.
    #[must_use]
    pub fn decide<'p>(&'p self, rule: &str, category: &Category, situation: Situation) -> Decided<'p> {
        let said = |rows: &'p [PolicyRow]| rows.iter().rev().find(|row| row.fits(rule, category, situation));
        let rows: Vec<&'p PolicyRow> = match said(&self.operator) {
            Some(row) => vec![row],
            None => self.packs.iter().filter_map(|rows| said(rows)).collect(),
        };
        let measure = rows.iter().map(|row| row.measure).reduce(Measure::strictest);
        Decided {
            measure: measure.unwrap_or_else(|| default_action(rule, category, situation.direction).into()),
            rows,
        }
    }

    /// What is done about a hit of a rule that names no action itself.
    #[must_use]
    pub fn measure(&self, rule: &str, category: &Category, situation: Situation) -> Measure {
        self.decide(rule, category, situation).measure
    }

    /// The ids of the texts that are attached for a hit.
    #[must_use]
    pub fn texts(&self, rule: &str, category: &Category, situation: Situation) -> Vec<&str> {
        self.decide(rule, category, situation).rows.iter().filter_map(|row| row.text.as_deref()).collect()
    }

    /// The first of the operator's rows that later ones cover wholly, so that it never decides.
    #[must_use]
    pub fn covered(&self) -> Option<&PolicyRow> {
        let mut later = self.operator.as_slice();
        while let Some((row, rest)) = later.split_first() {
            let covers = |other: &PolicyRow, situation: Situation| {
                (other.category.is_none() || other.category == row.category)
                    && (other.rule.is_none() || other.rule == row.rule)
                    && other.is_for(situation)
            };
            let mut meant = [Direction::Input, Direction::Output]
                .into_iter()
                .flat_map(Situation::all)
                .filter(|situation| row.is_for(*situation));
            if meant.all(|situation| rest.iter().any(|other| covers(other, situation))) {
                return Some(row);
            }
            later = rest;
        }
        None
    }

    /// Every row: the packs' in their order, then the operator's.
    pub fn rows(&self) -> impl Iterator<Item = &PolicyRow> {
        self.packs.iter().flatten().chain(&self.operator)
    }
}

/// What is done by default: about a kind of personal data what is said of it, else what is said of its category.
fn default_action(rule: &str, category: &Category, direction: Direction) -> Action {
    let of_kind = PersonalData::from_rule(rule).and_then(|kind| kind.default_action(direction));
    of_kind.unwrap_or_else(|| category.default_action(direction))
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

    #[test]
    fn a_row_that_later_ones_cover_is_told() {
        let row = |category: Option<Category>, audience: Option<Audience>, origin: &str| PolicyRow {
            category,
            audience,
            origin: origin.into(),
            ..Default::default()
        };
        let covered = |rows: Vec<PolicyRow>| {
            let mut policy = Policy::new();
            rows.into_iter().for_each(|row| policy.push(row));
            policy.covered().map(|row| row.origin.clone())
        };
        let abuse = || row(Some(Category::Abuse), None, "abuse");
        let minors = |origin| row(Some(Category::Abuse), Some(Audience::Minor), origin);
        assert_eq!(covered(vec![abuse(), minors("minors")]), None);
        assert_eq!(covered(vec![minors("minors"), abuse()]).as_deref(), Some("minors"));
        assert_eq!(covered(vec![abuse(), row(None, None, "all")]).as_deref(), Some("abuse"));
        let each = Audience::ALL.map(|audience| row(Some(Category::Abuse), Some(audience), "each"));
        let all = std::iter::once(abuse()).chain(each).collect();
        assert_eq!(covered(all).as_deref(), Some("abuse"));
    }

    #[test]
    fn of_several_packs_the_strictest_holds_and_the_operator_has_the_last_word() {
        let row = |words: &str, origin: &str| PolicyRow {
            category: Some(Category::Abuse),
            measure: Measure::from_words(words).unwrap(),
            origin: origin.into(),
            ..Default::default()
        };
        let situation = Situation::of(Direction::Output);
        let mut policy = Policy::new();
        policy.push_pack(vec![row("block", "one:1"), row("warn+review", "one:2")]);
        policy.push_pack(vec![row("mask+crisis", "two:1")]);
        policy.push_pack(Vec::new());
        let decided = policy.decide("lexicon.abuse", &Category::Abuse, situation);
        assert_eq!(decided.measure, Measure::from_words("mask+review+crisis").unwrap());
        let origins: Vec<&str> = decided.rows.iter().map(|row| row.origin.as_str()).collect();
        assert_eq!(origins, ["one:2", "two:1"]);
        policy.push(row("allow", "operator:1"));
        let decided = policy.decide("lexicon.abuse", &Category::Abuse, situation);
        assert!(decided.measure.is_nothing());
        assert_eq!(policy.rows().count(), 4);
    }
}
