//! The visible line of a Word document: a paragraph of its own before all others.

use super::{WriteError, part::Part, xml};
use crate::media::{Edits, xml::Piece};

/// The main part with the line.
pub(super) fn with_line(part: &Part, line: &str) -> Result<Vec<u8>, WriteError> {
    let mut body = None;
    part.each_piece(|piece| {
        if let Piece::Open(tag) = piece
            && let (prefix, b"body") = xml::split_name(tag.name)
            && !tag.is_empty
        {
            body.get_or_insert((String::from_utf8_lossy(prefix).into_owned(), tag.whole.end));
        }
    })?;
    // Attributes need a prefix, and the body's is the right one, of a strict document too.
    let (w, at) =
        body.filter(|(prefix, _)| !prefix.is_empty()).ok_or(WriteError::NoPlace("it has no body"))?;
    let line = xml::escape(line, None);
    let paragraph = format!(
        "<{w}:p><{w}:pPr><{w}:jc {w}:val=\"center\"/></{w}:pPr><{w}:r><{w}:t>{line}</{w}:t></{w}:r></{w}:p>"
    );
    Ok(Edits::insert(at, paragraph.into_bytes()).apply(&part.bytes))
}
