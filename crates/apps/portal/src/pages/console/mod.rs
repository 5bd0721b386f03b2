//! The console: what operators work with.

pub mod case;
pub mod decision;
pub mod decisions;
pub mod keys;
pub mod ledger;
pub mod operators;
pub mod queue;
pub mod subjects;
pub mod tasks;
