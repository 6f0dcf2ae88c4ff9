//! Receivers as the configuration makes them, and what is told of customers, staff and things that walk between them.

use std::time::Duration;

use tillgate_events::Body;

use super::*;
use crate::agent::build;
use crate::agent::router::Router;
use crate::config;
use crate::source::{Body as Read, DownReason, Reading, SourceId};

const HEAD: &str = "[gateway]\nid = \"gw-1\"\ntenant = \"acme\"\nstore_id = 7\ntimezone = \"UTC\"\n\
    currency = \"EUR\"\n\n[mqtt]\nurl = \"mqtt://127.0.0.1:1\"\n\n[zones]\nreentry_s = 120\n";

/// Two receivers behind a door, so that places among devices and among receivers differ.
struct Shop {
    router: Router,
    names: Pseudonyms,
    out: Vec<Record>,
    now: u64,
}

impl Shop {
    fn new() -> Self {
        let mut text = HEAD.to_owned();
        text += "\n[[door]]\nname = \"door\"\nzone = \"D\"\nkind = \"serial-counter\"\nport = \"/dev/d\"\n";
        for name in ["a", "b"] {
            let zone = name.to_uppercase();
            text += &format!(
                "\n[[receiver]]\nname = \"{name}\"\nzone = \"{zone}\"\nkind = \"serial\"\nport = \"/dev/{name}\"\n"
            );
        }
        for (class, minor) in [("customer", 1), ("staff", 2), ("asset", 3), ("truck", 4)] {
            text += &format!(
                "\n[[tag]]\nid = \"the-{class}\"\nclass = \"{class}\"\nmatch = {{ ibeacon = \
                 \"f7826da6-4fa2-4e98-8024-bc5b71e0893e\", major = 1, minor = {minor} }}\n"
            );
        }
        let (config, _) = config::parse(&text, "f", &config::System).unwrap();
        let router = build::devices(&config).unwrap();
        Self { router, names: Pseudonyms::new([0; 64]), out: Vec::new(), now: 0 }
    }

    fn reads(&mut self, receiver: u16, body: Read) {
        let at = Now::default().plus(Duration::from_secs(self.now));
        // Behind the door.
        let reading = Reading { source: SourceId(1 + receiver), at, body };
        self.router.step(reading, &self.names, &mut self.out);
    }

    fn line(&mut self, receiver: u16, line: &str) {
        self.reads(receiver, Read::Bytes(format!("{line}\r\n").into_bytes()));
    }

    /// Each second: both receivers say that they live, and hear tag `minor` as told. 0 is none.
    fn hear(&mut self, seconds: u64, minor: u16, strengths: [i8; 2]) {
        for _ in 0..seconds {
            self.now += 1;
            for receiver in [0, 1] {
                self.line(receiver, "$HBRP,F008D1798C00");
                let rssi = strengths[usize::from(receiver)];
                if rssi != 0 {
                    let uuid = "F7826DA64FA24E988024BC5B71E0893E";
                    self.line(receiver, &format!("$GPRP,400000000001,F008D1798C00,{rssi},1AFF4C000215{uuid}0001{minor:04X}C5"));
                }
            }
            self.tick();
        }
    }

    fn tick(&mut self) {
        let now = Now::default().plus(Duration::from_secs(self.now));
        self.router.tick(now, &self.names, &mut self.out);
    }

    /// What was told, but for windows.
    fn told(&mut self) -> Vec<String> {
        let words = self.out.drain(..).filter_map(|record| {
            let second = record.at.0 / 1000;
            Some(match record.body {
                Body::TagWindow(_) | Body::DeviceStatusChanged(_) => return None,
                Body::VisitEntered(it) => format!("{second}: in {} by {}", it.zone, it.sensor_id),
                Body::VisitExited(it) => format!("{second}: out {} {}", it.zone, it.dwell_time),
                Body::CustomerZoneChanged(it) => {
                    format!("{second}: {} to {} {}", it.from_zone, it.to_zone, it.dwell_seconds)
                }
                other => panic!("{other:?}"),
            })
        });
        words.collect()
    }
}

#[test]
fn a_customer_comes_goes_from_zone_to_zone_and_leaves() {
    let mut shop = Shop::new();
    shop.hear(60, 1, [-55, -75]);
    shop.hear(60, 1, [-75, -55]);
    assert_eq!(shop.told(), ["1: in A by a", "62: A to B 61"]);
    shop.hear(200, 1, [0, 0]);
    assert_eq!(shop.told(), ["120: out B 119"]);
}

#[test]
fn of_staff_nothing_is_told_and_of_things_windows_alone() {
    for minor in [2, 3, 4] {
        let mut shop = Shop::new();
        shop.hear(60, minor, [-55, -75]);
        shop.hear(300, minor, [-75, -55]);
        let windows = shop.out.iter().filter(|it| matches!(it.body, Body::TagWindow(_))).count();
        assert_eq!(windows == 0, minor == 2, "{minor}");
        assert!(shop.told().is_empty());
    }
}

#[test]
fn windows_end_where_the_zone_changes_and_where_the_tag_leaves() {
    let mut shop = Shop::new();
    shop.hear(60, 1, [-55, -75]);
    shop.hear(20, 1, [-75, -55]);
    let change =
        shop.out.iter().position(|it| matches!(it.body, Body::CustomerZoneChanged(_))).unwrap();
    let before: Vec<u32> = shop.out[..change]
        .iter()
        .filter_map(|it| match &it.body {
            Body::TagWindow(window) => Some(window.ping_count),
            _ => None,
        })
        .collect();
    let (told, sum) = (before.len(), before.iter().sum::<u32>());
    // All that both heard until the change was decided stands in windows before it.
    assert!(told == 6 && 2 * 60 < sum && sum < 2 * 80, "{before:?}");
    shop.hear(62, 1, [0, 0]);
    let pings: u32 = shop
        .out
        .iter()
        .filter_map(|it| match &it.body {
            Body::TagWindow(window) => Some(window.ping_count),
            _ => None,
        })
        .sum();
    assert_eq!(pings, 160);
}

#[test]
fn a_receiver_without_power_does_not_look_like_everybody_leaving() {
    let mut shop = Shop::new();
    shop.hear(60, 1, [-55, 0]);
    shop.reads(0, Read::Down(DownReason::Unplugged));
    for _ in 0..600 {
        shop.now += 1;
        shop.line(1, "$HBRP,F008D1798C00");
        shop.tick();
    }
    assert_eq!(shop.told(), ["1: in A by a"]);
    shop.hear(60, 1, [-55, 0]);
    shop.hear(300, 1, [0, 0]);
    assert_eq!(shop.told(), ["720: out A 719"]);
}

#[test]
fn at_the_end_of_the_day_visits_end_under_the_days_key() {
    let mut shop = Shop::new();
    shop.hear(60, 1, [-55, -75]);
    let now = Now::default().plus(Duration::from_secs(60));
    shop.router.close_windows(now, &shop.names, &mut shop.out);
    shop.names = Pseudonyms::new([1; 64]);
    shop.hear(60, 1, [-55, -75]);
    assert_eq!(shop.told(), ["1: in A by a", "60: out A 59", "61: in A by a"]);
}
