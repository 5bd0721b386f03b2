//! Pictures and sound: decoded, given the label that people see or hear, and encoded again in the format they came in.
//!
//! [`label_picture`] writes the words into a picture (GB 45438-2025, 5.2), [`label_sound`] puts the rhythm before a sound
//! (5.3). Bytes in, bytes out, synchronous and CPU-bound: call them off the threads that serve. What comes in is
//! untrusted: its size is known before it is decoded, within [`PIXELS_MAX`] and written limits of sound.
//!
//! The order is: visible label, invisible mark (the hook of [`Treatment`]), encode. The hidden label follows by
//! [`label::media::label`], then Content Credentials, since each spoils what comes after it. Nothing here reads labels.

mod error;

mod wording;

mod picture;

mod sound;

pub use error::MediaError;
pub use picture::{
    Overlay, PIXELS_MAX, PictureFormat, Place, Rgb8View, Shape, Treatment, VisibleStyle, label_picture,
    treat_picture,
};
pub use sound::{AudibleStyle, Moment, label_sound};
pub use wording::{Wording, WordingError};
