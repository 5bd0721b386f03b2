//! Says in an answer the values again whose placeholders the prompt had.
//!
//! It comes after the check of the answer: what it puts in came from the person who reads it. A placeholder that is cut by
//! a chunk is held until it is whole or can be none any more; the longest has some thirty bytes.

use std::sync::Arc;

/// Placeholders and their values.
#[derive(PartialEq, Eq)]
pub struct Restored {
    values: Vec<(String, String)>,
}

impl std::fmt::Debug for Restored {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without values: they must not reach a log.
        f.debug_struct("Restored").field("count", &self.values.len()).finish()
    }
}

impl Restored {
    /// Placeholders, each of which begins with `[` and ends with `]`, with what they stand for.
    #[must_use]
    pub const fn new(values: Vec<(String, String)>) -> Self {
        Self { values }
    }

    /// A whole text; the same text where it has no placeholder.
    #[must_use]
    pub fn whole(self: &Arc<Self>, text: &str, is_json: bool) -> String {
        let mut restorer = Restorer::new(self, is_json);
        let mut restored = text.to_owned();
        restorer.push(&mut restored);
        restored.push_str(&restorer.end());
        restored
    }
}

/// One text as it leaves.
pub(super) struct Restorer {
    restored: Arc<Restored>,
    /// The beginning of a placeholder.
    held: String,
    is_json: bool,
    is_over: bool,
}

impl Restorer {
    pub(super) fn new(restored: &Arc<Restored>, is_json: bool) -> Self {
        Self { restored: Arc::clone(restored), held: String::new(), is_json, is_over: false }
    }

    /// Puts in place of `text` what may leave of it.
    pub(super) fn push(&mut self, text: &mut String) {
        if self.is_over || (self.held.is_empty() && !text.contains('[')) {
            return;
        }
        let all = std::mem::take(&mut self.held) + text;
        text.clear();
        let mut rest = all.as_str();
        while let Some(at) = rest.find('[') {
            let (before, from) = rest.split_at(at);
            text.push_str(before);
            let whole = self.restored.values.iter().find(|(placeholder, _)| from.starts_with(placeholder));
            if let Some((placeholder, value)) = whole {
                self.say(value, text);
                rest = from.get(placeholder.len()..).unwrap_or_default();
            } else if self.restored.values.iter().any(|(placeholder, _)| placeholder.starts_with(from)) {
                self.held = from.to_owned();
                return;
            } else {
                text.push('[');
                rest = from.get(1..).unwrap_or_default();
            }
        }
        text.push_str(rest);
    }

    /// No more comes: what is held is no placeholder.
    pub(super) fn end(&mut self) -> String {
        self.is_over = true;
        std::mem::take(&mut self.held)
    }

    fn say(&self, value: &str, text: &mut String) {
        if !self.is_json {
            return text.push_str(value);
        }
        let quoted = serde_json::Value::from(value).to_string();
        text.push_str(quoted.trim_start_matches('"').strip_suffix('"').unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let values = [("[手机号1]", "13800138000"), ("[手机号12]", "139"), ("[密码1]", "a\"b")];
        let restored = Arc::new(Restored::new(values.map(|(p, v)| (p.to_owned(), v.to_owned())).to_vec()));
        assert_eq!(restored.whole(text, false), expected);
        let mut restorer = Restorer::new(&restored, false);
        let mut said = String::new();
        for c in text.chars() {
            let mut piece = c.to_string();
            restorer.push(&mut piece);
            said.push_str(&piece);
        }
        said.push_str(&restorer.end());
        assert_eq!(said, expected, "{text} by characters");
        assert!(!format!("{restored:?}").contains("138"));
    }

    #[test]
    fn placeholders_of_the_request_are_restored_and_nothing_else() {
        check("打[手机号1]吧", "打13800138000吧");
        check("[手机号12][手机号1]", "13913800138000");
        check("[[手机号1]]", "[13800138000]");
        check("[手机号2]和[手机", "[手机号2]和[手机");
        check("[手机[手机号1]", "[手机13800138000");
        check("没有", "没有");
    }

    #[test]
    fn in_json_a_value_is_written_as_json() {
        let restored = Arc::new(Restored::new(vec![("[密码1]".to_owned(), "a\"b".to_owned())]));
        assert_eq!(restored.whole(r#"{"p":"[密码1]"}"#, true), r#"{"p":"a\"b"}"#);
    }
}
