//! Lexicons as CSV (RFC 4180), strict: what is not understood is refused with its line.

use std::collections::HashMap;

use terms::Direction;

use super::{Entry, LexiconError, LexiconProblem, Scope};
use crate::{Action, Category};

/// The first line of every lexicon file.
pub const HEADER: &str = "term,category,action,direction,note";

/// Reads a lexicon. `path` is for messages alone.
///
/// The columns: the term; the category's code; `mask`, `warn`, `block`, nothing (the policy decides) or `allow` (an
/// allowed phrase); `input`, `output` or `both`; a note for people.
///
/// # Errors
/// The first line that is not understood.
pub fn parse_csv(path: &str, text: &str) -> Result<Vec<Entry>, LexiconError> {
    // Spreadsheet programs write a byte order mark.
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let mut records = Records { rest: text, line: 1 };
    let fail = |line, problem| LexiconError { path: path.into(), line, problem };
    match records.next().transpose().map_err(|(line, problem)| fail(line, problem))? {
        Some((_, header)) if header.join(",") == HEADER => {}
        other => {
            let found = other.map(|(_, header)| header.join(",")).unwrap_or_default();
            return Err(fail(1, LexiconProblem::Header(found.chars().take(128).collect())));
        }
    }
    let mut entries = Vec::new();
    let mut seen: HashMap<(String, Direction), usize> = HashMap::new();
    for record in records {
        let (line, fields) = record.map_err(|(line, problem)| fail(line, problem))?;
        let entry = entry(&fields).map_err(|problem| fail(line, problem))?;
        for direction in
            [Direction::Input, Direction::Output].into_iter().filter(|d| entry.scope().includes(*d))
        {
            if let Some(first) = seen.insert((entry.normalised().to_owned(), direction), line) {
                let term = entry.term().to_owned();
                return Err(fail(line, LexiconProblem::Duplicate { term, line: first }));
            }
        }
        entries.push(entry);
    }
    Ok(entries)
}

fn entry(fields: &[String]) -> Result<Entry, LexiconProblem> {
    let [term, category, action, direction, _note] = fields else {
        return Err(LexiconProblem::Columns(fields.len()));
    };
    let category = Category::from_code(category).ok_or_else(|| LexiconProblem::Category(category.clone()))?;
    let action = match action.as_str() {
        "" => None,
        word => Some(Action::from_word(word).ok_or_else(|| LexiconProblem::Action(word.into()))?),
    };
    let scope = Scope::from_word(direction).ok_or_else(|| LexiconProblem::Direction(direction.clone()))?;
    Ok(Entry::new(term, category, action, scope)?)
}

/// The records of a CSV text, each with the line it starts on.
struct Records<'t> {
    rest: &'t str,
    line: usize,
}

type Record = (usize, Vec<String>);

impl Iterator for Records<'_> {
    type Item = Result<Record, (usize, LexiconProblem)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let record = self.record();
        if record.is_err() {
            self.rest = "";
        }
        Some(record)
    }
}

impl Records<'_> {
    fn record(&mut self) -> Result<Record, (usize, LexiconProblem)> {
        let first_line = self.line;
        let mut fields = Vec::new();
        loop {
            let field = if self.take("\"") { self.quoted()? } else { self.plain()? };
            fields.push(field);
            if self.take(",") {
                continue;
            }
            if self.take("\r\n") || self.take("\n") {
                self.line = self.line.saturating_add(1);
                return Ok((first_line, fields));
            }
            if self.rest.is_empty() {
                return Ok((first_line, fields));
            }
            return Err((self.line, LexiconProblem::Quote));
        }
    }

    fn take(&mut self, token: &str) -> bool {
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn plain(&mut self) -> Result<String, (usize, LexiconProblem)> {
        let end = self.rest.find([',', '\n']).unwrap_or(self.rest.len());
        let (field, rest) = self.rest.split_at(end);
        let bare = if rest.starts_with('\n') { field.strip_suffix('\r').unwrap_or(field) } else { field };
        self.rest = rest;
        if bare.contains('"') { Err((self.line, LexiconProblem::Quote)) } else { Ok(bare.to_owned()) }
    }

    fn quoted(&mut self) -> Result<String, (usize, LexiconProblem)> {
        let opened = self.line;
        let mut field = String::new();
        loop {
            let Some((part, rest)) = self.rest.split_once('"') else {
                return Err((opened, LexiconProblem::Quote));
            };
            self.line = self.line.saturating_add(part.matches('\n').count());
            field.push_str(part);
            self.rest = rest;
            if !self.take("\"") {
                return Ok(field);
            }
            field.push('"');
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(rows: &str) -> Result<Vec<Entry>, LexiconError> {
        parse_csv("test.csv", &format!("{HEADER}\n{rows}"))
    }

    #[test]
    fn rows_become_entries() {
        let entries = read("代开发票,fraud,,both,forged\r\n\"a, \"\"b\"\"\",operator.mine,warn,input,\"two\nlines\"\n性教育,pornography,allow,both,\n").unwrap();
        assert_eq!(entries.len(), 3);
        assert_eq!(entries[1].term(), "a, \"b\"");
        assert_eq!(entries[1].action(), Some(Action::Warn));
        assert!(entries[2].is_allowed_phrase());
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        let check = |rows: &str, expected: &str| assert_eq!(read(rows).unwrap_err().to_string(), expected);
        check(
            "a,fraud,,both,\nb,freud,,both,\n",
            "test.csv:3: unknown category `freud`: a category of your own is written `operator.name`",
        );
        check("a,fraud,,both,\n\nb,fraud,,both,\n", "test.csv:3: the line has 1 fields, 5 are expected");
        check(
            "\"a\nb,fraud,,both,\n",
            "test.csv:2: a quotation mark is out of place: quote the whole field and double the marks inside",
        );
        check("a,fraud,,both,\nＡ,drugs,,input,\n", "test.csv:3: the term `Ａ` stands already on line 2");
        check(
            "a,fraud,kill,both,\n",
            "test.csv:2: unknown action `kill`: `mask`, `warn`, `block`, `allow` or nothing is expected",
        );
        check("\u{200B},fraud,,both,\n", "test.csv:2: the term `\u{200B}` is empty after normalisation");
        assert!(matches!(parse_csv("x", "term,category\n").unwrap_err().problem, LexiconProblem::Header(_)));
        assert!(matches!(parse_csv("x", "").unwrap_err().problem, LexiconProblem::Header(_)));
    }

    proptest! {
        #[test]
        fn quoting_round_trips(note in "[a,\"\\n\\r中]{0,12}") {
            let quoted = note.replace('"', "\"\"");
            let text = format!("x,\"{quoted}\"\n");
            let mut records = Records { rest: &text, line: 1 };
            prop_assert_eq!(records.next().unwrap().unwrap().1, vec!["x".to_owned(), note]);
            prop_assert!(records.next().is_none());
        }

        #[test]
        fn foreign_text_never_panics(text: String) {
            let _ = read(&text);
        }
    }
}
