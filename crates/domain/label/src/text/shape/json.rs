//! Whether a text is JSON so far: whole values, or one cut off in the middle.
//!
//! Not a validator: it follows brackets, strings and what may stand between them, which is enough to tell `[1] see page 3`
//! and `{name}, hello` from a JSON answer.

/// Deeper nesting than any real answer; what is deeper is taken for JSON without a look at its brackets.
const DEPTH_MAX: usize = 256;

#[derive(Debug, Clone, Default)]
pub(super) struct JsonScan {
    state: State,
    /// The open brackets: true for `{`.
    open: Vec<bool>,
    is_too_deep: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    /// Nothing but space yet.
    #[default]
    Blank,
    /// A value is expected; `true` where the bracket may close instead.
    Value(bool),
    /// A key is expected; `true` where the bracket may close instead.
    Key(bool),
    /// A colon is expected.
    Colon,
    /// In a string; `true` for a key.
    Text { is_key: bool },
    /// After a backslash in a string.
    Escape { is_key: bool },
    /// In a number or one of `true`, `false`, `null`.
    Word,
    /// A comma or a closing bracket is expected; outside all brackets the next value.
    After,
    /// Not JSON.
    Other,
}

impl JsonScan {
    pub(super) fn push(&mut self, c: char) {
        if self.is_too_deep {
            return;
        }
        self.state = self.next(c);
    }

    /// Whether there is a bracketed value and nothing against JSON.
    pub(super) fn is_json_so_far(&self) -> bool {
        !matches!(self.state, State::Blank | State::Other)
    }

    fn next(&mut self, c: char) -> State {
        let is_space = c.is_whitespace() || c == '\u{feff}';
        match self.state {
            State::Other => State::Other,
            State::Text { is_key } => match c {
                '"' if is_key => State::Colon,
                '"' => State::After,
                '\\' => State::Escape { is_key },
                _ => State::Text { is_key },
            },
            State::Escape { is_key } => State::Text { is_key },
            State::Word if c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-') => State::Word,
            state if is_space => {
                if state == State::Word {
                    State::After
                } else {
                    state
                }
            }
            State::Blank => match c {
                '{' | '[' => self.opened(c),
                _ => State::Other,
            },
            State::Value(may_close) => match c {
                '{' | '[' => self.opened(c),
                '"' => State::Text { is_key: false },
                ']' if may_close => self.closed(c),
                '-' | '0'..='9' | 't' | 'f' | 'n' => State::Word,
                _ => State::Other,
            },
            State::Key(may_close) => match c {
                '"' => State::Text { is_key: true },
                '}' if may_close => self.closed(c),
                _ => State::Other,
            },
            State::Colon => {
                if c == ':' {
                    State::Value(false)
                } else {
                    State::Other
                }
            }
            State::Word | State::After => match (c, self.open.last()) {
                (',', Some(true)) => State::Key(false),
                (',', Some(false)) => State::Value(false),
                (']' | '}', Some(_)) => self.closed(c),
                // One value after another: JSON lines.
                ('{' | '[', None) => self.opened(c),
                _ => State::Other,
            },
        }
    }

    fn opened(&mut self, c: char) -> State {
        if self.open.len() >= DEPTH_MAX {
            self.is_too_deep = true;
            return State::After;
        }
        self.open.push(c == '{');
        if c == '{' { State::Key(true) } else { State::Value(true) }
    }

    fn closed(&mut self, c: char) -> State {
        if self.open.pop() == Some(c == '}') { State::After } else { State::Other }
    }
}
