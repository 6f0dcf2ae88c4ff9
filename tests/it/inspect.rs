//! The outbox looked at: by the agent that has it open, and by `tillgate outbox` when nobody has.

use tempfile::TempDir;
use tillgate::store::{Inspection, NewRow, RowId, Stamp, Store, StoreError, Tally};
use tillgate::time::Mono;
use tillgate_events::{Batch, BootId, Class, ClockQuality, Header, UtcMs, encode};

const ROOM: u64 = 16 << 20;

/// A batch that was accepted at this second of the first boot.
fn batch(class: Class, first_sequence: u64, second: u64) -> Vec<u8> {
    let header = Header {
        gateway_id: "gw".into(),
        store_id: 7,
        class,
        epoch: 1,
        first_sequence,
        wall: UtcMs(second.cast_signed() * 1000),
        boot_id: BootId([1; 16]),
        mono_us: second * 1_000_000,
        clock: ClockQuality::Synced,
    };
    encode(&Batch { header, records: Vec::new() }).unwrap()
}

fn put(store: &mut Store, class: Class, count: u32, second: u64) -> RowId {
    let first_sequence = store.next_sequence(class);
    let payload = batch(class, first_sequence, second);
    store.commit(&[NewRow { class, first_sequence, count, payload }], &[]).unwrap()[0]
}

fn stamp(second: u64) -> Option<Stamp> {
    let wall = UtcMs(second.cast_signed() * 1000);
    Some(Stamp { wall, mono: Mono(second * 1_000_000), boot_id: BootId([1; 16]) })
}

#[test]
fn what_waits_is_known_by_class_with_the_age_of_the_oldest() {
    let dir = TempDir::new().unwrap();
    let (mut store, _) = Store::open(dir.path(), ROOM, UtcMs(0)).unwrap();
    let first = put(&mut store, Class::Pos, 3, 10);
    put(&mut store, Class::Visit, 5, 20);
    put(&mut store, Class::Pos, 2, 30);
    let check = |store: &Store, class, rows, records, oldest| {
        let found = store.vitals().unwrap().waiting[&class];
        assert_eq!((found.rows, found.records, found.oldest), (rows, records, oldest), "{class:?}");
    };
    check(&store, Class::Pos, 2, 5, stamp(10));
    check(&store, Class::Visit, 1, 5, stamp(20));
    check(&store, Class::Dock, 0, 0, None);
    store.free(&[first]).unwrap();
    check(&store, Class::Pos, 1, 2, stamp(30));
    assert_eq!(store.tally(Class::Pos), Tally { accepted: 5, kept: 3 });
    assert_eq!(store.tally(Class::Dock), Tally::default());
    store.free(&[first]).unwrap();
    assert_eq!(store.tally(Class::Pos).kept, 3, "a row is kept once");
}

#[test]
fn an_outbox_that_is_held_cannot_be_inspected_and_one_that_is_not_tells_the_same() {
    let dir = TempDir::new().unwrap();
    assert!(Inspection::open(dir.path()).unwrap().is_none());
    let (mut store, _) = Store::open(dir.path(), ROOM, UtcMs(0)).unwrap();
    put(&mut store, Class::Pos, 3, 10);
    put(&mut store, Class::Visit, 5, 20);
    let held = Inspection::open(dir.path());
    assert!(matches!(held, Err(StoreError::Busy(_))));
    let told = store.vitals().unwrap();
    drop(store);
    let outbox = Inspection::open(dir.path()).unwrap().unwrap();
    let found = outbox.vitals().unwrap();
    assert_eq!(found.waiting, told.waiting);
    assert_eq!((found.gaps, found.quarantine), (0, 0));
    let busy = Store::open(dir.path(), ROOM, UtcMs(0));
    assert!(matches!(busy, Err(StoreError::Busy(_))), "two would write into each other");
    let mut classes = Vec::new();
    let damaged = outbox.rows(|row| {
        classes.push(row.class);
        Ok::<_, ()>(())
    });
    assert_eq!((damaged.unwrap(), classes), (Ok(0), vec![Class::Pos, Class::Visit]));
    assert_eq!(outbox.rows(|_| Err("enough")).unwrap(), Err("enough"));
}

#[test]
fn what_the_cap_drops_is_told_as_a_loss_of_so_many_records() {
    let dir = TempDir::new().unwrap();
    let (mut store, _) = Store::open(dir.path(), 512 * 1024, UtcMs(0)).unwrap();
    let row = |sequence: u64| NewRow {
        class: Class::Visit,
        first_sequence: sequence,
        count: 1,
        payload: vec![7; 4096],
    };
    for sequence in 1..=200 {
        store.commit(&[row(sequence)], &[]).unwrap();
    }
    let vitals = store.vitals().unwrap();
    let waiting = vitals.waiting[&Class::Visit];
    assert_eq!(vitals.gaps, 1, "neighbours are one");
    assert_eq!(vitals.gap_records, 200 - waiting.records);
    assert_eq!(waiting.oldest, None, "what is no batch has no time");
    assert!(vitals.room(512 * 1024) < 64 * 1024, "{vitals:?}");
    drop(store);
    let outbox = Inspection::open(dir.path()).unwrap().unwrap();
    let gaps = outbox.gaps().unwrap();
    assert_eq!((gaps.len(), gaps[0].count), (1, vitals.gap_records));
}
