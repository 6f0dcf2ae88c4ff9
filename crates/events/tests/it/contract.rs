//! The JSON of every event against `contract.txt`: the contract's keys in their order, with their types,
//! `!` where null is never allowed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use tillgate_events::{Envelope, EventType, UtcMs, check_envelope};

use crate::samples;

const CONTRACT: &str = include_str!("contract.txt");

#[test]
fn every_event_has_the_keys_and_types_of_the_contract() {
    let contract = contract();
    for event in all_events() {
        let name = event.event_type().name();
        let payload = payload(&event);
        let keys: Vec<&str> = payload.keys().map(String::as_str).collect();
        let expected: Vec<&str> = contract[name].iter().map(|field| field.name).collect();
        assert_eq!(keys, expected, "{name}");
        for field in &contract[name] {
            let value = &payload[field.name];
            let fits = if value.is_null() { field.nullable } else { field.accepts(value) };
            assert!(fits, "{name}.{} is {value}", field.name);
        }
    }
}

#[test]
fn what_can_be_null_is_null_somewhere() {
    let mut never: BTreeSet<String> = BTreeSet::new();
    for (name, fields) in contract() {
        let nullable = fields.iter().filter(|field| field.nullable);
        never.extend(nullable.map(|field| format!("{name}.{}", field.name)));
    }
    for event in all_events() {
        let nulls = payload(&event).into_iter().filter(|(_, value)| value.is_null());
        for (key, _) in nulls {
            never.remove(&format!("{}.{key}", event.event_type().name()));
        }
    }
    // A gateway knows only the screens of its own store.
    assert_eq!(Vec::from_iter(never), ["ad_impression.store_id"]);
}

#[test]
fn every_event_type_is_in_the_contract_and_has_a_sample() {
    let sampled = BTreeSet::from_iter(all_events().iter().map(Envelope::event_type));
    assert_eq!(Vec::from_iter(sampled), EventType::ALL);
    assert_eq!(contract().len(), EventType::ALL.len());
    for kind in EventType::ALL {
        assert_eq!(EventType::from_name(kind.name()), Some(*kind));
    }
}

#[test]
fn every_rendered_event_is_an_envelope() {
    for event in all_events() {
        let line = event.to_json_line();
        assert_eq!(check_envelope(line.as_bytes()).as_ref(), Ok(&line));
    }
}

fn all_events() -> Vec<Envelope> {
    let records = samples::full().into_iter().chain(samples::bare());
    records.flat_map(samples::events_of).collect()
}

fn payload(event: &Envelope) -> Map<String, Value> {
    let envelope: Value = serde_json::from_str(&event.to_json_line()).unwrap();
    envelope["payload"].as_object().unwrap().clone()
}

struct Field {
    name: &'static str,
    nullable: bool,
    kind: &'static str,
}

fn contract() -> BTreeMap<&'static str, Vec<Field>> {
    let event = |line: &'static str| {
        let (name, fields) = line.split_once(": ").unwrap();
        let field = |text: &'static str| {
            let (name, kind) = text.split_once(' ').unwrap();
            Field { name: name.trim_end_matches('!'), nullable: !name.ends_with('!'), kind }
        };
        (name, fields.split(", ").map(field).collect())
    };
    CONTRACT.lines().map(event).collect()
}

impl Field {
    fn accepts(&self, value: &Value) -> bool {
        let is_int = |value: &Value| value.is_i64();
        match self.kind {
            "int" => is_int(value),
            "ints" => value.as_array().is_some_and(|list| list.iter().all(is_int)),
            "str" => value.is_string(),
            "bool" => value.is_boolean(),
            "time" => value.as_str().is_some_and(|text| UtcMs::parse(text).is_some()),
            // The samples are in euros and hundredths of a degree.
            "num" => {
                let text = value.to_string();
                let decimals = text.split_once('.').map(|(_, decimals)| decimals.len());
                value.is_number() && decimals == Some(2)
            }
            names => value.as_str().is_some_and(|text| names.split('|').any(|name| name == text)),
        }
    }
}
