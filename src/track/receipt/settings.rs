//! What a tracker knows of its till, and what it counts.

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use tillgate_events::Currency;

use crate::decode::dialect::{Checks, Key};
use crate::track::catalog::Catalog;

/// What a tracker knows of its till.
#[derive(Clone, Debug)]
pub struct TillSettings {
    /// The source's name in the gateway's TOML.
    pub source: String,
    /// Used where the receipt names no register.
    pub terminal: String,
    /// The till's.
    pub currency: Currency,
    /// The store's number: an online order says who hands it over.
    pub store_id: u64,
    /// Where the shop is: a receipt without a printed date belongs to the local day.
    pub zone: TimeZone,
    /// How long after midnight the shop's day begins: what is sold before belongs to the day before.
    pub business_day_starts: Duration,
    /// Which sums must agree.
    pub checks: Checks,
    /// What two prints of one receipt have in common.
    pub key: Key,
    /// How long a drawer kick may wait for its receipt before it is a `no_sale`; `None`: a kick alone means nothing.
    pub no_sale_after: Option<Duration>,
    /// Of lines that no rule took no more is told than how many.
    pub private: bool,
    /// To know products by what is printed.
    pub catalog: Arc<Catalog>,
}

/// What a tracker has done, for health and replay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReceiptCounters {
    /// Receipts sent.
    pub receipts: u64,
    /// Receipts whose sums do not agree.
    pub failed_checks: u64,
    /// Copies, whether or not of a receipt that was seen.
    pub reprints: u64,
    /// Receipts cancelled.
    pub voided: u64,
    /// Drawer openings without a sale.
    pub no_sales: u64,
    /// Records of stock moved, orders handed over, cash moved and operators.
    pub slips: u64,
    /// Documents that are no receipts.
    pub unparsed: u64,
    /// Lines that no rule took.
    pub unmatched_lines: u64,
    /// Parts of documents beyond [`limits::RECEIPT_PARTS`](crate::limits::RECEIPT_PARTS).
    pub dropped_parts: u64,
}
