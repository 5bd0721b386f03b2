//! One reading of a text: its characters, normalised, past the lexicon and the detectors of personal data.

use super::{
    base64::is_of_base64,
    cells::{Cell, Cells},
    escapes::Piece,
    ruling::Ruling,
};
use terms::Direction;

use crate::channels::{
    Next, Otherwise, Pause, is_lone_part, is_read_as_letter, may_part, pinyin::Listener, rejoins, reversed,
};
use crate::class::is_word;
use crate::engine::Side;
use crate::matcher::kinds::side_of;
use crate::matcher::{Matcher, MatcherState, Walk};
use crate::normalise::{Class, Folded, Symbol, Table};
use crate::pattern::{PatternState, Patterns};
use crate::personal_data::{DataState, Hearing, passing};
use crate::{Channel, Situation};

/// What is remembered between two characters.
#[derive(Debug, Clone)]
pub(crate) struct Reading {
    pub(super) cells: Cells,
    matcher: MatcherState,
    otherwise: Otherwise,
    /// The terms written backwards, in prompts.
    backwards: Option<Box<MatcherState>>,
    data: DataState,
    patterns: PatternState,
    /// What listens for terms by their sound: beside the text as it stands alone, from its first syllable on.
    listener: Option<Box<Listener>>,
    is_deaf: bool,
    /// A hit blocks: what comes is not read any more.
    pub(super) is_blocked: bool,
}

/// Characters by which nothing is decided and with which nothing begins but terms: how most text is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    /// How many bytes they have.
    pub(super) bytes: usize,
    chars: usize,
    walk: Walk,
    backwards: Option<Walk>,
    hearing: Hearing,
    /// The separators behind the beginning of a term that it is in.
    pause: Option<Pause>,
    /// How many of the last characters are none of a script with spaces.
    plain: usize,
}

impl Run {
    /// What becomes of the pause beside `symbol`, with which the run would go on and which has that number; none where a
    /// reading parts there that is more than a pause.
    #[inline]
    fn beside(
        &self,
        matcher: &Matcher,
        symbol: Symbol,
        mut next: impl Iterator<Item = Symbol>,
        number: usize,
    ) -> Option<Option<Pause>> {
        let depth = self.walk.depth();
        if symbol.class().any(Class::SIGN) {
            let is_letter = |walk: Walk| is_read_as_letter(matcher, walk, symbol.ch());
            let is_sign = symbol.class() != Class::LEET && (depth > 0 || self.pause.is_some());
            if is_sign || symbol.class().any(Class::PICTURE) || is_letter(self.walk) {
                return None;
            }
            return match self.pause {
                Some(pause) if is_letter(pause.walk()) => None,
                Some(pause) => pause.stepped(matcher, symbol.ch()),
                None => Some(None),
            };
        }
        let is_plain = symbol.class().is_none();
        match self.pause {
            Some(pause) if is_plain || is_lone_part(matcher, symbol, &mut next) => {
                pause.stepped(matcher, symbol.ch())
            }
            Some(pause) if depth == 0 => pause.widened(matcher, symbol).map(Some),
            Some(_) => None,
            None if is_plain || !may_part(matcher, symbol, depth) => Some(None),
            None if rejoins(matcher, self.walk, symbol, next) => Some(None),
            None if self.plain < depth => None,
            None => Pause::behind_plain(matcher, self.walk, symbol, number).map(Some),
        }
    }

    /// Goes on over the quiet characters that `rest` begins with, beside which no pause is; gives what comes behind them.
    #[inline]
    fn glide<'t>(&mut self, side: &Side, rest: &'t str) -> &'t str {
        let stretch = side.quiet.glide(side.direction, side.matcher.as_deref(), self.walk, rest);
        if stretch.chars > 0 {
            let chars = stretch.chars as usize;
            self.walk = stretch.walk;
            self.bytes = self.bytes.saturating_add(stretch.bytes);
            self.chars = self.chars.saturating_add(chars);
            self.plain = self.plain.saturating_add(chars);
            side.enabled.skips(&mut self.hearing, stretch.chars, stretch.last);
        }
        rest.get(stretch.bytes..).unwrap_or_default()
    }

    /// Goes on over one quiet character, of which `passes` tells that nothing but a term comes of it; tells whether it did.
    #[inline]
    fn go_on(&mut self, side: &Side, symbol: Symbol, passes: bool) -> bool {
        let walk = match side.matcher.as_deref() {
            Some(matcher) => match matcher.quiet(self.walk, symbol.ch()) {
                Some(walk) => walk,
                None => return false,
            },
            None => self.walk,
        };
        let backwards = match (self.backwards, side.backwards.as_deref()) {
            (Some(before), Some(matcher)) => match matcher.quiet(before, symbol.ch()) {
                Some(walk) => Some(walk),
                None => return false,
            },
            (before, _) => before,
        };
        if !side.enabled.goes_past(&mut self.hearing, symbol, passes) {
            return false;
        }
        (self.walk, self.backwards) = (walk, backwards);
        self.plain = if is_word(symbol.ch()) { 0 } else { self.plain.saturating_add(1) };
        true
    }
}

impl Reading {
    pub(super) fn new(situation: Situation) -> Self {
        Self {
            cells: Cells::new(),
            matcher: MatcherState::new(side_of(situation)),
            otherwise: Otherwise::Nothing,
            backwards: (situation.direction == reversed::DIRECTION)
                .then(|| Box::new(MatcherState::new(side_of(situation)))),
            data: DataState::default(),
            patterns: PatternState::default(),
            listener: None,
            is_deaf: false,
            is_blocked: false,
        }
    }

    /// The same without listening: what is decoded is heard by nobody.
    pub(super) fn deaf(&self) -> Self {
        Self { listener: None, is_deaf: true, ..self.clone() }
    }

    /// Reads one original character. Not to be called after a block.
    #[inline]
    pub(super) fn read(&mut self, side: &Side, table: &Table, piece: Piece, ruling: &mut Ruling) {
        let len = u16::try_from(piece.end.saturating_sub(piece.start)).unwrap_or(u16::MAX);
        let cell = Cell { ch: piece.ch, encoding: piece.encoding, len, start: piece.start };
        match table.fold(piece.ch) {
            Folded::Dropped => {}
            Folded::One(symbol) => self.step(side, symbol, cell, ruling),
            Folded::Many(symbols) => {
                for &symbol in symbols {
                    self.step(side, symbol, cell, ruling);
                    if self.is_blocked {
                        break;
                    }
                }
            }
        }
    }

    /// The run that `text` begins with, which comes next; of no characters where something waits that is no beginning of a
    /// term. Nothing is read by it.
    pub(super) fn run(&self, side: &Side, table: &Table, text: &str) -> Run {
        let mut run = Run {
            bytes: 0,
            chars: 0,
            walk: self.matcher.walk(),
            backwards: self.backwards.as_ref().map(|backwards| backwards.walk()),
            hearing: self.data.hearing(),
            pause: self.otherwise.paused(),
            plain: self.cells.plain(),
        };
        let has_candidates = self.matcher.has_candidates()
            || self.backwards.as_ref().is_some_and(|backwards| backwards.has_candidates());
        let is_otherwise = !self.otherwise.is_idle() && run.pause.is_none();
        if has_candidates || is_otherwise || !(self.data.is_idle() && self.patterns.is_idle()) {
            return run;
        }
        let goes_backwards = run.backwards.is_some() && side.backwards.is_some();
        // Where a word was begun that passes, and where it ends.
        let mut word = (run, 0_usize);
        while let Some(mut rest) = text.get(run.bytes..) {
            if run.pause.is_none() && run.hearing.is_still() && run.walk.is_of_compiled() && !goes_backwards {
                rest = run.glide(side, rest);
            }
            let mut chars = rest.chars();
            let Some(c) = chars.next() else { break };
            let Folded::One(symbol) = table.fold(c) else { break };
            let ch = symbol.ch();
            let begins = |patterns: &Patterns| {
                let before = text.get(..run.bytes).and_then(|read| read.chars().next_back());
                let before = before.map_or(self.cells.before(self.cells.count()), |c| table.fold_one(c));
                patterns.begins(before, ch)
            };
            if run.bytes >= word.1 && c.is_ascii_alphanumeric() {
                let Some(length) = passing(&run.hearing, table, rest) else { break };
                word = (run, run.bytes.saturating_add(length));
            }
            let passes = run.bytes < word.1;
            if (side.direction == Direction::Input && is_of_base64(ch) && !passes)
                || side.patterns.as_deref().is_some_and(begins)
            {
                break;
            }
            let mut pause = None;
            if let Some(matcher) = side.matcher.as_deref() {
                let next = chars.clone().map_while(|next| match table.fold(next) {
                    Folded::One(next) => Some(next),
                    Folded::Dropped | Folded::Many(_) => None,
                });
                let number = self.cells.count().saturating_add(run.chars);
                let Some(beside) = run.beside(matcher, symbol, next, number) else { break };
                pause = beside;
            }
            if !run.go_on(side, symbol, passes) {
                break;
            }
            run.pause = pause;
            run.bytes = run.bytes.saturating_add(c.len_utf8());
            run.chars = run.chars.saturating_add(1);
        }
        // Of a word all is gone past, or nothing.
        if run.bytes < word.1 { word.0 } else { run }
    }

    /// Reads a run of `text`, which starts at `at` in the channel. The window is written once, with what may be waited for in
    /// the end.
    pub(super) fn follow(&mut self, table: &Table, text: &str, run: Run, at: usize) {
        *self.matcher.walk_mut() = run.walk;
        if let (Some(backwards), Some(walk)) = (&mut self.backwards, run.backwards) {
            *backwards.walk_mut() = walk;
        }
        let text = text.get(..run.bytes).unwrap_or_default();
        let end = self.cells.count().saturating_add(run.chars);
        let paused = run.pause.map_or(0, |pause| end.saturating_sub(pause.first()));
        let depth = run.walk.depth().max(run.backwards.map_or(0, |walk| walk.depth())).max(paused);
        self.otherwise.resume_at(run.pause);
        let kept = run.chars.min(depth);
        let tail = text.char_indices().rev().take(kept).last().map_or(text.len(), |(start, _)| start);
        if let Some(before) = text.get(..tail).and_then(|gone| gone.chars().next_back()) {
            self.cells.skip_all(run.chars.saturating_sub(kept), table.fold_one(before));
        }
        for (offset, c) in text.get(tail..).unwrap_or_default().char_indices() {
            let start = at.saturating_add(tail).saturating_add(offset);
            let len = u16::try_from(c.len_utf8()).unwrap_or(u16::MAX);
            self.cells.push(Cell { ch: table.fold_one(c), encoding: Channel::Strict, len, start });
        }
        self.data.follow(run.hearing, text.chars().rev().map(|c| table.fold_one(c)));
    }

    /// Hears nothing more.
    pub(super) const fn deafen(&mut self) {
        self.is_deaf = true;
    }

    /// Whether it listens to the text.
    pub(super) const fn is_listening(&self, side: &Side) -> bool {
        side.sounds.is_some() && side.matcher.is_some() && !self.is_deaf
    }

    /// Listens to one original character of a run.
    pub(super) fn listen(&mut self, side: &Side, table: &Table, piece: Piece, ruling: &mut Ruling) {
        if let Folded::One(symbol) = table.fold(piece.ch) {
            self.hear(side, symbol, (piece.start, piece.end), ruling);
        }
    }

    /// Listens to one normalised character that comes from the bytes `place`.
    #[inline]
    fn hear(&mut self, side: &Side, symbol: Symbol, place: (usize, usize), ruling: &mut Ruling) {
        if let (Some(sounds), Some(matcher), false) = (&side.sounds, &side.matcher, self.is_deaf) {
            let side_of_stream = self.matcher.side();
            let listener = self.listener.get_or_insert_with(|| Box::new(Listener::new(side_of_stream)));
            listener.hear(sounds, matcher, symbol, place, &mut ruling.sound_hits);
            if !ruling.sound_hits.is_empty() {
                ruling.decide_sounds(side);
            }
        }
    }

    /// Reads one normalised character, which comes from where `cell` says.
    #[inline]
    fn step(&mut self, side: &Side, symbol: Symbol, cell: Cell, ruling: &mut Ruling) {
        let cell = Cell { ch: symbol.ch(), ..cell };
        if let Some(matcher) = &side.matcher {
            if self.otherwise.concerns(matcher, symbol, self.matcher.depth()) {
                let next = Next { ch: cell.ch, class: symbol.class(), number: self.cells.count() };
                self.otherwise.read(matcher, self.matcher.walk(), next, &self.cells);
            }
            matcher.advance(self.matcher.walk_mut(), cell.ch);
        }
        if let (Some(backwards), Some(matcher)) = (&mut self.backwards, &side.backwards) {
            *backwards.walk_mut() = matcher.after(backwards.walk(), cell.ch);
        }
        self.hear(side, symbol, (cell.start, cell.end()), ruling);
        let begins_data = self.data.hear(&side.enabled, cell.ch);
        let before = self.cells.before(self.cells.count());
        let begins_pattern = side.patterns.as_ref().is_some_and(|patterns| patterns.begins(before, cell.ch));
        if self.is_idle() && !begins_data && !begins_pattern {
            // One original character may become many: what waited for one of them is over with the next.
            self.cells.clear();
            self.cells.skip(cell.ch);
            self.data.pass(&side.enabled, cell.ch, &self.cells, &mut ruling.data_hits);
            return;
        }
        self.cells.push(cell);
        if let Some(matcher) = &side.matcher {
            matcher.settle(&mut self.matcher, cell.ch, &self.cells, &mut ruling.term_hits);
            let growing = self.cells.count().saturating_sub(self.matcher.depth());
            self.otherwise.settle(matcher, cell.ch, growing, &self.cells, &mut ruling.term_hits);
        }
        if let (Some(backwards), Some(matcher)) = (&mut self.backwards, &side.backwards) {
            matcher.settle(backwards, cell.ch, &self.cells, &mut ruling.term_hits);
        }
        if begins_data || !self.data.is_idle() {
            self.data.step(&side.enabled, Some(cell.ch), &self.cells, &mut ruling.data_hits);
        } else {
            self.data.pass(&side.enabled, cell.ch, &self.cells, &mut ruling.data_hits);
        }
        if let Some(patterns) = &side.patterns {
            self.patterns.step(patterns, (before, cell.ch), self.cells.count(), &mut ruling.term_hits);
        }
        if ruling.has_hits() {
            self.is_blocked = ruling.decide(side, &self.cells);
        }
    }

    /// No more comes: decides what is pending.
    pub(super) fn finish(&mut self, side: &Side, ruling: &mut Ruling) {
        if let Some(matcher) = &side.matcher {
            matcher.finish(&mut self.matcher, &mut ruling.term_hits);
            self.otherwise.finish(matcher, &mut ruling.term_hits);
        }
        if let (Some(backwards), Some(matcher)) = (&mut self.backwards, &side.backwards) {
            matcher.finish(backwards, &mut ruling.term_hits);
        }
        if let (Some(sounds), Some(matcher), Some(listener)) =
            (&side.sounds, &side.matcher, &mut self.listener)
        {
            listener.finish(sounds, matcher, &mut ruling.sound_hits);
            ruling.decide_sounds(side);
        }
        self.data.step(&side.enabled, None, &self.cells, &mut ruling.data_hits);
        if let Some(patterns) = &side.patterns {
            self.patterns.finish(patterns, &mut ruling.term_hits);
        }
        self.is_blocked = ruling.decide(side, &self.cells);
    }

    /// Whether nothing is waited for.
    #[inline]
    pub(super) fn is_idle(&self) -> bool {
        self.matcher.is_idle()
            && self.data.is_idle()
            && self.patterns.is_idle()
            && self.otherwise.is_idle()
            && self.backwards.as_ref().is_none_or(|backwards| backwards.is_idle())
    }

    /// Where the hold starts, in bytes; `end` where nothing is held.
    pub(super) fn hold(&self, side: &Side, end: usize) -> usize {
        if self.is_idle() {
            return end;
        }
        self.cells.get(self.pending(side)).map_or(end, |cell| cell.start)
    }

    /// Forgets the characters that nothing waits for.
    pub(super) fn tidy(&mut self, side: &Side) {
        let found = self.patterns.needed().unwrap_or(usize::MAX);
        self.cells.forget_before(self.pending(side).min(found));
    }

    /// Whether both say the same about whatever comes next.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        self.is_idle()
            && other.is_idle()
            && self.data.context() == other.data.context()
            && self.cells.before(self.cells.count()) == other.cells.before(other.cells.count())
    }

    /// The number of the first character that something waits for.
    fn pending(&self, side: &Side) -> usize {
        let data = self.data.pending(&side.enabled, &self.cells);
        let patterns = side.patterns.as_ref().and_then(|patterns| self.patterns.pending(patterns));
        let matcher = side.matcher.as_ref();
        let otherwise = matcher.and_then(|matcher| self.otherwise.pending(matcher, &self.cells));
        let backwards = self.backwards.as_ref().map(|backwards| backwards.pending(&self.cells));
        [patterns, otherwise, backwards]
            .into_iter()
            .flatten()
            .fold(self.matcher.pending(&self.cells).min(data), usize::min)
    }
}
