//! BTHome v2 against the vectors of its reference implementation, bthome-ble.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tillgate::decode::beacon::bthome::{self, Objects, Sealed};
use tillgate::decode::beacon::{Refusal, Sender, Sighting};
use tillgate::time::{Mono, Now};

use super::{address, hex, key, sealed, vectors};

/// Names of objects as the oracle gives them, by their ids.
struct Names(BTreeMap<u8, (String, String)>);

impl Names {
    fn read() -> Option<Self> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let entries = vectors("bthome_v2_object_ids.json")?;
        let named = entries.iter().map(|entry| {
            let id = u8::try_from(entry["id"].as_u64().unwrap()).unwrap();
            (id, (text(&entry["kind"]), text(&entry["name"])))
        });
        Some(Self(named.collect()))
    }

    /// The objects as the oracle would write them.
    fn values(&self, objects: Objects<'_>) -> Value {
        let said: Vec<(String, Option<Value>)> =
            objects.filter_map(|(id, value)| self.value(id, value)).collect();
        let mut values = serde_json::Map::new();
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for (name, value) in &said {
            let instance = seen.entry(name).or_default();
            *instance += 1;
            let alone = said.iter().filter(|(other, _)| other == name).count() == 1;
            let name = if alone { name.clone() } else { format!("{name}_{instance}") };
            values.extend(value.clone().map(|value| (name, value)));
        }
        Value::Object(values)
    }

    /// Its name, and its value unless it says that nothing happened.
    fn value(&self, id: u8, value: bthome::Value<'_>) -> Option<(String, Option<Value>)> {
        let (kind, name) = &self.0[&id];
        let number = || match value {
            bthome::Value::Number { number, decimals: 0 } => json!(number),
            bthome::Value::Number { number, decimals } => {
                json!(number as f64 / 10_f64.powi(decimals.into()))
            }
            other => panic!("{other:?}"),
        };
        let name = match kind.as_str() {
            "binary" => format!("bin:{name}"),
            "event" => format!("event:{name}"),
            _ => name.clone(),
        };
        let value = match (id, value) {
            // Nobody tells what these mean.
            (0x3b | 0xf0..=0xf2, _) => return None,
            (0x3a, _) => button(number().as_i64().unwrap()).map(|it| json!({"type": it})),
            (0x3c, _) => dimmer(number().as_i64().unwrap()),
            (0x50, _) => {
                let moment = jiff::Timestamp::from_second(number().as_i64().unwrap()).unwrap();
                Some(json!(moment.to_string().replace('Z', "+00:00")))
            }
            (_, bthome::Value::Flag(flag)) => Some(json!(flag)),
            (_, bthome::Value::Text(text)) => Some(json!(text)),
            (_, bthome::Value::Raw(raw)) => {
                Some(json!(raw.iter().map(|it| format!("{it:02x}")).collect::<String>()))
            }
            _ => Some(number()),
        };
        Some((name, value))
    }
}

fn button(code: i64) -> Option<&'static str> {
    Some(match code {
        1 => "press",
        2 => "double_press",
        3 => "triple_press",
        4 => "long_press",
        5 => "long_double_press",
        6 => "long_triple_press",
        0x80 => "hold_press",
        _ => return None,
    })
}

fn dimmer(code: i64) -> Option<Value> {
    let way = match code & 0xff {
        1 => "rotate_left",
        2 => "rotate_right",
        _ => return None,
    };
    Some(json!({"type": way, "props": {"steps": code >> 8}}))
}

fn assert_alike(expected: &Value, found: &Value, vector: &Value) {
    let (expected, found) = (expected.as_object().unwrap(), found.as_object().unwrap());
    let names = |map: &serde_json::Map<String, Value>| map.keys().cloned().collect::<Vec<_>>();
    let sorted = |mut names: Vec<String>| {
        names.sort();
        names
    };
    assert_eq!(sorted(names(expected)), sorted(names(found)), "{vector}");
    for (name, value) in expected {
        let ours = &found[name];
        match (value.as_f64(), ours.as_f64()) {
            (Some(value), Some(ours)) => {
                // Quirk: it rounds the temperature in steps of 0.35 °C to one decimal.
                let coarse = vector["service_data_fcd2"].as_str().unwrap().starts_with("4058");
                let error = if coarse { 0.051 } else { 1e-9 * value.abs().max(1.0) };
                assert!((value - ours).abs() <= error, "{name}: {value} {ours} {vector}");
            }
            // Generated vectors name an event's type alone.
            (None, None) if value.is_string() && ours["type"].is_string() => {
                assert_eq!(value, &ours["type"], "{vector}");
            }
            _ if value["props"].is_null() && value["type"].is_string() => {
                assert_eq!(value["type"], ours["type"], "{vector}");
            }
            _ => assert_eq!(value, ours, "{name} {vector}"),
        }
    }
}

#[test]
fn every_object_id_has_the_length_of_the_oracle() {
    let Some(vectors) = vectors("bthome_v2_object_ids.json") else { return };
    for vector in &vectors {
        let id = u8::try_from(vector["id"].as_u64().unwrap()).unwrap();
        let length = usize::try_from(vector["len"].as_u64().unwrap()).unwrap();
        let data = [&[id][..], &vec![0; length]].concat();
        assert_eq!(Objects::of(&data).count(), 1, "{vector}");
        assert_eq!(Objects::of(&data[..length]).count(), 0, "{vector}");
    }
    let known = |id: &u8| vectors.iter().any(|vector| vector["id"] == *id);
    for id in (0..=u8::MAX).filter(|id| !known(id)) {
        assert_eq!(Objects::of(&[id, 0, 0, 0, 0]).count(), 0, "{id:02x}");
    }
}

#[test]
fn values_of_every_object_agree_with_the_oracle() {
    let (Some(names), Some(vectors)) = (Names::read(), vectors("bthome_v2_objects_generated.json"))
    else {
        return;
    };
    for vector in &vectors {
        let data = hex(&vector["service_data_fcd2"]);
        let packet = bthome::parse(&data).unwrap();
        assert_alike(&vector["values"], &names.values(packet.objects()), vector);
    }
}

#[test]
fn encrypted_packets_are_opened_by_their_keys_and_by_no_others() {
    let (Some(names), Some(vectors)) =
        (Names::read(), vectors("bthome_v2_encrypted_generated.json"))
    else {
        return;
    };
    for (vector, next) in vectors.iter().zip(vectors.iter().cycle().skip(1)) {
        let data = hex(&vector["service_data_fcd2"]);
        let packet = bthome::parse(&data).unwrap();
        assert!(packet.is_encrypted() && packet.objects().count() == 0);
        let sealed = Sealed::new(&key(&vector["key"]));
        let opened = sealed.open(address(&vector["mac"]), &packet).unwrap();
        assert_eq!(vector["counter"], opened.counter);
        assert_alike(&vector["values"], &names.values(opened.objects()), vector);
        assert!(sealed.open(address(&next["mac"]), &packet).is_none(), "another sender");
        let other = Sealed::new(&key(&next["key"]));
        assert!(other.open(address(&vector["mac"]), &packet).is_none(), "another key");
        for at in 0..data.len() {
            let mut damaged = data.clone();
            damaged[at] ^= 1;
            let read =
                bthome::parse(&damaged).filter(|it| it.is_encrypted() && it.address.is_none());
            let opened = read.and_then(|it| sealed.open(address(&vector["mac"]), &it));
            assert!(opened.is_none(), "byte {at} of {vector}");
        }
    }
}

#[test]
fn the_projects_own_tests_agree() {
    let (Some(names), Some(vectors)) = (Names::read(), vectors("bthome_v2_project_tests.json"))
    else {
        return;
    };
    for vector in &vectors {
        let data = hex(&vector["service_data_fcd2"]);
        let sender = address(&vector["address"]);
        let name = vector["test"].as_str().unwrap();
        let Some(packet) = bthome::parse(&data) else {
            assert!(name.ends_with("incorrect_bthome_version"), "{vector}");
            continue;
        };
        assert!(packet.address.is_none_or(|said| said == sender), "{vector}");
        assert_eq!(vector["sleepy"], packet.is_triggered(), "{vector}");
        if vector["bindkey"].is_null() {
            // Quirk: for a packet that it takes for an old one it repeats what it said of the one before.
            let repeated = name.ends_with("identical_packet_id") && data == [0x40, 0, 8];
            let expected =
                if repeated { json!({"packet_id": 8}) } else { vector["values"].clone() };
            assert_alike(&expected, &names.values(packet.objects()), vector);
            continue;
        }
        let key = key(&vector["bindkey"]);
        let opened = Sealed::new(&key).open(sender, &packet);
        assert_eq!(
            vector["bindkey_verified"],
            packet.is_encrypted() && opened.is_some(),
            "{vector}"
        );
        let payload = [&[data.len() as u8 + 3, 0x16, 0xd2, 0xfc], &data[..]].concat();
        let sighting = Sighting::new(sender, None, -60).with_payload(&payload);
        let proven = match sealed(sender, key).sender(&sighting) {
            Sender::Known(..) => true,
            Sender::Unproven(refusal) => {
                let downgrade = vector["encryption"] == "none";
                assert_eq!(refusal == Refusal::Downgrade, downgrade, "{vector}");
                false
            }
            Sender::Stranger => panic!("{vector}"),
        };
        assert_eq!(vector["bindkey_verified"], proven, "{vector}");
        if let Some(opened) = opened.filter(|_| proven) {
            assert_alike(&vector["values"], &names.values(opened.objects()), vector);
        }
    }
}

/// The reference's rule for packet ids, by its own sequence of ids.
#[test]
fn ids_that_the_reference_takes_as_newer_are_newer_here() {
    use tillgate::decode::TagKey;
    use tillgate::decode::beacon::{Counter, Guard, Verdict};
    let Some(vectors) = vectors("bthome_v2_project_tests.json") else { return };
    let mut guard = Guard::default();
    let (mut now, mut ids) = (Now::default(), 0);
    for vector in &vectors {
        let name = vector["test"].as_str().unwrap();
        if name.ends_with("increasing_packet_id") {
            let id = hex(&vector["service_data_fcd2"])[2];
            now.mono = Mono(now.mono.0 + 1_000_000);
            let tag = TagKey::Address(address(&vector["address"]));
            assert_eq!(guard.admit(now.mono, tag, Counter::Packet(id)), Verdict::New, "{id}");
            ids += 1;
        }
    }
    assert!(ids >= 4);
}
