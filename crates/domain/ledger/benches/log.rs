//! How fast the log grows and is checked.

fn main() {}
