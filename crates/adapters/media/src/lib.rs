//! Pictures and sound: decoded, given the label that people see or hear, and encoded again in the format they came in.
//!
//! [`label_picture`] writes the words into a picture (GB 45438-2025, 5.2), [`label_sound`] puts the rhythm or spoken words
//! before a sound (5.3), [`Video`] lays the words over film (5.4) where ffmpeg is installed. Bytes in, bytes out, synchronous and CPU-bound: call them off the threads that serve. What comes in is
//! untrusted: its size is known before it is decoded, within [`PIXELS_MAX`] and written limits of sound.
//!
//! The order is: visible label, invisible mark (the hook of [`Treatment`]), encode. The hidden label follows by
//! [`label::media::label`], then Content Credentials, since each spoils what comes after it. Nothing here reads labels.

mod error;

mod wording;

mod picture;

mod sound;

mod video;

pub use error::MediaError;
pub use picture::{
    Overlay, PIXELS_MAX, PictureFormat, Place, Rgb8, Rgb8View, Shape, Treatment, VisibleStyle, draw_label,
    label_picture, read_picture, treat_picture, write_png,
};
pub use sound::{AudibleStyle, Clip, ClipError, Moment, Signal, label_sound};
pub use video::{Video, VideoFormat, VideoLimits};
pub use wording::{Wording, WordingError};
