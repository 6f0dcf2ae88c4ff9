//! Devices beside the printer that say one thing each: scanners, scales, payment terminals.
//!
//! Each tracker stands alone with its device. Where a payment terminal is known to belong to a till whose receipts
//! are read too, [`ReceiptTracker`](super::receipt::ReceiptTracker) takes its facts instead, because only the receipt
//! tells what they mean; a drawer always belongs to one.
//!
//! Nothing vanishes in silence. What the contract has no event for is an `unknown_event` of one of these kinds:
//!
//! | kind | what it is |
//! |---|---|
//! | `payment` | a payment terminal took, returned or refused money, and no receipt says so |
//! | `payment_aborted` | a payment terminal gave up |
//! | `payment_day_total` | a payment terminal closed its day |
//! | `payment_slip` | lines of a card slip that the terminal had printed elsewhere |
//! | `drawer_left_open` | a drawer stood open for [`limits::DRAWER_LEFT_OPEN`](crate::limits::DRAWER_LEFT_OPEN) |
//! | `scale_over`, `scale_under` | more or less on a scale than it can weigh |

pub(in crate::track) mod drawer;
pub(in crate::track) mod payment;
mod scale;
mod scan;
#[cfg(test)]
mod tests;

pub use payment::{PaymentTracker, said as payment_said};
pub use scale::ScaleTracker;
pub use scan::ScanTracker;
use tillgate_events::{Body, Record, Unknown, UtcMs};

use crate::limits;

/// Whose device it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Speaker {
    /// The source's name in the gateway's TOML.
    pub source: String,
    /// The register it belongs to.
    pub terminal: String,
}

impl Speaker {
    /// A record of this device.
    pub(in crate::track) fn record(&self, at: UtcMs, body: Body) -> Record {
        Record { at, source: self.source.clone(), body }
    }

    /// A record that the contract has no event for.
    pub(in crate::track) fn unknown(&self, at: UtcMs, kind: &str, text: &str) -> Record {
        let text = text.chars().take(limits::UNPARSED_CHARS).collect();
        self.record(at, Body::Unknown(Unknown { kind: kind.to_owned(), text }))
    }
}
