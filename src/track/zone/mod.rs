//! Where a tag is: which zone's receivers hear it best.
//!
//! Strengths are noisy, and the noise is one-sided: bodies and shelves only weaken. So each receiver's strength is
//! smoothed over time ([`level`]), and another zone must be better by some decibels for some seconds before a tag is
//! there ([`Decider`]). No metres and no positions: indoors they would be made up.
//!
//! Invariants:
//! - Silence counts only while the receiver hears ([`Hearing`]): a receiver that died says nothing about anybody, and
//!   what it heard last stands until it is back.
//! - A change is dated when the other zone became better, not when that was decided. Dates of one tag never go back.
//! - Nothing here depends on how often it is asked, but for the moment at which a decision is told.

mod decider;
mod field;
mod level;
#[cfg(test)]
mod tests;

pub use decider::{Change, Decider};
pub use field::{Field, Hearing, Post};
