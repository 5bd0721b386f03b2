//! What is found in a text, by all its readings together, and what becomes of the text for it.

use super::{
    cells::Cells,
    release::{Mark, Outlet},
};
use crate::engine::{Rule, Side};
use crate::matcher::TermHit;
use crate::personal_data::DataHit;
use crate::{Action, Category, Finding, FollowUps, HOLD_RULE, Situation, Verdict};

/// The verdict so far, and the text on its way out.
#[derive(Debug)]
pub(super) struct Ruling {
    pub(super) situation: Situation,
    pub(super) verdict: Verdict,
    pub(super) outlet: Outlet,
    pub(super) term_hits: Vec<TermHit>,
    pub(super) data_hits: Vec<DataHit>,
    /// Where the first span starts that blocks, in bytes; the greatest number while none does.
    pub(super) blocked_from: usize,
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
    /// For each normalised character where its original starts and ends, in bytes.
    pub(crate) origins: Vec<(usize, usize)>,
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
            blocked_from: usize::MAX,
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
                blocked_from = blocked_from.min(self.decide_one(rule, cells, hit.start, hit.end, hidden));
            }
        }
        for hit in data_hits.drain(..) {
            let rule = side.enabled.rule(hit.kind).and_then(|rule| side.rules.get(rule as usize));
            if let Some(rule) = rule {
                let hidden: Vec<bool> = hit.hidden(cells.range(hit.start, hit.end)).collect();
                let hidden = hidden.into_iter();
                blocked_from = blocked_from.min(self.decide_one(rule, cells, hit.start, hit.end, hidden));
            }
        }
        // The buffers go back, so that the next hit allocates nothing.
        self.term_hits = term_hits;
        self.data_hits = data_hits;
        self.blocked_from = self.blocked_from.min(blocked_from);
        blocked_from != usize::MAX
    }

    /// Records one hit; gives the byte it starts at where it blocks, else the greatest number.
    fn decide_one(
        &mut self,
        rule: &Rule,
        cells: &Cells,
        start: usize,
        end: usize,
        hidden: impl Iterator<Item = bool> + Clone,
    ) -> usize {
        let measure = rule.measure(self.situation);
        let cells = cells.range(start, end);
        let (Some(first), Some(last)) = (cells.first(), cells.last()) else { return usize::MAX };
        if measure.is_nothing() {
            return usize::MAX;
        }
        let (from, to) = (first.start, last.end());
        let is_data = rule.category == Category::PersonalData;
        let finding = || Finding {
            rule: rule.name.clone(),
            category: rule.category.clone(),
            action: measure.action,
            then: measure.then,
            start: from,
            end: to,
            normalised: cells
                .iter()
                .zip(hidden.clone())
                .map(|(cell, hide)| if is_data && hide { '*' } else { cell.ch })
                .collect(),
        };
        self.verdict.record(finding, measure);
        if let Some(trace) = &mut self.trace {
            trace.push(Traced {
                rule: rule.name.clone(),
                start: from,
                end: to,
                named: rule.named,
                origins: cells.iter().map(|cell| (cell.start, cell.end())).collect(),
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

    /// Blocks a hold from `hold` to `end` for being too long.
    pub(super) fn block_hold(&mut self, hold: usize, end: usize) {
        let finding = || Finding {
            rule: HOLD_RULE.into(),
            category: Category::HoldLimit,
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
