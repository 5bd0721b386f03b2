//! The Mandarin syllable of a character, without its tone: homophones share it.

use std::sync::LazyLock;

use pinyin::ToPinyin as _;

/// The blocks that hold the characters in use: CJK Extension A and the unified ideographs, U+3400 to U+9FFF.
const FIRST: u32 = 0x3400;
const LAST: u32 = 0x9FFF;

/// For each character of the blocks a number that stands for its most common reading, or 0.
static SYLLABLES: LazyLock<Vec<u32>> = LazyLock::new(|| {
    (FIRST..=LAST)
        .map(|code| {
            char::from_u32(code).and_then(|c| c.to_pinyin()).map_or(0, |reading| number(reading.plain()))
        })
        .collect()
});

/// The syllable of a normalised character as a number that is not 0, where it has one.
#[inline]
pub(super) fn syllable(c: char) -> Option<u32> {
    let place = u32::from(c).checked_sub(FIRST)?;
    SYLLABLES.get(place as usize).copied().filter(|number| *number != 0)
}

/// The letters of a syllable, packed. What speakers of southern dialects do not tell apart is written alike: the
/// retroflex initials (zh, ch, sh) as z, c, s, and the final -ng after a, e and i as -n.
fn number(letters: &str) -> u32 {
    let mut number: u32 = 0;
    let mut letters = letters.bytes().enumerate().peekable();
    while let Some((place, letter)) = letters.next() {
        let next = letters.peek().map(|(_, next)| *next);
        let is_merged = match letter {
            b'h' => place == 1,
            b'g' => {
                next.is_none()
                    && place > 0
                    && !(number & 0xFF == u32::from(b'n') && (number >> 8) & 0xFF == u32::from(b'o'))
            }
            _ => false,
        };
        if !is_merged {
            number = (number << 8) | u32::from(letter);
        }
    }
    number.wrapping_mul(0x9E37_79B1) | 1
}

#[cfg(test)]
mod tests {
    use super::syllable;

    #[test]
    fn homophones_share_a_syllable_and_others_do_not() {
        for (one, other) in [('微', '威'), ('信', '芯'), ('四', '是'), ('心', '星'), ('陈', '成')] {
            assert_eq!(syllable(one), syllable(other), "{one} {other}");
        }
        for (one, other) in [('微', '信'), ('东', '蹲'), ('你', '他')] {
            assert_ne!(syllable(one), syllable(other), "{one} {other}");
        }
        assert!(['a', '1', '。', 'カ'].into_iter().all(|c| syllable(c).is_none()));
    }
}
