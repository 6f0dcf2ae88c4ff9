//! A folder that is put back, wiped or cut, and a cloud that knows better.

mod undelivered;

use std::path::Path;

use tempfile::TempDir;
use tillgate_events::{
    Batch, Body, BootId, ClockQuality, Header, NoSale, Record, UtcMs, Watermark,
};

use super::*;
use crate::store::{Gap, NewRow, Numbering};

fn open(dir: &Path) -> Store {
    Store::open(dir, 64 << 20, UtcMs(0)).unwrap().0
}

/// Accepts a row of each of these classes with so many records, all of which name `text`.
fn accept(store: &mut Store, text: &str, rows: &[(Class, u32)]) {
    for (class, count) in rows {
        let first_sequence = store.next_sequence(*class);
        let header = Header {
            gateway_id: "gw".to_owned(),
            store_id: 7,
            class: *class,
            epoch: store.epoch(),
            first_sequence,
            wall: UtcMs(1),
            boot_id: BootId::default(),
            mono_us: 5,
            clock: ClockQuality::Synced,
        };
        let body = Body::NoSale(NoSale { terminal_id: text.to_owned() });
        let record = Record { at: UtcMs(1), source: "t".to_owned(), body };
        let records = vec![record; *count as usize];
        let payload = encode(&Batch { header, records }).unwrap();
        let row = NewRow { class: *class, first_sequence, count: *count, payload };
        store.commit(&[row], &[]).unwrap();
    }
}

fn marks(of: &[(Class, u32, u64)]) -> Watermarks {
    of.iter()
        .map(|(class, epoch, sequence)| (*class, Watermark { epoch: *epoch, sequence: *sequence }))
        .collect()
}

fn finish(store: &mut Store) {
    for _ in 0..1000 {
        if !store.is_renumbering() {
            return;
        }
        assert!(store.rows_after(RowId(0), 9, 1 << 20).unwrap().is_empty(), "nothing goes out yet");
        store.renumber_step().unwrap();
    }
    panic!("it does not end");
}

/// Each row that is handed out: its text, class, epoch and first number; its payload says the same.
fn handed(store: &mut Store) -> Vec<(String, Class, u32, u64)> {
    let rows = store.rows_after(RowId(0), 9999, 1 << 24).unwrap();
    rows.into_iter()
        .map(|row| {
            let Batch { header, records } = decode(&row.payload).unwrap();
            assert_eq!((header.epoch, header.first_sequence), (row.epoch, row.first_sequence));
            let Body::NoSale(NoSale { terminal_id }) = &records[0].body else { panic!() };
            (terminal_id.clone(), row.class, row.epoch, row.first_sequence)
        })
        .collect()
}

/// Class, epoch, first and last number, and why; none of no known end.
fn told(store: &Store) -> Vec<(Class, u32, u64, u64, GapReason)> {
    let last = |gap: &Gap| gap.first_sequence + gap.count - 1;
    let gaps = store.gaps().unwrap();
    let known = gaps.iter().filter(|gap| last(gap) < Loss::OPEN_END);
    known.map(|it| (it.class, it.epoch, it.first_sequence, last(it), it.reason)).collect()
}

/// Where what has no known end begins.
fn open_from(store: &Store, class: Class) -> Vec<(u32, u64)> {
    let gaps = store.gaps().unwrap();
    let open = |gap: &&Gap| gap.class == class && gap.reason == GapReason::Reserved;
    gaps.iter().filter(open).map(|gap| (gap.epoch, gap.first_sequence)).collect()
}

use Class::{Ops, Pos};

#[test]
fn what_came_after_the_folder_was_put_back_moves_to_an_epoch_of_its_own() {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path());
    accept(&mut store, "before", &[(Pos, 2), (Ops, 1), (Pos, 3)]);
    handed(&mut store);
    store.delivered(&marks(&[(Pos, 1, 5), (Ops, 1, 1)]));
    drop(store);
    // Put back: what was given out since is not there.
    let mut store = open(dir.path());
    accept(&mut store, "after", &[(Pos, 2), (Pos, 1), (Ops, 4)]);
    let found = store.compare(&marks(&[(Pos, 1, 9), (Ops, 1, 1)])).unwrap();
    let next = store.next_sequences();
    assert_eq!(found, Numbering { epoch: 2, next, begins: true });
    accept(&mut store, "later", &[(Pos, 1)]);
    finish(&mut store);
    let row = |text: &str, class, epoch, first| (text.to_owned(), class, epoch, first);
    let expected = [
        row("before", Pos, 1, 1),
        row("before", Ops, 1, 1),
        row("before", Pos, 1, 3),
        row("after", Pos, 2, 1),
        row("after", Pos, 2, 3),
        row("after", Ops, 2, 1),
        row("later", Pos, 2, 4),
    ];
    assert_eq!(handed(&mut store), expected);
    assert_eq!(open_from(&store, Pos), [(1, 10)], "up to 9 the cloud has all");
    assert_eq!(open_from(&store, Ops), [(1, 2)]);
    // It is over: the cloud's next word changes nothing, nor does the next start.
    assert!(!store.compare(&marks(&[(Pos, 7, 9)])).unwrap().begins);
    drop(store);
    let mut store = open(dir.path());
    assert!(!store.compare(&marks(&[(Pos, 2, 3), (Ops, 1, Loss::OPEN_END)])).unwrap().begins);
    assert_eq!(handed(&mut store), expected);
}

#[test]
fn a_wiped_folder_begins_after_all_that_the_cloud_knows() {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path());
    accept(&mut store, "new", &[(Pos, 1)]);
    let found = store.compare(&marks(&[(Pos, 3, 90), (Ops, 1, 5)])).unwrap();
    assert_eq!((found.epoch, found.next[&Pos], found.next[&Ops]), (4, 2, 1));
    finish(&mut store);
    assert_eq!(handed(&mut store), [("new".to_owned(), Pos, 4, 1)]);
    assert_eq!(open_from(&store, Pos), [(1, 1), (2, 1), (3, 91)]);
    assert_eq!(open_from(&store, Ops), [(1, 6), (2, 1), (3, 1)]);
}

/// With three records accepted and handed out before, and two of this start that were not.
fn check(of: &[(Class, u32, u64)], expected: Option<u32>) {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path());
    accept(&mut store, "before", &[(Pos, 3)]);
    handed(&mut store);
    store.delivered(&marks(&[(Pos, 1, 3)]));
    drop(store);
    let mut store = open(dir.path());
    accept(&mut store, "after", &[(Pos, 2)]);
    let found = store.compare(&marks(of)).unwrap();
    assert_eq!(found.begins.then_some(found.epoch), expected, "{of:?}");
    assert_eq!(store.is_renumbering(), expected.is_some());
}

#[test]
fn only_what_was_never_handed_out_contradicts_and_nonsense_does_not() {
    use crate::limits::CLOUD_EPOCH_MAX;
    check(&[], None);
    check(&[(Pos, 1, 3)], None);
    check(&[(Pos, 0, 90)], None);
    check(&[(Pos, 1, 4)], Some(2));
    check(&[(Pos, 1, 3), (Ops, 1, 1)], Some(2));
    check(&[(Pos, 2, 0)], Some(3));
    check(&[(Pos, 1, Loss::OPEN_END)], Some(2));
    check(&[(Pos, 1, Loss::OPEN_END + 1)], None);
    check(&[(Pos, 1, u64::MAX)], None);
    check(&[(Pos, CLOUD_EPOCH_MAX - 1, 1)], Some(CLOUD_EPOCH_MAX));
    check(&[(Pos, CLOUD_EPOCH_MAX, Loss::OPEN_END)], None);
    check(&[(Pos, CLOUD_EPOCH_MAX + 1, 1)], None);
    check(&[(Pos, u32::MAX, 1)], None);
}

#[test]
fn a_doubt_goes_on_over_starts_until_a_row_is_delivered() {
    for handed_out in [false, true] {
        let dir = TempDir::new().unwrap();
        let mut store = open(dir.path());
        accept(&mut store, "first", &[(Pos, 2)]);
        if handed_out {
            handed(&mut store);
            store.delivered(&marks(&[(Pos, 1, 2)]));
            store.commit(&[], &[]).unwrap();
        }
        // As a crash leaves it.
        let copy = TempDir::new().unwrap();
        for name in ["outbox.db", "outbox.db-wal", "outbox.mark"] {
            std::fs::copy(dir.path().join(name), copy.path().join(name)).unwrap();
        }
        let mut again = open(copy.path());
        accept(&mut again, "second", &[(Pos, 1)]);
        assert!(again.compare(&marks(&[(Pos, 1, 3)])).unwrap().begins);
        finish(&mut again);
        let epochs: Vec<_> = handed(&mut again).iter().map(|row| (row.2, row.3)).collect();
        assert_eq!(epochs, if handed_out { [(1, 1), (2, 1)] } else { [(2, 1), (2, 3)] });
    }
}

#[test]
fn a_crash_in_the_middle_goes_on_at_the_next_start() {
    let all = 5 * RENUMBER_ROWS;
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path());
    for _ in 0..all {
        accept(&mut store, "x", &[(Pos, 2)]);
    }
    assert!(store.compare(&marks(&[(Pos, 1, 1)])).unwrap().begins);
    for step in 0..4 {
        let copy = TempDir::new().unwrap();
        for name in ["outbox.db", "outbox.db-wal", "outbox.mark"] {
            std::fs::copy(dir.path().join(name), copy.path().join(name)).unwrap();
        }
        let mut again = open(copy.path());
        assert!(again.is_renumbering(), "after {step} steps");
        accept(&mut again, "y", &[(Pos, 1)]);
        finish(&mut again);
        let rows = handed(&mut again);
        let numbers: Vec<u64> = rows.iter().map(|row| row.3).collect();
        let expected: Vec<u64> = (0..=all as u64).map(|nth| 2 * nth + 1).collect();
        assert_eq!(numbers, expected);
        assert!(rows.iter().all(|row| row.2 == 2));
        assert_eq!(again.backlog().bytes, bytes(&again), "after {step} steps");
        store.renumber_step().unwrap();
    }
}

fn bytes(store: &Store) -> u64 {
    let rows = store.look_after(RowId(0), 99_999, 1 << 24).unwrap();
    rows.iter().map(|row| row.payload.len() as u64).sum()
}

#[test]
fn gaps_among_the_numbers_move_with_them() {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path());
    accept(&mut store, "before", &[(Pos, 4)]);
    handed(&mut store);
    store.delivered(&marks(&[(Pos, 1, 4)]));
    drop(store);
    let mut store = open(dir.path());
    accept(&mut store, "gone", &[(Pos, 3), (Ops, 1)]);
    accept(&mut store, "here", &[(Pos, 1)]);
    for (first, count) in [(4, 1), (5, 2), (7, 1)] {
        let transaction = store.connection.transaction().unwrap();
        let lost = Lost { class: Pos, epoch: 1, first, count, bytes: 9 };
        record(&transaction, lost, GapReason::Cap).unwrap();
        transaction.commit().unwrap();
    }
    assert!(store.compare(&marks(&[(Pos, 1, 6)])).unwrap().begins);
    finish(&mut store);
    let mut found = told(&store);
    found.sort_by_key(|gap| gap.1);
    assert_eq!(found, [(Pos, 1, 4, 4, GapReason::Cap), (Pos, 2, 1, 3, GapReason::Cap)]);
    assert_eq!(open_from(&store, Pos), [(1, 7)]);
}

#[test]
fn a_database_that_is_lost_after_that_tells_where_its_numbers_end() {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path());
    accept(&mut store, "x", &[(Pos, 2)]);
    assert!(store.compare(&marks(&[(Pos, 1, 8)])).unwrap().begins);
    finish(&mut store);
    drop(store);
    for name in ["outbox.db", "outbox.db-wal"] {
        let _ = std::fs::remove_file(dir.path().join(name));
    }
    let store = open(dir.path());
    assert_eq!(store.epoch(), 3);
    assert_eq!(told(&store), [(Pos, 2, 1, 2, GapReason::Salvage)]);
}

#[test]
fn a_damaged_row_is_put_aside_under_the_number_that_it_would_have_had() {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path());
    accept(&mut store, "x", &[(Pos, 1), (Pos, 2), (Pos, 1)]);
    let sql = "UPDATE outbox SET payload = x'00' WHERE id = 2";
    store.connection.execute(sql, []).unwrap();
    assert!(store.compare(&marks(&[(Pos, 1, 8)])).unwrap().begins);
    finish(&mut store);
    let numbers: Vec<_> = handed(&mut store).iter().map(|row| (row.2, row.3)).collect();
    assert_eq!(numbers, [(2, 1), (2, 4)]);
    assert_eq!(told(&store), [(Pos, 2, 2, 3, GapReason::Damage)]);
}
