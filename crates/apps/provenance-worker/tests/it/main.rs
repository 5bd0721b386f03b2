//! The worker behind its socket, as the client asks it.

#[cfg(test)]
#[path = "../../src/samples.rs"]
mod samples;

#[cfg(test)]
mod binary;
#[cfg(test)]
mod readers;
#[cfg(test)]
mod socket;
#[cfg(test)]
mod stamps;
#[cfg(test)]
mod support;
