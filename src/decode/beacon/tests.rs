//! Reports of receivers and advertisements by example; the shared vectors where they are at hand.

use super::*;

const UUID: [u8; 16] = [
    0xf7, 0x82, 0x6d, 0xa6, 0x4f, 0xa2, 0x4e, 0x98, 0x80, 0x24, 0xbc, 0x5b, 0x71, 0xe0, 0x89, 0x3e,
];

fn bytes(hex: &str) -> Vec<u8> {
    let nibble = |c: u8| u8::try_from((c as char).to_digit(16).unwrap()).unwrap();
    let (pairs, _) = hex.as_bytes().as_chunks::<2>();
    pairs.iter().map(|[high, low]| nibble(*high) << 4 | nibble(*low)).collect()
}

/// A line of a serial receiver, and the tag in it.
fn check(line: &str, expected: Option<TagHeard>) {
    assert_eq!(parse_gprp(line).ok().and_then(|advert| tag_heard(&advert)), expected, "{line}");
}

#[test]
fn a_receivers_line_names_an_ibeacon() {
    let key = TagKey::IBeacon { uuid: UUID, major: 1, minor: 14 };
    check(
        "$GPRP,AABBCC000001,112233445566,-63,\
         0201061aff4c000215f7826da64fa24e988024bc5b71e0893e0001000ec5,1700000000\r\n",
        Some(TagHeard { key, rssi: -63, power_at_1m: Some(-59) }),
    );
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
        "$GPRP,AABBCC000001,112233445566,127,1aff4c000215f7826da64fa24e988024bc5b71e0893e0001000ec5",
    ] {
        check(line, None);
    }
}

#[test]
fn broken_reports_are_counted_and_other_lines_are_not() {
    let mut decoder = GprpDecoder::default();
    let mut heard = 0;
    decoder.push(b"$GPRP,zz,11,-1,00\r\n$HBRP,1\r\n", |_| heard += 1);
    assert_eq!((heard, decoder.malformed()), (0, 1));
}

/// Vectors of another decoder, where they are at hand: both agree on what an iBeacon and a UID frame is.
#[test]
fn shared_vectors_agree() {
    let folder = std::env::var("TILLGATE_CORPUS").unwrap_or_else(|_| "../shared/corpus".to_owned());
    let Ok(text) = std::fs::read_to_string(format!("{folder}/ble/ibeacon_eddystone.json")) else {
        println!("SKIPPED: no shared corpus at {folder}");
        return;
    };
    let vectors: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    let mut named = 0;
    for vector in &vectors {
        let (manufacturer, service) = ad::split(&bytes(vector["adv_payload"].as_str().unwrap()));
        let advert = Advert { address: [0; 6], random: false, rssi: -60, manufacturer, service };
        let class = vector["beacontools"]["class"].as_str();
        let expected = matches!(class, Some("IBeaconAdvertisement" | "EddystoneUIDFrame"));
        let found = tag_heard(&advert);
        assert_eq!(found.is_some(), expected, "{vector}");
        let Some(found) = found else { continue };
        named += 1;
        let oracle = &vector["beacontools"];
        match found.key {
            TagKey::IBeacon { uuid, major, minor } => {
                let text = oracle["uuid"].as_str().unwrap().replace('-', "");
                assert_eq!(uuid.as_slice(), bytes(&text));
                assert_eq!(u64::from(major), oracle["major"].as_u64().unwrap());
                assert_eq!(u64::from(minor), oracle["minor"].as_u64().unwrap());
            }
            TagKey::EddystoneUid { namespace, instance } => {
                assert_eq!(namespace.as_slice(), bytes(oracle["namespace"].as_str().unwrap()));
                assert_eq!(instance.as_slice(), bytes(oracle["instance"].as_str().unwrap()));
            }
        }
    }
    assert!(named > 0);
    println!("{named} of {} vectors name a tag", vectors.len());
}
