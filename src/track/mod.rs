//! Pure state machines: facts to records of the contract. Knows facts and events, nothing else.

pub mod catalog;
pub mod door;
pub mod receipt;
pub mod tag;
