//! Lexicons as files: CSV, plain text, XLSX, JSON lines, and the keyword form of the filing.

use std::collections::HashMap;

use safety::{
    Category, LexiconProblem,
    lexicon::{COLUMNS, HEADER, HEADER_WITHOUT_AUDIENCE},
};
use store::LexiconEntryRow;
use terms::{Risk, RiskGroup};

use super::draft::{Checked, Key, LexiconDraft, words};
use crate::OperationError;

/// The columns of a list whose entries are for everybody and for all time: see [`HEADER_WITHOUT_AUDIENCE`].
const COLUMNS_SHORT: usize = 5;
/// Largest file, in bytes: two million terms of thirty bytes.
pub const LEXICON_FILE_BYTES_MAX: usize = 64 << 20;
/// Refused lines that a reading lists; more are only counted.
const REFUSED_MAX: usize = 1_000;

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LexiconFormat {
    /// `term,category,action,direction,audience,from,until,note`.
    Csv,
    /// A term a line.
    Txt,
    /// A workbook with the columns of CSV.
    Xlsx,
    /// One JSON array a line, in canonical bytes: what the hash of a version is made of.
    JsonLines,
    /// The keyword list of the filing dossier: keyword, class of level 1, class of level 2. Written only.
    Filing,
}

impl LexiconFormat {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Csv, Self::Txt, Self::Xlsx, Self::JsonLines, Self::Filing];

    /// The word for programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Txt => "txt",
            Self::Xlsx => "xlsx",
            Self::JsonLines => "jsonl",
            Self::Filing => "filing",
        }
    }

    /// The format with that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == word)
    }

    /// The media type of a file of that form.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Txt => "text/plain; charset=utf-8",
            Self::JsonLines => "application/jsonl",
            Self::Xlsx | Self::Filing => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// The ending of a file's name.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Filing => "xlsx",
            other => other.as_str(),
        }
    }
}

/// A line that is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LexiconRefusedLine {
    /// The sheet, in a workbook.
    pub sheet: Option<String>,
    /// The line or row, from 1.
    pub line: usize,
    /// What is wrong there, with the value.
    pub problem: String,
    /// The key of what is wrong in the locales.
    pub message_key: &'static str,
}

/// A file as it was read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Read {
    pub(crate) drafts: Vec<Checked>,
    /// The first [`REFUSED_MAX`] lines that are not taken.
    pub(crate) refused: Vec<LexiconRefusedLine>,
    pub(crate) refused_count: usize,
}

impl Read {
    fn refuse(
        &mut self,
        sheet: Option<&str>,
        line: usize,
        message_key: &'static str,
        problem: impl Into<String>,
    ) {
        self.refused_count = self.refused_count.saturating_add(1);
        if self.refused.len() < REFUSED_MAX {
            self.refused.push(LexiconRefusedLine {
                sheet: sheet.map(str::to_owned),
                line,
                problem: problem.into(),
                message_key,
            });
        }
    }
}

fn unreadable(detail: impl Into<String>) -> OperationError {
    OperationError::invalid("file", "lexicon-error-file", detail)
}

/// Reads a file. `usual` has what a plain list does not say: category, measure, direction.
///
/// # Errors
/// The file is no such file. A line that cannot be taken is no error: it is listed.
pub(crate) fn read(
    format: LexiconFormat,
    bytes: &[u8],
    usual: &LexiconDraft,
) -> Result<Read, OperationError> {
    if bytes.len() > LEXICON_FILE_BYTES_MAX {
        return Err(unreadable(format!("the file has more than {LEXICON_FILE_BYTES_MAX} bytes")));
    }
    let text = || {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            unreadable(format!("the file is not UTF-8 from byte {}", error.valid_up_to().saturating_add(1)))
        })?;
        // Spreadsheet programs write a byte order mark.
        Ok::<_, OperationError>(text.strip_prefix('\u{FEFF}').unwrap_or(text))
    };
    let mut reading = Reading::default();
    match format {
        LexiconFormat::Csv => {
            let mut records = safety::lexicon::Records::new(text()?);
            let header = records.next().transpose();
            let header = header.map_err(|(line, problem)| unreadable(format!("line {line}: {problem}")))?;
            let is_short = is_short(&header.map(|(_, fields)| fields).unwrap_or_default())?;
            for record in records {
                match record {
                    Ok((line, fields)) => reading.row(None, line, &fields, is_short),
                    // Where a quotation mark is out of place, nobody knows where the next record begins.
                    Err((line, problem)) => {
                        reading.read.refuse(None, line, "lexicon-error-quote", problem.to_string())
                    }
                }
            }
        }
        LexiconFormat::Txt => {
            for (line, term) in (1_usize..).zip(text()?.lines().map(str::trim)) {
                if term.is_empty() || term.starts_with('#') {
                    continue;
                }
                let term = term.strip_prefix('\\').unwrap_or(term).to_owned();
                reading.draft(None, line, &LexiconDraft { term, ..usual.clone() });
            }
        }
        LexiconFormat::JsonLines => {
            for (line, text) in (1_usize..).zip(text()?.lines()) {
                match serde_json::from_str::<[String; 9]>(text) {
                    Ok([_, direction, audiences, category, measure, valid_from, valid_until, term, note]) => {
                        let audiences = words(&audiences);
                        let draft = LexiconDraft {
                            term,
                            category,
                            measure,
                            direction,
                            audiences,
                            valid_from,
                            valid_until,
                            note,
                        };
                        reading.draft(None, line, &draft);
                    }
                    Err(error) => reading.read.refuse(None, line, "lexicon-error-json", error.to_string()),
                }
            }
        }
        LexiconFormat::Xlsx => {
            let (names, rows) = spreadsheet::read(bytes).map_err(|error| {
                let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
                unreadable(format!("{error}{}", cause.unwrap_or_default()))
            })?;
            let mut sheet: Option<(usize, bool)> = None;
            for row in rows {
                let name = names.get(row.sheet).map(String::as_str);
                let is_short = match sheet {
                    Some((number, is_short)) if number == row.sheet => is_short,
                    _ => {
                        let is_short = is_short(&row.fields).map_err(|error| {
                            unreadable(format!("sheet `{}`: {error}", name.unwrap_or_default()))
                        })?;
                        sheet = Some((row.sheet, is_short));
                        continue;
                    }
                };
                let mut fields = row.fields;
                let wanted = if is_short { COLUMNS_SHORT } else { COLUMNS.len() };
                if fields.len() < wanted {
                    fields.resize(wanted, String::new());
                }
                reading.row(name, usize::try_from(row.number).unwrap_or(usize::MAX), &fields, is_short);
            }
        }
        LexiconFormat::Filing => {
            return Err(unreadable("the keyword form of the filing is written, not read"));
        }
    }
    Ok(reading.read)
}

/// Whether a header leaves audience and days out.
fn is_short(header: &[String]) -> Result<bool, OperationError> {
    match header.join(",").as_str() {
        HEADER_WITHOUT_AUDIENCE => Ok(true),
        HEADER => Ok(false),
        other => Err(unreadable(LexiconProblem::Header(other.chars().take(128).collect()).to_string())),
    }
}

#[derive(Default)]
struct Reading {
    read: Read,
    /// Where each key stands first.
    seen: HashMap<Key, usize>,
}

impl Reading {
    fn row(&mut self, sheet: Option<&str>, line: usize, fields: &[String], is_short: bool) {
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        let (head, audience, from, until, note) = match (fields.as_slice(), is_short) {
            ([term, category, measure, direction, note], true) => {
                ([*term, *category, *measure, *direction], "", "", "", *note)
            }
            ([term, category, measure, direction, audience, from, until, note], false) => {
                ([*term, *category, *measure, *direction], *audience, *from, *until, *note)
            }
            _ => {
                let wanted = if is_short { COLUMNS_SHORT } else { COLUMNS.len() };
                let found = fields.len();
                let problem = format!("{found} fields, {wanted} are expected");
                return self.read.refuse(sheet, line, "lexicon-error-columns", problem);
            }
        };
        let [term, category, measure, direction] = head.map(str::to_owned);
        let draft = LexiconDraft {
            term,
            category,
            measure,
            direction,
            audiences: words(audience),
            valid_from: from.to_owned(),
            valid_until: until.to_owned(),
            note: note.to_owned(),
        };
        self.draft(sheet, line, &draft);
    }

    fn draft(&mut self, sheet: Option<&str>, line: usize, draft: &LexiconDraft) {
        let checked = match draft.checked() {
            Ok(checked) => checked,
            Err(OperationError::Invalid { detail, message_key, .. }) => {
                return self.read.refuse(sheet, line, message_key, detail);
            }
            Err(error) => return self.read.refuse(sheet, line, "lexicon-error-term", error.to_string()),
        };
        if let Some(first) = self.seen.get(&checked.key) {
            let problem = format!("the term `{}` stands already on line {first}", checked.term);
            return self.read.refuse(sheet, line, "lexicon-error-twice", problem);
        }
        self.seen.insert(checked.key.clone(), line);
        self.read.drafts.push(checked);
    }
}

/// Writes entries in one of the forms that can be read again.
pub(crate) fn write(format: LexiconFormat, rows: &[LexiconEntryRow]) -> Result<Vec<u8>, OperationError> {
    let entries = super::content::entries(rows)?;
    let text = match format {
        LexiconFormat::Csv => safety::lexicon::write_csv(&entries),
        LexiconFormat::Txt => safety::lexicon::write_txt(&entries),
        LexiconFormat::JsonLines => {
            let mut lines = rows.iter().map(super::content::canonical).collect::<Result<Vec<_>, _>>()?;
            lines.sort_unstable();
            lines.into_iter().flat_map(|line| [line, "\n".to_owned()]).collect()
        }
        LexiconFormat::Xlsx | LexiconFormat::Filing => {
            let rows = entries.iter().map(|entry| entry.to_fields().to_vec()).collect();
            return sheet("lexicon", COLUMNS.to_vec(), rows);
        }
    };
    Ok(text.into_bytes())
}

/// A keyword of the filing form.
pub(crate) struct FilingKeyword {
    pub(crate) term: String,
    pub(crate) category: Category,
    pub(crate) risks: Vec<Risk>,
}

/// The keyword list of the filing dossier: one row for each keyword and class, classes by the clauses of GB/T 45654-2025, Annex A.
pub(crate) fn write_filing(keywords: &[FilingKeyword]) -> Result<Vec<u8>, OperationError> {
    let mut rows = Vec::new();
    for keyword in keywords {
        for risk in &keyword.risks {
            let clause = match risk.group() {
                RiskGroup::CoreValues => "A.1",
                RiskGroup::Discrimination => "A.2",
                RiskGroup::Commercial => "A.3",
                RiskGroup::Rights => "A.4",
                RiskGroup::ServiceSpecific => "A.5",
            };
            rows.push(vec![keyword.term.clone(), clause.to_owned(), risk.code().to_owned()]);
        }
        if keyword.risks.is_empty() {
            rows.push(vec![keyword.term.clone(), "—".to_owned(), keyword.category.code()]);
        }
    }
    sheet("拦截关键词列表", vec!["关键词", "一级分类", "二级分类"], rows)
}

fn sheet(name: &str, header: Vec<&str>, rows: Vec<Vec<String>>) -> Result<Vec<u8>, OperationError> {
    spreadsheet::write(&[spreadsheet::Sheet { name, header, rows }])
        .map_err(|error| OperationError::internal("writing a workbook")(Box::new(error)))
}
