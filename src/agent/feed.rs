//! A stock feed: lines of another system to changes and counts.
//!
//! Every line is answered: by a record, or by a mistake that is counted and told of (kind `stock_feed`), the first
//! [`limits::FEED_MISTAKES`] since the feed came one by one. A line that the ledger knows already makes no record.

use std::sync::Arc;

use tillgate_events::{
    Body, InventoryCounted, InventoryUpdated, Record, StockChange, StockReason, Unknown, UtcMs,
};

use crate::decode::line::LineSplitter;
use crate::decode::stock_feed::{FeedReader, ProductRef, StockLine};
use crate::limits;
use crate::time::Now;
use crate::track::catalog::Catalog;

/// One feed.
pub struct Feed {
    source: String,
    lines: LineSplitter,
    reader: FeedReader,
    catalog: Arc<Catalog>,
    mistakes: u64,
    /// Mistakes since the feed came.
    told: u64,
}

impl Feed {
    /// The feed of this name.
    #[must_use]
    pub fn new(name: &str, reader: FeedReader, catalog: Arc<Catalog>) -> Self {
        let source = name.to_owned();
        Self { source, lines: LineSplitter::default(), reader, catalog, mistakes: 0, told: 0 }
    }

    /// From now on products are these.
    pub fn set_catalog(&mut self, catalog: Arc<Catalog>) {
        self.catalog = catalog;
    }

    /// It came, or came again: nothing is known of its columns.
    pub fn came(&mut self) {
        self.reader.came();
        self.told = 0;
    }

    /// Bytes were lost: what comes up to the next line end is the rest of some line.
    pub fn broken(&mut self) {
        self.lines.skip();
    }

    /// Takes bytes; appends a record for each line that says something.
    pub fn push(&mut self, now: Now, bytes: &[u8], out: &mut Vec<Record>) {
        let too_long = self.lines.too_long();
        let mut lines = std::mem::take(&mut self.lines);
        lines.push(bytes, |line| self.line(now, line, out));
        self.lines = lines;
        for _ in too_long..self.lines.too_long() {
            self.mistake(now, "it is too long", out);
        }
    }

    /// Lines that said nothing.
    #[must_use]
    pub fn mistakes(&self) -> u64 {
        self.mistakes
    }

    fn line(&mut self, now: Now, line: &str, out: &mut Vec<Record>) {
        let said = match self.reader.line(line) {
            Ok(Some(said)) => said,
            Ok(None) => return,
            Err(error) => return self.mistake(now, &error.to_string(), out),
        };
        let record = match said {
            StockLine::Noted => return,
            StockLine::Change { id, product, at, quantity, reason } => {
                let change = self.change(&product, quantity, reason);
                let body = |change| InventoryUpdated { change, cause: Some(id) };
                change.map(|change| (at, Body::InventoryUpdated(body(change))))
            }
            StockLine::Count { product, at, quantity } => {
                self.count(&product, quantity).map(|body| (at, Body::InventoryCounted(body)))
            }
        };
        match record {
            Some((at, body)) => out.push(self.record(at, body)),
            None => self.mistake(now, "no product has this code", out),
        }
    }

    fn change(
        &self,
        product: &ProductRef,
        quantity_delta: i64,
        reason: StockReason,
    ) -> Option<StockChange> {
        let (product_id, sku) = self.product(product)?;
        let (dc_id, on_hand, counted) = (None, None, false);
        Some(StockChange { dc_id, product_id, quantity_delta, reason, sku, on_hand, counted })
    }

    fn count(&self, product: &ProductRef, quantity: i64) -> Option<InventoryCounted> {
        let (product_id, sku) = self.product(product)?;
        Some(InventoryCounted { product_id, sku, quantity, expected_quantity: None })
    }

    /// A product's number, and its article number where the catalogue knows one.
    fn product(&self, product: &ProductRef) -> Option<(u64, Option<String>)> {
        let entry = match product {
            ProductRef::Id(id) => match self.catalog.product(*id) {
                Some(entry) => entry,
                // The system that feeds knows its products, whatever the catalogue says.
                None => return Some((*id, None)),
            },
            ProductRef::Code(code) => self.catalog.find(Some(code), "")?,
        };
        Some((entry.product_id, entry.sku.clone()))
    }

    fn mistake(&mut self, now: Now, what: &str, out: &mut Vec<Record>) {
        self.mistakes += 1;
        self.told += 1;
        if self.told <= limits::FEED_MISTAKES {
            let text = format!("a line of the feed: {what}");
            let body = Body::Unknown(Unknown { kind: "stock_feed".to_owned(), text });
            out.push(self.record(now.wall, body));
        }
    }

    fn record(&self, at: UtcMs, body: Body) -> Record {
        Record { at, source: self.source.clone(), body }
    }
}

#[cfg(test)]
mod tests;
