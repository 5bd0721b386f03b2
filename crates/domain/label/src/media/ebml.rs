//! EBML (RFC 8794): elements with an identifier, a length and what is in them; numbers tell their own width by the
//! zeros that they begin with.

use std::ops::Range;

use super::Broken;

/// Padding, allowed everywhere.
pub(super) const VOID: u32 = 0xec;
/// A checksum of all that follows in an element; always its first.
const CRC: u32 = 0xbf;
/// The width of a whole checksum element.
const CRC_BYTES: usize = 6;
/// The widest length.
const WIDTH_MAX: usize = 8;

/// One element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Element {
    /// With the bit that tells its width.
    pub(super) id: u32,
    pub(super) whole: Range<usize>,
    pub(super) data: Range<usize>,
    /// Where its length stands, as many bytes as lie between that and the data.
    pub(super) length_at: usize,
    /// It says no length: it ends where its parent does, or what cannot be in it begins.
    pub(super) is_open: bool,
}

impl Element {
    /// The element at `at` of a parent that ends at `end`.
    ///
    /// # Errors
    /// [`Broken`] where there is none, or it goes beyond its parent.
    pub(super) fn read(bytes: &[u8], at: usize, end: usize) -> Result<Self, Broken> {
        let truncated = Broken::Truncated { what: "an EBML element", at };
        let malformed = Broken::Malformed { what: "no EBML element", at };
        let rest = bytes.get(at..end.min(bytes.len())).unwrap_or_default();
        let first = *rest.first().ok_or(truncated.clone())?;
        let width = (first.leading_zeros() as usize).saturating_add(1);
        if width > 4 {
            return Err(malformed);
        }
        let id = number(rest.get(..width).ok_or(truncated.clone())?);
        let after = rest.get(width..).unwrap_or_default();
        let first = *after.first().ok_or(truncated.clone())?;
        let length_width = (first.leading_zeros() as usize).saturating_add(1);
        if length_width > WIDTH_MAX {
            return Err(malformed);
        }
        let length = number(after.get(..length_width).ok_or(truncated.clone())?) & mask(length_width);
        let length_at = at.saturating_add(width);
        let start = length_at.saturating_add(length_width);
        let is_open = length == mask(length_width);
        let data_end = if is_open {
            end
        } else {
            let length = usize::try_from(length).map_err(|_| truncated.clone())?;
            start.checked_add(length).filter(|&data_end| data_end <= end).ok_or(truncated)?
        };
        let id = u32::try_from(id).unwrap_or_default();
        Ok(Self { id, whole: at..data_end, data: start..data_end, length_at, is_open })
    }

    /// The elements in it.
    pub(super) fn children<'b>(&self, bytes: &'b [u8]) -> Elements<'b> {
        Elements { bytes, at: self.data.start, end: self.data.end }
    }

    pub(super) fn body<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        bytes.get(self.data.clone()).unwrap_or_default()
    }

    /// Its text, without the zeros that may pad it.
    pub(super) fn text(&self, bytes: &[u8]) -> String {
        String::from_utf8_lossy(self.body(bytes)).trim_end_matches('\0').to_owned()
    }

    pub(super) fn number(&self, bytes: &[u8]) -> u64 {
        number(self.body(bytes))
    }

    /// The whole element with `new` in place of `range` of its data. Its length is as wide as it was, or wider; a
    /// checksum is made anew.
    pub(super) fn with(&self, bytes: &[u8], range: &Range<usize>, new: &[u8]) -> Option<Vec<u8>> {
        let before = bytes.get(self.data.start..range.start)?;
        let after = bytes.get(range.end..self.data.end)?;
        let mut data = [before, new, after].concat();
        checked(&mut data);
        element(self.id, &data, self.data.start.saturating_sub(self.length_at))
    }
}

/// Elements of known lengths, one after another.
pub(super) struct Elements<'b> {
    bytes: &'b [u8],
    at: usize,
    end: usize,
}

impl Iterator for Elements<'_> {
    type Item = Result<Element, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.end {
            return None;
        }
        let element = Element::read(self.bytes, self.at, self.end);
        self.at = element.as_ref().map_or(self.end, |element| element.whole.end);
        Some(element)
    }
}

/// An element with a length of so many bytes or more.
pub(super) fn element(id: u32, data: &[u8], width: usize) -> Option<Vec<u8>> {
    let id = id.to_be_bytes();
    let start = id.iter().position(|&byte| byte != 0)?;
    let width = (width.max(1)..=WIDTH_MAX).find(|&width| (data.len() as u64) < mask(width))?;
    Some([id.get(start..)?, &length(data.len() as u64, width)?, data].concat())
}

/// A length in so many bytes; none where it has no room.
pub(super) fn length(length: u64, width: usize) -> Option<Vec<u8>> {
    if length >= mask(width) {
        return None;
    }
    open(width).map(|open| {
        let number = (length | (mask(width).saturating_add(1))).to_be_bytes();
        number.iter().skip(WIDTH_MAX.saturating_sub(open.len())).copied().collect()
    })
}

/// The length of an element that says none, in so many bytes.
pub(super) fn open(width: usize) -> Option<Vec<u8>> {
    let number = (mask(width) | mask(width).saturating_add(1)).to_be_bytes();
    number.get(WIDTH_MAX.checked_sub(width)?..).map(<[u8]>::to_vec)
}

/// `new`, and padding up to `length`; none where that cannot be. One byte cannot be padding: the length is then written
/// wider.
pub(super) fn fill(new: &[u8], length: usize) -> Option<Vec<u8>> {
    match length.checked_sub(new.len())? {
        0 => Some(new.to_vec()),
        1 => {
            let whole = Element::read(new, 0, new.len()).ok()?;
            let width = whole.data.start.checked_sub(whole.length_at)?.checked_add(1)?;
            element(whole.id, whole.body(new), width).filter(|wider| wider.len() == length)
        }
        rest => Some([new, &void(rest)?].concat()),
    }
}

/// Padding of so many bytes, at least two.
pub(super) fn void(bytes: usize) -> Option<Vec<u8>> {
    let width = if bytes < 0x80 { 1 } else { WIDTH_MAX };
    let data = bytes.checked_sub(width)?.checked_sub(1)?;
    element(VOID, &vec![0; data], width)
}

/// Makes the checksum anew that the data of an element may begin with.
fn checked(data: &mut [u8]) {
    if let Some((&mut [id, 0x84, ref mut sum @ ..], rest)) = data.split_at_mut_checked(CRC_BYTES)
        && u32::from(id) == CRC
    {
        let mut crc = flate2::Crc::new();
        crc.update(rest);
        sum.copy_from_slice(&crc.sum().to_le_bytes());
    }
}

/// All bits of a length of so many bytes.
const fn mask(width: usize) -> u64 {
    (1 << (7 * width)) - 1
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |sum, &byte| (sum << 8) | u64::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_their_width_in_front() {
        for (said, width, bytes) in [
            (1, 1, &[0x81][..]),
            (126, 1, &[0xfe]),
            (127, 2, &[0x40, 0x7f]),
            (2, 8, &[1, 0, 0, 0, 0, 0, 0, 2]),
        ] {
            assert_eq!(length(said, width).unwrap(), bytes);
        }
        assert_eq!(length(127, 1), None);
        assert_eq!(open(1).unwrap(), [0xff]);
        assert_eq!(open(8).unwrap(), [1, 255, 255, 255, 255, 255, 255, 255]);
    }

    #[test]
    fn padding_fills_every_length() {
        for rest in 0..300 {
            let new = element(0x4dbb, b"xyz", 1).unwrap();
            let filled = fill(&new, new.len() + rest).unwrap();
            assert_eq!(filled.len(), new.len() + rest);
            let ids: Vec<u32> =
                Elements { bytes: &filled, at: 0, end: filled.len() }.map(|e| e.unwrap().id).collect();
            assert_eq!(ids[0], 0x4dbb);
            assert!(ids[1..].iter().all(|&id| id == VOID), "{rest}: {ids:x?}");
        }
    }

    #[test]
    fn what_goes_beyond_its_parent_is_an_error() {
        assert!(matches!(Element::read(&[0xec, 0x83, 0], 0, 3), Err(Broken::Truncated { .. })));
        assert!(matches!(Element::read(&[0, 0x80], 0, 2), Err(Broken::Malformed { .. })));
        assert!(matches!(Element::read(&[0xec, 0], 0, 2), Err(Broken::Malformed { .. })));
        assert!(matches!(Element::read(&[0xec], 0, 1), Err(Broken::Truncated { .. })));
    }
}
