//! Reading a mark: as the picture is, or with guesses at what was done to it.

use crate::canonical::Canonical;
use crate::key::Key;
use crate::ladder;
use crate::payload::Payload;
use crate::pixels::Pixels;
use crate::plane::Plane;
use crate::search::{Guess, Spectrum};
use crate::sense::Folded;
use crate::turn::Turn;

/// A reading of a picture as it is counts from this presence on, one of a guess from [`PRESENCE_GUESSED`] on. Noise reaches
/// the first about once in a thousand, and then passes version, epoch and checksum once in two million.
pub const PRESENCE_AS_IS: f32 = 5.0;

/// The presence from which a reading of a guess counts: there are a thousand guesses.
pub const PRESENCE_GUESSED: f32 = 6.0;

/// A guess that shows less on the spectrum is not examined.
const PRESENCE_EXAMINED: f32 = 4.3;

/// Guesses of each rung that are examined.
const EXAMINED: usize = 3;

/// What a picture said.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// The mark that was read.
    pub hit: Option<Hit>,
    /// How clearly a mark of these keys stands out of noise, in standard deviations: of the hit, else the clearest seen. What
    /// is between 5 and the bound that counts is a sign of a mark that cannot be read any more.
    pub presence: f32,
    /// Guesses tried, the picture as it is among them, each counted once for each key.
    pub tries: u32,
}

/// A mark that was read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// What it carries.
    pub payload: Payload,
    /// The epoch of the key that read it.
    pub epoch: u8,
    /// What had to be undone.
    pub undone: Undone,
}

/// What the reader undid, in this order, from the picture with its shorter side at 512 pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Undone {
    /// A mirroring and quarter turns.
    pub turn: Turn,
    /// The factor of the width after the turn; below one for a picture cut out of a larger one.
    pub across: f32,
    /// The factor of the height.
    pub down: f32,
    /// A rotation, in degrees, clockwise.
    pub degrees: f32,
}

/// How long a deep reading may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Guesses tried at most, each counted once for each key.
    pub tries: u32,
}

impl Default for Budget {
    /// Every guess there is for one key, about 1,700, at about 70 µs each.
    fn default() -> Self {
        Self { tries: 2_000 }
    }
}

/// Reads the picture as it is, at whatever size: what was recompressed, resized as a whole or changed in tone.
#[must_use]
pub fn read_fast(pixels: &Pixels, keys: &[Key]) -> Reading {
    let mut reader = Reader::new(keys, u32::MAX);
    if let Some((luma, highest)) = canonical_luma(pixels) {
        reader.read(&Folded::of_luma(&luma, highest), &Guess::NOTHING, PRESENCE_AS_IS);
    }
    reader.reading
}

/// Reads the picture as it is, then as it would be if it had been mirrored, turned, stretched, cut out of a larger one or
/// rotated by up to six degrees, until a mark is read, nothing is left to try, or the budget is used up.
#[must_use]
pub fn read_deep(pixels: &Pixels, keys: &[Key], budget: Budget) -> Reading {
    let mut reader = Reader::new(keys, budget.tries);
    if let Some((luma, highest)) = canonical_luma(pixels) {
        reader.read(&Folded::of_luma(&luma, highest), &Guess::NOTHING, PRESENCE_AS_IS);
        if reader.reading.hit.is_none() {
            reader.guess(&luma, highest);
        }
    }
    reader.reading
}

/// The luma at canonical scale, and the highest frequency that the picture holds.
fn canonical_luma(pixels: &Pixels) -> Option<(Plane, f32)> {
    let canonical = Canonical::for_reading(pixels.width(), pixels.height())?;
    Some((Plane::luma(pixels, canonical.width, canonical.height), canonical.highest))
}

struct Reader<'a> {
    keys: &'a [Key],
    tries_max: u32,
    reading: Reading,
}

impl<'a> Reader<'a> {
    fn new(keys: &'a [Key], tries_max: u32) -> Self {
        Self { keys, tries_max, reading: Reading { hit: None, presence: 0.0, tries: 0 } }
    }

    /// Reads what a guess gave with every key.
    fn read(&mut self, folded: &Folded, guess: &Guess, bound: f32) {
        for key in self.keys {
            self.reading.tries += 1;
            let place = folded.place(key);
            let payload = (place.presence >= bound).then(|| folded.payload(key, place)).flatten();
            if let Some(payload) = payload {
                let undone = Undone {
                    turn: guess.turn,
                    across: guess.stretch.0,
                    down: guess.stretch.1,
                    degrees: guess.degrees,
                };
                self.reading.hit = Some(Hit { payload, epoch: key.epoch(), undone });
                self.reading.presence = place.presence;
                return;
            }
            self.reading.presence = self.reading.presence.max(place.presence);
        }
    }

    /// Climbs the ladder.
    fn guess(&mut self, luma: &Plane, highest: f32) {
        let near = Spectrum::of_luma(luma, 1.0, highest);
        let small = Spectrum::of_luma(luma, SMALL, highest);
        let spectrum_of = |guess: &Guess| if guess.size() < SMALL_BELOW { &small } else { &near };
        for rung in ladder::rungs(luma) {
            let mut best: Vec<(f32, &Key, Guess)> = Vec::new();
            for guess in rung {
                for key in self.keys {
                    if self.reading.tries >= self.tries_max {
                        break;
                    }
                    self.reading.tries += 1;
                    let presence = spectrum_of(&guess).presence(key, &guess);
                    if presence >= PRESENCE_EXAMINED {
                        best.push((presence, key, guess));
                    }
                }
            }
            best.sort_by(|one, two| two.0.total_cmp(&one.0));
            for (presence, key, guess) in best.into_iter().take(EXAMINED) {
                let guess = refined(spectrum_of(&guess), key, guess, presence);
                self.read(&guess.examine(luma, highest), &guess, PRESENCE_GUESSED);
                if self.reading.hit.is_some() {
                    return;
                }
            }
        }
    }
}

/// The size, beside canonical, of the plane on which crops to small parts are looked for, and the factor below which they are.
const SMALL: f32 = 0.6;
const SMALL_BELOW: f32 = 0.75;

/// The guess moved a little to where the mark shows most.
fn refined(spectrum: &Spectrum, key: &Key, guess: Guess, presence: f32) -> Guess {
    let (mut guess, mut presence) = (guess, presence);
    for step in [0.002_f32, 0.001] {
        for (across, down, turn) in [
            (1.0, 1.0, 0.0),
            (-1.0, -1.0, 0.0),
            (1.0, 0.0, 0.0),
            (-1.0, 0.0, 0.0),
            (0.0, 1.0, 0.0),
            (0.0, -1.0, 0.0),
            (0.0, 0.0, 1.0),
            (0.0, 0.0, -1.0),
        ] {
            let moved = Guess {
                stretch: (guess.stretch.0 * (1.0 + step * across), guess.stretch.1 * (1.0 + step * down)),
                degrees: guess.degrees + (step * turn).to_degrees(),
                ..guess
            };
            let seen = spectrum.presence(key, &moved);
            if seen > presence {
                (guess, presence) = (moved, seen);
            }
        }
    }
    guess
}
