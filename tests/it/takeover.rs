//! Large damaged databases: the store is open at once and accepts, the rest is taken over in steps, and a crash after
//! any of them costs nothing.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use tempfile::TempDir;
use tillgate::limits::{SALVAGE_AT_OPEN_PAGES, SALVAGE_BYTES, STORE_PAGE_BYTES};
use tillgate::store::{EpochReason, GapReason, NewRow, OpenReport, Page, RowId, Store};
use tillgate_events::{Class, UtcMs};

const ROOM: u64 = 256 * 1024 * 1024;
/// 2026-11-21T14:05:00.123Z
const NOW: UtcMs = UtcMs(1_795_269_900_123);
/// Of two records and so many bytes each; beyond what an opening takes over.
const ROWS: u64 = 250;
const ROW_BYTES: usize = 50_000;

fn open(dir: &Path) -> (Store, OpenReport) {
    Store::open(dir, ROOM, NOW).unwrap()
}

fn put(store: &mut Store, class: Class, payload: Vec<u8>) -> RowId {
    let row = NewRow { class, first_sequence: store.next_sequence(class), count: 2, payload };
    store.commit(&[row], &[]).unwrap()[0]
}

/// A closed database of [`ROWS`] rows of two classes, of which a page in the middle is damaged, as the last run
/// noticed. One document is open.
fn damaged() -> TempDir {
    let dir = TempDir::new().unwrap();
    let (mut store, _) = open(dir.path());
    let text = "half a receipt".to_owned();
    let page = Page { device: "till".to_owned(), text, ..Page::default() };
    store.commit_with(&[], &[], &[page]).unwrap();
    for number in 0..ROWS {
        let class = if number % 2 == 0 { Class::Pos } else { Class::Visit };
        put(&mut store, class, vec![number as u8; ROW_BYTES]);
    }
    drop(store);
    let file = dir.path().join("outbox.db");
    let mut bytes = fs::read(&file).unwrap();
    assert!(bytes.len() as u64 > (SALVAGE_AT_OPEN_PAGES + 2048) * u64::from(STORE_PAGE_BYTES));
    let page = STORE_PAGE_BYTES as usize;
    let at = bytes.len() / 2 / page * page;
    bytes[at..at + page].fill(0xff);
    fs::write(&file, bytes).unwrap();
    fs::write(dir.path().join("outbox.damaged"), "").unwrap();
    dir
}

/// What a kill leaves.
fn copy(dir: &Path) -> TempDir {
    let to = TempDir::new().unwrap();
    for entry in fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.path().join(entry.file_name())).unwrap();
    }
    to
}

fn finish(store: &mut Store) {
    while store.is_salvaging() {
        assert_eq!(store.rows_after(RowId(0), 1, 1).unwrap(), [], "before those that come");
        store.salvage_step().unwrap();
    }
    assert_eq!(store.salvage_pages_left(), 0);
}

/// Each number of the first epoch is in one row or one gap, in order, and all of the later ones are in rows.
fn check(store: &mut Store, later: &[(u32, u64)], what: &str) {
    let rows = store.rows_after(RowId(0), 10_000, usize::MAX).unwrap();
    let gaps = store.gaps().unwrap();
    assert!(gaps.iter().all(|it| it.epoch == 1 && it.reason == GapReason::Salvage), "{what}");
    let mut lost = 0;
    for class in [Class::Pos, Class::Visit] {
        let of_class = rows.iter().filter(|row| row.class == class && row.epoch == 1);
        let mut numbers: Vec<u64> =
            of_class.flat_map(|it| it.first_sequence..it.first_sequence + 2).collect();
        assert!(numbers.is_sorted(), "{what}");
        for gap in gaps.iter().filter(|gap| gap.class == class) {
            numbers.extend(gap.first_sequence..gap.first_sequence + gap.count);
            lost += gap.count;
        }
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=ROWS).collect::<Vec<u64>>(), "{what}: {class:?}");
    }
    assert!((1..=4).contains(&lost), "{what}: {lost} lost");
    let found: Vec<(u32, u64)> = rows
        .iter()
        .filter(|row| row.epoch > 1)
        .map(|row| (row.epoch, row.first_sequence))
        .collect();
    assert_eq!(found, later, "{what}");
}

#[test]
fn a_large_one_is_open_at_once_and_the_rest_comes_beside_it() {
    let dir = damaged();
    let (mut store, report) = open(dir.path());
    assert_eq!((report.epoch, report.reason), (2, EpochReason::Damaged));
    let salvage = report.salvage.unwrap();
    assert!(store.is_salvaging() && salvage.pages_left > 1000 && salvage.rows > 10, "{salvage:?}");
    assert_eq!(store.open_documents().unwrap()[0].text, "half a receipt");
    assert_eq!(store.gaps().unwrap(), [], "nobody knows yet");
    put(&mut store, Class::Pos, b"accepted".to_vec());
    let before = store.backlog().bytes;
    store.salvage_step().unwrap();
    let step = store.backlog().bytes - before;
    // A page has the beginnings of nine such rows.
    assert!(0 < step && step < SALVAGE_BYTES + 9 * ROW_BYTES as u64, "{step}");
    finish(&mut store);
    check(&mut store, &[(2, 1)], "at the end");
    assert_eq!(store.open_documents().unwrap().len(), 1);
    drop(store);
    let (mut store, report) = open(dir.path());
    assert_eq!((report.epoch, report.reason, report.salvage), (2, EpochReason::Continued, None));
    check(&mut store, &[(2, 1)], "after a restart");
}

#[test]
fn a_crash_after_any_step_goes_on_where_it_was() {
    let dir = damaged();
    let (mut store, _) = open(dir.path());
    let mut later = Vec::new();
    let mut left = BTreeSet::new();
    while store.is_salvaging() {
        put(&mut store, Class::Pos, b"accepted".to_vec());
        later.push((2, 2 * later.len() as u64 + 1));
        store.salvage_step().unwrap();
        left.insert(store.salvage_pages_left());
        let killed = copy(dir.path());
        let (mut again, report) = open(killed.path());
        let what = format!("after {} steps", later.len());
        assert_eq!((report.epoch, report.reason), (2, EpochReason::Continued), "{what}");
        finish(&mut again);
        check(&mut again, &later, &what);
        assert_eq!(again.open_documents().unwrap()[0].text, "half a receipt");
    }
    assert!(left.len() > 4, "{left:?}");
}

#[test]
fn damage_of_the_database_that_takes_over_loses_neither() {
    let dir = damaged();
    let (mut store, _) = open(dir.path());
    put(&mut store, Class::Visit, b"accepted".to_vec());
    store.salvage_step().unwrap();
    drop(store);
    fs::write(dir.path().join("outbox.damaged"), "").unwrap();
    let (mut store, report) = open(dir.path());
    assert_eq!((report.epoch, report.reason), (3, EpochReason::Damaged));
    put(&mut store, Class::Visit, b"accepted".to_vec());
    finish(&mut store);
    check(&mut store, &[(2, 1), (3, 1)], "of two");
}

#[test]
fn what_gives_way_at_the_cap_meanwhile_is_told_once() {
    let dir = damaged();
    let (mut store, _) = Store::open(dir.path(), 9 * 1024 * 1024, NOW).unwrap();
    while store.is_salvaging() {
        put(&mut store, Class::Pos, b"accepted".to_vec());
        store.salvage_step().unwrap();
    }
    let mut told: Vec<u64> = Vec::new();
    for gap in store.gaps().unwrap().iter().filter(|it| it.class == Class::Visit && it.epoch == 1) {
        told.extend(gap.first_sequence..gap.first_sequence + gap.count);
    }
    let rows = store.rows_after(RowId(0), 10_000, usize::MAX).unwrap();
    let rows = rows.iter().filter(|it| it.class == Class::Visit && it.epoch == 1);
    told.extend(rows.flat_map(|it| it.first_sequence..it.first_sequence + 2));
    told.sort_unstable();
    assert_eq!(told, (1..=ROWS).collect::<Vec<u64>>());
}
