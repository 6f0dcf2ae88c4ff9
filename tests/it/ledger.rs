//! The loss ledger: what is dropped is written down, told, and forgotten only then.

use std::path::Path;

use rusqlite::Connection;
use tempfile::TempDir;
use tillgate::limits::GAPS_AT_ONCE;
use tillgate::store::{Gap, GapReason, NewRow, RowId, Store};
use tillgate_events::{
    Batch, Body, BootId, Class, ClockQuality, Header, NoSale, Record, UtcMs, encode,
};

const ROOM: u64 = 64 * 1024 * 1024;

/// A batch as the pipeline makes it.
fn batch(class: Class, first_sequence: u64, count: usize) -> Vec<u8> {
    let record = |at| Record {
        at: UtcMs(at),
        source: "till-1".into(),
        body: Body::NoSale(NoSale { terminal_id: "T1".into() }),
    };
    let header = Header {
        gateway_id: "gw".into(),
        store_id: 7,
        class,
        epoch: 1,
        first_sequence,
        wall: UtcMs(0),
        boot_id: BootId::default(),
        mono_us: 0,
        clock: ClockQuality::Synced,
    };
    encode(&Batch { header, records: (0..count as i64).map(record).collect() }).unwrap()
}

fn put(store: &mut Store, class: Class, count: u32) -> RowId {
    let first_sequence = store.next_sequence(class);
    let payload = batch(class, first_sequence, count as usize);
    store.commit(&[NewRow { class, first_sequence, count, payload }], &[]).unwrap()[0]
}

/// A store with rows of 3, 4 and 5 receipts (ids 1, 3 and 4) and one of 2 visits (id 2).
fn stock(dir: &Path) {
    let (mut store, _) = Store::open(dir, ROOM, UtcMs(0)).unwrap();
    put(&mut store, Class::Pos, 3);
    put(&mut store, Class::Visit, 2);
    put(&mut store, Class::Pos, 4);
    put(&mut store, Class::Pos, 5);
}

/// Opens a store in which something was changed behind its back.
fn changed(dir: &Path, sql: &str) -> Store {
    stock(dir);
    let connection = Connection::open(dir.join("outbox.db")).unwrap();
    connection.execute_batch(sql).unwrap();
    drop(connection);
    Store::open(dir, ROOM, UtcMs(0)).unwrap().0
}

/// Ids that are handed out, and gaps as (class, first, count).
fn read(store: &mut Store) -> (Vec<i64>, Vec<(Class, u64, u64)>) {
    let rows = store.rows_after(RowId(0), 100, usize::MAX).unwrap();
    let gaps = store.gaps().unwrap();
    assert!(gaps.iter().all(|gap| gap.reason == GapReason::Damage && gap.epoch == 1));
    let gaps = gaps.iter().map(|gap| (gap.class, gap.first_sequence, gap.count));
    (rows.iter().map(|row| row.id.0).collect(), gaps.collect())
}

fn check(sql: &str, ids: &[i64], gaps: &[(Class, u64, u64)]) -> Store {
    let dir = TempDir::new().unwrap();
    let mut store = changed(dir.path(), sql);
    assert_eq!(read(&mut store), (ids.to_vec(), gaps.to_vec()), "{sql}");
    assert_eq!(read(&mut store), (ids.to_vec(), gaps.to_vec()), "found once: {sql}");
    assert_eq!(store.backlog().rows, ids.len() as u64);
    store
}

#[test]
fn a_damaged_payload_leaves_a_gap_with_the_numbers_of_its_columns() {
    let store = check(
        "UPDATE outbox SET payload = zeroblob(40) WHERE id = 3",
        &[1, 2, 4],
        &[(Class::Pos, 4, 4)],
    );
    assert_eq!((store.counters().damaged_rows, store.gaps().unwrap()[0].bytes), (1, 40));
}

#[test]
fn neighbours_that_are_lost_are_one_gap() {
    let sql = "UPDATE outbox SET payload = zeroblob(40) WHERE id > 2";
    check(sql, &[1, 2], &[(Class::Pos, 4, 9)]);
    let sql = "UPDATE outbox SET payload = zeroblob(40) WHERE id IN (1, 2, 4)";
    check(sql, &[3], &[(Class::Pos, 1, 3), (Class::Pos, 8, 5), (Class::Visit, 1, 2)]);
}

#[test]
fn damaged_columns_are_mended_from_a_payload_that_is_whole() {
    for sql in [
        "UPDATE outbox SET class = 2 WHERE id = 3",
        "UPDATE outbox SET class = 99 WHERE id = 3",
        "UPDATE outbox SET first = 5 WHERE id = 3",
        "UPDATE outbox SET count = 400000000000 WHERE id = 3",
        "UPDATE outbox SET epoch = -1 WHERE id = 3",
        "UPDATE outbox SET crc = 0 WHERE id = 3",
    ] {
        let store = check(sql, &[1, 2, 3, 4], &[]);
        assert_eq!((store.counters().mended_rows, store.counters().damaged_rows), (1, 0), "{sql}");
    }
}

#[test]
fn no_gap_is_made_up_where_the_numbers_cannot_be_known() {
    for columns in ["class = 99", "first = 3", "first = 5", "count = 0", "first = 900", "epoch = 7"]
    {
        let sql = format!("UPDATE outbox SET payload = zeroblob(40), {columns} WHERE id = 3");
        let store = check(&sql, &[1, 2, 4], &[]);
        assert_eq!(store.counters().unplaced_rows, 1, "{sql}");
    }
}

#[test]
fn a_row_that_comes_twice_is_put_aside_without_a_gap() {
    let sql = "INSERT INTO outbox SELECT 5, class, epoch, first, count, crc, payload FROM outbox \
               WHERE id = 3";
    check(sql, &[1, 2, 3, 4], &[]);
}

#[test]
fn a_gap_is_forgotten_once_all_of_it_was_told() {
    let dir = TempDir::new().unwrap();
    let mut store = changed(dir.path(), "UPDATE outbox SET payload = zeroblob(40) WHERE id = 3");
    read(&mut store);
    let told = store.gaps().unwrap();
    let shorter = vec![Gap { count: 2, ..told[0].clone() }];
    store.settle(&shorter).unwrap();
    assert_eq!(store.gaps().unwrap(), told, "it grew since it was told");
    store.settle(&told).unwrap();
    assert_eq!(store.gaps().unwrap(), []);
    drop(store);
    let (store, _) = Store::open(dir.path(), ROOM, UtcMs(0)).unwrap();
    assert_eq!(store.gaps().unwrap(), []);
}

#[test]
fn the_first_hole_of_each_epoch_is_shown_however_many_there_are() {
    let dir = TempDir::new().unwrap();
    let gap = |epoch: u32, first: u64| {
        format!(
            "INSERT INTO gap (class, epoch, first, count, bytes, reason) VALUES (0, {epoch}, {first}, 1, 9, 'cap');"
        )
    };
    // Written down from the last hole to the first.
    let old = (1..=100).rev().map(|nth| gap(1, 10 * nth));
    let sql: String = old.chain([gap(2, 50), gap(2, 1), gap(3, 7)]).collect();
    let store = changed(dir.path(), &sql);
    let shown = store.gaps().unwrap();
    let shown: Vec<(u32, u64)> = shown.iter().map(|it| (it.epoch, it.first_sequence)).collect();
    assert_eq!(shown.len(), GAPS_AT_ONCE as usize);
    assert_eq!(shown[..6], [(1, 10), (2, 1), (3, 7), (1, 20), (2, 50), (1, 30)]);
}
