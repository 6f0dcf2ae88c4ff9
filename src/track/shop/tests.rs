//! Who is inside, and when the store opens and closes: by hours, activity or a contact.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tillgate_events::{Crossing, UtcMs};

use super::*;
use crate::config::{Hours, Stretch};

fn wall(text: &str) -> UtcMs {
    UtcMs(format!("2026-{text}:00Z").parse::<Timestamp>().unwrap().as_millisecond())
}

fn crossing(at: UtcMs, count: i32) -> Record {
    let crossing = Crossing {
        sensor_id: "main".into(),
        zone: "ENTRANCE".into(),
        customer_count: count.unsigned_abs(),
        dwell_time: 0,
        occupancy: None,
        window_seconds: 0,
    };
    let body = if count > 0 { Body::CustomerEntered } else { Body::CustomerExited };
    Record { at, source: "main".into(), body: body(crossing) }
}

fn london() -> TimeZone {
    TimeZone::get("Europe/London").unwrap()
}

/// A store that is watched: crossings and its day, as `+19 08:00` and `-19 20:00`.
struct Watched {
    shop: Shop,
    by: Option<OpenedBy>,
    now: Now,
    kept: std::collections::BTreeMap<&'static str, i64>,
    told: Vec<String>,
    inside: Vec<Option<u32>>,
}

impl Watched {
    fn at(start: &str, by: Option<OpenedBy>) -> Self {
        let now = Now { mono: Mono(7_000_000), wall: wall(start) };
        let shop = Shop::new(true, by.clone(), london());
        Self { shop, by, now, kept: Default::default(), told: Vec::new(), inside: Vec::new() }
    }

    /// Runs timers, as the agent does, up to this time of the clock.
    fn until(&mut self, time: &str) {
        let end = wall(time);
        loop {
            let left = u64::try_from(end.0 - self.now.wall.0).unwrap();
            let due = self.shop.deadline().map(|due| due.since(self.now.mono));
            let due = due.filter(|due| *due <= Duration::from_millis(left));
            self.now = self.now.plus(due.unwrap_or(Duration::from_millis(left)));
            let mut out = Vec::new();
            self.shop.tick(self.now, &mut out);
            self.take(out);
            if due.is_none() {
                return;
            }
        }
    }

    fn cross(&mut self, count: i32) {
        let mut out = vec![crossing(self.now.wall, count)];
        self.shop.note(self.now, 0, &mut out);
        self.take(out);
    }

    fn contact(&mut self, open: bool) {
        let mut out = Vec::new();
        self.shop.contact(self.now, "shutter", open, &mut out);
        self.take(out);
    }

    fn set_clock(&mut self, time: &str) {
        let by_ms = wall(time).0 - self.now.wall.0;
        self.now = self.now.clock_set(by_ms);
        self.shop.clock_set(by_ms);
        self.until(time);
    }

    /// The agent is killed and begins again at this time.
    fn killed_until(&mut self, time: &str) {
        let gone = u64::try_from(wall(time).0 - self.now.wall.0).unwrap();
        self.now = self.now.plus(Duration::from_millis(gone));
        self.shop = Shop::new(true, self.by.clone(), london());
        self.shop.restore(self.now, self.kept.iter().map(|(what, value)| (*what, *value)));
        self.until(time);
    }

    fn take(&mut self, records: Vec<Record>) {
        self.kept.extend(self.shop.take_changed());
        for record in records {
            let at = Timestamp::from_millisecond(record.at.0).unwrap().strftime("%d %H:%M");
            match record.body {
                Body::StoreOpened => self.told.push(format!("+{at}")),
                Body::StoreClosed => self.told.push(format!("-{at}")),
                Body::CustomerEntered(it) | Body::CustomerExited(it) => {
                    self.inside.push(it.occupancy);
                }
                other => panic!("{other:?}"),
            }
        }
    }

    fn check(&self, expected: &[&str]) {
        assert_eq!(self.told, expected);
    }
}

/// Open from eight to eight in London, where summer time ends on 25 October 2026.
fn hours() -> Option<OpenedBy> {
    let day = vec![Stretch { opens: 8 * 60, closes: 20 * 60 }];
    let hours = Hours { week: std::array::from_fn(|_| day.clone()), ..Hours::default() };
    Some(OpenedBy::Hours(hours))
}

fn activity() -> Option<OpenedBy> {
    Some(OpenedBy::Activity { idle: Duration::from_secs(3 * 3600) })
}

fn contact() -> Option<OpenedBy> {
    Some(OpenedBy::Contact { door: "shutter".into(), hold: Duration::from_secs(60) })
}

#[test]
fn the_day_follows_the_hours_also_where_clocks_change() {
    let mut store = Watched::at("10-24T05:00", hours());
    store.until("10-26T12:00");
    store.check(&["+24 07:00", "-24 19:00", "+25 08:00", "-25 20:00", "+26 08:00"]);
}

#[test]
fn a_first_start_tells_only_that_the_store_is_open() {
    let mut store = Watched::at("11-10T12:00", hours());
    store.until("11-10T12:01");
    store.check(&["+10 08:00"]);
    let mut store = Watched::at("11-10T22:00", hours());
    store.until("11-11T09:00");
    store.check(&["+11 08:00"]);
}

#[test]
fn what_was_missed_is_told_once_with_its_time() {
    let mut store = Watched::at("11-10T12:00", hours());
    store.until("11-10T13:00");
    store.killed_until("11-10T14:00");
    store.killed_until("11-10T21:00");
    store.check(&["+10 08:00", "-10 20:00"]);
    store.killed_until("11-16T12:00");
    store.check(&["+10 08:00", "-10 20:00", "+16 08:00"]);
    store.killed_until("11-19T12:00");
    store.check(&["+10 08:00", "-10 20:00", "+16 08:00", "-18 20:00", "+19 08:00"]);
}

#[test]
fn a_clock_that_is_set_makes_nothing_happen_twice() {
    let mut store = Watched::at("11-10T12:00", hours());
    store.until("11-10T20:30");
    store.set_clock("11-10T19:30");
    store.until("11-10T23:00");
    store.check(&["+10 08:00", "-10 20:00"]);
    store.set_clock("11-11T09:00");
    store.check(&["+10 08:00", "-10 20:00", "+11 08:00"]);
}

#[test]
fn a_clock_that_was_a_month_ahead_does_not_keep_the_store_closed() {
    let mut store = Watched::at("12-10T12:00", hours());
    store.until("12-10T21:00");
    store.set_clock("11-10T21:00");
    store.until("11-11T12:00");
    store.check(&["+10 08:00", "-10 20:00", "+11 08:00"]);
}

#[test]
fn the_first_and_the_last_thing_that_happens_make_the_day() {
    let mut store = Watched::at("11-10T05:00", activity());
    for time in ["11-10T07:45", "11-10T10:00", "11-10T12:30"] {
        store.until(time);
        store.cross(1);
    }
    store.set_clock("11-09T12:30");
    store.until("11-09T15:29");
    store.check(&["+10 07:45"]);
    store.until("11-09T15:30");
    store.check(&["+10 07:45", "-09 12:30"]);
}

#[test]
fn a_day_by_activity_outlives_the_agent() {
    let mut store = Watched::at("11-10T07:45", activity());
    store.cross(1);
    store.killed_until("11-10T09:00");
    store.until("11-10T10:44");
    store.check(&["+10 07:45"]);
    store.killed_until("11-10T18:00");
    store.check(&["+10 07:45", "-10 07:45"]);
    store.cross(1);
    store.check(&["+10 07:45", "-10 07:45", "+10 18:00"]);
}

#[test]
fn a_shutter_opens_and_closes_the_store_once_it_stays_closed() {
    let mut store = Watched::at("11-10T07:45", contact());
    store.contact(false);
    store.contact(true);
    store.until("11-10T19:00");
    store.contact(false);
    store.until("11-10T19:00");
    store.contact(true);
    store.until("11-10T20:00");
    store.contact(false);
    store.until("11-10T21:00");
    store.contact(false);
    store.check(&["+10 07:45", "-10 20:00"]);
    store.killed_until("11-11T08:00");
    store.contact(true);
    store.check(&["+10 07:45", "-10 20:00", "+11 08:00"]);
}

#[test]
fn who_is_inside_is_never_less_than_nobody_and_nobody_at_night() {
    let mut store = Watched::at("11-10T12:00", hours());
    for count in [3, -1, -4, 2] {
        store.cross(count);
    }
    store.killed_until("11-10T13:00");
    store.cross(1);
    store.until("11-10T20:00");
    store.cross(1);
    store.killed_until("11-10T21:00");
    store.cross(-1);
    assert_eq!(store.inside, [3, 2, 0, 2, 3, 1, 0].map(Some));
    assert_eq!(store.shop.inside(), Some(0));
}

#[test]
fn where_not_all_doors_are_counted_nothing_is_told_of_who_is_inside() {
    let mut shop = Shop::new(false, activity(), london());
    let mut records = vec![crossing(UtcMs(5), 1)];
    shop.note(Now::default(), 0, &mut records);
    let Some(Body::CustomerEntered(crossing)) = records.first().map(|it| &it.body) else {
        panic!()
    };
    assert_eq!((crossing.occupancy, shop.inside(), records.len()), (None, None, 2));
}
