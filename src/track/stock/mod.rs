//! The stock ledger: what is on the shelf, and what follows from it.
//!
//! `on_hand = latest count + Σ changes at or after it`, by the time of the events, for each product.
//!
//! # Invariants
//! - The order in which counts and changes arrive does not matter, and what has a number of its own (a line of a feed)
//!   counts once, however often it comes. Both hold within [`limits::STOCK_MEMORY`] of a product's newest event.
//! - A change in the same instant as the count counts: it came after it.
//! - A product that was never counted has changes and no `on_hand`; it never runs out.
//! - Stock below zero is kept as it is, and told once until it is not below zero any more.
//! - Memory and disk are bounded: `limits::STOCK_ITEMS` products, `limits::STOCK_MOVES` changes.
//!
//! # How
//! [`item`] is the arithmetic of one product, [`ledger`] all of them and what of them is to be written down,
//! [`book`] takes records on their way to the store: it fills in what they say of stock and appends what follows
//! (shrink, stockouts, orders). Nothing here does I/O; the store writes the [`Changes`] in the transaction that
//! accepts the records.
//!
//! [`limits::STOCK_MEMORY`]: crate::limits::STOCK_MEMORY

pub mod book;
pub mod item;
pub mod ledger;
mod rules;
mod unmatched;

#[cfg(test)]
mod tests;

use tillgate_events::{StockReason, UtcMs};

pub use book::Book;
pub use item::{Item, Move, Tally};
pub use ledger::{Booked, Changes, Ledger};
pub use unmatched::Unmatched;

/// Something that moved pieces of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which.
    pub product: u64,
    /// When it happened.
    pub at: UtcMs,
    /// How many pieces more, or fewer.
    pub delta: i64,
    /// Why.
    pub reason: StockReason,
    /// What it is part of; 0: nothing that is ever asked for.
    pub key: u64,
    /// The key with the product is its number: it counts once.
    pub once: bool,
}

/// So many pieces of a product were there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// Which.
    pub product: u64,
    /// When it was counted.
    pub at: UtcMs,
    /// At least 0.
    pub quantity: i64,
}

/// A number for a text: FNV-1a, which is the same in every run and version. Never 0.
#[must_use]
pub fn key(text: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, step).max(1)
}
