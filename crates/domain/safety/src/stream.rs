//! Guarding a text channel that arrives in pieces.
//!
//! The machine takes one character at a time and never looks at where a chunk ends. After each one:
//!
//! 1. the lexicon and the detectors of personal data say what is decided by it, and each hit becomes a finding, marks to
//!    mask its span, or the block;
//! 2. the *hold* starts at the first character that a pending hit could begin with. All before it may leave;
//! 3. a hold of more than `hold_bytes_max` bytes is a block, by the rule `limit.hold`.
//!
//! A block ends the channel with the character that decided it. The verdict then has what was decided up to and with
//! that character, and what leaves in all is the text before the hold and before the first blocked span. Both follow
//! from the characters alone, so they are the same for every chunking.

mod cells;
mod release;

use std::sync::Arc;

use crate::class::is_local_start;
use crate::engine::{Rule, Side};
use crate::matcher::{MatcherState, Stepper, TermHit};
use crate::normalise::{Folded, table};
use crate::personal_data::{DataHit, DataState};
use crate::{Action, Category, Finding, Verdict};

pub(crate) use cells::{Cell, Cells};
use release::{Mark, Outlet};

/// Whether a stream goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// More may be pushed.
    Open,
    /// The text is blocked: nothing more leaves.
    Blocked,
}

/// One guarded text channel.
pub struct Stream {
    side: Arc<Side>,
    state: State,
}

/// All of a stream but the rules.
struct State {
    seen: usize,
    cells: Cells,
    /// Where the hold started when it was last looked at, between two original characters. It only moves forward.
    floor: usize,
    /// How many cells there may be before the window is tidied.
    tidy_at: usize,
    matcher: MatcherState,
    data: DataState,
    outlet: Outlet,
    verdict: Verdict,
    phase: Phase,
    term_hits: Vec<TermHit>,
    data_hits: Vec<DataHit>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Open,
    Finished,
    Blocked,
}

/// The chunk being pushed and where its released text goes.
struct Push<'p> {
    chunk: &'p str,
    at: usize,
    out: &'p mut String,
}

/// Cells that are kept before the window is tidied: some times the longest ordinary hold.
const TIDY_CELLS: usize = 1024;
/// Marks that are kept before text is let go in the middle of a push: emitting looks at each mark for each character.
const TIDY_MARKS: usize = 32;

impl Stream {
    pub(crate) fn new(side: Arc<Side>) -> Self {
        let state = State {
            seen: 0,
            cells: Cells::new(),
            floor: 0,
            tidy_at: TIDY_CELLS,
            matcher: MatcherState::default(),
            data: DataState::default(),
            outlet: Outlet::default(),
            verdict: Verdict::default(),
            phase: Phase::Open,
            term_hits: Vec::new(),
            data_hits: Vec::new(),
        };
        Self { side, state }
    }

    /// Takes a chunk and appends to `released` what may leave now, masked where a finding asks for it. Never appends a
    /// character of a blocked span. After a block or [`Stream::finish`] the chunk is counted and dropped.
    pub fn push(&mut self, chunk: &str, released: &mut String) -> Status {
        let at = self.state.seen;
        self.state.seen = at.saturating_add(chunk.len());
        if self.state.phase == Phase::Open {
            self.state.read(&self.side, &mut Push { chunk, at, out: released });
        }
        self.status()
    }

    /// Ends the channel: decides what is pending, appends what may leave, and gives the verdict. After a block, or when
    /// called again, it appends nothing and gives the same verdict.
    pub fn finish(&mut self, released: &mut String) -> Verdict {
        if self.state.phase == Phase::Open {
            self.state.end(&self.side, &mut Push { chunk: "", at: self.state.seen, out: released });
        }
        self.state.verdict.clone()
    }

    /// The original text that is held back. After a block: from where the released text ends to the character that
    /// decided the block.
    #[must_use]
    pub fn held(&self) -> &str {
        self.state.outlet.held()
    }

    /// The verdict so far.
    #[must_use]
    pub const fn verdict(&self) -> &Verdict {
        &self.state.verdict
    }

    /// Whether the channel is blocked.
    #[must_use]
    pub const fn status(&self) -> Status {
        match self.state.phase {
            Phase::Blocked => Status::Blocked,
            Phase::Open | Phase::Finished => Status::Open,
        }
    }

    /// How many bytes were pushed, with those after a block.
    #[must_use]
    pub const fn seen(&self) -> usize {
        self.state.seen
    }

    /// How many bytes of the original text have left: where [`Stream::held`] starts.
    #[must_use]
    pub const fn released(&self) -> usize {
        self.state.outlet.released()
    }
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without text: what is held back must not reach a log.
        f.debug_struct("Stream")
            .field("direction", &self.side.direction)
            .field("status", &self.status())
            .field("seen", &self.seen())
            .field("released", &self.released())
            .finish_non_exhaustive()
    }
}

impl State {
    fn read(&mut self, side: &Side, push: &mut Push<'_>) {
        let table = table();
        let mut stepper = side.matcher.as_ref().map(|matcher| matcher.resume(&self.matcher, &self.cells));
        for (offset, c) in push.chunk.char_indices() {
            let start = push.at.saturating_add(offset);
            let cell = Cell { ch: c, len: u32::try_from(c.len_utf8()).unwrap_or(4), start };
            match table.fold(c) {
                Folded::Dropped => {}
                Folded::One(ch) => self.step(side, stepper.as_mut(), Cell { ch, ..cell }, push),
                Folded::Many(chars) => {
                    for &ch in chars {
                        self.step(side, stepper.as_mut(), Cell { ch, ..cell }, push);
                        if self.phase == Phase::Blocked {
                            break;
                        }
                    }
                }
            }
            self.after(side, cell.end(), push);
            if self.phase == Phase::Blocked {
                return;
            }
        }
        let hold = self.hold(side, self.seen);
        self.floor = hold;
        self.outlet.release(hold, push.chunk, push.at, push.out);
        self.outlet.keep(push.chunk, push.at, self.seen);
    }

    fn end(&mut self, side: &Side, push: &mut Push<'_>) {
        if let Some(matcher) = &side.matcher {
            matcher.finish(&mut self.matcher, &mut self.term_hits);
        }
        self.data.step(side.enabled, None, &self.cells, &mut self.data_hits);
        self.decide(side, self.seen, push);
        if self.phase == Phase::Open {
            self.outlet.release(self.seen, push.chunk, push.at, push.out);
            self.outlet.keep(push.chunk, push.at, self.seen);
            self.phase = Phase::Finished;
        }
    }

    /// Reads one normalised character.
    #[inline]
    fn step(&mut self, side: &Side, stepper: Option<&mut Stepper<'_>>, cell: Cell, push: &mut Push<'_>) {
        let was_idle = self.is_idle();
        let mut depth = 0;
        let mut stepper = stepper;
        if let Some(stepper) = &mut stepper {
            stepper.consume(cell.ch);
            depth = stepper.depth().unwrap_or(0) as usize;
        }
        let begins_data = is_local_start(cell.ch);
        if was_idle && depth == 0 && !begins_data {
            self.cells.skip(cell.ch);
            self.data.pass(cell.ch);
            return;
        }
        self.cells.push(cell);
        self.matcher.set_depth(depth);
        if !self.matcher.is_idle()
            && let (Some(matcher), Some(stepper)) = (&side.matcher, &stepper)
        {
            matcher.settle(&mut self.matcher, stepper, cell.ch, &self.cells, &mut self.term_hits);
        }
        if begins_data || !self.data.is_idle() {
            self.data.step(side.enabled, Some(cell.ch), &self.cells, &mut self.data_hits);
        } else {
            self.data.pass(cell.ch);
        }
        if !self.term_hits.is_empty() || !self.data_hits.is_empty() {
            self.decide(side, cell.end(), push);
        }
    }

    fn is_idle(&self) -> bool {
        self.matcher.is_idle() && self.data.is_idle()
    }

    /// Tidies up after an original character that ends at `end`, and keeps the limit.
    #[inline]
    fn after(&mut self, side: &Side, end: usize, push: &mut Push<'_>) {
        if self.phase == Phase::Blocked {
            return;
        }
        if self.is_idle() {
            self.cells.clear();
            self.floor = end;
            if self.outlet.has_marks() {
                self.outlet.release(end, push.chunk, push.at, push.out);
            }
            return;
        }
        let is_long = end.saturating_sub(self.floor) > side.hold_bytes_max;
        if is_long || self.cells.len() > self.tidy_at || self.outlet.marks() > TIDY_MARKS {
            self.tidy(side, end, push);
        }
    }

    /// Looks where the hold starts, lets go what is before it, and blocks where it is too long.
    #[cold]
    fn tidy(&mut self, side: &Side, end: usize, push: &mut Push<'_>) {
        let hold = self.hold(side, end);
        self.floor = hold;
        self.outlet.release(hold, push.chunk, push.at, push.out);
        self.cells.forget_before(self.pending(side).min(self.matcher.replay_from(&self.cells)));
        self.tidy_at = TIDY_CELLS.max(self.cells.len().saturating_mul(2));
        if end.saturating_sub(hold) > side.hold_bytes_max {
            let finding = || Finding {
                rule: "limit.hold".into(),
                category: Category::HoldLimit,
                action: Action::Block,
                start: hold,
                end,
                normalised: String::new(),
            };
            self.verdict.record(finding, Action::Block);
            self.block(hold, end, push);
        }
    }

    /// The number of the first character that something waits for.
    fn pending(&self, side: &Side) -> usize {
        self.matcher.pending(&self.cells).min(self.data.pending(side.enabled, &self.cells))
    }

    /// Where the hold starts, in bytes; `end` where nothing is held.
    fn hold(&self, side: &Side, end: usize) -> usize {
        if self.is_idle() {
            return end;
        }
        self.cells.get(self.pending(side)).map_or(end, |cell| cell.start)
    }

    /// Turns the hits of one step into findings, marks and the block.
    #[cold]
    fn decide(&mut self, side: &Side, end: usize, push: &mut Push<'_>) {
        let mut term_hits = std::mem::take(&mut self.term_hits);
        let mut data_hits = std::mem::take(&mut self.data_hits);
        // What is still pending now may begin before a hit that is decided now.
        let mut limit = self.hold(side, end);
        for hit in term_hits.drain(..) {
            if let Some(rule) = side.rules.get(hit.rule as usize) {
                let hidden = std::iter::repeat(true);
                limit = limit.min(self.decide_one(rule, hit.start, hit.end, hidden));
            }
        }
        for hit in data_hits.drain(..) {
            let rule = Rule {
                name: hit.kind.rule().into(),
                category: Category::PersonalData,
                action: side.personal_data.of(hit.kind, side.direction),
            };
            let hidden: Vec<bool> = hit.hidden(self.cells.range(hit.start, hit.end)).collect();
            limit = limit.min(self.decide_one(&rule, hit.start, hit.end, hidden.into_iter()));
        }
        // The buffers go back, so that the next hit allocates nothing.
        self.term_hits = term_hits;
        self.data_hits = data_hits;
        if self.verdict.is_blocked() {
            self.block(limit, end, push);
        }
    }

    /// Records one hit; gives the byte it starts at where it blocks, else the greatest number.
    fn decide_one(
        &mut self,
        rule: &Rule,
        start: usize,
        end: usize,
        hidden: impl Iterator<Item = bool> + Clone,
    ) -> usize {
        let cells = self.cells.range(start, end);
        let (Some(first), Some(last)) = (cells.first(), cells.last()) else { return usize::MAX };
        let (from, to) = (first.start, last.end());
        let is_data = rule.category == Category::PersonalData;
        let finding = || Finding {
            rule: rule.name.clone(),
            category: rule.category.clone(),
            action: rule.action,
            start: from,
            end: to,
            normalised: cells
                .iter()
                .zip(hidden.clone())
                .map(|(cell, hide)| if is_data && hide { '*' } else { cell.ch })
                .collect(),
        };
        self.verdict.record(finding, rule.action);
        if rule.action == Action::Mask {
            let mut reached = from;
            for (cell, hide) in cells.iter().zip(hidden) {
                if cell.start > reached {
                    self.outlet.mark(reached, cell.start, Mark::Omit);
                }
                if hide {
                    self.outlet.mark(cell.start, cell.end(), Mark::Hide);
                }
                reached = cell.end();
            }
        }
        if rule.action == Action::Block { from } else { usize::MAX }
    }

    /// Ends the channel at `end`: what is before `limit` leaves, nothing else ever.
    fn block(&mut self, limit: usize, end: usize, push: &mut Push<'_>) {
        self.outlet.release(limit, push.chunk, push.at, push.out);
        self.outlet.keep(push.chunk, push.at, end);
        self.phase = Phase::Blocked;
    }
}
