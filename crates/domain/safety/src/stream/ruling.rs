//! What is found in a text, by all its readings together, and what becomes of the text for it.

use super::{
    cells::{Cell, Cells},
    release::{Mark, Outlet},
};
use crate::channels::{pinyin::SoundHit, reversed};
use crate::engine::{Rule, Side};
use crate::matcher::{Read, TermHit};
use crate::personal_data::DataHit;
use crate::{Action, Category, Channel, Finding, FollowUps, HOLD_RULE, Measure, Situation, Verdict};

/// The verdict so far, and the text on its way out.
#[derive(Debug)]
pub(super) struct Ruling {
    pub(super) situation: Situation,
    pub(super) verdict: Verdict,
    pub(super) outlet: Outlet,
    pub(super) term_hits: Vec<TermHit>,
    pub(super) data_hits: Vec<DataHit>,
    pub(super) sound_hits: Vec<SoundHit>,
    /// Where the first span starts that blocks, in bytes; the greatest number while none does.
    pub(super) blocked_from: usize,
    /// What a guard model would be asked about is blocked.
    pub(super) blocks_asked: bool,
    /// Of every hit what an explanation needs, where one is asked for.
    pub(super) trace: Option<Vec<Traced>>,
}

/// What an explanation needs of a hit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Traced {
    pub(crate) rule: String,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// The action that its entry names.
    pub(crate) named: Option<Action>,
    /// It is worth a look alone.
    pub(crate) is_hint: bool,
    /// For each normalised character where its original starts and ends, in bytes.
    pub(crate) origins: Vec<(usize, usize)>,
}

/// Characters that are a hit, and how they were read.
#[derive(Clone, Copy)]
struct Hit<'c> {
    cells: &'c [Cell],
    /// The number of the first of them.
    first: usize,
    channel: Channel,
    is_hint: bool,
    /// What was read, where that is not the cells one by one.
    read: Option<&'c [Read]>,
}

impl<'c> Hit<'c> {
    /// By a channel of its own, backwards, or out of an encoding.
    fn channel_of(self, rule: &Rule) -> Channel {
        let encoded = self.cells.iter().map(|cell| cell.encoding);
        [self.channel, rule.channel]
            .into_iter()
            .chain(encoded)
            .find(|channel| *channel != Channel::Strict)
            .unwrap_or_default()
    }

    /// Whether it was found backwards and may be so by chance, as every second disguise on top may.
    fn is_doubtful_backwards(self, rule: &Rule) -> bool {
        rule.channel == Channel::Reversed
            && (self.channel != Channel::Strict || reversed::is_hint(self.cells.iter().map(|cell| cell.ch)))
    }

    /// The characters that were read, with where each comes from in bytes.
    fn characters(self, rule: &Rule) -> impl Iterator<Item = (char, (usize, usize))> + use<'c> {
        let place = |cells: &[Cell]| {
            let (start, end) = (cells.first().map(|cell| cell.start), cells.last().map(|cell| cell.end()));
            (start.unwrap_or(0), end.unwrap_or(0))
        };
        let of_cells = move |one: &Read| {
            let local = |number: usize| number.saturating_sub(self.first);
            (one.ch, place(self.cells.get(local(one.start)..local(one.end)).unwrap_or_default()))
        };
        let mut read: Vec<(char, (usize, usize))> = match self.read {
            Some(read) => read.iter().map(of_cells).collect(),
            None => self.cells.iter().map(|cell| (cell.ch, (cell.start, cell.end()))).collect(),
        };
        if rule.channel == Channel::Reversed {
            read.reverse();
        }
        read.into_iter()
    }
}

impl Traced {
    /// Whether `finding` is of this hit.
    pub(crate) fn is_of(&self, finding: &Finding) -> bool {
        (self.start, self.end) == (finding.start, finding.end) && self.rule == finding.rule
    }
}

impl Ruling {
    pub(super) fn new(situation: Situation) -> Self {
        Self {
            situation,
            verdict: Verdict::default(),
            outlet: Outlet::default(),
            term_hits: Vec::new(),
            data_hits: Vec::new(),
            sound_hits: Vec::new(),
            blocked_from: usize::MAX,
            blocks_asked: false,
            trace: None,
        }
    }

    #[inline]
    pub(super) const fn has_hits(&self) -> bool {
        !self.term_hits.is_empty() || !self.data_hits.is_empty()
    }

    #[inline]
    pub(super) const fn is_blocked(&self) -> bool {
        self.blocked_from != usize::MAX
    }

    /// Turns the hits that were just found among `cells` into findings and marks. Tells whether any of them blocks.
    #[cold]
    pub(super) fn decide(&mut self, side: &Side, cells: &Cells) -> bool {
        let mut term_hits = std::mem::take(&mut self.term_hits);
        let mut data_hits = std::mem::take(&mut self.data_hits);
        let mut blocked_from = usize::MAX;
        for hit in term_hits.drain(..) {
            if let Some(rule) = side.rules.get(hit.rule as usize) {
                let hidden = std::iter::repeat(true);
                let range = cells.range(hit.start, hit.end);
                let found = Hit {
                    cells: range,
                    first: hit.start,
                    channel: hit.channel,
                    is_hint: hit.is_hint,
                    read: hit.read.as_deref(),
                };
                blocked_from = blocked_from.min(self.decide_one(rule, found, hidden));
            }
        }
        for hit in data_hits.drain(..) {
            let rule = side.enabled.rule(hit.kind).and_then(|rule| side.rules.get(rule as usize));
            if let Some(rule) = rule {
                let hidden: Vec<bool> = hit.hidden(cells.range(hit.start, hit.end)).collect();
                let range = cells.range(hit.start, hit.end);
                let found = Hit {
                    cells: range,
                    first: hit.start,
                    channel: Channel::Strict,
                    is_hint: false,
                    read: None,
                };
                blocked_from = blocked_from.min(self.decide_one(rule, found, hidden.into_iter()));
            }
        }
        // The buffers go back, so that the next hit allocates nothing.
        self.term_hits = term_hits;
        self.data_hits = data_hits;
        self.blocked_from = self.blocked_from.min(blocked_from);
        blocked_from != usize::MAX
    }

    /// Turns what was found by sound into findings. They never block.
    #[cold]
    pub(super) fn decide_sounds(&mut self, side: &Side) {
        for hit in std::mem::take(&mut self.sound_hits) {
            let Some(rule) = side.rules.get(hit.rule as usize) else { continue };
            let measure = rule.measure(self.situation);
            if measure.is_nothing() {
                continue;
            }
            let finding = || Finding {
                rule: rule.name.clone(),
                category: rule.category.clone(),
                channel: rule.channel,
                action: measure.action,
                then: measure.then,
                start: hit.start,
                end: hit.end,
                normalised: hit.read.iter().map(|read| read.0).collect(),
            };
            self.verdict.record(finding, measure);
            if let Some(trace) = &mut self.trace {
                trace.push(Traced {
                    rule: rule.name.clone(),
                    start: hit.start,
                    end: hit.end,
                    named: rule.named,
                    is_hint: true,
                    origins: hit.read.iter().map(|read| (read.1, read.2)).collect(),
                });
            }
        }
    }

    /// Records one hit; gives the byte it starts at where it blocks, else the greatest number.
    fn decide_one(&mut self, rule: &Rule, hit: Hit<'_>, hidden: impl Iterator<Item = bool> + Clone) -> usize {
        let measure = rule.measure(self.situation);
        let is_hint = hit.is_hint || hit.is_doubtful_backwards(rule);
        let measure = if is_hint && !measure.is_nothing() { Measure::HINT } else { measure };
        let measure = self.unanswered(measure);
        let cells = hit.cells;
        let (Some(first), Some(last)) = (cells.first(), cells.last()) else { return usize::MAX };
        if measure.is_nothing() {
            return usize::MAX;
        }
        let (from, to) = (first.start, last.end());
        let is_data = rule.category.is_confidential();
        let finding = || Finding {
            rule: rule.name.clone(),
            category: rule.category.clone(),
            channel: hit.channel_of(rule),
            action: measure.action,
            then: measure.then,
            start: from,
            end: to,
            normalised: match is_data {
                false => hit.characters(rule).map(|read| read.0).collect(),
                true => cells
                    .iter()
                    .zip(hidden.clone())
                    .map(|(cell, hide)| if hide { '*' } else { cell.ch })
                    .collect(),
            },
        };
        self.verdict.record(finding, measure);
        if let Some(trace) = &mut self.trace {
            trace.push(Traced {
                rule: rule.name.clone(),
                start: from,
                end: to,
                named: rule.named,
                is_hint,
                origins: hit.characters(rule).map(|read| read.1).collect(),
            });
        }
        if measure.action == Action::Mask {
            let mut reached = from;
            for (cell, hide) in cells.iter().zip(hidden) {
                if cell.start > reached {
                    self.outlet.mark(reached, cell.start, Mark::Omit);
                }
                if hide && !cell.is_syntax() {
                    self.outlet.mark(cell.start, cell.end(), Mark::Hide);
                }
                reached = cell.end();
            }
        }
        if measure.action == Action::Block { from } else { usize::MAX }
    }

    /// Where nobody answers what a guard would be asked, that may block.
    const fn unanswered(&self, measure: Measure) -> Measure {
        if self.blocks_asked && measure.then.contains(FollowUps::ASK_GUARD) {
            Measure { action: Action::Block, then: measure.then }
        } else {
            measure
        }
    }

    /// Records what a rule of the passage scorer says of the passage from `start` to `end`. Where it blocks, nothing from
    /// `blocks_from` on leaves.
    #[cold]
    pub(super) fn decide_passage(&mut self, rule: &Rule, start: usize, end: usize, blocks_from: usize) {
        let measure = self.unanswered(rule.measure(self.situation));
        if measure.is_nothing() {
            return;
        }
        // A whole passage is not hidden character by character.
        let action = if measure.action == Action::Mask { Action::Block } else { measure.action };
        let finding = || Finding {
            rule: rule.name.clone(),
            category: rule.category.clone(),
            channel: rule.channel,
            action,
            then: measure.then,
            start,
            end,
            normalised: String::new(),
        };
        self.verdict.record(finding, Measure { action, ..measure });
        if let Some(trace) = &mut self.trace {
            trace.push(Traced {
                rule: rule.name.clone(),
                start,
                end,
                named: rule.named,
                is_hint: false,
                origins: Vec::new(),
            });
        }
        if action == Action::Block {
            self.blocked_from = self.blocked_from.min(blocks_from);
        }
    }

    /// Blocks a hold from `hold` to `end` for being too long.
    pub(super) fn block_hold(&mut self, hold: usize, end: usize) {
        let finding = || Finding {
            rule: HOLD_RULE.into(),
            category: Category::HoldLimit,
            channel: Channel::Strict,
            action: Action::Block,
            then: FollowUps::NONE,
            start: hold,
            end,
            normalised: String::new(),
        };
        self.verdict.record(finding, Action::Block.into());
        self.blocked_from = self.blocked_from.min(hold);
    }
}
