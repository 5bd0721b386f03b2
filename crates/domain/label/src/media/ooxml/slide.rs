//! The visible line of a presentation: a box of text at the lower edge of the first slide, above all else there.

use super::{
    Archive, Broken, WriteError,
    part::{self, Part},
    xml,
};
use crate::media::{Edits, xml::Piece};

const PRESENTATION: &str = "ppt/presentation.xml";
const RELATIONSHIPS: &str = "ppt/_rels/presentation.xml.rels";
/// Lengths are in 1/914,400 inch. The box is about 1 cm high, for letters of 12 points.
const BOX_HEIGHT: u64 = 360_000;
/// Slides of 4:3, where none is said.
const USUAL_SIZE: Size = Size { width: 9_144_000, height: 6_858_000 };

/// The size of all slides.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    width: u64,
    height: u64,
}

/// The part of the first slide.
pub(super) fn first(bytes: &[u8], archive: &Archive) -> Result<Option<String>, Broken> {
    let (Some(presentation), Some(relationships)) =
        (archive.named(PRESENTATION).next(), archive.named(RELATIONSHIPS).next())
    else {
        return Ok(None);
    };
    let mut id = None;
    Part::read(bytes, presentation)?.each_tag(|tag| {
        if id.is_none() && xml::split_name(tag.name).1 == b"sldId" {
            let related = |name: &[u8]| matches!(xml::split_name(name), ([_, ..], b"id"));
            let attribute = tag.attributes.iter().find(|attribute| related(attribute.name));
            id = attribute.map(|attribute| String::from_utf8_lossy(attribute.value).into_owned());
        }
    })?;
    let Some(id) = id else { return Ok(None) };
    let mut target = None;
    Part::read(bytes, relationships)?.each_tag(|tag| {
        if part::attribute(tag, b"Id").is_some_and(|found| found == id) {
            target = part::attribute(tag, b"Target");
        }
    })?;
    Ok(target.map(|target| match target.strip_prefix('/') {
        Some(whole) => whole.to_owned(),
        None => format!("ppt/{target}"),
    }))
}

/// The size of slides that the presentation names.
pub(super) fn size(bytes: &[u8], archive: &Archive) -> Result<Size, Broken> {
    let mut size = USUAL_SIZE;
    if let Some(entry) = archive.named(PRESENTATION).next() {
        Part::read(bytes, entry)?.each_tag(|tag| {
            if xml::split_name(tag.name).1 == b"sldSz" {
                let length = |name: &[u8]| part::attribute(tag, name).and_then(|text| text.parse().ok());
                if let (Some(width), Some(height)) = (length(b"cx"), length(b"cy")) {
                    size = Size { width, height };
                }
            }
        })?;
    }
    Ok(size)
}

/// The slide with the line.
pub(super) fn with_line(part: &Part, size: Size, line: &str) -> Result<Vec<u8>, WriteError> {
    let mut tree = Tree::default();
    part.each_piece(|piece| tree.take(&part.bytes, piece))?;
    let no_place = WriteError::NoPlace("its first slide has no tree of shapes");
    let at = tree.end.ok_or(no_place.clone())?;
    let (p, a) = tree.prefixes.ok_or(no_place)?;
    let id = tree.last_id.saturating_add(1);
    let top = size.height.saturating_sub(BOX_HEIGHT);
    let (width, line) = (size.width, xml::escape(line, None));
    // Dark on a white ground of its own: legible on any slide.
    let shape = format!(
        "<{p}:sp><{p}:nvSpPr><{p}:cNvPr id=\"{id}\" name=\"AIGC label\"/><{p}:cNvSpPr txBox=\"1\"/><{p}:nvPr/></{p}:nvSpPr>\
         <{p}:spPr><{a}:xfrm><{a}:off x=\"0\" y=\"{top}\"/><{a}:ext cx=\"{width}\" cy=\"{BOX_HEIGHT}\"/></{a}:xfrm>\
         <{a}:prstGeom prst=\"rect\"><{a}:avLst/></{a}:prstGeom>\
         <{a}:solidFill><{a}:srgbClr val=\"FFFFFF\"/></{a}:solidFill></{p}:spPr>\
         <{p}:txBody><{a}:bodyPr wrap=\"square\" anchor=\"ctr\"/><{a}:lstStyle/><{a}:p><{a}:pPr algn=\"ctr\"/>\
         <{a}:r><{a}:rPr lang=\"zh-CN\" sz=\"1200\"><{a}:solidFill><{a}:srgbClr val=\"222222\"/></{a}:solidFill></{a}:rPr>\
         <{a}:t>{line}</{a}:t></{a}:r></{a}:p></{p}:txBody></{p}:sp>"
    );
    Ok(Edits::insert(at, shape.into_bytes()).apply(&part.bytes))
}

/// Where a shape goes on a slide, and what it needs.
#[derive(Default)]
struct Tree {
    /// The prefixes of presentations and of drawings.
    prefixes: Option<(String, String)>,
    last_id: u32,
    depth: usize,
    /// How deep the tree itself is.
    tree_depth: Option<usize>,
    /// Before its extensions, which come last, or before its end.
    end: Option<usize>,
}

impl Tree {
    fn take(&mut self, slide: &[u8], piece: Piece<'_>) {
        match piece {
            Piece::Open(tag) => {
                if self.depth == 0 {
                    let drawing = tag.attributes.iter().find_map(|attribute| {
                        let is_drawing = attribute.value.ends_with(b"/drawingml/main")
                            || attribute.value.ends_with(b"/drawingml/2006/main");
                        match xml::split_name(attribute.name) {
                            (b"xmlns", prefix) if is_drawing => Some(prefix),
                            _ => None,
                        }
                    });
                    let prefixes = (xml::split_name(tag.name).0, drawing);
                    if let ([_, ..], Some(drawing)) = prefixes {
                        let text = |prefix| String::from_utf8_lossy(prefix).into_owned();
                        self.prefixes = Some((text(prefixes.0), text(drawing)));
                    }
                }
                match xml::split_name(tag.name).1 {
                    b"cNvPr" => {
                        let id = part::attribute(&tag, b"id").and_then(|id| id.parse().ok());
                        self.last_id = self.last_id.max(id.unwrap_or(0));
                    }
                    b"spTree" if self.tree_depth.is_none() && !tag.is_empty => {
                        self.tree_depth = Some(self.depth);
                    }
                    b"extLst"
                        if self.tree_depth.is_some_and(|depth| depth.saturating_add(1) == self.depth) =>
                    {
                        self.end.get_or_insert(tag.whole.start);
                    }
                    _ => {}
                }
                self.depth = self.depth.saturating_add(usize::from(!tag.is_empty));
            }
            Piece::Close(place) => {
                self.depth = self.depth.saturating_sub(1);
                if self.tree_depth == Some(self.depth)
                    && slide.get(place.clone()).is_some_and(|tag| tag.ends_with(b":spTree>"))
                {
                    self.end.get_or_insert(place.start);
                }
            }
            Piece::Text(_) | Piece::Verbatim(_) => {}
        }
    }
}
