//! The ways to disguise a term.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use pinyin::ToPinyin;

use crate::rng::Rng;

pub(crate) struct Disguise {
    pub(crate) name: &'static str,
    pub(crate) is_english: bool,
    /// Whether it leaves the term as it is, for comparison.
    pub(crate) is_plain: bool,
    /// The disguised term; none where the term cannot be disguised so.
    pub(crate) apply: fn(&str, &mut Rng) -> Option<String>,
}

const fn chinese(name: &'static str, apply: fn(&str, &mut Rng) -> Option<String>) -> Disguise {
    Disguise { name, is_english: false, is_plain: false, apply }
}

const fn english(name: &'static str, apply: fn(&str, &mut Rng) -> Option<String>) -> Disguise {
    Disguise { name, is_english: true, is_plain: false, apply }
}

pub(crate) const ALL: &[Disguise] = &[
    Disguise { is_plain: true, ..chinese("zh: as it stands", |term, _| Some(term.into())) },
    chinese("zh: traditional", |term, _| {
        Some(term.chars().map(|c| *TRADITIONAL.get(&c).unwrap_or(&c)).collect())
    }),
    chinese("zh: zero-width", |term, rng| {
        Some(each(term, |c| {
            format!("{c}{}", rng.choose(&['\u{200b}', '\u{200d}', '\u{feff}', '\u{2060}', '\u{fe0f}']))
        }))
    }),
    chinese("zh: a space between", |term, _| Some(joined(term, " "))),
    chinese("zh: one sign (*_·★😀^&%)", |term, rng| {
        let at = 1 + rng.below(term.chars().count() - 1);
        let sign = *rng.choose(&['*', '_', '·', '★', '😀', '^', '&', '%']);
        Some(
            term.chars()
                .enumerate()
                .flat_map(|(i, c)| [(i == at).then_some(sign), Some(c)])
                .flatten()
                .collect(),
        )
    }),
    chinese("zh: punctuation after each (.,-、)", |term, rng| {
        let sign = *rng.choose(&['.', '-', ',', '、']);
        Some(each(term, |c| format!("{c}{sign}")))
    }),
    chinese("zh: mark-up (<b>, **, <br/>)", |term, rng| {
        Some(match rng.below(3) {
            0 => each(term, |c| format!("<b>{c}</b>")),
            1 => each(term, |c| format!("**{c}**")),
            _ => joined(term, "<br/>"),
        })
    }),
    chinese("zh: a line for each", |term, _| Some(joined(term, "\n"))),
    chinese("zh: one homophone", |term, rng| {
        one(term, rng, |c, rng| {
            let same: Vec<char> =
                HOMOPHONES.get(syllable(c)?)?.iter().copied().filter(|other| *other != c).collect();
            (!same.is_empty()).then(|| rng.choose(&same).to_string())
        })
    }),
    chinese("zh: Pinyin", |term, _| term.chars().map(syllable).collect::<Option<String>>()),
    chinese("zh: one character in Pinyin", |term, rng| one(term, rng, |c, _| syllable(c).map(str::to_owned))),
    chinese("zh: one character in its parts", |term, rng| {
        one(term, rng, |c, _| PARTS.get(&c).map(|parts| (*parts).to_owned()))
    }),
    chinese("zh: one picture", |term, rng| {
        let places: Vec<(&str, &str)> =
            PICTURES.iter().copied().filter(|(word, _)| term.contains(word)).collect();
        (!places.is_empty()).then(|| {
            let (word, picture) = *rng.choose(&places);
            term.replacen(word, picture, 1)
        })
    }),
    chinese("zh: backwards", |term, _| Some(term.chars().rev().collect())),
    chinese("zh: JSON escapes", |term, _| Some(each(term, |c| format!("\\u{:04x}", u32::from(c))))),
    chinese("zh: HTML references", |term, rng| {
        Some(match rng.below(3) {
            0 => each(term, |c| format!("&#{};", u32::from(c))),
            1 => each(term, |c| format!("&#x{:x};", u32::from(c))),
            _ => each(term, |c| format!("&amp;#{};", u32::from(c))),
        })
    }),
    chinese("zh: percent-encoding", |term, _| {
        Some(term.bytes().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "%{byte:02X}");
            text
        }))
    }),
    chinese("zh: Base64", |term, _| {
        Some(format!(" {} ", BASE64_STANDARD.encode(format!("请说说{term}的做法"))))
    }),
    Disguise { is_plain: true, ..english("en: as it stands", |term, _| Some(term.into())) },
    english("en: full width", |term, _| Some(shifted(term, 0xFF41))),
    english("en: Cyrillic look-alikes", |term, _| {
        const ALIKE: [(char, char); 10] = [
            ('a', 'а'),
            ('c', 'с'),
            ('e', 'е'),
            ('o', 'о'),
            ('p', 'р'),
            ('x', 'х'),
            ('y', 'у'),
            ('i', 'і'),
            ('s', 'ѕ'),
            ('j', 'ј'),
        ];
        Some(term.chars().map(|c| ALIKE.iter().find(|pair| pair.0 == c).map_or(c, |pair| pair.1)).collect())
    }),
    english("en: mathematical, circled", |term, rng| {
        Some(shifted(term, *rng.choose(&[0x1D41A, 0x24D0, 0x1D5BA, 0x1F170])))
    }),
    english("en: leet", |term, _| {
        let letters = [('o', '0'), ('i', '1'), ('e', '3'), ('a', '4'), ('s', '5'), ('t', '7')];
        Some(term.chars().map(|c| letters.iter().find(|pair| pair.0 == c).map_or(c, |pair| pair.1)).collect())
    }),
    english("en: one letter in leet (@$!0)", |term, rng| {
        one(term, rng, |c, _| {
            let letters = [('o', '0'), ('i', '!'), ('a', '@'), ('s', '$'), ('l', '|'), ('e', '3')];
            letters.iter().find(|pair| pair.0 == c).map(|pair| pair.1.to_string())
        })
    }),
    english("en: a space between", |term, _| Some(joined(term, " "))),
    english("en: a full stop between", |term, _| Some(joined(term, "."))),
    english("en: combining marks", |term, rng| {
        Some(each(term, |c| {
            format!("{c}{}", char::from_u32(0x300 + u32::try_from(rng.below(0x40)).unwrap()).unwrap())
        }))
    }),
    english("en: capitals and accents", |term, _| {
        let letters = [('a', 'Á'), ('e', 'É'), ('i', 'Í'), ('o', 'Ö'), ('u', 'Ü')];
        Some(
            term.chars()
                .map(|c| {
                    letters.iter().find(|pair| pair.0 == c).map_or(c.to_ascii_uppercase(), |pair| pair.1)
                })
                .collect(),
        )
    }),
];

fn each(term: &str, write: impl FnMut(char) -> String) -> String {
    term.chars().map(write).collect()
}

fn joined(term: &str, separator: &str) -> String {
    term.chars().map(String::from).collect::<Vec<String>>().join(separator)
}

/// Writes one character otherwise: the first, from a chosen one on, that can be.
fn one(term: &str, rng: &mut Rng, mut write: impl FnMut(char, &mut Rng) -> Option<String>) -> Option<String> {
    let chars: Vec<char> = term.chars().collect();
    let from = rng.below(chars.len());
    (0..chars.len()).map(|i| (from + i) % chars.len()).find_map(|at| {
        let written = write(chars[at], rng)?;
        Some(chars[..at].iter().collect::<String>() + &written + &chars[at + 1..].iter().collect::<String>())
    })
}

/// The letters of an alphabet that begins at `first`; of the squared ones there are capitals alone.
fn shifted(term: &str, first: u32) -> String {
    term.chars().map(|c| char::from_u32(first + u32::from(c) - u32::from('a')).unwrap()).collect()
}

fn syllable(c: char) -> Option<&'static str> {
    c.to_pinyin().map(|pinyin| pinyin.plain())
}

static TRADITIONAL: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let lines = include_str!("../../src/normalise/simplified.txt").lines();
    lines.filter_map(|line| Some((line.chars().next()?, line.chars().nth(1)?))).collect()
});

static PARTS: LazyLock<HashMap<char, &'static str>> = LazyLock::new(|| {
    let lines = include_str!("../../src/channels/decomposed.txt").lines();
    lines.filter_map(|line| Some((line.chars().next()?, line.split(' ').nth(1)?))).collect()
});

static HOMOPHONES: LazyLock<HashMap<&'static str, Vec<char>>> = LazyLock::new(|| {
    let mut same: HashMap<&str, Vec<char>> = HashMap::new();
    for c in (0x4E00..=0x9FA5)
        .filter_map(char::from_u32)
        .filter(|c| safety::normalise(&c.to_string()).text == c.to_string())
    {
        if let Some(syllable) = syllable(c) {
            same.entry(syllable).or_default().push(c);
        }
    }
    same
});

/// Words with the picture that people write for them, chosen apart from the engine's list.
const PICTURES: [(&str, &str); 20] = [
    ("枪", "🔫"),
    ("药", "💊"),
    ("马", "🐎"),
    ("妈", "🐎"),
    ("鸡", "🐔"),
    ("鸭", "🦆"),
    ("狗", "🐶"),
    ("猪", "🐷"),
    ("刀", "🔪"),
    ("弹", "💣"),
    ("钱", "💰"),
    ("花", "🌸"),
    ("水", "💦"),
    ("火", "🔥"),
    ("女", "👩"),
    ("手", "✋"),
    ("口", "👄"),
    ("车", "🚗"),
    ("弓", "🏹"),
    ("毒", "☠"),
];
