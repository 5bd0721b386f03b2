//! The use cases over real databases: SQLite always, PostgreSQL where there is one.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod access;
mod appeals;
mod deadlines;
mod desk;
mod lease;
mod lexicon;
mod lexicon_live;
mod log;
mod operators;
mod policy;
mod room;
mod site;
mod verify;
mod verify_file;
