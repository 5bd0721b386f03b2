//! Code fences (CommonMark 0.31, 4.5), character by character.
//!
//! Indentation is not limited to three spaces: a fence inside a list item stands deeper, and models write those often.

/// Where fences stand and whether there is anything outside them.
#[derive(Debug, Clone, Default)]
pub(super) struct Fences {
    line: Line,
    open: Option<Fence>,
    has_code: bool,
    has_prose: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fence {
    mark: char,
    count: usize,
    indent: usize,
}

/// What the current line is so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    /// Only spaces.
    Indent(usize),
    /// A run of one mark.
    Run(Fence),
    /// A run of three or more and what follows it.
    After { fence: Fence, is_bare: bool, has_mark: bool },
    /// Anything else.
    Words,
}

impl Default for Line {
    fn default() -> Self {
        Self::Indent(0)
    }
}

impl Fences {
    pub(super) fn push(&mut self, c: char) {
        if c == '\n' {
            (self.open, self.has_code, self.has_prose) = self.with_line_ended();
            self.line = Line::default();
            return;
        }
        self.line = match self.line {
            Line::Indent(indent) if c == ' ' || c == '\t' || c == '\u{feff}' => {
                Line::Indent(indent.saturating_add(1))
            }
            Line::Indent(indent) if c == '\r' => Line::Indent(indent),
            Line::Indent(indent) if c == '`' || c == '~' => Line::Run(Fence { mark: c, count: 1, indent }),
            Line::Run(fence) if c == fence.mark => {
                Line::Run(Fence { count: fence.count.saturating_add(1), ..fence })
            }
            Line::Run(fence) if fence.count >= 3 => {
                Line::After { fence, is_bare: c.is_whitespace(), has_mark: c == '`' }
            }
            Line::After { fence, is_bare, has_mark } => {
                Line::After { fence, is_bare: is_bare && c.is_whitespace(), has_mark: has_mark || c == '`' }
            }
            Line::Indent(_) | Line::Run(_) | Line::Words => Line::Words,
        };
    }

    pub(super) fn is_open(&self) -> bool {
        self.with_line_ended().0.is_some()
    }

    pub(super) fn is_code_only(&self) -> bool {
        let (_, has_code, has_prose) = self.with_line_ended();
        has_code && !has_prose
    }

    /// What closes an open fence, on a line of its own.
    pub(super) fn closing(&self) -> String {
        let Some(fence) = self.with_line_ended().0 else {
            return String::new();
        };
        // The closing line has the indent of the opening one, else it would stand outside the list item and open another.
        let at_line_start = self.line == Line::Indent(0);
        let mut line = String::from(if at_line_start { "" } else { "\n" });
        line.extend(std::iter::repeat_n(' ', fence.indent.min(64)));
        line.extend(std::iter::repeat_n(fence.mark, fence.count));
        line
    }

    /// The open fence, whether there is code, whether there is prose, if the current line ended here.
    fn with_line_ended(&self) -> (Option<Fence>, bool, bool) {
        let (fence, is_bare, has_mark) = match self.line {
            Line::Run(fence) if fence.count >= 3 => (Some(fence), true, false),
            Line::After { fence, is_bare, has_mark } => (Some(fence), is_bare, has_mark),
            Line::Indent(_) | Line::Run(_) | Line::Words => (None, false, false),
        };
        let has_words = matches!(self.line, Line::Words | Line::Run(_) | Line::After { .. });
        match (self.open, fence) {
            (Some(open), Some(fence)) if is_bare && fence.mark == open.mark && fence.count >= open.count => {
                (None, self.has_code, self.has_prose)
            }
            (Some(open), _) => (Some(open), self.has_code, self.has_prose),
            // The words after an opening run of backticks hold no backtick; those of tildes may.
            (None, Some(fence)) if fence.mark == '~' || !has_mark => (Some(fence), true, self.has_prose),
            (None, _) => (None, self.has_code, self.has_prose || has_words),
        }
    }
}
