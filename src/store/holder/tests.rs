//! What becomes of numbers told as `thinned` when the row that holds them leaves, in each way that a row can leave.

use std::path::Path;

use tempfile::TempDir;
use tillgate_events::{
    Batch, Body, BootId, ClockQuality, Crossing, Header, Record, UtcMs, Watermark, Watermarks,
    encode,
};

use super::*;
use crate::store::{Gap, GapReason, NewRow, RowId, Store};

/// The log takes up to half of it.
const CAP: u64 = 2 * 1024 * 1024;

/// People that pass within a minute: two rows of one record each are made of them.
const PEOPLE: u64 = 512;

fn open(dir: &Path) -> Store {
    Store::open(dir, CAP, UtcMs(0)).unwrap().0
}

fn people(store: &Store) -> Vec<NewRow> {
    let first = store.next_sequence(Class::Visit);
    let row = |first_sequence| {
        let crossing = Crossing {
            sensor_id: "main".to_owned(),
            zone: "ENTRANCE".to_owned(),
            customer_count: 1,
            dwell_time: 0,
            occupancy: None,
            window_seconds: 0,
        };
        let (at, body) = (UtcMs(60_000), Body::CustomerEntered(crossing));
        let records = vec![Record { at, source: "main".to_owned(), body }];
        let header = Header {
            gateway_id: "gw".to_owned(),
            store_id: 7,
            class: Class::Visit,
            epoch: store.epoch(),
            first_sequence,
            wall: UtcMs(0),
            boot_id: BootId::default(),
            mono_us: 0,
            clock: ClockQuality::Synced,
        };
        let payload = encode(&Batch { header, records }).unwrap();
        NewRow { class: Class::Visit, first_sequence, count: 1, payload }
    };
    (first..first + PEOPLE).map(row).collect()
}

fn receipt(store: &mut Store) {
    let (class, first_sequence) = (Class::Pos, store.next_sequence(Class::Pos));
    let row = NewRow { class, first_sequence, count: 1, payload: vec![7; 10_000] };
    store.commit(&[row], &[]).unwrap();
}

/// A store whose people were joined and not dropped.
fn joined() -> (TempDir, Store) {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path());
    store.commit(&people(&store), &[]).unwrap();
    while store.counters().thinned_records == 0 {
        receipt(&mut store);
    }
    let both = [(1, 255, GapReason::Thinned), (257, 511, GapReason::Thinned)];
    assert_eq!((told(&store), store.counters().evicted_records), (both.to_vec(), 0));
    (dir, store)
}

/// First and last number of people, and why.
fn told(store: &Store) -> Vec<(u64, u64, GapReason)> {
    let mut gaps = store.gaps().unwrap();
    gaps.retain(|gap| gap.class == Class::Visit);
    let last = |gap: &Gap| gap.first_sequence + gap.count - 1;
    gaps.iter().map(|gap| (gap.first_sequence, last(gap), gap.reason)).collect()
}

fn holders(store: &Store) -> i64 {
    store.connection.query_row("SELECT count(*) FROM holder", [], |row| row.get(0)).unwrap()
}

use GapReason::{Cap, Damage, Salvage, Thinned};

#[test]
fn a_row_that_is_freed_leaves_nothing_behind() {
    let (_dir, mut store) = joined();
    assert_eq!(holders(&store), 2);
    let rows = store.rows_of(Class::Visit, RowId(0), 9, 1 << 20).unwrap();
    store.free(&[rows[0].id]).unwrap();
    assert_eq!((holders(&store), told(&store).len()), (1, 2));
}

#[test]
fn a_row_that_gives_way_takes_along_what_was_told_and_heard() {
    let (_dir, mut store) = joined();
    // The cloud has passed the first of them.
    let first = store.gaps().unwrap()[0].clone();
    store.settle(&[first]).unwrap();
    assert_eq!(told(&store), [(257, 511, Thinned)]);
    while store.counters().evicted_rows == 0 {
        receipt(&mut store);
    }
    assert_eq!((told(&store), holders(&store)), (vec![(1, PEOPLE, Cap)], 0));
    let all: u64 = store.gaps().unwrap().iter().map(|gap| gap.count).sum();
    assert_eq!(store.counters().evicted_records, all, "and is counted once");
}

#[test]
fn a_gap_that_makes_way_is_not_let_go_of_under_its_old_name() {
    let (_dir, mut store) = joined();
    let before = store.gaps().unwrap();
    while store.counters().evicted_rows == 0 {
        receipt(&mut store);
    }
    // The acknowledgement of the old ones comes now.
    store.settle(&before).unwrap();
    assert_eq!(told(&store), [(1, PEOPLE, Cap)]);
    let ids = |gaps: &[Gap]| gaps.iter().map(|gap| gap.id).max();
    assert!(ids(&store.gaps().unwrap()) > ids(&before), "a name is never used again");
}

/// Damages rows while the store is open.
fn damaged(sql: &str, expected: &[(u64, u64, GapReason)]) {
    let (_dir, mut store) = joined();
    store.connection.execute(sql, []).unwrap();
    store.rows_of(Class::Visit, RowId(0), 9, 1 << 20).unwrap();
    store.rows_after(RowId(0), 9999, 1 << 30).unwrap();
    assert_eq!(told(&store), expected, "{sql}");
}

#[test]
fn a_damaged_row_takes_along_what_it_held() {
    let payload = "UPDATE outbox SET payload = zeroblob(20) WHERE class = 2 AND first = 256";
    damaged(payload, &[(1, 256, Damage), (257, 511, Thinned)]);
    // Of this one nobody can tell the own numbers.
    let all = "UPDATE outbox SET class = 9, payload = zeroblob(20) WHERE class = 2 AND first = 512";
    damaged(all, &[(1, 255, Thinned), (257, 511, Damage)]);
}

#[test]
fn a_damaged_entry_makes_the_next_start_salvage() {
    let (dir, mut store) = joined();
    store.connection.execute("UPDATE holder SET since = since + 1", []).unwrap();
    let mut failed = false;
    for _ in 0..400 {
        let (class, first_sequence) = (Class::Pos, store.next_sequence(Class::Pos));
        let row = NewRow { class, first_sequence, count: 1, payload: vec![7; 10_000] };
        failed |= matches!(store.commit(&[row], &[]), Err(StoreError::Damaged(_)));
    }
    assert!(failed);
    drop(store);
    let store = open(dir.path());
    assert_eq!(told(&store)[..2], [(1, 255, Salvage), (257, 511, Salvage)]);
}

#[test]
fn what_a_row_holds_moves_with_it_to_another_epoch() {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path());
    let before = people(&store).remove(0);
    store.commit(&[before], &[]).unwrap();
    store.rows_after(RowId(0), 9, 1 << 20).unwrap();
    drop(store);
    // Put back: the cloud has numbers that are given out again now.
    let mut store = open(dir.path());
    store.commit(&people(&store), &[]).unwrap();
    while store.counters().thinned_records == 0 {
        receipt(&mut store);
    }
    let marks: Watermarks = [(Class::Visit, Watermark { epoch: 1, sequence: 400 })].into();
    assert!(store.compare(&marks).unwrap().begins);
    while store.is_renumbering() {
        store.renumber_step().unwrap();
    }
    while store.counters().evicted_rows == 0 {
        receipt(&mut store);
    }
    let moved: Vec<_> = store.gaps().unwrap().into_iter().filter(|gap| gap.epoch == 2).collect();
    let told = moved.iter().map(|gap| (gap.class, gap.first_sequence, gap.count, gap.reason));
    let visits: Vec<_> = told.filter(|gap| gap.0 == Class::Visit).collect();
    // No broker ever took the first one: it moves too, and is the oldest.
    assert_eq!(visits, [(Class::Visit, 1, 1 + PEOPLE, Cap)]);
}
