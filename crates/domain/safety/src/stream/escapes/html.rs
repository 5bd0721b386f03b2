//! HTML character references (HTML Living Standard §13.2.5.72): by number, and by the names that serve to take words apart
//! or to write a reference about a reference.

use super::{Piece, Progress};

/// The digits of a number at most: the largest character has seven, and browsers take leading zeros.
const DIGITS_MAX: usize = 10;

const NAMES: &[(&str, char)] = &[
    ("amp", '&'),
    ("apos", '\''),
    ("bull", '•'),
    ("colon", ':'),
    ("comma", ','),
    ("emsp", '\u{2003}'),
    ("ensp", '\u{2002}'),
    ("excl", '!'),
    ("gt", '>'),
    ("hellip", '…'),
    ("lt", '<'),
    ("mdash", '—'),
    ("middot", '·'),
    ("nbsp", '\u{A0}'),
    ("ndash", '–'),
    ("num", '#'),
    ("percnt", '%'),
    ("period", '.'),
    ("quot", '"'),
    ("shy", '\u{AD}'),
    ("sol", '/'),
    ("thinsp", '\u{2009}'),
    ("zwj", '\u{200D}'),
    ("zwnj", '\u{200C}'),
];

/// What an opened reference, `&` and more, comes to.
pub(super) fn read(open: &[Piece]) -> Progress {
    let Some((newest, before)) = open.split_last() else { return Progress::Not };
    let second = open.get(1).map(|piece| piece.ch);
    if second != Some('#') {
        return name(open, newest.ch);
    }
    let (radix, digits) = number(open);
    match newest.ch {
        _ if digits.is_empty() => Progress::More,
        ch if ch.is_digit(radix) && digits.len() <= DIGITS_MAX => Progress::More,
        ';' => at_end(before).map_or(Progress::Not, Progress::Is),
        ch if ch.is_digit(radix) => Progress::Not,
        _ => at_end(before).map_or(Progress::Not, Progress::WasBefore),
    }
}

/// What a reference by number stands for that has no end of its own.
pub(super) fn at_end(open: &[Piece]) -> Option<char> {
    let is_number = matches!(open, [first, second, ..] if first.ch == '&' && second.ch == '#');
    let (radix, digits) = number(open);
    if !is_number || digits.is_empty() || digits.len() > DIGITS_MAX {
        return None;
    }
    let value = digits
        .iter()
        .try_fold(0_u32, |value, piece| value.checked_mul(radix)?.checked_add(piece.ch.to_digit(radix)?));
    let is_digits = digits.iter().all(|piece| piece.ch.is_digit(radix));
    // What is no character stands for U+FFFD, as the standard says.
    let ch =
        value.filter(|value| *value != 0).and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER);
    is_digits.then_some(ch)
}

/// The radix of a number and what stands where its digits do.
fn number(open: &[Piece]) -> (u32, &[Piece]) {
    let is_hexadecimal = open.get(2).is_some_and(|piece| matches!(piece.ch, 'x' | 'X'));
    let (radix, from) = if is_hexadecimal { (16, 3) } else { (10, 2) };
    (radix, open.get(from..).unwrap_or_default())
}

fn name(open: &[Piece], newest: char) -> Progress {
    let name = || open.iter().skip(1).map(|piece| piece.ch);
    let is_beginning = |known: &str| {
        let mut known = known.chars();
        name().all(|c| known.next() == Some(c))
    };
    if newest == ';' {
        let name: String = name().take(open.len().saturating_sub(2)).collect();
        let found = NAMES.iter().find(|(known, _)| *known == name);
        return found.map_or(Progress::Not, |(_, ch)| Progress::Is(*ch));
    }
    if NAMES.iter().any(|(known, _)| is_beginning(known)) { Progress::More } else { Progress::Not }
}
