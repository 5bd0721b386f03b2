//! The boxes of ISO/IEC 14496-12 (QuickTime's atoms): a length, a kind of four characters, and what is in it.

use std::ops::Range;

use super::Broken;

/// The boxes of one list that are looked at. A day of fragments of one second has two hundred thousand.
const BOXES_MAX: usize = 1 << 20;
const HEAD: usize = 8;
const WIDE_HEAD: usize = 16;

/// One box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BoxAt {
    pub(super) kind: [u8; 4],
    /// With its head.
    pub(super) whole: Range<usize>,
    pub(super) body: Range<usize>,
}

/// The boxes that stand one after another in a range of a file.
#[derive(Debug, Clone)]
pub(super) struct Boxes<'b> {
    bytes: &'b [u8],
    at: usize,
    end: usize,
    left: usize,
}

impl<'b> Boxes<'b> {
    /// The boxes in `range`, which ends with the file at the latest.
    pub(super) fn within(bytes: &'b [u8], range: Range<usize>) -> Self {
        Self { bytes, at: range.start, end: range.end.min(bytes.len()), left: BOXES_MAX }
    }

    /// The first box of that kind.
    ///
    /// # Errors
    /// [`Broken`] where one before it is.
    pub(super) fn first(mut self, kind: [u8; 4]) -> Result<Option<BoxAt>, Broken> {
        self.find(|found| found.as_ref().map_or(true, |found| found.kind == kind)).transpose()
    }

    /// All boxes of that kind.
    pub(super) fn named(self, kind: [u8; 4]) -> impl Iterator<Item = Result<BoxAt, Broken>> {
        self.filter(move |found| found.as_ref().map_or(true, |found| found.kind == kind))
    }

    fn step(&mut self) -> Result<Option<BoxAt>, Broken> {
        let at = self.at;
        let rest = self.bytes.get(at..self.end).unwrap_or_default();
        // QuickTime ends a list of user data with four zero bytes; some writers pad.
        if rest.len() < HEAD || rest.starts_with(&[0; HEAD]) {
            return if rest.iter().take(HEAD).all(|&byte| byte == 0) {
                Ok(None)
            } else {
                Err(Broken::Truncated { what: "a box", at })
            };
        }
        self.left =
            self.left.checked_sub(1).ok_or(Broken::Limit { what: "boxes in one", limit: BOXES_MAX })?;
        let truncated = Broken::Truncated { what: "a box", at };
        let kind = rest.get(4..8).and_then(|kind| kind.try_into().ok()).ok_or(truncated.clone())?;
        let (head, length) = match u32_at(rest, 0) {
            Some(0) => (HEAD, rest.len()),
            Some(1) => {
                let wide = u64_at(rest, HEAD).ok_or(truncated.clone())?;
                (WIDE_HEAD, usize::try_from(wide).map_err(|_| truncated.clone())?)
            }
            Some(length) => (HEAD, length as usize),
            None => return Err(truncated),
        };
        if length < head {
            return Err(Broken::Malformed { what: "a box shorter than its head", at });
        }
        let end = at.checked_add(length).filter(|&end| end <= self.end).ok_or(truncated)?;
        self.at = end;
        Ok(Some(BoxAt { kind, whole: at..end, body: at.saturating_add(head)..end }))
    }
}

impl Iterator for Boxes<'_> {
    type Item = Result<BoxAt, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        let step = self.step().transpose();
        if matches!(step, Some(Err(_))) {
            self.at = self.end;
        }
        step
    }
}

impl BoxAt {
    /// The boxes in it.
    pub(super) fn children<'b>(&self, bytes: &'b [u8]) -> Boxes<'b> {
        Boxes::within(bytes, self.body.clone())
    }

    /// Its body.
    pub(super) fn data<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        bytes.get(self.body.clone()).unwrap_or_default()
    }

    /// Whether it says no length, and reaches to the end of the file.
    pub(super) fn is_open(&self, bytes: &[u8]) -> bool {
        u32_at(bytes, self.whole.start) == Some(0)
    }

    /// Where its length stands and what it is once the box has grown; none where it reaches to the end of the file
    /// and says no length, or cannot be as long as that.
    pub(super) fn resized(&self, bytes: &[u8], growth: i64) -> Resized {
        let at = self.whole.start;
        let wide_at = at.saturating_add(HEAD);
        match u32_at(bytes, at) {
            Some(0) => Resized::Open,
            Some(1) => match u64_at(bytes, wide_at).and_then(|length| length.checked_add_signed(growth)) {
                Some(length) => {
                    Resized::To(wide_at..wide_at.saturating_add(8), length.to_be_bytes().to_vec())
                }
                None => Resized::TooLong,
            },
            said => {
                let length = said.and_then(|length| u64::from(length).checked_add_signed(growth));
                match length.and_then(|length| u32::try_from(length).ok()) {
                    Some(length) => Resized::To(at..at.saturating_add(4), length.to_be_bytes().to_vec()),
                    None => Resized::TooLong,
                }
            }
        }
    }
}

/// What becomes of the length of a box that grows.
pub(super) enum Resized {
    /// It has none: it reaches to the end of the file.
    Open,
    /// These bytes in that place.
    To(Range<usize>, Vec<u8>),
    /// It has no room for that.
    TooLong,
}

/// A whole box; none where `body` is longer than a short head can say.
pub(super) fn whole(kind: [u8; 4], body: &[u8]) -> Option<Vec<u8>> {
    let length = u32::try_from(body.len().checked_add(HEAD)?).ok()?;
    let mut whole = Vec::with_capacity(length as usize);
    whole.extend_from_slice(&length.to_be_bytes());
    whole.extend_from_slice(&kind);
    whole.extend_from_slice(body);
    Some(whole)
}

/// The unsigned number of `width` bytes, at most eight, most significant first.
pub(super) fn number_at(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    let field = bytes.get(at..at.checked_add(width)?).filter(|_| width <= 8)?;
    Some(field.iter().fold(0, |sum, &byte| (sum << 8) | u64::from(byte)))
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let field = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_be_bytes(field.try_into().ok()?))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let field = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes(field.try_into().ok()?))
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    let field = bytes.get(at..at.checked_add(8)?)?;
    Some(u64::from_be_bytes(field.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(bytes: &[u8]) -> Result<Vec<[u8; 4]>, Broken> {
        Boxes::within(bytes, 0..bytes.len()).map(|found| found.map(|found| found.kind)).collect()
    }

    #[test]
    fn lengths_are_short_wide_or_open() {
        let wide = [&1_u32.to_be_bytes()[..], b"mdat", &20_u64.to_be_bytes(), b"1234"].concat();
        let open = [&0_u32.to_be_bytes()[..], b"free", b"123"].concat();
        let list = [whole(*b"moov", b"").unwrap(), wide, open].concat();
        assert_eq!(kinds(&list), Ok(vec![*b"moov", *b"mdat", *b"free"]));
    }

    #[test]
    fn a_list_ends_at_zeros_and_not_within_a_box() {
        let list = whole(*b"name", b"x").unwrap();
        assert_eq!(kinds(&[&list[..], &[0; 4]].concat()), Ok(vec![*b"name"]));
        assert_eq!(kinds(&[&list[..], &[0; 40]].concat()), Ok(vec![*b"name"]));
        assert_eq!(kinds(&list[..8]), Err(Broken::Truncated { what: "a box", at: 0 }));
        assert_eq!(
            kinds(b"\0\0\0\x07moov"),
            Err(Broken::Malformed { what: "a box shorter than its head", at: 0 })
        );
        let wide = [&1_u32.to_be_bytes()[..], b"mdat", &u64::MAX.to_be_bytes()].concat();
        assert_eq!(kinds(&wide), Err(Broken::Truncated { what: "a box", at: 0 }));
    }

    #[test]
    fn more_boxes_than_the_limit_are_an_error() {
        let list = whole(*b"free", b"").unwrap().repeat(BOXES_MAX + 1);
        assert_eq!(kinds(&list), Err(Broken::Limit { what: "boxes in one", limit: BOXES_MAX }));
    }
}
