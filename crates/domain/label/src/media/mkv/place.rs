//! Where changed tags go, so that no offset of the file becomes wrong.

use super::super::{
    Edit, Edits, WriteError,
    ebml::{self, Element},
};
use super::{Segment, TAGS};

const SEEK: u32 = 0x4dbb;
const SEEK_ID: u32 = 0x53ab;
const SEEK_POSITION: u32 = 0x53ac;
const TOO_LONG: WriteError = WriteError::NoPlace("the segment has no room for a longer length");

/// The edits that put the element `new` of tags in place of `old`, or anywhere.
pub(super) fn place(
    bytes: &[u8],
    segment: &Segment,
    old: Option<&Element>,
    new: &[u8],
) -> Result<Edits, WriteError> {
    if let Some(edits) = old.and_then(|old| grow_into_padding(segment, old, new)) {
        return Ok(edits);
    }
    let end = segment.whole.data.end;
    // At the end of the segment nothing can move.
    if let Some(old) = old.filter(|old| old.whole.end == end) {
        return resized(bytes, segment, Edits::replace(old.whole.clone(), new.to_vec()));
    }
    if old.is_none()
        && let Some(edits) = in_padding(segment, new)
    {
        return Ok(edits);
    }
    if !segment.has_offsets {
        let at = segment.first_cluster.unwrap_or(end);
        let range = old.map_or(at..at, |old| old.whole.clone());
        return resized(bytes, segment, Edits::replace(range, new.to_vec()));
    }
    let mut edits = Edits::insert(end, new.to_vec());
    if let Some(old) = old {
        edits = edits.and(old.whole.clone(), ebml::void(old.whole.len()).ok_or(TOO_LONG)?);
    }
    let position = |at: usize| at.saturating_sub(segment.whole.data.start) as u64;
    let old = old.map(|old| position(old.whole.start));
    for edit in seek_heads(bytes, segment, old, position(end)).ok_or(TOO_LONG)? {
        edits = edits.and(edit.range, edit.bytes);
    }
    resized(bytes, segment, edits)
}

fn grow_into_padding(segment: &Segment, old: &Element, new: &[u8]) -> Option<Edits> {
    let end = segment.void_after(old).map_or(old.whole.end, |void| void.whole.end);
    let space = old.whole.start..end;
    ebml::fill(new, space.len()).map(|filled| Edits::replace(space, filled))
}

/// Before the first cluster, where a reader of a stream meets them first.
fn in_padding(segment: &Segment, new: &[u8]) -> Option<Edits> {
    let before =
        segment.voids.iter().filter(|void| segment.first_cluster.is_none_or(|at| void.whole.start < at));
    let mut filled = before.filter_map(|void| Some((void, ebml::fill(new, void.whole.len())?)));
    filled.next().map(|(void, filled)| Edits::replace(void.whole.clone(), filled))
}

/// The edits, and the length of the segment that follows. Where its width does not suffice, it may say none at the end
/// of a file.
fn resized(bytes: &[u8], segment: &Segment, edits: Edits) -> Result<Edits, WriteError> {
    let whole = &segment.whole;
    if whole.is_open {
        return Ok(edits);
    }
    let place = whole.length_at..whole.data.start;
    let length = (whole.data.len() as u64).checked_add_signed(edits.growth());
    let known = length.and_then(|length| ebml::length(length, place.len()));
    let open = || ebml::open(place.len()).filter(|_| whole.data.end == bytes.len());
    let field = known.or_else(open).ok_or(TOO_LONG)?;
    Ok(edits.and(place, field))
}

/// The indexes of the head, with the tags' new place. An entry for the old one is changed; without it one is added where
/// padding has room. An entry that finds no room becomes padding itself: what stands there stays true.
fn seek_heads(bytes: &[u8], segment: &Segment, old: Option<u64>, new: u64) -> Option<Vec<Edit>> {
    let mut edits = Vec::new();
    for head in &segment.seek_heads {
        let entry = head.children(bytes).map_while(Result::ok).find(|entry| is_tags_at(bytes, entry, old));
        let place = match &entry {
            Some(entry) => entry.whole.clone(),
            None if old.is_none() && edits.is_empty() => head.data.end..head.data.end,
            None => continue,
        };
        let void = segment.void_after(head);
        let space = head.whole.start..void.map_or(head.whole.end, |void| void.whole.end);
        let grown = head.with(bytes, &place, &seek(new)?).and_then(|grown| ebml::fill(&grown, space.len()));
        match (grown, entry) {
            (Some(bytes), _) => edits.push(Edit { range: space, bytes }),
            (None, Some(entry)) => {
                let padding = ebml::void(entry.whole.len())?;
                let range = head.whole.clone();
                edits.push(Edit { range, bytes: head.with(bytes, &entry.whole, &padding)? });
            }
            (None, None) => {}
        }
    }
    Some(edits)
}

/// Whether an entry points at tags in that place.
fn is_tags_at(bytes: &[u8], entry: &Element, position: Option<u64>) -> bool {
    let field = |id| entry.children(bytes).map_while(Result::ok).find(|field| field.id == id);
    entry.id == SEEK
        && field(SEEK_ID).is_some_and(|id| id.number(bytes) == u64::from(TAGS))
        && field(SEEK_POSITION).is_some_and(|at| Some(at.number(bytes)) == position)
}

fn seek(position: u64) -> Option<Vec<u8>> {
    let bytes = position.to_be_bytes();
    let start = bytes.iter().position(|&byte| byte != 0).unwrap_or(7);
    let position = ebml::element(SEEK_POSITION, bytes.get(start..)?, 1)?;
    ebml::element(SEEK, &[ebml::element(SEEK_ID, &TAGS.to_be_bytes(), 1)?, position].concat(), 1)
}
