//! Visitors: when they come, through which door, where they walk, and what doors, receivers and screens notice.

use tillgate_events::{Body, Crossing};

use super::shop::Shop;
use super::tables::Kind;
use super::{At, Device, HOUR, MINUTE, air, hours, screen, written};

/// Who comes at which hour of the day, against all others, from 8 o'clock on.
const PROFILE: [u32; 12] = [4, 5, 6, 8, 10, 8, 6, 6, 9, 12, 11, 6];

/// Zones and the receivers in them.
pub const ZONES: [(&str, Device); 4] = [
    ("ENTRANCE", Device::EntranceRadio),
    ("GROCERY", Device::GroceryRadio),
    ("HOUSEHOLD", Device::HouseholdRadio),
    ("CHECKOUT", Device::CheckoutRadio),
];

/// Somebody in the store.
pub struct Visitor {
    pub id: u32,
    pub enters: At,
    /// Where, from when on: the last one is the checkout, also of who buys nothing.
    pub zones: Vec<(usize, At)>,
    pub pays: At,
    pub door: Device,
    pub buys: bool,
    /// Number of a customer's tag.
    pub tag: Option<u16>,
    /// Number of the showing that was seen, and how many seconds.
    pub seen: Option<screen::Shown>,
}

/// The visitors of a day.
pub fn visitors(shop: &mut Shop) -> Vec<Visitor> {
    let (opens, closes) = hours(&shop.setting, shop.day);
    let all: u32 = PROFILE.iter().sum();
    let mut visitors = Vec::new();
    for hour in opens / HOUR..closes / HOUR {
        let place = usize::try_from(hour % 24 - 8).unwrap_or_default();
        let weight = PROFILE.get(place).copied().unwrap_or(4);
        let mean = shop.setting.visitors * weight / all;
        let come = mean * shop.rng.u32(80..=120) / 100;
        for _ in 0..come {
            let enters = hour * HOUR + shop.rng.i64(0..HOUR);
            visitors.push(visitor(shop, enters));
        }
    }
    visitors
}

fn visitor(shop: &mut Shop, enters: At) -> Visitor {
    let id = shop.number(2);
    let mut zones = vec![(0, enters)];
    let mut at = enters + shop.rng.i64(20_000..90_000);
    if shop.rng.u32(0..100) < 90 {
        zones.push((1, at));
        at += shop.rng.i64(2 * MINUTE..12 * MINUTE);
    }
    if shop.rng.u32(0..100) < 45 {
        zones.push((2, at));
        at += shop.rng.i64(MINUTE..6 * MINUTE);
    }
    zones.push((3, at));
    let door = if shop.rng.u32(0..100) < 70 { Device::MainDoor } else { Device::CarParkDoor };
    let buys = shop.rng.u32(0..100) < 78;
    let tag = (shop.rng.u32(0..100) < 25).then(|| shop.rng.u16(1..=2000));
    let seen = screen::shown(shop, id, enters);
    Visitor { id, enters, zones, pays: at + 10_000, door, buys, tag, seen }
}

/// The visitor leaves: everything that is known of the visit is written down.
pub fn leaves(shop: &mut Shop, visitor: &Visitor, left: At, receipt: Option<(String, i64)>) {
    let visit = format!("v{:06}", visitor.id);
    cross(shop, visitor.enters, visitor.door, true);
    cross(shop, left, visitor.door, false);
    let ends = visitor.zones.iter().skip(1).map(|(_, at)| *at).chain([left]);
    for (n, ((zone, from), until)) in visitor.zones.iter().zip(ends).enumerate() {
        let (name, radio) = ZONES.get(*zone).copied().unwrap_or(("", Device::EntranceRadio));
        let dwell = ((until - from) / 1000).to_string();
        let row = vec![visit.clone(), (n + 1).to_string(), name.into(), written(*from), dwell];
        shop.script.beside.push(Kind::Zones, row);
        if let Some(tag) = visitor.tag {
            air::customer(shop, radio, tag, *from, until);
        }
    }
    if visitor.tag.is_none() {
        air::stranger(shop, visitor.enters);
    }
    let tag = visitor.tag.map_or_else(String::new, |tag| tag.to_string());
    let id = receipt.as_ref().map_or_else(String::new, |(id, _)| id.clone());
    let door = visitor.door.name().to_owned();
    let row = vec![visit, written(visitor.enters), written(left), door, tag, id];
    shop.script.beside.push(Kind::Visits, row);
    screen::seen(shop, visitor, receipt);
}

fn cross(shop: &mut Shop, at: At, door: Device, inward: bool) {
    if door == Device::MainDoor {
        shop.say(at, door, if inward { b"IN\r\n".to_vec() } else { b"OUT\r\n".to_vec() });
    }
    let crossing = Crossing {
        sensor_id: door.name().to_owned(),
        zone: "ENTRANCE".to_owned(),
        customer_count: 1,
        dwell_time: 0,
        occupancy: None,
        window_seconds: 0,
    };
    let body = if inward { Body::CustomerEntered } else { Body::CustomerExited };
    shop.expect(at, door, body(crossing));
}

/// The counter at the car park tells its totals every five minutes, from before opening until all have left.
pub fn doors_report(shop: &mut Shop) {
    let (opens, closes) = hours(&shop.setting, shop.day);
    let door = Device::CarParkDoor;
    let mut moves: Vec<(At, bool)> = shop
        .script
        .expected
        .iter()
        .filter(|record| record.source == door.name())
        .map(|record| (record.at.0, matches!(record.body, Body::CustomerEntered(_))))
        .collect();
    moves.sort_unstable();
    let last = moves.last().map_or(closes, |(at, _)| *at).max(closes);
    let mut at = opens - 5 * MINUTE;
    while at < last + 5 * MINUTE {
        let passed = moves.iter().filter(|(when, _)| *when <= at);
        let entered = passed.clone().filter(|(_, inward)| *inward).count();
        let line = format!("IN={entered} OUT={}\r\n", passed.count() - entered);
        shop.say(at, door, line.into_bytes());
        at += 5 * MINUTE;
    }
}
