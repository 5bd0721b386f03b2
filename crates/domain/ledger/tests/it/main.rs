//! The ledger seen from outside: against a slow reference tree, against published vectors, and against damage.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test stops where it is surprised, says what it skips, and reads its vectors from files"
)]

mod damage;
mod growth;
mod proof_files;
mod reference;
mod vectors;
