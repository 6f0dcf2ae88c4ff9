//! Whatever happens to the outbox's files: each number that was given out is in a row or is told to be lost.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use tempfile::TempDir;
use tillgate::limits::STORE_PAGE_BYTES;
use tillgate::store::{EpochReason, GapReason, NewRow, RowId, Store};
use tillgate_events::{Class, UtcMs};

/// What happens to a closed database.
type Change = fn(&Path);

const ROOM: u64 = 64 * 1024 * 1024;
const PAGE: usize = STORE_PAGE_BYTES as usize;

/// Rows of the till, each of two numbers, and of the door, each of three.
const POS_ROWS: u64 = 40;
const VISIT_ROWS: u64 = 10;

fn open(dir: &Path) -> (Store, EpochReason) {
    let (store, report) = Store::open(dir, ROOM, UtcMs(0)).unwrap();
    (store, report.reason)
}

fn put(store: &mut Store, class: Class, count: u32, payload: Vec<u8>) {
    let first_sequence = store.next_sequence(class);
    store.commit(&[NewRow { class, first_sequence, count, payload }], &[]).unwrap();
}

fn fill(store: &mut Store) {
    for number in 0..POS_ROWS {
        put(store, Class::Pos, 2, vec![number as u8; 150]);
        if number < VISIT_ROWS {
            put(store, Class::Visit, 3, vec![number as u8; 2500]);
        }
    }
}

/// A closed outbox.
fn closed() -> TempDir {
    let dir = TempDir::new().unwrap();
    fill(&mut open(dir.path()).0);
    dir
}

/// What a power cut leaves of these files while the outbox is in use.
fn cut_off(files: &[&str]) -> TempDir {
    let (dir, left) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let mut store = open(dir.path()).0;
    fill(&mut store);
    for name in files {
        fs::copy(dir.path().join(name), left.path().join(name)).unwrap();
    }
    left
}

/// Gaps as (class, epoch, first, last, reason).
fn told(store: &Store) -> Vec<(Class, u32, u64, u64, GapReason)> {
    let gaps = store.gaps().unwrap().into_iter();
    gaps.map(|it| {
        let last = it.first_sequence + it.count - 1;
        (it.class, it.epoch, it.first_sequence, last, it.reason)
    })
    .collect()
}

/// Rows of the first epoch that are left; panics where a number is neither in one of them nor told.
fn left_or_told(store: &mut Store, context: &str) -> usize {
    let rows = store.rows_after(RowId(0), 10_000, usize::MAX).unwrap();
    let rows: Vec<_> = rows.into_iter().filter(|row| row.epoch == 1).collect();
    let mut known: BTreeMap<Class, BTreeSet<u64>> = BTreeMap::new();
    for row in &rows {
        let end = row.first_sequence + u64::from(row.count);
        known.entry(row.class).or_default().extend(row.first_sequence..end);
    }
    for (class, epoch, first, last, _) in told(store) {
        assert_eq!(epoch, 1, "{context}");
        known.entry(class).or_default().extend(first..=last.min(10_000));
    }
    for (class, last) in [(Class::Pos, 2 * POS_ROWS), (Class::Visit, 3 * VISIT_ROWS)] {
        let silent: Vec<u64> = (1..=last).filter(|it| !known[&class].contains(it)).collect();
        assert!(silent.is_empty(), "{context}: {class:?} {silent:?} are lost in silence");
    }
    rows.len()
}

/// Opens; where the damage only shows in reading, opens once more, as the agent does.
fn salvage(dir: &Path) -> Store {
    let (mut store, reason) = open(dir);
    let _ = store.rows_after(RowId(0), 10_000, usize::MAX);
    let _ = store.gaps();
    if reason == EpochReason::Damaged || !store.is_damaged() {
        return store;
    }
    drop(store);
    open(dir).0
}

#[test]
fn whatever_page_is_wiped_all_rows_on_other_pages_are_kept_and_the_rest_is_told() {
    let from = closed();
    let whole = fs::read(from.path().join("outbox.db")).unwrap();
    for page in 0..whole.len() / PAGE {
        let dir = TempDir::new().unwrap();
        let mut bytes = whole.clone();
        bytes[page * PAGE..(page + 1) * PAGE].fill(0);
        fs::write(dir.path().join("outbox.db"), bytes).unwrap();
        fs::copy(from.path().join("outbox.mark"), dir.path().join("outbox.mark")).unwrap();
        let page = format!("page {}", page + 1);
        let mut store = salvage(dir.path());
        let left = left_or_told(&mut store, &page);
        // One page holds up to six small rows, or is a part of a large one.
        assert!(left as u64 + 6 >= POS_ROWS + VISIT_ROWS, "{page}: {left} rows left");
        let tables = ["page 1", "page 2", "page 3", "page 4", "page 5", "page 6"];
        if tables.contains(&page.as_str()) {
            assert_eq!(left as u64, POS_ROWS + VISIT_ROWS, "{page} holds no row");
            assert_eq!(told(&store), [], "{page}");
        }
    }
}

#[test]
fn a_database_that_is_gone_or_is_none_is_told_to_the_last_number() {
    let changes: [(&str, Change); 2] = [
        ("gone", |file| fs::remove_file(file).unwrap()),
        ("a text", |file| fs::write(file, "a text, and no database").unwrap()),
    ];
    for (name, change) in changes {
        let dir = closed();
        change(&dir.path().join("outbox.db"));
        let (mut store, _) = open(dir.path());
        assert_eq!(store.epoch(), 2, "{name}");
        assert_eq!(left_or_told(&mut store, name), 0);
        let expected = [
            (Class::Pos, 1, 1, 2 * POS_ROWS, GapReason::Salvage),
            (Class::Visit, 1, 1, 3 * VISIT_ROWS, GapReason::Salvage),
        ];
        assert_eq!(told(&store), expected, "{name}");
        drop(store);
        assert_eq!(told(&open(dir.path()).0), expected, "{name}: told until it was heard");
    }
}

#[test]
fn what_an_old_copy_lacks_is_told() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("outbox.db");
    let mut store = open(dir.path()).0;
    put(&mut store, Class::Pos, 2, b"in the copy".to_vec());
    drop(store);
    let copy = fs::read(&file).unwrap();
    let mut store = open(dir.path()).0;
    put(&mut store, Class::Pos, 3, b"not in the copy".to_vec());
    put(&mut store, Class::Ops, 1, b"neither".to_vec());
    drop(store);
    fs::write(&file, &copy).unwrap();
    let (store, reason) = open(dir.path());
    assert_eq!(reason, EpochReason::Behind);
    let expected =
        [(Class::Pos, 1, 3, 5, GapReason::Salvage), (Class::Ops, 1, 1, 1, GapReason::Salvage)];
    assert_eq!(told(&store), expected);
    drop(store);

    // Once more, two epochs later: what is known of each of them.
    fs::write(&file, &copy).unwrap();
    assert_eq!(told(&open(dir.path()).0), expected);
}

#[test]
fn after_a_power_cut_numbers_that_may_have_been_given_out_are_told_as_such() {
    for files in [&["outbox.mark"][..], &["outbox.mark", "outbox.db"]] {
        let dir = cut_off(files);
        let (mut store, reason) = open(dir.path());
        assert!(matches!(reason, EpochReason::Recreated | EpochReason::Behind), "{reason:?}");
        left_or_told(&mut store, &format!("{files:?}"));
        let of_others = |class: &Class| !matches!(class, Class::Pos | Class::Visit);
        assert!(!told(&store).iter().any(|gap| of_others(&gap.0)), "never used");
        let reserved = |gap: &(Class, u32, u64, u64, GapReason)| gap.4 == GapReason::Reserved;
        assert!(told(&store).iter().any(reserved), "{:?}", told(&store));
    }
    // With its log nothing is lost.
    let dir = cut_off(&["outbox.mark", "outbox.db", "outbox.db-wal"]);
    let (mut store, reason) = open(dir.path());
    assert_eq!((reason, told(&store)), (EpochReason::Continued, vec![]));
    assert_eq!(left_or_told(&mut store, "all files") as u64, POS_ROWS + VISIT_ROWS);
}

#[test]
fn rows_in_the_log_of_a_damaged_database_are_taken_over() {
    let dir = cut_off(&["outbox.mark", "outbox.db", "outbox.db-wal"]);
    let file = dir.path().join("outbox.db");
    let mut bytes = fs::read(&file).unwrap();
    bytes[0] = b'X';
    fs::write(&file, bytes).unwrap();
    let (mut store, reason) = open(dir.path());
    assert_eq!(reason, EpochReason::Damaged);
    assert_eq!(left_or_told(&mut store, "with a log") as u64, POS_ROWS + VISIT_ROWS);
}

#[test]
fn where_nothing_knows_how_far_numbers_came_the_end_is_open() {
    let dir = closed();
    fs::write(dir.path().join("outbox.db"), b"nonsense").unwrap();
    fs::remove_file(dir.path().join("outbox.mark")).unwrap();
    let store = open(dir.path()).0;
    let open_end = (1 << 53) - 1;
    let expected = Class::ALL.map(|class| (class, 1, 1, open_end, GapReason::Reserved));
    assert_eq!(told(&store), expected);
}

#[test]
fn numbers_are_set_aside_without_writing_the_mark_more_often() {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path()).0;
    for _ in 0..3 * 1024 {
        put(&mut store, Class::Visit, 64, vec![1]);
        let newest = store.newest();
        store.free(&[newest]).unwrap();
    }
    // A free is a commit too: six times 1024, and few more while the pace becomes known.
    assert!(store.counters().marks <= 6 + 10, "{}", store.counters().marks);
}
