//! At the cap, records that others were joined to are dropped in the end: what they held is told as lost, so that what
//! arrived and what was told make up all that was accepted. Each record here counts one: a person or a ping.

mod outside;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use proptest::prelude::*;
use tempfile::TempDir;
use tillgate::ledger::{Head, Kind, Tally};
use tillgate::store::{Gap, GapReason, NewRow, RowId, Store};
use tillgate_events::{
    Batch, Body, BootId, Class, ClockQuality, Crossing, Header, Record, TagWindow, UtcMs, decode,
    encode,
};

/// The log takes up to half of it.
const CAP: u64 = 2 * 1024 * 1024;

/// A record of a person, or of a ping of this tag.
fn record(at: i64, tag: Option<u64>) -> Record {
    let at = UtcMs(at);
    let body = match tag {
        None => Body::CustomerEntered(Crossing {
            sensor_id: "main".to_owned(),
            zone: "ENTRANCE".to_owned(),
            customer_count: 1,
            dwell_time: 0,
            occupancy: None,
            window_seconds: 0,
        }),
        Some(tag) => Body::TagWindow(TagWindow {
            beacon_id: "r1".to_owned(),
            customer_ble_id: format!("{:032x}", u128::from(tag) << 80 | 77),
            zone: "ZONE".to_owned(),
            ping_count: 1,
            rssi_sum: -60,
            rssi_min: -60,
            rssi_max: -60,
            first_seen: at,
            last_seen: at,
            max_gap_ms: 0,
        }),
    };
    Record { at, source: "s".to_owned(), body }
}

fn count(record: &Record) -> u64 {
    match &record.body {
        Body::CustomerEntered(it) => it.customer_count.into(),
        Body::TagWindow(it) => it.ping_count.into(),
        _ => 0,
    }
}

fn batch(class: Class, epoch: u32, first_sequence: u64, records: Vec<Record>) -> Vec<u8> {
    let header = Header {
        gateway_id: "gw".to_owned(),
        store_id: 7,
        class,
        epoch,
        first_sequence,
        wall: UtcMs(0),
        boot_id: BootId::default(),
        mono_us: 0,
        clock: ClockQuality::Synced,
    };
    encode(&Batch { header, records }).unwrap()
}

struct Shop {
    dir: TempDir,
    store: Option<Store>,
    at: i64,
    accepted: u64,
    cloud: Tally,
    /// What each number that arrived counts.
    counts: BTreeMap<(u32, u64), u64>,
    /// Something was sent that the cloud did not confirm.
    unkept: bool,
    /// The mutant: what was told as thinned is never told again. These numbers were.
    once: Option<BTreeSet<u64>>,
}

impl Shop {
    fn new() -> Self {
        let mut shop = Self {
            dir: TempDir::new().unwrap(),
            store: None,
            at: 1_795_000_000_000,
            accepted: 0,
            cloud: Tally::default(),
            counts: BTreeMap::new(),
            unkept: false,
            once: None,
        };
        shop.start();
        // The numbering has begun for the cloud.
        shop.passes(1, 1, 1, 100);
        shop.sends(9, true);
        shop
    }

    fn start(&mut self) {
        self.store = None;
        self.store = Some(Store::open(self.dir.path(), CAP, UtcMs(0)).unwrap().0);
    }

    fn store(&mut self) -> &mut Store {
        self.store.as_mut().unwrap()
    }

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

    /// So many times: people and tags, and a receipt of so many bytes, if any.
    fn passes(&mut self, times: u64, people: u64, tags: u64, receipt: usize) {
        for _ in 0..times {
            let at = self.at;
            // Each is heard three times.
            let heard = (0..tags).map(|tag| record(at, Some(tag + at.unsigned_abs() / 2100 * 64)));
            let records: Vec<Record> = (0..people).map(|_| record(at, None)).chain(heard).collect();
            self.at += 700;
            self.accepted += records.len() as u64;
            let store = self.store();
            let mut rows = Vec::new();
            if !records.is_empty() {
                let (class, first_sequence) = (Class::Visit, store.next_sequence(Class::Visit));
                let count = u32::try_from(records.len()).unwrap();
                let payload = batch(class, store.epoch(), first_sequence, records);
                rows.push(NewRow { class, first_sequence, count, payload });
            }
            let (class, first_sequence) = (Class::Pos, store.next_sequence(Class::Pos));
            if receipt > 0 {
                rows.push(NewRow { class, first_sequence, count: 1, payload: vec![7; receipt] });
            }
            store.commit(&rows, &[]).unwrap();
        }
    }

    fn take(&mut self, kind: Kind, epoch: u32, first: u64, last: u64) {
        let (gateway, class) = ("gw".to_owned(), Class::Visit);
        self.cloud.take(&Head { kind, gateway, class, epoch, first, last, part: None });
    }

    /// Rows arrive; with `keeps` the cloud's word comes back.
    fn sends(&mut self, most: usize, keeps: bool) {
        let rows = self.store().rows_after(RowId(0), most, usize::MAX).unwrap();
        for row in rows.iter().filter(|row| row.class == Class::Visit) {
            let records = decode(&row.payload).unwrap().records;
            for (number, record) in (row.first_sequence..).zip(&records) {
                self.counts.entry((row.epoch, number)).or_insert(count(record));
            }
            let last = row.first_sequence + u64::from(row.count) - 1;
            self.take(Kind::Records, row.epoch, row.first_sequence, last);
        }
        self.unkept |= !keeps;
        if keeps {
            let ids: Vec<RowId> = rows.iter().map(|row| row.id).collect();
            self.store().free(&ids).unwrap();
        }
    }

    /// Gaps are told, and let go of where the watermark has passed them. How many there were.
    fn tells(&mut self) -> usize {
        let gaps = self.store().gaps().unwrap();
        for gap in gaps.iter().filter(|gap| gap.class == Class::Visit) {
            let last = gap.first_sequence + gap.count - 1;
            let thinned = gap.reason == GapReason::Thinned;
            match &mut self.once {
                Some(once) if thinned => once.extend(gap.first_sequence..=last),
                Some(once) => {
                    let news: Vec<u64> =
                        (gap.first_sequence..=last).filter(|it| !once.contains(it)).collect();
                    news.into_iter().for_each(|it| self.take(Kind::Gap, gap.epoch, it, it));
                    continue;
                }
                None => {}
            }
            let kind = if thinned { Kind::Thinned } else { Kind::Gap };
            self.take(kind, gap.epoch, gap.first_sequence, last);
        }
        let marks = self.cloud.watermarks("gw");
        let passed = |gap: &Gap| {
            let mark = marks.get(&gap.class);
            gap.class != Class::Visit
                || mark.is_some_and(|it| {
                    (gap.epoch, gap.first_sequence + gap.count - 1) <= (it.epoch, it.sequence)
                })
        };
        let passed: Vec<Gap> = gaps.iter().filter(|gap| passed(gap)).cloned().collect();
        self.store().settle(&passed).unwrap();
        gaps.len()
    }

    /// Everything goes out: (what arrived counts, thinned, evicted).
    fn ends(&mut self) -> (u64, u64, u64) {
        self.sends(usize::MAX >> 1, true);
        while self.tells() > 0 {}
        let (mut thinned, mut evicted) = (0, 0);
        for stream in self.cloud.gateways().flat_map(|(_, it)| it.values()) {
            assert_eq!(stream.lost().count(), 0);
            (thinned, evicted) = (thinned + stream.thinned(), evicted + stream.evicted());
        }
        (self.counts.values().sum(), thinned, evicted)
    }

    fn check(&mut self) {
        let (counted, thinned, evicted) = self.ends();
        let words = format!(
            "{counted} arrived, {thinned} thinned, {evicted} told as lost of {}",
            self.accepted
        );
        // What arrived although it gave way may be told as lost beside it.
        assert!(counted + evicted >= self.accepted && counted <= self.accepted, "{words}");
        assert!(self.unkept || counted + evicted == self.accepted, "{words}");
        let numbers = self.counts.len() as u64;
        assert_eq!(numbers + thinned + evicted, self.accepted, "{words}: each number once");
    }
}

/// Told as thinned and passed by the watermark; then receipts push out what holds them.
fn told_passed_and_dropped(once: bool) -> Shop {
    let mut shop = Shop::new();
    shop.once = once.then(BTreeSet::new);
    shop.passes(800, 1, 0, 0);
    while shop.store().counters().thinned_records == 0 {
        shop.passes(1, 0, 0, 10_000);
    }
    assert_eq!(shop.store().counters().evicted_records, 0);
    shop.tells();
    let left = shop.store().gaps().unwrap();
    assert!(left.iter().all(|gap| gap.first_sequence > 200), "the first was passed: {left:?}");
    while shop.store().counters().evicted_rows == 0 {
        shop.passes(1, 0, 0, 10_000);
    }
    shop
}

#[test]
fn what_was_told_as_thinned_and_passed_is_told_again_when_it_is_dropped() {
    let mut shop = told_passed_and_dropped(false);
    shop.check();
    assert_eq!(shop.ends(), (2, 0, 800));
}

#[test]
fn a_gateway_that_never_told_it_again_would_be_found() {
    let mut shop = told_passed_and_dropped(true);
    let (counted, thinned, evicted) = shop.ends();
    assert!(counted + evicted < shop.accepted && thinned > 300, "{counted} {thinned} {evicted}");
}

#[test]
fn tags_that_are_taken_out_of_joined_rows_are_lost_with_all_that_they_held() {
    let mut shop = Shop::new();
    while shop.store().counters().evicted_records == 0 {
        shop.passes(10, 1, 40, 10);
    }
    assert_eq!(shop.store().counters().evicted_rows, 0, "only out of rows");
    shop.check();
    let (counted, thinned, evicted) = shop.ends();
    assert!(thinned > 0 && evicted > 0 && counted < shop.accepted, "{counted} {thinned} {evicted}");
}

/// What happens to the shop.
#[derive(Clone, Copy, Debug)]
enum Event {
    Passes(u8, u8, u8, u16),
    Tells,
    Sends(u8, bool),
    Dies,
    Stops,
}

fn events(forgetful: bool) -> impl Strategy<Value = Vec<Event>> {
    let passes = (
        10..80_u8,
        0..5_u8,
        prop_oneof![Just(0), 0..40_u8],
        prop_oneof![Just(10_u16), 4000..30_000_u16],
    );
    let event = prop_oneof![
        8 => passes.prop_map(|(times, people, tags, receipt)| Event::Passes(times, people, tags, receipt)),
        3 => Just(Event::Tells),
        1 => (1..60_u8, any::<bool>()).prop_map(move |(rows, keeps)| Event::Sends(rows, keeps || !forgetful)),
        1 => Just(Event::Dies),
        1 => Just(Event::Stops),
    ];
    prop::collection::vec(event, 4..16)
}

fn plays(events: &[Event]) {
    let mut shop = Shop::new();
    shop.passes(70, 3, 0, 12_000);
    for event in events {
        match *event {
            Event::Passes(times, people, tags, receipt) => {
                shop.passes(times.into(), people.into(), tags.into(), receipt.into());
            }
            Event::Tells => drop(shop.tells()),
            Event::Sends(rows, keeps) => shop.sends(rows.into(), keeps),
            Event::Dies => shop.dies(),
            Event::Stops => shop.start(),
        }
    }
    shop.check();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    #[test]
    fn what_arrived_and_what_was_told_as_lost_is_all_that_was_accepted(events in events(false)) {
        plays(&events);
    }

    #[test]
    fn nothing_is_hidden_where_the_clouds_word_gets_lost(events in events(true)) {
        plays(&events);
    }
}
