//! One file for each command.

pub(crate) mod check;
pub(crate) mod keys;
pub(crate) mod label_files;
pub(crate) mod ledger_log;
pub(crate) mod lexicon;
pub(crate) mod operators;
pub(crate) mod packs_rules;
pub(crate) mod reference;
pub(crate) mod safety_model;
pub(crate) mod serve;
