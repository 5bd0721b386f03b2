//! Personal data and secrets in running text.
//!
//! Each detector has a greatest length, so that a stream knows how long to wait: numbers in groups (`digits`, `shapes`) 19
//! digits with one separator between groups, numbers in Chinese numerals (`numerals`) eleven, codes of letters and digits
//! (`tokens`, `codes`) 18, IP addresses (`internet`) 39, mail addresses 254 characters (RFC 5321 §4.5.3.1.3), and what a
//! word announces (`announced`) 60 for a postal address and 256 for a secret, which is masked piece by piece past that.
//!
//! Boundaries are drawn by character class, so that a number beside a Chinese character is found. A shape that much else
//! has too counts only with a word that says what it is (`words`), at most 16 characters before it (`hearing`).

mod announced;
mod codes;
mod digits;
mod email;
mod hearing;
mod internet;
mod kind;
mod numerals;
mod passing;
mod shapes;
mod tokens;
mod words;

use crate::engine::RuleId;
use crate::normalise::Symbol;
use crate::stream::{Cell, Cells};

use announced::Announced;
use digits::DigitsState;
use email::EmailState;
use internet::InternetState;
use numerals::NumeralsState;
use tokens::TokensState;
use words::{Words, words};

pub(crate) use hearing::{Context, Hearing};
use hearing::{NO_WORD_FROM, is_of_word};
pub use kind::PersonalData;
pub(crate) use passing::passing;

/// Goes into [`crate::Engine::version`]; raise it when any detector finds differently.
pub(crate) const VERSION: u32 = 3;

/// A span found: characters `start..end` of the channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DataHit {
    pub(crate) kind: PersonalData,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// How many of its letters and digits, counted from either end, stay visible.
    visible: (usize, usize),
}

impl DataHit {
    /// Whether each character of the span is hidden when it is masked.
    pub(crate) fn hidden(self, cells: &[Cell]) -> impl Iterator<Item = bool> + '_ {
        let counts = move |cell: &Cell| {
            cell.ch.is_alphanumeric() || (self.kind.counts_all() && !cell.ch.is_whitespace())
        };
        let total = cells.iter().filter(|cell| counts(cell)).count();
        let last = total.saturating_sub(self.visible.1);
        let mut number = 0_usize;
        cells.iter().map(move |cell| {
            if !counts(cell) {
                return false;
            }
            let hidden = number >= self.visible.0 && number < last;
            number = number.saturating_add(1);
            hidden
        })
    }
}

/// Whether anything begins with a normalised character while no detector waits, or is heard of it that counts later.
pub(crate) fn is_loud(c: char) -> bool {
    is_of_word(c) || words().is_first(c)
}

/// Whether nothing comes of a loud character unless what comes next makes one of [`pairs`] with it, or is a letter or digit:
/// it begins a word of ours, a number plate or a number in Chinese numerals, and is no letter itself.
pub(crate) fn needs_second(c: char) -> bool {
    !is_of_word(c) && words().is_first(c)
}

/// What begins a word of ours, or a number in Chinese numerals.
pub(crate) fn pairs() -> impl Iterator<Item = (char, char)> {
    words().pairs().chain(numerals::pairs())
}

/// The loud characters among those of which most are not.
pub(crate) fn listed() -> impl Iterator<Item = char> {
    (NO_WORD_FROM..='\u{FFFF}').filter(|c| words().is_first(*c))
}

/// Which detectors run in one direction, and the rules they stand for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Enabled {
    rules: [Option<RuleId>; PersonalData::ALL.len()],
    digits: shapes::Kinds,
    tokens: bool,
    words: &'static Words,
}

impl Default for Enabled {
    fn default() -> Self {
        let rules = [None; PersonalData::ALL.len()];
        Self { rules, digits: shapes::Kinds::default(), tokens: false, words: words() }
    }
}

impl Enabled {
    pub(crate) fn set(&mut self, kind: PersonalData, rule: RuleId) {
        if let Some(slot) = self.rules.get_mut(kind as usize) {
            *slot = Some(rule);
        }
        match kind {
            PersonalData::ResidentId => self.digits.resident_id = true,
            PersonalData::MobilePhone => self.digits.mobile_phone = true,
            PersonalData::Landline => self.digits.landline = true,
            PersonalData::BankCard => self.digits.bank_card = true,
            PersonalData::Passport
            | PersonalData::TravelPermit
            | PersonalData::SocialCreditCode
            | PersonalData::OrganisationCode
            | PersonalData::NumberPlate => self.tokens = true,
            _ => {}
        }
    }

    pub(crate) fn rule(&self, kind: PersonalData) -> Option<RuleId> {
        self.rules.get(kind as usize).copied().flatten()
    }

    /// Hears a character while no detector waits, and goes past it, where none begins with it or it [`passing`]; tells
    /// whether it did.
    #[inline]
    pub(crate) fn goes_past(&self, hearing: &mut Hearing, symbol: Symbol, passes: bool) -> bool {
        hearing.goes_past(self.words, (symbol.is_loud(), passes), symbol.ch())
    }

    /// Hears so many characters while no detector waits and no word of ours has begun, of which none is of a word and nothing
    /// has come; `last` is the last of them.
    #[inline]
    pub(crate) fn skips(&self, hearing: &mut Hearing, count: u32, last: char) {
        hearing.skip_to(self.words, count, last);
    }

    fn has(&self, kind: PersonalData) -> bool {
        self.rule(kind).is_some()
    }
}

/// What a stream remembers about personal data.
#[derive(Debug, Clone, Default)]
pub(crate) struct DataState {
    hearing: Hearing,
    digits: DigitsState,
    email: EmailState,
    tokens: TokensState,
    internet: InternetState,
    numerals: NumeralsState,
    /// Boxed, since few texts announce anything.
    announced: Option<Box<Announced>>,
    /// Any of them waits; kept, since it is asked for each character.
    is_waiting: bool,
}

impl DataState {
    /// Whether nothing is waited for.
    #[inline]
    pub(crate) const fn is_idle(&self) -> bool {
        !self.is_waiting
    }

    /// What was heard.
    pub(crate) const fn hearing(&self) -> Hearing {
        self.hearing
    }

    /// Goes past what was heard by [`Enabled::goes_past`]: characters of which `last` are the last ones, from the end.
    pub(crate) fn follow(&mut self, hearing: Hearing, last: impl Iterator<Item = char>) {
        self.hearing = hearing;
        self.hearing.follow(last);
    }

    /// All that counts of the text while nothing is waited for.
    pub(crate) fn context(&self) -> Context {
        self.hearing.context()
    }

    /// Hears the next character, before [`DataState::pass`] or [`DataState::step`] with the same one; tells whether a
    /// detector can begin with it.
    #[inline]
    pub(crate) fn hear(&mut self, enabled: &Enabled, c: char) -> bool {
        self.hearing.hear(enabled.words, c)
    }

    /// Reads the newest character of `cells`, which was heard, or the end of the text.
    pub(crate) fn step(
        &mut self,
        enabled: &Enabled,
        next: Option<char>,
        cells: &Cells,
        hits: &mut Vec<DataHit>,
    ) {
        // The number of `next`: it is the newest of the cells, or comes after all of them.
        let now = if next.is_some() { cells.count().saturating_sub(1) } else { cells.count() };
        let is_digit = next.is_some_and(|c| c.is_ascii_digit());
        let begins = next.is_some_and(|c| c.is_ascii_alphanumeric() || self.hearing.is_province);
        // Most characters are letters, which begin no number.
        if enabled.digits.any() && (is_digit || !self.digits.is_idle()) {
            self.digits.step(enabled.digits, &self.hearing, next, now, cells, hits);
        }
        if enabled.has(PersonalData::Email) {
            self.email.step(next, now, cells, hits);
        }
        if enabled.tokens && (begins || !self.tokens.is_idle()) {
            self.tokens.step(enabled, &self.hearing, next, now, cells, hits);
        }
        if enabled.has(PersonalData::IpAddress) && (is_digit || !self.internet.is_idle()) {
            self.internet.step(&self.hearing, next, now, cells, hits);
        }
        if enabled.digits.mobile_phone && (!self.numerals.is_idle() || next.is_some_and(numerals::begins)) {
            self.numerals.step(&self.hearing, next, now, hits);
        }
        if let Some(announced) = &mut self.announced
            && !announced.step(next, now, cells, hits)
        {
            self.announced = None;
        }
        self.is_waiting = !(self.digits.is_idle()
            && self.email.is_idle()
            && self.tokens.is_idle()
            && self.internet.is_idle()
            && self.numerals.is_idle()
            && self.announced.is_none());
        if let Some(c) = next {
            self.pass(enabled, c, cells, hits);
        }
    }

    /// Goes past a character that was heard and that no detector waits for.
    #[inline]
    pub(crate) fn pass(&mut self, enabled: &Enabled, c: char, cells: &Cells, hits: &mut Vec<DataHit>) {
        self.hearing.pass(c);
        if !self.hearing.is_quiet()
            && let Some(class) = self.hearing.take_announced()
        {
            Announced::open(&mut self.announced, class, enabled, cells, hits);
            self.is_waiting |= self.announced.is_some();
        }
    }

    /// The number of the first character that is waited for.
    pub(crate) fn pending(&self, enabled: &Enabled, cells: &Cells) -> usize {
        let now = cells.count();
        [
            self.digits.pending(enabled.digits, cells),
            self.email.pending(now),
            self.tokens.pending(enabled, cells),
            self.internet.pending(cells),
            self.numerals.pending(),
            self.announced.as_ref().and_then(|announced| announced.pending()),
        ]
        .into_iter()
        .flatten()
        .fold(now, usize::min)
    }
}
