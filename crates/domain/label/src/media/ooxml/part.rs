//! A part of a package: an XML document in an entry of the archive.

use super::{
    super::xml::{Piece, Pieces, Tag},
    Broken, Entry, WriteError, xml,
};
use crate::media::Edits;

/// How large a part may be. The text of a long book has 10 MB.
const PART_BYTES_MAX: usize = 64 << 20;

/// A part, unpacked.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) bytes: Vec<u8>,
    /// Where it is in the archive, for messages.
    at: usize,
}

impl Part {
    /// # Errors
    /// As [`Entry::unpack`], and for a part in UTF-16.
    pub(super) fn read(archive: &[u8], entry: &Entry) -> Result<Self, Broken> {
        let bytes = entry.unpack(archive, PART_BYTES_MAX)?;
        let at = entry.local.start;
        if matches!(bytes.get(..2), Some([0xff, 0xfe] | [0xfe, 0xff])) {
            return Err(Broken::Malformed { what: "a part in UTF-16, which is not read,", at });
        }
        Ok(Self { bytes, at })
    }

    /// Calls for every piece of it.
    ///
    /// # Errors
    /// [`Broken`] where it is no XML.
    pub(super) fn each_piece<'p>(&'p self, mut take: impl FnMut(Piece<'p>)) -> Result<(), Broken> {
        let mut pieces = Pieces::of(&self.bytes);
        loop {
            match pieces.next() {
                Ok(Some(piece)) => take(piece),
                Ok(None) => return Ok(()),
                Err(_) => return Err(Broken::Malformed { what: "a part that is no XML", at: self.at }),
            }
        }
    }

    /// Calls for every start tag.
    ///
    /// # Errors
    /// As [`Part::each_piece`].
    pub(super) fn each_tag(&self, mut take: impl FnMut(&Tag<'_>)) -> Result<(), Broken> {
        self.each_piece(|piece| {
            if let Piece::Open(tag) = piece {
                take(&tag);
            }
        })
    }

    /// Its text: the elements `t`, with a line for each paragraph `p`.
    ///
    /// # Errors
    /// As [`Part::each_piece`].
    pub(super) fn text(&self) -> Result<String, Broken> {
        let (mut text, mut is_inside) = (String::new(), false);
        self.each_piece(|piece| match piece {
            Piece::Open(tag) => {
                is_inside = xml::split_name(tag.name).1 == b"t" && !tag.is_empty;
            }
            Piece::Close(place) => {
                is_inside = false;
                let name = self.bytes.get(place).unwrap_or_default();
                if name.ends_with(b":p>") {
                    text.push('\n');
                }
            }
            Piece::Text(raw) if is_inside => xml::unescape(raw, &mut text),
            Piece::Verbatim(raw) if is_inside => text.push_str(&String::from_utf8_lossy(raw)),
            Piece::Text(_) | Piece::Verbatim(_) => {}
        })?;
        Ok(text)
    }

    /// The part with one element more, as the last child of its root. `element` makes it with the root's prefix, which is
    /// empty or ends with a colon.
    ///
    /// # Errors
    /// [`WriteError`] where it has no root.
    pub(super) fn with_last_child(
        &self,
        element: impl FnOnce(&str) -> String,
    ) -> Result<Vec<u8>, WriteError> {
        let (mut root, mut end) = (None, None);
        self.each_piece(|piece| match piece {
            Piece::Open(tag) if root.is_none() => root = Some((tag.name.to_vec(), tag.whole, tag.is_empty)),
            Piece::Close(place) => end = Some(place.start),
            Piece::Open(_) | Piece::Text(_) | Piece::Verbatim(_) => {}
        })?;
        let no_root = Broken::Malformed { what: "a part without a root", at: self.at };
        let (name, tag, is_empty) = root.ok_or(no_root.clone())?;
        let prefix = match xml::split_name(&name).0 {
            [] => String::new(),
            prefix => format!("{}:", String::from_utf8_lossy(prefix)),
        };
        let element = element(&prefix);
        let edits = if is_empty {
            let name = String::from_utf8_lossy(&name);
            Edits::replace(tag.end.saturating_sub(2)..tag.end, format!(">{element}</{name}>").into_bytes())
        } else {
            Edits::insert(end.ok_or(no_root)?, element.into_bytes())
        };
        Ok(edits.apply(&self.bytes))
    }
}

/// The value of an attribute, with its references read.
pub(super) fn attribute(tag: &Tag<'_>, name: &[u8]) -> Option<String> {
    let attribute = tag.attributes.iter().find(|attribute| attribute.name == name)?;
    let mut text = String::new();
    xml::unescape(attribute.value, &mut text);
    Some(text)
}
