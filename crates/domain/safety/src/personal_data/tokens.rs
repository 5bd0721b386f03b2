//! Reads codes of letters and digits: `91110000100003962T`, `E12345678`, `京A12345`.
//!
//! A code is a whole word. It is tried when the word is over, that is with the character after it.

use super::codes::{
    begins_credit_code, begins_passport, begins_permit, is_credit_code, is_organisation_code, is_passport,
    is_permit, is_plate,
};
use super::hearing::{Hearing, NEAR_CHARS_MAX};
use super::words::Near;
use super::{DataHit, Enabled, PersonalData};
use crate::class::is_word;
use crate::stream::Cells;

/// The longest code has 18 characters.
const CHARS_MAX: usize = 18;
/// What may follow the number of a plate: learner, police, trailer, Hong Kong, Macao, consulate, embassy.
const PLATE_ENDS: &str = "学警挂港澳领使";

/// The word that is being read.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct TokensState {
    word: Option<Word>,
    /// Eight characters that a hyphen and a check character may make an organisation code.
    stem: Option<usize>,
    plate: Option<Plate>,
}

#[derive(Debug, Clone, Copy)]
struct Word {
    start: usize,
    is_bounded: bool,
    passport: bool,
    permit: bool,
    organisation: bool,
}

/// A number plate behind its province.
#[derive(Debug, Clone, Copy)]
struct Plate {
    start: usize,
    /// Where the number starts that follows the city's letter; 0 before it is known.
    number: usize,
    has_city: bool,
}

/// A code's characters.
type Code = ([u8; CHARS_MAX], usize);

impl TokensState {
    #[inline]
    pub(super) const fn is_idle(&self) -> bool {
        self.word.is_none() && self.stem.is_none() && self.plate.is_none()
    }

    #[inline]
    pub(super) fn step(
        &mut self,
        enabled: &Enabled,
        hearing: &Hearing,
        next: Option<char>,
        now: usize,
        cells: &Cells,
        hits: &mut Vec<DataHit>,
    ) {
        self.step_plate(hearing, next, now, cells, hits);
        match (next, &self.word) {
            (Some(c), Some(_)) if c.is_ascii_alphanumeric() => {}
            (Some(c), None) if c.is_ascii_alphanumeric() => {
                self.word = Some(Word {
                    start: now,
                    is_bounded: !is_word(hearing.last),
                    passport: hearing.is_near(Near::Passport, NEAR_CHARS_MAX),
                    permit: hearing.is_near(Near::Permit, NEAR_CHARS_MAX),
                    organisation: hearing.is_near(Near::Organisation, NEAR_CHARS_MAX),
                });
            }
            (_, Some(_)) => self.close(enabled, next, now, cells, hits),
            (_, None) => self.stem = None,
        }
    }

    /// The word is over.
    fn close(
        &mut self,
        enabled: &Enabled,
        next: Option<char>,
        now: usize,
        cells: &Cells,
        hits: &mut Vec<DataHit>,
    ) {
        let stem = self.stem.take();
        let Some(word) = self.word.take() else { return };
        if next.is_some_and(is_word) {
            return;
        }
        let start = word.start;
        let length = now.saturating_sub(start);
        if length == 1
            && let Some(stem) = stem
        {
            let code = code(cells, stem, now, true);
            if code.is_some_and(|(chars, count)| is_organisation_code(chars.get(..count).unwrap_or_default()))
            {
                hits.push(DataHit {
                    kind: PersonalData::OrganisationCode,
                    start: stem,
                    end: now,
                    visible: (2, 2),
                });
            }
            return;
        }
        if !word.is_bounded || !(8..=CHARS_MAX).contains(&length) {
            return;
        }
        let Some((chars, count)) = code(cells, start, now, false) else { return };
        let chars = chars.get(..count).unwrap_or_default();
        if enabled.has(PersonalData::OrganisationCode)
            && word.organisation
            && length == 8
            && next == Some('-')
        {
            self.stem = Some(start);
        }
        let found = [
            (PersonalData::SocialCreditCode, is_credit_code(chars), (2, 4)),
            (PersonalData::Passport, is_passport(chars, word.passport), (1, 3)),
            (PersonalData::TravelPermit, word.permit && is_permit(chars), (1, 3)),
            (PersonalData::OrganisationCode, word.organisation && is_organisation_code(chars), (2, 2)),
        ];
        for (kind, _, visible) in found.into_iter().filter(|(kind, is_one, _)| *is_one && enabled.has(*kind))
        {
            hits.push(DataHit { kind, start, end: now, visible });
        }
    }

    fn step_plate(
        &mut self,
        hearing: &Hearing,
        next: Option<char>,
        now: usize,
        cells: &Cells,
        hits: &mut Vec<DataHit>,
    ) {
        if let Some(mut plate) = self.plate.take() {
            let count = if plate.number == 0 { 0 } else { now.saturating_sub(plate.number) };
            match next {
                Some(c) if c.is_ascii_alphabetic() && !plate.has_city => {
                    plate.has_city = true;
                    self.plate = Some(plate);
                }
                Some(c) if c.is_ascii_alphanumeric() && plate.has_city && count < 6 => {
                    plate.number = if plate.number == 0 { now } else { plate.number };
                    self.plate = Some(plate);
                }
                // One separator between the city's letter and the number.
                Some('·' | ' ' | '-' | '•' | '・' | '.')
                    if plate.has_city && plate.number == 0 && now == plate.start.saturating_add(2) =>
                {
                    self.plate = Some(plate);
                }
                _ if plate.number > 0 => close_plate(plate, next, now, cells, hits),
                _ => {}
            }
        }
        if self.plate.is_none() && next.is_some() && hearing.is_province {
            self.plate = Some(Plate { start: now, number: 0, has_city: false });
        }
    }

    /// Where the first word starts that may still become a code.
    pub(super) fn pending(&self, enabled: &Enabled, cells: &Cells) -> Option<usize> {
        let now = cells.count();
        let word = self.word.filter(|word| word.is_bounded).and_then(|word| {
            let (chars, count) = code(cells, word.start, now, false)?;
            let chars = chars.get(..count).unwrap_or_default();
            let can = [
                (PersonalData::SocialCreditCode, begins_credit_code(chars)),
                (PersonalData::Passport, begins_passport(chars, word.passport)),
                (PersonalData::TravelPermit, word.permit && begins_permit(chars)),
                (PersonalData::OrganisationCode, word.organisation && count <= 9),
            ];
            can.into_iter().any(|(kind, can)| can && enabled.has(kind)).then_some(word.start)
        });
        let plate = self.plate.filter(|_| enabled.has(PersonalData::NumberPlate)).map(|plate| plate.start);
        [word, self.stem, plate].into_iter().flatten().min()
    }
}

/// A plate's number is over, or its end is the newest character.
fn close_plate(plate: Plate, next: Option<char>, now: usize, cells: &Cells, hits: &mut Vec<DataHit>) {
    if next.is_some_and(is_word) {
        return;
    }
    let has_end = next.is_some_and(|c| PLATE_ENDS.contains(c));
    let Some((chars, count)) = code(cells, plate.number, now, false) else { return };
    let chars = chars.get(..count).unwrap_or_default();
    let is_short = has_end && count == 4 && chars.iter().filter(|c| c.is_ascii_digit()).count() >= 3;
    if is_short || is_plate(chars) {
        let end = now.saturating_add(usize::from(is_short));
        hits.push(DataHit { kind: PersonalData::NumberPlate, start: plate.start, end, visible: (2, 2) });
    }
}

/// The letters and digits from `start` to `end`; none where there are too many, or a part of them has left the window,
/// which says that nothing was waited for in it.
fn code(cells: &Cells, start: usize, end: usize, has_hyphen: bool) -> Option<Code> {
    let range = cells.range(start, end);
    if range.len() != end.saturating_sub(start) {
        return None;
    }
    let (mut chars, mut count) = ([0; CHARS_MAX], 0_usize);
    for cell in range.iter().filter(|cell| !(has_hyphen && cell.ch == '-')) {
        *chars.get_mut(count)? = u8::try_from(cell.ch).ok()?;
        count = count.saturating_add(1);
    }
    Some((chars, count))
}
