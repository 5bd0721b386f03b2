//! Tests of the message readers and writers.

mod chat;
mod document;
mod scan;
mod splice;
mod sse;
mod synth;
