//! Pages of Ogg (RFC 3533): a head with a number and a checksum, lengths of parts, the parts. A part of 255 bytes goes
//! on in the next.

use std::ops::Range;

use super::super::{Broken, riff::u32_at};

const MARK: &[u8] = b"OggS";
const HEAD: usize = 27;
/// Parts of one page.
const PARTS_MAX: usize = 255;
const IS_CONTINUED: u8 = 1;
const IS_FIRST: u8 = 2;
const IS_LAST: u8 = 4;
/// The position of a page on which no packet ends.
const NO_POSITION: u64 = u64::MAX;

/// One page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) whole: Range<usize>,
    pub(super) serial: u32,
    flags: u8,
    position: u64,
    number: u32,
    body: usize,
}

impl Page {
    pub(super) const fn is_first(&self) -> bool {
        self.flags & IS_FIRST != 0
    }

    /// The lengths of its parts.
    pub(super) fn lacing<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        bytes.get(self.whole.start.saturating_add(HEAD)..self.body).unwrap_or_default()
    }

    pub(super) fn data<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        bytes.get(self.body..self.whole.end).unwrap_or_default()
    }

    /// How long its first so many parts are.
    pub(super) fn length_of(&self, bytes: &[u8], parts: usize) -> usize {
        self.lacing(bytes).iter().take(parts).map(|&length| usize::from(length)).sum()
    }

    /// The fields of number and checksum once so many pages have come before, and where they stand.
    pub(super) fn renumbered(&self, bytes: &[u8], by: usize) -> (Range<usize>, Vec<u8>) {
        let number = self.number.wrapping_add(u32::try_from(by).unwrap_or_default()).to_le_bytes();
        let at = |field: usize| self.whole.start.saturating_add(field);
        let rest = bytes.get(at(26)..self.whole.end).unwrap_or_default();
        let before = bytes.get(at(0)..at(18)).unwrap_or_default();
        let sum = [before, &number, &[0; 4], rest].into_iter().fold(0, checksum);
        (at(18)..at(26), [number, sum.to_le_bytes()].concat())
    }
}

/// The pages of a file. What stands between two, or behind the last, is passed over.
pub(super) struct Pages<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Pages<'b> {
    pub(super) const fn of(bytes: &'b [u8]) -> Self {
        Self::from(bytes, 0)
    }

    pub(super) const fn from(bytes: &'b [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    fn step(&mut self) -> Result<Option<Page>, Broken> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let Some(skip) = rest.windows(MARK.len()).position(|mark| mark == MARK) else { return Ok(None) };
        let at = self.at.saturating_add(skip);
        if at > 0 && self.at == 0 {
            return Err(Broken::Malformed { what: "no Ogg page", at: 0 });
        }
        let truncated = Broken::Truncated { what: "an Ogg page", at };
        let head = self.bytes.get(at..).and_then(|rest| rest.get(..HEAD)).ok_or(truncated.clone())?;
        let (Some(&flags), Some(&parts)) = (head.get(5), head.get(26)) else { return Err(truncated) };
        let position = head.get(6..14).and_then(|field| field.try_into().ok()).map(u64::from_le_bytes);
        let (Some(position), Some(serial), Some(number)) = (position, u32_at(head, 14), u32_at(head, 18))
        else {
            return Err(truncated);
        };
        let lacing = at.saturating_add(HEAD);
        let body = lacing.saturating_add(usize::from(parts));
        let lengths = self.bytes.get(lacing..body).ok_or(truncated.clone())?;
        let end = body.saturating_add(lengths.iter().map(|&length| usize::from(length)).sum());
        if end > self.bytes.len() {
            return Err(truncated);
        }
        self.at = end;
        Ok(Some(Page { whole: at..end, serial, flags, position, number, body }))
    }
}

impl Iterator for Pages<'_> {
    type Item = Result<Page, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        let step = self.step().transpose();
        if matches!(step, Some(Err(_))) {
            self.at = self.bytes.len();
        }
        step
    }
}

/// The pages `old` with other parts: as many as before where they have room, each about as full as it was.
pub(super) fn repaged(bytes: &[u8], old: &[Page], lacing: &[u8], data: &[u8]) -> Vec<Vec<u8>> {
    let (Some(first), Some(last)) = (old.first(), old.last()) else { return Vec::new() };
    let parts: Vec<usize> = old.iter().map(|page| page.lacing(bytes).len()).collect();
    let (mut lacing, mut data) = (lacing, data);
    let mut is_continued = first.flags & IS_CONTINUED != 0;
    let mut new = Vec::new();
    for count in shares(lacing.len(), &parts) {
        let (mine, later) = lacing.split_at_checked(count).unwrap_or((lacing, &[]));
        let length = mine.iter().map(|&length| usize::from(length)).sum();
        let (body, behind) = data.split_at_checked(length).unwrap_or((data, &[]));
        let is_end = later.is_empty() && new.len().saturating_add(1) >= old.len();
        let position = match (mine.iter().any(|&length| length < 255), is_end) {
            (true, true) => last.position,
            (true, false) => 0,
            (false, _) => NO_POSITION,
        };
        let flags = u8::from(is_continued) | if is_end { last.flags & IS_LAST } else { 0 };
        let number = first.number.wrapping_add(u32::try_from(new.len()).unwrap_or_default());
        new.push(page(flags, position, first.serial, number, mine, body));
        is_continued = mine.last().map_or(is_continued, |&length| length == 255);
        (lacing, data) = (later, behind);
    }
    new
}

/// How many parts each page gets: what it had, more where the rest could not take it, and new pages at last.
fn shares(total: usize, old: &[usize]) -> Vec<usize> {
    let mut left = total;
    let mut shares = Vec::with_capacity(old.len());
    for (number, &had) in old.iter().enumerate() {
        let later = old.len().saturating_sub(number).saturating_sub(1);
        let must = left.saturating_sub(later.saturating_mul(PARTS_MAX));
        let share = had.max(must).min(PARTS_MAX).min(left);
        shares.push(share);
        left = left.saturating_sub(share);
    }
    while left > 0 {
        let share = left.min(PARTS_MAX);
        shares.push(share);
        left = left.saturating_sub(share);
    }
    shares
}

pub(super) fn page(
    flags: u8,
    position: u64,
    serial: u32,
    number: u32,
    lacing: &[u8],
    body: &[u8],
) -> Vec<u8> {
    let parts = u8::try_from(lacing.len()).unwrap_or(u8::MAX);
    let head =
        [MARK, &[0, flags], &position.to_le_bytes(), &serial.to_le_bytes(), &number.to_le_bytes()].concat();
    let sum = [&head, &[0; 4][..], &[parts], lacing, body].into_iter().fold(0, checksum);
    [&head, &sum.to_le_bytes()[..], &[parts], lacing, body].concat()
}

/// RFC 3533, 6: the polynomial 0x04c11db7, neither reflected nor inverted.
pub(super) fn checksum(sum: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(sum, |sum, &byte| {
        let index = usize::from(sum.to_be_bytes()[0] ^ byte);
        (sum << 8) ^ TABLE.get(index).copied().unwrap_or_default()
    })
}

#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "made by the compiler, up to 256"
)]
const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        let mut sum = (index as u32) << 24;
        let mut bit = 0;
        while bit < 8 {
            sum = if sum & 0x8000_0000 == 0 { sum << 1 } else { (sum << 1) ^ 0x04c1_1db7 };
            bit += 1;
        }
        table[index] = sum;
        index += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_keep_their_parts_while_there_is_room() {
        assert_eq!(shares(20, &[18]), [20]);
        assert_eq!(shares(256, &[18]), [255, 1]);
        assert_eq!(shares(20, &[10, 8]), [10, 10]);
        assert_eq!(shares(300, &[10, 8]), [45, 255]);
        assert_eq!(shares(600, &[10, 8]), [255, 255, 90]);
        assert_eq!(shares(9, &[10, 8]), [9, 0]);
    }

    #[test]
    fn the_checksum_is_that_of_the_rfc() {
        // CRC-32/MPEG-2 has the same polynomial; with no start value this is its form for a single byte.
        assert_eq!(checksum(0, b"\x01"), 0x04c1_1db7);
        assert_eq!(checksum(0, b"\0\0"), 0);
    }
}
