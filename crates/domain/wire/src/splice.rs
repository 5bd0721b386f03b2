//! Edits that leave every other byte as it came.

use std::ops::Range;

use crate::document::write_escaped;

/// What takes the place of a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replacement<'a> {
    /// A JSON string literal of this text, escaped and quoted.
    Text(&'a str),
    /// These bytes as they are; empty to remove.
    Raw(&'a str),
}

/// Why edits cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpliceError {
    /// An edit begins before the one in front of it ends, or lies outside the document.
    #[error("edit of bytes {start}..{end} overlaps its neighbour or lies outside the document")]
    Range {
        /// Where it begins.
        start: usize,
        /// Where it ends.
        end: usize,
    },
    /// There is no object to insert into.
    #[error("no closing brace in the document")]
    NoObject,
}

/// Replaces the ranges, which must be in ascending order and apart.
///
/// # Errors
/// [`SpliceError::Range`] for ranges that overlap or lie outside.
pub fn render(json: &[u8], edits: &[(Range<usize>, Replacement<'_>)]) -> Result<Vec<u8>, SpliceError> {
    let mut added = 0;
    for (_, with) in edits {
        added += match with {
            Replacement::Text(text) | Replacement::Raw(text) => text.len() + 2,
        };
    }
    let mut out = Vec::with_capacity(json.len() + added);
    let mut at = 0;
    for (range, with) in edits {
        let error = SpliceError::Range { start: range.start, end: range.end };
        if range.end < range.start || range.end > json.len() {
            return Err(error);
        }
        out.extend_from_slice(json.get(at..range.start).ok_or(error)?);
        match with {
            Replacement::Text(text) => write_escaped(text, &mut out),
            Replacement::Raw(raw) => out.extend_from_slice(raw.as_bytes()),
        }
        at = range.end;
    }
    out.extend_from_slice(json.get(at..).unwrap_or(&[]));
    Ok(out)
}

/// Adds members (`"a":1,"b":2`) at the end of the object that the document is.
///
/// The document must be known to be an object, by [`crate::scan()`] or [`crate::Document`]; `members` must be valid.
///
/// # Errors
/// [`SpliceError::NoObject`] where no closing brace is found.
pub fn insert_before_closing_brace(json: &[u8], members: &str) -> Result<Vec<u8>, SpliceError> {
    let brace = memchr::memrchr(b'}', json).ok_or(SpliceError::NoObject)?;
    let (head, tail) = json.split_at_checked(brace).ok_or(SpliceError::NoObject)?;
    let mut out = Vec::with_capacity(json.len() + members.len() + 1);
    out.extend_from_slice(head);
    if !members.is_empty() {
        if !head.trim_ascii_end().ends_with(b"{") {
            out.push(b',');
        }
        out.extend_from_slice(members.as_bytes());
    }
    out.extend_from_slice(tail);
    Ok(out)
}
