//! What terms stand for. Of a million terms only few differ in more than their text, so that a term carries a number.

use std::collections::HashMap;

use terms::Direction;

use crate::automaton::Sides;
use crate::bytes::{Reader, Writer};
use crate::engine::RuleId;
use crate::lexicon::{Audiences, Scope};
use crate::{Audience, Category, Channel, Entry, Measure, Situation};

/// All that an entry says beside its text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Kind {
    pub(crate) category: Category,
    pub(crate) measure: Option<Measure>,
    pub(crate) scope: Scope,
    pub(crate) audiences: Audiences,
    /// How its terms stand in a text.
    pub(crate) channel: Channel,
}

/// The kinds of one text, sorted, by their numbers.
pub(crate) type KindSet = Box<[u32]>;

/// The kinds there are and the sets of them, by number.
#[derive(Debug, Clone, Default)]
pub(crate) struct Kinds {
    kinds: Vec<Kind>,
    sets: Vec<KindSet>,
    kind_numbers: HashMap<Kind, u32>,
    set_numbers: HashMap<KindSet, u32>,
}

/// What a set of kinds stands for under the policy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Meaning {
    /// The rules of the prompt, and those of the answer.
    pub(crate) rules: [Vec<RuleId>; 2],
    /// Where some of these rules does something.
    pub(crate) terms: Sides,
    /// Where it is an allowed phrase.
    pub(crate) allowed: Sides,
}

/// The side of one direction and audience.
pub(crate) const fn side(direction: Direction, audience: Audience) -> Sides {
    let row = match direction {
        Direction::Input => 0,
        Direction::Output => 3,
    };
    Sides::one(row + audience as u8)
}

/// The side that a situation is on.
pub(crate) const fn side_of(situation: Situation) -> Sides {
    side(situation.direction, situation.audience)
}

impl Kind {
    pub(crate) fn of(entry: &Entry, channel: Channel) -> Self {
        Self {
            category: entry.category().clone(),
            measure: entry.measure(),
            scope: entry.scope(),
            audiences: entry.audiences(),
            channel,
        }
    }

    /// Whether its terms exempt what they cover.
    pub(crate) fn is_allowed(&self) -> bool {
        self.measure.is_some_and(Measure::is_nothing)
    }

    /// The sides that it speaks about.
    pub(crate) fn sides(&self) -> Sides {
        let all = [Direction::Input, Direction::Output]
            .into_iter()
            .flat_map(|direction| Audience::ALL.map(|audience| (direction, audience)));
        all.filter(|(direction, audience)| {
            self.scope.includes(*direction) && self.audiences.contains(*audience)
        })
        .fold(Sides::NONE, |sides, (direction, audience)| sides.or(side(direction, audience)))
    }
}

impl Kinds {
    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.count(self.kinds.len());
        for kind in &self.kinds {
            writer.text(&kind.category.code());
            writer.text(&kind.measure.map(Measure::words).unwrap_or_default());
            writer.text(kind.scope.as_str());
            writer.text(&kind.audiences.words());
        }
        writer.count(self.sets.len());
        for set in &self.sets {
            writer.count(set.len());
            set.iter().for_each(|kind| writer.number(*kind));
        }
    }

    /// Reads kinds and sets of terms that are found by `channel`; none where the bytes are of no such.
    pub(crate) fn read(reader: &mut Reader<'_>, channel: Channel) -> Option<Self> {
        let mut kinds = Self::default();
        for number in 0..reader.number()? {
            let category = Category::from_code(reader.text()?)?;
            let measure = match reader.text()? {
                "" => None,
                words => Some(Measure::from_words(words)?),
            };
            let scope = Scope::from_word(reader.text()?)?;
            let audiences = Audiences::from_words(reader.text()?)?;
            if kinds.number(Kind { category, channel, measure, scope, audiences }) != number {
                return None;
            }
        }
        for number in 0..reader.number()? {
            let set = reader.records(|kind: [u8; 4]| Some(u32::from_le_bytes(kind)))?;
            let is_sound = set.is_sorted_by(|a, b| a < b)
                && set.last().is_none_or(|last| (*last as usize) < kinds.kinds.len());
            if !is_sound || kinds.set_number(&set) != number {
                return None;
            }
        }
        Some(kinds)
    }

    /// The kinds by their numbers.
    pub(crate) fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// The sets by their numbers.
    pub(crate) fn sets(&self) -> &[KindSet] {
        &self.sets
    }

    /// The kinds of a set.
    pub(crate) fn set(&self, number: u32) -> &[u32] {
        self.sets.get(number as usize).map_or(&[], |set| set)
    }

    /// The number of a kind, a new one where it is new.
    pub(crate) fn number(&mut self, kind: Kind) -> u32 {
        if let Some(number) = self.kind_numbers.get(&kind) {
            return *number;
        }
        let number = count(self.kinds.len());
        self.kinds.push(kind.clone());
        self.kind_numbers.insert(kind, number);
        number
    }

    /// The number of a set, a new one where it is new. `set` is sorted.
    pub(crate) fn set_number(&mut self, set: &[u32]) -> u32 {
        if let Some(number) = self.set_numbers.get(set) {
            return *number;
        }
        let number = count(self.sets.len());
        self.sets.push(set.into());
        self.set_numbers.insert(set.into(), number);
        number
    }
}

/// There are fewer kinds and sets than entries, and of those fewer than an automaton has room for.
fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

impl Meaning {
    /// The rules of the direction that a side belongs to.
    pub(crate) fn rules_on(&self, side: Sides) -> &[RuleId] {
        let [input, output] = &self.rules;
        let is_input = Audience::ALL.into_iter().any(|one| self::side(Direction::Input, one) == side);
        if is_input { input } else { output }
    }
}
