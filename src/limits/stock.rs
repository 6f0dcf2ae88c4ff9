//! Bounds of the stock ledger, its feeds and the catalogue.

use std::time::Duration;

/// How far before a product's newest event its changes are known one by one: the 28 days of [`STOCK_VELOCITY`] and a
/// week for what comes late. Older: folded into a sum, and a line of a feed that comes again there counts again.
pub const STOCK_MEMORY: Duration = Duration::from_secs(35 * 24 * 60 * 60);

/// The time over which sales are averaged for what a stockout costs.
pub const STOCK_VELOCITY: Duration = Duration::from_secs(28 * 24 * 60 * 60);

/// Products in the ledger. More: their changes are sent and not booked, which is counted and told.
pub const STOCK_ITEMS: usize = 200_000;

/// Changes of one product known one by one. More: the older half is joined, one for each day and reason.
pub const STOCK_ITEM_MOVES: usize = 512;

/// Changes of all products known one by one, about 40 bytes each. More: whichever product
/// changes next folds its oldest into a sum, so that it is this and one for each product at most.
pub const STOCK_MOVES: usize = 500_000;

/// Pieces of one change or count. More: refused, counted and told.
pub const STOCK_QUANTITY: i64 = 1_000_000_000;

/// Names on receipts that no product has, of which it is known how often they come. More: the rarest gives way.
pub const STOCK_UNMATCHED: usize = 64;

/// How far ahead of the clock a line of a stock feed may be. More: refused, counted and told.
pub const STOCK_AHEAD: Duration = Duration::from_secs(24 * 60 * 60);

/// Lines of a stock feed that say nothing, told one by one since the feed came. More: they are counted.
pub const FEED_MISTAKES: u64 = 100;

/// How often the catalogue's file is looked at for a change.
pub const CATALOG_LOOK: Duration = Duration::from_secs(5);

/// Products of a catalogue. More: refused.
pub const CATALOG_ITEMS: usize = 100_000;

/// Names, GTINs or PLUs of one product. More: refused.
pub const CATALOG_NAMES: usize = 32;

/// Movements of a product that `tillgate stock --product` shows. More: the newest of them.
pub const STOCK_SHOWN: usize = 50;
