//! The ledger on disk goes with the records or not at all.

use tillgate_events::Class;

use super::super::{NewRow, RowId};
use super::*;

fn open(dir: &Path) -> Store {
    Store::open(dir, 16 << 20, UtcMs(0)).unwrap().0
}

fn row(first_sequence: u64) -> NewRow {
    NewRow { class: Class::Stock, first_sequence, count: 1, payload: vec![1] }
}

fn writes(product: u64, rows: &[i64], gone: &[i64]) -> StockWrites {
    let at = UtcMs(i64::MAX);
    let counted = Some((UtcMs(5), 7));
    let item = StockItem { product, counted, before: None, base: -1, floor: at, ordered: true };
    let moved =
        |row: &i64| StockMove { row: *row, product, at, delta: -2, reason: 7, key: u64::MAX };
    let put = rows.iter().map(|row| (*row, Some(moved(row))));
    StockWrites {
        items: BTreeMap::from([(product, item)]),
        moves: put.chain(gone.iter().map(|row| (*row, None))).collect(),
        names: BTreeMap::from([("TEA".to_owned(), Some(3)), ("OLD".to_owned(), None)]),
        held: (1, rows.len() as u64),
    }
}

fn rows(stock: &Stock) -> Vec<i64> {
    stock.moves.iter().map(|it| it.row).collect()
}

#[test]
fn what_is_booked_waits_for_records() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path());
    store.book(writes(u64::MAX >> 1, &[1, 2], &[]));
    store.commit(&[], &[RowId(1)]).unwrap();
    drop(store);
    let mut store = open(dir.path());
    assert_eq!(store.stock().unwrap(), Stock::default(), "nothing was accepted");
    store.book(writes(u64::MAX >> 1, &[1, 2], &[]));
    store.commit(&[row(2)], &[]).unwrap_err();
    store.commit(&[row(1)], &[]).unwrap();
    store.book(writes(3, &[3], &[1]));
    store.commit(&[row(2)], &[]).unwrap();
    drop(store);
    let file = dir.path().join("outbox.db");
    let copied = read_stock(&file).unwrap();
    let mut store = open(dir.path());
    let stock = store.stock().unwrap();
    assert_eq!(copied, stock, "read while nobody or somebody holds it");
    assert_eq!(read_stock(&file).unwrap(), stock);
    assert_eq!((stock.items.len(), rows(&stock), stock.damaged), (2, vec![2, 3], 0));
    assert_eq!(stock.items.last(), writes(u64::MAX >> 1, &[], &[]).items.values().next());
    assert_eq!(stock.names, [("TEA".to_owned(), 3)]);
}

#[test]
fn a_damaged_row_is_left_out_and_counted() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path());
    store.book(writes(3, &[1, 2, 3], &[]));
    store.commit(&[row(1)], &[]).unwrap();
    store.connection.execute_batch("UPDATE stock_move SET delta = 9 WHERE id = 2").unwrap();
    store.connection.execute_batch("UPDATE stock_item SET before = 9").unwrap();
    let stock = store.stock().unwrap();
    assert_eq!((rows(&stock), stock.items.len(), stock.damaged), (vec![1, 3], 1, 1));
    store.connection.execute_batch("UPDATE stock_item SET counted = 9").unwrap();
    assert_eq!(store.stock().unwrap().damaged, 2);
}

#[test]
fn a_database_of_an_earlier_version_gets_an_empty_ledger() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let drop_tables = "DROP TABLE stock_item; DROP TABLE stock_move; DROP TABLE stock_unmatched; \
                       PRAGMA user_version = 3";
    store.connection.execute_batch(drop_tables).unwrap();
    drop(store);
    let refused = read_stock(&dir.path().join("outbox.db")).unwrap_err();
    assert!(refused.to_string().contains("no stock ledger yet"), "{refused}");
    assert_eq!(open(dir.path()).stock().unwrap(), Stock::default());
}

#[test]
fn the_ledger_takes_no_room_of_the_buffer() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path());
    let all: Vec<i64> = (1..=400_000).collect();
    store.book(writes(3, &all, &[]));
    store.commit(&[row(1)], &[]).unwrap();
    store.commit(&[row(2)], &[]).unwrap();
    assert_eq!(store.backlog().rows, 2, "{:?}", store.counters());
    assert_eq!(store.counters().evicted_rows, 0);
}
