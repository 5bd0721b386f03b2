//! Entries as rows of fields, from whatever table they come.

use std::collections::HashMap;

use jiff::civil::Date;

use super::{Audiences, Entry, LexiconError, LexiconProblem, Scope, Validity};
use crate::{Category, Measure};

/// The columns of a lexicon, in their order.
pub const COLUMNS: [&str; 8] =
    ["term", "category", "action", "direction", "audience", "from", "until", "note"];

/// The first line of a lexicon file.
pub const HEADER: &str = "term,category,action,direction,audience,from,until,note";

/// The first line of a lexicon file whose entries are for everybody and for all time.
pub const HEADER_WITHOUT_AUDIENCE: &str = "term,category,action,direction,note";

/// Reads the rows of one lexicon, from CSV or from a sheet: the header, then row by row; the first mistake ends it.
#[derive(Debug)]
pub struct Rows {
    /// For messages alone.
    path: String,
    is_short: bool,
    entries: Vec<Entry>,
    /// For each entry its line, and the last one before it with the same term.
    places: Vec<(usize, Option<usize>)>,
    /// For each normalised term the last entry that has it.
    last: HashMap<Box<str>, usize>,
}

impl Rows {
    /// Begins with the header. `path` is for messages alone.
    ///
    /// # Errors
    /// It is neither [`HEADER`] nor [`HEADER_WITHOUT_AUDIENCE`].
    pub fn new<F: AsRef<str>>(path: &str, header: &[F]) -> Result<Self, LexiconError> {
        let fields: Vec<&str> = header.iter().map(AsRef::as_ref).collect();
        let found = fields.join(",");
        let is_short = found == HEADER_WITHOUT_AUDIENCE;
        if !is_short && found != HEADER {
            let problem = LexiconProblem::Header(found.chars().take(128).collect());
            return Err(LexiconError { path: path.into(), line: 1, problem });
        }
        let last = HashMap::new();
        Ok(Self { path: path.into(), is_short, entries: Vec::new(), places: Vec::new(), last })
    }

    /// Reads one row; `line` is counted from 1, for messages.
    ///
    /// # Errors
    /// It is not understood, or stands already on an earlier line.
    pub fn push<F: AsRef<str>>(&mut self, line: usize, fields: &[F]) -> Result<(), LexiconError> {
        let entry = self.entry(fields).and_then(|entry| self.check_new(entry));
        let fail = |problem| LexiconError { path: self.path.clone(), line, problem };
        let entry = entry.map_err(fail)?;
        let before = self.last.insert(entry.normalised().into(), self.entries.len());
        self.places.push((line, before));
        self.entries.push(entry);
        Ok(())
    }

    /// The entries read.
    #[must_use]
    pub fn finish(self) -> Vec<Entry> {
        self.entries
    }

    fn entry<F: AsRef<str>>(&self, fields: &[F]) -> Result<Entry, LexiconProblem> {
        let mut fields = fields.iter().map(AsRef::as_ref);
        let found = fields.len();
        let expected = if self.is_short { 5 } else { COLUMNS.len() };
        if found != expected {
            return Err(LexiconProblem::Columns { found, expected });
        }
        let mut all = [""; COLUMNS.len()];
        for (number, field) in all.iter_mut().enumerate() {
            // The short header leaves out audience, from and until.
            if !(self.is_short && (4..7).contains(&number)) {
                *field = fields.next().unwrap_or_default();
            }
        }
        Entry::from_fields(all)
    }

    /// Refuses an entry that speaks about the same texts as an earlier one.
    fn check_new(&self, entry: Entry) -> Result<Entry, LexiconProblem> {
        let mut before = self.last.get(entry.normalised()).copied();
        while let Some(number) = before {
            let Some(&(line, next)) = self.places.get(number) else { break };
            if self.entries.get(number).is_some_and(|other| other.overlaps(&entry)) {
                return Err(LexiconProblem::Duplicate { term: entry.term().into(), line });
            }
            before = next;
        }
        Ok(entry)
    }
}

impl Entry {
    /// Reads the fields of the [`COLUMNS`]: the term; the category's code; `mask`, `warn`, `block`, with what follows
    /// behind a `+`, nothing (the policy decides) or `allow` (an allowed phrase); `input`, `output` or `both`; the
    /// audiences joined by `+`, nothing for all; the first and the last day; a note for people.
    ///
    /// # Errors
    /// The first field that is not understood.
    pub fn from_fields(fields: [&str; COLUMNS.len()]) -> Result<Self, LexiconProblem> {
        let [term, category, action, direction, audience, from, until, note] = fields;
        let category =
            Category::from_code(category).ok_or_else(|| LexiconProblem::Category(category.into()))?;
        let measure = match action {
            "" => None,
            words => Some(Measure::from_words(words).ok_or_else(|| LexiconProblem::Action(words.into()))?),
        };
        let scope = Scope::from_word(direction).ok_or_else(|| LexiconProblem::Direction(direction.into()))?;
        let audiences =
            Audiences::from_words(audience).ok_or_else(|| LexiconProblem::Audience(audience.into()))?;
        let validity = period(day(from)?, day(until)?)?;
        Ok(Self::new(term, category, None, scope)?
            .with_measure(measure)
            .with_audiences(audiences)
            .with_validity(validity)
            .with_note(note))
    }

    /// The fields of the [`COLUMNS`], which [`Entry::from_fields`] reads again. The id is not among them.
    #[must_use]
    pub fn to_fields(&self) -> [String; COLUMNS.len()] {
        let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
        [
            self.term().to_owned(),
            self.category().code(),
            self.measure().map(Measure::words).unwrap_or_default(),
            self.scope().as_str().to_owned(),
            self.audiences().words(),
            day(self.validity().from()),
            day(self.validity().until()),
            self.note().to_owned(),
        ]
    }
}

fn day(text: &str) -> Result<Option<Date>, LexiconProblem> {
    if text.is_empty() {
        return Ok(None);
    }
    // The parser takes more than one form of a date; a list has one.
    let date: Option<Date> = text.parse().ok().filter(|date: &Date| date.to_string() == text);
    date.map(Some).ok_or_else(|| LexiconProblem::Date(text.chars().take(32).collect()))
}

fn period(from: Option<Date>, until: Option<Date>) -> Result<Validity, LexiconProblem> {
    match (Validity::new(from, until), from, until) {
        (Some(validity), ..) => Ok(validity),
        (None, Some(from), Some(until)) => Err(LexiconProblem::Period { from, until }),
        (None, ..) => Ok(Validity::ALWAYS),
    }
}
