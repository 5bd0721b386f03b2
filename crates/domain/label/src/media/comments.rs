//! Vorbis comments, which FLAC and Ogg share: the program that wrote them, a number, and so many texts `NAME=value`,
//! each with its length before it.

use std::ops::Range;

use super::{Broken, Edits, WriteError, riff::u32_at};

/// The label's name (TC260-PG-202510A, annex).
const NAME: &[u8] = b"AIGC=";
/// Texts of one list; long lists of chapters have some thousand.
const COMMENTS_MAX: usize = 65_536;

/// A list of comments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Comments {
    /// Where their number stands.
    count_at: usize,
    /// Each with its length.
    entries: Vec<Range<usize>>,
    /// Where the last ends.
    end: usize,
}

impl Comments {
    /// Reads the list that stands in `range`.
    ///
    /// # Errors
    /// [`Broken`] where it says more than there is.
    pub(super) fn read(bytes: &[u8], range: Range<usize>) -> Result<Self, Broken> {
        let bytes = bytes.get(..range.end).unwrap_or(bytes);
        let after = |at: usize| {
            let length = u32_at(bytes, at)? as usize;
            at.checked_add(4)?.checked_add(length).filter(|&end| end <= bytes.len())
        };
        let truncated = Broken::Truncated { what: "a list of comments", at: range.start };
        let count_at = after(range.start).ok_or(truncated.clone())?;
        let count = u32_at(bytes, count_at).ok_or(truncated.clone())? as usize;
        if count > COMMENTS_MAX {
            return Err(Broken::Limit { what: "comments", limit: COMMENTS_MAX });
        }
        let mut comments = Self { count_at, entries: Vec::new(), end: count_at.saturating_add(4) };
        for _ in 0..count {
            let end = after(comments.end).ok_or(truncated.clone())?;
            comments.entries.push(comments.end..end);
            comments.end = end;
        }
        Ok(comments)
    }

    /// The texts, without their lengths.
    pub(super) fn texts<'b>(&'b self, bytes: &'b [u8]) -> impl Iterator<Item = &'b [u8]> {
        let text =
            |entry: &Range<usize>| bytes.get(entry.start.saturating_add(4)..entry.end).unwrap_or_default();
        self.entries.iter().map(text)
    }

    /// The labels among them: where each stands with its length, and its text.
    pub(super) fn labels(&self, bytes: &[u8]) -> Vec<(Range<usize>, String)> {
        let label = |text: &[u8]| {
            let (name, value) = text.split_at_checked(NAME.len())?;
            name.eq_ignore_ascii_case(NAME).then(|| String::from_utf8_lossy(value).into_owned())
        };
        let found = self.entries.iter().zip(self.texts(bytes));
        found.filter_map(|(entry, text)| label(text).map(|label| (entry.clone(), label))).collect()
    }

    /// The edits that put the label in: instead of the comment at `present`, or behind all.
    ///
    /// # Errors
    /// [`WriteError::NoPlace`] where that cannot be.
    pub(super) fn with_label(&self, present: Option<Range<usize>>, json: &str) -> Result<Edits, WriteError> {
        let entry = comment(json).ok_or(WriteError::NoPlace("the label is too long"))?;
        Ok(match present {
            Some(place) => Edits::replace(place, entry),
            None => {
                let full = WriteError::NoPlace("the file has too many comments");
                let count = self.entries.len().checked_add(1).filter(|&count| count <= COMMENTS_MAX);
                let count = count.and_then(|count| u32::try_from(count).ok()).ok_or(full)?;
                Edits::insert(self.end, entry)
                    .and(self.count_at..self.count_at.saturating_add(4), count.to_le_bytes().to_vec())
            }
        })
    }
}

/// The comment that is the label, with its length.
fn comment(json: &str) -> Option<Vec<u8>> {
    let length = u32::try_from(NAME.len().checked_add(json.len())?).ok()?;
    Some([&length.to_le_bytes()[..], NAME, json.as_bytes()].concat())
}

/// A whole list with the label alone, by no named program.
pub(super) fn new(json: &str) -> Option<Vec<u8>> {
    Some([&0_u32.to_le_bytes()[..], &1_u32.to_le_bytes(), &comment(json)?].concat())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A list as ffmpeg writes it.
    pub(in crate::media) fn list(texts: &[&[u8]]) -> Vec<u8> {
        let with_length =
            |text: &[u8]| [&u32::try_from(text.len()).unwrap().to_le_bytes()[..], text].concat();
        let count = u32::try_from(texts.len()).unwrap().to_le_bytes();
        let texts: Vec<u8> = texts.iter().flat_map(|text| with_length(text)).collect();
        [with_length(b"Lavf59.27.100"), count.to_vec(), texts].concat()
    }

    #[test]
    fn names_are_read_in_any_case() {
        let bytes = list(&[b"TITLE=x", b"aigc={}", b"AIGC"]);
        let comments = Comments::read(&bytes, 0..bytes.len()).unwrap();
        assert_eq!(comments.labels(&bytes), [(32..43, "{}".to_owned())]);
    }

    #[test]
    fn numbers_beyond_the_list_are_an_error() {
        let read = |bytes: &[u8]| Comments::read(bytes, 0..bytes.len());
        assert!(matches!(read(&[0xff; 8]), Err(Broken::Truncated { .. })));
        assert!(matches!(read(&[0, 0, 0, 0, 0xff, 0xff, 0, 0]), Err(Broken::Truncated { .. })));
        assert!(matches!(read(&[0, 0, 0, 0, 0xff, 0xff, 0xff, 0]), Err(Broken::Limit { .. })));
    }
}
