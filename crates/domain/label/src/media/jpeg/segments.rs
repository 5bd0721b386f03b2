//! The segments of JPEG (ITU-T T.81, annex B), those between and behind the scans among them.

use std::ops::Range;

use super::super::Broken;

/// The segments that are looked at. A profile of colours and a maker's notes fill some dozens.
const SEGMENTS_MAX: usize = 65_536;
pub(super) const APP0: u8 = 0xE0;
pub(super) const APP1: u8 = 0xE1;
pub(super) const APP11: u8 = 0xEB;
pub(super) const APP15: u8 = 0xEF;
pub(super) const COMMENT: u8 = 0xFE;
const START_OF_SCAN: u8 = 0xDA;
const END: u8 = 0xD9;

/// One segment with data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) marker: u8,
    /// With its marker and length.
    pub(super) whole: Range<usize>,
    pub(super) data: Range<usize>,
}

/// The segments of the first picture. One that ends within a scan, as downloads break off, is read to there.
///
/// # Errors
/// [`Broken`] where it ends within a segment, has something else where one must begin, or too many.
pub(super) fn segments(bytes: &[u8]) -> Result<Vec<Segment>, Broken> {
    let mut segments = Vec::new();
    let mut at = 2_usize;
    let mut is_in_scan = false;
    while let Some((begin, marker)) = next_marker(bytes, at, is_in_scan)? {
        let start = begin.saturating_add(2);
        match marker {
            END => return Ok(segments),
            // Markers without data: restarts and a placeholder.
            0x01 | 0xD0..=0xD8 => at = start,
            _ => {
                if segments.len() == SEGMENTS_MAX {
                    return Err(Broken::Limit { what: "JPEG segments", limit: SEGMENTS_MAX });
                }
                let segment = segment_at(bytes, begin, marker);
                let segment = segment.ok_or(Broken::Truncated { what: "a JPEG segment", at: begin })?;
                at = segment.whole.end;
                is_in_scan |= marker == START_OF_SCAN;
                segments.push(segment);
            }
        }
    }
    Ok(segments)
}

/// Where the next marker begins, and which it is; none at the end of a scan that is cut off.
fn next_marker(bytes: &[u8], from: usize, is_in_scan: bool) -> Result<Option<(usize, u8)>, Broken> {
    let mut at = from;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let found = memchr::memchr(0xFF, rest);
        let begin = match found {
            Some(skipped) if is_in_scan || skipped == 0 => at.saturating_add(skipped),
            Some(_) => return Err(Broken::Malformed { what: "no JPEG segment", at }),
            None if is_in_scan => return Ok(None),
            None => return Err(Broken::Truncated { what: "the JPEG head", at }),
        };
        match bytes.get(begin.saturating_add(1)) {
            None if is_in_scan => return Ok(None),
            None => return Err(Broken::Truncated { what: "the JPEG head", at: begin }),
            // Fill bytes.
            Some(0xFF) => at = begin.saturating_add(1),
            // Data of a scan, and restarts in it.
            Some(0 | 0xD0..=0xD7) if is_in_scan => at = begin.saturating_add(2),
            Some(0) => return Err(Broken::Malformed { what: "no JPEG segment", at: begin }),
            Some(&marker) => return Ok(Some((begin, marker))),
        }
    }
}

fn segment_at(bytes: &[u8], begin: usize, marker: u8) -> Option<Segment> {
    let field = bytes.get(begin.checked_add(2)?..begin.checked_add(4)?)?;
    let length = usize::from(u16::from_be_bytes(field.try_into().ok()?));
    let start = begin.checked_add(4)?;
    let end = begin.checked_add(2)?.checked_add(length)?;
    (start <= end && end <= bytes.len()).then_some(Segment { marker, whole: begin..end, data: start..end })
}

/// A whole segment; none where `data` is longer than one can be.
pub(super) fn segment(marker: u8, data: &[u8]) -> Option<Vec<u8>> {
    let length = u16::try_from(data.len().checked_add(2)?).ok()?;
    Some([&[0xFF, marker][..], &length.to_be_bytes(), data].concat())
}
