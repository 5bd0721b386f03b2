//! The original text that has not left yet, and how it leaves: as it is, or masked.

/// What becomes of the characters of a range of the channel when they leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Each becomes an asterisk.
    Hide,
    /// They are left out: invisible characters inside a masked span.
    Omit,
}

/// Text on its way out.
#[derive(Debug, Default)]
pub(crate) struct Outlet {
    /// What earlier pushes left behind.
    held: String,
    /// Where `held` starts.
    held_at: usize,
    /// Everything before this has left.
    released: usize,
    marks: Vec<(usize, usize, Mark)>,
    /// Boxed where it is rare, so that a stream of plain text does not carry the room for it.
    seams: Option<Box<Seams>>,
}

/// Places in the text that is held which count when it leaves.
#[derive(Debug, Default)]
struct Seams {
    /// Escape sequences, in order: what leaves of one is all of it, or one asterisk.
    escapes: Vec<(usize, usize)>,
    /// Where parts of the text begin, in order.
    borders: Vec<usize>,
    /// How long the output was when it came to each border that has left.
    crossed: Vec<usize>,
}

impl Outlet {
    pub(crate) fn held(&self) -> &str {
        &self.held
    }

    pub(crate) const fn released(&self) -> usize {
        self.released
    }

    pub(crate) const fn has_marks(&self) -> bool {
        !self.marks.is_empty()
    }

    pub(crate) const fn marks(&self) -> usize {
        self.marks.len()
    }

    /// Marks a range; neighbours of one kind become one range.
    pub(crate) fn mark(&mut self, start: usize, end: usize, mark: Mark) {
        match self.marks.last_mut() {
            Some(last) if last.2 == mark && last.1 == start => last.1 = end,
            _ => self.marks.push((start, end, mark)),
        }
    }

    /// Takes an escape sequence, so that it is never cut. One that begins inside an earlier one is part of that.
    pub(crate) fn whole(&mut self, start: usize, end: usize) {
        let seams = self.seams.get_or_insert_default();
        if seams.escapes.last().is_none_or(|last| last.1 <= start) {
            seams.escapes.push((start, end));
        }
    }

    /// `at`, or the start of the escape sequence that it would cut.
    pub(crate) fn uncut(&self, at: usize) -> usize {
        self.escape_at(at).map_or(at, |escape| escape.0)
    }

    /// A part of the text begins at `at`, while something before it is held.
    pub(crate) fn border(&mut self, at: usize) {
        self.seams.get_or_insert_default().borders.push(at);
    }

    /// How long the output was when it came to each border that has left since the last call.
    pub(crate) fn take_crossed(&mut self) -> Vec<usize> {
        self.seams.as_mut().map(|seams| std::mem::take(&mut seams.crossed)).unwrap_or_default()
    }

    /// Lets everything before `to` leave. `chunk` is what is being pushed; it starts at `chunk_at`.
    pub(crate) fn release(&mut self, to: usize, chunk: &str, chunk_at: usize, out: &mut String) {
        while let Some(border) = self.next_border(to) {
            self.release_to(border, chunk, chunk_at, out);
            if let Some(seams) = &mut self.seams {
                seams.borders.remove(0);
                seams.crossed.push(out.len());
            }
        }
        self.release_to(to, chunk, chunk_at, out);
    }

    fn next_border(&self, to: usize) -> Option<usize> {
        self.seams.as_ref()?.borders.first().copied().filter(|border| *border <= to)
    }

    fn release_to(&mut self, to: usize, chunk: &str, chunk_at: usize, out: &mut String) {
        let from = self.released;
        if to <= from {
            return;
        }
        let cut = |text: &str, at: usize| {
            let local = |offset: usize| offset.saturating_sub(at).min(text.len());
            (local(from), local(to))
        };
        // INVARIANT: `from` and `to` are starts or ends of characters of the channel, so that `get` finds boundaries.
        let (start, end) = cut(&self.held, self.held_at);
        self.emit(self.held.get(start..end).unwrap_or_default(), from, out);
        let (start, end) = cut(chunk, chunk_at);
        self.emit(chunk.get(start..end).unwrap_or_default(), from.max(chunk_at), out);
        self.released = to;
        self.marks.retain(|mark| mark.1 > to);
        if let Some(seams) = &mut self.seams {
            let gone = seams.escapes.partition_point(|escape| escape.1 <= to);
            seams.escapes.drain(..gone);
        }
    }

    /// Keeps what is left of the push, up to `end`.
    pub(crate) fn keep(&mut self, chunk: &str, chunk_at: usize, end: usize) {
        let gone = self.released.saturating_sub(self.held_at).min(self.held.len());
        self.held.drain(..gone);
        self.held_at = self.released;
        let start = self.released.saturating_sub(chunk_at);
        let end = end.saturating_sub(chunk_at);
        self.held.push_str(chunk.get(start..end).unwrap_or_default());
    }

    fn emit(&self, text: &str, at: usize, out: &mut String) {
        let mut done = 0;
        while let Some(rest) = text.get(done..).filter(|rest| !rest.is_empty()) {
            let place = at.saturating_add(done);
            let marked = self.marks.iter().map(|mark| self.reach(*mark)).filter(|reach| reach.1 > place);
            let plain = marked.map(|reach| reach.0.saturating_sub(place)).min().unwrap_or(rest.len());
            if let Some(plain) = rest.get(..plain.min(rest.len())).filter(|plain| !plain.is_empty()) {
                out.push_str(plain);
                done = done.saturating_add(plain.len());
            } else {
                let Some(c) = rest.chars().next() else { return };
                self.emit_marked(c, place, out);
                done = done.saturating_add(c.len_utf8());
            }
        }
    }

    /// From where to where a mark has to do with what leaves: escape sequences are not cut.
    fn reach(&self, mark: (usize, usize, Mark)) -> (usize, usize) {
        let last = self.escape_at(mark.1.saturating_sub(1));
        (self.uncut(mark.0), last.map_or(mark.1, |escape| escape.1))
    }

    fn emit_marked(&self, c: char, place: usize, out: &mut String) {
        let (start, end) = self.escape_at(place).unwrap_or((place, place.saturating_add(1)));
        let is_hidden = self.marks.iter().any(|m| m.2 == Mark::Hide && m.0 < end && start < m.1);
        if is_hidden {
            if place == start {
                out.push('*');
            }
        } else if !self.marks.iter().any(|m| m.2 == Mark::Omit && m.0 <= place && place < m.1) {
            out.push(c);
        }
    }

    /// The escape sequence that `place` lies in.
    fn escape_at(&self, place: usize) -> Option<(usize, usize)> {
        let escapes = &self.seams.as_ref()?.escapes;
        let escape = escapes.get(escapes.partition_point(|escape| escape.1 <= place))?;
        (escape.0 <= place).then_some(*escape)
    }
}
