//! Tags and sensors: the shared vectors of other decoders, and the built binary with a receiver on a pty.
//!
//! Where an oracle is wrong by its own format's description, the test says so at that place ("quirk").

mod bthome;
mod flood;
mod outside;
mod recording;

use serde_json::Value;
use tillgate::decode::beacon::{
    AllowList, Seal, SecretKey, Sender, Sighting, TagMatch, eddystone, ruuvi, tag_heard,
};
use tillgate::decode::{Address, TagKey};

use crate::support::skipped;

/// The vectors of a file; `None` without the corpus, which is said loudly.
fn vectors(file: &str) -> Option<Vec<Value>> {
    let folder = std::env::var("TILLGATE_CORPUS").unwrap_or_else(|_| "../shared/corpus".to_owned());
    let Ok(text) = std::fs::read_to_string(format!("{folder}/ble/{file}")) else {
        skipped(file, &format!("no shared corpus at {folder}"));
        return None;
    };
    let vectors: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert!(vectors.len() > 10, "{file} is nearly empty");
    Some(vectors)
}

fn hex(value: &Value) -> Vec<u8> {
    let digits: Vec<u8> = value.as_str().unwrap().bytes().filter(u8::is_ascii_hexdigit).collect();
    let text = String::from_utf8(digits).unwrap();
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn address(value: &Value) -> Address {
    Address(hex(value).try_into().unwrap())
}

fn key(value: &Value) -> SecretKey {
    SecretKey::parse(value.as_str().unwrap()).unwrap()
}

fn heard(payload: &[u8]) -> Option<(TagKey, i8)> {
    let sighting = Sighting::new(Address([1; 6]), None, -60).with_payload(payload);
    tag_heard(&sighting).map(|heard| (heard.key, heard.power_at_1m.unwrap()))
}

#[test]
fn beacon_frames_agree_with_the_shared_vectors() {
    let Some(vectors) = vectors("ibeacon_eddystone.json") else { return };
    for vector in &vectors {
        let payload = hex(&vector["adv_payload"]);
        let sighting = Sighting::new(Address([1; 6]), None, -60).with_payload(&payload);
        let frame = sighting.service(0xfeaa).find_map(eddystone::parse);
        let named = heard(&payload);
        let oracle = &vector["beacontools"];
        match oracle["class"].as_str() {
            None => assert_eq!((named, frame), (None, None), "{vector}"),
            Some("IBeaconAdvertisement") => {
                let Some((TagKey::IBeacon { uuid, major, minor }, power)) = named else {
                    panic!("{vector}");
                };
                assert_eq!(uuid.as_slice(), hex(&oracle["uuid"]));
                assert_eq!(oracle["major"], major);
                assert_eq!(oracle["minor"], minor);
                assert_eq!(oracle["tx_power"], power);
            }
            Some("EddystoneUIDFrame") => {
                let Some((TagKey::EddystoneUid { namespace, instance }, power)) = named else {
                    panic!("{vector}");
                };
                assert_eq!(namespace.as_slice(), hex(&oracle["namespace"]));
                assert_eq!(instance.as_slice(), hex(&oracle["instance"]));
                let at_0m = i8::try_from(oracle["tx_power"].as_i64().unwrap()).unwrap();
                assert_eq!(power, at_0m.saturating_sub(41));
            }
            Some(_) => check_unnamed(oracle, frame.unwrap()),
        }
    }
}

/// Frames of Eddystone that name no tag.
fn check_unnamed(oracle: &Value, frame: eddystone::Frame<'_>) {
    match frame {
        eddystone::Frame::Url { power, .. } => {
            assert_eq!(oracle["tx_power"], power);
            assert_eq!(oracle["url"].as_str(), frame.url().as_deref());
        }
        eddystone::Frame::Telemetry(telemetry) => {
            let millivolts = telemetry.millivolts.unwrap_or(0);
            assert_eq!(oracle["voltage"], millivolts);
            // Quirk: beacontools reads the temperature without its sign, and 8000h as one.
            let unsigned = oracle["temperature"].as_f64().unwrap();
            let signed = if unsigned < 128.0 { unsigned } else { unsigned - 256.0 };
            let known = (signed > -128.0).then_some(signed);
            assert_eq!(telemetry.temperature.map(|it| f64::from(it) / 256.0), known);
            assert_eq!(oracle["advertising_count"], telemetry.adverts);
            // Quirk: it calls tenths of a second seconds.
            assert_eq!(oracle["seconds_since_boot"], telemetry.uptime);
        }
        eddystone::Frame::EncryptedTelemetry { opaque } => {
            assert_eq!(opaque[..12], hex(&oracle["encrypted_data"])[..]);
        }
        eddystone::Frame::Ephemeral { power, identity } => {
            assert_eq!(oracle["tx_power"], power);
            assert_eq!(identity.as_slice(), hex(&oracle["eid"]));
        }
        eddystone::Frame::Uid { .. } => panic!("{oracle}"),
    }
}

#[test]
fn altbeacons_agree_with_the_shared_vectors() {
    let Some(vectors) = vectors("altbeacon.json") else { return };
    for vector in &vectors {
        let found = heard(&hex(&vector["adv_payload"]));
        if vector["decodes"] == false {
            assert_eq!(found, None, "{vector}");
            continue;
        }
        let Some((TagKey::AltBeacon { uuid, major, minor }, power)) = found else {
            panic!("{vector}");
        };
        assert_eq!(vector["ref_rssi"], power);
        if vector["beacon_id"].is_string() {
            let id = [&uuid[..], &major.to_be_bytes(), &minor.to_be_bytes()].concat();
            assert_eq!(id, hex(&vector["beacon_id"]));
        } else {
            assert_eq!(uuid.as_slice(), hex(&vector["id1"]));
            assert_eq!(vector["id2"], major);
            assert_eq!(vector["id3"], minor);
        }
    }
}

#[test]
fn ruuvi_packets_agree_with_the_shared_vectors() {
    let Some(vectors) = vectors("ruuvi_rawv2.json") else { return };
    for vector in &vectors {
        let found = ruuvi::parse(&hex(&vector["manufacturer_data"]["0499"])).unwrap();
        if vector["expected"].is_object() {
            check_ruuvi_by_its_maker(&vector["expected"], &found);
        } else {
            check_ruuvi_by_ruuvitag_ble(&vector["expected_ruuvitag_ble"], &found);
        }
    }
}

/// The maker's own vectors: each value in words, `NAN` for none.
fn check_ruuvi_by_its_maker(oracle: &Value, found: &ruuvi::Ruuvi) {
    let check = |field: &str, found: Option<f64>| {
        let words = oracle[field].as_str().unwrap();
        let expected: Option<f64> = words.split(' ').next().unwrap().parse().ok();
        match (expected.filter(|it| !it.is_nan()), found) {
            (None, None) => {}
            (Some(expected), Some(found)) => {
                assert!((expected - found).abs() < 1e-9, "{field}: {expected} {found}");
            }
            other => panic!("{field}: {other:?}"),
        }
    };
    check("Temperature", found.temperature.map(|it| f64::from(it) * 0.005));
    check("Humidity", found.humidity.map(|it| f64::from(it) * 0.0025));
    check("Pressure", found.pressure.map(f64::from));
    check("TX Power", found.power.map(f64::from));
    check("Voltage", found.millivolts.map(|it| f64::from(it) / 1000.0));
    check("Movement counter", found.movements.map(f64::from));
    check("Measurement Sequence", found.sequence.map(f64::from));
    for (axis, value) in ["X", "Y", "Z"].iter().zip(found.acceleration) {
        check(&format!("Acceleration {axis}"), value.map(|it| f64::from(it) / 1000.0));
    }
    let mac = oracle["MAC"].as_str().filter(|words| *words != "NAN");
    assert_eq!(mac.map(|_| address(&oracle["MAC"])), found.address);
}

fn check_ruuvi_by_ruuvitag_ble(oracle: &Value, found: &ruuvi::Ruuvi) {
    // Quirk: it rounds to two decimals.
    let close = |field: &str, found: Option<f64>| match (oracle[field].as_f64(), found) {
        (None, None) => {}
        (Some(expected), Some(found)) => {
            assert!((expected - found).abs() <= 0.005 + 1e-9, "{field}: {expected} {found}");
        }
        other => panic!("{field}: {other:?} {oracle}"),
    };
    close("temperature_c_2dp", found.temperature.map(|it| f64::from(it) * 0.005));
    close("humidity_2dp", found.humidity.map(|it| f64::from(it) * 0.0025));
    close("pressure_hpa", found.pressure.map(|it| f64::from(it) / 100.0));
    // Quirks: it takes FFh and FFFFh for counts, and gives up supply and power both when one was not measured.
    assert_eq!(oracle["movement"], found.movements.unwrap_or(u8::MAX));
    assert_eq!(oracle["sequence"], found.sequence.unwrap_or(u16::MAX));
    if !oracle["battery_mv"].is_null() {
        assert_eq!(oracle["battery_mv"].as_u64(), found.millivolts.map(u64::from), "{oracle}");
        assert_eq!(oracle["tx_power_dbm"].as_i64(), found.power.map(i64::from), "{oracle}");
    }
    // Quirk: it drops all axes when one was not measured.
    let axes: Vec<Option<i64>> =
        oracle["acc_mg"].as_array().unwrap().iter().map(Value::as_i64).collect();
    let ours: Vec<Option<i64>> = found.acceleration.iter().map(|it| it.map(i64::from)).collect();
    if ours.iter().all(Option::is_some) {
        assert_eq!(axes, ours, "{oracle}");
    } else {
        assert_eq!(axes, [None; 3], "{oracle}");
    }
    assert_eq!(Some(address(&oracle["mac"])), found.address);
}

#[test]
fn resolvable_addresses_agree_with_the_shared_vectors() {
    let Some(vectors) = vectors("rpa_resolve.json") else { return };
    let mut resolved = 0;
    for vector in &vectors {
        let list = AllowList::new(&[TagMatch::Resolving(Some(key(&vector["irk"])))]);
        let sighting = Sighting::new(address(&vector["address"]), Some(true), -60);
        let known = matches!(list.sender(&sighting), Sender::Known(..));
        assert_eq!(vector["resolves"], known, "{vector}");
        resolved += usize::from(known);
    }
    assert!(0 < resolved && resolved < vectors.len());
}

/// A sensor with a key, and nothing else.
fn sealed(address: Address, key: SecretKey) -> AllowList {
    AllowList::new(&[TagMatch::Address(address, Seal::Key(key))])
}
