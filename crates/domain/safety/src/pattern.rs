//! Patterns: operators' regular expressions over the normalised text.
//!
//! What a pattern finds: from every place where it matches, the longest match; of these the ones that do not lie within
//! another one of the same pattern, each reported once. Longest, so that a mask hides all of a number and not its first
//! digits; no match within a match, so that one phrase is one finding. This says nothing of an order of reading, so
//! that it is the same for a whole text and for a stream.
//!
//! Every pattern has a greatest length, which its expression says: a stream holds back what may still become a match, and
//! must know how long to wait. What is held begins at the first place from where a masking or blocking pattern may still
//! match; patterns that only report hold nothing.
//!
//! [`Pattern`] is one checked pattern, [`parse_yaml`] reads a file of them.

mod expression;
mod file;
mod letters;
mod positions;
mod threads;

use terms::Direction;

use crate::{Category, Measure, Scope};

use expression::Expression;
pub use file::{FILE_BYTES_MAX, parse_yaml};
pub(crate) use positions::Patterns;
pub(crate) use threads::PatternState;

/// The characters that a match may have: a stream of text follows each of its beginnings so long.
pub const PATTERN_CHARS_MAX: usize = 1024;

/// The characters that a match may have which is masked or blocked: so much of a stream may be held back.
pub const HELD_CHARS_MAX: usize = 256;

/// The bytes of an expression.
pub const EXPRESSION_BYTES_MAX: usize = 4096;

/// The positions of the automaton of one pattern: `忽略.{0,50}指令` has 54.
pub const POSITIONS_MAX: usize = 4096;

/// The steps between the positions of one pattern: what one character may cost.
pub const STEPS_MAX: usize = 16_384;

/// The positions of all patterns of one direction: their numbers have 16 bits.
pub const ALL_POSITIONS_MAX: usize = 65_535;

/// The steps between the positions of all patterns of one direction.
pub const ALL_STEPS_MAX: usize = 262_144;

/// Goes into [`crate::Engine::version`]; raise it when any pattern finds differently.
pub(crate) const VERSION: u32 = 1;

/// A regular expression with what is done about what it finds.
#[derive(Debug, Clone)]
pub struct Pattern {
    id: String,
    category: Category,
    measure: Option<Measure>,
    scope: Scope,
    source: String,
    place: Option<String>,
    expression: Expression,
}

/// A pattern that cannot be looked for: where, which, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{}{problem}", .place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default(), .id.as_ref().map(|id| format!("pattern `{id}`: ")).unwrap_or_default())]
pub struct PatternError {
    /// The file and, where it is known, the line.
    pub place: Option<String>,
    /// The pattern, where it is one pattern's.
    pub id: Option<String>,
    /// What is wrong.
    pub problem: PatternProblem,
}

/// What can be wrong with a pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternProblem {
    /// The file is too large.
    #[error("the file has {0} bytes, at most {FILE_BYTES_MAX} are read: split it")]
    FileTooLarge(usize),
    /// The file is not YAML, or a field is missing or unknown.
    #[error("{0}")]
    Yaml(String),
    /// The name does not fit.
    #[error("the id has 1 to 64 characters of `a-z`, `0-9` and `-`")]
    Id,
    /// The name stands twice.
    #[error("the id stands already at {0}: give each pattern its own")]
    IdTwice(String),
    /// No such category.
    #[error("unknown category `{0}`: a category of your own is written `operator.name`")]
    Category(String),
    /// No such measure.
    #[error(
        "unknown measure `{0}`: `mask`, `warn`, `block` or `allow`, and what follows behind `+`, such as `warn+review`"
    )]
    Measure(String),
    /// No such direction.
    #[error("unknown direction `{0}`: `input`, `output` or `both` is expected")]
    Direction(String),
    /// The expression is too long.
    #[error(
        "the expression has {0} bytes, at most {EXPRESSION_BYTES_MAX} are allowed: make two patterns of it"
    )]
    ExpressionTooLong(usize),
    /// The expression cannot be read.
    #[error("the expression cannot be read: {reason} (character {at})")]
    Syntax {
        /// Why.
        reason: String,
        /// Where, counted from 1.
        at: usize,
    },
    /// `^`, `$`, `\A`, `\z`.
    #[error(
        "`^`, `$`, `\\A` and `\\z` have no place in a pattern, it is looked for anywhere in a text: leave them out"
    )]
    Anchor,
    /// A word boundary that is not at the edge.
    #[error(
        "`\\b` may stand at the beginning and at the end of a pattern, or of each of its alternatives, and nowhere else; `\\B`, `\\<` and their like nowhere: move or remove it"
    )]
    Boundary,
    /// It matches where nothing stands.
    #[error("it matches the empty text, and so everywhere: let at least one character be required")]
    Empty,
    /// No text matches.
    #[error("no text matches it")]
    Never,
    /// A literal or a class is nothing any more after normalisation.
    #[error("nothing is left of `{0}` after normalisation, so that it never stands in a text: leave it out")]
    Dropped(String),
    /// A character of a class becomes several.
    #[error(
        "`{0}` in a class becomes several characters when it is normalised: write it as an alternative, `(a|b)`"
    )]
    Expands(char),
    /// No greatest length.
    #[error("it has no greatest length: write `{{0,50}}` in place of `*`, `{{1,50}}` in place of `+`")]
    Unbounded,
    /// A greatest length that is too great.
    #[error(
        "it matches up to {0} characters, at most {PATTERN_CHARS_MAX} are allowed: lower the counts in braces"
    )]
    TooLong(usize),
    /// A greatest length that is too great to hold back.
    #[error(
        "it matches up to {chars} characters and is masked or blocked, for which {most} are the most: lower the counts in braces, or let it `warn`"
    )]
    TooLongToHold {
        /// Its greatest length.
        chars: usize,
        /// The most that may be held.
        most: usize,
    },
    /// Its automaton is too large.
    #[error(
        "its automaton is too large, more than {POSITIONS_MAX} characters or {STEPS_MAX} steps: lower the counts in braces, or nest them less"
    )]
    TooLarge,
    /// All automata together are too large.
    #[error(
        "all patterns together are too large, more than {ALL_POSITIONS_MAX} characters or {ALL_STEPS_MAX} steps: use fewer patterns, or lower counts in braces"
    )]
    AllTooLarge,
}

impl Pattern {
    /// A pattern. `measure` is what is done about what it finds, where the policy does not decide. The expression has the
    /// syntax of the `regex` crate and is normalised as texts are; `\b` at its edges means that no word of letters or
    /// digits goes on there.
    ///
    /// # Errors
    /// The expression cannot be read or is of no use.
    pub fn new(
        id: &str,
        category: Category,
        measure: Option<Measure>,
        scope: Scope,
        expression: &str,
    ) -> Result<Self, PatternError> {
        let checked = || {
            let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            if !(1..=64).contains(&id.len()) || !id.bytes().all(fits) {
                return Err(PatternProblem::Id);
            }
            let expression = Expression::parse(expression)?;
            positions::check_size(&expression)?;
            Ok(expression)
        };
        let shown: String = id.chars().take(64).collect();
        let parsed = checked().map_err(|problem| PatternError { place: None, id: Some(shown), problem })?;
        let (id, source) = (id.to_owned(), expression.to_owned());
        Ok(Self { id, category, measure, scope, source, place: None, expression: parsed })
    }

    /// The same, with the place it comes from for messages.
    #[must_use]
    pub fn at(self, place: &str) -> Self {
        Self { place: Some(place.to_owned()), ..self }
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The name of its rule: `pattern.` and its name.
    #[must_use]
    pub fn rule(&self) -> String {
        format!("pattern.{}", self.id)
    }

    /// What it is about.
    #[must_use]
    pub const fn category(&self) -> &Category {
        &self.category
    }

    /// What is done about what it finds; `None` where the policy decides.
    #[must_use]
    pub const fn measure(&self) -> Option<Measure> {
        self.measure
    }

    /// The texts in which it is looked for.
    #[must_use]
    pub const fn scope(&self) -> Scope {
        self.scope
    }

    /// The expression as it was written.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The characters of the longest text it matches.
    #[must_use]
    pub const fn chars_max(&self) -> usize {
        self.expression.chars_max
    }

    /// Refuses a length that cannot be held back.
    pub(crate) fn check_hold(&self, hold_bytes_max: usize) -> Result<(), PatternError> {
        let most = HELD_CHARS_MAX.min(hold_bytes_max / 4);
        if self.chars_max() > most {
            return Err(self.error(PatternProblem::TooLongToHold { chars: self.chars_max(), most }));
        }
        Ok(())
    }

    /// The refusal of this pattern beside `first`, which has the same name.
    pub(crate) fn twice(&self, first: &Self) -> PatternError {
        self.error(PatternProblem::IdTwice(first.place.clone().unwrap_or_else(|| "another place".to_owned())))
    }

    /// Whether it is looked for in texts of that direction.
    pub(crate) const fn includes(&self, direction: Direction) -> bool {
        self.scope.includes(direction)
    }

    fn error(&self, problem: PatternProblem) -> PatternError {
        PatternError { place: self.place.clone(), id: Some(self.id.clone()), problem }
    }
}
