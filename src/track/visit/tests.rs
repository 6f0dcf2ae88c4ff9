//! Visits of scripted tags, and that windows say the same of them as every single advertisement.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use tillgate_events::{Body, Record};

use super::*;
use crate::config::{TagClass, TagConfig};
use crate::decode::TagHeard;
use crate::decode::beacon::{AllowList, Format, TagMatch};
use crate::time::Now;
use crate::track::pseudonym::Pseudonyms;
use crate::track::tag::{Enrolled, TagTracker};

const TAG: TagKey = TagKey::IBeacon { uuid: [7; 16], major: 1, minor: 1 };

fn at(second: u64) -> Mono {
    Mono::default().plus(Duration::from_secs(second))
}

/// A store with two receivers, which hear until they are told to be deaf.
struct Store {
    tracker: VisitTracker,
    rules: PresenceConfig,
    deaf: bool,
    now: u64,
    out: Vec<Visited>,
}

impl Store {
    fn new() -> Self {
        let mut field = Field::default();
        field.add("a", "A", 0.0);
        field.add("b", "B", 0.0);
        let tracker = VisitTracker::new(field, ZoneConfig::default());
        Self { tracker, rules: PresenceConfig::default(), deaf: false, now: 0, out: Vec::new() }
    }

    /// Time passes second by second.
    fn until(&mut self, second: u64) {
        while self.now < second {
            self.now += 1;
            if !self.deaf {
                let hearing = Hearing { since: at(0), until: at(self.now) };
                (0..2).for_each(|receiver| self.tracker.hears(receiver, hearing));
            }
            self.tracker.tick(at(self.now), &mut self.out);
        }
    }

    fn hears(&mut self, seconds: impl IntoIterator<Item = u64>, receiver: usize, rssi: i8) {
        for second in seconds {
            self.until(second);
            let whose = (TAG, self.rules);
            self.tracker.heard(at(second), whose, (receiver, rssi), &mut self.out);
        }
    }

    /// What happened, in words with seconds.
    fn told(&mut self) -> Vec<String> {
        let s = |at: Mono| at.0 / 1_000_000;
        let word = |it: Visited| match it.what {
            What::Entered { at, zone, .. } => format!("in {} at {}", zone, s(at)),
            What::Changed { at, from, to, dwell, .. } => {
                format!("{from} to {to} at {} after {}", s(at), dwell.as_secs())
            }
            What::Away { at } => format!("away since {}", s(at)),
            What::Exited { at, zone, dwell, .. } => {
                format!("out of {zone} at {} after {}", s(at), dwell.as_secs())
            }
        };
        self.out.drain(..).map(word).collect()
    }
}

#[test]
fn a_visit_begins_with_the_first_advert_and_ends_with_the_last() {
    let mut store = Store::new();
    store.hears([10], 0, -60);
    assert!(store.told().is_empty(), "one is none");
    store.hears(11..=100, 0, -60);
    assert_eq!(store.told(), ["in 0 at 10"]);
    store.until(159);
    assert!(store.told().is_empty());
    store.until(161);
    assert_eq!(store.told(), ["away since 100"]);
    store.until(701);
    assert_eq!(store.told(), ["out of 0 at 100 after 90"]);
    assert!(store.tracker.deadline().is_none(), "nothing is left of it");
}

#[test]
fn who_is_heard_once_in_a_while_never_came() {
    let mut store = Store::new();
    store.hears([0, 60, 120, 181], 0, -60);
    store.until(1000);
    assert!(store.told().is_empty());
    store.rules.enter_dbm = -70;
    store.hears(2000..2100, 0, -71);
    store.until(3000);
    assert!(store.told().is_empty(), "too far away");
}

#[test]
fn a_break_is_one_visit_and_no_part_of_its_dwell() {
    let mut store = Store::new();
    store.hears((0..=100).chain(400..=500), 0, -60);
    store.until(1200);
    assert_eq!(
        store.told(),
        ["in 0 at 0", "away since 100", "away since 500", "out of 0 at 500 after 200"]
    );
    let mut store = Store::new();
    store.hears((0..=100).chain(700..=800), 0, -60);
    store.until(1500);
    let told = store.told();
    assert_eq!(told[2..4], ["out of 0 at 100 after 100", "in 0 at 700"]);
}

#[test]
fn who_comes_back_elsewhere_went_there_when_it_came_back() {
    let mut store = Store::new();
    store.hears(0..=100, 0, -60);
    store.hears(400..=500, 1, -60);
    store.until(1200);
    let change = "0 to 1 at 400 after 100";
    let end = "out of 1 at 500 after 200";
    assert_eq!(store.told(), ["in 0 at 0", "away since 100", change, "away since 500", end]);
}

#[test]
fn nobody_leaves_because_a_receiver_died() {
    let mut store = Store::new();
    store.hears(0..=100, 0, -60);
    store.deaf = true;
    store.until(1000);
    assert_eq!(store.told(), ["in 0 at 0"]);
    store.hears(1001..=1100, 0, -60);
    store.deaf = false;
    store.until(1800);
    assert_eq!(store.told(), ["away since 1100", "out of 0 at 1100 after 1100"]);
    let mut store = Store::new();
    store.hears(0..=100, 0, -60);
    store.deaf = true;
    store.until(1901);
    assert_eq!(
        store.told(),
        ["in 0 at 0", "away since 100", "out of 0 at 100 after 100"],
        "for half an hour"
    );
}

#[test]
fn all_end_when_they_are_ended() {
    let mut store = Store::new();
    store.hears(0..=100, 0, -60);
    store.tracker.finish(&mut store.out);
    assert_eq!(store.told(), ["in 0 at 0", "out of 0 at 100 after 100"]);
}

#[test]
fn of_too_many_the_one_heard_longest_ago_ends() {
    let mut store = Store::new();
    let key = |number| TagKey::Resolved(number);
    for number in 0..=limits::VISITS as u32 {
        for _ in 0..2 {
            let whose = (key(number), store.rules);
            store.tracker.heard(at(u64::from(number) / 1000), whose, (0, -60), &mut store.out);
        }
    }
    let ended: Vec<TagKey> = store
        .out
        .iter()
        .filter(|it| matches!(it.what, What::Exited { .. }))
        .map(|it| it.key)
        .collect();
    assert_eq!((ended, store.tracker.cut_short()), (vec![key(0)], 1));
    assert_eq!(store.tracker.visitors(), limits::VISITS);
}

#[test]
fn events_bear_the_time_of_what_happened_and_one_visits_id() {
    let mut store = Store::new();
    store.hears(0..=100, 0, -55);
    store.hears(101..=200, 1, -55);
    store.until(900);
    let names = Pseudonyms::new([3; 64]);
    let now = Now { mono: at(900), wall: tillgate_events::UtcMs(1_800_000_900_000) };
    let record = |it: &Visited| record::record(it, "anna", store.tracker.field(), now, &names);
    let records: Vec<Record> = store.out.iter().filter_map(record).collect();
    let [entered, changed, exited] = &records[..] else { panic!("{records:?}") };
    let wall = |record: &Record| (record.at.0 - 1_800_000_000_000) / 1000;
    let (Body::VisitEntered(came), Body::CustomerZoneChanged(change), Body::VisitExited(left)) =
        (&entered.body, &changed.body, &exited.body)
    else {
        panic!("{records:?}")
    };
    assert_eq!((wall(entered), came.dwell_time, came.zone.as_str()), (0, 0, "A"));
    assert_eq!((wall(exited), left.dwell_time, left.zone.as_str()), (200, 200, "B"));
    assert_eq!((change.from_zone.as_str(), change.to_zone.as_str()), ("A", "B"));
    assert_eq!(i64::from(change.dwell_seconds), wall(changed));
    assert_eq!(change.customer_ble_id, names.of("anna"));
    assert!(came.visit_id == left.visit_id && change.visit_id.as_ref() == Some(&came.visit_id));
    assert!(!format!("{records:?}").contains("anna"));
}

/// First and last of stretches without a silence of the exit time, how many pings each has, of what was heard from when
/// to when.
fn stretches(mut heard: Vec<(u64, u64, u64)>) -> Vec<(u64, u64, u64)> {
    heard.sort_unstable();
    let mut found: Vec<(u64, u64, u64)> = Vec::new();
    for (first, last, count) in heard {
        match found.last_mut().filter(|it| first < it.1 + 60_000) {
            Some(it) => *it = (it.0, it.1.max(last), it.2 + count),
            None => found.push((first, last, count)),
        }
    }
    found
}

/// Visits as (came, left, dwell) in milliseconds.
fn visits(stretches: &[(u64, u64, u64)]) -> Vec<(u64, u64, u64)> {
    let mut found: Vec<(u64, u64, u64)> = Vec::new();
    for (first, last, count) in stretches {
        match found.last_mut().filter(|it| *first < it.1 + 600_000) {
            Some(it) => *it = (it.0, *last, it.2 + last - first),
            None if 2 <= *count => found.push((*first, *last, last - first)),
            None => {}
        }
    }
    found
}

/// The windows of all receivers, flushed as the router does, and the visits.
fn run(pings: &[(u64, usize, i8)]) -> (Vec<Record>, Vec<Visited>) {
    let (uuid, format) = ([7; 16], Format::IBeacon);
    let known_by = TagMatch::Beacon { format, uuid, major: Some(1), minor: Some(1) };
    let tags = [TagConfig { id: "t".to_owned(), class: TagClass::Customer, known_by }];
    let list = AllowList::new(tags.iter().map(|tag| &tag.known_by));
    let enrolled = Arc::new(Enrolled::new(list, &tags));
    let window = |name: &str| TagTracker::new(name, "Z", limits::TAG_WINDOW, Arc::clone(&enrolled));
    let mut receivers = [window("a"), window("b")];
    let (mut store, names, mut out) = (Store::new(), Pseudonyms::new([0; 64]), Vec::new());
    for (ms, receiver, rssi) in pings {
        let now = Now::default().plus(Duration::from_millis(*ms));
        let hearing = Hearing { since: at(0), until: now.mono };
        (0..2).for_each(|it| store.tracker.hears(it, hearing));
        let heard = TagHeard { key: TAG, rssi: *rssi, power_at_1m: None };
        receivers[*receiver].heard(now, heard, &names, &mut out);
        let told = store.out.len();
        store.tracker.heard(now.mono, (TAG, store.rules), (*receiver, *rssi), &mut store.out);
        let ends = store.out[told..].iter().any(|it| !matches!(it.what, What::Entered { .. }));
        receivers.iter_mut().filter(|_| ends).for_each(|it| it.flush(TAG, &names, &mut out));
    }
    receivers.iter_mut().for_each(|it| it.finish(&names, &mut out));
    store.tracker.finish(&mut store.out);
    (out, store.out)
}

proptest! {
    #[test]
    fn windows_and_events_tell_the_dwell_of_every_single_ping(
        steps in proptest::collection::vec(
            (prop_oneof![5 => 0u64..8_000, 2 => 8_000u64..70_000, 1 => 70_000u64..900_000], 0usize..2, -90i8..-40),
            1..120,
        ),
    ) {
        let mut ms = 0;
        let pings: Vec<(u64, usize, i8)> = steps.into_iter().map(|(passed, receiver, rssi)| {
            ms += passed;
            (ms, receiver, rssi)
        }).collect();
        let (records, visited) = run(&pings);
        let windows = records.iter().map(|record| match &record.body {
            Body::TagWindow(it) => {
                (it.first_seen.0 as u64, it.last_seen.0 as u64, u64::from(it.ping_count))
            }
            other => panic!("{other:?}"),
        });
        let of_windows = stretches(windows.collect());
        let of_pings = stretches(pings.iter().map(|(ms, ..)| (*ms, *ms, 1)).collect());
        prop_assert_eq!(&of_windows, &of_pings);
        let ms = |at: Mono| at.0 / 1000;
        let told: Vec<_> = visited.iter().filter_map(|it| match it.what {
            What::Exited { at, dwell, .. } => Some((ms(it.began), ms(at), dwell.as_millis() as u64)),
            _ => None,
        }).collect();
        prop_assert_eq!(told, visits(&of_pings));
        // What is spent in zones is what the visit lasts.
        let mut zones: BTreeMap<Mono, (Duration, Mono)> = BTreeMap::new();
        for it in &visited {
            match it.what {
                What::Entered { at, .. } => drop(zones.insert(it.began, (Duration::ZERO, at))),
                What::Changed { at, dwell, .. } => {
                    let sum = zones.get_mut(&it.began).unwrap();
                    prop_assert!(sum.1 <= at);
                    *sum = (sum.0 + dwell, at);
                }
                What::Exited { dwell, .. } => prop_assert!(zones[&it.began].0 <= dwell),
                What::Away { .. } => {}
            }
        }
    }
}
