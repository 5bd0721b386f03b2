//! Guarding a text channel that arrives in pieces.
//!
//! The machine takes one character at a time and never looks at where a chunk ends; characters that nothing but terms can
//! begin with are read in runs, to the same end. After each one:
//!
//! 1. the lexicon and the detectors of personal data say what is decided by it, and each hit becomes a finding, marks to
//!    mask its span, or the block;
//! 2. the *hold* starts at the first character that a pending hit could begin with. All before it may leave;
//! 3. a passage scorer, where one is on, scores at fixed positions (`passage`), and may hold its passage until then;
//! 4. a hold of more than `hold_bytes_max` bytes is a block, by the rule `limit.hold`.
//!
//! A text may have more than one reading: as it stands, with its JSON escape sequences read (`track`), and where it comes
//! in parts ([`Stream::next_part`]) each part alone. Whatever is found in any of them counts, and the hold is the longest
//! of theirs.
//!
//! A block ends the channel with the character that decided it. The verdict then has what was decided up to and with
//! that character, and what leaves in all is the text before the hold and before the first blocked span. Both follow
//! from the characters alone, so they are the same for every chunking.

mod base64;
mod cells;
mod escapes;
mod passage;
mod reading;
mod release;
mod ruling;
mod track;

use std::sync::Arc;

use terms::Direction;

use crate::engine::Side;
use crate::normalise::{Table, table};
use crate::{Situation, Verdict};

use base64::Base64;
pub(crate) use base64::is_of_base64;
pub(crate) use cells::{Cell, Cells};
use escapes::Piece;
use passage::PassageReader;
use reading::Reading;
use ruling::Ruling;
pub(crate) use ruling::Traced;
use track::Track;

/// Goes into [`crate::Engine::version`]; raise it when texts are read differently: what is read as an escape sequence, how
/// often, or how parts are joined.
pub(crate) const VERSION: u32 = 1;

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
    track: Track,
    /// The present part by itself, while that reads differently.
    part: Option<Box<Track>>,
    /// What is read out of Base64, in prompts.
    base64: Option<Box<Base64>>,
    /// The passage scorer, where one is on and a character was read.
    passage: Option<Box<PassageReader>>,
    /// Where the hold started when it was last looked at, between two original characters. It only moves forward.
    floor: usize,
    /// How many cells there may be before the window is tidied.
    tidy_at: usize,
    ruling: Ruling,
    phase: Phase,
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
/// Text for which a large automaton gets ready at once.
const WARM_BYTES: usize = 96;
/// Marks that are kept before text is let go in the middle of a push: emitting looks at each mark for each character.
const TIDY_MARKS: usize = 32;

impl Stream {
    pub(crate) fn new(side: Arc<Side>, situation: Situation) -> Self {
        let state = State {
            seen: 0,
            track: Track::new(Reading::new(situation)),
            part: None,
            base64: None,
            passage: None,
            floor: 0,
            tidy_at: TIDY_CELLS,
            ruling: Ruling::new(situation),
            phase: Phase::Open,
        };
        Self { side, state }
    }

    /// Blocks what a guard model would be asked about: for text that cannot wait for its judgement.
    #[must_use]
    pub const fn without_guard(mut self) -> Self {
        self.state.ruling.blocks_asked = true;
        self
    }

    /// Keeps of every hit what an explanation needs.
    pub(crate) fn traced(mut self) -> Self {
        self.state.ruling.trace = Some(Vec::new());
        self
    }

    /// What was kept of the hits, in the order they were decided.
    pub(crate) fn take_trace(&mut self) -> Vec<Traced> {
        self.state.ruling.trace.take().unwrap_or_default()
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

    /// What comes next is another part of the same text: it is read as the continuation of what came before, and by itself.
    ///
    /// What the end of the last part decides is appended to `released` as by [`Stream::push`]. Where something of it is
    /// held, [`Stream::crossings`] tells later where in the output the new part begins.
    pub fn next_part(&mut self, released: &mut String) -> Status {
        if self.state.phase == Phase::Open {
            self.state.begin_part(&self.side, &mut Push { chunk: "", at: self.state.seen, out: released });
        }
        self.status()
    }

    /// For each part that began while something was held, and whose beginning the output has come to since the last call:
    /// how long `released` was there, in bytes.
    pub fn crossings(&mut self) -> Vec<usize> {
        self.state.ruling.outlet.take_crossed()
    }

    /// Ends the channel: decides what is pending, appends what may leave, and gives the verdict. After a block, or when
    /// called again, it appends nothing and gives the same verdict.
    pub fn finish(&mut self, released: &mut String) -> Verdict {
        if self.state.phase == Phase::Open {
            self.state.end(&self.side, &mut Push { chunk: "", at: self.state.seen, out: released });
        }
        self.state.ruling.verdict.clone()
    }

    /// The original text that is held back. After a block: from where the released text ends to the character that
    /// decided the block.
    #[must_use]
    pub fn held(&self) -> &str {
        self.state.ruling.outlet.held()
    }

    /// The verdict so far.
    #[must_use]
    pub const fn verdict(&self) -> &Verdict {
        &self.state.ruling.verdict
    }

    /// Whether the channel is blocked.
    #[must_use]
    pub const fn status(&self) -> Status {
        match self.state.phase {
            Phase::Blocked => Status::Blocked,
            Phase::Open | Phase::Finished => Status::Open,
        }
    }

    /// The situation it is guarded in.
    #[must_use]
    pub const fn situation(&self) -> Situation {
        self.state.ruling.situation
    }

    /// How many bytes were pushed, with those after a block.
    #[must_use]
    pub const fn seen(&self) -> usize {
        self.state.seen
    }

    /// How many bytes of the original text have left: where [`Stream::held`] starts.
    #[must_use]
    pub const fn released(&self) -> usize {
        self.state.ruling.outlet.released()
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
        if side.direction == Direction::Input && side.matcher.is_some() && self.base64.is_none() {
            self.base64 = Some(Box::new(Base64::new(self.ruling.situation)));
        }
        let mut from = 0;
        while from < push.chunk.len() && self.phase == Phase::Open {
            if self.track.is_plain() && self.part.is_none() {
                let rest = push.chunk.get(from..).unwrap_or_default();
                let [a, b, c] = escapes::STARTS;
                let plain = memchr::memchr3(a, b, c, rest.as_bytes()).unwrap_or(rest.len());
                self.read_plain(side, push, from, rest.get(..plain).unwrap_or_default());
                from = from.saturating_add(plain);
                if plain == rest.len() || self.phase == Phase::Blocked {
                    break;
                }
            }
            from = self.read_apart(side, push, from);
        }
        if self.phase == Phase::Open {
            self.release(side, self.seen, push);
        }
    }

    /// Reads a piece of the chunk in which no escape sequence begins while there is one reading. Nearly all text comes this way.
    fn read_plain(&mut self, side: &Side, push: &mut Push<'_>, from: usize, text: &str) {
        let table = table();
        let large = side.matcher.as_deref().filter(|matcher| matcher.is_large());
        // Up to where the automaton is ready.
        let mut ready = if large.is_some() { 0 } else { text.len() };
        let mut done = 0_usize;
        while let Some(rest) = text.get(done..).filter(|rest| !rest.is_empty()) {
            if let Some(matcher) = large
                && done >= ready
            {
                let next = rest.get(..rest.floor_char_boundary(WARM_BYTES)).unwrap_or_default();
                matcher.warm(next.chars().map(|c| table.fold_one(c)));
                ready = done.saturating_add(next.len());
            }
            let start = push.at.saturating_add(from).saturating_add(done);
            let part = text.get(done..ready).unwrap_or_default();
            let read = self.read_run(side, table, part, start, push);
            if self.phase == Phase::Blocked {
                return;
            }
            done = done.saturating_add(read);
            if read == part.len() {
                continue;
            }
            let Some(c) = rest.get(read..).and_then(|rest| rest.chars().next()) else { return };
            let piece = Piece::plain(c, start.saturating_add(read));
            done = done.saturating_add(c.len_utf8());
            self.track.plain.read(side, table, piece, &mut self.ruling);
            if let Some(base64) = &mut self.base64 {
                base64.read(side, table, piece, &mut self.ruling);
            }
            PassageReader::read(&mut self.passage, side, table, piece, &mut self.ruling);
            if self.ruling.is_blocked() {
                return self.block(side, piece.end, push);
            }
            self.go_past_plain(side, piece.end, push);
            if self.phase == Phase::Blocked {
                return;
            }
        }
    }

    /// After an original character that ends at `end`, while there is one reading.
    #[inline]
    fn go_past_plain(&mut self, side: &Side, end: usize, push: &mut Push<'_>) {
        if self.track.plain.is_idle() {
            self.track.plain.cells.clear();
        }
        if self.track.plain.is_idle() && self.has_no_base64() {
            self.rest(side, end, push);
        } else {
            self.tidy_where_due(side, end, self.track.plain.cells.len(), push);
        }
    }

    /// Reads the run that `text` begins with, which starts at `start`; gives how many bytes it has.
    fn read_run(
        &mut self,
        side: &Side,
        table: &Table,
        text: &str,
        start: usize,
        push: &mut Push<'_>,
    ) -> usize {
        let base64_waits = self.base64.as_ref().is_some_and(|base64| !base64.is_at_rest());
        if base64_waits || self.ruling.outlet.has_marks() {
            return 0;
        }
        // No hold within the run is longer than the limit, so that it need not be looked at there.
        let room = side.hold_bytes_max.saturating_sub(start.saturating_sub(self.floor));
        let text = text.get(..text.floor_char_boundary(room)).unwrap_or_default();
        let run = self.track.plain.run(side, table, text);
        let is_listening = self.track.plain.is_listening(side);
        if is_listening || side.scoring.is_some() {
            for (offset, c) in text.get(..run.bytes).unwrap_or_default().char_indices() {
                let piece = Piece::plain(c, start.saturating_add(offset));
                if is_listening {
                    self.track.plain.listen(side, table, piece, &mut self.ruling);
                }
                PassageReader::read(&mut self.passage, side, table, piece, &mut self.ruling);
                if self.ruling.is_blocked() {
                    let read = text.get(..offset.saturating_add(c.len_utf8())).unwrap_or_default();
                    self.block_in_run(side, table, read, start, push);
                    return read.len();
                }
            }
        }
        if run.bytes > 0 {
            self.track.plain.follow(table, text, run, start);
            self.go_past_plain(side, start.saturating_add(run.bytes), push);
        }
        run.bytes
    }

    /// Ends the channel with the last character of `read`, up to which a run was heard. What would be over with the next one
    /// is pending then, so that the end of it is no run.
    #[cold]
    fn block_in_run(&mut self, side: &Side, table: &Table, read: &str, start: usize, push: &mut Push<'_>) {
        let run = self.track.plain.run(side, table, read);
        if run.bytes > 0 {
            self.track.plain.follow(table, read, run, start);
        }
        self.track.plain.deafen();
        for (offset, c) in read.get(run.bytes..).unwrap_or_default().char_indices() {
            let piece = Piece::plain(c, start.saturating_add(run.bytes).saturating_add(offset));
            self.track.plain.read(side, table, piece, &mut self.ruling);
            if let Some(base64) = &mut self.base64 {
                base64.read(side, table, piece, &mut self.ruling);
            }
        }
        self.block(side, start.saturating_add(read.len()), push);
    }

    /// Reads on while there are several readings, or to the end of the chunk; gives how far it came.
    fn read_apart(&mut self, side: &Side, push: &mut Push<'_>, from: usize) -> usize {
        let table = table();
        for (offset, c) in push.chunk.get(from..).unwrap_or_default().char_indices() {
            let start = push.at.saturating_add(from).saturating_add(offset);
            let piece = Piece::plain(c, start);
            self.track.read(side, table, piece, &mut self.ruling);
            if let Some(part) = &mut self.part {
                part.read(side, table, piece, &mut self.ruling);
            }
            if let Some(base64) = &mut self.base64 {
                base64.read(side, table, piece, &mut self.ruling);
            }
            PassageReader::read(&mut self.passage, side, table, piece, &mut self.ruling);
            if self.ruling.is_blocked() {
                self.block(side, piece.end, push);
                return push.chunk.len();
            }
            let cells =
                self.track.settle().max(self.part.as_mut().map(|part| part.settle()).unwrap_or_default());
            self.track.join();
            if let Some(part) = &mut self.part {
                part.join();
            }
            if self.part.as_ref().is_some_and(|part| part.agrees(&self.track)) {
                self.part = None;
            }
            let is_idle = self.track.is_idle() && self.part.as_ref().is_none_or(|part| part.is_idle());
            if is_idle && self.has_no_base64() {
                self.rest(side, piece.end, push);
            } else {
                self.tidy_where_due(side, piece.end, cells, push);
            }
            if self.phase == Phase::Blocked {
                return push.chunk.len();
            }
            if self.track.is_plain() && self.part.is_none() {
                return piece.end.saturating_sub(push.at);
            }
        }
        push.chunk.len()
    }

    fn begin_part(&mut self, side: &Side, push: &mut Push<'_>) {
        // Until here the part by itself read as the whole, unless it was followed apart.
        let mut part = self.part.take().unwrap_or_else(|| Box::new(self.track.clone()));
        part.finish(side, table(), &mut self.ruling);
        if let Some(base64) = &mut self.base64 {
            base64.finish(side, &mut self.ruling);
        }
        if self.ruling.is_blocked() {
            return self.block(side, self.seen, push);
        }
        *part = Track::new(Reading::new(self.ruling.situation));
        self.part = (!part.agrees(&self.track)).then_some(part);
        self.release(side, self.seen, push);
        if self.ruling.outlet.released() < self.seen {
            self.ruling.outlet.border(self.seen);
        }
    }

    fn end(&mut self, side: &Side, push: &mut Push<'_>) {
        self.track.finish(side, table(), &mut self.ruling);
        if let Some(part) = &mut self.part {
            part.finish(side, table(), &mut self.ruling);
        }
        if let Some(base64) = &mut self.base64 {
            base64.finish(side, &mut self.ruling);
        }
        if let Some(passage) = &mut self.passage {
            passage.finish(side, self.seen, &mut self.ruling);
        }
        if self.ruling.is_blocked() {
            return self.block(side, self.seen, push);
        }
        self.ruling.outlet.release(self.seen, push.chunk, push.at, push.out);
        self.ruling.outlet.keep(push.chunk, push.at, self.seen);
        self.phase = Phase::Finished;
    }

    /// Whether no Base64 is waited for.
    #[inline]
    fn has_no_base64(&self) -> bool {
        self.base64.as_ref().is_none_or(|base64| base64.is_idle())
    }

    /// After an original character that ends at `end`, behind which no reading waits.
    #[inline]
    fn rest(&mut self, side: &Side, end: usize, push: &mut Push<'_>) {
        if self.passage.as_ref().is_some_and(|passage| passage.waits(side)) {
            return self.tidy_where_due(side, end, 0, push);
        }
        self.floor = end;
        if self.ruling.outlet.has_marks() {
            self.ruling.outlet.release(end, push.chunk, push.at, push.out);
        }
    }

    /// After an original character that ends at `end`, behind which something waits: tidies up from time to time, and keeps
    /// the limit. `cells` is how many characters the longest window has.
    #[inline]
    fn tidy_where_due(&mut self, side: &Side, end: usize, cells: usize, push: &mut Push<'_>) {
        let is_long = end.saturating_sub(self.floor) > side.hold_bytes_max;
        if is_long || cells > self.tidy_at || self.ruling.outlet.marks() > TIDY_MARKS {
            self.tidy(side, end, push);
        }
    }

    /// Looks where the hold starts, lets go what is before it, and blocks where it is too long.
    #[cold]
    fn tidy(&mut self, side: &Side, end: usize, push: &mut Push<'_>) {
        let hold = self.hold(side, end);
        self.floor = hold;
        self.ruling.outlet.release(hold, push.chunk, push.at, push.out);
        let cells =
            self.track.tidy(side).max(self.part.as_mut().map(|part| part.tidy(side)).unwrap_or_default());
        if let Some(base64) = &mut self.base64 {
            base64.tidy(side);
        }
        self.tidy_at = TIDY_CELLS.max(cells.saturating_mul(2));
        if end.saturating_sub(hold) > side.hold_bytes_max {
            self.ruling.block_hold(hold, end);
            self.block(side, end, push);
        }
    }

    /// Where the hold starts, in bytes; `end` where nothing is held.
    fn hold(&self, side: &Side, end: usize) -> usize {
        let hold = self.track.hold(side, end);
        let hold = self.part.as_ref().map_or(hold, |part| hold.min(part.hold(side, end)));
        let hold = self.base64.as_ref().map_or(hold, |base64| hold.min(base64.hold(side, end)));
        let hold = self.passage.as_ref().map_or(hold, |passage| hold.min(passage.hold(side, end)));
        self.ruling.outlet.uncut(hold)
    }

    /// Lets go what is before the hold, and keeps the rest of the push up to `end`.
    fn release(&mut self, side: &Side, end: usize, push: &mut Push<'_>) {
        let hold = self.hold(side, end);
        self.floor = hold;
        self.ruling.outlet.release(hold, push.chunk, push.at, push.out);
        self.ruling.outlet.keep(push.chunk, push.at, end);
    }

    /// Ends the channel with the character that ends at `end`: what is before the first blocked span and before all that is
    /// pending leaves, nothing else ever.
    fn block(&mut self, side: &Side, end: usize, push: &mut Push<'_>) {
        let limit = self.ruling.outlet.uncut(self.hold(side, end).min(self.ruling.blocked_from));
        self.ruling.outlet.release(limit, push.chunk, push.at, push.out);
        self.ruling.outlet.keep(push.chunk, push.at, end);
        self.phase = Phase::Blocked;
    }
}
