//! Personal data in running text: Chinese resident ids, mobile numbers, bank cards, mail addresses.
//!
//! Each kind has a greatest length, so that a stream knows how long to wait: a resident id 18 digits, a mobile number
//! 15 (with the country code), a bank card 19, each with one separator between groups; an address 254 characters
//! (RFC 5321 §4.5.3.1.3). Boundaries are drawn by character class, so that a number beside a Chinese character is found.

mod digits;
mod email;
mod shapes;

use crate::engine::RuleId;
use crate::stream::{Cell, Cells};

use digits::DigitsState;
use email::EmailState;

/// Goes into [`crate::Engine::version`]; raise it when any detector finds differently.
pub(crate) const VERSION: u32 = 1;

/// A kind of personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PersonalData {
    /// The 18-character number of a Chinese resident (GB 11643-1999), masked to its first 3 and last 4.
    ResidentId,
    /// A mobile number of mainland China, with or without `86`, masked to its first 3 and last 4 digits.
    MobilePhone,
    /// A bank card (ISO/IEC 7812), masked to its first 4 and last 4 digits.
    BankCard,
    /// A mail address; the part before the `@` is masked to its first character.
    Email,
}

impl PersonalData {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::ResidentId, Self::MobilePhone, Self::BankCard, Self::Email];

    /// The rule's name.
    #[must_use]
    pub const fn rule(self) -> &'static str {
        match self {
            Self::ResidentId => "personal-data.resident-id",
            Self::MobilePhone => "personal-data.mobile-phone",
            Self::BankCard => "personal-data.bank-card",
            Self::Email => "personal-data.email",
        }
    }

    /// The kind with that rule name.
    #[must_use]
    pub fn from_rule(rule: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.rule() == rule)
    }
}

/// A span found: characters `start..end` of the channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DataHit {
    pub(crate) kind: PersonalData,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// How many of its digits, counted from either end, stay visible.
    visible: (usize, usize),
}

impl DataHit {
    /// Whether each character of the span is hidden when it is masked.
    pub(crate) fn hidden(self, cells: &[Cell]) -> impl Iterator<Item = bool> + '_ {
        let counts = move |cell: &Cell| match self.kind {
            PersonalData::Email => true,
            _ => cell.ch.is_ascii_alphanumeric(),
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

/// Which detectors run in one direction, and the rules they stand for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Enabled {
    rules: [Option<RuleId>; PersonalData::ALL.len()],
    digits: shapes::Kinds,
    email: bool,
}

impl Enabled {
    pub(crate) fn set(&mut self, kind: PersonalData, rule: RuleId) {
        if let Some(slot) = self.rules.get_mut(kind as usize) {
            *slot = Some(rule);
        }
        match kind {
            PersonalData::ResidentId => self.digits.resident_id = true,
            PersonalData::MobilePhone => self.digits.mobile_phone = true,
            PersonalData::BankCard => self.digits.bank_card = true,
            PersonalData::Email => self.email = true,
        }
    }

    pub(crate) fn rule(&self, kind: PersonalData) -> Option<RuleId> {
        self.rules.get(kind as usize).copied().flatten()
    }
}

/// What a stream remembers about personal data.
#[derive(Debug, Clone, Default)]
pub(crate) struct DataState {
    digits: DigitsState,
    email: EmailState,
}

impl DataState {
    /// Whether nothing is waited for.
    #[inline]
    pub(crate) const fn is_idle(&self) -> bool {
        self.digits.is_idle() && self.email.is_idle()
    }

    /// The two last characters: all that counts of the text while nothing is waited for.
    pub(crate) const fn context(&self) -> (char, char) {
        self.digits.last_two()
    }

    /// Reads the newest character of `cells`, or the end of the text.
    pub(crate) fn step(
        &mut self,
        enabled: Enabled,
        next: Option<char>,
        cells: &Cells,
        hits: &mut Vec<DataHit>,
    ) {
        // The number of `next`: it is the newest of the cells, or comes after all of them.
        let now = if next.is_some() { cells.count().saturating_sub(1) } else { cells.count() };
        match next {
            // Most characters are letters, which begin no number.
            Some(c) if self.digits.is_idle() && !c.is_ascii_digit() => self.digits.pass(c),
            _ if enabled.digits.any() => self.digits.step(enabled.digits, next, now, cells, hits),
            _ => {}
        }
        if enabled.email {
            self.email.step(next, now, cells, hits);
        }
    }

    /// Sees a character that no detector can begin with, while all are idle.
    #[inline]
    pub(crate) const fn pass(&mut self, c: char) {
        self.digits.pass(c);
    }

    /// The number of the first character that is waited for.
    pub(crate) fn pending(&self, enabled: Enabled, cells: &Cells) -> usize {
        let now = cells.count();
        let digits = self.digits.pending(enabled.digits, cells).unwrap_or(now);
        digits.min(self.email.pending(now).unwrap_or(now))
    }
}
