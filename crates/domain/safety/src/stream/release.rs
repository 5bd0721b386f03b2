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

    /// Lets everything before `to` leave. `chunk` is what is being pushed; it starts at `chunk_at`.
    pub(crate) fn release(&mut self, to: usize, chunk: &str, chunk_at: usize, out: &mut String) {
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
        if self.marks.is_empty() {
            out.push_str(text);
            return;
        }
        for (offset, c) in text.char_indices() {
            let place = at.saturating_add(offset);
            let has = |kind| self.marks.iter().any(|m| m.2 == kind && m.0 <= place && place < m.1);
            if has(Mark::Hide) {
                out.push('*');
            } else if !has(Mark::Omit) {
                out.push(c);
            }
        }
    }
}
