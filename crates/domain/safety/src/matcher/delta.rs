//! What has changed since the terms were compiled: a few texts, so that a list of a million is changed in milliseconds.
//!
//! A text that the compiled automaton knows gets another set of kinds, perhaps an empty one; a new text goes into a small
//! automaton of its own, which reads beside the large one. What follows from a change elsewhere is worked out anew: whether
//! a term is within an allowed phrase, whether a phrase holds a term, and which beginnings lead to something that counts.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::kinds::{Kinds, Meaning};
use super::terms::{Term, Terms};
use super::walk::Walk;
use crate::automaton::{Automaton, AutomatonError, Sides, State};

/// The texts that changed, with the set of kinds that each has now.
#[derive(Debug, Clone, Default)]
pub(crate) struct Changes {
    /// Those of the compiled terms, by number.
    compiled: BTreeMap<u32, (Box<str>, u32)>,
    /// Others.
    extra: BTreeMap<Box<str>, u32>,
}

/// The changes, ready to be looked for.
#[derive(Debug, Clone)]
pub(crate) struct Delta {
    pub(crate) changes: Changes,
    /// Those of the compiled terms, and more.
    pub(crate) kinds: Kinds,
    /// The compiled terms about which something else is to be known now.
    patched: HashMap<u32, Term>,
    /// The states of the large automaton that lead to something else now.
    sides: HashMap<State, Sides>,
    automaton: Automaton,
    terms: Vec<Term>,
}

impl Changes {
    /// The set of kinds that a text has; none where it is no term.
    pub(crate) fn set_of(&self, terms: &Terms, text: &str) -> Option<u32> {
        match terms.automaton.find(text) {
            None => self.extra.get(text).copied(),
            Some(number) => match self.compiled.get(&number) {
                Some((_, set)) => Some(*set),
                None => terms.term(number).map(|term| term.set),
            },
        }
    }

    /// Gives a text another set of kinds; an empty one where `is_nothing`.
    pub(crate) fn change(&mut self, terms: &Terms, text: &str, set: u32, is_nothing: bool) {
        let Some(number) = terms.automaton.find(text) else {
            if is_nothing {
                self.extra.remove(text);
            } else {
                self.extra.insert(text.into(), set);
            }
            return;
        };
        if terms.term(number).is_some_and(|term| term.set == set) {
            self.compiled.remove(&number);
        } else {
            self.compiled.insert(number, (text.into(), set));
        }
    }

    /// How many texts differ from what was compiled.
    pub(crate) fn len(&self) -> usize {
        self.compiled.len().saturating_add(self.extra.len())
    }

    fn texts(&self) -> impl Iterator<Item = &str> {
        self.compiled.values().map(|(text, _)| &**text).chain(self.extra.keys().map(|text| &**text))
    }
}

impl Delta {
    /// Works out what follows from the changes. `meanings` are those of all sets of `kinds`.
    pub(crate) fn build(
        terms: &Terms,
        changes: Changes,
        kinds: Kinds,
        meanings: &[Meaning],
    ) -> Result<Self, AutomatonError> {
        let texts: Vec<&str> = changes.extra.keys().map(|text| &**text).collect();
        let automaton = Automaton::build(&texts)?;
        let extra = changes.extra.iter().map(|(text, set)| Term::new(text, *set)).collect();
        let patched = changes.compiled.iter().filter_map(|(number, (_, set))| {
            let term = terms.term(*number)?;
            Some((*number, Term { set: *set, ..term }))
        });
        let patched: HashMap<u32, Term> = patched.collect();
        let mut delta = Self { changes, kinds, patched, sides: HashMap::new(), automaton, terms: extra };
        let changed = Changed { terms, meanings };
        let affected = changed.refresh(&mut delta)?;
        for (text, term) in delta.changes.extra.keys().zip(&delta.terms) {
            delta.automaton.extend(text, term.live);
        }
        delta.sides = changed.sides(&delta, &affected);
        Ok(delta)
    }

    /// Whether some new term holds a character.
    pub(super) fn knows(&self, c: char) -> bool {
        self.automaton.knows(c)
    }

    /// Moves its own automaton on; gives how long the longest beginning is that counts, of either automaton.
    #[inline]
    pub(super) fn advance(&self, terms: &Terms, walk: &mut Walk, next: char) -> u8 {
        walk.extra = self.automaton.next(walk.extra, next);
        self.depth(terms, walk)
    }

    /// How long the longest beginning is that counts, of either automaton.
    #[inline]
    pub(super) fn depth(&self, terms: &Terms, walk: &Walk) -> u8 {
        let counts = |at: State, sides: Sides| self.sides.get(&at).copied().unwrap_or(sides).meets(walk.side);
        let depth = if self.sides.is_empty() {
            terms.automaton.depth_on(walk.base, walk.side)
        } else {
            terms.automaton.depth_where(walk.base, counts)
        };
        depth.max(self.automaton.depth_on(walk.extra, walk.side))
    }

    #[inline]
    pub(super) fn has_outputs(&self, state: State) -> bool {
        self.automaton.has_outputs(state)
    }

    /// What is to be known about a compiled term, where that has changed.
    pub(super) fn patched(&self, number: u32) -> Option<Term> {
        self.patched.get(&number).copied()
    }

    /// The terms of its own that end in a state.
    pub(super) fn ending(&self, state: State) -> impl Iterator<Item = Term> + '_ {
        self.automaton.outputs(state).filter_map(|number| self.terms.get(number as usize).copied())
    }
}

/// A term by the automaton that knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Compiled(u32),
    Extra(u32),
}

/// The terms before a change, and the meanings after it.
#[derive(Clone, Copy)]
struct Changed<'a> {
    terms: &'a Terms,
    meanings: &'a [Meaning],
}

impl<'a> Changed<'a> {
    /// Writes anew what is to be known about each term that a change touches; gives the texts of compiled ones among them.
    fn refresh(self, delta: &mut Delta) -> Result<BTreeMap<u32, String>, AutomatonError> {
        let phrases = self.phrases(delta);
        // A change touches the changed texts, what stands in a changed phrase, and what stands in a phrase beside a
        // changed term.
        let changed: BTreeSet<&str> = delta.changes.texts().collect();
        let watch = Automaton::build(&changed.iter().copied().collect::<Vec<&str>>())?;
        let mut affected: BTreeMap<String, Place> = BTreeMap::new();
        for text in &changed {
            affected.extend(self.place(delta, text).map(|place| ((*text).to_owned(), place)));
        }
        for text in phrases.iter().map(|(text, _)| *text).chain(changed.iter().copied()) {
            let mut state = watch.start();
            let is_touched = text.chars().any(|c| {
                state = watch.next(state, c);
                watch.has_outputs(state)
            });
            if is_touched {
                self.each_inside(delta, text, |inner, place| {
                    affected.insert(inner, place);
                });
            }
        }
        let mut fresh: Vec<Term> = affected.values().filter_map(|place| self.term(delta, *place)).collect();
        for term in &mut fresh {
            term.within = Sides::NONE;
            term.live = self.meaning(term.set).map_or(Sides::NONE, |meaning| meaning.terms);
        }
        let names: Vec<&str> = affected.keys().map(String::as_str).collect();
        let watch = Automaton::build(&names)?;
        for (text, on) in &phrases {
            let mut state = watch.start();
            for c in text.chars() {
                state = watch.next(state, c);
                for number in watch.outputs(state) {
                    let Some(term) = fresh.get_mut(number as usize) else { continue };
                    let on = self.meaning(term.set).map_or(Sides::NONE, |meaning| meaning.terms.and(*on));
                    term.within = term.within.or(on);
                }
            }
            if let Some(number) = watch.find(text) {
                let mut holds = Sides::NONE;
                self.each_inside(delta, text, |_, place| {
                    let terms = self.term(delta, place).and_then(|term| self.meaning(term.set));
                    holds = holds.or(terms.map_or(Sides::NONE, |meaning| meaning.terms.and(*on)));
                });
                if let Some(term) = fresh.get_mut(number as usize) {
                    term.live = term.live.or(holds);
                }
            }
        }
        let mut compiled = BTreeMap::new();
        for ((text, place), term) in affected.into_iter().zip(fresh) {
            match place {
                Place::Compiled(number) => {
                    if self.terms.term(number) == Some(term) {
                        delta.patched.remove(&number);
                    } else {
                        delta.patched.insert(number, term);
                        compiled.insert(number, text);
                    }
                }
                Place::Extra(number) => {
                    if let Some(slot) = delta.terms.get_mut(number as usize) {
                        *slot = term;
                    }
                }
            }
        }
        Ok(compiled)
    }

    /// All allowed phrases after the change, with where they are allowed.
    fn phrases<'d>(self, delta: &'d Delta) -> Vec<(&'d str, Sides)>
    where
        'a: 'd,
    {
        let allowed = |set: u32| self.meaning(set).map_or(Sides::NONE, |meaning| meaning.allowed);
        let compiled = self.terms.allowed.iter().filter(|(_, number)| !delta.patched.contains_key(number));
        let compiled = compiled
            .filter_map(|(text, number)| self.terms.term(number).map(|term| (text, allowed(term.set))));
        let patched = delta.changes.compiled.values().map(|(text, set)| (&**text, allowed(*set)));
        let extra = delta.changes.extra.iter().map(|(text, set)| (&**text, allowed(*set)));
        compiled.chain(patched).chain(extra).filter(|(_, on)| *on != Sides::NONE).collect()
    }

    /// Calls `each` for every occurrence of a term inside a text.
    fn each_inside(self, delta: &Delta, text: &str, mut each: impl FnMut(String, Place)) {
        let chars: Vec<char> = text.chars().collect();
        let (mut base, mut extra) = (State::START, State::START);
        for (c, end) in chars.iter().zip(1_usize..) {
            base = self.terms.automaton.next(base, *c);
            extra = delta.automaton.next(extra, *c);
            let compiled = self.terms.automaton.outputs(base).map(Place::Compiled);
            for place in compiled.chain(delta.automaton.outputs(extra).map(Place::Extra)) {
                let Some(term) = self.term(delta, place) else { continue };
                let start = end.saturating_sub(usize::from(term.chars));
                each(chars.get(start..end).unwrap_or_default().iter().collect(), place);
            }
        }
    }

    fn place(self, delta: &Delta, text: &str) -> Option<Place> {
        let compiled = self.terms.automaton.find(text).map(Place::Compiled);
        compiled.or_else(|| delta.automaton.find(text).map(Place::Extra))
    }

    fn term(self, delta: &Delta, place: Place) -> Option<Term> {
        match place {
            Place::Compiled(number) => delta.patched(number).or_else(|| self.terms.term(number)),
            Place::Extra(number) => delta.terms.get(number as usize).copied(),
        }
    }

    fn meaning(self, set: u32) -> Option<&'a Meaning> {
        self.meanings.get(set as usize)
    }

    /// The states on the way to the patched terms from which other sides are reached than was compiled.
    fn sides(self, delta: &Delta, patched: &BTreeMap<u32, String>) -> HashMap<State, Sides> {
        let automaton = &self.terms.automaton;
        let moved = patched.iter().filter(|(number, _)| {
            let live = |term: Option<Term>| term.map(|term| term.live);
            live(self.terms.term(**number)) != live(delta.patched(**number))
        });
        let mut states: Vec<State> = moved
            .flat_map(|(_, text)| automaton.path(text).flatten())
            .collect::<BTreeSet<State>>()
            .into_iter()
            .collect();
        states.sort_by_key(|state| std::cmp::Reverse(automaton.depth(*state)));
        let mut sides: HashMap<State, Sides> = HashMap::new();
        for state in states {
            let own = automaton.own_of(state).and_then(|n| delta.patched(n).or_else(|| self.terms.term(n)));
            let own = own.map_or(Sides::NONE, |term| term.live);
            let reached = automaton.children(state).fold(own, |reached, child| {
                reached.or(sides.get(&child).copied().unwrap_or_else(|| automaton.sides(child)))
            });
            if reached != automaton.sides(state) {
                sides.insert(state, reached);
            }
        }
        sides
    }
}
