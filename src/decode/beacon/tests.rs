//! Reports of receivers and advertisements by example. The shared vectors are in `tests/it/tags.rs`.

mod allow;
mod guard;
mod properties;

use super::*;
use crate::decode::fact::Address;
use crate::limits;

pub(super) const UUID: [u8; 16] = [
    0xf7, 0x82, 0x6d, 0xa6, 0x4f, 0xa2, 0x4e, 0x98, 0x80, 0x24, 0xbc, 0x5b, 0x71, 0xe0, 0x89, 0x3e,
];

const IBEACON: &str = "0201061aff4c000215f7826da64fa24e988024bc5b71e0893e0001000ec5";

pub(super) fn bytes(digits: &str) -> Vec<u8> {
    let mut bytes = vec![0; digits.len() / 2];
    hex::read(digits, &mut bytes).unwrap();
    bytes
}

/// A line of a serial receiver, and the tag in it.
fn check(line: &str, expected: Option<TagHeard>) {
    let mut heard = None;
    let _ = parse_line(line, |said| {
        if let Said::Advert(sighting) = said {
            heard = tag_heard(sighting);
        }
    });
    assert_eq!(heard, expected, "{line}");
}

fn truck(rssi: i8) -> Option<TagHeard> {
    let key = TagKey::IBeacon { uuid: UUID, major: 1, minor: 14 };
    Some(TagHeard { key, rssi, power_at_1m: Some(-59) })
}

#[test]
fn a_receivers_line_names_an_ibeacon_whatever_follows_it() {
    let line = format!("$GPRP,AABBCC000001,112233445566,-63,{IBEACON}");
    for end in ["", "\r\n", ",1700000000\r\n", ",a,b,c", "*7F", "*7F\r\n", ",1700000000*00"] {
        check(&format!("{line}{end}"), truck(-63));
    }
    for kind in ["$RSPR", "$1MAD", "$LRAD"] {
        check(&line.replace("$GPRP", kind), truck(-63));
    }
}

#[test]
fn json_names_the_same_tag() {
    let data = &IBEACON[10..];
    let with = |id: &str, rest: &str| {
        format!(r#"{{"id":"{id}","rssi":-63,"manufacturerdata":"{data}"{rest}}}"#)
    };
    check(&with("AA:BB:CC:00:00:01", ""), truck(-63));
    check(&with("aabbcc000001", r#","name":"x","mac_type":1,"origin":"/BTtoMQTT/1""#), truck(-63));
    check(
        &with("AA:BB:CC:00:00:01", r#","servicedata":"00","servicedatauuid":"0xfeaa""#),
        truck(-63),
    );
    check(&with("AA:BB:CC:00:01", ""), None);
    check(&with("AA:BB:CC:00:00:1", ""), None);
    check(&with("AA:BB:CC:00:00:01:02", ""), None);
}

#[test]
fn json_service_data_is_read_by_short_and_long_uuids() {
    let namespace = *bytes("12345678901234678901").first_chunk().unwrap();
    let key = TagKey::EddystoneUid { namespace, instance: [0, 0, 0, 0, 0, 1] };
    let heard = Some(TagHeard { key, rssi: -70, power_at_1m: Some(-70) });
    let data = "00e312345678901234678901000000000001";
    for (uuid, expected) in [
        ("0xfeaa", heard),
        ("FEAA", heard),
        ("0000feaa-0000-1000-8000-00805F9B34FB", heard),
        ("0001feaa-0000-1000-8000-00805f9b34fb", None),
        ("0000feaa-0000-1000-8000-00805f9b34fc", None),
        ("feaag", None),
        ("", None),
    ] {
        check(
            &format!(
                r#"{{"id":"AA:BB:CC:00:00:01","rssi":-70.0,"servicedata":"{data}","servicedatauuid":"{uuid}"}}"#
            ),
            expected,
        );
    }
}

#[test]
fn an_eddystone_uid_is_read_with_and_without_its_reserved_bytes() {
    let namespace = *bytes("12345678901234678901").first_chunk().unwrap();
    let key = TagKey::EddystoneUid { namespace, instance: [0, 0, 0, 0, 0, 1] };
    let heard = Some(TagHeard { key, rssi: -70, power_at_1m: Some(-70) });
    let head = "$GPRP,AABBCC000001,112233445566,-70,0201060303aafe";
    check(&format!("{head}1716aafe00e3123456789012346789010000000000010000"), heard);
    check(&format!("{head}1516aafe00e312345678901234678901000000000001"), heard);
}

#[test]
fn what_is_no_tag_or_no_report_yields_nothing() {
    for line in [
        "",
        "$HBRP,112233445566,112233445566,-127,00000000",
        "$GPRP,AABBCC000001,112233445566,-63",
        "$GPRP,AABBCC0001,112233445566,-63,020106",
        "$GPRP,AABBCC000001,112233445566,-630,020106",
        "$GPRP,AABBCC000001,112233445566,-63,02010",
        "$GPRP,AABBCC000001,112233445566,-63,0aff4c001005031c000000",
        "$GPRP,AABBCC000001,112233445566,-63,ff",
        "$GPRP,AABBCC000001,112233445566,-63,001aff4c000215f7826da64fa24e988024bc5b71e0893e0001000ec5",
        "$GPRP,AABBCC000001,112233445566,127,1aff4c000215f7826da64fa24e988024bc5b71e0893e0001000ec5",
    ] {
        check(line, None);
    }
}

#[test]
fn lines_that_prove_a_receivers_life_are_told_from_noise_and_from_damage() {
    let check = |line: &str, expected: Result<bool, LineError>| {
        let mut advert = false;
        let read = parse_line(line, |said| advert = matches!(said, Said::Advert(_)));
        assert_eq!(read.map(|()| advert), expected, "{line}");
    };
    check("$HBRP,1", Ok(false));
    check("$GPSR,F008D1798C00", Ok(false));
    check(r#"{"uptime":123}"#, Ok(false));
    check(r#"{"id":"AA:BB:CC:00:00:01"}"#, Ok(false));
    check(r#"{"id":"AA:BB:CC:00:00:01","rssi":-60}"#, Ok(true));
    check("$GPRP,AABBCC000001,112233445566,-63,", Ok(true));
    check("$GPRP,zz,11,-1,00", Err(LineError::Malformed));
    check(r#"{"id":"AA:BB","rssi":-60}"#, Err(LineError::Malformed));
    check(r#"{"id":"AA:BB:CC:00:00:01","rssi":-600}"#, Err(LineError::Malformed));
    check(r#"{"id":"AA:BB:CC:00:00:01","rssi":-60"#, Err(LineError::Malformed));
    check("$G", Err(LineError::OtherLine));
    check("$G\u{fffd}RP1,1", Err(LineError::OtherLine));
    check("hello", Err(LineError::OtherLine));
    check("", Err(LineError::OtherLine));
}

#[test]
fn broken_reports_are_counted_and_other_lines_are_not() {
    let mut decoder = ReceiverDecoder::default();
    let mut said = 0;
    decoder.push(b"$GPRP,zz,11,-1,00\r\n$HBRP,1\r\nnoise\r\n{\r\n", |_| said += 1);
    assert_eq!((said, decoder.malformed()), (1, 2));
}

#[test]
fn a_table_of_strangers_tells_about_how_many_and_never_a_few() {
    let check = |devices: u32, adverts: u32| {
        let mut strangers = Strangers::default();
        for n in 0..devices * adverts {
            let [a, b, c, d] = (n % devices.max(1)).to_be_bytes();
            strangers.note(Address([0x40, 7, a, b, c, d]));
        }
        assert_eq!(strangers.is_empty(), devices == 0);
        let told = strangers.end();
        assert!(strangers.is_empty(), "a new window begins");
        told
    };
    for devices in 0..limits::STRANGERS_TOLD {
        assert_eq!(check(devices as u32, 50), None, "{devices}");
    }
    for (devices, error) in [(20, 1), (500, 40), (10_000, 600)] {
        let told = check(devices, 2).unwrap();
        assert!(told.abs_diff(devices.into()) <= error, "{devices}: {told}");
    }
    assert!(check(1_000_000, 1).unwrap() > 50_000, "a full table says many");
}

#[test]
fn keys_are_thirty_two_digits_and_are_not_printed() {
    let key = "231d39c1d7cc1ab1aee224cd096db932";
    assert!(SecretKey::parse(&format!(" {}\r\n", key.to_uppercase())).is_some());
    for wrong in ["", &key[1..], &key[2..], &format!("{key}00"), &key.replace('2', "g")] {
        assert_eq!(SecretKey::parse(wrong), None, "{wrong}");
    }
    assert_eq!(format!("{:?}", SecretKey::parse(key)), "Some(SecretKey)");
}
