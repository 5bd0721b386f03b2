//! Words and small numbers of which nothing comes, seen as a whole: `week`, `well-known`, `2025`, `3.5`, `12:30`.
//!
//! Every detector begins with their first character, and is over with what follows them: a run goes past them where that is
//! known. What is said here holds while no detector waits before the first character.

use super::hearing::Hearing;
use super::numerals::is_numeral;
use super::words::Near;
use crate::class::{is_group_separator, is_word};
use crate::normalise::{Folded, Table};

/// The longest that is looked at, in bytes; no run of Base64 that counts is as short.
pub(crate) const BYTES_MAX: usize = 15;
/// The least number that is looked for has ten digits.
const DIGITS_MAX: usize = 9;
/// The least code has eight letters and digits.
const CODE_CHARS_MAX: usize = 7;
/// An address has three dots or three colons.
const SIGNS_MAX: usize = 2;

/// How many bytes the word or number has that `text` begins with, where nothing comes of it.
pub(crate) fn passing(hearing: &Hearing, table: &Table, text: &str) -> Option<usize> {
    let joins = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':');
    let bytes = text.as_bytes();
    let length = bytes.iter().take(BYTES_MAX.saturating_add(1)).take_while(|byte| joins(**byte)).count();
    let word = bytes.get(..length).filter(|_| length <= BYTES_MAX)?;
    let digits = word.iter().filter(|byte| byte.is_ascii_digit()).count();
    let longest = word.split(|byte| !byte.is_ascii_alphanumeric()).map(<[u8]>::len).max().unwrap_or(0);
    let is_code = longest > CODE_CHARS_MAX && (digits > 0 || hearing.has_heard(Near::Organisation));
    let signs = word.iter().filter(|byte| matches!(byte, b'.' | b':')).count();
    if is_code || digits > DIGITS_MAX || (digits > 0 && signs > SIGNS_MAX) {
        return None;
    }
    let mut behind = text.get(length..)?.chars().map(|c| match table.fold(c) {
        Folded::One(symbol) => Some(symbol.ch()),
        Folded::Dropped | Folded::Many(_) => None,
    });
    let next = behind.next()??;
    let ends =
        !is_word(next) && !is_numeral(next) && !matches!(next, '@' | '.' | '-' | '_' | ':' | '%' | '+' | '/');
    if !ends || digits == 0 {
        return ends.then_some(length);
    }
    // Behind a separator the next group may come.
    if !is_group_separator(next) && next != ')' {
        return Some(length);
    }
    let second = behind.next()??;
    let is_group = second.is_ascii_digit() || is_numeral(second) || is_group_separator(second);
    let separator = text.get(length..)?.chars().next()?;
    (!is_group).then_some(length.saturating_add(separator.len_utf8()))
}
