//! The lexicons of an engine: entries to rules and terms, and what changes of them while it runs.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use sha2::{Digest, Sha256};
use terms::Direction;

use super::{Engine, EngineError, Rule, RuleId, Side};
use crate::automaton::{AutomatonError, Sides};
use crate::channels::pinyin::{self, Sounds};
use crate::channels::reversed;
use crate::lexicon::next_change;
use crate::matcher::Matcher;
use crate::matcher::delta::Delta;
use crate::matcher::kinds::{Kind, Kinds, Meaning, side};
use crate::matcher::terms::Terms;
use crate::quiet::Quiet;
use crate::set_hash::SetHash;
use crate::{Category, Channel, Entry, Measure, Policy, Situation};

/// Which forms of the terms are compiled together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Forms {
    /// As they are written.
    Written,
    /// From their end to their beginning.
    Backwards,
    /// By their sound.
    Sounded,
}

/// The terms at most of a category that are looked for backwards, and by sound. The more there are, the more of ordinary text
/// is one of them by chance, and the automata take as much memory as that of the terms again (decision 17).
const BACKWARDS_TERMS_MAX: usize = 100_000;
const SOUNDED_TERMS_MAX: usize = 20_000;

/// What an engine keeps of its lexicons beside the matcher.
#[derive(Clone)]
pub(super) struct Lexicons {
    pub(super) forms: Forms,
    /// The categories of too many terms for these forms.
    pub(super) left_out: Arc<BTreeSet<Category>>,
    /// The day for which entries count.
    pub(super) day: Option<Date>,
    /// The first day on which others would.
    pub(super) until: Option<Date>,
    pub(super) terms: Arc<Terms>,
    pub(super) delta: Option<Arc<Delta>>,
    /// Of the terms with their kinds: those that are compiled and the changes over them.
    pub(super) hash: Box<SetHash>,
}

/// The rules of the kinds of entries under a policy.
pub(super) struct Grounds {
    /// Of the prompt and of the answer, sorted, so that their order is the same whatever the order of the entries.
    rules: [Vec<Rule>; 2],
    /// For each kind its rule of the prompt and that of the answer.
    numbers: Vec<[Option<usize>; 2]>,
    /// For each kind all that decides a verdict about its terms; none where it does nothing anywhere.
    lines: Vec<Option<String>>,
}

const DIRECTIONS: [Direction; 2] = [Direction::Input, Direction::Output];

impl From<AutomatonError> for EngineError {
    fn from(error: AutomatonError) -> Self {
        Self::Automaton(error.to_string())
    }
}

/// The lexicons in all forms.
#[derive(Clone)]
pub(super) struct AllForms {
    pub(super) written: Lexicons,
    pub(super) backwards: Lexicons,
    pub(super) sounded: Lexicons,
}

impl AllForms {
    /// Compiles the entries that are valid on `day`.
    pub(super) fn compile(
        entries: &[Entry],
        day: Option<Date>,
        policy: &Policy,
    ) -> Result<Self, EngineError> {
        let compile = |forms| Lexicons::compile(forms, entries, day, policy);
        Ok(Self {
            written: compile(Forms::Written)?,
            backwards: compile(Forms::Backwards)?,
            sounded: compile(Forms::Sounded)?,
        })
    }

    pub(super) fn all(&self) -> [&Lexicons; 3] {
        [&self.written, &self.backwards, &self.sounded]
    }

    fn change(&self, removed: &[Entry], added: &[Entry], policy: &Policy) -> Result<Self, EngineError> {
        Ok(Self {
            written: self.written.change(removed, added, policy)?,
            backwards: self.backwards.change(removed, added, policy)?,
            sounded: self.sounded.change(removed, added, policy)?,
        })
    }
}

impl Forms {
    /// The channel that terms in these forms are found by.
    pub(super) const fn channel(self) -> Channel {
        match self {
            Self::Written => Channel::Strict,
            Self::Backwards => Channel::Reversed,
            Self::Sounded => Channel::Pinyin,
        }
    }

    /// The terms of a category at most that are looked for in these forms.
    const fn terms_max(self) -> usize {
        match self {
            Self::Written => usize::MAX,
            Self::Backwards => BACKWARDS_TERMS_MAX,
            Self::Sounded => SOUNDED_TERMS_MAX,
        }
    }

    /// The categories of too many terms for these forms.
    fn left_out<'e>(self, entries: impl Iterator<Item = &'e Entry>) -> BTreeSet<Category> {
        if self == Self::Written {
            return BTreeSet::new();
        }
        let mut counts: BTreeMap<&Category, usize> = BTreeMap::new();
        for entry in entries.filter(|entry| !entry.is_allowed_phrase()) {
            let count = counts.entry(entry.category()).or_default();
            *count = count.saturating_add(1);
        }
        let large = counts.into_iter().filter(|(_, count)| *count > self.terms_max());
        large.map(|(category, _)| category.clone()).collect()
    }

    /// The forms of an entry. An allowed phrase exempts as it is written.
    fn of(self, entry: &Entry) -> Vec<Cow<'_, str>> {
        let term = entry.normalised();
        match self {
            Self::Written => vec![Cow::Borrowed(term)],
            Self::Backwards | Self::Sounded if entry.is_allowed_phrase() => Vec::new(),
            Self::Backwards if !entry.scope().includes(reversed::DIRECTION) => Vec::new(),
            Self::Sounded if !entry.scope().includes(pinyin::DIRECTION) => Vec::new(),
            Self::Backwards => reversed::form(term).map(Cow::Owned).into_iter().collect(),
            Self::Sounded => pinyin::forms(term).into_iter().map(Cow::Owned).collect(),
        }
    }
}

impl Lexicons {
    /// Compiles the entries that are valid on `day`.
    fn compile(
        forms: Forms,
        entries: &[Entry],
        day: Option<Date>,
        policy: &Policy,
    ) -> Result<Self, EngineError> {
        let mut kinds = Kinds::default();
        let mut pairs: Vec<(Cow<'_, str>, u32)> = Vec::with_capacity(entries.len());
        let valid = || entries.iter().filter(|entry| entry.is_valid(day));
        let left_out = forms.left_out(valid());
        for entry in valid().filter(|entry| !left_out.contains(entry.category())) {
            let kind = kinds.number(Kind::of(entry, forms.channel()));
            pairs.extend(forms.of(entry).into_iter().map(|form| (form, kind)));
        }
        let grounds = Grounds::new(&kinds, policy);
        pairs.retain(|(_, kind)| grounds.line(*kind).is_some());
        pairs.sort_unstable();
        pairs.dedup();
        let mut hash = Box::new(SetHash::EMPTY);
        for (text, kind) in &pairs {
            hash.add(&grounds.hashed(text, *kind));
        }
        let texts: Vec<(&str, u32)> = pairs
            .chunk_by(|a, b| a.0 == b.0)
            .filter_map(|same| {
                let set: Vec<u32> = same.iter().map(|(_, kind)| *kind).collect();
                Some((&*same.first()?.0, kinds.set_number(&set)))
            })
            .collect();
        let meanings = grounds.meanings(&kinds, [0, 0])?;
        let terms = Arc::new(Terms::build(&texts, kinds, &meanings)?);
        let until = day.and_then(|day| next_change(entries, day));
        Ok(Self { forms, left_out: Arc::new(left_out), day, until, terms, delta: None, hash })
    }

    fn kinds(&self) -> &Kinds {
        self.delta.as_ref().map_or(&self.terms.kinds, |delta| &delta.kinds)
    }

    /// What a stream looks for, and the rules of both directions, which come behind `before` others.
    fn matcher(&self, policy: &Policy, before: [usize; 2]) -> Result<(Matcher, [Vec<Rule>; 2]), EngineError> {
        let grounds = Grounds::new(self.kinds(), policy);
        let meanings = grounds.meanings(self.kinds(), before)?;
        let (terms, delta) = (Arc::clone(&self.terms), self.delta.clone());
        Ok((Matcher::new(terms, delta, meanings), grounds.rules))
    }

    /// The same with entries taken out and put in.
    fn change(&self, removed: &[Entry], added: &[Entry], policy: &Policy) -> Result<Self, EngineError> {
        let mut kinds = self.kinds().clone();
        let mut changes = self.delta.as_ref().map(|delta| delta.changes.clone()).unwrap_or_default();
        let mut hash = self.hash.clone();
        let valid = added.iter().filter(|entry| entry.is_valid(self.day));
        let gone = removed.iter().map(|entry| (entry, false));
        let mut steps: Vec<(Cow<'_, str>, u32, bool)> = Vec::new();
        let changed = gone.chain(valid.map(|entry| (entry, true)));
        for (entry, is_added) in changed.filter(|(entry, _)| !self.left_out.contains(entry.category())) {
            let kind = kinds.number(Kind::of(entry, self.forms.channel()));
            steps.extend(self.forms.of(entry).into_iter().map(|form| (form, kind, is_added)));
        }
        let grounds = Grounds::new(&kinds, policy);
        for (text, kind, is_added) in &steps {
            let (text, kind, is_added) = (&**text, *kind, *is_added);
            if grounds.line(kind).is_none() {
                continue;
            }
            let set = changes.set_of(&self.terms, text);
            let mut set = set.map_or_else(Vec::new, |set| kinds.set(set).to_vec());
            match (set.binary_search(&kind), is_added) {
                (Err(place), true) => {
                    set.insert(place, kind);
                    hash.add(&grounds.hashed(text, kind));
                }
                (Ok(place), false) => {
                    set.remove(place);
                    hash.remove(&grounds.hashed(text, kind));
                }
                _ => continue,
            }
            let number = kinds.set_number(&set);
            changes.change(&self.terms, text, number, set.is_empty());
        }
        if changes.len() == 0 {
            return Ok(Self { delta: None, hash, ..self.clone() });
        }
        let meanings = grounds.meanings(&kinds, [0, 0])?;
        let delta = Delta::build(&self.terms, changes, kinds, &meanings)?;
        Ok(Self { delta: Some(Arc::new(delta)), hash, ..self.clone() })
    }
}

impl Grounds {
    pub(super) fn new(kinds: &Kinds, policy: &Policy) -> Self {
        let of_kind = |kind: &Kind, direction: Direction| {
            let rule = Rule::of_kind(policy, kind, direction);
            (kind.scope.includes(direction) && !kind.is_allowed() && !rule.is_off()).then_some(rule)
        };
        let rules = DIRECTIONS.map(|direction| {
            let mut rules: Vec<Rule> =
                kinds.kinds().iter().filter_map(|kind| of_kind(kind, direction)).collect();
            rules.sort_by_cached_key(|rule| (rule.line(direction), rule.named));
            rules.dedup();
            rules
        });
        let [input, output] = &rules;
        let find = |rules: &[Rule], kind: &Kind, direction: Direction| {
            let rule = of_kind(kind, direction)?;
            rules.iter().position(|known| *known == rule)
        };
        let numbers = kinds
            .kinds()
            .iter()
            .map(|kind| [find(input, kind, Direction::Input), find(output, kind, Direction::Output)]);
        let numbers: Vec<[Option<usize>; 2]> = numbers.collect();
        let lines = kinds.kinds().iter().zip(&numbers).map(|(kind, numbers)| {
            let lines: Vec<String> = DIRECTIONS
                .into_iter()
                .zip(numbers.iter().zip(&rules))
                .filter_map(|(direction, (number, rules))| Some(rules.get((*number)?)?.line(direction)))
                .collect();
            let does_something = kind.is_allowed() || !lines.is_empty();
            let named = kind.measure.map(Measure::words).unwrap_or_default();
            does_something.then(|| {
                let (scope, audiences) = (kind.scope.as_str(), kind.audiences.words());
                format!("{scope}\t{audiences}\t{named}\t{}\n", lines.join("\t"))
            })
        });
        let lines = lines.collect();
        Self { rules, numbers, lines }
    }

    /// A hash of what all kinds stand for.
    pub(super) fn hash(&self) -> [u8; 32] {
        let lines = self.lines.iter().map(|line| line.as_deref().unwrap_or("\n"));
        lines.fold(Sha256::new(), Sha256::chain_update).finalize().into()
    }

    fn line(&self, kind: u32) -> Option<&str> {
        self.lines.get(kind as usize)?.as_deref()
    }

    /// A term with a kind, as it is hashed.
    fn hashed<'h>(&'h self, text: &'h str, kind: u32) -> [&'h [u8]; 2] {
        [self.line(kind).unwrap_or_default().as_bytes(), text.as_bytes()]
    }

    /// What each set of kinds stands for, where the rules of the lexicons come behind `before` others.
    fn meanings(&self, kinds: &Kinds, before: [usize; 2]) -> Result<Vec<Meaning>, EngineError> {
        let number = |number: usize| RuleId::try_from(number).map_err(|_| EngineError::TooManyRules(number));
        let meaning = |set: &[u32]| {
            let mut meaning = Meaning::default();
            for &kind in set {
                if let Some(kind) = kinds.kinds().get(kind as usize).filter(|kind| kind.is_allowed()) {
                    meaning.allowed = meaning.allowed.or(kind.sides());
                }
                let numbers = self.numbers.get(kind as usize).copied().unwrap_or_default();
                let places = DIRECTIONS.into_iter().zip(numbers).zip(&self.rules).zip(before);
                for ((((direction, place), rules), before), ids) in places.zip(&mut meaning.rules) {
                    let Some(place) = place else { continue };
                    ids.push(number(before.saturating_add(place))?);
                    let on = rules.get(place).map_or(Sides::NONE, |rule| rule.sides(direction));
                    meaning.terms = meaning.terms.or(on);
                }
            }
            for ids in &mut meaning.rules {
                ids.sort_unstable();
                ids.dedup();
            }
            Ok(meaning)
        };
        kinds.sets().iter().map(|set| meaning(set)).collect()
    }
}

impl Rule {
    fn of_kind(policy: &Policy, kind: &Kind, direction: Direction) -> Self {
        let name = format!("lexicon.{}", kind.category);
        let mut rule = Self::new(policy, &name, &kind.category, kind.measure, direction);
        rule.channel = kind.channel;
        for (situation, measure) in Situation::all(direction).zip(&mut rule.measures) {
            if !kind.audiences.contains(situation.audience) {
                *measure = Measure::default();
            } else if kind.channel == Channel::Pinyin && !measure.is_nothing() {
                *measure = Measure::HINT;
            }
        }
        rule
    }

    /// Where it does something.
    fn sides(&self, direction: Direction) -> Sides {
        Situation::all(direction)
            .filter(|situation| !self.measure(*situation).is_nothing())
            .fold(Sides::NONE, |sides, situation| sides.or(side(direction, situation.audience)))
    }
}

impl Engine {
    /// The same rules with entries taken out and put in, in milliseconds where these are few: what was compiled is shared,
    /// and the changes lie over it. The verdicts, and the version, are those of an engine that is compiled anew. A removed
    /// entry is gone however often it was added, and an entry that is added twice is one. Added ones count that are valid on
    /// the day of [`super::EngineBuilder::on`]. Which categories are left out of a channel ([`Engine::left_out`]) is counted
    /// anew when the engine is compiled anew.
    ///
    /// # Errors
    /// The changes are too large, or of too many kinds.
    pub fn with_changes(&self, removed: &[Entry], added: &[Entry]) -> Result<Self, EngineError> {
        let lexicons = self.lexicons.change(removed, added, &self.policy)?;
        Self { lexicons, ..self.clone() }.arm()
    }

    /// The categories of too many terms to be looked for by a channel: more than 100,000 are not read backwards, more than
    /// 20,000 not heard.
    pub fn left_out(&self) -> impl Iterator<Item = (Channel, &Category)> {
        self.lexicons.all().into_iter().flat_map(|lexicons| {
            lexicons.left_out.iter().map(|category| (lexicons.forms.channel(), category))
        })
    }

    /// How many terms differ from what was compiled. Each costs memory and time; past a few thousand it is time to compile
    /// anew beside the traffic.
    #[must_use]
    pub fn delta_len(&self) -> usize {
        self.lexicons.written.delta.as_ref().map_or(0, |delta| delta.changes.len())
    }

    /// Gives both directions the rules and the matchers of the lexicons, and works out the version.
    pub(super) fn arm(self) -> Result<Self, EngineError> {
        let mut input: Vec<Rule> = self.input.rules.get(..self.input.own_rules).unwrap_or_default().to_vec();
        let mut output: Vec<Rule> =
            self.output.rules.get(..self.output.own_rules).unwrap_or_default().to_vec();
        let mut matcher_of = |lexicons: &Lexicons| -> Result<Option<Matcher>, EngineError> {
            let (matcher, [of_input, of_output]) =
                lexicons.matcher(&self.policy, [input.len(), output.len()])?;
            input.extend(of_input);
            output.extend(of_output);
            Ok((!matcher.is_empty()).then_some(matcher))
        };
        let matcher = matcher_of(&self.lexicons.written)?.map(|matcher| Arc::new(matcher.reading_parts()));
        let backwards = matcher_of(&self.lexicons.backwards)?.map(Arc::new);
        let sounds = matcher_of(&self.lexicons.sounded)?.map(|matcher| Arc::new(Sounds::new(matcher)));
        let [of_input, of_output] = [&self.input, &self.output].map(|side| side.patterns.as_deref());
        let quiet = Arc::new(Quiet::of(matcher.as_deref(), of_input, of_output));
        let side = |side: &Side, rules: Vec<Rule>| {
            let quiet = Arc::clone(&quiet);
            let heard = |direction| sounds.clone().filter(|_| pinyin::DIRECTION == direction);
            let (matcher, backwards, sounds) = (matcher.clone(), backwards.clone(), heard(side.direction));
            Arc::new(Side { rules, matcher, quiet, backwards, sounds, ..side.clone() })
        };
        let (input, output) = (side(&self.input, input), side(&self.output, output));
        let hash =
            self.lexicons.all().into_iter().fold(Sha256::new().chain_update(self.frame), |hash, lexicons| {
                hash.chain_update(lexicons.hash.to_bytes())
            });
        let version = hash.finalize().into();
        Ok(Self { input, output, version, ..self })
    }
}
