//! Reads what a word announces: `密码：…`, `sk-…`, `姓名：…`, `住在…`, the body of a private key.
//!
//! The word itself is no part of the hit, so that nothing is held before it is known that a value comes. One value is read
//! at a time. A name or an address gives way to what is announced within it.

mod address;
mod name;
mod secret;

use super::words::Class;
use super::{DataHit, Enabled, PersonalData};
use crate::stream::Cells;

use address::AddressState;
use secret::SecretState;

/// What was announced, and how far it has come.
#[derive(Debug, Clone)]
pub(super) struct Announced {
    class: Class,
    place: Place,
}

#[derive(Debug, Clone)]
enum Place {
    /// Between the word and its value, after so many separators.
    Before(u8),
    /// In a value that starts there.
    Secret(SecretState),
    Name(usize),
    Address(AddressState),
}

/// Whether a value goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    On,
    Over,
}

impl Class {
    const fn kind(self) -> PersonalData {
        match self {
            Self::Key(_) | Self::SecretValue => PersonalData::ApiKey,
            Self::Jwt | Self::Bearer => PersonalData::Token,
            Self::Pem => PersonalData::PrivateKey,
            Self::Authority => PersonalData::ConnectionString,
            Self::Password => PersonalData::Password,
            Self::Name | Self::Titled => PersonalData::Name,
            Self::Address | Self::Place => PersonalData::Address,
        }
    }

    /// How many separators stand between the word and its value, at least and at most.
    const fn separators(self) -> (u8, u8) {
        match self {
            Self::Key(_) | Self::Jwt | Self::Authority | Self::Pem => (0, 0),
            Self::Bearer => (1, 2),
            Self::Password | Self::SecretValue => (1, 5),
            Self::Name | Self::Address | Self::Titled => (0, 3),
            Self::Place => (0, 1),
        }
    }

    const fn separates(self, c: char) -> bool {
        match self {
            Self::Bearer => c == ' ',
            Self::Password | Self::SecretValue => {
                matches!(c, ':' | '=' | ' ' | '是' | '为' | '"' | '\'' | '`' | '“' | '「' | '>')
            }
            Self::Name => matches!(c, ':' | ' ' | '是' | '为' | '"' | '“' | '「'),
            Self::Address => matches!(c, ':' | ' ' | '是' | '为' | '在' | '"' | '“' | '「' | '了'),
            Self::Titled => matches!(c, ' ' | ':'),
            Self::Place => c == ' ',
            Self::Key(_) | Self::Jwt | Self::Authority | Self::Pem => false,
        }
    }
}

impl Announced {
    /// Starts to wait for what `class` announces, where that is looked for and what was announced before gives way.
    pub(super) fn open(
        slot: &mut Option<Box<Self>>,
        class: Class,
        enabled: &Enabled,
        cells: &Cells,
        hits: &mut Vec<DataHit>,
    ) {
        if !enabled.has(class.kind()) {
            return;
        }
        if let Some(before) = slot {
            let gives_way = matches!(before.place, Place::Before(_) | Place::Name(_))
                || (matches!(before.place, Place::Address(_)) && class != Class::Place);
            if !gives_way {
                return;
            }
            before.finish(cells, hits);
        }
        *slot = Some(Box::new(Self { class, place: Place::Before(0) }));
    }

    /// Reads the next character, the newest of `cells`, or the end; false when there is nothing more to read.
    pub(super) fn step(
        &mut self,
        next: Option<char>,
        now: usize,
        cells: &Cells,
        hits: &mut Vec<DataHit>,
    ) -> bool {
        if let Place::Before(separators) = &mut self.place {
            let (least, most) = self.class.separators();
            let Some(c) = next else { return false };
            if *separators < most && self.class.separates(c) {
                *separators = separators.saturating_add(1);
                return true;
            }
            if *separators < least {
                return false;
            }
            self.place = match self.class {
                Class::Name | Class::Titled => Place::Name(now),
                Class::Address | Class::Place => Place::Address(AddressState::new(now)),
                _ => Place::Secret(SecretState::new(now)),
            };
        }
        let kind = self.class.kind();
        let step = match &mut self.place {
            Place::Before(_) => Step::Over,
            Place::Secret(state) => state.step(self.class, next, now, cells, hits),
            Place::Name(start) => {
                let found = name::read(self.class, cells.range(*start, now), next);
                if let name::Found::Name(length) = found {
                    let end = start.saturating_add(length);
                    hits.push(DataHit { kind, start: *start, end, visible: (1, 0) });
                }
                if found == name::Found::Undecided { Step::On } else { Step::Over }
            }
            Place::Address(state) => state.step(next, now, cells, hits),
        };
        step == Step::On
    }

    /// Where what is waited for starts.
    pub(super) const fn pending(&self) -> Option<usize> {
        match &self.place {
            Place::Before(_) => None,
            Place::Secret(state) => state.pending(self.class),
            Place::Name(start) => Some(*start),
            Place::Address(state) => Some(state.start()),
        }
    }

    /// Gives way to something else: what is complete is found.
    fn finish(&self, cells: &Cells, hits: &mut Vec<DataHit>) {
        if let Place::Address(state) = &self.place {
            state.finish(cells, hits);
        }
    }
}
