//! Doors, and tags that walk from receiver to receiver.

use std::ops::Range;

use fastrand::Rng;
use tillgate_events::{Body, Crossing, Record, TagWindow, UtcMs};

use crate::shop::Shop;

/// How long a window lasts, in milliseconds.
const WINDOW_MS: i64 = 30_000;

/// One person through a door.
pub fn crossing(shop: &Shop, at: UtcMs, rng: &mut Rng) -> Option<Record> {
    let (sensor, zone) = *rng.choice(shop.doors)?;
    let crossing = Crossing {
        sensor_id: sensor.to_owned(),
        zone: zone.to_owned(),
        customer_count: 1,
        dwell_time: 0,
        occupancy: None,
        window_seconds: 0,
    };
    let body =
        if rng.bool() { Body::CustomerEntered(crossing) } else { Body::CustomerExited(crossing) };
    Some(Record { at, source: sensor.to_owned(), body })
}

/// The windows of one tag's visit: it is heard well by one receiver at a time, and now and then faintly by another.
/// Returns how many pings it took too.
pub fn walk(shop: &Shop, visit: Range<i64>, rate: f64, rng: &mut Rng) -> (Vec<Record>, u64) {
    let (mut records, mut pings) = (Vec::new(), 0);
    let pseudonym = format!("{:016x}", rng.u64(..));
    let (mut since, mut near) = (visit.start, rng.usize(..));
    while since + WINDOW_MS <= visit.end {
        near = if rng.u32(0..100) < 15 { rng.usize(..) } else { near };
        let far = rng.u32(0..100) < 25;
        let heard = [(near, rate, -62), (near + 1, rate * 0.1, -88)];
        for (receiver, rate, mean) in heard.into_iter().take(if far { 2 } else { 1 }) {
            let Some((name, zone)) = shop.receivers.get(receiver % shop.receivers.len().max(1))
            else {
                continue;
            };
            let window = window((name, zone), &pseudonym, since, (rate, mean), rng);
            pings += u64::from(window.ping_count);
            records.push(Record {
                at: window.last_seen,
                source: (*name).to_owned(),
                body: Body::TagWindow(window),
            });
        }
        since += WINDOW_MS + rng.i64(10..900);
    }
    (records, pings)
}

fn window(
    (name, zone): (&str, &str),
    pseudonym: &str,
    since: i64,
    (rate, mean): (f64, i64),
    rng: &mut Rng,
) -> TagWindow {
    let count = ((rate * 30.0) as u32 * rng.u32(70..130) / 100).max(2);
    let (low, high) = (rng.i64(4..18), rng.i64(4..14));
    TagWindow {
        beacon_id: name.to_owned(),
        customer_ble_id: pseudonym.to_owned(),
        zone: zone.to_owned(),
        ping_count: count,
        rssi_sum: mean * i64::from(count) + rng.i64(-40..40),
        rssi_min: (mean - low) as i8,
        rssi_max: (mean + high) as i8,
        first_seen: UtcMs(since),
        last_seen: UtcMs(since + WINDOW_MS - rng.i64(1..=(3000.0 / rate) as i64)),
        max_gap_ms: (rng.u32(2000..9000) as f64 / rate) as u32,
    }
}
