//! Tests of the store. Every test that can runs on both engines.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on must fail where it stands"
)]

mod database;
mod samples;

mod journal;
mod kill;
mod lexicon;
mod migrations;
mod nouns;
mod races;
mod sqlite;
mod transactions;
