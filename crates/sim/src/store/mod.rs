//! The simulated store: what its tills, doors and receivers say, byte by byte, and the truth about it.
//!
//! Sans-IO: a device is asked what it says next and answers with bytes, the pause before them, and what they
//! mean. Whoever writes the bytes hands the meaning to [`Truth`] once the last byte has left.
//!
//! Invariants: the same seed says the same things; every sum is computed from the sale, never read back from
//! what was printed; no real card number can come up except by chance (they are random, with a valid check digit).

mod beacon;
mod catalog;
mod door;
mod emit;
mod receipt;
mod sale;
mod till;
mod truth;

use std::time::Duration;

pub use beacon::{Receiver, TAG_UUID};
pub use door::Door;
pub use emit::Style;
pub(crate) use emit::{ascii, document};
pub(crate) use receipt::Row;
pub use sale::{Discount, Measure, Sale, SaleLine, Tax, Tender};
pub use till::Till;
pub use truth::{Direction, Pings, ReceiptTruth, Said, Truth};

/// What a device says next.
#[derive(Clone, Debug)]
pub struct Utterance {
    /// Silence before the first byte.
    pub pause: Duration,
    /// What goes over the wire.
    pub bytes: Vec<u8>,
    /// What the bytes mean, true once all are written.
    pub said: Said,
}

/// A device that says one thing after another.
pub trait Device: Send {
    /// The next utterance; `elapsed` is the time since the store opened.
    fn next(&mut self, elapsed: Duration) -> Utterance;
}

/// Cents as printed: `12.34`, `-0.25`.
pub(crate) fn decimal(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}
