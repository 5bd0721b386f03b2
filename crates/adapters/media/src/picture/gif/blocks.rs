//! The blocks of a GIF file (GIF89a).

use super::NAME;
use crate::MediaError;

pub(super) const TRAILER: u8 = 0x3b;
const EXTENSION: u8 = 0x21;
const CONTROL: u8 = 0xf9;
const IMAGE: u8 = 0x2c;
/// The signature and the logical screen descriptor.
const HEAD: usize = 13;
/// A control extension, from its introducer to its end.
const CONTROL_BYTES: usize = 8;
const HAS_TABLE: u8 = 0x80;
const INTERLACED: u8 = 0x40;

/// A rectangle of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) left: u16,
    pub(super) top: u16,
    pub(super) width: u16,
    pub(super) height: u16,
}

impl Area {
    pub(super) fn pixels(&self) -> usize {
        usize::from(self.width) * usize::from(self.height)
    }

    fn right(&self) -> u32 {
        u32::from(self.left) + u32::from(self.width)
    }

    fn bottom(&self) -> u32 {
        u32::from(self.top) + u32::from(self.height)
    }

    pub(super) fn covers(&self, other: &Self) -> bool {
        self.left <= other.left
            && self.top <= other.top
            && self.right() >= other.right()
            && self.bottom() >= other.bottom()
    }

    pub(super) fn meets(&self, other: &Self) -> bool {
        u32::from(self.left) < other.right()
            && u32::from(other.left) < self.right()
            && u32::from(self.top) < other.bottom()
            && u32::from(other.top) < self.bottom()
    }

    /// The smallest that covers both.
    pub(super) fn with(&self, other: &Self) -> Self {
        let (left, top) = (self.left.min(other.left), self.top.min(other.top));
        let length = |end: u32, start: u16| u16::try_from(end - u32::from(start)).unwrap_or(u16::MAX);
        Self {
            left,
            top,
            width: length(self.right().max(other.right()), left),
            height: length(self.bottom().max(other.bottom()), top),
        }
    }

    /// Which pixel of this one stands at that place of the screen.
    pub(super) fn index(&self, x: usize, y: usize) -> Option<usize> {
        let x = x.checked_sub(usize::from(self.left)).filter(|x| *x < usize::from(self.width))?;
        let y = y.checked_sub(usize::from(self.top)).filter(|y| *y < usize::from(self.height))?;
        Some(y * usize::from(self.width) + x)
    }
}

/// What happens to a frame when its time is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Disposal {
    /// It stays.
    Keep,
    /// Its area becomes transparent.
    Clear,
    /// What was there before comes back.
    Restore,
}

/// A graphic control extension: disposal, delay, transparent colour.
#[derive(Debug, Clone, Copy)]
pub(super) struct Control<'b>(&'b [u8; CONTROL_BYTES]);

impl Control<'_> {
    pub(super) const fn disposal(&self) -> Disposal {
        match (self.0[3] >> 2) & 7 {
            2 => Disposal::Clear,
            3 => Disposal::Restore,
            _ => Disposal::Keep,
        }
    }

    pub(super) fn transparent(&self) -> Option<u8> {
        (self.0[3] & 1 == 1).then_some(self.0[6])
    }

    /// The same with that transparent colour; a new one where there was none and one is needed.
    pub(super) fn with_transparent(control: Option<Self>, transparent: Option<u8>) -> Vec<u8> {
        let plain = [EXTENSION, CONTROL, 4, 0, 0, 0, 0, 0];
        let mut bytes = match (control, transparent) {
            (Some(control), _) => *control.0,
            (None, Some(_)) => plain,
            (None, None) => return Vec::new(),
        };
        if let Some(index) = transparent {
            bytes[3] |= 1;
            bytes[6] = index;
        }
        bytes.to_vec()
    }
}

/// One frame, as it stands in the file.
pub(super) struct Image<'b> {
    pub(super) area: Area,
    flags: u8,
    /// Its own; empty where the global one holds.
    pub(super) palette: &'b [u8],
    pub(super) code_bits: u8,
    pub(super) data: Vec<&'b [u8]>,
}

impl Image<'_> {
    /// Rows from the top; interlaced ones are stored in four passes (GIF89a, appendix E).
    pub(super) fn rows_in_order(&self, stored: Vec<u8>) -> Vec<u8> {
        if self.flags & INTERLACED == 0 || self.area.width == 0 {
            return stored;
        }
        let (width, height) = (usize::from(self.area.width), usize::from(self.area.height));
        let passes = [(0, 8), (4, 8), (2, 4), (1, 2)];
        let rows = passes.into_iter().flat_map(|(first, step)| (first..height).step_by(step));
        let mut ordered = vec![0; stored.len()];
        for (row, source) in rows.zip(stored.chunks_exact(width)) {
            if let Some(room) = ordered.get_mut(row * width..(row + 1) * width) {
                room.copy_from_slice(source);
            }
        }
        ordered
    }

    /// The descriptor for that area, not interlaced, with the palette after it: `changed`, or its own.
    pub(super) fn descriptor(&self, area: &Area, changed: Option<Vec<u8>>) -> Vec<u8> {
        let mut bytes = vec![IMAGE];
        for field in [area.left, area.top, area.width, area.height] {
            bytes.extend(field.to_le_bytes());
        }
        let flags = self.flags & !INTERLACED;
        match changed {
            Some(mut palette) => {
                let colours = (palette.len() / 3).max(2).next_power_of_two();
                palette.resize(colours * 3, 0);
                let bits = u8::try_from(colours.ilog2().saturating_sub(1)).unwrap_or(7);
                // The colours are in no order.
                bytes.push((flags & !0x27) | HAS_TABLE | bits);
                bytes.extend(palette);
            }
            None => {
                bytes.push(flags);
                bytes.extend(self.palette);
            }
        }
        bytes
    }
}

/// What a file consists of.
pub(super) enum Block<'b> {
    Control(Control<'b>),
    Image(Image<'b>),
    /// Whole.
    Other(&'b [u8]),
}

/// The blocks of a file up to its trailer.
pub(super) struct Blocks<'b> {
    pub(super) size: (u16, u16),
    /// The global one; empty where there is none.
    pub(super) palette: &'b [u8],
    /// Where the first block stands.
    pub(super) start: usize,
    bytes: &'b [u8],
    at: usize,
    is_over: bool,
}

impl<'b> Blocks<'b> {
    pub(super) fn read(bytes: &'b [u8]) -> Result<Self, MediaError> {
        let head: &[u8; HEAD] = bytes.first_chunk().ok_or(MediaError::NotThis(NAME))?;
        let [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', width, width_high, height, height_high, flags, ..] =
            *head
        else {
            return Err(MediaError::NotThis(NAME));
        };
        let size = (u16::from_le_bytes([width, width_high]), u16::from_le_bytes([height, height_high]));
        let (palette, start) = table(bytes, HEAD, flags).ok_or_else(ends_early)?;
        Ok(Self { size, palette, start, bytes, at: start, is_over: false })
    }

    fn next_block(&mut self) -> Option<Block<'b>> {
        let start = self.at;
        match *self.bytes.get(start)? {
            EXTENSION => {
                let label = *self.bytes.get(start.checked_add(1)?)?;
                let (_, end) = sub_blocks(self.bytes, start.checked_add(2)?)?;
                self.at = end;
                let whole = self.bytes.get(start..end)?;
                match <&[u8; CONTROL_BYTES]>::try_from(whole) {
                    Ok(control) if label == CONTROL => Some(Block::Control(Control(control))),
                    _ => Some(Block::Other(whole)),
                }
            }
            IMAGE => {
                let field = |at: usize| {
                    let field = self.bytes.get(start.checked_add(at)?..)?.first_chunk();
                    field.copied().map(u16::from_le_bytes)
                };
                let area = Area { left: field(1)?, top: field(3)?, width: field(5)?, height: field(7)? };
                let flags = *self.bytes.get(start.checked_add(9)?)?;
                let (palette, at) = table(self.bytes, start.checked_add(10)?, flags)?;
                let code_bits = *self.bytes.get(at)?;
                let (data, end) = sub_blocks(self.bytes, at.checked_add(1)?)?;
                self.at = end;
                Some(Block::Image(Image { area, flags, palette, code_bits, data }))
            }
            _ => None,
        }
    }
}

impl<'b> Iterator for Blocks<'b> {
    type Item = Result<Block<'b>, MediaError>;

    fn next(&mut self) -> Option<Self::Item> {
        // A file may end without its trailer, between two blocks.
        if self.is_over || matches!(self.bytes.get(self.at), None | Some(&TRAILER)) {
            return None;
        }
        let block = self.next_block().ok_or_else(ends_early);
        self.is_over = block.is_err();
        Some(block)
    }
}

fn ends_early() -> MediaError {
    MediaError::decode(NAME, "a block is not whole")
}

/// The colour table that the flags announce, and where it ends.
fn table(bytes: &[u8], at: usize, flags: u8) -> Option<(&[u8], usize)> {
    if flags & HAS_TABLE == 0 {
        return Some((&[], at));
    }
    let end = at.checked_add(3 << ((flags & 7) + 1))?;
    Some((bytes.get(at..end)?, end))
}

/// Blocks with their lengths before them, to the empty one.
fn sub_blocks(bytes: &[u8], mut at: usize) -> Option<(Vec<&[u8]>, usize)> {
    let mut blocks = Vec::new();
    loop {
        let length = usize::from(*bytes.get(at)?);
        let start = at.checked_add(1)?;
        at = start.checked_add(length)?;
        if length == 0 {
            return Some((blocks, at));
        }
        blocks.push(bytes.get(start..at)?);
    }
}
