//! Packs from the outside: the built-in one as it ships, and broken ones as they come.

mod builtin;
