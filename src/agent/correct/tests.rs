//! Rows of a machine that booted without knowing the time.

use tempfile::TempDir;
use tillgate_events::{Body, NoSale, Record};

use super::*;
use crate::agent::seal::{Identity, Sealer};
use crate::time::UtcMs;

const BOOT: BootId = BootId([7; 16]);
const OTHER: BootId = BootId([8; 16]);

/// The right time when the machine booted, and what its clock showed then.
const RIGHT: i64 = 1_795_269_600_000;
const WRONG: i64 = 1_000_000;

fn at(second: u64, wall_at_boot: i64) -> Now {
    let wall = UtcMs(wall_at_boot + 1000 * second.cast_signed());
    Now { mono: Mono(1_000_000 * second), wall }
}

/// A store with one row for each (second, boot, quality), by the wrong clock unless it is synced.
fn store(dir: &TempDir, rows: &[(u64, BootId, ClockQuality)]) -> Store {
    let mut store = Store::open(dir.path(), 64 << 20, UtcMs(0)).unwrap().0;
    for (second, boot_id, clock) in rows {
        let wrong = *clock == ClockQuality::Unsynced;
        let now = at(*second, if wrong { WRONG } else { RIGHT });
        let body = Body::NoSale(NoSale { terminal_id: "t".to_owned() });
        let record = Record { at: now.wall, source: "t".to_owned(), body };
        let identity = Identity { gateway_id: "gw".to_owned(), store_id: 7, boot_id: *boot_id };
        let mut sealer = Sealer::new(&identity, store.epoch(), now, *clock);
        sealer.group(Class::Pos, store.next_sequence(Class::Pos), &[record]);
        store.commit(&sealer.finish().rows, &[]).unwrap();
    }
    store
}

/// What the forwarder gets at that second: quality and the record's time since the right boot, in seconds; -1 for a
/// time of the wrong clock.
fn handed(
    corrector: &mut Corrector,
    store: &mut Store,
    second: u64,
    clock: ClockQuality,
) -> Vec<(ClockQuality, i64)> {
    let mut rows = store.rows_after(RowId(0), 99, 1 << 20).unwrap();
    let right = at(second, if clock == ClockQuality::Synced { RIGHT } else { WRONG });
    corrector.hand_out(Class::Pos, &mut rows, (right, clock), store);
    assert_eq!(store.rows_after(RowId(0), 99, 1 << 20).unwrap(), rows, "a resend sends the same");
    let told = rows.iter().map(|row| {
        let batch = decode(&row.payload).unwrap();
        let seconds = (batch.records[0].at.0 - RIGHT).div_euclid(1000);
        (batch.header.clock, seconds.max(-1))
    });
    told.collect()
}

use ClockQuality::{Corrected, Synced, Unsynced};

#[test]
fn what_waited_for_the_clock_gets_its_times_by_boot_and_monotonic_time() {
    let dir = TempDir::new().unwrap();
    let mut store = store(&dir, &[(10, BOOT, Unsynced), (20, OTHER, Unsynced), (30, BOOT, Synced)]);
    let mut corrector = Corrector::new(BOOT, &store);
    let expected = [(Corrected, 10), (Unsynced, -1), (Synced, 30)];
    assert_eq!(handed(&mut corrector, &mut store, 100, Synced), expected);
    assert_eq!(corrector.corrected(), 1);
    // A clock that is set once more changes nothing that was handed out.
    assert_eq!(handed(&mut corrector, &mut store, 200, Synced), expected);
    assert_eq!(corrector.corrected(), 1);
}

#[test]
fn what_may_have_been_sent_stays_as_it_is_also_after_a_crash() {
    let dir = TempDir::new().unwrap();
    let mut first = store(&dir, &[(10, BOOT, Unsynced)]);
    let mut corrector = Corrector::new(BOOT, &first);
    assert_eq!(handed(&mut corrector, &mut first, 20, Unsynced), [(Unsynced, -1)]);
    assert_eq!(handed(&mut corrector, &mut first, 30, Synced), [(Unsynced, -1)]);
    drop(first);
    let mut again = store(&dir, &[(40, BOOT, Unsynced)]);
    let mut corrector = Corrector::new(BOOT, &again);
    let expected = [(Unsynced, -1), (Unsynced, -1)];
    assert_eq!(
        handed(&mut corrector, &mut again, 50, Synced),
        expected,
        "newer ones may have gone too"
    );
}

#[test]
fn what_was_never_asked_for_is_corrected_by_the_next_run_of_the_same_boot() {
    let dir = TempDir::new().unwrap();
    drop(store(&dir, &[(10, BOOT, Unsynced)]));
    let mut again = store(&dir, &[(40, BOOT, Unsynced)]);
    let mut corrector = Corrector::new(BOOT, &again);
    let expected = [(Corrected, 10), (Corrected, 40)];
    assert_eq!(handed(&mut corrector, &mut again, 50, Synced), expected);
}

#[test]
fn a_machine_that_cannot_tell_its_boots_apart_corrects_nothing() {
    let dir = TempDir::new().unwrap();
    let mut store = store(&dir, &[(10, BootId::default(), Unsynced)]);
    let mut corrector = Corrector::new(BootId::default(), &store);
    assert_eq!(handed(&mut corrector, &mut store, 20, Synced), [(Unsynced, -1)]);
}
