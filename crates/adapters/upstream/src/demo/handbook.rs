//! The handbook and the search in it.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// A language of the handbook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    Chinese,
    English,
}

impl Language {
    /// Chinese as soon as there is a Chinese character: a Chinese question often quotes English words.
    pub(super) fn of(text: &str) -> Self {
        if text.chars().any(is_han) { Self::Chinese } else { Self::English }
    }
}

/// One entry.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) title: &'static str,
    pub(super) text: &'static str,
    keywords: Vec<String>,
    title_terms: HashSet<String>,
    text_terms: HashSet<String>,
}

/// The handbook in one language.
#[derive(Debug)]
pub(super) struct Handbook {
    entries: Vec<Entry>,
    /// In how many entries a term stands.
    frequency: HashMap<String, usize>,
}

static CHINESE: LazyLock<Handbook> = LazyLock::new(|| Handbook::parse(include_str!("handbook.zh.md")));
static ENGLISH: LazyLock<Handbook> = LazyLock::new(|| Handbook::parse(include_str!("handbook.en.md")));

/// What is asked must overlap at least this much; below it, "I do not know" is the honest answer.
const SCORE_MIN: f64 = 3.0;

/// What all words of a title together count: as much as two key words.
const TITLE_BONUS: f64 = 6.0;

impl Handbook {
    pub(super) fn of(language: Language) -> &'static Self {
        match language {
            Language::Chinese => &CHINESE,
            Language::English => &ENGLISH,
        }
    }

    fn parse(markdown: &'static str) -> Self {
        let entries: Vec<Entry> = markdown.split("\n## ").skip(1).filter_map(Entry::parse).collect();
        let mut frequency = HashMap::new();
        for entry in &entries {
            for term in entry.title_terms.union(&entry.text_terms) {
                *frequency.entry(term.clone()).or_default() += 1;
            }
        }
        Self { entries, frequency }
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry that fits the question best.
    pub(super) fn find(&self, question: &str) -> Option<&Entry> {
        let words = terms(question);
        let lower = question.to_lowercase();
        let mut best: Option<(f64, &Entry)> = None;
        for entry in &self.entries {
            let score = self.score(entry, &words, &lower);
            if score >= SCORE_MIN && best.is_none_or(|(most, _)| score > most) {
                best = Some((score, entry));
            }
        }
        best.map(|(_, entry)| entry)
    }

    fn score(&self, entry: &Entry, words: &HashSet<String>, question: &str) -> f64 {
        let mut score = 0.0;
        for keyword in &entry.keywords {
            let is_hit = if keyword.is_ascii() && !keyword.contains(' ') {
                words.contains(keyword)
            } else {
                question.contains(keyword.as_str())
            };
            // A longer Chinese key word is a rarer one.
            let weight = if keyword.is_ascii() { 3.0 } else { 1.5 * f64::from(length(keyword)) };
            score += if is_hit { weight } else { 0.0 };
        }
        if !entry.title_terms.is_empty() && entry.title_terms.is_subset(words) {
            score += TITLE_BONUS;
        }
        for word in words {
            let Some(count) = self.frequency.get(word) else { continue };
            let rarity = (f64::from(length_of(self.entries.len())) / f64::from(length_of(*count))).ln();
            let place = if entry.title_terms.contains(word) {
                1.0
            } else if entry.text_terms.contains(word) {
                0.3
            } else {
                0.0
            };
            score += rarity * place;
        }
        score
    }
}

fn length(text: &str) -> u32 {
    length_of(text.chars().count())
}

fn length_of(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

impl Entry {
    fn parse(section: &'static str) -> Option<Self> {
        let (title, rest) = section.split_once('\n')?;
        let (keywords, text) = rest.strip_prefix("keywords: ")?.split_once('\n')?;
        Some(Self {
            title: title.trim(),
            text: text.trim(),
            keywords: keywords.split(',').map(|keyword| keyword.trim().to_lowercase()).collect(),
            title_terms: terms(title),
            text_terms: terms(text),
        })
    }
}

/// Words of Latin letters, and pairs of neighbouring Chinese characters, which stand for words well enough.
fn terms(text: &str) -> HashSet<String> {
    let mut terms = HashSet::new();
    let mut word = String::new();
    let mut before: Option<char> = None;
    for character in text.chars().chain(std::iter::once(' ')) {
        if character.is_ascii_alphanumeric() || character == '_' {
            word.push(character.to_ascii_lowercase());
        } else if !word.is_empty() {
            let is_common = COMMON.contains(&word.as_str());
            let taken = std::mem::take(&mut word);
            if !is_common {
                terms.insert(taken);
            }
        }
        let is_chinese = is_han(character);
        if let (Some(first), true) = (before, is_chinese) {
            let pair = String::from_iter([first, character]);
            if !COMMON_PAIRS.contains(&pair.as_str()) {
                terms.insert(pair);
            }
        }
        before = is_chinese.then_some(character);
    }
    terms
}

fn is_han(character: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&character)
}

/// Words that say nothing about the subject.
const COMMON: [&str; 53] = [
    "a", "an", "the", "is", "are", "was", "were", "be", "do", "does", "did", "can", "could", "may", "must",
    "i", "my", "me", "it", "its", "of", "to", "in", "on", "at", "by", "for", "with", "and", "or", "not",
    "no", "that", "this", "there", "they", "how", "which", "where", "please", "tell", "about", "from", "as",
    "has", "have", "so", "s", "what", "who", "why", "when", "if",
];

/// Pairs that say nothing about the subject.
const COMMON_PAIRS: [&str; 24] = [
    "什么", "怎么", "怎样", "如何", "可以", "这个", "那个", "一个", "我的", "我们", "请问", "吗我", "是什",
    "的是", "么样", "告诉", "诉我", "一下", "知道", "有没", "没有", "能不", "不能", "为什",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_have_the_same_entries() {
        let count = |language| Handbook::of(language).entries().len();
        assert_eq!(count(Language::Chinese), count(Language::English));
        assert!(count(Language::English) >= 40);
    }

    #[test]
    fn every_entry_answers_its_own_title() {
        for language in [Language::Chinese, Language::English] {
            for entry in Handbook::of(language).entries() {
                assert!(!entry.text.is_empty() && !entry.keywords.is_empty());
                let found = Handbook::of(language).find(entry.title).map(|entry| entry.title);
                assert_eq!(found, Some(entry.title));
            }
        }
    }

    #[test]
    fn questions_find_their_entry() {
        for (question, title) in [
            ("你好", "我在和谁说话？"),
            ("我想投诉你们", "怎样投诉？"),
            ("这个判断不对，我要申诉", "怎样申诉？"),
            ("能帮我去掉标识吗", "可以去掉标识吗？"),
            ("Hello!", "Who am I talking to?"),
            ("I want to appeal a decision", "How do I appeal?"),
            ("Does it work with Ollama?", "How do I connect my own model?"),
            ("is my conversation private", "Is my conversation in the ledger?"),
        ] {
            let found = Handbook::of(Language::of(question)).find(question).map(|entry| entry.title);
            assert_eq!(found, Some(title), "{question}");
        }
    }

    #[test]
    fn what_is_not_in_the_handbook_is_not_answered() {
        for question in
            ["圆周率后十位", "量子力学是什么", "What is entropy?", "Write a poem on autumn leaves", "", "?!"]
        {
            assert!(Handbook::of(Language::of(question)).find(question).is_none(), "{question}");
        }
    }
}
