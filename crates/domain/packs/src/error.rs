//! What is wrong with a pack, where, and what to do about it.

use std::fmt;

/// A pack that does not load.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackError {
    /// There is no `pack.yaml`.
    #[error("no `pack.yaml` among {count} files: add the manifest that lists the pack's files")]
    NoManifest {
        /// How many files were given.
        count: usize,
    },
    /// A file is not what it should be.
    #[error("{place}: {problem}")]
    Invalid {
        /// Where.
        place: Place,
        /// What, and what to do.
        problem: Problem,
    },
}

/// A place in a pack: a file, and the line and column where they are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The path inside the pack.
    pub file: String,
    /// Line and column, both from 1.
    pub position: Option<(u64, u64)>,
}

impl Place {
    pub(crate) fn file(file: &str) -> Self {
        Self { file: file.to_owned(), position: None }
    }

    pub(crate) fn located(file: &str, location: serde_saphyr::Location) -> Self {
        let position = (location.line() > 0).then(|| (location.line(), location.column()));
        Self { file: file.to_owned(), position }
    }

    pub(crate) fn invalid(self, problem: Problem) -> PackError {
        PackError::Invalid { place: self, problem }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position {
            Some((line, column)) => write!(f, "{}:{line}:{column}", self.file),
            None => f.write_str(&self.file),
        }
    }
}

/// What is wrong, in one line that ends with what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Not YAML, or not of the expected shape.
    #[error("{0}: see docs/recipes/add-an-obligation.md for the format")]
    Yaml(String),
    /// Not UTF-8.
    #[error("the file is not UTF-8: save it as UTF-8")]
    NotUtf8,
    /// Larger than is read.
    #[error("{bytes} bytes, at most {limit} are read: split the file")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// What is allowed.
        limit: usize,
    },
    /// In the folder, not in the manifest.
    #[error("the manifest does not list this file: add it to `files` in pack.yaml, or remove it")]
    Unlisted,
    /// In the manifest, not in the folder.
    #[error("the manifest lists this file, but it is missing: add the file, or strike it from `files`")]
    Missing,
    /// Given or listed twice.
    #[error("the file is named twice: strike one")]
    FileTwice,
    /// Neither in a known folder nor a known name.
    #[error(
        "no kind of file has this path: use obligations/, texts/, calendars/, lexicons/, patterns/, parameters.yaml or policy.yaml"
    )]
    UnknownKind,
    /// Not of the allowed characters.
    #[error("`{0}` is no id: use 1 to 96 of a-z, 0-9, `.`, `_` and `-`")]
    BadId(String),
    /// Two rows with one id.
    #[error("the id `{id}` is used in {first} already: give this row its own")]
    IdTwice {
        /// The id.
        id: String,
        /// The file that has it already.
        first: String,
    },
    /// A text that must say something is empty.
    #[error("`{id}`: `{field}` is empty: write it")]
    Empty {
        /// The row.
        id: String,
        /// The field.
        field: &'static str,
    },
    /// A duty that was not read in the law, but is more than a hint.
    #[error(
        "`{id}` was not checked against the law (`verification: memory`) and is no `hint`: set `severity: hint`, or read the law and change `verification`"
    )]
    MemoryAboveHint {
        /// The row.
        id: String,
    },
    /// It ends before it begins.
    #[error("`{id}` ends on {to}, before it begins on {from}: correct the dates")]
    DatesCrossed {
        /// The row.
        id: String,
        /// The first day.
        from: jiff::civil::Date,
        /// The last day.
        to: jiff::civil::Date,
    },
    /// A row refers to a duty that the pack does not have.
    #[error(
        "`{id}` names the obligation `{obligation}`, which this pack does not have: correct the id, or add the row"
    )]
    UnknownObligation {
        /// The row that refers.
        id: String,
        /// What it names.
        obligation: String,
    },
    /// A placeholder in the text is not declared.
    #[error(
        "`{id}` ({locale}) uses `{{{name}}}`, which `placeholders` does not list: list it, or correct the text"
    )]
    UndeclaredPlaceholder {
        /// The text.
        id: String,
        /// In which language.
        locale: terms::Locale,
        /// The placeholder.
        name: String,
    },
    /// A declared placeholder is not in the text.
    #[error(
        "`{id}` ({locale}) never uses `{{{name}}}`: put it into the text, or strike it from `placeholders`"
    )]
    UnusedPlaceholder {
        /// The text.
        id: String,
        /// In which language.
        locale: terms::Locale,
        /// The placeholder.
        name: String,
    },
    /// A row names a text that the pack does not have.
    #[error("the text `{0}` is not in this pack: correct the id, or add the text")]
    UnknownText(String),
    /// A text that is attached for a hit asks for what is not known there.
    #[error(
        "the text `{id}` needs `{{{name}}}`, which is not known where a hit is: attach another, or use `{{contact}}` and `{{provider_name}}` alone"
    )]
    AttachedPlaceholder {
        /// The text.
        id: String,
        /// The placeholder.
        name: String,
    },
    /// A brace that opens no placeholder.
    #[error("`{id}` ({locale}) has a brace that belongs to no `{{name}}`: remove it")]
    StrayBrace {
        /// The text.
        id: String,
        /// In which language.
        locale: terms::Locale,
    },
    /// A parameter whose value does not fit its unit or its way of merging.
    #[error("parameter `{id}`: {reason}")]
    Parameter {
        /// The parameter.
        id: String,
        /// Why, and what to do.
        reason: &'static str,
    },
    /// A calendar that contradicts itself.
    #[error("calendar of {year}: {day} {reason}")]
    Calendar {
        /// Which year.
        year: i16,
        /// Which day.
        day: jiff::civil::Date,
        /// Why it cannot be, and what to do.
        reason: &'static str,
    },
}
