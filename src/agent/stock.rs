//! Between the ledger and the store: what is known is read at a start, what changed goes with the next commit.

use std::collections::HashSet;

use crate::store::{Stock, StockItem, StockMove, StockWrites, Store, StoreError};
use crate::track::stock::item::{code, reason};
use crate::track::stock::{Book, Item, Ledger, Move, Tally, Unmatched};

/// The book as the last run left it.
///
/// # Errors
/// When the database cannot be read.
pub fn restore(store: &mut Store, feeds: HashSet<String>) -> Result<Book, StoreError> {
    let stock = store.stock()?;
    if stock.damaged > 0 {
        let rows = stock.damaged;
        tracing::error!(rows, "rows of the stock ledger are damaged: these products need a count");
    }
    if !stock.items.is_empty() {
        let (products, changes) = (stock.items.len(), stock.moves.len());
        tracing::info!(products, changes, "the stock ledger is open");
    }
    let names = stock.names.clone();
    Ok(Book::new(ledger(&stock), Unmatched::restored(names), feeds))
}

/// The ledger that rows tell.
#[must_use]
pub fn ledger(stock: &Stock) -> Ledger {
    let items = stock.items.iter().map(|row| {
        let tally = |pair: Option<_>| pair.map(|(at, quantity)| Tally { at, quantity });
        let (newest, before) = (tally(row.counted), tally(row.before));
        (row.product, Item::restored(newest, before, (row.base, row.floor), row.ordered))
    });
    let moves = stock.moves.iter().filter_map(|row| {
        let StockMove { row, product, at, delta, key, reason: number } = *row;
        Some((product, Move { row, at, delta, key, reason: reason(number)? }))
    });
    Ledger::restored(items, moves)
}

/// What changed since the last call; `None` if nothing did.
pub fn writes(book: &mut Book) -> Option<StockWrites> {
    let (changes, names) = book.take_changes();
    if changes.is_empty() && names.is_empty() {
        return None;
    }
    let ledger = book.ledger();
    let item = |product: u64| ledger.item(product).map(|item| (product, row_of(product, item)));
    let moved = |(row, it): (i64, Option<(u64, Move)>)| {
        let it = it.map(|(product, it)| {
            let Move { row, at, delta, key, reason } = it;
            StockMove { row, product, at, delta, reason: code(reason), key }
        });
        (row, it)
    };
    Some(StockWrites {
        items: changes.items.into_iter().filter_map(item).collect(),
        moves: changes.moves.into_iter().map(moved).collect(),
        names,
        held: ledger.size(),
    })
}

fn row_of(product: u64, item: &Item) -> StockItem {
    let pair = |tally: Option<Tally>| tally.map(|it| (it.at, it.quantity));
    let (counted, before) = (pair(item.newest), pair(item.before));
    let Item { base, floor, ordered, .. } = *item;
    StockItem { product, counted, before, base, floor, ordered }
}
