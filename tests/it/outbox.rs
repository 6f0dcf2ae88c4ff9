//! The store from outside: reopened, locked, damaged, too full.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;
use tillgate::limits::STORE_BALLAST_BYTES;
use tillgate::store::{EpochReason, NewRow, OpenReport, Row, RowId, Store, StoreError};
use tillgate_events::{Class, UtcMs};

use crate::support::skipped;

const ROOM: u64 = 64 * 1024 * 1024;

fn open(dir: &Path) -> (Store, OpenReport) {
    Store::open(dir, ROOM, UtcMs(0)).unwrap()
}

/// Commits one row with the next numbers of its class.
fn put(store: &mut Store, class: Class, count: u32, payload: &[u8]) -> RowId {
    let first_sequence = store.next_sequence(class);
    let row = NewRow { class, first_sequence, count, payload: payload.to_vec() };
    store.commit(&[row], &[]).unwrap()[0]
}

fn all(store: &mut Store) -> Vec<Row> {
    store.rows_after(RowId(0), 1_000_000, usize::MAX).unwrap()
}

fn payloads(store: &mut Store) -> Vec<String> {
    all(store).into_iter().map(|row| String::from_utf8(row.payload).unwrap()).collect()
}

/// A payload that is found again in the file.
fn marked(name: &str) -> Vec<u8> {
    format!("<<{name}>>").into_bytes()
}

/// Changes the first byte of `pattern` in a closed database.
fn damage(dir: &Path, pattern: &[u8]) {
    let file = dir.join("outbox.db");
    let mut bytes = fs::read(&file).unwrap();
    let at = bytes.windows(pattern.len()).position(|window| window == pattern).unwrap();
    bytes[at] ^= 0x10;
    fs::write(&file, bytes).unwrap();
}

#[test]
fn a_reopened_store_goes_on_where_it_stopped() {
    let dir = TempDir::new().unwrap();
    let (mut store, report) = open(dir.path());
    assert_eq!((report.epoch, report.reason), (1, EpochReason::First));
    put(&mut store, Class::Pos, 3, b"a");
    put(&mut store, Class::Visit, 5, b"b");
    let before = (all(&mut store), store.backlog(), store.newest());
    drop(store);

    let (mut store, report) = open(dir.path());
    assert_eq!((report.epoch, report.reason), (1, EpochReason::Continued));
    assert_eq!((all(&mut store), report.backlog, report.newest), before);
    assert_eq!((store.next_sequence(Class::Pos), store.next_sequence(Class::Visit)), (4, 6));
    assert_eq!(store.backlog().records, 8);
}

#[test]
fn row_ids_are_not_given_out_again_after_the_table_was_empty() {
    let dir = TempDir::new().unwrap();
    let (mut store, _) = open(dir.path());
    let first = put(&mut store, Class::Pos, 1, b"a");
    store.free(&[first]).unwrap();
    drop(store);
    let (mut store, _) = open(dir.path());
    assert_eq!(put(&mut store, Class::Pos, 1, b"b"), RowId(first.0 + 1));
}

#[test]
fn frees_and_inserts_share_one_transaction() {
    let dir = TempDir::new().unwrap();
    let (mut store, _) = open(dir.path());
    let old = put(&mut store, Class::Pos, 2, b"old");
    let new = NewRow { class: Class::Pos, first_sequence: 3, count: 1, payload: b"new".to_vec() };
    store.commit(&[new], &[old, RowId(999)]).unwrap();
    assert_eq!(payloads(&mut store), ["new"]);
    assert_eq!((store.counters().commits, store.counters().freed_rows), (2, 1));
    assert_eq!((store.backlog().rows, store.backlog().records), (1, 1));
}

#[test]
fn a_hole_in_the_numbers_is_refused_whole() {
    let dir = TempDir::new().unwrap();
    let (mut store, _) = open(dir.path());
    let row = |class, first_sequence, count| NewRow {
        class,
        first_sequence,
        count,
        payload: b"x".to_vec(),
    };
    let refused = [
        vec![row(Class::Pos, 2, 1)],
        vec![row(Class::Pos, 1, 2), row(Class::Pos, 4, 1)],
        vec![row(Class::Pos, 1, 2), row(Class::Visit, 1, 1), row(Class::Pos, 2, 1)],
        vec![row(Class::Pos, 1, 0)],
    ];
    for rows in refused {
        let error = store.commit(&rows, &[]).unwrap_err();
        assert!(matches!(error, StoreError::Sequence { class: Class::Pos, .. }), "{error}");
    }
    assert_eq!((all(&mut store).len(), store.next_sequence(Class::Pos)), (0, 1));
}

#[test]
fn reading_stops_at_the_bounds_but_never_before_the_first_row() {
    let dir = TempDir::new().unwrap();
    let (mut store, _) = open(dir.path());
    for _ in 0..5 {
        put(&mut store, Class::Ops, 1, &[7; 100]);
    }
    let lengths = [(2, 10_000, 2), (9, 250, 2), (9, 10, 1), (9, 10_000, 5)];
    for (max_rows, max_bytes, expected) in lengths {
        let rows = store.rows_after(RowId(0), max_rows, max_bytes).unwrap();
        assert_eq!(rows.len(), expected, "{max_rows} rows, {max_bytes} bytes");
    }
    let rest = store.rows_after(RowId(3), 9, 10_000).unwrap();
    assert_eq!(rest.iter().map(|row| row.id.0).collect::<Vec<_>>(), [4, 5]);
}

#[test]
fn a_second_opener_is_turned_away_at_once() {
    let dir = TempDir::new().unwrap();
    let (mut store, _) = open(dir.path());
    let error = Store::open(dir.path(), ROOM, UtcMs(0)).unwrap_err();
    assert!(matches!(error, StoreError::Busy(_)), "{error}");
    put(&mut store, Class::Pos, 1, b"still working");
}

#[test]
fn a_deleted_database_opens_a_new_epoch() {
    let dir = TempDir::new().unwrap();
    let (mut store, _) = open(dir.path());
    let last = put(&mut store, Class::Pos, 7, b"a");
    drop(store);
    fs::remove_file(dir.path().join("outbox.db")).unwrap();

    let (mut store, report) = open(dir.path());
    assert_eq!((report.epoch, report.reason), (2, EpochReason::Recreated));
    assert_eq!(store.next_sequence(Class::Pos), 1);
    assert!(last < put(&mut store, Class::Pos, 1, b"b"));
    assert_eq!(all(&mut store)[0].epoch, 2);
}

#[test]
fn an_old_copy_opens_a_new_epoch_and_keeps_its_rows() {
    let dir = TempDir::new().unwrap();
    let (mut store, _) = open(dir.path());
    put(&mut store, Class::Pos, 1, b"in the copy");
    drop(store);
    let file = dir.path().join("outbox.db");
    let copy = fs::read(&file).unwrap();
    let (mut store, _) = open(dir.path());
    put(&mut store, Class::Pos, 1, b"lost with the disk");
    drop(store);
    fs::write(&file, copy).unwrap();

    let (mut store, report) = open(dir.path());
    assert_eq!((report.epoch, report.reason), (2, EpochReason::Behind));
    put(&mut store, Class::Pos, 1, b"after");
    let rows = all(&mut store);
    let numbers: Vec<_> = rows.iter().map(|row| (row.epoch, row.first_sequence)).collect();
    assert_eq!(numbers, [(1, 1), (2, 1)]);
    assert_eq!(payloads(&mut store), ["in the copy", "after"]);
}

#[test]
fn a_later_schema_and_a_foreign_file_are_left_untouched() {
    let change = |at: usize, value: u8| {
        let dir = TempDir::new().unwrap();
        drop(open(dir.path()));
        let file = dir.path().join("outbox.db");
        let mut bytes = fs::read(&file).unwrap();
        bytes[at] = value;
        fs::write(&file, &bytes).unwrap();
        let error = Store::open(dir.path(), ROOM, UtcMs(0)).unwrap_err();
        assert!(matches!(error, StoreError::Refuse { .. }), "{error}");
        assert_eq!(fs::read(&file).unwrap(), bytes);
        assert!(!dir.path().join("outbox.db-wal").exists());
        error.to_string()
    };
    assert!(change(63, 9).contains("its schema is version 9"));
    assert!(change(68, 0).contains("another program's database"));
}

#[test]
fn a_damaged_row_is_put_aside_and_the_others_still_go_out() {
    let dir = TempDir::new().unwrap();
    let (mut store, _) = open(dir.path());
    for name in ["one", "two", "three"] {
        put(&mut store, Class::Pos, 1, &marked(name));
    }
    drop(store);
    damage(dir.path(), &marked("two"));

    let (mut store, _) = open(dir.path());
    assert_eq!(payloads(&mut store), ["<<one>>", "<<three>>"]);
    assert_eq!((store.counters().damaged_rows, store.backlog().rows), (1, 2));
    assert_eq!(payloads(&mut store), ["<<one>>", "<<three>>"]);
    assert_eq!(store.counters().damaged_rows, 1, "found once");
}

#[test]
fn good_rows_behind_a_page_of_damage_are_found() {
    let dir = TempDir::new().unwrap();
    let (mut store, _) = open(dir.path());
    for name in ["one", "two", "three"] {
        put(&mut store, Class::Pos, 1, &marked(name));
    }
    drop(store);
    damage(dir.path(), &marked("one"));
    damage(dir.path(), &marked("two"));
    let (mut store, _) = open(dir.path());
    let rows = store.rows_after(RowId(0), 2, 1000).unwrap();
    assert_eq!(rows.iter().map(|row| row.id.0).collect::<Vec<_>>(), [3]);
}

fn rows_of(store: &mut Store, class: Class) -> u64 {
    all(store).iter().filter(|row| row.class == class).count() as u64
}

/// Bytes of the database and its log.
fn footprint(dir: &Path) -> u64 {
    let size = |name| fs::metadata(dir.join(name)).map_or(0, |meta| meta.len());
    size("outbox.db") + size("outbox.db-wal")
}

#[test]
fn the_cap_takes_visits_first_and_says_what_is_gone() {
    const CAP: u64 = 4 * 1024 * 1024;
    let dir = TempDir::new().unwrap();
    let (mut store, _) = Store::open(dir.path(), CAP, UtcMs(0)).unwrap();
    for _ in 0..100 {
        put(&mut store, Class::Pos, 2, &[1; 10_000]);
        put(&mut store, Class::Visit, 3, &[2; 10_000]);
    }
    for _ in 0..150 {
        put(&mut store, Class::Pos, 2, &[1; 10_000]);
    }
    assert!(footprint(dir.path()) <= CAP + 64 * 1024, "{}", footprint(dir.path()));
    assert_eq!(rows_of(&mut store, Class::Pos), 250, "no receipt is gone");
    let left = rows_of(&mut store, Class::Visit);
    let gone = 100 - left;
    assert!(gone > 0);
    let gaps = store.gaps().unwrap();
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert_eq!((gaps[0].class, gaps[0].first_sequence), (Class::Visit, 1));
    assert_eq!((gaps[0].count, gaps[0].bytes), (gone * 3, gone * 10_000));
    assert_eq!(store.counters().evicted_rows, gone);
    drop(store);

    let (mut store, report) = Store::open(dir.path(), CAP, UtcMs(0)).unwrap();
    assert_eq!((store.gaps().unwrap(), report.backlog.rows), (gaps, 250 + left));
    for _ in 0..400 {
        put(&mut store, Class::Pos, 1, &[1; 10_000]);
    }
    assert_eq!(rows_of(&mut store, Class::Visit), 0);
    let gap = store.gaps().unwrap().into_iter().find(|gap| gap.class == Class::Pos).unwrap();
    let first_left = all(&mut store)[0].first_sequence;
    assert_eq!(gap.first_sequence + gap.count, first_left, "the oldest go first");
}

#[test]
fn an_emptied_store_gives_the_disk_back() {
    let dir = TempDir::new().unwrap();
    let (mut store, _) = open(dir.path());
    let ids: Vec<RowId> = (0..300).map(|_| put(&mut store, Class::Pos, 1, &[9; 40_000])).collect();
    assert!(footprint(dir.path()) > 10_000_000);
    store.free(&ids).unwrap();
    assert_eq!(store.counters().shrunk, 1);
    assert!(footprint(dir.path()) < 100_000, "{}", footprint(dir.path()));
    put(&mut store, Class::Pos, 1, b"goes on");
}

#[test]
fn a_store_that_is_never_quite_empty_gives_the_disk_back_too() {
    let dir = TempDir::new().unwrap();
    let (mut store, _) = open(dir.path());
    let ids: Vec<RowId> = (0..300).map(|_| put(&mut store, Class::Pos, 1, &[9; 40_000])).collect();
    let (class, first_sequence) = (Class::Pos, store.next_sequence(Class::Pos));
    let row = NewRow { class, first_sequence, count: 1, payload: vec![1; 1000] };
    store.commit(std::slice::from_ref(&row), &ids).unwrap();
    assert_eq!((store.counters().shrunk, store.backlog().rows), (1, 1));
    assert!(footprint(dir.path()) < 100_000, "{}", footprint(dir.path()));
    assert_eq!(all(&mut store)[0].payload, row.payload);
}

#[test]
fn a_full_disk_can_still_free_rows() {
    let dir = TempDir::new().unwrap();
    let Some(_disk) = SmallDisk::mount(dir.path(), "6m") else {
        skipped("a_full_disk_can_still_free_rows", "mounting a tmpfs is not permitted here");
        return;
    };
    let (mut store, _) = Store::open(dir.path(), 3 * 1024 * 1024, UtcMs(0)).unwrap();
    assert_eq!(fs::metadata(dir.path().join("ballast")).unwrap().len(), STORE_BALLAST_BYTES);
    // Few enough that the log is still growing.
    let ids: Vec<RowId> = (0..30).map(|_| put(&mut store, Class::Pos, 1, &[3; 20_000])).collect();
    // A neighbour takes all that is left.
    let filled = fs::write(dir.path().join("neighbour"), vec![1; 16 * 1024 * 1024]);
    assert!(filled.is_err());
    store.free(&ids).unwrap();
    assert_eq!((store.backlog().rows, store.counters().disk_full), (0, 1));
    put(&mut store, Class::Pos, 1, &[4; 20_000]);
    assert_eq!(all(&mut store).len(), 1);
}

#[test]
fn on_a_full_disk_new_rows_do_not_take_the_room_that_freeing_needs() {
    let dir = TempDir::new().unwrap();
    let Some(_disk) = SmallDisk::mount(dir.path(), "6m") else {
        skipped("on_a_full_disk_new_rows", "mounting a tmpfs is not permitted here");
        return;
    };
    let (mut store, _) = Store::open(dir.path(), 3 * 1024 * 1024, UtcMs(0)).unwrap();
    let ids: Vec<RowId> = (0..30).map(|_| put(&mut store, Class::Pos, 1, &[3; 20_000])).collect();
    let filled = fs::write(dir.path().join("neighbour"), vec![1; 16 * 1024 * 1024]);
    assert!(filled.is_err());
    // The cloud is away, and tills go on: what comes is taken until there is no more room.
    let mut more = Vec::new();
    let full = loop {
        let first_sequence = store.next_sequence(Class::Pos);
        let row = NewRow { class: Class::Pos, first_sequence, count: 1, payload: vec![4; 3000] };
        match store.commit(&[row], &[]) {
            Ok(ids) => more.extend(ids),
            Err(error) => break error,
        }
        assert!(more.len() < 2000, "the disk is not full");
    };
    assert!(matches!(full, StoreError::Full), "{full}");
    // Now the cloud is back and has them all.
    store.free(&[ids, more].concat()).unwrap();
    assert_eq!(store.backlog().rows, 0);
}

/// A tmpfs of 6 MiB that goes when this is dropped.
#[test]
fn on_a_disk_that_a_neighbour_fills_visits_give_way_and_receipts_are_accepted() {
    let dir = TempDir::new().unwrap();
    let Some(_disk) = SmallDisk::mount(dir.path(), "24m") else {
        skipped("on_a_disk_that_a_neighbour_fills", "mounting a tmpfs is not permitted here");
        return;
    };
    let (mut store, _) = Store::open(dir.path(), 20 << 20, UtcMs(0)).unwrap();
    for _ in 0..150 {
        put(&mut store, Class::Visit, 3, &[2; 20_000]);
    }
    let visits = rows_of(&mut store, Class::Visit);
    // A neighbour leaves a megabyte, and from then on takes whatever becomes free.
    let mut neighbour = fs::File::create(dir.path().join("neighbour")).unwrap();
    let mut take = |bytes: usize| neighbour.write_all(&vec![1; bytes]).is_ok();
    let free = |dir: &Path| {
        let disk = rustix::fs::statvfs(dir).unwrap();
        disk.f_bavail * disk.f_frsize
    };
    take(usize::try_from(free(dir.path())).unwrap() - (1 << 20));
    for _ in 0..100 {
        put(&mut store, Class::Pos, 1, &[1; 20_000]);
        while take(4096) {}
    }
    assert_eq!(rows_of(&mut store, Class::Pos), 100, "all were accepted");
    let left = rows_of(&mut store, Class::Visit);
    assert!(left < visits, "{left}");
    let gaps = store.gaps().unwrap();
    assert_eq!(gaps.iter().map(|gap| gap.count).sum::<u64>(), 3 * (visits - left));
    drop(store);
    let (mut store, report) = Store::open(dir.path(), 20 << 20, UtcMs(0)).unwrap();
    assert_eq!(report.backlog.rows, 100 + left);
    assert_eq!(rows_of(&mut store, Class::Pos), 100);
}

/// A tmpfs that goes when this is dropped.
struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    fn mount(at: &'a Path, size: &str) -> Option<Self> {
        let mount = ["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"];
        let done = Command::new("mount").args(mount).arg(at).output().ok()?;
        done.status.success().then_some(Self(at))
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0).output();
    }
}

/// How many commits [`ten_commits`] makes.
const TRACED: usize = 10;

#[test]
fn ten_commits() {
    let dir = TempDir::new().unwrap();
    let (mut store, _) = open(dir.path());
    for _ in 0..TRACED {
        put(&mut store, Class::Pos, 1, b"one more");
    }
    assert_eq!(store.counters().commits, TRACED as u64);
}

#[test]
fn each_commit_is_synced_and_by_fdatasync() {
    let dir = TempDir::new().unwrap();
    let trace = dir.path().join("trace");
    let traced = Command::new("strace")
        .args(["-f", "-y", "-e", "trace=fsync,fdatasync", "-o"])
        .arg(&trace)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "outbox::ten_commits"])
        .output();
    let Some(output) = traced.ok().filter(|output| output.status.success()) else {
        skipped("each_commit_is_synced_and_by_fdatasync", "strace is missing or not permitted");
        return;
    };
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
    let calls = fs::read_to_string(trace).unwrap();
    let on_log = |call: &str| {
        calls.lines().filter(|line| line.contains(call) && line.contains("outbox.db-wal")).count()
    };
    assert!(on_log("fdatasync(") >= TRACED, "{calls}");
    assert_eq!(on_log(" fsync("), 0, "SQLite was built without HAVE_FDATASYNC: {calls}");
}
