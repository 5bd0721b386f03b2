//! Reading encodings as the characters they stand for, one character at a time: the escape sequences of JSON strings,
//! HTML character references, percent-encoded UTF-8.
//!
//! What is no complete sequence is read as it stands, so that any text may come in.

mod html;
mod json;
mod percent;

use crate::Channel;

/// A character and where it stands in the channel, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) ch: char,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Out of which encoding it was read; [`Channel::Strict`] where it stands as it is.
    pub(crate) encoding: Channel,
}

/// The state between two characters.
#[derive(Debug, Clone, Default)]
pub(crate) struct Escapes {
    /// The first half of a surrogate pair.
    high: Option<(u32, Piece)>,
    /// A sequence that is not complete.
    open: Vec<Piece>,
}

/// What a sequence comes to with its newest character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// It may still become one.
    More,
    /// It stands for this.
    Is(char),
    /// It stands for this UTF-16 unit, which may be half of a pair.
    Unit(u32),
    /// It stands for this without the newest character.
    WasBefore(char),
    /// It is none.
    Not,
}

/// The characters that a sequence begins with.
pub(super) const STARTS: [u8; 3] = [b'\\', b'&', b'%'];

/// Whether a sequence may begin with `ch`.
#[inline]
pub(super) const fn begins(ch: char) -> bool {
    matches!(ch, '\\' | '&' | '%')
}

impl Piece {
    /// A character that stands at `start`.
    pub(crate) const fn plain(ch: char, start: usize) -> Self {
        Self { ch, start, end: start.saturating_add(ch.len_utf8()), encoding: Channel::Strict }
    }
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
        let Some(first) = self.open.first().copied() else {
            if begins(piece.ch) {
                self.open.push(piece);
            } else {
                self.give_up_high(known);
                known.push(piece);
            }
            return;
        };
        let before = self.open.last().map_or(first.end, |last| last.end);
        self.open.push(piece);
        let (encoding, progress) = match first.ch {
            '\\' => (Channel::Json, json::read(&self.open)),
            '&' => (Channel::Html, html::read(&self.open)),
            _ => (Channel::Percent, percent::read(&self.open)),
        };
        let whole = Piece { encoding, start: first.start, end: piece.end, ch: char::REPLACEMENT_CHARACTER };
        match progress {
            Progress::More => {}
            Progress::Is(ch) => self.complete(Piece { ch, ..whole }, known),
            Progress::Unit(unit) => self.unit(unit, whole, known),
            Progress::WasBefore(ch) => {
                self.complete(Piece { ch, end: before, ..whole }, known);
                self.push(piece, known);
            }
            Progress::Not => self.give_up_open(known),
        }
    }

    /// No more comes: what is not complete stands as it is.
    pub(crate) fn finish(&mut self, known: &mut Vec<Piece>) {
        while let (Some(first), Some(last)) = (self.open.first().copied(), self.open.last().copied()) {
            match html::at_end(&self.open) {
                Some(ch) => {
                    let whole = Piece { ch, start: first.start, end: last.end, encoding: Channel::Html };
                    self.complete(whole, known);
                }
                None => self.give_up_open(known),
            }
        }
        self.give_up_high(known);
    }

    /// Takes a complete UTF-16 unit. Half of a pair stands for U+FFFD, as for every reader that must hand out valid text.
    fn unit(&mut self, unit: u32, whole: Piece, known: &mut Vec<Piece>) {
        match (unit, self.high) {
            (0xDC00..0xE000, Some((high, first))) => {
                self.high = None;
                self.open.clear();
                let code = 0x1_0000 + ((high - 0xD800) << 10) + (unit - 0xDC00);
                let ch = char::from_u32(code).unwrap_or(whole.ch);
                known.push(Piece { ch, start: first.start, ..whole });
            }
            (0xD800..0xDC00, _) => {
                self.give_up_high(known);
                self.open.clear();
                self.high = Some((unit, whole));
            }
            _ => self.complete(Piece { ch: char::from_u32(unit).unwrap_or(whole.ch), ..whole }, known),
        }
    }

    fn complete(&mut self, piece: Piece, known: &mut Vec<Piece>) {
        self.give_up_high(known);
        known.push(piece);
        self.open.clear();
    }

    fn give_up_high(&mut self, known: &mut Vec<Piece>) {
        known.extend(self.high.take().map(|(_, piece)| piece));
    }

    /// The first character of what is open stands as it is; what follows may begin a sequence of its own.
    fn give_up_open(&mut self, known: &mut Vec<Piece>) {
        self.give_up_high(known);
        let mut open = std::mem::take(&mut self.open).into_iter();
        known.extend(open.next());
        // Each round is shorter than the one before, and the longest sequence has few characters.
        open.for_each(|piece| self.push(piece, known));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        let mut escapes = Escapes::default();
        let mut known = Vec::new();
        for (start, ch) in text.char_indices() {
            escapes.push(Piece::plain(ch, start), &mut known);
            let pending = escapes.pending().unwrap_or(start.saturating_add(ch.len_utf8()));
            assert_eq!(known.last().map_or(0, |piece| piece.end), pending, "{text}");
        }
        escapes.finish(&mut known);
        assert!(escapes.is_idle(), "{text}");
        let mut reached = 0;
        for piece in &known {
            assert_eq!(piece.start, reached, "a gap in {text}");
            reached = piece.end;
        }
        assert_eq!(reached, text.len(), "{text}");
        known.iter().map(|piece| piece.ch).collect()
    }

    fn check(text: &str, expected: &str) {
        assert_eq!(read(text), expected, "{text}");
    }

    #[test]
    fn escapes_of_json_are_read_and_all_else_stays() {
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

    #[test]
    fn character_references_are_read_with_and_without_their_end() {
        check("&#20195;&#x5f00;&#X53D1;", "代开发");
        check("&#20195&#24320x", "代开x");
        check("&#20195", "代");
        check("&amp;#20195;", "&#20195;");
        check("a&lt;b&gt;&nbsp;&quot;", "a<b>\u{A0}\"");
        check("R&D &; &# &#; &#x; &x &lt &nosuch; &&#97;", "R&D &; &# &#; &#x; &x &lt &nosuch; &a");
        check("&#0;&#xD800;&#99999999;&#123456789012;", "\u{FFFD}\u{FFFD}\u{FFFD}&#123456789012;");
    }

    #[test]
    fn percent_encoding_is_read_where_it_is_utf_8() {
        check("%E4%BB%A3%e5%bc%80%41%20", "代开A ");
        check("%F0%9F%98%80", "😀");
        check("100%", "100%");
        check("5%的 %zz %4 %E4%BB代 %C0%80", "5%的 %zz %4 %E4%BB代 %C0%80");
        check("%E4%E4%BB%A3%BB", "%E4代%BB");
        check("%25E4", "%E4");
    }

    #[test]
    fn sequences_of_several_kinds_stand_side_by_side() {
        check(r"\u4ee3&#24320;%E5%8F%91", "代开发");
        check(r"&\u4ee3%&#24320", "&代%开");
        check(r"\ud83d&amp;\ude00", "\u{FFFD}&\u{FFFD}");
    }
}
