//! Records on their way to the store: what they say of stock is booked and filled in, and what follows is appended.
//!
//! What a record causes comes behind it, with its time and source, so that both are accepted in one transaction.
//! A line of a feed that is known already is left out: it was sent when it came first. A receipt that is voided gives
//! back what it booked, each change with its own reason and the opposite sign.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use tillgate_events::{
    Body, InventoryCounted, InventoryUpdated, Receipt, Record, StockChange, Unknown, UtcMs,
};

use super::item::Counted;
use super::ledger::{Booked, Changes, Ledger, Step};
use super::unmatched::Unmatched;
use super::{Change, Count, key, rules};
use crate::limits;
use crate::track::catalog::{Catalog, Goods};

/// What the book is told of the moment.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// By the wall clock.
    pub wall: UtcMs,
    /// Whether that clock can be believed.
    pub believed: bool,
}

/// Since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Changes and counts that were booked.
    pub booked: u64,
    /// Lines of feeds that were known.
    pub repeated: u64,
    /// What could not be booked.
    pub refused: u64,
}

/// The ledger, and what it goes by.
#[derive(Debug, Default)]
pub struct Book {
    ledger: Ledger,
    catalog: Arc<Catalog>,
    /// Sources whose changes have numbers of their own.
    feeds: HashSet<String>,
    unmatched: Unmatched,
    /// What of that is to be written down; nothing: the name is forgotten.
    names: BTreeMap<String, Option<u64>>,
    counters: Counters,
}

impl Book {
    /// A book with what an earlier run wrote down.
    #[must_use]
    pub fn new(ledger: Ledger, unmatched: Unmatched, feeds: HashSet<String>) -> Self {
        Self { ledger, unmatched, feeds, ..Self::default() }
    }

    /// From now on products are these.
    pub fn set_catalog(&mut self, catalog: Arc<Catalog>) {
        self.catalog = catalog;
    }

    /// The products that it goes by.
    #[must_use]
    pub fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.catalog)
    }

    /// The stock.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The stock, to be changed by what is no record.
    pub fn ledger_mut(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    /// What happened here.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// Lines of receipts, since the start, that no product has.
    #[must_use]
    pub fn unmatched_lines(&self) -> u64 {
        self.unmatched.lines()
    }

    /// What is to be written down since the last call.
    pub fn take_changes(&mut self) -> (Changes, BTreeMap<String, Option<u64>>) {
        (self.ledger.take_changes(), std::mem::take(&mut self.names))
    }

    /// Books a record; appends it and what follows from it.
    pub fn book(&mut self, mut record: Record, moment: Moment, out: &mut Vec<Record>) {
        let (at, source) = (record.at, record.source.clone());
        let mut follows = Vec::new();
        let tells = match &mut record.body {
            Body::Receipt(receipt) => {
                self.receipt(receipt, (at, moment), &mut follows);
                true
            }
            Body::ReceiptVoided(voided) => {
                let voided = voided.receipt_id.clone();
                self.give_back(&voided, (at, moment), &mut follows);
                true
            }
            Body::InventoryUpdated(updated) => {
                self.updated(updated, &source, (at, moment), &mut follows)
            }
            Body::InventoryCounted(counted) => {
                self.counted(counted, &source, (at, moment), &mut follows)
            }
            _ => true,
        };
        if tells {
            out.push(record);
        }
        out.extend(follows.into_iter().map(|body| Record { at, source: source.clone(), body }));
    }

    fn receipt(&mut self, receipt: &mut Receipt, time: (UtcMs, Moment), follows: &mut Vec<Body>) {
        let part_of = key(&receipt.receipt_id);
        for change in &mut receipt.stock_changes {
            let at = self.live(change.product_id, time);
            self.change(change, (at, part_of, false), follows);
        }
        if self.catalog.is_empty() {
            return;
        }
        for line in receipt.lines.iter().filter(|line| line.product_id.is_none() && !line.voided) {
            let (count, gone) = self.unmatched.add(&line.description);
            self.names.extend(gone.map(|name| (name, None)));
            self.names.insert(line.description.clone(), Some(count));
        }
    }

    /// A receipt does not count: what it booked is taken back, once.
    fn give_back(&mut self, receipt: &str, time: (UtcMs, Moment), follows: &mut Vec<Body>) {
        let voids = key(&format!("void of {receipt}"));
        if !self.ledger.parts(voids).is_empty() {
            return;
        }
        for (product_id, part) in self.ledger.parts(key(receipt)) {
            let mut change = StockChange {
                dc_id: None,
                product_id,
                quantity_delta: part.delta.saturating_neg(),
                reason: part.reason,
                sku: self.catalog.product(product_id).and_then(|entry| entry.sku.clone()),
                on_hand: None,
                counted: false,
            };
            let at = self.live(product_id, time);
            let mut after = Vec::new();
            self.change(&mut change, (at, voids, false), &mut after);
            let cause = Some(receipt.to_owned());
            follows.push(Body::InventoryUpdated(InventoryUpdated { change, cause }));
            follows.extend(after);
        }
    }

    /// False if the record is not to be sent.
    fn updated(
        &mut self,
        updated: &mut InventoryUpdated,
        source: &str,
        (at, moment): (UtcMs, Moment),
        follows: &mut Vec<Body>,
    ) -> bool {
        let product = updated.change.product_id;
        if !self.feeds.contains(source) {
            let at = self.live(product, (at, moment));
            self.change(&mut updated.change, (at, 0, false), follows);
            return true;
        }
        if is_to_come(at, moment) {
            self.refuse(product, "a time that is still to come", follows);
            return false;
        }
        let number = updated.cause.as_deref().map_or(0, key);
        self.change(&mut updated.change, (at, number, number != 0), follows)
    }

    /// Books a change and fills in what is there then. False if it was known.
    fn change(
        &mut self,
        change: &mut StockChange,
        (at, key, once): (UtcMs, u64, bool),
        follows: &mut Vec<Body>,
    ) -> bool {
        let (product, delta) = (change.product_id, change.quantity_delta);
        let booked = Change { product, at, delta, reason: change.reason, key, once };
        match self.ledger.change(booked) {
            Ok(Step { what: Booked::Known, .. }) => {
                self.counters.repeated += 1;
                false
            }
            Ok(step @ Step { what: Booked::Earlier, .. }) => {
                self.counters.repeated += 1;
                let kind = "stock_repeated".to_owned();
                let text =
                    format!("product {product}: a number that was known, now with an earlier time");
                follows.push(Body::Unknown(Unknown { kind, text }));
                self.follow(product, &step, follows);
                false
            }
            Ok(step) => {
                self.counters.booked += 1;
                change.on_hand = step.on_hand;
                change.counted = step.on_hand.is_some();
                self.follow(product, &step, follows);
                true
            }
            Err(error) => {
                self.refuse(product, &error.to_string(), follows);
                true
            }
        }
    }

    fn counted(
        &mut self,
        counted: &mut InventoryCounted,
        source: &str,
        (at, moment): (UtcMs, Moment),
        follows: &mut Vec<Body>,
    ) -> bool {
        let (product, quantity) = (counted.product_id, counted.quantity);
        if self.feeds.contains(source) && is_to_come(at, moment) {
            self.refuse(product, "a time that is still to come", follows);
            return false;
        }
        let step = match self.ledger.count(Count { product, at, quantity }) {
            Ok(step) => step,
            Err(error) => {
                self.refuse(product, &error.to_string(), follows);
                return false;
            }
        };
        match step.what {
            Counted::Known => self.counters.repeated += 1,
            Counted::TooOld => {
                self.refuse(product, "a count older than the changes that are known", follows);
            }
            Counted::Earlier { expected } => counted.expected_quantity = expected,
            Counted::Newest { expected } => {
                counted.expected_quantity = expected.map(|(quantity, _)| quantity);
                follows.extend(rules::shrink(counted, expected, self.goods(product)));
                self.follow(product, &step, follows);
            }
        }
        let tells = !matches!(step.what, Counted::Known | Counted::TooOld);
        self.counters.booked += u64::from(tells);
        tells
    }

    fn follow<T>(&mut self, product: u64, step: &Step<T>, follows: &mut Vec<Body>) {
        let goods = self.goods(product);
        if let Some(item) = self.ledger.item(product) {
            follows.extend(rules::follows(product, item, step, goods));
        }
        self.ledger.set_ordered(product, rules::is_ordered(step.on_hand, goods));
    }

    fn refuse(&mut self, product: u64, why: &str, follows: &mut Vec<Body>) {
        self.counters.refused += 1;
        let text = format!("product {product}: {why}");
        follows.push(Body::Unknown(Unknown { kind: "stock_refused".to_owned(), text }));
    }

    fn goods(&self, product: u64) -> Goods {
        self.catalog.product(product).map(|entry| entry.goods).unwrap_or_default()
    }

    /// What happens now came after every count that is known, and not long after the last event, whatever a clock says
    /// that cannot be believed: a time years ahead would count after the counts of these years.
    fn live(&self, product: u64, (at, moment): (UtcMs, Moment)) -> UtcMs {
        let Some(item) = self.ledger.item(product).filter(|_| !moment.believed) else { return at };
        let memory = i64::try_from(limits::STOCK_MEMORY.as_millis()).unwrap_or(i64::MAX);
        match item.as_of() {
            Some(last) if last.0.saturating_add(memory) < at.0 => last,
            _ => item.counted_at().map_or(at, |counted| at.max(counted)),
        }
    }
}

/// Whether a feed tells of tomorrow.
fn is_to_come(at: UtcMs, moment: Moment) -> bool {
    let most = i64::try_from(limits::STOCK_AHEAD.as_millis()).unwrap_or(i64::MAX);
    moment.believed && moment.wall.0.saturating_add(most) < at.0
}
