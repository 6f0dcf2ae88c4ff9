//! A watermark frees what a broker took, and nothing else: what none took moves to the epoch that begins.

use super::*;
use crate::limits::CLOUD_EPOCH_MAX;

/// The files as a crash leaves them, opened.
fn crashed(dir: &Path) -> (TempDir, Store) {
    let copy = TempDir::new().unwrap();
    for name in ["outbox.db", "outbox.db-wal", "outbox.mark"] {
        std::fs::copy(dir.join(name), copy.path().join(name)).unwrap();
    }
    let store = open(copy.path());
    (copy, store)
}

/// Four rows of one receipt each, all handed out.
fn four(dir: &Path) -> Store {
    let mut store = open(dir);
    accept(&mut store, "x", &[(Pos, 1), (Pos, 1), (Pos, 1), (Pos, 1)]);
    handed(&mut store);
    store
}

fn numbers(store: &mut Store) -> Vec<(u32, u64)> {
    handed(store).iter().map(|row| (row.2, row.3)).collect()
}

/// With so many of them delivered, the cloud names a number that was never given out: after a stop and after a crash.
fn check(delivered: u64, expected: &[(u32, u64)]) {
    let dir = TempDir::new().unwrap();
    let mut store = four(dir.path());
    store.delivered(&marks(&[(Pos, 1, delivered)]));
    store.commit(&[], &[]).unwrap();
    let (_copy, mut after_crash) = crashed(dir.path());
    drop(store);
    for store in [&mut open(dir.path()), &mut after_crash] {
        assert!(store.compare(&marks(&[(Pos, 1, 5000)])).unwrap().begins, "{delivered}");
        finish(store);
        assert_eq!(numbers(store), expected, "{delivered}");
    }
}

#[test]
fn what_no_broker_took_moves_though_it_was_handed_out_before_the_start() {
    check(0, &[(2, 1), (2, 2), (2, 3), (2, 4)]);
    check(3, &[(1, 1), (1, 2), (1, 3), (2, 1)]);
    check(4, &[(1, 1), (1, 2), (1, 3), (1, 4)]);
    // Nobody can have more than was given out.
    check(99, &[(1, 1), (1, 2), (1, 3), (1, 4)]);
}

#[test]
fn what_was_delivered_and_not_yet_written_down_counts_as_not_delivered() {
    let dir = TempDir::new().unwrap();
    let mut store = four(dir.path());
    store.delivered(&marks(&[(Pos, 1, 4)]));
    let (_copy, mut again) = crashed(dir.path());
    assert!(again.compare(&marks(&[(Pos, 1, 5)])).unwrap().begins);
    finish(&mut again);
    assert_eq!(numbers(&mut again), [(2, 1), (2, 2), (2, 3), (2, 4)]);
    // Of another epoch it says nothing.
    again.delivered(&marks(&[(Pos, 1, 9)]));
    assert_eq!(again.delivered, Delivered::none(2));
}

#[test]
fn a_cloud_that_contradicts_while_rows_go_gets_them_under_numbers_that_it_does_not_know() {
    let dir = TempDir::new().unwrap();
    let mut store = four(dir.path());
    store.free(&[RowId(1)]).unwrap();
    let found = store.contradicted(&marks(&[(Pos, 1, 15)])).unwrap();
    assert_eq!((found.begins, found.epoch, found.next[&Pos]), (true, 2, 4));
    finish(&mut store);
    assert_eq!(numbers(&mut store), [(2, 1), (2, 2), (2, 3)], "none is left free before the first");
    assert_eq!(open_from(&store, Pos), [(1, 16)]);
    drop(store);
    assert_eq!(numbers(&mut open(dir.path())), [(2, 1), (2, 2), (2, 3)]);
}

#[test]
fn a_watermark_that_no_gateway_can_have_reached_begins_no_epoch_while_rows_go_either() {
    let dir = TempDir::new().unwrap();
    let mut store = four(dir.path());
    for nonsense in [(Pos, CLOUD_EPOCH_MAX, 9), (Pos, 1, u64::MAX), (Pos, u32::MAX, 0)] {
        assert!(!store.contradicted(&marks(&[nonsense])).unwrap().begins, "{nonsense:?}");
    }
    assert_eq!(store.epoch(), 1);
}

/// Where brokers can have had rows up to a number, whether a start believes that the cloud has rows up to another.
fn starts(taken: Option<(u32, u64)>, mark: u64, believes: bool) {
    let dir = TempDir::new().unwrap();
    let mut store = four(dir.path());
    if let Some((epoch, sequence)) = taken {
        store.ended(&marks(&[(Pos, epoch, sequence)]));
    }
    drop(store);
    let mut store = open(dir.path());
    assert_eq!(store.compare(&marks(&[(Pos, 1, mark)])).unwrap().begins, !believes, "{taken:?}");
}

#[test]
fn a_start_believes_what_a_broker_may_have_taken_and_no_more() {
    starts(None, 4, true);
    starts(None, 5, false);
    starts(Some((1, 4)), 4, true);
    starts(Some((1, 2)), 2, true);
    starts(Some((1, 2)), 3, false);
    starts(Some((0, 9)), 1, false);
}

#[test]
fn once_a_loss_was_told_a_crash_leaves_its_numbers_believed() {
    let dir = TempDir::new().unwrap();
    let mut store = four(dir.path());
    let transaction = store.connection.transaction().unwrap();
    let lost = Lost { class: Pos, epoch: 1, first: 4, count: 1, bytes: 9 };
    record(&transaction, lost, GapReason::Cap).unwrap();
    transaction.commit().unwrap();
    store.ended(&marks(&[(Pos, 1, 3)]));
    drop(store);
    let mut store = open(dir.path());
    assert_eq!(store.untaken()[&Pos], 4);
    assert_eq!(store.hand_out_gaps().unwrap().len(), 1);
    let (_copy, mut again) = crashed(dir.path());
    assert!(!again.compare(&marks(&[(Pos, 1, 4)])).unwrap().begins);
}
