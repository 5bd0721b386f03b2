//! GIF: each frame gets the label in its own palette. Delays, loops, disposal, comments and all other blocks stay byte
//! for byte; only image data, and palettes where the label's colours need room, are written anew.

mod blocks;

mod palette;

use weezl::{BitOrder, decode, encode};

use super::{PIXELS_MAX, PictureFormat, Rgb8, Treatment, overlay::Overlay, style::VisibleStyle};
use crate::MediaError;
use blocks::{Area, Block, Blocks, Control, Disposal, Image};
use palette::Palette;

pub(super) const NAME: &str = PictureFormat::Gif.name();
/// Pixels of all frames together: a minute of film at 640 × 480 and 15 frames a second.
const FRAME_PIXELS_MAX: u64 = 5 * PIXELS_MAX;

pub(super) fn treat(bytes: &[u8], treatment: Treatment<'_>) -> Result<Vec<u8>, MediaError> {
    if treatment.mark.is_some() {
        return Err(MediaError::Unsupported(
            "a GIF picture with an invisible mark: palettes cannot hold one",
        ));
    }
    match treatment.visible {
        Some(style) => label(bytes, style),
        None => Ok(bytes.to_vec()),
    }
}

/// What is on the screen at first; what is transparent is black.
pub(super) fn first_frame(bytes: &[u8]) -> Result<Rgb8, MediaError> {
    let mut blocks = Blocks::read(bytes)?;
    let (size, global) = (blocks.size, blocks.palette);
    let screen = Area { left: 0, top: 0, width: size.0, height: size.1 };
    let image = blocks.find_map(|block| match block {
        Ok(Block::Image(image)) => Some(Ok(image)),
        Ok(_) => None,
        Err(error) => Some(Err(error)),
    });
    let image = image.unwrap_or_else(|| Err(MediaError::decode(NAME, "there is no frame")))?;
    if image.area.pixels().max(screen.pixels()) as u64 > PIXELS_MAX {
        return Err(MediaError::Limit { what: "pixels", limit: PIXELS_MAX });
    }
    let indices = image.rows_in_order(unpack(&image, image.area.pixels())?);
    let colours = if image.palette.is_empty() { global } else { image.palette }.as_chunks::<3>().0;
    let mut pixels = vec![0; screen.pixels() * 3];
    let (left, width) = (usize::from(image.area.left), usize::from(image.area.width).max(1));
    for (y, row) in (usize::from(image.area.top)..).zip(indices.chunks_exact(width)) {
        for (x, index) in (left..).zip(row) {
            let place = screen.index(x, y).and_then(|at| pixels.get_mut(at * 3..at * 3 + 3));
            if let Some((place, colour)) = place.zip(colours.get(usize::from(*index))) {
                place.copy_from_slice(colour);
            }
        }
    }
    Ok(Rgb8 { width: u32::from(size.0), height: u32::from(size.1), pixels })
}

fn label(bytes: &[u8], style: &VisibleStyle) -> Result<Vec<u8>, MediaError> {
    let blocks = Blocks::read(bytes)?;
    let (width, height) = blocks.size;
    let overlay = Overlay::for_any_ground(style, u32::from(width), u32::from(height))?;
    let label = Label::of(&overlay)?;

    let mut film =
        Film { label, global: blocks.palette, shown: Shown::default(), pixels_left: FRAME_PIXELS_MAX };
    let mut labelled = bytes.get(..blocks.start).unwrap_or_default().to_vec();
    let mut control = None;
    for block in blocks {
        match block? {
            Block::Control(next) => control = Some(next),
            Block::Image(image) => film.frame(control.take(), &image, &mut labelled)?,
            Block::Other(whole) => labelled.extend_from_slice(whole),
        }
    }
    labelled.push(blocks::TRAILER);
    Ok(labelled)
}

/// The label in few colours: for each pixel the index of one, or nothing where its corners are round.
struct Label {
    area: Area,
    shades: Vec<Option<usize>>,
}

/// From the plate to the words.
const SHADES: [u8; 4] = [18, 97, 176, 255];

impl Label {
    fn of(overlay: &Overlay) -> Result<Self, MediaError> {
        let small = |length: u32| u16::try_from(length).map_err(|_| MediaError::NotThis(NAME));
        let area = Area {
            left: small(overlay.x)?,
            top: small(overlay.y)?,
            width: small(overlay.width)?,
            height: small(overlay.height)?,
        };
        let shade = |&[grey, _, _, alpha]: &[u8; 4]| {
            let nearest = SHADES.iter().enumerate().min_by_key(|(_, shade)| shade.abs_diff(grey));
            nearest.filter(|_| alpha >= 128).map(|(at, _)| at)
        };
        Ok(Self { area, shades: overlay.rgba.as_chunks::<4>().0.iter().map(shade).collect() })
    }

    /// The pixels of a frame that the label does not cover.
    fn beside(&self, area: &Area, indices: &[u8]) -> impl Iterator<Item = u8> {
        let (left, top) = (usize::from(area.left), usize::from(area.top));
        let width = usize::from(area.width).max(1);
        let is_covered = move |at: usize| {
            let place = self.area.index(left + at % width, top + at / width);
            place.and_then(|place| self.shades.get(place)).is_some_and(Option::is_some)
        };
        indices.iter().enumerate().filter(move |(at, _)| !is_covered(*at)).map(|(_, index)| *index)
    }
}

/// What is on the screen before a frame.
#[derive(Clone, Copy)]
struct Shown {
    /// Nothing: all of it is transparent.
    is_blank: bool,
    /// The whole label.
    has_label: bool,
}

impl Default for Shown {
    fn default() -> Self {
        Self { is_blank: true, has_label: false }
    }
}

struct Film<'b> {
    label: Label,
    global: &'b [u8],
    shown: Shown,
    pixels_left: u64,
}

impl Film<'_> {
    /// Writes one frame, with so much of the label as belongs into it.
    fn frame(
        &mut self,
        control: Option<Control<'_>>,
        image: &Image<'_>,
        into: &mut Vec<u8>,
    ) -> Result<(), MediaError> {
        let pixels = image.area.pixels();
        if pixels as u64 > PIXELS_MAX {
            return Err(MediaError::Limit { what: "pixels", limit: PIXELS_MAX });
        }
        self.pixels_left = self
            .pixels_left
            .checked_sub(pixels as u64)
            .ok_or(MediaError::Limit { what: "pixels in all frames", limit: FRAME_PIXELS_MAX })?;
        let mut indices = image.rows_in_order(unpack(image, pixels)?);
        let disposal = control.map_or(Disposal::Keep, |control| control.disposal());
        let covers = image.area.covers(&self.label.area);
        let area =
            if self.shown.has_label || covers { image.area } else { image.area.with(&self.label.area) };
        if area != image.area && disposal == Disposal::Clear && !self.shown.is_blank {
            return Err(MediaError::Unsupported("a GIF picture whose frames clear parts of one another"));
        }
        let colours = if image.palette.is_empty() { self.global } else { image.palette };
        let transparent = control.and_then(|control| control.transparent());
        let mut palette = Palette::new(colours, transparent, self.label.beside(&image.area, &indices))?;
        // What is added around the frame shows what was there before.
        let around = (area != image.area).then(|| palette.transparent(&mut indices));
        let mut indices = moved(&indices, &image.area, &area, around.unwrap_or_default());

        if area.meets(&self.label.area) {
            let shades = palette.make_room(&SHADES, &mut indices);
            self.paint(&mut indices, &area, &shades);
        }
        let control_after = Control::with_transparent(control, palette.transparent_index());
        into.extend_from_slice(&control_after);
        into.extend_from_slice(&image.descriptor(&area, palette.changed()));
        into.extend_from_slice(&packed(&indices, palette.bits())?);

        let whole = self.shown.has_label || area.covers(&self.label.area);
        self.shown = match disposal {
            Disposal::Keep => Shown { is_blank: false, has_label: whole },
            Disposal::Clear => {
                Shown { is_blank: self.shown.is_blank, has_label: whole && !area.meets(&self.label.area) }
            }
            Disposal::Restore => self.shown,
        };
        Ok(())
    }

    fn paint(&self, indices: &mut [u8], area: &Area, shades: &[u8]) {
        let label = &self.label.area;
        let rows = self.label.shades.chunks_exact(usize::from(label.width));
        for (y, row) in (usize::from(label.top)..).zip(rows) {
            for (x, shade) in (usize::from(label.left)..).zip(row) {
                let index = shade.and_then(|shade| shades.get(shade));
                let pixel = area.index(x, y).and_then(|at| indices.get_mut(at));
                if let Some((index, pixel)) = index.zip(pixel) {
                    *pixel = *index;
                }
            }
        }
    }
}

/// The pixels of a frame, row after row as they are stored. What is missing at the end is the first colour.
fn unpack(image: &Image<'_>, pixels: usize) -> Result<Vec<u8>, MediaError> {
    if !(1..=8).contains(&image.code_bits) {
        return Err(MediaError::decode(NAME, "a frame with codes of no known length"));
    }
    let mut indices = vec![0; pixels];
    let mut decoder = decode::Decoder::new(BitOrder::Lsb, image.code_bits);
    let data = image.data.concat();
    let (mut read, mut written) = (0, 0);
    while let (Some(rest), Some(room)) = (data.get(read..), indices.get_mut(written..)) {
        let step = decoder.decode_bytes(rest, room);
        read += step.consumed_in;
        written += step.consumed_out;
        match step.status {
            Ok(weezl::LzwStatus::Ok) if step.consumed_in + step.consumed_out > 0 => {}
            Ok(_) => break,
            Err(error) => return Err(MediaError::decode(NAME, error)),
        }
    }
    Ok(indices)
}

/// The image data: the length of codes, blocks of at most 255 bytes, and an empty one.
fn packed(indices: &[u8], bits: u8) -> Result<Vec<u8>, MediaError> {
    let bits = bits.max(2);
    let codes = encode::Encoder::new(BitOrder::Lsb, bits)
        .encode(indices)
        .map_err(|error| MediaError::encode(NAME, error))?;
    let mut data = vec![bits];
    for block in codes.chunks(255) {
        data.push(u8::try_from(block.len()).unwrap_or(u8::MAX));
        data.extend_from_slice(block);
    }
    data.push(0);
    Ok(data)
}

/// The pixels of `from` at their places in `to`, which covers it.
fn moved(indices: &[u8], from: &Area, to: &Area, around: u8) -> Vec<u8> {
    if from == to {
        return indices.to_vec();
    }
    let mut moved = vec![around; to.pixels()];
    for (y, row) in (usize::from(from.top)..).zip(indices.chunks_exact(usize::from(from.width).max(1))) {
        let start = to.index(usize::from(from.left), y);
        let room = start.and_then(|start| moved.get_mut(start..start.checked_add(row.len())?));
        if let Some(room) = room {
            room.copy_from_slice(row);
        }
    }
    moved
}
