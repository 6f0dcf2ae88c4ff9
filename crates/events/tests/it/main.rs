//! The crate from outside: codec, expansion and JSON against the contract.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests stop where they are surprised"
)]

mod codec;
mod collapse;
mod contract;
mod dictionary;
mod golden;
mod lossless;
mod samples;
mod size;
mod strategies;
