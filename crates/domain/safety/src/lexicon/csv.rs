//! Lexicons as CSV (RFC 4180), strict: what is not understood is refused with its line.

use super::{Entry, HEADER, LexiconError, LexiconProblem, Rows};

/// Reads a lexicon. `path` is for messages alone. The columns are those of [`Entry::from_fields`]; the header may be
/// [`super::HEADER_WITHOUT_AUDIENCE`] too.
///
/// # Errors
/// The first line that is not understood.
pub fn parse_csv(path: &str, text: &str) -> Result<Vec<Entry>, LexiconError> {
    // Spreadsheet programs write a byte order mark.
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let mut records = Records::new(text);
    let fail = |(line, problem)| LexiconError { path: path.into(), line, problem };
    let header = records.next().transpose().map_err(fail)?;
    let mut rows = Rows::new(path, &header.map(|(_, fields)| fields).unwrap_or_default())?;
    for record in records {
        let (line, fields) = record.map_err(fail)?;
        rows.push(line, &fields)?;
    }
    Ok(rows.finish())
}

/// Writes a lexicon, which [`parse_csv`] reads again. Ids are lost.
#[must_use]
pub fn write_csv<'e>(entries: impl IntoIterator<Item = &'e Entry>) -> String {
    let mut text = format!("{HEADER}\n");
    for entry in entries {
        for (number, field) in entry.to_fields().iter().enumerate() {
            if number > 0 {
                text.push(',');
            }
            if field.contains(['"', ',', '\n', '\r']) {
                text.push('"');
                text.push_str(&field.replace('"', "\"\""));
                text.push('"');
            } else {
                text.push_str(field);
            }
        }
        text.push('\n');
    }
    text
}

/// The records of a CSV text (RFC 4180), each with the line it starts on, whatever their fields mean. The first mistake ends them.
#[derive(Debug, Clone)]
pub struct Records<'t> {
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

impl<'t> Records<'t> {
    /// The records of `text`.
    #[must_use]
    pub const fn new(text: &'t str) -> Self {
        Self { rest: text, line: 1 }
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
    use crate::lexicon::{Audiences, HEADER_WITHOUT_AUDIENCE, Scope, Validity};
    use crate::{Action, Category, Measure};

    fn read(rows: &str) -> Result<Vec<Entry>, LexiconError> {
        parse_csv("test.csv", &format!("{HEADER_WITHOUT_AUDIENCE}\n{rows}"))
    }

    fn read_all(rows: &str) -> Result<Vec<Entry>, LexiconError> {
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
    fn an_entry_says_for_whom_and_when() {
        let entries = read_all(
            "刷单,fraud,mask+review,input,minor+adult,2026-03-01,2026-03-31,spring\n刷单,fraud,block,both,verified,,,\n",
        )
        .unwrap();
        assert_eq!(entries[0].measure(), Measure::from_words("mask+review"));
        assert_eq!(entries[0].audiences().words(), "adult+minor");
        assert_eq!(entries[0].validity().until(), Some(jiff::civil::date(2026, 3, 31)));
        assert_eq!(entries[0].note(), "spring");
        assert_eq!(entries[1].validity(), Validity::ALWAYS);
        let check =
            |rows: &str, expected: &str| assert_eq!(read_all(rows).unwrap_err().to_string(), expected);
        check(
            "a,fraud,,both,child,,,\n",
            "test.csv:2: unknown audience `child`: `minor`, `adult`, `verified`, several joined by `+`, or nothing is expected",
        );
        check(
            "a,fraud,,both,,20260301,,\n",
            "test.csv:2: `20260301` is no date: a day such as `2026-03-01` or nothing is expected",
        );
        check(
            "a,fraud,,both,,2026-03-02,2026-03-01,\n",
            "test.csv:2: the entry ends on 2026-03-01, before it begins on 2026-03-02",
        );
        check("a,fraud,,both,\n", "test.csv:2: the line has 5 fields, 8 are expected");
        // The same term for others, or at another time, is another entry.
        assert!(read_all("a,fraud,,both,minor,,,\na,drugs,,both,adult,,,\n").is_ok());
        assert!(
            read_all("a,fraud,,both,,,2026-03-01,\na,drugs,,both,,2026-03-02,,\n")
                .is_ok_and(|e| e.len() == 2)
        );
        check(
            "a,fraud,,input,minor,,,\na,fraud,,output,,,,\nA,drugs,,both,minor,,,\n",
            "test.csv:4: the term `A` stands already on line 3",
        );
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
            "test.csv:2: unknown action `kill`: `mask`, `warn`, `block`, `allow` or nothing is expected, with what follows behind a `+` such as `mask+review`",
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
            let mut records = Records::new(&text);
            prop_assert_eq!(records.next().unwrap().unwrap().1, vec!["x".to_owned(), note]);
            prop_assert!(records.next().is_none());
        }

        #[test]
        fn what_is_written_is_read_again(
            notes in prop::collection::vec("[a,\"\\n\\r中 ]{0,8}", 1..6),
            audience in prop::sample::select(vec!["", "minor", "adult+verified"]),
            action in prop::sample::select(vec!["", "block", "mask+review", "allow"]),
            until in prop::sample::select(vec![None, Some(jiff::civil::date(2026, 2, 28))]),
        ) {
            let entries: Vec<Entry> = notes
                .iter()
                .enumerate()
                .map(|(number, note)| {
                    Entry::new(&format!("词,\"{number}"), Category::Fraud, None, Scope::Output)
                        .unwrap()
                        .with_measure(Measure::from_words(action))
                        .with_audiences(Audiences::from_words(audience).unwrap())
                        .with_validity(Validity::new(None, until).unwrap())
                        .with_note(note)
                })
                .collect();
            prop_assert_eq!(parse_csv("x", &write_csv(&entries)).unwrap(), entries);
        }

        #[test]
        fn foreign_text_never_panics(text: String) {
            let _ = read(&text);
            let _ = read_all(&text);
        }
    }
}
