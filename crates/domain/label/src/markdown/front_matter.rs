//! Where the front matter of a Markdown file is, and where our key is in it.

use std::ops::Range;

/// Real front matter has a few KB; what is far above is not looked through.
const MATTER_BYTES_MAX: usize = 256 * 1024;

/// The byte positions of front matter.
#[derive(Debug, Clone, Copy)]
pub(super) struct FrontMatter {
    /// After the opening line.
    start: usize,
    /// Before the closing line.
    pub(super) end: usize,
    /// After the closing line.
    pub(super) body: usize,
}

impl FrontMatter {
    /// The front matter that `document` opens with, if it has some.
    pub(super) fn of(document: &str) -> Option<Self> {
        let rest = document.strip_prefix('\u{feff}').unwrap_or(document);
        let mut at = document.len() - rest.len();
        let mut lines = rest.split_inclusive('\n');
        let first = lines.next()?;
        if first.trim_end() != "---" || !first.ends_with('\n') {
            return None;
        }
        at += first.len();
        let start = at;
        for line in lines {
            if matches!(line.trim_end(), "---" | "...") {
                let found = Self { start, end: at, body: at + line.len() };
                return found.is_yaml(document).then_some(found);
            }
            at += line.len();
            if at - start > MATTER_BYTES_MAX {
                return None;
            }
        }
        None
    }

    /// Every mapping under our key, from the key's line to its last line that is not blank.
    pub(super) fn mappings(self, document: &str) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        let mut is_inside = false;
        let mut at = self.start;
        for line in self.text(document).split_inclusive('\n') {
            let next = at + line.len();
            let is_blank = line.trim().is_empty();
            if !is_blank && !line.starts_with([' ', '\t']) {
                is_inside = value_of_key(line, "AIGC").is_some();
                if is_inside {
                    found.push(at..next);
                }
            } else if is_inside
                && !is_blank
                && let Some(last) = found.last_mut()
            {
                last.end = next;
            }
            at = next;
        }
        found
    }

    /// Whether the whole matter is a `{…}`, to which lines cannot be added.
    pub(super) fn is_flow(self, document: &str) -> bool {
        self.text(document).trim_start().starts_with('{')
    }

    /// Whether the first line that says something is a key: else the two lines of hyphens are rules in a text.
    fn is_yaml(self, document: &str) -> bool {
        let mut lines = self.text(document).lines().map(str::trim_end);
        match lines.find(|line| !line.is_empty() && !line.starts_with('#')) {
            None => true,
            Some(line) => {
                line.starts_with('{') || line.ends_with(':') || line.contains(": ") || line.contains(":\t")
            }
        }
    }

    fn text(self, document: &str) -> &str {
        document.get(self.start..self.end).unwrap_or_default()
    }
}

/// What stands after `key:` in a line that begins with that key, quoted or not.
pub(super) fn value_of_key<'l>(line: &'l str, key: &str) -> Option<&'l str> {
    let (found, value) = split_key(line)?;
    (found == key).then_some(value)
}

/// A line's key without its quotes, and what stands after the colon, trimmed.
pub(super) fn split_key(line: &str) -> Option<(&str, &str)> {
    let (key, rest) = match line.chars().next()? {
        quote @ ('"' | '\'') => line.get(1..)?.split_once(quote)?,
        _ => {
            let colon = line.find(':')?;
            (line.get(..colon)?.trim_end(), line.get(colon..)?)
        }
    };
    let value = rest.trim_start().strip_prefix(':')?;
    // `AIGC:x` is a scalar and no key (YAML 1.2.2, 7.4.2).
    (value.is_empty() || value.starts_with(char::is_whitespace)).then(|| (key, value.trim()))
}
