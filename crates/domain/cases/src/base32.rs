//! Crockford's base 32: no I, L, O or U, so that it can be read aloud and typed from paper.

/// The 32 characters in the order of their values.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The character of the five low bits of `value`.
pub(crate) fn encode(value: u8) -> char {
    ALPHABET.get(usize::from(value & 31)).copied().map_or('0', char::from)
}

/// The value of a character, small letters and the look-alikes of 0 and 1 included.
pub(crate) fn decode(c: char) -> Option<u8> {
    let folded = match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let at = ALPHABET.iter().position(|known| char::from(*known) == folded)?;
    u8::try_from(at).ok()
}

/// The values of all characters of `text` but separators; nothing where a character has none.
pub(crate) fn decode_all(text: &str) -> Option<Vec<u8>> {
    text.chars().filter(|c| !is_separator(*c)).map(decode).collect()
}

/// What people and forms put between groups.
pub(crate) fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ff0d}' | '\u{200b}' | '\u{feff}')
}
