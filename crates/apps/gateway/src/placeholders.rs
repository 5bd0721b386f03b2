//! Placeholders: what stands in a prompt in place of personal data and secrets, `[手机号1]` or `[PHONE_1]`.
//!
//! One value has one placeholder in all texts of a request, the history included, so that the model can tell persons
//! apart and name them. Where it is configured, the answer says the value again in its place: only a placeholder that
//! this very request made is read back, whatever else an answer may write. The table lives as long as the request.

use std::{collections::BTreeMap, ops::Range, sync::Arc};

use safety::{Action, Category, Finding, PersonalData, normalise};
use terms::Locale;

use crate::guard::{JsonText, Restored};

/// What stands in a prompt in place of what is masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Placeholders {
    /// Asterisks, as in an answer.
    #[default]
    Off,
    /// A placeholder for each value; the answer keeps them.
    Kept,
    /// A placeholder for each value; the answer says the values again.
    Restored,
}

/// The placeholders of one request.
pub(crate) struct Table {
    locale: Locale,
    /// All texts of the request, in which no placeholder may stand already.
    said: String,
    /// By kind and value without what only groups it.
    placeholders: BTreeMap<(PersonalData, String), String>,
    /// How many there are of each kind.
    counts: BTreeMap<PersonalData, u32>,
    restored: Vec<(String, String)>,
}

impl Table {
    /// A table for a request with these texts.
    pub(crate) fn new<'t>(texts: impl Iterator<Item = &'t str>) -> Self {
        let said: String = texts.collect::<Vec<_>>().join("\n");
        let is_chinese = said.chars().any(|c| matches!(c, '\u{4E00}'..='\u{9FFF}'));
        Self {
            locale: if is_chinese { Locale::ZhCn } else { Locale::En },
            said,
            placeholders: BTreeMap::new(),
            counts: BTreeMap::new(),
            restored: Vec::new(),
        }
    }

    /// The parts of a text with placeholders in place of what `findings`, which lie in the parts put together, mask of personal
    /// data and secrets; nothing where none of it can have one. What reaches over the end of a part, or stands in JSON outside
    /// a string, keeps its asterisks.
    pub(crate) fn replace<T: AsRef<str>>(
        &mut self,
        parts: &[T],
        findings: &[Finding],
        is_json: bool,
    ) -> Option<Vec<String>> {
        let spans = spans(findings);
        let (mut start, mut changed) = (0, false);
        let mut texts = Vec::with_capacity(parts.len());
        for part in parts {
            let part = part.as_ref();
            let end = start + part.len();
            let mut text = String::with_capacity(part.len());
            let mut reached = 0;
            for (span, kind) in spans.iter().filter(|(span, _)| start <= span.start && span.end <= end) {
                let (from, to) = (span.start - start, span.end - start);
                let (Some(before), Some(value)) = (part.get(reached..from), part.get(from..to)) else {
                    continue;
                };
                // An escape sequence within a value says the value in another way than it is.
                if value.contains('\\')
                    || (is_json && !part.get(..from).is_some_and(JsonText::ends_in_string))
                {
                    continue;
                }
                text.push_str(before);
                text.push_str(self.placeholder(*kind, value));
                (reached, changed) = (to, true);
            }
            text.push_str(part.get(reached..).unwrap_or_default());
            texts.push(text);
            start = end;
        }
        changed.then_some(texts)
    }

    /// What the answer says again; nothing where the prompt has no placeholder.
    pub(crate) fn into_restored(self) -> Option<Arc<Restored>> {
        (!self.restored.is_empty()).then(|| Arc::new(Restored::new(self.restored)))
    }

    fn placeholder(&mut self, kind: PersonalData, value: &str) -> &str {
        let key = (kind, plain(kind, value));
        if !self.placeholders.contains_key(&key) {
            let count = self.counts.entry(kind).or_default();
            let placeholder = loop {
                *count += 1;
                let word = kind.placeholder(self.locale);
                let placeholder = match self.locale {
                    Locale::ZhCn => format!("[{word}{count}]"),
                    Locale::En => format!("[{word}_{count}]"),
                };
                if !self.said.contains(&placeholder) {
                    break placeholder;
                }
            };
            self.restored.push((placeholder.clone(), value.to_owned()));
            self.placeholders.insert(key.clone(), placeholder);
        }
        self.placeholders.get(&key).map_or("", String::as_str)
    }
}

/// The spans to be replaced, in order. Those that overlap are one, of the kind of the longest.
fn spans(findings: &[Finding]) -> Vec<(Range<usize>, PersonalData)> {
    let mut spans: Vec<(Range<usize>, PersonalData, usize)> = Vec::new();
    let masked = findings.iter().filter(|finding| {
        finding.action == Action::Mask
            && matches!(finding.category, Category::PersonalData | Category::Secrets)
    });
    for finding in masked {
        let Some(kind) = PersonalData::from_rule(&finding.rule) else { continue };
        let length = finding.end - finding.start;
        match spans.last_mut() {
            Some((span, of, longest)) if finding.start < span.end => {
                span.end = span.end.max(finding.end);
                if length > *longest {
                    (*of, *longest) = (kind, length);
                }
            }
            _ => spans.push((finding.start..finding.end, kind, length)),
        }
    }
    spans.into_iter().map(|(span, kind, _)| (span, kind)).collect()
}

/// A value as it is compared: numbers without what groups them; addresses and secrets as they stand, since their case counts.
fn plain(kind: PersonalData, value: &str) -> String {
    if kind.category() == Category::Secrets {
        return value.to_owned();
    }
    let normal = normalise(value).text;
    match kind {
        PersonalData::Email | PersonalData::IpAddress => normal,
        _ => normal.chars().filter(|c| c.is_alphanumeric()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use safety::Engine;
    use terms::Direction;

    fn check(texts: &[&str], expected: &[&str]) -> Vec<(String, String)> {
        let engine = Engine::builder().build().unwrap();
        let mut table = Table::new(texts.iter().copied());
        for (text, expected) in texts.iter().zip(expected) {
            let findings = engine.check(text, Direction::Input).verdict.findings;
            let replaced = table.replace(&[*text], &findings, text.starts_with('{'));
            assert_eq!(replaced.map_or((*text).to_owned(), |parts| parts.concat()), *expected);
        }
        table.restored
    }

    #[test]
    fn one_value_has_one_placeholder_however_it_is_written() {
        let restored = check(
            &["打13800138000或13900139000", "１３８ ００１３ ８０００是我", "a@b.cn和A@B.cn，密码：abc12345"],
            &["打[手机号1]或[手机号2]", "[手机号1]是我", "[邮箱1]和[邮箱1]，密码：[密码1]"],
        );
        assert_eq!(restored[0], ("[手机号1]".to_owned(), "13800138000".to_owned()));
        check(&["call 13800138000"], &["call [PHONE_1]"]);
    }

    #[test]
    fn overlapping_hits_are_one_and_a_placeholder_that_stands_there_is_not_given_again() {
        check(&["13800138000@qq.com"], &["[EMAIL_1]"]);
        check(&["[手机号1]是13800138000"], &["[手机号1]是[手机号2]"]);
    }

    #[test]
    fn json_stays_json() {
        check(&[r#"{"a":"13800138000","b":13900139000}"#], &[r#"{"a":"[PHONE_1]","b":13900139000}"#]);
    }
}
