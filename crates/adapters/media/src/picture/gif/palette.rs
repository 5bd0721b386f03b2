//! The palette of a frame, with room made for the colours of the label.

use super::NAME;
use crate::MediaError;

/// Colours in a palette.
const COLOURS_MAX: usize = 256;
/// A colour of the palette that is this near to a shade in each channel stands for it.
const NEAR: u8 = 6;

/// The colours of a frame, and how many of its pixels have each.
pub(super) struct Palette {
    colours: Vec<[u8; 3]>,
    transparent: Option<u8>,
    uses: Vec<usize>,
    is_changed: bool,
}

impl Palette {
    /// `seen` are the pixels that the label will not cover.
    pub(super) fn new(
        table: &[u8],
        transparent: Option<u8>,
        seen: impl Iterator<Item = u8>,
    ) -> Result<Self, MediaError> {
        if table.is_empty() {
            return Err(MediaError::decode(NAME, "a frame without a palette"));
        }
        let mut uses = vec![0; COLOURS_MAX];
        for index in seen {
            if let Some(count) = uses.get_mut(usize::from(index)) {
                *count += 1;
            }
        }
        Ok(Self { colours: table.as_chunks::<3>().0.to_vec(), transparent, uses, is_changed: false })
    }

    /// The table, where it is another than it was.
    pub(super) fn changed(&self) -> Option<Vec<u8>> {
        self.is_changed.then(|| self.colours.concat())
    }

    /// The bits of an index, so that each pixel has one.
    pub(super) fn bits(&self) -> u8 {
        let used = self.uses.iter().rposition(|uses| *uses > 0).unwrap_or(0);
        let last = used.max(self.colours.len().saturating_sub(1));
        u8::try_from(usize::BITS - last.leading_zeros()).unwrap_or(8).max(1)
    }

    pub(super) const fn transparent_index(&self) -> Option<u8> {
        self.transparent
    }

    /// The transparent index, new where there was none.
    pub(super) fn transparent(&mut self, indices: &mut [u8]) -> u8 {
        if let Some(index) = self.transparent {
            return index;
        }
        let index = self.slot([0; 3], &[], indices);
        self.transparent = Some(index);
        index
    }

    /// An index for each of the shades. Where the palette is full, the rarest colours give way to their neighbours.
    pub(super) fn make_room(&mut self, shades: &[u8], indices: &mut [u8]) -> Vec<u8> {
        let mut given = Vec::new();
        for shade in shades {
            let near = |colour: &[u8; 3]| colour.iter().all(|value| value.abs_diff(*shade) <= NEAR);
            let found = (0..=u8::MAX)
                .zip(&self.colours)
                .find(|(index, colour)| near(colour) && Some(*index) != self.transparent);
            let index = match found {
                Some((index, _)) => index,
                None => self.slot([*shade; 3], &given, indices),
            };
            given.push(index);
        }
        given
    }

    /// A place for a new colour: behind the others, one that no pixel has, or the one that the fewest have.
    fn slot(&mut self, colour: [u8; 3], given: &[u8], indices: &mut [u8]) -> u8 {
        self.is_changed = true;
        let end = self.colours.len();
        if let Ok(index) = u8::try_from(end)
            && self.uses.get(end) == Some(&0)
            && self.transparent != Some(index)
        {
            self.colours.push(colour);
            return index;
        }
        let is_free = |index: &u8| Some(*index) != self.transparent && !given.contains(index);
        let uses = |index: u8| self.uses.get(usize::from(index)).copied().unwrap_or(0);
        let rarest = (0..=u8::MAX)
            .take(self.colours.len())
            .filter(is_free)
            .min_by_key(|index| uses(*index))
            .unwrap_or_default();
        if uses(rarest) > 0 {
            self.give_way(rarest, given, indices);
        }
        if let Some(place) = self.colours.get_mut(usize::from(rarest)) {
            *place = colour;
        }
        rarest
    }

    /// Pixels of a colour get the nearest other one.
    fn give_way(&mut self, rarest: u8, given: &[u8], indices: &mut [u8]) {
        let colour = self.colours.get(usize::from(rarest)).copied().unwrap_or_default();
        let distance = |other: &[u8; 3]| -> u32 {
            colour.iter().zip(other).map(|(one, other)| u32::from(one.abs_diff(*other)).pow(2)).sum()
        };
        let nearest = (0..=u8::MAX)
            .zip(&self.colours)
            .filter(|(index, _)| {
                *index != rarest && Some(*index) != self.transparent && !given.contains(index)
            })
            .min_by_key(|(_, other)| distance(other));
        let Some((nearest, _)) = nearest else { return };
        for index in indices.iter_mut().filter(|index| **index == rarest) {
            *index = nearest;
        }
        let moved = self.uses.get_mut(usize::from(rarest)).map_or(0, std::mem::take);
        if let Some(uses) = self.uses.get_mut(usize::from(nearest)) {
            *uses += moved;
        }
    }
}
