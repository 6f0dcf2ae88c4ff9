//! What is told after thinning, against what happened.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tillgate_events::UtcMs;

use super::*;

fn thinned(records: &[Record]) -> Vec<Record> {
    let mut thinner = Thinner::default();
    records.iter().cloned().for_each(|record| thinner.push(record));
    thinner.finish()
}

fn crossing(at: i64, sensor: &str, count: u32, entered: bool) -> Record {
    let crossing = Crossing {
        sensor_id: sensor.to_owned(),
        zone: "Z".to_owned(),
        customer_count: count,
        dwell_time: 0,
        occupancy: None,
        window_seconds: 0,
    };
    let body =
        if entered { Body::CustomerEntered(crossing) } else { Body::CustomerExited(crossing) };
    Record { at: UtcMs(at), source: sensor.to_owned(), body }
}

/// (at, count, window) of each crossing.
fn crossings_of(records: &[Record]) -> Vec<(i64, u32, u32)> {
    let short = records.iter().filter_map(|record| match &record.body {
        Body::CustomerEntered(it) | Body::CustomerExited(it) => {
            Some((record.at.0, it.customer_count, it.window_seconds))
        }
        _ => None,
    });
    short.collect()
}

#[test]
fn people_of_one_door_direction_and_minute_become_one_count() {
    let records = [
        crossing(60_000, "a", 1, true),
        crossing(61_000, "b", 5, true),
        crossing(62_000, "a", 2, true),
        crossing(63_000, "a", 7, false),
        crossing(119_999, "a", 1, true),
        crossing(120_000, "a", 1, true),
    ];
    let expected = [(61_000, 5, 0), (63_000, 7, 0), (119_999, 4, 60), (120_000, 1, 0)];
    assert_eq!(crossings_of(&thinned(&records)), expected);
    // A later part of the same minute is added to what was thinned before.
    let again = [thinned(&records), vec![crossing(121_000, "a", 3, true)]].concat();
    assert_eq!(crossings_of(&thinned(&again))[3], (121_000, 4, 60));
}

#[test]
fn counts_that_say_more_than_people_are_left_alone() {
    let with = |change: fn(&mut Crossing)| {
        let mut record = crossing(1000, "a", 1, true);
        if let Body::CustomerEntered(crossing) = &mut record.body {
            change(crossing);
        }
        record
    };
    for other in [
        with(|it| it.window_seconds = 300),
        with(|it| it.dwell_time = 5),
        with(|it| it.customer_count = u32::MAX),
        with(|it| it.zone = "Y".to_owned()),
        Record { body: Body::StoreOpened, ..crossing(1000, "a", 1, true) },
    ] {
        let records = [crossing(500, "a", 1, true), other];
        assert_eq!(thinned(&records), records);
    }
}

/// Windows of 30 s of a tag heard at these moments, as a receiver closes them.
fn heard(receiver: &str, zone: &str, pings: &[(i64, i8)]) -> Vec<Record> {
    let mut windows: Vec<TagWindow> = Vec::new();
    for (at, rssi) in pings {
        let at = UtcMs(*at);
        match windows.last_mut().filter(|it| at.0 - it.first_seen.0 < 30_000) {
            Some(open) => {
                open.ping_count += 1;
                open.rssi_sum += i64::from(*rssi);
                open.rssi_min = open.rssi_min.min(*rssi);
                open.rssi_max = open.rssi_max.max(*rssi);
                let gap = u32::try_from(at.0 - open.last_seen.0).unwrap();
                open.max_gap_ms = open.max_gap_ms.max(gap);
                open.last_seen = at;
            }
            None => windows.push(TagWindow {
                beacon_id: receiver.to_owned(),
                customer_ble_id: "T".to_owned(),
                zone: zone.to_owned(),
                ping_count: 1,
                rssi_sum: (*rssi).into(),
                rssi_min: *rssi,
                rssi_max: *rssi,
                first_seen: at,
                last_seen: at,
                max_gap_ms: 0,
            }),
        }
    }
    let record = |window: TagWindow| {
        let (at, source) = (window.last_seen, receiver.to_owned());
        Record { at, source, body: Body::TagWindow(window) }
    };
    windows.into_iter().map(record).collect()
}

/// Stays as (first, last), told apart by more than `timeout` of silence.
fn stays(seen: impl Iterator<Item = (i64, i64)>, timeout: i64) -> Vec<(i64, i64)> {
    let mut stays: Vec<(i64, i64)> = Vec::new();
    for (first, last) in seen {
        match stays.last_mut() {
            Some(stay) if first - stay.1 <= timeout => stay.1 = last,
            _ => stays.push((first, last)),
        }
    }
    stays
}

fn windows_of(records: &[Record]) -> Vec<TagWindow> {
    let of = |record: &Record| match &record.body {
        Body::TagWindow(window) => Some(window.clone()),
        _ => None,
    };
    records.iter().filter_map(of).collect()
}

#[test]
fn windows_of_a_long_stay_become_few_and_end_where_the_tag_left() {
    // An hour at a ping a second, gone for two minutes, another half hour.
    let hour = (0..3600).chain(3720..5520).map(|s| (s * 1000, -60)).collect::<Vec<_>>();
    let records = heard("r", "Z", &hour);
    let few = windows_of(&thinned(&records));
    assert!(records.len() > 170 && few.len() < 12, "{} to {}", records.len(), few.len());
    assert_eq!(few.iter().map(|it| it.ping_count).sum::<u32>(), 5400);
    assert!(few.iter().any(|it| it.last_seen.0 == 3_599_000), "it left here");
    assert!(few.iter().any(|it| it.first_seen.0 == 3_720_000), "and came again");
    assert!(few.iter().all(|it| it.max_gap_ms == 1000), "{few:?}");
}

#[test]
fn windows_of_another_receiver_or_zone_are_not_joined() {
    let pings = [(0, -50), (40_000, -50)];
    let records = [heard("r", "Z", &pings[..1]), heard("s", "Z", &pings[1..])].concat();
    assert_eq!(thinned(&records), records);
    let records = [heard("r", "Z", &pings[..1]), heard("r", "Y", &pings[1..])].concat();
    assert_eq!(thinned(&records), records);
}

#[test]
fn a_clock_that_was_set_back_joins_nothing() {
    let records = [heard("r", "Z", &[(90_000, -50)]), heard("r", "Z", &[(10_000, -50)])].concat();
    assert_eq!(thinned(&records), records);
}

proptest! {
    #[test]
    fn dwell_from_thinned_windows_is_dwell_from_every_ping(
        steps in prop::collection::vec((1_i64..200_000, -100_i8..-20), 1..200),
        more in 0_i64..1_800_000,
        cut in any::<prop::sample::Index>(),
    ) {
        let mut at = 0;
        let pings: Vec<(i64, i8)> = steps.iter().map(|(step, rssi)| {
            at += step;
            (at, *rssi)
        }).collect();
        let records = heard("r", "Z", &pings);
        // In one go, or a part of it before.
        let (head, tail) = records.split_at(cut.index(records.len()));
        for few in [thinned(&records), thinned(&[thinned(head), tail.to_vec()].concat())] {
            let few = windows_of(&few);
            let timeout = i64::try_from(limits::THIN_TAG_GAP.as_millis()).unwrap() + more;
            let told = stays(few.iter().map(|it| (it.first_seen.0, it.last_seen.0)), timeout);
            prop_assert_eq!(told, stays(pings.iter().map(|(at, _)| (*at, *at)), timeout));
            prop_assert_eq!(few.iter().map(|it| it.ping_count as usize).sum::<usize>(), pings.len());
            let sum = pings.iter().map(|(_, rssi)| i64::from(*rssi)).sum::<i64>();
            prop_assert_eq!(few.iter().map(|it| it.rssi_sum).sum::<i64>(), sum);
            let inside = |window: &TagWindow| {
                let span = window.first_seen.0..=window.last_seen.0;
                let mine: Vec<_> = pings.iter().filter(|(at, _)| span.contains(at)).collect();
                let gap = mine.windows(2).map(|pair| pair[1].0 - pair[0].0).max().unwrap_or(0);
                let (min, max) = (mine.iter().map(|it| it.1).min(), mine.iter().map(|it| it.1).max());
                (min, max) == (Some(window.rssi_min), Some(window.rssi_max))
                    && gap == i64::from(window.max_gap_ms)
            };
            prop_assert!(few.iter().all(inside), "{:?}", few);
        }
    }

    #[test]
    fn nobody_is_lost_or_made_by_thinning(
        steps in prop::collection::vec((0_i64..90_000, 0_u8..3, 1_u32..5, any::<bool>()), 0..100),
    ) {
        let mut at = 0;
        let records: Vec<Record> = steps.iter().map(|(step, door, count, entered)| {
            at += step;
            crossing(at, ["a", "b", "c"][usize::from(*door)], *count, *entered)
        }).collect();
        let few = thinned(&records);
        let by_minute = |records: &[Record]| {
            let mut sums: BTreeMap<(String, i64, bool), u32> = BTreeMap::new();
            for record in records {
                let (it, entered) = match &record.body {
                    Body::CustomerEntered(it) => (it, true),
                    Body::CustomerExited(it) => (it, false),
                    _ => unreachable!("only doors"),
                };
                let key = (it.sensor_id.clone(), record.at.0 / 60_000, entered);
                *sums.entry(key).or_default() += it.customer_count;
            }
            sums
        };
        prop_assert_eq!(by_minute(&few).len(), few.len(), "one for each minute");
        prop_assert_eq!(by_minute(&few), by_minute(&records));
    }
}
