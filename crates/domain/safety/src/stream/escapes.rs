//! Reading the escape sequences of JSON strings (RFC 8259 §7) as the characters they stand for, one character at a time.
//!
//! What is no escape sequence is read as it stands, so that any text may come in. Half of a surrogate pair stands for
//! U+FFFD, as for every reader that must hand out valid text.

/// A character and where it stands in the channel, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) ch: char,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// The state between two characters.
#[derive(Debug, Clone, Default)]
pub(crate) struct Escapes {
    /// The first half of a surrogate pair.
    high: Option<(u32, Piece)>,
    /// An escape sequence that is not complete: a backslash, perhaps `u` and up to three digits.
    open: Vec<Piece>,
}

impl Escapes {
    /// Whether nothing is waited for.
    pub(crate) const fn is_idle(&self) -> bool {
        self.high.is_none() && self.open.is_empty()
    }

    /// Where what is waited for starts.
    pub(crate) fn pending(&self) -> Option<usize> {
        self.high.map(|(_, piece)| piece.start).or_else(|| self.open.first().map(|piece| piece.start))
    }

    /// Takes the next character and appends what is known by it.
    pub(crate) fn push(&mut self, piece: Piece, known: &mut Vec<Piece>) {
        let digits = self.open.len().saturating_sub(2);
        match (self.open.len(), piece.ch) {
            (0, '\\') | (1, 'u') => self.open.push(piece),
            (0, _) => {
                self.give_up_high(known);
                known.push(piece);
            }
            (1, ch) if let Some(ch) = short(ch) => {
                self.give_up_high(known);
                self.complete(ch, piece.end, known);
            }
            (2.., ch) if ch.is_ascii_hexdigit() => {
                self.open.push(piece);
                if digits == 3 {
                    self.unit(known);
                }
            }
            _ => {
                self.finish(known);
                self.push(piece, known);
            }
        }
    }

    /// No more comes: what is not complete stands as it is.
    pub(crate) fn finish(&mut self, known: &mut Vec<Piece>) {
        self.give_up_high(known);
        known.append(&mut self.open);
    }

    /// Takes a complete `\uXXXX`.
    fn unit(&mut self, known: &mut Vec<Piece>) {
        let digits = self.open.iter().skip(2).filter_map(|piece| piece.ch.to_digit(16));
        let unit = digits.fold(0, |unit, digit| unit * 16 + digit);
        let (Some(first), Some(last)) = (self.open.first(), self.open.last()) else { return };
        let whole = Piece { ch: char::REPLACEMENT_CHARACTER, start: first.start, end: last.end };
        match (unit, self.high) {
            (0xDC00..0xE000, Some((high, first))) => {
                self.high = None;
                self.open.clear();
                let code = 0x1_0000 + ((high - 0xD800) << 10) + (unit - 0xDC00);
                let ch = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
                known.push(Piece { ch, start: first.start, end: whole.end });
            }
            (0xD800..0xDC00, _) => {
                self.give_up_high(known);
                self.open.clear();
                self.high = Some((unit, whole));
            }
            _ => {
                self.give_up_high(known);
                self.complete(char::from_u32(unit).unwrap_or(whole.ch), whole.end, known);
            }
        }
    }

    fn complete(&mut self, ch: char, end: usize, known: &mut Vec<Piece>) {
        known.extend(self.open.first().map(|first| Piece { ch, start: first.start, end }));
        self.open.clear();
    }

    fn give_up_high(&mut self, known: &mut Vec<Piece>) {
        known.extend(self.high.take().map(|(_, piece)| piece));
    }
}

/// What a backslash and `ch` stand for.
const fn short(ch: char) -> Option<char> {
    match ch {
        '"' | '\\' | '/' => Some(ch),
        'b' => Some('\u{8}'),
        'f' => Some('\u{C}'),
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        let mut escapes = Escapes::default();
        let mut known = Vec::new();
        for (start, ch) in text.char_indices() {
            escapes.push(Piece { ch, start, end: start.saturating_add(ch.len_utf8()) }, &mut known);
        }
        escapes.finish(&mut known);
        let mut reached = 0;
        for piece in &known {
            assert_eq!(piece.start, reached, "a gap in {text}");
            reached = piece.end;
        }
        assert_eq!(reached, text.len(), "{text}");
        known.iter().map(|piece| piece.ch).collect()
    }

    #[test]
    fn escapes_are_read_and_all_else_stays() {
        let check = |text: &str, expected: &str| assert_eq!(read(text), expected, "{text}");
        check(r#"a\u4ee3\u5F00\n\/\"\\"#, "a代开\n/\"\\");
        check(r"\ud83d\ude00", "😀");
        check(r"\ud83dx", "\u{FFFD}x");
        check(r"\ud83d\n", "\u{FFFD}\n");
        check(r"\ud83d\ud83d\ude00", "\u{FFFD}😀");
        check(r"\ude00\u12", "\u{FFFD}\\u12");
        check(r"\ud83d\u00", "\u{FFFD}\\u00");
        check(r"\x\u12g\\u4ee3\", "\\x\\u12g\\u4ee3\\");
        check(r"\u12\u4ee3\u\n", "\\u12代\\u\n");
    }
}
