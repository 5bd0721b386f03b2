//! The keyed layout of a mark: which frequencies of the tile say where it lies, which carry the message, with which phases.
//!
//! The tile is [`TILE`] pixels wide and high at canonical scale and repeats over the picture, so that it is a comb of lines in
//! the picture's spectrum. Lines between [`LOWEST`] and [`HIGHEST`] survive what pictures go through: lower ones drown in the
//! picture, higher ones are lost to compression and to smaller sizes.

#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "frequencies are below 2^7 and exact"
)]

use std::f32::consts::TAU;
use std::fmt;

use rustfft::num_complex::Complex32;
use sha2::{Digest, Sha256};

use crate::code::CODED_BITS;
use crate::payload::EPOCHS;

/// Pixels of the tile's side, at canonical scale.
pub(crate) const TILE: usize = 128;

/// The lowest and the highest frequency of a mark, in cycles for each pixel at canonical scale.
pub(crate) const LOWEST: f32 = 0.035;
pub(crate) const HIGHEST: f32 = 0.16;

/// Of a hundred lines these give the place; the others carry the message. With fewer the place is lost before the message is.
const SYNC_PERCENT: usize = 20;

/// What the key stream is derived for; another layout takes another label.
const LABEL: &[u8] = b"cinnabar image mark 1\0";

/// One line of the tile's spectrum (its mirror is implied).
#[derive(Clone, Copy)]
pub(crate) struct Line {
    /// Cycles across the tile, 0 to 20.
    pub(crate) x: i32,
    /// Cycles down the tile, -20 to 20.
    pub(crate) y: i32,
    /// Cycles for each pixel.
    pub(crate) frequency: f32,
    /// How strong the line is beside the others.
    pub(crate) amplitude: f32,
    /// Where its wave begins.
    pub(crate) phase: Complex32,
}

/// The layout of the marks of one epoch. Who has it can read, copy and take out those marks: it is a secret.
#[derive(Clone)]
pub struct Key {
    epoch: u8,
    pub(crate) sync: Vec<Line>,
    /// Lines of the message with the coded bit that each carries.
    pub(crate) data: Vec<(Line, usize)>,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("epoch", &self.epoch).finish_non_exhaustive()
    }
}

impl Key {
    /// The key of an epoch under a secret. The mark names its epoch modulo [`EPOCHS`], and so does the key.
    #[must_use]
    pub fn derive(secret: &[u8; 32], epoch: u8) -> Self {
        let epoch = epoch % EPOCHS;
        let mut stream = Stream::new(secret, epoch);
        let mut places = places();
        for last in (1..places.len()).rev() {
            places.swap(last, stream.below(last + 1));
        }
        let mut lines = places.into_iter().map(|(x, y, frequency)| {
            let turn = stream.fraction() * TAU;
            Line { x, y, frequency, amplitude: amplitude(frequency), phase: Complex32::cis(turn) }
        });
        let sync_lines = lines.len() * SYNC_PERCENT / 100;
        let sync = lines.by_ref().take(sync_lines).collect();
        let data = lines.enumerate().map(|(index, line)| (line, index % CODED_BITS)).collect();
        Self { epoch, sync, data }
    }

    /// The epoch, modulo [`EPOCHS`].
    #[must_use]
    pub fn epoch(&self) -> u8 {
        self.epoch
    }
}

/// Every line of the ring, one of each mirrored pair.
fn places() -> Vec<(i32, i32, f32)> {
    let half = TILE as i32 / 2;
    let mut places = Vec::new();
    for x in 0..half {
        for y in 1 - half..half {
            let frequency = (x as f32).hypot(y as f32) / TILE as f32;
            if (x > 0 || y > 0) && (LOWEST..=HIGHEST).contains(&frequency) {
                places.push((x, y, frequency));
            }
        }
    }
    places
}

/// Lower lines are stronger: compression and smaller sizes take the higher ones first.
fn amplitude(frequency: f32) -> f32 {
    frequency.max(0.06).powf(-0.3)
}

/// Numbers from SHA-256 over label, secret, epoch and a counter.
struct Stream {
    prefix: Sha256,
    counter: u32,
    words: std::vec::IntoIter<u64>,
}

impl Stream {
    fn new(secret: &[u8; 32], epoch: u8) -> Self {
        let prefix = Sha256::new().chain_update(LABEL).chain_update(secret).chain_update([epoch]);
        Self { prefix, counter: 0, words: Vec::new().into_iter() }
    }

    fn next(&mut self) -> u64 {
        loop {
            if let Some(word) = self.words.next() {
                return word;
            }
            let block = self.prefix.clone().chain_update(self.counter.to_be_bytes()).finalize();
            self.counter += 1;
            let words = block.as_chunks::<8>().0.iter().map(|bytes| u64::from_be_bytes(*bytes));
            self.words = words.collect::<Vec<_>>().into_iter();
        }
    }

    /// A number below `limit`; that limits do not divide 2^64 shows in the sixteenth digit at most.
    fn below(&mut self, limit: usize) -> usize {
        let product = u128::from(self.next()) * limit as u128;
        usize::try_from(product >> 64).unwrap_or_default()
    }

    /// A number from 0 to below 1.
    fn fraction(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1_u32 << 24) as f32
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{CODED_BITS, Key};

    #[test]
    fn every_bit_has_its_lines_and_no_line_is_used_twice() {
        let key = Key::derive(&[7; 32], 3);
        let mut places: Vec<(i32, i32)> = key.sync.iter().map(|line| (line.x, line.y)).collect();
        let mut lines_of = [0; CODED_BITS];
        for (line, bit) in &key.data {
            places.push((line.x, line.y));
            lines_of[*bit] += 1;
        }
        assert!(lines_of.iter().all(|lines| (3..5).contains(lines)), "{lines_of:?}");
        let unlike: BTreeSet<_> = places.iter().collect();
        assert_eq!(unlike.len(), places.len());
        assert!(places.iter().all(|(x, y)| !unlike.contains(&(-x, -y))));
    }

    #[test]
    fn another_epoch_or_secret_is_another_layout() {
        let places = |key: Key| key.sync.iter().map(|line| (line.x, line.y)).collect::<Vec<_>>();
        let one = places(Key::derive(&[7; 32], 3));
        assert_eq!(one, places(Key::derive(&[7; 32], 3)));
        assert_ne!(one, places(Key::derive(&[7; 32], 4)));
        assert_ne!(one, places(Key::derive(&[8; 32], 3)));
    }

    #[test]
    fn a_key_shows_nothing_but_its_epoch() {
        assert_eq!(format!("{:?}", Key::derive(&[7; 32], 3)), "Key { epoch: 3, .. }");
    }
}
