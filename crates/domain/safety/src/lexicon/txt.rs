//! Lexicons as plain text: one term a line.
//!
//! An empty line and one that begins with `#` say nothing. A term that begins with `#` or `\` has a `\` before it.

use super::{Entry, LexiconError, LexiconProblem, Scope};
use crate::{Category, Measure};

/// Reads a list of terms, all of one category, measure and scope. `path` is for messages alone. White space around a term
/// is no part of it.
///
/// # Errors
/// The first line whose term is no use. A term that stands there twice is taken once.
pub fn parse_txt(
    path: &str,
    text: &str,
    category: &Category,
    measure: Option<Measure>,
    scope: Scope,
) -> Result<Vec<Entry>, LexiconError> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let mut seen = std::collections::HashSet::new();
    let mut entries = Vec::new();
    for (line, number) in text.lines().map(str::trim).zip(1_usize..) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let term = line.strip_prefix('\\').unwrap_or(line);
        let fail = |problem| LexiconError { path: path.into(), line: number, problem };
        let entry = Entry::new(term, category.clone(), None, scope)
            .map_err(|error| fail(LexiconProblem::Term(error)))?
            .with_measure(measure);
        if seen.insert(entry.normalised().to_owned()) {
            entries.push(entry);
        }
    }
    Ok(entries)
}

/// Writes the terms, one a line; [`parse_txt`] reads them again. All else that entries say is lost.
#[must_use]
pub fn write_txt<'e>(entries: impl IntoIterator<Item = &'e Entry>) -> String {
    let mut text = String::new();
    for entry in entries {
        if entry.term().starts_with(['#', '\\']) {
            text.push('\\');
        }
        text.push_str(entry.term());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Action;

    fn read(text: &str) -> Result<Vec<Entry>, LexiconError> {
        parse_txt("list.txt", text, &Category::Fraud, Some(Action::Warn.into()), Scope::Input)
    }

    #[test]
    fn a_line_is_a_term() {
        let entries = read("\u{FEFF}# a list\r\n代开发票\r\n\n  刷单 \nＡＢ\nab\n\\#1\n\\\\n\n").unwrap();
        let terms: Vec<&str> = entries.iter().map(Entry::term).collect();
        assert_eq!(terms, ["代开发票", "刷单", "ＡＢ", "#1", "\\n"]);
        assert_eq!(entries[0].measure(), Some(Action::Warn.into()));
        assert_eq!(entries[0].scope(), Scope::Input);
        assert_eq!(read(&write_txt(&entries)).unwrap(), entries);
    }

    #[test]
    fn a_term_that_is_no_use_is_named_with_its_line() {
        let error = read("词\n\u{200B}\n").unwrap_err();
        assert_eq!(error.to_string(), "list.txt:2: the term `\u{200B}` is empty after normalisation");
    }
}
