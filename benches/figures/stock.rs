//! The stock ledger: changes in memory and on disk, and how long a start takes to read it.

use std::time::Instant;

use tillgate::agent::stock::{ledger, writes};
use tillgate::store::{NewRow, Store};
use tillgate::time::UtcMs;
use tillgate::track::stock::{Book, Change, Count, Ledger};
use tillgate_events::{Class, StockReason};

use super::row;

/// Products, and changes of all of them together.
const ITEMS: u64 = 100_000;
const CHANGES: u64 = 1_000_000;
/// Changes of one commit: what a busy feed brings in a commit interval.
const AT_ONCE: u64 = 10_000;

fn change(number: u64) -> Change {
    // A stride that meets every product in no order.
    let product = 1 + number.wrapping_mul(7919) % ITEMS;
    let at = UtcMs(1_790_000_000_000 + i64::try_from(number).unwrap() * 500);
    let (key, reason) = (number + 1, StockReason::Sale);
    Change { product, at, delta: -1, reason, key, once: true }
}

fn counted() -> Ledger {
    let mut ledger = Ledger::default();
    for product in 1..=ITEMS {
        ledger.count(Count { product, at: UtcMs(0), quantity: 1000 }).unwrap();
    }
    ledger.take_changes();
    ledger
}

/// All rows of the stock ledger.
pub fn keeping() {
    let mut ledger = counted();
    let start = Instant::now();
    for number in 0..CHANGES {
        ledger.change(change(number)).unwrap();
        if number % AT_ONCE == 0 {
            ledger.take_changes();
        }
    }
    let rate = CHANGES as f64 / start.elapsed().as_secs_f64();
    row("stock: changes of 100 000 products, in memory", &format!("{rate:.0} changes/s"));

    let dir = tempfile::tempdir_in(".").unwrap();
    let mut store = Store::open(dir.path(), 1 << 30, UtcMs(0)).unwrap().0;
    let mut book = Book::new(counted(), Default::default(), Default::default());
    let start = Instant::now();
    for (first_sequence, group) in (1..).zip(0..CHANGES / AT_ONCE) {
        for number in 0..AT_ONCE {
            book.ledger_mut().change(change(group * AT_ONCE + number)).unwrap();
        }
        store.book(writes(&mut book).unwrap());
        let (class, count, payload) = (Class::Stock, 1, vec![0; 64]);
        store.commit(&[NewRow { class, first_sequence, count, payload }], &[]).unwrap();
    }
    let rate = CHANGES as f64 / start.elapsed().as_secs_f64();
    row("stock: the same, written down, 10 000 a commit", &format!("{rate:.0} changes/s"));
    drop(store);
    let size = std::fs::metadata(dir.path().join("outbox.db")).unwrap().len();

    let mut store = Store::open(dir.path(), 1 << 30, UtcMs(0)).unwrap().0;
    let start = Instant::now();
    let read = ledger_of(&mut store);
    let (items, moves) = read.size();
    let value = format!(
        "{:.2} s for {items} products and {moves} changes, {:.0} MiB on disk",
        start.elapsed().as_secs_f64(),
        size as f64 / 1024.0 / 1024.0
    );
    row("stock: read at a start", &value);
}

fn ledger_of(store: &mut Store) -> Ledger {
    ledger(&store.stock().unwrap())
}
