//! All products, and what of them is to be written down.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::item::{Counted, Item, Move};
use super::{Change, Count};
use crate::limits;
use crate::order;

/// What is to be written down: the products that changed, and their moves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Products whose state changed.
    pub items: BTreeSet<u64>,
    /// By row: a move with its product, or nothing where the row goes.
    pub moves: BTreeMap<i64, Option<(u64, Move)>>,
}

impl Changes {
    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty() && self.moves.is_empty()
    }
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Booked {
    /// It counts.
    New,
    /// Its number was known.
    Known,
    /// Its number was known with a later time: this one counts instead.
    Earlier,
}

/// How a product was and is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step<T> {
    /// What the product had before.
    pub before: Option<i64>,
    /// What it has now.
    pub on_hand: Option<i64>,
    /// What came of it.
    pub what: T,
}

/// Why something was not booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// One product too many.
    #[error("the ledger has its {} products", limits::STOCK_ITEMS)]
    Full,
    /// A quantity that no shelf holds.
    #[error("more than {} pieces", limits::STOCK_QUANTITY)]
    Quantity,
}

/// The stock of one store.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    items: HashMap<u64, Item>,
    moves: usize,
    next_row: i64,
    changes: Changes,
}

impl Ledger {
    /// A ledger as it was written down.
    #[must_use]
    pub fn restored(
        items: impl IntoIterator<Item = (u64, Item)>,
        moves: impl IntoIterator<Item = (u64, Move)>,
    ) -> Self {
        let mut ledger = Self { items: items.into_iter().collect(), ..Self::default() };
        for (product, it) in moves {
            ledger.next_row = ledger.next_row.max(it.row.saturating_add(1));
            ledger.items.entry(product).or_default().restore(it);
            ledger.moves += 1;
        }
        ledger
    }

    /// A product, if anything is known of it.
    #[must_use]
    pub fn item(&self, product: u64) -> Option<&Item> {
        self.items.get(&product)
    }

    /// All products, in no order.
    pub fn items(&self) -> impl Iterator<Item = (u64, &Item)> {
        self.items.iter().map(|(product, item)| (*product, item))
    }

    /// How many products and changes there are.
    #[must_use]
    pub fn size(&self) -> (u64, u64) {
        (self.items.len() as u64, self.moves as u64)
    }

    /// Takes a change.
    ///
    /// # Errors
    /// See [`LedgerError`].
    pub fn change(&mut self, change: Change) -> Result<Step<Booked>, LedgerError> {
        let product = change.product;
        let row = self.next_row;
        let full = limits::STOCK_MOVES <= self.moves;
        let item = item(&mut self.items, product, change.delta)?;
        let (before, held, mut dropped) = (item.on_hand(), item.moves().len(), Vec::new());
        let Some(taken) = item.change(change, row, &mut dropped) else {
            return Ok(Step { before, on_hand: before, what: Booked::Known });
        };
        let mut written = vec![taken];
        if limits::STOCK_ITEM_MOVES < item.moves().len() {
            written.extend(item.join(&mut dropped));
        } else if full && 1 < item.moves().len() {
            item.forget_oldest(&mut dropped);
        }
        let on_hand = item.on_hand();
        self.moves = (self.moves + item.moves().len()).saturating_sub(held);
        self.next_row = self.next_row.saturating_add(1);
        let what = if taken.row == row { Booked::New } else { Booked::Earlier };
        self.note(product, &written, &dropped);
        Ok(Step { before, on_hand, what })
    }

    /// Takes a count.
    ///
    /// # Errors
    /// See [`LedgerError`].
    pub fn count(&mut self, count: Count) -> Result<Step<Counted>, LedgerError> {
        let product = count.product;
        let item = item(&mut self.items, product, count.quantity)?;
        let (before, held, mut dropped) = (item.on_hand(), item.moves().len(), Vec::new());
        let what = item.count(count, &mut dropped);
        let on_hand = item.on_hand();
        self.moves = (self.moves + item.moves().len()).saturating_sub(held);
        if !matches!(what, Counted::Known | Counted::TooOld) {
            self.note(product, &[], &dropped);
        }
        Ok(Step { before, on_hand, what })
    }

    /// Remembers whether an order was told of.
    pub fn set_ordered(&mut self, product: u64, ordered: bool) {
        if let Some(item) = self.items.get_mut(&product).filter(|item| item.ordered != ordered) {
            item.ordered = ordered;
            self.changes.items.insert(product);
        }
    }

    /// The changes that are part of `key`, with their products. Looks at everything: for what is rare.
    #[must_use]
    pub fn parts(&self, key: u64) -> Vec<(u64, Move)> {
        let of = |(product, item): (&u64, &Item)| {
            let parts = item.moves().iter().filter(|it| it.key == key);
            parts.map(|it| (*product, *it)).collect::<Vec<_>>()
        };
        let mut parts: Vec<_> = self.items.iter().flat_map(of).collect();
        order::by_key(&mut parts, |(_, it)| it.row);
        parts
    }

    /// What is to be written down since the last call.
    pub fn take_changes(&mut self) -> Changes {
        std::mem::take(&mut self.changes)
    }

    fn note(&mut self, product: u64, written: &[Move], dropped: &[i64]) {
        self.changes.items.insert(product);
        for it in written {
            self.changes.moves.insert(it.row, Some((product, *it)));
        }
        for row in dropped {
            self.changes.moves.insert(*row, None);
        }
    }
}

fn item(
    items: &mut HashMap<u64, Item>,
    product: u64,
    quantity: i64,
) -> Result<&mut Item, LedgerError> {
    if limits::STOCK_QUANTITY < quantity.saturating_abs() {
        return Err(LedgerError::Quantity);
    }
    if limits::STOCK_ITEMS <= items.len() && !items.contains_key(&product) {
        return Err(LedgerError::Full);
    }
    Ok(items.entry(product).or_default())
}
