//! Letters of other scripts that look like Latin ones, and radicals that look like whole Han characters.
//!
//! `look_alikes.txt` has a line for each shape: the lower-case Latin letters or the Han character, a space, and the characters
//! that look so. It follows the skeletons of UTS #39 (Unicode confusables, as in the crate `unicode-security`): for every
//! lower-case letter of the scripts named in the test below its skeleton, or where that is not Latin the skeleton of its
//! capital (в has none, В looks like B), so that capitals and small letters of one word stay the same word.
//!
//! A word of real Russian or Greek keeps the letters that look like no Latin one (д, ж, и, л, ф, ц, э, я …) and so hits no
//! English term, because terms of letters stand between boundaries and those letters are letters. What is written with
//! look-alikes alone becomes a Latin word (Москва `mockba`, рот `pot`), which would have to be the very term. Arabic, Hebrew and Indic
//! letters are left as they are: their bare strokes and circles are in every word.

/// Every character that looks like others, with those.
pub(super) fn pairs() -> impl Iterator<Item = (char, &'static str)> {
    include_str!("look_alikes.txt")
        .lines()
        .filter_map(|line| line.split_once(' '))
        .flat_map(|(shape, alike)| alike.chars().map(move |c| (c, shape)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fmt::Write as _;

    use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
    use unicode_script::{Script, UnicodeScript};
    use unicode_security::confusable_detection::skeleton;

    /// The scripts whose letters stand for Latin ones in disguises.
    const SCRIPTS: [Script; 14] = [
        Script::Latin,
        Script::Common,
        Script::Greek,
        Script::Cyrillic,
        Script::Armenian,
        Script::Cherokee,
        Script::Coptic,
        Script::Lisu,
        Script::Deseret,
        Script::Osage,
        Script::Warang_Citi,
        Script::Canadian_Aboriginal,
        Script::Gothic,
        Script::Elbasan,
    ];

    fn latin(text: &str) -> Option<String> {
        let plain = skeleton(text).filter(|c| !is_combining_mark(*c)).collect::<String>().to_lowercase();
        (!plain.is_empty() && plain.bytes().all(|b| b.is_ascii_lowercase())).then_some(plain)
    }

    fn shape(c: char) -> Option<String> {
        if matches!(u32::from(c), 0x2E80..=0x2EFF | 0x31C0..=0x31EF) {
            let plain: String = skeleton(&c.to_string()).collect();
            let is_han = plain.chars().all(|p| p.script() == Script::Han && u32::from(p) >= 0x3400);
            return (is_han && plain.chars().count() == 1).then_some(plain);
        }
        let is_small =
            c.is_alphabetic() && !c.is_ascii() && c.to_lowercase().eq([c]) && [c].into_iter().nfkd().eq([c]);
        if !is_small || !SCRIPTS.contains(&c.script()) {
            return None;
        }
        let capital: String = c.to_uppercase().collect();
        latin(&c.to_string()).or_else(|| latin(&capital).filter(|plain| plain.len() == 1))
    }

    #[test]
    fn look_alikes_follow_the_standard() {
        let mut by_shape: BTreeMap<String, String> = BTreeMap::new();
        for c in (0..=0x1_FFFF).filter_map(char::from_u32) {
            if let Some(shape) = shape(c) {
                by_shape.entry(shape).or_default().push(c);
            }
        }
        let expected = by_shape.iter().fold(String::new(), |mut text, (shape, alike)| {
            let _ = writeln!(text, "{shape} {alike}");
            text
        });
        assert!(include_str!("look_alikes.txt") == expected, "look_alikes.txt should be:\n{expected}");
    }
}
