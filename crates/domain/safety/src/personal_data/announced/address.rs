//! Postal addresses down to the house: areas, a road or village, and a number with its unit.
//!
//! At most 60 characters, and at most eight without a word such as `区` or `路`. A sentence that is no address is left at
//! the first character that no name of a place has.

use super::Step;
use super::name::is_han;
use crate::personal_data::{DataHit, PersonalData};
use crate::stream::Cells;

/// The longest address in characters: five levels of names of ten, and a flat.
const CHARS_MAX: usize = 60;
/// The longest name of a place between two of the words below, in characters.
const NAME_MAX: u8 = 8;
/// The most digits of a house or a flat.
const NUMBER_MAX: u8 = 6;

/// What the names of areas end in.
pub(super) const AREAS: &str = "省市区县州盟旗";
/// What the names of roads, villages and estates end in.
pub(super) const ROADS: &str = "路街道巷弄里村镇乡庄园苑城坊湾";
/// What stands behind a number.
pub(super) const UNITS: &str = "号弄栋幢楼室院座层单户组队";
/// What no name of a place has.
pub(super) const OTHERS: &str = "的了是我你他她它们吗呢啊呀这哪么怎把被说没很也就但因而";

/// An address as far as it has come.
#[derive(Debug, Clone, Copy)]
pub(super) struct AddressState {
    start: usize,
    /// Where the last area ends that stands before every road.
    area_end: usize,
    /// Where the last number with its unit ends; 0 for none.
    complete: usize,
    /// Characters of a name since the last word of a kind.
    name: u8,
    /// Digits and letters in a row.
    number: u8,
    has_road: bool,
}

impl AddressState {
    pub(super) const fn new(start: usize) -> Self {
        Self { start, area_end: start, complete: 0, name: 0, number: 0, has_road: false }
    }

    pub(super) const fn start(&self) -> usize {
        self.start
    }

    pub(super) fn step(
        &mut self,
        next: Option<char>,
        now: usize,
        cells: &Cells,
        hits: &mut Vec<DataHit>,
    ) -> Step {
        let goes_on = next.is_some_and(|c| self.takes(c, now));
        if goes_on {
            return Step::On;
        }
        // The flat may stand without a unit: `3号楼1201`.
        if self.complete > 0 && now.checked_sub(usize::from(self.number)) == Some(self.complete) {
            self.complete = now;
        }
        self.finish(cells, hits);
        Step::Over
    }

    /// Takes the address as it is complete.
    pub(super) fn finish(&self, cells: &Cells, hits: &mut Vec<DataHit>) {
        if self.complete > 0 {
            let area = cells.range(self.start, self.area_end).iter().filter(|cell| cell.ch.is_alphanumeric());
            let visible = (area.count(), 0);
            hits.push(DataHit {
                kind: PersonalData::Address,
                start: self.start,
                end: self.complete,
                visible,
            });
        }
    }

    /// Takes one more character; false where it is none of an address.
    fn takes(&mut self, c: char, now: usize) -> bool {
        if now.saturating_sub(self.start) >= CHARS_MAX {
            return false;
        }
        let after = now.saturating_add(1);
        if c.is_ascii_alphanumeric() || (c == '-' && self.number > 0) {
            self.number = self.number.saturating_add(1);
            return self.has_road && self.number <= NUMBER_MAX;
        }
        if c == '线' && (self.complete == now || self.complete == 0) {
            // `2号线` is a railway line.
            self.complete = 0;
            return false;
        }
        if !is_han(c) || OTHERS.contains(c) {
            return false;
        }
        let is_behind_unit = self.complete > 0 && self.complete == now;
        let is_unit = UNITS.contains(c) && (self.number > 0 || is_behind_unit);
        // `元` is money but behind `单`.
        if self.has_road && (is_unit || (c == '元' && is_behind_unit)) {
            self.complete = after;
            (self.name, self.number) = (0, 0);
            return true;
        }
        if self.number > 0
            && self.complete > 0
            && now.checked_sub(usize::from(self.number)) == Some(self.complete)
        {
            // The flat stands without a unit: `2单元502的`.
            self.complete = now;
        }
        self.number = if self.has_road && is_numeral(c) { self.number.saturating_add(1) } else { 0 };
        if AREAS.contains(c) {
            self.name = 0;
            if !self.has_road {
                self.area_end = after;
            }
        } else if ROADS.contains(c) {
            (self.name, self.has_road) = (0, true);
        } else {
            self.name = self.name.saturating_add(1);
        }
        self.name <= NAME_MAX
    }
}

const fn is_numeral(c: char) -> bool {
    matches!(c, '〇' | '零' | '一' | '二' | '三' | '四' | '五' | '六' | '七' | '八' | '九' | '十' | '百')
}
