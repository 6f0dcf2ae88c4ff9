//! Damaged databases: set aside, salvaged, and never a reason not to run.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use tillgate::limits::{STORE_DAMAGED_FILES, STORE_PAGE_BYTES};
use tillgate::store::{
    EpochReason, GapReason, NewRow, OpenReport, Page, RowId, Store, StoreError, read_journal,
};
use tillgate_events::{Class, UtcMs};

/// What happens to the bytes of a closed database.
type Change = fn(&mut Vec<u8>);

const ROOM: u64 = 64 * 1024 * 1024;
/// 2026-11-21T14:05:00.123Z
const NOW: UtcMs = UtcMs(1_795_269_900_123);

fn open(dir: &Path) -> (Store, OpenReport) {
    Store::open(dir, ROOM, NOW).unwrap()
}

fn put(store: &mut Store, class: Class, payload: &[u8]) -> RowId {
    let row = NewRow {
        class,
        first_sequence: store.next_sequence(class),
        count: 2,
        payload: payload.to_vec(),
    };
    store.commit(&[row], &[]).unwrap()[0]
}

/// Rows as (id, epoch, first sequence).
fn rows(store: &mut Store) -> Vec<(i64, u32, u64)> {
    let rows = store.rows_after(RowId(0), 10_000, usize::MAX).unwrap();
    rows.iter().map(|row| (row.id.0, row.epoch, row.first_sequence)).collect()
}

/// A closed database of 60 rows on many pages.
fn stock(dir: &Path) {
    let (mut store, _) = open(dir);
    for number in 0..60_u8 {
        put(&mut store, Class::Pos, &[number; 600]);
    }
}

fn aside(dir: &Path) -> Vec<String> {
    let names = fs::read_dir(dir).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.contains(".damaged-")).collect();
    names.sort();
    names
}

/// Opens after the file was changed: it must run, under a new epoch, with the old bytes kept.
fn check(change: Change, reason: &str) -> (TempDir, Store, OpenReport) {
    let dir = TempDir::new().unwrap();
    stock(dir.path());
    let file = dir.path().join("outbox.db");
    let mut bytes = fs::read(&file).unwrap();
    change(&mut bytes);
    fs::write(&file, &bytes).unwrap();

    let (mut store, report) = open(dir.path());
    assert_eq!((report.epoch, report.reason), (2, EpochReason::Damaged));
    assert_eq!(aside(dir.path()), ["outbox.db.damaged-20261121T140500.123Z"]);
    assert!(fs::read(dir.path().join(&aside(dir.path())[0])).unwrap().starts_with(&bytes));
    let said = report.salvage.clone().unwrap().reason;
    assert!(said.contains(reason), "{said}");
    assert!(put(&mut store, Class::Pos, b"goes on") > RowId(60));
    assert_eq!(store.next_sequence(Class::Pos), 3);
    drop(store);
    let (store, again) = open(dir.path());
    assert_eq!((again.epoch, again.reason, again.salvage), (2, EpochReason::Continued, None));
    (dir, store, report)
}

/// Breaks the chain of pages that hold the payload of this byte.
fn break_payload(bytes: &mut [u8], payload: u8) {
    let mut pages = bytes.chunks_exact_mut(STORE_PAGE_BYTES as usize);
    let page = pages.find(|page| page[4..].iter().all(|byte| *byte == payload)).unwrap();
    page[..4].copy_from_slice(&[0x7f; 4]);
}

#[test]
fn damage_that_only_reading_finds_is_salvaged_at_the_next_opening() {
    let dir = TempDir::new().unwrap();
    let (mut store, _) = open(dir.path());
    for number in 1..=20_u8 {
        put(&mut store, Class::Pos, &[number; 4000]);
    }
    drop(store);
    let file = dir.path().join("outbox.db");
    let mut bytes = fs::read(&file).unwrap();
    break_payload(&mut bytes, 7);
    fs::write(&file, &bytes).unwrap();

    let (mut store, report) = open(dir.path());
    assert_eq!((report.reason, store.is_damaged()), (EpochReason::Continued, false));
    put(&mut store, Class::Pos, b"accepted all the same");
    let read = store.rows_after(RowId(0), 100, usize::MAX);
    assert!(matches!(read, Err(StoreError::Damaged(_))), "{read:?}");
    assert!(store.is_damaged());
    drop(store);

    let (mut store, report) = open(dir.path());
    assert_eq!((report.epoch, report.reason), (2, EpochReason::Damaged));
    assert_eq!(report.salvage.unwrap().rows, 20);
    let ids: Vec<i64> = rows(&mut store).iter().map(|row| row.0).collect();
    assert_eq!(ids, (1..=21).filter(|id| *id != 7).collect::<Vec<i64>>());
    let gaps = store.gaps().unwrap();
    assert_eq!((gaps.len(), gaps[0].first_sequence, gaps[0].count), (1, 13, 2));
    drop(store);
    assert_eq!(open(dir.path()).1.reason, EpochReason::Continued, "once");
}

/// Files of a store of 20 rows, taken while it is open: all rows are in the log.
fn killed() -> Vec<(&'static str, Vec<u8>)> {
    let dir = TempDir::new().unwrap();
    let (mut store, _) = open(dir.path());
    for number in 1..=20_u8 {
        put(&mut store, Class::Pos, &[number; 600]);
    }
    let names = ["outbox.db", "outbox.db-wal", "outbox.mark"];
    names.map(|name| (name, fs::read(dir.path().join(name)).unwrap())).into()
}

/// The numbers that neither a row nor a gap has, of the 40 that were given out, and why the store was opened as it was.
fn missing_after(files: &[(&str, Vec<u8>)]) -> (usize, EpochReason) {
    let dir = TempDir::new().unwrap();
    files.iter().for_each(|(name, bytes)| fs::write(dir.path().join(name), bytes).unwrap());
    let (mut store, report) = open(dir.path());
    let rows = rows(&mut store).into_iter().flat_map(|(_, _, first)| [first, first + 1]);
    let gaps = store.gaps().unwrap();
    let gaps = gaps.iter().flat_map(|it| it.first_sequence..it.first_sequence + it.count);
    let known: std::collections::BTreeSet<u64> = rows.chain(gaps).collect();
    ((1..=40).filter(|number| !known.contains(number)).count(), report.reason)
}

#[test]
fn a_bit_that_changes_in_the_log_takes_no_later_commit_with_it() {
    let files = killed();
    assert_eq!(missing_after(&files), (0, EpochReason::Continued));
    let length = files[1].1.len();
    let frame = 24 + STORE_PAGE_BYTES as usize;
    // The last two commits take a few frames each: what changes there looks like a power cut.
    for at in [3, 17, 26].into_iter().chain((40..length - 16 * frame).step_by(3 * frame + 7)) {
        let mut files = files.clone();
        files[1].1[at] ^= 4;
        assert_eq!(missing_after(&files), (0, EpochReason::Damaged), "byte {at} of {length}");
    }
}

#[test]
fn rows_behind_a_bit_that_changed_in_the_log_are_taken_over() {
    let files = killed();
    let length = files[1].1.len();
    for at in [length / 8, length / 3, length / 2, length * 2 / 3] {
        let dir = TempDir::new().unwrap();
        let mut files = files.clone();
        files[1].1[at] ^= 4;
        files.iter().for_each(|(name, bytes)| fs::write(dir.path().join(name), bytes).unwrap());
        let (mut store, report) = open(dir.path());
        assert_eq!(report.reason, EpochReason::Damaged);
        let rows = rows(&mut store);
        assert!(rows.len() >= 19, "byte {at} of {length}: {} of 20 rows", rows.len());
        assert_eq!(rows.last(), Some(&(20, 1, 39)), "byte {at} of {length}");
        put(&mut store, Class::Pos, b"goes on");
        assert!(store.newest() > RowId(20), "its row has an id of its own");
    }
}

#[test]
fn a_log_that_a_power_cut_left_is_no_damage() {
    let files = killed();
    let length = files[1].1.len();
    let frame = 24 + STORE_PAGE_BYTES as usize;
    for cut in (length - 3 * frame..length).step_by(512) {
        let mut files = files.clone();
        files[1].1.truncate(cut);
        assert!(matches!(missing_after(&files), (..=2, EpochReason::Continued)), "cut at {cut}");
    }
}

#[test]
fn what_is_no_database_is_set_aside_and_the_store_opens() {
    let changes: [(Change, &str, u64); 4] = [
        (|bytes| bytes[0] = b'X', "first bytes", 60),
        (|bytes| bytes.truncate(50), "cut short", 0),
        (|bytes| bytes.fill(0), "first bytes", 0),
        (|bytes| bytes[16..18].fill(0), "damaged", 60),
    ];
    for (change, reason, expected) in changes {
        let (_dir, mut store, report) = check(change, reason);
        assert_eq!(report.salvage.unwrap().rows, expected, "{reason}");
        let rows = rows(&mut store);
        assert_eq!(rows.len() as u64, expected + 1);
        assert!(matches!(rows.last(), Some((61.., 2, 1))), "{rows:?}");
    }
}

#[test]
fn rows_on_both_sides_of_a_damaged_page_are_taken_over_and_the_hole_is_written_down() {
    let (_dir, mut store, report) = check(
        |bytes| {
            let at = bytes.windows(600).position(|it| it == [30; 600]).unwrap();
            let page = at / 1024 * 1024;
            bytes[page..page + 1024].fill(0xff);
        },
        "malformed",
    );
    let rows = rows(&mut store);
    let salvaged = report.salvage.unwrap().rows;
    assert!((50..60).contains(&salvaged), "{salvaged}");
    assert_eq!(rows.len() as u64, salvaged + 1);
    for row in [(1, 1, 1), (60, 1, 119), (61, 2, 1)] {
        assert!(rows.contains(&row), "{row:?}");
    }
    let gaps = store.gaps().unwrap();
    assert!(gaps.iter().all(|gap| gap.epoch == 1 && gap.reason == GapReason::Salvage));
    assert_eq!(gaps.iter().map(|gap| gap.count).sum::<u64>(), 2 * (60 - salvaged));
}

#[test]
fn a_cut_file_gives_what_is_left_of_it_and_the_rest_is_a_gap() {
    let (_dir, mut store, _) = check(|bytes| bytes.truncate(24 * 1024), "damaged");
    let lost: u64 = store.gaps().unwrap().iter().map(|gap| gap.count).sum();
    let old = rows(&mut store).iter().filter(|(_, epoch, _)| *epoch == 1).count() as u64;
    assert!(old > 5 && lost > 5, "{old} rows, {lost} numbers lost");
    assert_eq!(2 * old + lost, 120, "each number is in a row or in a gap");
}

#[test]
fn a_file_that_ends_in_the_middle_of_a_page_is_salvaged() {
    for cut in [1, 123, 500, 1000] {
        let dir = TempDir::new().unwrap();
        let (mut store, _) = open(dir.path());
        put(&mut store, Class::Pos, b"one");
        let long = "x".repeat(3000);
        store.commit_with(&[], &[], &[page("b", &long, false)]).unwrap();
        drop(store);
        let file = fs::OpenOptions::new().write(true).open(dir.path().join("outbox.db")).unwrap();
        file.set_len(file.metadata().unwrap().len() - cut).unwrap();
        let (mut store, report) = open(dir.path());
        assert_eq!(report.reason, EpochReason::Damaged, "{cut} bytes cut off");
        assert_eq!(rows(&mut store), [(1, 1, 1)], "{cut} bytes cut off");
    }
}

fn page(device: &str, text: &str, ends: bool) -> Page {
    Page { device: device.to_owned(), text: text.to_owned(), ends, ..Page::default() }
}

#[test]
fn documents_of_the_journal_are_taken_over_and_the_open_one_goes_on() {
    let dir = TempDir::new().unwrap();
    let (mut store, _) = open(dir.path());
    let long = "x".repeat(3000);
    store.commit_with(&[], &[], &[page("a", "ended ", true), page("b", "open ", false)]).unwrap();
    store.commit_with(&[], &[], &[page("b", &long, false)]).unwrap();
    put(&mut store, Class::Pos, b"one");
    drop(store);
    let file = dir.path().join("outbox.db");
    let mut bytes = fs::read(&file).unwrap();
    bytes[0] = b'X';
    fs::write(&file, bytes).unwrap();

    let (mut store, report) = open(dir.path());
    assert_eq!((report.reason, report.salvage.unwrap().rows), (EpochReason::Damaged, 1));
    let open_ones = store.open_documents().unwrap();
    let found: Vec<_> = open_ones.iter().map(|it| (&*it.device, &*it.text, it.damaged)).collect();
    assert_eq!(found, [("b", &*format!("open {long}"), false)]);
    let paper = open_ones[0].paper;
    store.commit_with(&[], &[], &[Page { paper, ..page("b", " rest", true) }]).unwrap();
    drop(store);
    let all = read_journal(&file, UtcMs(0)).unwrap();
    let texts: Vec<&str> = all.iter().map(|it| it.text.as_str()).collect();
    assert_eq!(texts, ["ended ", &*format!("open {long} rest")]);
}

#[test]
fn a_salvage_that_a_crash_cut_short_is_begun_anew() {
    let dir = TempDir::new().unwrap();
    stock(dir.path());
    let (file, name) = (dir.path().join("outbox.db"), "outbox.db.damaged-20261121T140500.123Z");
    let mut damaged = fs::read(&file).unwrap();
    damaged[0] = b'X';
    fs::write(dir.path().join(name), damaged).unwrap();
    // Half of a new one, which is no database yet.
    fs::write(&file, [0x55; 5000]).unwrap();
    fs::write(dir.path().join("outbox.db.salvaging"), name).unwrap();
    let (mut store, report) = open(dir.path());
    assert_eq!((report.reason, report.salvage.unwrap().rows), (EpochReason::Damaged, 60));
    assert_eq!((rows(&mut store).len(), store.gaps().unwrap().len()), (60, 0));
    drop(store);
    assert_eq!(open(dir.path()).1.reason, EpochReason::Continued, "once");
    assert_eq!(aside(dir.path()), [name, "outbox.db.damaged-20261121T140500.124Z"]);
}

#[test]
fn a_half_made_database_that_another_process_holds_is_not_removed() {
    let dir = TempDir::new().unwrap();
    let (mut store, _) = open(dir.path());
    put(&mut store, Class::Pos, b"one");
    let name = "outbox.db.damaged-20261121T140500.123Z";
    fs::write(dir.path().join(name), b"x").unwrap();
    fs::write(dir.path().join("outbox.db.salvaging"), name).unwrap();
    let second = Store::open(dir.path(), ROOM, NOW);
    assert!(matches!(second, Err(StoreError::Busy(_))), "{second:?}");
    put(&mut store, Class::Pos, b"two");
    drop(store);
    assert!(fs::metadata(dir.path().join("outbox.db")).unwrap().len() > 0);
}

#[test]
fn a_database_of_the_next_version_is_refused_and_no_byte_of_it_changes() {
    let dir = TempDir::new().unwrap();
    stock(dir.path());
    let file = dir.path().join("outbox.db");
    let mut bytes = fs::read(&file).unwrap();
    bytes[63] += 1;
    fs::write(&file, &bytes).unwrap();
    // With a log beside it, as after a crash.
    fs::write(dir.path().join("outbox.db-wal"), b"the log").unwrap();
    let all = || {
        let names = fs::read_dir(dir.path()).unwrap().map(|it| it.unwrap().path());
        let mut all: Vec<_> = names.map(|path| (fs::read(&path).unwrap(), path)).collect();
        all.sort_by(|a, b| a.1.cmp(&b.1));
        all
    };
    let before = all();
    let refused = Store::open(dir.path(), ROOM, NOW).unwrap_err();
    assert!(matches!(refused, StoreError::Refuse { .. }), "{refused}");
    assert!(all() == before, "nothing is touched");
}

#[test]
fn without_a_mark_the_epoch_still_grows() {
    let dir = TempDir::new().unwrap();
    stock(dir.path());
    fs::write(dir.path().join("outbox.db"), b"nonsense").unwrap();
    fs::remove_file(dir.path().join("outbox.mark")).unwrap();
    assert_eq!(open(dir.path()).1.epoch, 2);
}

#[test]
fn only_a_few_damaged_files_are_kept_and_the_newest_of_them() {
    let dir = TempDir::new().unwrap();
    for round in 0..5 {
        fs::write(dir.path().join("outbox.db"), b"nonsense").unwrap();
        fs::write(dir.path().join("outbox.db-wal"), b"more of it").unwrap();
        let (_, report) = Store::open(dir.path(), ROOM, UtcMs(NOW.0 + round)).unwrap();
        assert_eq!(report.reason, EpochReason::Damaged);
    }
    let kept: Vec<String> = aside(dir.path());
    assert_eq!(kept.iter().filter(|name| !name.ends_with("-wal")).count(), STORE_DAMAGED_FILES);
    assert!(kept.iter().all(|name| name.contains("126Z") || name.contains("127Z")), "{kept:?}");
}
