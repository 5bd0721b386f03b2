//! Character classes for boundaries, in normalised text.
//!
//! Never `\b`: Unicode counts Chinese characters as word characters, so a number beside one would have no boundary.

/// Goes into the key of a cache of compiled terms; raise it when a character changes its class.
pub(crate) const VERSION: u32 = 1;

/// A letter or digit of a script that puts spaces between words. Two of them side by side are one word.
///
/// U+0E00 is where the scripts without spaces begin (Thai, Lao, Tibetan … Han); what lies above it and does use spaces,
/// such as Georgian or Hangul, inflects its words, so that a boundary would miss most of them.
pub(crate) fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || (!c.is_ascii() && c < '\u{0E00}' && c.is_alphanumeric())
}

/// What may stand between the groups of a number. The hyphens are those that normalisation leaves apart.
pub(crate) const fn is_group_separator(c: char) -> bool {
    matches!(c, ' ' | '-' | '\u{2010}' | '\u{2013}' | '\u{2212}')
}

/// What may stand in the part of an address before the `@`.
pub(crate) const fn is_local(c: char) -> bool {
    is_local_start(c) || matches!(c, '.' | '%' | '+' | '-')
}

/// What such a part may begin with.
pub(crate) const fn is_local_start(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// What may stand in a host name.
pub(crate) const fn is_domain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-')
}
