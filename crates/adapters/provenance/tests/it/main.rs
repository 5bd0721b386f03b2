//! The client against a peer that does what it should not.

#[cfg(test)]
mod client;
