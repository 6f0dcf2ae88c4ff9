//! Tills, their payment terminals and their printers' other wires, as the configuration joins them.

use std::time::Duration;

use jiff::tz::TimeZone;
use tillgate_events::{Body as Event, UtcMs};

use super::*;
use crate::agent::build;
use crate::agent::chain::Kind;
use crate::agent::door::{Door, Eyes};
use crate::config::{self, OpenedBy};
use crate::decode::door::ContactDecoder;
use crate::decode::{Address, TagKey};
use crate::source::{Body, DownReason, SourceId};
use crate::track::door::{DoorSettings, DoorTracker};

/// Two tills (0, 1), the second one's printer with its answers (5); a terminal of each (2: ZVT, 3: records) and one
/// of no till (4).
const SHOP: &str = r#"
[gateway]
id = "gw-1"
tenant = "acme"
store_id = 7
timezone = "UTC"
currency = "EUR"
[mqtt]
url = "mqtt://127.0.0.1:1"
[[serial]]
name = "till-1"
port = "/dev/t1"
dialect = "text-generic"
[[serial]]
name = "till-2"
port = "/dev/t2"
dialect = "escpos-generic"
answers = "/dev/t2b"
[[serial]]
name = "zvt"
port = "/dev/p1"
dialect = "zvt"
till = "till-1"
[[serial]]
name = "records"
port = "/dev/p2"
dialect = "DIALECT"
till = "till-2"
[[serial]]
name = "alone"
port = "/dev/p3"
dialect = "zvt"
"#;

/// A terminal that tells `PAY|1000|4242`: amount and card.
const TERMINAL: &str = r#"
schema = 1
id = "terminal"
extends = "stx-etx-lrc"
[fields]
separator = "|"
[[record]]
match = { field = 0, is = "PAY" }
event = "tender"
set = { tender = "DEBIT_CARD" }
fields = { amount = { at = 1, minor = true }, last4 = 2 }
ends = true
"#;

const TILLS: [u16; 2] = [0, 1];
const ZVT: u16 = 2;
const RECORDS: u16 = 3;
const ALONE: u16 = 4;
const ANSWERS: u16 = 5;

/// 10.00 EUR asked for, approved (or refused for code 6C), done; no byte needs an escape but the amount's.
fn zvt(approved: bool) -> Vec<u8> {
    use crate::decode::frame::check::{ByteOrder, CheckAlgorithm, CheckOptions};
    let (algorithm, order) = (CheckAlgorithm::Crc16Kermit, ByteOrder::LowFirst);
    let crc = CheckOptions { algorithm, order, ..CheckOptions::default() };
    let code = if approved { 0 } else { 0x6c };
    let request: &[u8] = b"\x06\x01\x0a\x04\x00\x00\x00\x00\x10\x00\x49\x09\x78";
    let status =
        [b"\x04\x0f\x0c\x27".as_slice(), &[code], b"\x04\x00\x00\x00\x00\x10\x00\x49\x09\x78"];
    let frame = |record: &[u8]| {
        let check = crc.written(&[record, b"\x03"]);
        let twice = |byte: &u8| vec![*byte; if *byte == 0x10 { 2 } else { 1 }];
        let escaped: Vec<u8> = record.iter().flat_map(twice).collect();
        [b"\x10\x02", &*escaped, b"\x10\x03", &check, b"\x06"].concat()
    };
    [frame(request), frame(&status.concat()), frame(b"\x06\x0f\x00")].concat()
}

fn record(text: &str) -> Vec<u8> {
    use crate::decode::frame::check::CheckOptions;
    let body = [text.as_bytes(), b"\x03"].concat();
    [b"\x02", &*body, &CheckOptions::default().written(&[&body])].concat()
}

fn sale(payment: &str) -> Vec<u8> {
    format!("RECEIPT # 1\nTEA   10.00\nTOTAL   10.00\n{payment}\n\x0c").into_bytes()
}

/// The same for the printer of the second till.
fn cut_sale(payment: &str) -> Vec<u8> {
    [sale(payment).as_slice(), b"\x1dV\x00"].concat()
}

/// What comes over which line at which second.
type Step = (u64, u16, Body);

fn bytes(second: u64, source: u16, bytes: impl Into<Vec<u8>>) -> Step {
    (second, source, Body::Bytes(bytes.into()))
}

/// Takes the steps and lets 20 minutes pass; what each source says of business, in order.
fn check(steps: Vec<Step>, expected: &[(&str, &str)]) {
    let file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
    std::fs::write(file.path(), TERMINAL).unwrap();
    let text = SHOP.replace("DIALECT", &file.path().display().to_string());
    let (config, _) = config::parse(&text, "f", &config::System).unwrap();
    let (mut router, names, mut out) =
        (build::devices(&config).unwrap(), Pseudonyms::new([0; 64]), Vec::new());
    let at = |second| Now::default().plus(Duration::from_secs(second));
    for source in 0..6 {
        router.step(
            Reading { source: SourceId(source), at: at(1), body: Body::Up },
            &names,
            &mut out,
        );
    }
    for (second, source, body) in steps {
        router.tick(at(second), &names, &mut out);
        router.step(Reading { source: SourceId(source), at: at(second), body }, &names, &mut out);
    }
    for second in 0..1200 {
        router.tick(at(second), &names, &mut out);
    }
    router.finish(at(1200), &names, &mut out);
    let told: Vec<_> =
        out.iter().filter_map(|it| Some((it.source.as_str(), said(it.at, &it.body)?))).collect();
    let told: Vec<_> = told.iter().map(|(source, said)| (*source, said.as_str())).collect();
    assert_eq!(told, expected);
}

/// All but that a device was there from the start, or went away.
fn said(at: UtcMs, event: &Event) -> Option<String> {
    Some(match event {
        Event::Receipt(receipt) => {
            let paid = receipt.payments.iter().map(|it| {
                let last4 = it.card_last4.as_deref().unwrap_or("-");
                format!("{:?} {} {last4}", it.status, it.amount)
            });
            paid.collect::<Vec<_>>().join(", ")
        }
        Event::NoSale(_) => "no sale".to_owned(),
        Event::Unknown(unknown) => unknown.kind.clone(),
        Event::DeviceStatusChanged(changed) => match &changed.reason {
            Some(reason) if reason.contains("paper") => reason.clone(),
            None if 1_000 < at.0 => "works again".to_owned(),
            _ => return None,
        },
        other => panic!("{other:?}"),
    })
}

#[test]
fn a_terminals_payment_is_part_of_its_tills_receipt_in_either_order() {
    let paid = [("till-1", "Approved 1000 -")];
    check(vec![bytes(10, ZVT, zvt(true)), bytes(30, TILLS[0], sale(""))], &paid);
    check(vec![bytes(10, TILLS[0], sale("")), bytes(12, ZVT, zvt(true))], &paid);
    check(vec![bytes(10, ZVT, zvt(true)), bytes(30, TILLS[0], sale("VISA   10.00"))], &paid);
    let told = [("till-2", "Approved 1000 4242")];
    check(
        vec![bytes(10, RECORDS, record("PAY|1000|4242")), bytes(30, TILLS[1], cut_sale(""))],
        &told,
    );
    check(
        vec![bytes(10, TILLS[1], cut_sale("")), bytes(11, RECORDS, record("PAY|1000|4242"))],
        &told,
    );
}

#[test]
fn a_split_payment_and_a_refused_one_are_joined_too() {
    check(
        vec![
            bytes(10, RECORDS, record("PAY|700|4242")),
            bytes(20, RECORDS, record("PAY|300|1881")),
            bytes(30, TILLS[1], cut_sale("")),
        ],
        &[("till-2", "Approved 700 4242, Approved 300 1881")],
    );
    check(
        vec![
            bytes(10, RECORDS, record("PAY|600|4242")),
            bytes(30, TILLS[1], cut_sale("CASH   4.00")),
        ],
        &[("till-2", "Approved 400 -, Approved 600 4242")],
    );
    check(
        vec![bytes(10, ZVT, zvt(false)), bytes(30, TILLS[0], sale("CASH   10.00"))],
        &[("till-1", "Approved 1000 -, Declined 1000 -")],
    );
}

#[test]
fn a_payment_joins_no_receipt_of_another_till() {
    check(
        vec![bytes(10, ZVT, zvt(true)), bytes(30, TILLS[1], cut_sale("CASH   10.00"))],
        &[("till-2", "Approved 1000 -"), ("till-1", "payment")],
    );
    check(
        vec![bytes(10, ALONE, zvt(true)), bytes(30, TILLS[0], sale("CASH   10.00"))],
        &[("alone", "payment"), ("till-1", "Approved 1000 -")],
    );
}

#[test]
fn a_till_that_is_lost_for_a_while_does_not_lose_its_payment() {
    let steps = vec![
        bytes(10, ZVT, zvt(true)),
        (15, TILLS[0], Body::Down(DownReason::Unplugged)),
        (20, TILLS[0], Body::Up),
        bytes(30, TILLS[0], sale("")),
    ];
    check(steps, &[("till-1", "works again"), ("till-1", "Approved 1000 -")]);
}

/// Is the drawer open? and the printer's yes and no.
const ASKED: &[u8] = b"\x10\x04\x01";
const OPEN: &[u8] = b"\x16";
const CLOSED: &[u8] = b"\x12";

fn opened(second: u64) -> [Step; 4] {
    [
        bytes(second, TILLS[1], ASKED),
        bytes(second, ANSWERS, OPEN),
        bytes(second + 3, TILLS[1], ASKED),
        bytes(second + 3, ANSWERS, CLOSED),
    ]
}

#[test]
fn a_drawer_that_opens_without_a_sale_is_told_and_with_one_is_not() {
    check(opened(10).to_vec(), &[("till-2", "no sale")]);
    let cash = "Approved 1000 -";
    let sold = vec![bytes(8, TILLS[1], cut_sale("CASH   10.00"))];
    check([sold.as_slice(), &opened(10)].concat(), &[("till-2", cash)]);
    let sold = vec![bytes(15, TILLS[1], cut_sale("CASH   10.00"))];
    check([opened(10).as_slice(), &sold].concat(), &[("till-2", cash)]);
    let automatic = bytes(10, ANSWERS, b"\x14\x00\x00\x00".as_slice());
    check(vec![automatic], &[("till-2", "no sale"), ("till-2", "drawer_left_open")]);
}

#[test]
fn an_answers_line_that_is_unplugged_leaves_its_till_alone() {
    let sold = cut_sale("CASH   10.00");
    let (head, tail) = sold.split_at(sold.len() / 2);
    let steps = vec![
        bytes(10, TILLS[1], head),
        (11, ANSWERS, Body::Down(DownReason::Unplugged)),
        bytes(11, TILLS[1], tail),
    ];
    check(steps, &[("till-2", "Approved 1000 -")]);
}

#[test]
fn paper_that_ends_makes_its_till_work_badly_until_there_is_some() {
    let told = [("till-2", "the printer has no paper"), ("till-2", "works again")];
    let asked = b"\x10\x04\x04".as_slice();
    let steps = vec![
        bytes(10, TILLS[1], asked),
        bytes(10, ANSWERS, b"\x72".as_slice()),
        bytes(20, TILLS[1], asked),
        bytes(20, ANSWERS, b"\x72".as_slice()),
        bytes(30, TILLS[1], asked),
        bytes(30, ANSWERS, CLOSED),
    ];
    check(steps, &told);
}

fn door(name: &str, eyes: Eyes, counts_openings: bool) -> Chain {
    let settings = DoorSettings { counts_openings, ..DoorSettings::new(name, "ENTRANCE") };
    Chain::new(name, Kind::Door(Box::new(Door::new(name, eyes, DoorTracker::new(settings)))))
}

fn names_of(records: &[Record]) -> Vec<(&str, &Event)> {
    records.iter().map(|record| (record.source.as_str(), &record.body)).collect()
}

#[test]
fn a_shutter_opens_the_store_and_counts_nobody() {
    let by = OpenedBy::Contact { door: "shutter".into(), hold: Duration::from_secs(60) };
    let mut router = Router::of(Shop::new(false, Some(by), TimeZone::UTC));
    router.add(door("shutter", Eyes::Contact(ContactDecoder::default()), false), None);
    let (names, mut out) = (Pseudonyms::new([0; 64]), Vec::new());
    for (sequence, active) in [(0, true), (1, false)] {
        let body = Body::Edge { line: 4, active, sequence };
        let at = Now::default().plus(Duration::from_secs(u64::from(sequence)));
        router.step(Reading { source: SourceId(0), at, body }, &names, &mut out);
    }
    assert_eq!(names_of(&out), [("store", &Event::StoreOpened)], "it was found open");
    let due = Now::default().plus(Duration::from_secs(61));
    assert_eq!(router.deadline(), Some(due.mono));
    router.tick(due, &names, &mut out);
    let told = names_of(&out);
    assert_eq!(told.get(1..), Some(&[("store", &Event::StoreClosed)][..]));
    assert_eq!(out.get(1).map(|record| record.at.0), Some(1000), "when it was closed");
}

#[test]
fn a_sensor_that_receivers_hear_is_a_contact_of_its_door_alone() {
    let [mine, other] = [1, 2].map(|last| TagKey::Address(Address([0, 0, 0, 0, 0, last])));
    let mut chain = door("back", Eyes::Tag(mine, None), true);
    let mut out = Vec::new();
    for (tag, open) in [(mine, false), (other, true), (mine, true), (mine, true), (mine, false)] {
        let what = What::Sensor(SensorFact::Contact { tag, open });
        chain.hear(Said { at: Now::default(), what }, &mut out);
    }
    assert_eq!(out.len(), 1, "one opening: {out:?}");
    let said: Vec<bool> = chain
        .take_said()
        .filter_map(|said| match said.what {
            What::Contact { open, .. } => Some(open),
            _ => None,
        })
        .collect();
    assert_eq!(said, [false, true, false]);
}
