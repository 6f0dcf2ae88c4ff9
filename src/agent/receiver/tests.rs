//! Receivers as the configuration makes them: what is told of tags, sensors, strangers and of the receivers themselves.

use std::time::Duration;

use tillgate_events::{DeviceStatus, Record};

use super::*;
use crate::agent::build;
use crate::agent::chain::{Chain, Kind};
use crate::agent::health::Health;
use crate::agent::router::Router;
use crate::config;
use crate::decode::{Address, Quantity, SensorFact, TagKey};
use crate::source::{Body as Read, DownReason, Reading, SourceId};

const HEAD: &str = "[gateway]\nid = \"gw-1\"\ntenant = \"acme\"\nstore_id = 7\ntimezone = \"UTC\"\n\
    currency = \"EUR\"\n\n[mqtt]\nurl = \"mqtt://127.0.0.1:1\"\n";
const SENSOR: Address = Address([0x54, 0x48, 0xe6, 0x8f, 0x80, 0xa5]);
const OPEN: &str = "$GPRP,5448E68F80A5,F008D1798C00,-60,0916D2FC4400072D0101";

fn receiver(name: &str) -> String {
    format!(
        "\n[[receiver]]\nname = \"{name}\"\nzone = \"Z\"\nkind = \"serial\"\nport = \"/dev/{name}\"\n"
    )
}

fn tag(id: &str, class: &str, known_by: &str) -> String {
    format!("\n[[tag]]\nid = \"{id}\"\nclass = \"{class}\"\nmatch = {{ {known_by} }}\n")
}

/// A shop, and what it has told so far.
struct Shop {
    router: Router,
    names: Pseudonyms,
    out: Vec<Record>,
}

impl Shop {
    fn new(parts: &[String]) -> Self {
        let text = HEAD.to_owned() + &parts.concat();
        let (config, _) = config::parse(&text, "f", &config::System).unwrap();
        let router = build::devices(&config).unwrap();
        Self { router, names: Pseudonyms::new([0; 64]), out: Vec::new() }
    }

    fn at(second: u64) -> Now {
        Now::default().plus(Duration::from_secs(second))
    }

    fn reads(&mut self, second: u64, source: u16, body: Read) {
        self.router.tick(Self::at(second), &self.names, &mut self.out);
        let reading = Reading { source: SourceId(source), at: Self::at(second), body };
        self.router.step(reading, &self.names, &mut self.out);
    }

    fn hears(&mut self, second: u64, source: u16, line: &str) {
        self.reads(second, source, Read::Bytes(format!("{line}\r\n").into_bytes()));
    }

    fn until(&mut self, second: u64) {
        self.router.tick(Self::at(second), &self.names, &mut self.out);
    }

    /// What is told in the end: ids of windows, states of devices, and words.
    fn told(mut self, second: u64) -> Vec<String> {
        self.router.finish(Self::at(second), &self.names, &mut self.out);
        self.out
            .iter()
            .map(|record| match &record.body {
                Body::TagWindow(window) => {
                    format!("{} {}", window.customer_ble_id, window.ping_count)
                }
                Body::DeviceStatusChanged(changed) => {
                    let reason = changed.reason.as_deref().unwrap_or_default();
                    format!("{} {:?} {reason}", changed.device, changed.status)
                        .trim_end()
                        .to_owned()
                }
                Body::Unknown(unknown) => format!("{} {}", unknown.kind, unknown.text),
                other => panic!("{other:?}"),
            })
            .collect()
    }
}

fn beacon(minor: u16, address: u32) -> String {
    format!(
        "$GPRP,40{address:010X},F008D1798C00,-59,1AFF4C000215F7826DA64FA24E988024BC5B71E0893E0001{minor:04X}C5"
    )
}

#[test]
fn of_tags_that_are_enrolled_together_each_is_its_own() {
    let uuid = "ibeacon = \"f7826da6-4fa2-4e98-8024-bc5b71e0893e\"";
    let mut shop = Shop::new(&[receiver("r"), tag("cart", "asset", uuid)]);
    for (second, minor) in [(1, 7), (2, 8), (3, 7)] {
        shop.hears(second, 0, &beacon(minor, 1));
    }
    assert_eq!(shop.told(5), ["cart.1.7 2", "cart.1.8 1"]);
    let mut shop = Shop::new(&[receiver("r"), tag("cart", "asset", &format!("{uuid}, major = 1"))]);
    shop.hears(1, 0, &beacon(7, 1));
    assert_eq!(shop.told(5), ["cart.7 1"]);
}

#[test]
fn a_receiver_that_says_nothing_more_is_down_until_it_does() {
    let mut shop = Shop::new(&[receiver("r")]);
    shop.reads(0, 0, Read::Up);
    for second in [10, 20, 30] {
        shop.hears(second, 0, "$HBRP,F008D1798C00");
    }
    shop.until(59);
    shop.until(60);
    shop.until(500);
    shop.hears(501, 0, "noise proves nothing");
    shop.hears(502, 0, "$HBRP,F008D1798C00");
    let silent = "r Down no line for 30 s";
    assert_eq!(shop.told(510), ["r Up", silent, "r Up"]);
}

#[test]
fn a_receiver_without_heartbeats_may_be_silent_where_the_configuration_says_so() {
    let mut shop = Shop::new(&[receiver("r") + "silence_s = 0\n"]);
    shop.reads(0, 0, Read::Up);
    shop.until(10_000);
    assert_eq!(shop.told(10_000), ["r Up"]);
    let mut shop = Shop::new(&[receiver("r") + "silence_s = 90\n"]);
    shop.reads(0, 0, Read::Up);
    shop.until(89);
    shop.until(90);
    assert_eq!(shop.told(100), ["r Up", "r Down no line for 90 s"]);
}

/// A receiver alone, for what it says to others.
fn alone() -> (Chain, Guard) {
    let enrolled = crate::track::tag::Enrolled::default();
    let tracker = TagTracker::new("r", "Z", limits::TAG_WINDOW, Arc::new(enrolled));
    let silence = Some(limits::RECEIVER_SILENCE);
    let listening = Listening { lines: true, silence, counts_strangers: true };
    let receiver = Receiver::new("r", listening, tracker);
    (Chain::new("r", Kind::Receiver(Box::new(receiver))), Guard::default())
}

#[test]
fn who_decides_by_a_receiver_is_told_when_it_is_lost_and_when_it_is_back() {
    let (mut chain, mut guard) = alone();
    let (names, mut out, mut told) = (Pseudonyms::new([0; 64]), Vec::new(), Vec::new());
    let line = || Read::Bytes(b"$HBRP,1\r\n".to_vec());
    let steps = [
        (0, Some(Read::Up)),
        (1, Some(line())),
        (2, Some(line())),
        (40, None),
        (41, Some(line())),
        (42, Some(Read::Down(DownReason::Unplugged))),
        (90, None),
        (91, Some(Read::Up)),
        (92, Some(line())),
    ];
    for (second, body) in steps {
        let at = Shop::at(second);
        match body {
            Some(body) => {
                let reading = Reading { source: SourceId(0), at, body };
                chain.step(reading, &names, &mut guard, &mut out);
            }
            None => chain.tick(at, &names, &mut out),
        }
        told.extend(chain.take_said().map(|said| match said.what {
            What::Receiver(name, fact) => (second, name.to_string(), fact),
            other => panic!("{other:?}"),
        }));
    }
    let r = |second, fact| (second, "r".to_owned(), fact);
    use ReceiverFact::{Back, Lost};
    assert_eq!(told, [r(1, Back), r(40, Lost), r(41, Back), r(42, Lost), r(92, Back)]);
    let states = out.iter().filter_map(|record| match &record.body {
        Body::DeviceStatusChanged(changed) => Some(changed.status),
        _ => None,
    });
    use DeviceStatus::{Down, Up};
    assert_eq!(states.collect::<Vec<_>>(), [Up, Down, Up, Down, Up]);
}

/// The facts that a shop's sensors tell.
fn facts(shop: &mut Shop, source: u16, second: u64, line: &str) -> Vec<SensorFact> {
    shop.hears(second, source, line);
    shop.router.sensor_facts()
}

#[test]
fn a_sensors_packet_is_a_fact_once_however_many_receivers_hear_it() {
    let door = tag("door-1", "asset", "mac = \"54:48:E6:8F:80:A5\"");
    let mut shop = Shop::new(&[receiver("a"), receiver("b"), door]);
    let tag = TagKey::Address(SENSOR);
    let open = SensorFact::Contact { tag, open: true };
    assert_eq!(facts(&mut shop, 0, 1, OPEN), [open]);
    assert_eq!(facts(&mut shop, 1, 1, OPEN), []);
    assert_eq!(facts(&mut shop, 0, 2, OPEN), []);
    let cold = "$GPRP,5448E68F80A5,F008D1798C00,-60,0916D2FC440008020CFE";
    let quantity = Quantity::Temperature;
    let measured = SensorFact::Measured { tag, quantity, value: -500, counter: Some(8) };
    assert_eq!(facts(&mut shop, 1, 3, cold), [measured]);
    assert_eq!(shop.told(5), ["door-1 2", "door-1 2"], "each receiver heard it as often as it did");
}

#[test]
fn strangers_are_told_together_and_never_a_few() {
    let mut shop = Shop::new(&[receiver("r") + "silence_s = 0\n"]);
    for address in 0..40 {
        shop.hears(1, 0, &beacon(1, address));
    }
    shop.until(301);
    for address in 0..4 {
        shop.hears(400, 0, &beacon(1, address));
    }
    shop.until(700);
    let mut health = Health::default();
    shop.router.add_health(&mut health);
    assert_eq!(health.tags.strangers, 44);
    let told = shop.told(800);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("unknown_devices [devices ") && told[0].ends_with(" in 300 s]"));
}

#[test]
fn without_people_neither_their_tags_nor_strangers_are_told() {
    let people = ["customer", "staff"].map(|class| {
        let minor = if class == "staff" { 2 } else { 1 };
        let uuid = "ibeacon = \"f7826da6-4fa2-4e98-8024-bc5b71e0893e\"";
        tag(class, class, &format!("{uuid}, major = 1, minor = {minor}"))
    });
    let privacy = "\n[privacy]\nmode = \"assets_only\"\n".to_owned();
    let cart = tag("cart", "asset", "mac = \"54:48:E6:8F:80:A5\"");
    let mut shop = Shop::new(&[privacy, receiver("r"), people.concat(), cart]);
    for address in 0..40 {
        shop.hears(1, 0, &beacon(1 + (address % 3) as u16, address));
    }
    shop.hears(2, 0, OPEN);
    assert_eq!(shop.told(800), ["cart 1"]);
}

#[test]
fn ten_thousand_strangers_leave_no_trace_but_a_count() {
    let door = tag("door-1", "asset", "mac = \"54:48:E6:8F:80:A5\"");
    let mut shop = Shop::new(&[receiver("a") + "silence_s = 0\n", door]);
    for address in 0..10_000 {
        shop.hears(1 + u64::from(address) / 5000, 0, &beacon(1, address));
    }
    shop.hears(4, 0, OPEN);
    assert!(shop.out.is_empty() && shop.router.counters_to_keep().is_empty());
    let mut health = Health::default();
    shop.router.add_health(&mut health);
    assert_eq!((health.tags.strangers, health.tags.closed_early), (10_000, 0));
    let told = shop.told(10);
    assert_eq!((told.len(), told[0].as_str()), (2, "door-1 1"), "{told:?}");
}
