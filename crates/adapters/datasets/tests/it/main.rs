//! Tests of the data sets from outside: with files made here, and with the public ones where they lie beside the project.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops where it is surprised, and says what it skips"
)]

mod mistakes;
mod public;
