//! Terms written from their end to their beginning: `票发开代`.
//!
//! Backwards the terms have an automaton of their own beside that of the strict reading. Two characters turned round are another word too often (`上海`,
//! `海上`), so that a term has three at least.
//!
//! Only prompts are read so, for a model makes sense of them. In an answer every other character would have to be held,
//! because some term ends with it, for a text that people hardly read.

use terms::Direction;

/// The characters of a term at least.
const CHARS_LEAST: usize = 3;
/// The characters from which on it is no chance, and the letters.
const CHARS_SURE: usize = 4;
const LETTERS_SURE: usize = 5;

/// The texts in which terms are read so.
pub(crate) const DIRECTION: Direction = Direction::Input;

/// The term backwards, where it may be read so.
pub(crate) fn form(term: &str) -> Option<String> {
    let backwards: String = term.chars().rev().collect();
    (backwards != term && term.chars().count() >= CHARS_LEAST).then_some(backwards)
}

/// Whether what was found backwards is worth a look and no more: three characters turned round are often another phrase
/// (`妈妈的`, `的妈妈`), and a word of four letters another word.
pub(crate) fn is_hint(read: impl Iterator<Item = char> + Clone) -> bool {
    let least = if read.clone().all(|c| c.is_ascii()) { LETTERS_SURE } else { CHARS_SURE };
    read.count() < least
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_terms_that_differ_backwards_have_a_form() {
        assert_eq!(form("代开发票").as_deref(), Some("票发开代"));
        assert_eq!(form("枪支"), None);
        assert_eq!(form("xxx"), None);
        assert!(is_hint("妈妈的".chars()) && is_hint("lana".chars()));
        assert!(!is_hint("票发开代".chars()) && !is_hint("fraud".chars()));
    }
}
