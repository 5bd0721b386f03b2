//! Readings in which a term hides: each evasion one file, with what it reads and when a hit counts.
//!
//! The strict reading takes each normalised character as it stands. Where a character of the right class comes
//! ([`Class`], known from the folding table), a [`loose`] reading parts from it: a separator may be skipped
//! ([`compact`]), a digit or sign read as a letter ([`leet`]), a picture as a word ([`pictures`]), parts of a character as
//! the character ([`decomposed`]). It goes back when its next term beginning holds no such place any more, so that plain
//! text is read once. Terms written backwards ([`reversed`]) are looked for beside the others, in prompts. What is
//! spelled in Pinyin or by other characters of the same sound ([`pinyin`]) is watched beside the text and never blocks.
//!
//! Encodings (escape sequences, Base64) are readings of the whole text and lie with the stream.

mod channel;
mod compact;
mod decomposed;
mod leet;
mod loose;
mod pictures;
pub(crate) mod pinyin;
pub(crate) mod reversed;

pub(crate) use decomposed::FirstParts;
pub(crate) use loose::{Next, Otherwise, Pause, is_lone_part, is_read_as_letter, may_part, rejoins};

pub use channel::Channel;

use crate::matcher::Matcher;
use crate::normalise::{Class, Symbol};

/// Goes into [`crate::Engine::version`]; raise it when a channel reads anything differently.
pub(crate) const VERSION: u32 = 1;

/// The classes of a normalised character.
pub(crate) fn class(c: char) -> Class {
    let separator = compact::class(c);
    let leet = if leet::letters(c).is_empty() { Class::NONE } else { Class::LEET };
    let picture = if pictures::words(c).is_empty() { Class::NONE } else { Class::PICTURE };
    let part = if decomposed::is_first_part(c) { Class::PART } else { Class::NONE };
    separator.and(leet).and(picture).and(part)
}

/// Where a reading may part from the strict one with a character of some class, as far as the character alone tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parting {
    /// Nowhere.
    Never,
    /// Behind the beginning of a term, as with every separator.
    Gap,
    /// Where a second part of a character comes next that stands in some term.
    Pair,
    /// More has to be known.
    Other,
}

/// Where a reading may part with `symbol`.
pub(crate) fn parting(matcher: &Matcher, symbol: Symbol) -> Parting {
    let class = symbol.class();
    if class.is_none() {
        Parting::Never
    } else if class == Class::PART {
        if matcher.first_parts.may_go_on(symbol.ch(), 1) { Parting::Pair } else { Parting::Never }
    } else if class.any(Class::ALONE) || symbol.ch() == '<' {
        Parting::Other
    } else {
        Parting::Gap
    }
}

/// The Han characters that have a class.
pub(crate) fn listed() -> impl Iterator<Item = char> {
    decomposed::first_parts()
}
