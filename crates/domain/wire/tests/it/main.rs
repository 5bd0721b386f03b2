//! Tests of the message readers and writers.

#[cfg(test)]
mod chat;
#[cfg(test)]
mod document;
#[cfg(test)]
mod scan;
#[cfg(test)]
mod splice;
#[cfg(test)]
mod sse;
#[cfg(test)]
mod synth;
