//! Digits and signs in place of letters: `fr4ud`, `p0rn`, `$ex`, `v!agra`.

/// The letters of a term that are read as written at least: with fewer, numbers would be words.
pub(crate) const PLAIN_LETTERS_LEAST: usize = 2;

/// The letters that `c` may stand for.
pub(crate) const fn letters(c: char) -> &'static [char] {
    match c {
        '0' => &['o'],
        '1' | '!' | '|' => &['i', 'l'],
        '2' => &['z'],
        '3' => &['e'],
        '4' | '@' => &['a'],
        '5' | '$' => &['s'],
        '7' | '+' => &['t'],
        '8' => &['b'],
        '9' => &['g'],
        _ => &[],
    }
}

/// Whether a term may be written so: letters and spaces, and enough of them written plainly. `plain` tells of each character
/// whether it is.
pub(crate) fn counts(term: impl Iterator<Item = (char, bool)> + Clone) -> bool {
    let plain_letters = term.clone().filter(|(c, plain)| *plain && c.is_ascii_alphabetic()).count();
    term.into_iter().all(|(c, _)| c.is_ascii()) && plain_letters >= PLAIN_LETTERS_LEAST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_letters_at_least_are_plain() {
        let check = |term: &str, plain: &str, expected: bool| {
            let pairs = term.chars().zip(plain.chars().map(|c| c == 'x'));
            assert_eq!(counts(pairs), expected, "{term}");
        };
        check("sex", " xx", true);
        check("sex", "  x", false);
        check("a b", "xxx", true);
        check("枪as", "xx ", false);
    }

    #[test]
    fn every_letter_is_a_letter() {
        for c in (0..0x80_u8).map(char::from) {
            assert!(letters(c).iter().all(char::is_ascii_lowercase), "{c}");
            assert!(!c.is_ascii_alphabetic() || letters(c).is_empty());
        }
    }
}
