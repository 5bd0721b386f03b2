//! The engine: rules compiled for both directions.

mod cache;
mod lexicons;

use std::sync::Arc;

use jiff::civil::Date;
use sha2::{Digest, Sha256};
use terms::Direction;

use crate::channels::pinyin::Sounds;
use crate::classifier::{Head, Model, Zone};
use crate::matcher::Matcher;
use crate::passages::{self, PassageMode, Scoring};
use crate::pattern::{self, Pattern, PatternError, Patterns};
use crate::personal_data::{self, Enabled};
use crate::quiet::Quiet;
use crate::{
    Action, Category, Channel, Checked, CheckedParts, Entry, Explanation, Measure, PersonalData, Policy,
    PolicyRow, Situation, Stream, channels, lexicon, normalise, stream,
};
use lexicons::AllForms;

pub use cache::CacheError;

/// How much of a channel may be held back, unless the builder says otherwise. The longest address has 254 bytes and the
/// longest term 256, so that only text made for it (a digit and thousands of combining marks) comes near.
pub const HOLD_BYTES_MAX: usize = 4096;

/// The rules, compiled. Cheap to clone, and the same for every stream that was started from it.
#[derive(Clone)]
pub struct Engine {
    input: Arc<Side>,
    output: Arc<Side>,
    policy: Arc<Policy>,
    lexicons: AllForms,
    /// The hash of all that decides a verdict beside the lexicons.
    frame: [u8; 32],
    version: [u8; 32],
}

/// Gathers rules for an [`Engine`].
#[derive(Debug, Clone)]
pub struct EngineBuilder {
    entries: Vec<Entry>,
    patterns: Vec<Pattern>,
    day: Option<Date>,
    policy: Policy,
    classifier: Option<(Arc<Model>, PassageMode)>,
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
    /// A pattern cannot be looked for, or all of them together cannot.
    #[error(transparent)]
    Pattern(#[from] PatternError),
}

/// The lowest hold limit: the longest term in the widest characters.
pub const HOLD_BYTES_LEAST: usize = lexicon::TERM_CHARS_MAX * 4;

/// What a hit means: every detector names one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rule {
    /// Such as `lexicon.fraud`.
    pub(crate) name: String,
    pub(crate) category: Category,
    /// The action that its entry names.
    pub(crate) named: Option<Action>,
    /// How the terms of it stand in the text.
    pub(crate) channel: Channel,
    /// For each situation of the direction, by its place.
    measures: Vec<Measure>,
}

impl Rule {
    /// A rule; `named` is the measure that its entry names. What follows by the policy follows all the same.
    fn new(
        policy: &Policy,
        name: &str,
        category: &Category,
        named: Option<Measure>,
        direction: Direction,
    ) -> Self {
        let measures = Situation::all(direction)
            .map(|situation| {
                let measure = policy.measure(name, category, situation);
                named.map_or(measure, |named| named.then(measure.then))
            })
            .collect();
        let (channel, named) = (Channel::Strict, named.map(|n| n.action));
        Self { name: name.into(), category: category.clone(), named, channel, measures }
    }

    /// The rule of a zone of a head: where no row of the policy fits, the head says what is done.
    fn of_zone(policy: &Policy, head: Head, zone: Zone, direction: Direction) -> Self {
        let (name, category) = (head.rule(zone), head.category());
        let measures = Situation::all(direction)
            .map(|situation| {
                let decided = policy.decide(&name, &category, situation);
                if decided.rows.is_empty() { head.measure(zone, direction) } else { decided.measure }
            })
            .collect();
        Self { name, category, named: None, channel: Channel::Strict, measures }
    }

    pub(crate) fn measure(&self, situation: Situation) -> Measure {
        self.measures.get(situation.place()).copied().unwrap_or_default()
    }

    /// Whether it does nothing in any situation.
    fn is_off(&self) -> bool {
        self.measures.iter().all(|measure| measure.is_nothing())
    }

    /// Whether it masks or blocks in any situation, so that text must be held back for it.
    fn is_held(&self) -> bool {
        self.measures.iter().any(|measure| matches!(measure.action, Action::Mask | Action::Block))
    }

    /// All that it says, in one line.
    fn line(&self, direction: Direction) -> String {
        let measures: Vec<String> = self.measures.iter().map(|measure| measure.words()).collect();
        let channel = self.channel.as_str();
        format!("{}\t{}\t{channel}\t{}", direction.as_str(), self.name, measures.join(" "))
    }
}

/// The number of a rule among those of its direction.
pub(crate) type RuleId = u32;

/// The rules of one direction.
#[derive(Clone)]
pub(crate) struct Side {
    pub(crate) direction: Direction,
    pub(crate) matcher: Option<Arc<Matcher>>,
    pub(crate) patterns: Option<Arc<Patterns>>,
    /// What is quiet in both directions.
    pub(crate) quiet: Arc<Quiet>,
    /// The terms from their end to their beginning, for prompts.
    pub(crate) backwards: Option<Arc<Matcher>>,
    /// The terms by sound.
    pub(crate) sounds: Option<Arc<Sounds>>,
    pub(crate) rules: Vec<Rule>,
    /// How many of them do not come from lexicons; those that do come last.
    own_rules: usize,
    /// For each kind of personal data the rule, where it is on.
    pub(crate) enabled: Enabled,
    /// The passage scorer, where one is on.
    pub(crate) scoring: Option<Scoring>,
    pub(crate) hold_bytes_max: usize,
}

impl Engine {
    /// A builder without lexicons and patterns, with the default policies, every detector of personal data on.
    #[must_use]
    pub const fn builder() -> EngineBuilder {
        EngineBuilder {
            entries: Vec::new(),
            patterns: Vec::new(),
            day: None,
            policy: Policy::new(),
            classifier: None,
            hold_bytes_max: HOLD_BYTES_MAX,
        }
    }

    /// Checks a whole text.
    #[must_use]
    pub fn check(&self, text: &str, situation: impl Into<Situation>) -> Checked {
        let mut stream = self.stream(situation);
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
        situation: impl Into<Situation>,
    ) -> CheckedParts {
        let parts: Vec<&str> = parts.into_iter().collect();
        let mut stream = self.stream(situation);
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

    /// Starts to guard one text channel. Allocates nothing; with a classifier the first character does.
    #[must_use]
    pub fn stream(&self, situation: impl Into<Situation>) -> Stream {
        let situation = situation.into();
        Stream::new(Arc::clone(self.side(situation.direction)), situation)
    }

    /// Checks a whole text and says of every hit why it is one, and of every term that an allowed phrase exempts by
    /// which. Slower than [`Engine::check`], with the same verdict.
    #[must_use]
    pub fn explain(&self, text: &str, situation: impl Into<Situation>) -> Explanation {
        let situation = situation.into();
        Explanation::of(self, self.side(situation.direction), text, situation)
    }

    /// What is done about hits whose entry names no action.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    const fn side(&self, direction: Direction) -> &Arc<Side> {
        match direction {
            Direction::Input => &self.input,
            Direction::Output => &self.output,
        }
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

    /// Adds patterns. One pattern's name stands once.
    #[must_use]
    pub fn patterns(mut self, patterns: impl IntoIterator<Item = Pattern>) -> Self {
        self.patterns.extend(patterns);
        self
    }

    /// The day for which the rules are compiled: entries count that are valid on it. Without a day all of them count. When
    /// to compile anew says [`lexicon::next_change`].
    #[must_use]
    pub const fn on(mut self, day: Date) -> Self {
        self.day = Some(day);
        self
    }

    /// Adds a row of the operator's to the policy: what is done about hits whose entry names no action. A later row is
    /// stronger. A measure that does nothing turns the rules it fits off.
    #[must_use]
    pub fn policy(mut self, row: PolicyRow) -> Self {
        self.policy.push(row);
        self
    }

    /// Adds the rows of a pack to the policy. Of several packs the strictest holds; rows of [`EngineBuilder::policy`] are
    /// above all of them.
    #[must_use]
    pub fn pack_policy(mut self, rows: impl IntoIterator<Item = PolicyRow>) -> Self {
        self.policy.push_pack(rows.into_iter().collect());
        self
    }

    /// Scores passages by a model. `mode` says whether text waits for its score.
    #[must_use]
    pub fn classifier(mut self, model: Arc<Model>, mode: PassageMode) -> Self {
        self.classifier = Some((model, mode));
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
    /// The hold limit is too low, the lexicons or patterns too large, or a pattern too long to be masked or blocked.
    pub fn build(self) -> Result<Engine, EngineError> {
        let lexicons = AllForms::compile(&self.entries, self.day, &self.policy)?;
        self.assemble(lexicons)
    }

    /// Puts the compiled lexicons and all other rules together.
    fn assemble(self, lexicons: AllForms) -> Result<Engine, EngineError> {
        if self.hold_bytes_max < HOLD_BYTES_LEAST {
            return Err(EngineError::HoldLimit(self.hold_bytes_max));
        }
        let input = self.side(Direction::Input)?;
        let output = self.side(Direction::Output)?;
        let frame = self.frame(&[&input, &output]);
        let policy = Arc::new(self.policy);
        Engine { input: Arc::new(input), output: Arc::new(output), policy, lexicons, frame, version: frame }
            .arm()
    }

    /// The rules of a direction but for those of the lexicons.
    fn side(&self, direction: Direction) -> Result<Side, EngineError> {
        let mut rules: Vec<Rule> = Vec::new();
        let mut number_of = |rule: Rule| -> Result<RuleId, EngineError> {
            let number = rules.iter().position(|known| *known == rule).unwrap_or_else(|| {
                rules.push(rule);
                rules.len().saturating_sub(1)
            });
            RuleId::try_from(number).map_err(|_| EngineError::TooManyRules(number))
        };
        let mut patterns: Vec<(&Pattern, RuleId, bool)> = Vec::new();
        for pattern in self.patterns.iter().filter(|pattern| pattern.includes(direction)) {
            if let Some(twin) = patterns.iter().find(|(other, ..)| other.id() == pattern.id()) {
                return Err(pattern.twice(twin.0).into());
            }
            let rule =
                Rule::new(&self.policy, &pattern.rule(), pattern.category(), pattern.measure(), direction);
            if !rule.is_off() {
                let is_held = rule.is_held();
                if is_held {
                    pattern.check_hold(self.hold_bytes_max)?;
                }
                patterns.push((pattern, number_of(rule)?, is_held));
            }
        }
        let patterns =
            Patterns::build(&patterns).map_err(|problem| PatternError { place: None, id: None, problem })?;
        let mut enabled = Enabled::default();
        for kind in PersonalData::ALL {
            let rule = Rule::new(&self.policy, kind.rule(), &kind.category(), None, direction);
            if !rule.is_off() {
                enabled.set(kind, number_of(rule)?);
            }
        }
        let mut scoring = None;
        if let Some((model, mode)) = &self.classifier {
            let mut zones = Vec::new();
            for (head, zone) in
                Head::ALL.into_iter().flat_map(|head| [(head, Zone::Ask), (head, Zone::Block)])
            {
                let rule = Rule::of_zone(&self.policy, head, zone, direction);
                if !rule.is_off() {
                    zones.push((head, zone, number_of(rule)?));
                }
            }
            scoring = (!zones.is_empty()).then(|| Scoring::new(Arc::clone(model), *mode, zones));
        }
        let own_rules = rules.len();
        Ok(Side {
            direction,
            matcher: None,
            patterns: patterns.map(Arc::new),
            quiet: Arc::default(),
            backwards: None,
            sounds: None,
            rules,
            own_rules,
            enabled,
            scoring,
            hold_bytes_max: self.hold_bytes_max,
        })
    }

    /// Hashes what decides a verdict beside the lexicons, each field with its length, lines sorted: order and duplicates
    /// change no verdict.
    fn frame(&self, sides: &[&Side]) -> [u8; 32] {
        let rules = sides.iter().flat_map(|side| side.rules.iter().map(|rule| rule.line(side.direction)));
        let mut lines: Vec<String> = rules.collect();
        for side in sides {
            let direction = side.direction.as_str();
            for pattern in self.patterns.iter().filter(|pattern| pattern.includes(side.direction)) {
                lines.push(format!("{direction}\t{}\t{}", pattern.rule(), pattern.source()));
            }
        }
        if let Some((model, mode)) = &self.classifier {
            lines.push(passages::version(model, *mode));
        }
        // A row decides about rules that come later too, and which text people are given.
        lines.extend(self.policy.rows().map(|row| format!("policy\t{}", row.line())));
        lines.sort_unstable();
        lines.dedup();
        let head = format!(
            "cinnabar safety\nnormaliser {}\nreadings {}\nchannels {}\ndetectors {}\npatterns {}\nhold {}\n",
            normalise::VERSION,
            stream::VERSION,
            channels::VERSION,
            personal_data::VERSION,
            pattern::VERSION,
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
