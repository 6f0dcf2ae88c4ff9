//! What follows from stock, computed from the booked records alone: shrink, stockouts and orders.
//!
//! | what | when |
//! |---|---|
//! | shrink | a count finds less than the count before it and all changes since leave |
//! | stockout | nothing is left of what was there; once until there is some again |
//! | reorder | at or below the reorder point; once until there is more |

use std::collections::BTreeMap;

use tillgate_events::{
    Body, InventoryCounted, Record, ReorderTriggered, ShrinkDetected, StockoutDetected, UtcMs,
};

use super::goods::PRODUCTS;

/// One product: what is there, since its first count.
#[derive(Default)]
struct Stock {
    there: Option<i64>,
    ordered: bool,
    counted: UtcMs,
}

/// Fills in what is there after each change and was expected at each count, and returns the records that follow, each
/// with the time and source of the one that it follows from. `records` are in the order of time.
pub fn follow(records: &mut [Record]) -> Vec<Record> {
    let mut stocks: BTreeMap<u64, Stock> = BTreeMap::new();
    let mut follows = Vec::new();
    for record in records {
        let mut bodies = Vec::new();
        let changes = match &mut record.body {
            Body::Receipt(it) => it.stock_changes.as_mut_slice(),
            Body::InventoryUpdated(it) => std::slice::from_mut(&mut it.change),
            Body::InventoryCounted(it) => {
                let stock = stocks.entry(it.product_id).or_default();
                it.expected_quantity = stock.there;
                bodies.extend(stock.count(it, record.at));
                &mut []
            }
            _ => continue,
        };
        for change in changes {
            let stock = stocks.entry(change.product_id).or_default();
            // Never counted: changes, but no stock.
            if let Some(before) = stock.there {
                let now = before + change.quantity_delta;
                (change.on_hand, change.counted) = (Some(now), true);
                bodies.extend(stock.now(change.product_id, Some(before), now));
            }
        }
        let of = |body| Record { at: record.at, source: record.source.clone(), body };
        follows.extend(bodies.into_iter().map(of));
    }
    follows
}

impl Stock {
    fn count(&mut self, it: &InventoryCounted, at: UtcMs) -> Vec<Body> {
        let before = self.there;
        let mut bodies = self.now(it.product_id, before, it.quantity);
        let since = std::mem::replace(&mut self.counted, at);
        if let Some(missing) = before.map(|said| said - it.quantity).filter(|missing| *missing > 0)
        {
            let (product_id, value) = (it.product_id, None);
            bodies.push(Body::ShrinkDetected(ShrinkDetected {
                product_id,
                missing_quantity: missing,
                value,
                since,
            }));
        }
        bodies
    }

    fn now(&mut self, product_id: u64, before: Option<i64>, now: i64) -> Vec<Body> {
        self.there = Some(now);
        let mut bodies = Vec::new();
        if now <= 0 && before.is_none_or(|before| before > 0) {
            bodies.push(Body::StockoutDetected(StockoutDetected {
                dc_id: None,
                product_id,
                last_known_quantity: before.unwrap_or_default().max(0),
                lost_sales_per_hour: None,
            }));
        }
        let Some(product) = PRODUCTS.iter().find(|it| it.id == product_id) else { return bodies };
        let low = now <= product.reorder_point();
        if low && !std::mem::replace(&mut self.ordered, low) {
            bodies.push(Body::ReorderTriggered(ReorderTriggered {
                dc_id: None,
                product_id,
                current_quantity: now.max(0),
                reorder_quantity: product.full,
                reorder_point: product.reorder_point(),
            }));
        }
        self.ordered = low;
        bodies
    }
}

#[cfg(test)]
mod tests {
    use tillgate_events::{InventoryUpdated, StockReason};

    use super::*;
    use crate::day::bill::change;

    /// Pieces: `=` a count, else a change. What must follow, in order.
    fn check(steps: &[&str], expected: &[&str]) {
        let product = &PRODUCTS[23];
        let record = |(n, step): (usize, &&str)| {
            let (product_id, expected_quantity) = (product.id, None);
            let body = match step.strip_prefix('=').map(|it| it.parse().unwrap()) {
                Some(quantity) => {
                    let sku = None;
                    let counted = InventoryCounted { product_id, sku, quantity, expected_quantity };
                    Body::InventoryCounted(counted)
                }
                None => {
                    let change = change(product, step.parse().unwrap(), StockReason::Sale);
                    Body::InventoryUpdated(InventoryUpdated { change, cause: None })
                }
            };
            Record { at: UtcMs(n as i64), source: String::new(), body }
        };
        let mut records: Vec<_> = steps.iter().enumerate().map(record).collect();
        let follows = follow(&mut records).into_iter().map(|record| match record.body {
            Body::StockoutDetected(it) => format!("out, was {}", it.last_known_quantity),
            Body::ReorderTriggered(it) => format!("order at {}", it.current_quantity),
            Body::ShrinkDetected(it) => format!("missing {}", it.missing_quantity),
            other => panic!("{other:?}"),
        });
        assert_eq!(follows.collect::<Vec<_>>(), expected, "{steps:?}");
    }

    #[test]
    fn stock_is_told_once_until_it_is_better_again() {
        // Forty are full, thirteen are few.
        check(&["-5", "=40", "-20"], &[]);
        check(&["=40", "-30", "-5", "-5", "-1"], &["order at 10", "out, was 5"]);
        check(&["=14", "-1", "+1", "-1"], &["order at 13", "order at 13"]);
        check(&["=2", "-2", "+1", "-1"], &["order at 2", "out, was 2", "out, was 1"]);
        check(&["=40", "-5", "=33", "=34"], &["missing 2"]);
        check(&["=0"], &["out, was 0", "order at 0"]);
    }
}
