//! Reads digits in groups: `13800138000`, `138 0013 8000`, `6222-0212-…`.
//!
//! A *group* is a run of digits; one space or hyphen between two digits goes on with the next group. Every run of
//! neighbouring groups is tried when its last group ends, that is with the character after it.

use super::{
    DataHit,
    hearing::{Hearing, NEAR_CHARS_MAX},
    shapes::{GROUPS_MAX, Kinds, NearNumber, Number},
    words::Near,
};
use crate::class::{is_group_separator, is_word};
use crate::stream::Cells;

#[derive(Debug, Clone, Copy, Default)]
struct Group {
    start: usize,
    /// Narrow, since every open stream carries five of them.
    length: u32,
    /// Nothing before it continues it: no letter, and no decimal point.
    is_bounded: bool,
    /// The words that stand near before it.
    near: NearNumber,
    /// It stands behind an opening parenthesis: `(010)`.
    is_in_parenthesis: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Outside,
    InGroup,
    AfterCheckLetter,
    AfterSeparator,
}

#[derive(Debug, Clone, Default)]
pub(super) struct DigitsState {
    place: Place,
    groups: [Group; GROUPS_MAX],
    count: usize,
}

impl DigitsState {
    #[inline]
    pub(super) const fn is_idle(&self) -> bool {
        matches!(self.place, Place::Outside)
    }

    pub(super) fn step(
        &mut self,
        kinds: Kinds,
        hearing: &Hearing,
        next: Option<char>,
        now: usize,
        cells: &Cells,
        hits: &mut Vec<DataHit>,
    ) {
        let is_inside = matches!(self.place, Place::InGroup | Place::AfterCheckLetter);
        match next {
            Some(c) if c.is_ascii_digit() => match self.place {
                Place::InGroup => self.lengthen(),
                Place::AfterSeparator => self.open(now, true, hearing),
                Place::Outside | Place::AfterCheckLetter => {
                    self.count = 0;
                    let is_decimal = hearing.last == '.' && hearing.second_last.is_ascii_digit();
                    self.open(now, !is_word(hearing.last) && !is_decimal, hearing);
                }
            },
            Some('x') if self.place == Place::InGroup && self.awaits_check_letter() => {
                self.lengthen();
                self.place = Place::AfterCheckLetter;
            }
            other => {
                if is_inside && !other.is_some_and(is_word) {
                    self.close(kinds, now, cells, hits);
                }
                let closes = other == Some(')') && self.is_in_parenthesis();
                let goes_on = (is_inside && (closes || other.is_some_and(is_group_separator)))
                    || (self.place == Place::AfterSeparator && hearing.last == ')' && other == Some(' '));
                self.place = if goes_on { Place::AfterSeparator } else { Place::Outside };
            }
        }
    }

    /// Where the first number starts that may still become something.
    pub(super) fn pending(&self, kinds: Kinds, cells: &Cells) -> Option<usize> {
        if self.place == Place::Outside {
            return None;
        }
        let groups = self.groups();
        groups.iter().enumerate().filter(|(_, group)| group.is_bounded).find_map(|(i, group)| {
            let number = self.number(i, cells)?;
            let is_pending = match self.place {
                Place::AfterCheckLetter => number.classify(kinds).is_some(),
                Place::AfterSeparator => number.can_grow(kinds, true),
                Place::InGroup | Place::Outside => number.can_grow(kinds, false),
            };
            is_pending.then_some(group.start)
        })
    }

    fn groups(&self) -> &[Group] {
        self.groups.get(..self.count).unwrap_or_default()
    }

    fn is_in_parenthesis(&self) -> bool {
        self.groups().last().is_some_and(|group| group.is_in_parenthesis)
    }

    fn open(&mut self, start: usize, is_bounded: bool, hearing: &Hearing) {
        if self.count == GROUPS_MAX {
            self.groups.rotate_left(1);
            self.count = GROUPS_MAX.saturating_sub(1);
        }
        if let Some(slot) = self.groups.get_mut(self.count) {
            *slot = Group {
                start,
                length: 1,
                is_bounded,
                near: NearNumber {
                    phone: hearing.is_near(Near::Phone, NEAR_CHARS_MAX),
                    card: hearing.is_near(Near::Card, NEAR_CHARS_MAX),
                },
                is_in_parenthesis: hearing.last == '(',
            };
            self.count = self.count.saturating_add(1);
        }
        self.place = Place::InGroup;
    }

    fn lengthen(&mut self) {
        if let Some(group) = self.count.checked_sub(1).and_then(|i| self.groups.get_mut(i)) {
            group.length = group.length.saturating_add(1);
        }
    }

    /// Whether an `x` here would be the check character of a resident id.
    fn awaits_check_letter(&self) -> bool {
        matches!(
            self.groups(),
            [.., Group { length: 17, .. }]
                | [.., Group { length: 6, .. }, Group { length: 8, .. }, Group { length: 3, .. }]
        )
    }

    /// The groups from the `i`th to the last one as one number; none where a part of it has left the window, which says
    /// that nothing was waited for in it.
    fn number(&self, i: usize, cells: &Cells) -> Option<Number> {
        let mut number = Number::new(self.groups().get(i)?.near);
        for group in self.groups().get(i..).unwrap_or_default() {
            let digits = cells.range(group.start, group.start.saturating_add(group.length as usize));
            if digits.len() != group.length as usize || !number.add_group(digits.iter().map(|cell| cell.ch)) {
                return None;
            }
        }
        Some(number)
    }

    /// Tries every run of groups that ends with the last one.
    fn close(&self, kinds: Kinds, now: usize, cells: &Cells, hits: &mut Vec<DataHit>) {
        for (i, group) in self.groups().iter().enumerate().filter(|(_, group)| group.is_bounded) {
            if let Some((kind, visible)) = self.number(i, cells).and_then(|number| number.classify(kinds)) {
                hits.push(DataHit { kind, start: group.start, end: now, visible });
            }
        }
    }
}
