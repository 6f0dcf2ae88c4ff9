//! An outage up to the cap, with the truth beside it and a cloud that counts each number once.

use std::collections::BTreeMap;
use std::fs;

use proptest::prelude::*;
use tempfile::TempDir;
use tillgate_events::{Body, BootId, Crossing, TagWindow, UtcMs};

use crate::store::{GapReason, NewRow, Row, RowId, Store};

use super::*;

/// The log takes up to half of it.
const CAP: u64 = 2 * 1024 * 1024;
const TAGS: i64 = 150;

/// People by (door, minute), and pings.
type Truth = (BTreeMap<(String, i64), u32>, u64);

fn add(truth: &mut Truth, record: &Record) {
    match &record.body {
        Body::CustomerEntered(it) => {
            let key = (it.sensor_id.clone(), record.at.0.div_euclid(60_000));
            *truth.0.entry(key).or_default() += it.customer_count;
        }
        Body::TagWindow(it) => truth.1 += u64::from(it.ping_count),
        _ => {}
    }
}

struct Shop {
    dir: TempDir,
    store: Option<Store>,
    at: i64,
    truth: Truth,
    /// What the cloud has, by epoch and number, and how many bytes of which row.
    cloud: BTreeMap<(u32, u64), Record>,
    sent: BTreeMap<RowId, Row>,
    receipts: u64,
}

impl Shop {
    fn new() -> Self {
        let mut shop = Self {
            dir: TempDir::new().unwrap(),
            store: None,
            at: 1_795_000_000_000,
            truth: Truth::default(),
            cloud: BTreeMap::new(),
            sent: BTreeMap::new(),
            receipts: 0,
        };
        shop.start();
        shop
    }

    fn start(&mut self) {
        self.store = Some(Store::open(self.dir.path(), CAP, UtcMs(0)).unwrap().0);
    }

    fn store(&mut self) -> &mut Store {
        self.store.as_mut().unwrap()
    }

    /// As `kill -9`: nothing is written at the end, and the files are as they are.
    fn dies(&mut self) {
        let copy = TempDir::new().unwrap();
        for file in fs::read_dir(self.dir.path()).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
        }
        self.store = None;
        self.dir = copy;
        self.start();
    }

    /// Five seconds of a shop: people at two doors, and a sixth of the tags end their windows.
    fn five_seconds(&mut self) {
        let mut records = Vec::new();
        for door in ["main", "side"] {
            let crossing = Crossing {
                sensor_id: door.to_owned(),
                zone: "ENTRANCE".to_owned(),
                customer_count: 1 + u32::try_from(self.at / 5000 % 3).unwrap(),
                dwell_time: 0,
                occupancy: None,
                window_seconds: 0,
            };
            let (at, source) = (UtcMs(self.at + 100), door.to_owned());
            records.push(Record { at, source, body: Body::CustomerEntered(crossing) });
        }
        let slot = self.at / 5000 % 6;
        for tag in (0..TAGS).filter(|tag| tag % 6 == slot) {
            let id = (tag + 7).wrapping_mul(0x2545_f491_4f6c_dd1d);
            let window = TagWindow {
                beacon_id: "r1".to_owned(),
                customer_ble_id: format!("{id:016x}{:016x}", id.wrapping_mul(id)),
                zone: "ZONE".to_owned(),
                ping_count: 20 + u32::try_from((tag * self.at / 5000) % 11).unwrap(),
                rssi_sum: -1500 - (tag * self.at / 5000) % 97,
                rssi_min: -90,
                rssi_max: -50,
                first_seen: UtcMs(self.at - 29_000 - tag),
                last_seen: UtcMs(self.at - tag),
                max_gap_ms: 2000,
            };
            let at = window.last_seen;
            records.push(Record { at, source: "r1".to_owned(), body: Body::TagWindow(window) });
        }
        records.iter().for_each(|record| add(&mut self.truth, record));
        let wall = UtcMs(self.at);
        let store = self.store.as_mut().unwrap();
        let first_sequence = store.next_sequence(CLASS);
        let header = Header {
            gateway_id: "gw".to_owned(),
            store_id: 7,
            class: CLASS,
            epoch: store.epoch(),
            first_sequence,
            wall,
            boot_id: BootId::default(),
            mono_us: 0,
            clock: ClockQuality::Synced,
        };
        let count = u32::try_from(records.len()).unwrap();
        let payload = encode(&Batch { header, records }).unwrap();
        let visit = NewRow { class: CLASS, first_sequence, count, payload };
        let first_sequence = store.next_sequence(Class::Pos);
        let payload = vec![1; 40];
        let receipt = NewRow { class: Class::Pos, first_sequence, count: 1, payload };
        self.receipts += 1;
        store.commit(&[visit, receipt], &[]).unwrap();
        self.at += 5000;
    }

    /// The cloud gets at most so many rows; with `keeps` it says so. Rows that it got before come again.
    fn sends(&mut self, most: usize, keeps: bool) {
        let rows = self.store().rows_after(RowId(0), most, usize::MAX).unwrap();
        for row in &rows {
            let known = self.sent.insert(row.id, row.clone());
            assert!(known.is_none_or(|known| known == *row), "row {} changed", row.id.0);
            let batch = if row.class == CLASS { decode(&row.payload).unwrap() } else { continue };
            for (number, record) in (row.first_sequence..).zip(batch.records) {
                self.cloud.entry((row.epoch, number)).or_insert(record);
            }
        }
        if keeps {
            let ids: Vec<RowId> = rows.iter().map(|row| row.id).collect();
            self.store().free(&ids).unwrap();
        }
    }

    fn told(&self) -> Truth {
        let mut told = Truth::default();
        self.cloud.values().for_each(|record| add(&mut told, record));
        told
    }

    /// (thinned, otherwise lost) numbers of visits; each is of no row and of no other gap.
    fn gaps(&mut self) -> (u64, u64) {
        let sql = "SELECT epoch, first, count, reason FROM gap WHERE class = ?1";
        let mut select = self.store.as_ref().unwrap().connection.prepare(sql).unwrap();
        let rows = select.query_map(params![class_number(CLASS)], |row| {
            let reason: String = row.get(3)?;
            let first = row.get::<_, i64>(1)?.unsigned_abs();
            Ok((row.get::<_, u32>(0)?, first, row.get::<_, i64>(2)?.unsigned_abs(), reason))
        });
        let (mut numbers, mut sums) = (std::collections::BTreeSet::new(), (0, 0));
        for (epoch, first, count, reason) in rows.unwrap().map(Result::unwrap) {
            for number in first..first + count {
                assert!(numbers.insert((epoch, number)), "{number} is in two gaps");
                assert!(!self.cloud.contains_key(&(epoch, number)), "{number} came and is a gap");
            }
            if reason == GapReason::Thinned.name() { sums.0 += count } else { sums.1 += count }
        }
        sums
    }

    /// Everything goes out; people are the truth, and each number arrived or is in a gap.
    fn check(&mut self) -> (u64, u64) {
        self.sends(usize::MAX >> 1, true);
        assert_eq!(self.told().0, self.truth.0, "people");
        let given_out = self.store().next_sequence(CLASS) - 1;
        let gaps = self.gaps();
        assert_eq!(self.cloud.len() as u64 + gaps.0 + gaps.1, given_out, "{gaps:?}");
        let receipts = self.sent.values().filter(|row| row.class == Class::Pos).count();
        assert_eq!(receipts as u64, self.receipts, "no receipt is gone");
        gaps
    }
}

#[test]
fn an_outage_up_to_the_cap_makes_visits_fewer_and_nobody_is_lost() {
    let mut shop = Shop::new();
    while shop.store().counters().thinned_records == 0 {
        shop.five_seconds();
    }
    let rows = shop.store().backlog().rows;
    for _ in 0..rows {
        shop.five_seconds();
    }
    assert_eq!(shop.store().counters().evicted_records, 0);
    let (thinned, lost) = shop.check();
    assert_eq!(shop.told().1, shop.truth.1, "pings");
    assert!(thinned > 0 && lost == 0, "{thinned} {lost}");
    assert_eq!(thinned, shop.store().counters().thinned_records);
}

#[test]
fn where_thinning_is_not_enough_tags_go_before_people() {
    let mut shop = Shop::new();
    while shop.store().counters().evicted_records == 0 {
        shop.five_seconds();
    }
    for _ in 0..300 {
        shop.five_seconds();
    }
    assert_eq!(shop.store().counters().evicted_rows, 0, "only out of rows");
    let (thinned, lost) = shop.check();
    assert!(thinned > 0 && lost > 0 && shop.told().1 < shop.truth.1);
    assert_eq!(lost, shop.store().counters().evicted_records);
}

#[test]
fn what_was_sent_before_the_outage_is_never_changed() {
    for dies in [false, true] {
        let mut shop = Shop::new();
        for _ in 0..100 {
            shop.five_seconds();
        }
        // It arrived, and the cloud could not say so any more.
        shop.sends(150, false);
        if dies {
            shop.dies();
        }
        while shop.store().counters().thinned_records == 0 {
            shop.five_seconds();
        }
        // The same rows with the same bytes: `sends` compares them.
        let (thinned, lost) = shop.check();
        assert!(thinned > 0 && lost == 0);
        assert_eq!(shop.told().1, shop.truth.1, "no ping is counted twice");
    }
}

#[test]
fn a_copy_of_which_nobody_knows_what_was_sent_is_not_thinned() {
    let mut shop = Shop::new();
    for _ in 0..100 {
        shop.five_seconds();
    }
    let last = shop.store().newest();
    shop.store = None;
    // As an earlier version left it.
    let file = rusqlite::Connection::open(shop.dir.path().join("outbox.db")).unwrap();
    file.execute_batch("DELETE FROM counter WHERE key >= 12; PRAGMA user_version = 2").unwrap();
    drop(file);
    shop.start();
    assert_eq!(shop.store().sent.limit(), last.0);
    while shop.store().counters().thinned_records == 0 {
        shop.five_seconds();
    }
    let rows = shop.store().rows_after(RowId(0), 200, usize::MAX).unwrap();
    assert_eq!(rows.last().unwrap().id, last);
    assert_eq!(rows.len(), 200, "all of them are there");
    shop.check();
}

#[test]
fn what_was_exported_is_not_thinned() {
    let mut shop = Shop::new();
    for _ in 0..100 {
        shop.five_seconds();
    }
    let last = shop.store().newest();
    shop.store = None;
    let outside = crate::store::Inspection::open(shop.dir.path()).unwrap().unwrap();
    outside.hand_out().unwrap();
    drop(outside);
    shop.start();
    assert_eq!(shop.store().sent.limit(), last.0);
}

/// What happens to the shop.
#[derive(Clone, Copy, Debug)]
enum Event {
    Passes(u16),
    Sends(u8, bool),
    Dies,
    Stops,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        4 => (50..400_u16).prop_map(Event::Passes),
        2 => (1..200_u8, any::<bool>()).prop_map(|(rows, keeps)| Event::Sends(rows, keeps)),
        2 => Just(Event::Dies),
        1 => Just(Event::Stops),
    ];
    prop::collection::vec(event, 2..10)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]
    #[test]
    fn people_are_the_truth_whatever_was_sent_and_whenever_the_agent_dies(events in events()) {
        let mut shop = Shop::new();
        // At the cap from the beginning.
        (0..600).for_each(|_| shop.five_seconds());
        for event in events {
            match event {
                Event::Passes(times) => (0..times).for_each(|_| shop.five_seconds()),
                Event::Sends(rows, keeps) => shop.sends(rows.into(), keeps),
                Event::Dies => shop.dies(),
                Event::Stops => {
                    shop.store = None;
                    shop.start();
                }
            }
        }
        shop.check();
    }
}
