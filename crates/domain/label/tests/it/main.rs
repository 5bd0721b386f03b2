//! Labels as programs of others read them.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test stops where it is surprised, says what it skips, and the readers are programs that read files"
)]

mod documents;
mod outside;
mod pictures;
mod sound_and_video;
