//! What is on the shelf by the files alone: the newest count, and every change at or after it.
//!
//! A change counts once for its product, at the earliest of its times. A product that was never counted is on no shelf.
//! Changes of a type that nobody knows count not at all, nor does the online store's own row of a pick-up.

use std::collections::BTreeMap;

use jiff::civil::DateTime;

use super::ONLINE;
use super::files::{Month, Said};

/// Stock by store and product.
pub type Shelf = BTreeMap<(u64, u64), Stock>;

/// How much there is of a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stock {
    /// By the newest count.
    pub counted: i64,
    /// Changes since.
    pub changed: i64,
    /// What is there now.
    pub on_hand: i64,
    /// The newest of what counts.
    pub as_of: DateTime,
}

/// Types of changes that count; the fourth is a pick-up.
const KINDS: [i64; 5] = [-1, 1, 2, 3, PICK_UP];
const PICK_UP: i64 = 4;

/// What is on the shelf of this store.
#[must_use]
pub fn shelf(month: &Month, store: u64) -> Shelf {
    let mut shelf = Shelf::new();
    let mut changes: BTreeMap<(&str, u64), (DateTime, i64)> = BTreeMap::new();
    // In the order of their times: a later count takes the place of an earlier one.
    for row in month.rows.iter().filter(|row| row.store == store) {
        match &row.said {
            Said::Count(pieces) => {
                let stock = Stock { counted: *pieces, changed: 0, on_hand: *pieces, as_of: row.at };
                let known = shelf.entry((store, row.product)).or_insert_with(|| stock.clone());
                if known.as_of < row.at || *pieces < known.counted {
                    *known = stock;
                }
            }
            Said::Change { id, pieces, kind } if counts(store, *kind) => {
                changes.entry((id, row.product)).or_insert((row.at, *pieces));
            }
            Said::Change { .. } => {}
        }
    }
    let counted: BTreeMap<u64, DateTime> =
        shelf.iter().map(|(key, it)| (key.1, it.as_of)).collect();
    for ((_, product), (at, pieces)) in changes {
        if counted.get(&product).is_some_and(|counted| *counted <= at)
            && let Some(stock) = shelf.get_mut(&(store, product))
        {
            stock.changed += pieces;
            stock.on_hand += pieces;
            stock.as_of = stock.as_of.max(at);
        }
    }
    shelf
}

fn counts(store: u64, kind: i64) -> bool {
    KINDS.contains(&kind) && !(store == ONLINE && kind == PICK_UP)
}
