//! The normal form in which texts are compared, with the way back to the original.
//!
//! Every character is folded on its own, so that where a stream is cut can make no difference. Folding is: compatibility
//! decomposition (NFKD: width, circled, squared, superscript and mathematical letters, Roman numerals, radicals,
//! compatibility ideographs), lower case, the letters that Unicode gives no decomposition (negative circled and squared
//! letters, regional indicators), letters of other scripts that look like Latin ones (`look_alikes`), traditional to
//! simplified characters (`simplified`), and dropping what is not seen or only decorates (zero-width characters, variation
//! selectors, control characters, combining marks).
//!
//! Kept on purpose: kana voicing marks and the signs of Indic scripts, which make other words; Hangul syllables, which
//! stay composed.

mod class;
mod look_alikes;
mod rules;
mod simplified;
mod table;

pub(crate) use class::{Class, Symbol};
pub(crate) use table::{Folded, Table, table};

/// Goes into [`crate::Engine::version`]; raise it when any character folds differently.
pub(crate) const VERSION: u32 = 2;

/// Normalised text with the place in the original where each of its characters comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Normalised {
    /// The normalised text.
    pub text: String,
    /// For each character of `text`, in order: start and end, in bytes, of the original character it comes from.
    pub origins: Vec<(usize, usize)>,
}

/// Normalises a whole text. What the engine does with each character; for explanations and tests.
///
/// ```
/// let normal = safety::normalise("ＦＲ\u{200B}④E");
/// assert_eq!(normal.text, "fr4e");
/// assert_eq!(normal.origins, [(0, 3), (3, 6), (9, 12), (12, 13)]);
/// ```
#[must_use]
pub fn normalise(text: &str) -> Normalised {
    let mut normal =
        Normalised { text: String::with_capacity(text.len()), origins: Vec::with_capacity(text.len() / 2) };
    fold(text, |folded, start, end| {
        normal.text.push(folded);
        normal.origins.push((start, end));
    });
    normal
}

/// Gives every normalised character of a text, with start and end, in bytes, of the original character it comes from.
pub fn fold(text: &str, mut take: impl FnMut(char, usize, usize)) {
    let table = table();
    for (start, c) in text.char_indices() {
        let end = start.saturating_add(c.len_utf8());
        match table.fold(c) {
            Folded::Dropped => {}
            Folded::One(folded) => take(folded.ch(), start, end),
            Folded::Many(folded) => folded.iter().for_each(|one| take(one.ch(), start, end)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normalising_twice_changes_nothing_more() {
        for c in (0..=0x3_FFFF).filter_map(char::from_u32) {
            let once = normalise(&c.to_string()).text;
            assert_eq!(normalise(&once).text, once, "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn common_disguises_fold_to_the_plain_word() {
        let check = |plain: &str, disguises: &[&str]| {
            for disguised in disguises {
                assert_eq!(normalise(disguised).text, plain, "{disguised}");
            }
        };
        check("fraud", &["ｆｒａｕｄ", "FRAUD", "ⓕⓡⓐⓤⓓ", "🅵🆁🅰🆄🅳", "𝐟𝐫𝐚𝐮𝐝", "🇫🇷🇦🇺🇩", "frаυԁ"]);
        check("fraud", &["f\u{200B}r\u{FE0F}a\u{301}u\u{AD}d", "fráûd", "f\u{20DD}raud"]);
        check("porn", &["роrn", "ρorn", "ᏢORN", "РОRN", "pøŕn"]);
        check("代开发票", &["代開發票", "代開发票"]);
        check("枪支", &["槍支", "鎗⽀", "枪⽀"]);
        check("xii", &["Ⅻ", "ⅻ", "ХⅡ"]);
    }

    #[test]
    fn voicing_marks_and_indic_signs_stay() {
        assert_eq!(normalise("が").text, normalise("ｶﾞ").text.replace('カ', "か"));
        assert_ne!(normalise("が").text, normalise("か").text);
        assert_ne!(normalise("मा").text, normalise("मि").text);
    }

    #[test]
    fn words_of_other_scripts_stay_words_of_their_own() {
        for word in ["привет", "нация", "ελληνικά", "λόγος", "שלום", "سلام", "नमस्ते", "สวัสดี"]
        {
            assert!(!normalise(word).text.is_ascii(), "{word}");
        }
        assert_eq!(normalise("НАТО ΝΈΑ").text, normalise("нато νέα").text);
    }
}
