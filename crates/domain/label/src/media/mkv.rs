//! Matroska and WebM: the label is a `SimpleTag` named `AIGC` in `Segment.Tags.Tag` (TC260-PG-20257A).
//!
//! Nothing that offsets point at is moved: tags grow into padding or go to the end of the segment, and the entry for
//! them in the index of the head (`SeekHead`) follows. Only a file without any such offsets is spliced.

mod place;
mod tags;
#[cfg(test)]
mod tests;

use super::{
    Broken, Edits, Format, Found, Marks, Reading, WriteError,
    ebml::{self, Element},
};

use tags::Slot;

const HEAD: u32 = 0x1a45_dfa3;
const DOCUMENT_TYPE: u32 = 0x4282;
const SEGMENT: u32 = 0x1853_8067;
const SEEK_HEAD: u32 = 0x114d_9b74;
const INFO: u32 = 0x1549_a966;
const MUXER: u32 = 0x4d80;
const WRITER: u32 = 0x5741;
const CLUSTER: u32 = 0x1f43_b675;
const CLUSTER_POSITION: u32 = 0xa7;
const CUES: u32 = 0x1c53_bb6b;
const TAGS: u32 = 0x1254_c367;

/// Elements that are passed on the way through a file; each block of a live recording is one.
const ELEMENTS_MAX: usize = 1 << 24;
/// Elements of one kind that are kept: tags, indexes, padding. More than ten are not seen.
const KEPT_MAX: usize = 1_024;

/// Which of the two a file is, by its head.
pub(super) fn sniff(bytes: &[u8]) -> Option<Format> {
    let head =
        bytes.starts_with(&HEAD.to_be_bytes()).then(|| Element::read(bytes, 0, bytes.len()).ok())??;
    let mut children = head.children(bytes).map_while(Result::ok);
    let kind = children.find(|child| child.id == DOCUMENT_TYPE)?;
    match kind.text(bytes).as_str() {
        "matroska" => Some(Format::Mkv),
        "webm" => Some(Format::Webm),
        _ => None,
    }
}

/// What is looked at of the first segment.
struct Segment {
    whole: Element,
    tags: Vec<Element>,
    seek_heads: Vec<Element>,
    /// Padding between the elements of the segment.
    voids: Vec<Element>,
    infos: Vec<Element>,
    first_cluster: Option<usize>,
    /// Something in it counts bytes.
    has_offsets: bool,
}

/// Every tag of that name.
pub(super) fn read(bytes: &[u8]) -> Result<Reading, Broken> {
    let mut reading = Reading::default();
    let segment = Segment::read(bytes)?;
    for info in segment.infos.iter().flat_map(|info| info.children(bytes)) {
        let info = info?;
        if matches!(info.id, MUXER | WRITER) {
            reading.maker("Matroska Info", &info.text(bytes));
        }
    }
    let mut slots = Vec::new();
    for tags in &segment.tags {
        tags::read(bytes, tags, &mut slots)?;
    }
    for slot in slots {
        match slot.is_label {
            true => reading.label("Matroska tag AIGC", slot.range(), slot.text),
            false => reading.maker("Matroska tag", &slot.text),
        }
    }
    Ok(reading)
}

/// Replaces the text of the tag, or adds one to the tags of the whole segment.
pub(super) fn write(bytes: &[u8], present: Option<&Found>, marks: &Marks<'_>) -> Result<Edits, WriteError> {
    const TOO_LONG: WriteError = WriteError::NoPlace("the tags would become too long");
    let json = marks.label.to_json();
    let segment = Segment::read(bytes)?;
    let (old, new) = match present {
        Some(found) => {
            let mut slots = Vec::new();
            for tags in &segment.tags {
                tags::read(bytes, tags, &mut slots)?;
            }
            let is_place = |slot: &&Slot| slot.is_label && slot.range() == found.range;
            let slot = slots.iter().find(is_place).ok_or(WriteError::NoPlace("the label is in no tag"))?;
            (slot.path.first().cloned(), slot.with_text(bytes, &json).ok_or(TOO_LONG)?)
        }
        None => {
            let tag = tags::tag(&json).ok_or(TOO_LONG)?;
            match segment.tags.first() {
                Some(tags) => {
                    let end = tags.data.end;
                    (Some(tags.clone()), tags.with(bytes, &(end..end), &tag).ok_or(TOO_LONG)?)
                }
                None => (None, ebml::element(TAGS, &tag, 1).ok_or(TOO_LONG)?),
            }
        }
    };
    place::place(bytes, &segment, old.as_ref(), &new)
}

impl Segment {
    fn read(bytes: &[u8]) -> Result<Self, Broken> {
        let head = Element::read(bytes, 0, bytes.len())?;
        if head.id != HEAD || head.is_open {
            return Err(Broken::Malformed { what: "no EBML head", at: 0 });
        }
        let mut at = head.whole.end;
        let whole = loop {
            let element = Element::read(bytes, at, bytes.len())?;
            match element.id {
                SEGMENT => break element,
                _ if element.is_open => return Err(Broken::Malformed { what: "no Matroska segment", at }),
                _ => at = element.whole.end,
            }
        };
        let mut segment = Self {
            whole,
            tags: Vec::new(),
            seek_heads: Vec::new(),
            voids: Vec::new(),
            infos: Vec::new(),
            first_cluster: None,
            has_offsets: false,
        };
        segment.walk(bytes)?;
        Ok(segment)
    }

    fn walk(&mut self, bytes: &[u8]) -> Result<(), Broken> {
        let Element { data, .. } = self.whole.clone();
        let mut at = data.start;
        let mut left = ELEMENTS_MAX;
        while at < data.end {
            left = left.checked_sub(1).ok_or(Broken::Limit { what: "EBML elements", limit: ELEMENTS_MAX })?;
            let element = Element::read(bytes, at, data.end)?;
            at = element.whole.end;
            if element.is_open {
                // A cluster of a live recording has no length: what is in it is met in its place.
                if element.id != CLUSTER {
                    return Err(Broken::Malformed {
                        what: "an element without a length",
                        at: element.whole.start,
                    });
                }
                at = element.data.start;
            }
            let kept = match element.id {
                CLUSTER => {
                    self.first_cluster.get_or_insert(element.whole.start);
                    continue;
                }
                CUES | CLUSTER_POSITION => {
                    self.has_offsets = true;
                    continue;
                }
                SEEK_HEAD => &mut self.seek_heads,
                TAGS => &mut self.tags,
                INFO => &mut self.infos,
                ebml::VOID
                    if self.first_cluster.is_none()
                        || self.tags.last().is_some_and(|tags| tags.whole.end == element.whole.start) =>
                {
                    &mut self.voids
                }
                _ => continue,
            };
            if kept.len() == KEPT_MAX {
                return Err(Broken::Limit { what: "EBML elements of one kind", limit: KEPT_MAX });
            }
            kept.push(element);
        }
        self.has_offsets |= !self.seek_heads.is_empty() || self.cluster_has_position(bytes)?;
        Ok(())
    }

    /// Whether clusters say where they stand; those with a length are not walked through but the first.
    fn cluster_has_position(&self, bytes: &[u8]) -> Result<bool, Broken> {
        let Some(at) = self.first_cluster else { return Ok(false) };
        let cluster = Element::read(bytes, at, self.whole.data.end)?;
        if cluster.is_open {
            return Ok(false);
        }
        let mut children = cluster.children(bytes).map_while(Result::ok);
        Ok(children.any(|child| child.id == CLUSTER_POSITION))
    }

    /// The padding right behind an element.
    fn void_after(&self, element: &Element) -> Option<&Element> {
        self.voids.iter().find(|void| void.whole.start == element.whole.end)
    }
}

#[cfg(test)]
pub(super) use tests::samples;
