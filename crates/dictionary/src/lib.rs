//! Days of many invented shops as the records that a gateway makes of them, and the dictionary that is trained on
//! some of these shops. For making the dictionary and for measuring only.
//!
//! | module | job |
//! |---|---|
//! | [`shop`] | the shops: some to train on, some that training never sees |
//! | [`words`] | what they sell, in the languages of their countries |
//! | [`till`] | receipts |
//! | [`visit`] | doors and tags |
//! | [`rest`] | one of every other kind of record |
//! | [`day`] | a day of all that, in the order of time |
//! | [`batch`] | records as batches, as a gateway commits them |
//!
//! Invariants: the same seed makes the same days; no article number or text passes for a card number.

pub mod batch;
pub mod day;
pub mod rest;
pub mod shop;
pub mod till;
pub mod visit;
pub mod words;
