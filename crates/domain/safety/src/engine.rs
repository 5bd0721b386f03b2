//! The engine: rules compiled for both directions.

use std::sync::Arc;

use sha2::{Digest, Sha256};
use terms::Direction;

use crate::matcher::{Matcher, Phrases};
use crate::personal_data::{self, Actions, Enabled};
use crate::{
    Action, Category, Checked, CheckedParts, Entry, PersonalData, Stream, lexicon, normalise, stream,
};

/// How much of a channel may be held back, unless the builder says otherwise. The longest address has 254 bytes and the
/// longest term 256, so that only text made for it (a digit and thousands of combining marks) comes near.
pub const HOLD_BYTES_MAX: usize = 4096;

/// The rules, compiled. Cheap to clone, and the same for every stream that was started from it.
#[derive(Clone)]
pub struct Engine {
    input: Arc<Side>,
    output: Arc<Side>,
    version: [u8; 32],
}

/// Gathers rules for an [`Engine`].
#[derive(Debug, Clone)]
pub struct EngineBuilder {
    entries: Vec<Entry>,
    policies: Vec<(Category, Direction, Action)>,
    personal_data: Vec<(PersonalData, Direction, Action)>,
    hold_bytes_max: usize,
}

/// Rules that make no engine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The hold limit is so low that ordinary terms and addresses would block.
    #[error("the hold limit of {0} bytes is below the least of {HOLD_BYTES_LEAST}")]
    HoldLimit(usize),
    /// More rules than numbers for them.
    #[error("{0} lexicon rules are too many")]
    TooManyRules(usize),
    /// The automaton could not be built: too many or too large lexicons.
    #[error("the automaton of the lexicons cannot be built: {0}")]
    Automaton(String),
}

/// The lowest hold limit: the longest term in the widest characters.
pub const HOLD_BYTES_LEAST: usize = lexicon::TERM_CHARS_MAX * 4;

/// What a rule says about a lexicon hit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) name: String,
    pub(crate) category: Category,
    pub(crate) action: Action,
}

/// The rules of one direction.
pub(crate) struct Side {
    pub(crate) direction: Direction,
    pub(crate) matcher: Option<Matcher>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) personal_data: Actions,
    pub(crate) enabled: Enabled,
    pub(crate) hold_bytes_max: usize,
}

impl Engine {
    /// A builder without lexicons, with the default policies, every detector of personal data on.
    #[must_use]
    pub const fn builder() -> EngineBuilder {
        EngineBuilder {
            entries: Vec::new(),
            policies: Vec::new(),
            personal_data: Vec::new(),
            hold_bytes_max: HOLD_BYTES_MAX,
        }
    }

    /// Checks a whole text.
    #[must_use]
    pub fn check(&self, text: &str, direction: Direction) -> Checked {
        let mut stream = self.stream(direction);
        let mut released = String::with_capacity(text.len());
        stream.push(text, &mut released);
        let verdict = stream.finish(&mut released);
        let is_changed = !verdict.is_blocked() && released != text;
        Checked { verdict, text: is_changed.then_some(released) }
    }

    /// Checks texts that are read one after the other as one text, and each by itself.
    #[must_use]
    pub fn check_parts<'t>(
        &self,
        parts: impl IntoIterator<Item = &'t str>,
        direction: Direction,
    ) -> CheckedParts {
        let parts: Vec<&str> = parts.into_iter().collect();
        let mut stream = self.stream(direction);
        let mut released = String::with_capacity(parts.iter().map(|part| part.len()).sum());
        let mut starts = Vec::with_capacity(parts.len());
        for part in &parts {
            stream.next_part(&mut released);
            starts.extend(stream.crossings());
            if stream.held().is_empty() {
                starts.push(released.len());
            }
            stream.push(part, &mut released);
        }
        let verdict = stream.finish(&mut released);
        starts.extend(stream.crossings());
        if verdict.is_blocked() {
            return CheckedParts { verdict, texts: vec![None; parts.len()] };
        }
        let ends = starts.iter().skip(1).copied().chain([released.len()]);
        let texts = starts.iter().zip(ends).zip(&parts).map(|((start, end), part)| {
            released.get(*start..end).filter(|text| text != part).map(str::to_owned)
        });
        CheckedParts { verdict, texts: texts.collect() }
    }

    /// Starts to guard one text channel. Allocates nothing.
    #[must_use]
    pub fn stream(&self, direction: Direction) -> Stream {
        Stream::new(Arc::clone(match direction {
            Direction::Input => &self.input,
            Direction::Output => &self.output,
        }))
    }

    /// A hash of all that decides a verdict: lexicons, policies, limits, and the versions of normaliser and detectors.
    #[must_use]
    pub const fn version(&self) -> [u8; 32] {
        self.version
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("version", &self.version).finish_non_exhaustive()
    }
}

impl EngineBuilder {
    /// Adds the entries of a lexicon.
    #[must_use]
    pub fn lexicon(mut self, entries: impl IntoIterator<Item = Entry>) -> Self {
        self.entries.extend(entries);
        self
    }

    /// What is done about hits of a category whose entry names no action. [`Action::Allow`] turns them off.
    #[must_use]
    pub fn policy(mut self, category: Category, direction: Direction, action: Action) -> Self {
        self.policies.push((category, direction, action));
        self
    }

    /// What is done about one kind of personal data, past the policy of [`Category::PersonalData`].
    #[must_use]
    pub fn personal_data(mut self, kind: PersonalData, direction: Direction, action: Action) -> Self {
        self.personal_data.push((kind, direction, action));
        self
    }

    /// How many bytes of a channel may be held back; what would need more is blocked.
    #[must_use]
    pub const fn hold_bytes_max(mut self, bytes: usize) -> Self {
        self.hold_bytes_max = bytes;
        self
    }

    /// Compiles the rules.
    ///
    /// # Errors
    /// The hold limit is too low, or the lexicons too large.
    pub fn build(self) -> Result<Engine, EngineError> {
        if self.hold_bytes_max < HOLD_BYTES_LEAST {
            return Err(EngineError::HoldLimit(self.hold_bytes_max));
        }
        let input = self.side(Direction::Input)?;
        let output = self.side(Direction::Output)?;
        let version = self.version(&[&input, &output]);
        Ok(Engine { input: Arc::new(input), output: Arc::new(output), version })
    }

    fn action(&self, category: &Category, direction: Direction) -> Action {
        let said = self.policies.iter().rev().find(|(c, d, _)| c == category && *d == direction);
        said.map_or_else(|| category.default_action(direction), |(_, _, action)| *action)
    }

    fn side(&self, direction: Direction) -> Result<Side, EngineError> {
        let mut rules: Vec<Rule> = Vec::new();
        let mut phrases = Phrases::default();
        for entry in self.entries.iter().filter(|entry| entry.scope().includes(direction)) {
            if entry.is_allowed_phrase() {
                phrases.add_allowed(entry.normalised());
                continue;
            }
            let action = entry.action().unwrap_or_else(|| self.action(entry.category(), direction));
            if action == Action::Allow {
                continue;
            }
            let category = entry.category().clone();
            let rule = Rule { name: format!("lexicon.{category}"), category, action };
            let number = rules.iter().position(|known| *known == rule).unwrap_or_else(|| {
                rules.push(rule);
                rules.len().saturating_sub(1)
            });
            let number = u32::try_from(number).map_err(|_| EngineError::TooManyRules(rules.len()))?;
            phrases.add_term(entry.normalised(), number);
        }
        let mut actions = Actions::all(
            self.action(&Category::PersonalData, Direction::Input),
            self.action(&Category::PersonalData, Direction::Output),
        );
        for (kind, direction, action) in &self.personal_data {
            actions.set(*kind, *direction, *action);
        }
        Ok(Side {
            direction,
            matcher: phrases.build()?,
            rules,
            enabled: Enabled::of(&actions, direction),
            personal_data: actions,
            hold_bytes_max: self.hold_bytes_max,
        })
    }

    /// Hashes what decides a verdict, each field with its length, lines sorted: order and duplicates change no verdict.
    fn version(&self, sides: &[&Side]) -> [u8; 32] {
        let mut lines: Vec<String> = Vec::new();
        for side in sides {
            let direction = side.direction.as_str();
            for entry in self.entries.iter().filter(|entry| entry.scope().includes(side.direction)) {
                let category = entry.category();
                let action = entry.action().unwrap_or_else(|| self.action(category, side.direction));
                lines.push(format!("{direction}\t{category}\t{}\t{}", action.as_str(), entry.normalised()));
            }
            for kind in PersonalData::ALL {
                let action = side.personal_data.of(kind, side.direction);
                lines.push(format!("{direction}\t{}\t{}", kind.rule(), action.as_str()));
            }
        }
        lines.sort_unstable();
        lines.dedup();
        let head = format!(
            "cinnabar safety\nnormaliser {}\nreadings {}\ndetectors {}\nhold {}\n",
            normalise::VERSION,
            stream::VERSION,
            personal_data::VERSION,
            self.hold_bytes_max
        );
        let mut hash = Sha256::new();
        hash.update(head);
        for line in lines {
            hash.update(u64::try_from(line.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(line);
        }
        hash.finalize().into()
    }
}
