//! Marks that are not seen: a keyed mark in a picture's pixels that says which entry of the ledger it belongs to, and
//! fingerprints by which a picture is known again when every mark is lost.
//!
//! [`write()`] puts 48 bits into a picture, [`read_fast`] and [`read_deep`] read them blind, that is without the picture before.
//! A reading is a hint where to look: a mark can be copied from one picture to another, so it counts only when the ledger's
//! entry is of a picture with a like fingerprint.
//!
//! Deliberately not here: files and codecs (pixels come in and go out), and secrets' storage (a [`Key`] is derived from 32
//! bytes that the caller keeps).

mod canonical;
mod code;
mod fingerprint;
mod fourier;
mod jpeg;
mod key;
mod ladder;
mod mask;
mod payload;
mod pixels;
mod plane;
mod read;
mod search;
mod sense;
mod turn;
mod write;

#[cfg(test)]
mod tests;

pub use canonical::{ASPECT_MAX, SHORT_SIDE_MIN, SHORT_SIDE_READ_MIN};
pub use fingerprint::{FINGERPRINT_BITS, Fingerprint, Quality, SAME_PICTURE_BITS};
pub use key::Key;
pub use payload::{EPOCHS, Payload, PayloadError};
pub use pixels::{PIXELS_MAX, Pixels, PixelsError, SIDE_MAX};
pub use read::{Budget, Hit, PRESENCE_AS_IS, PRESENCE_GUESSED, Reading, Undone, read_deep, read_fast};
pub use turn::Turn;
pub use write::{Strength, StrengthError, WriteError, WriteReport, write};
