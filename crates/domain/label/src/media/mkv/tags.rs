//! The tags of a segment, and the texts in them.

use std::ops::Range;

use super::super::{
    Broken,
    ebml::{self, Element},
};

const TAG: u32 = 0x7373;
const TARGETS: u32 = 0x63c0;
const SIMPLE_TAG: u32 = 0x67c8;
const TAG_NAME: u32 = 0x45a3;
const TAG_STRING: u32 = 0x4487;
const NAME: &str = "AIGC";

/// Texts of all tags together.
const TEXTS_MAX: usize = 16_384;
/// How deep tags within tags are read.
const DEPTH_MAX: usize = 8;

/// One text.
pub(super) struct Slot {
    /// The elements that it is in, from the outermost, itself at last.
    pub(super) path: Vec<Element>,
    pub(super) is_label: bool,
    pub(super) text: String,
}

impl Slot {
    /// Where its tag stands.
    pub(super) fn range(&self) -> Range<usize> {
        self.path.iter().rev().nth(1).map_or(0..0, |simple| simple.whole.clone())
    }

    /// All tags with another text here.
    pub(super) fn with_text(&self, bytes: &[u8], text: &str) -> Option<Vec<u8>> {
        let (inner, outer) = self.path.split_last()?;
        let new = ebml::element(inner.id, text.as_bytes(), inner.data.start.checked_sub(inner.length_at)?)?;
        let grown = outer.iter().rev().try_fold((new, inner.whole.clone()), |(new, place), element| {
            Some((element.with(bytes, &place, &new)?, element.whole.clone()))
        });
        grown.map(|(new, _)| new)
    }
}

/// The texts of `tags`.
pub(super) fn read(bytes: &[u8], tags: &Element, slots: &mut Vec<Slot>) -> Result<(), Broken> {
    for tag in tags.children(bytes) {
        let tag = tag?;
        if tag.id == TAG {
            simple_tags(bytes, &[tags.clone(), tag], slots)?;
        }
    }
    Ok(())
}

/// The texts of the simple tags in the last of `path`, and of those in them.
fn simple_tags(bytes: &[u8], path: &[Element], slots: &mut Vec<Slot>) -> Result<(), Broken> {
    let Some(outer) = path.last().filter(|_| path.len() < DEPTH_MAX) else {
        return Err(Broken::Limit { what: "tags in one another", limit: DEPTH_MAX });
    };
    for simple in outer.children(bytes) {
        let simple = simple?;
        if simple.id != SIMPLE_TAG {
            continue;
        }
        let path = [path, std::slice::from_ref(&simple)].concat();
        let (mut name, mut string, mut has_inner) = (String::new(), None, false);
        for part in simple.children(bytes) {
            let part = part?;
            match part.id {
                TAG_NAME => name = part.text(bytes),
                TAG_STRING => string = Some(part),
                SIMPLE_TAG => has_inner = true,
                _ => {}
            }
        }
        if let Some(string) = string {
            if slots.len() == TEXTS_MAX {
                return Err(Broken::Limit { what: "tags", limit: TEXTS_MAX });
            }
            let text = string.text(bytes);
            let is_label = name.eq_ignore_ascii_case(NAME);
            slots.push(Slot { path: [&path[..], &[string]].concat(), is_label, text });
        }
        if has_inner {
            simple_tags(bytes, &path, slots)?;
        }
    }
    Ok(())
}

/// A tag of the whole segment with the label.
pub(super) fn tag(json: &str) -> Option<Vec<u8>> {
    let name = ebml::element(TAG_NAME, NAME.as_bytes(), 1)?;
    let string = ebml::element(TAG_STRING, json.as_bytes(), 1)?;
    let simple = ebml::element(SIMPLE_TAG, &[name, string].concat(), 1)?;
    ebml::element(TAG, &[ebml::element(TARGETS, &[], 1)?, simple].concat(), 1)
}
