//! The console: what operators work with.

pub mod case;
pub mod chart;
pub mod decision;
pub mod decisions;
pub mod grants;
pub mod highlight;
pub mod keys;
pub mod ledger;
pub mod lexicon;
pub mod operators;
pub mod queue;
pub mod referral;
pub mod safety;
pub mod subjects;
pub mod tasks;
pub mod try_text;
pub mod words;
