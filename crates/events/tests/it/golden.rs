//! Committed samples: the JSON of each event type, and the bytes of each version of the wire.
//!
//! `UPDATE_GOLDEN=1` rewrites the JSON. The bytes of a version are written once and never again: they
//! stand for what gateways already hold.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs};

use tillgate_events::{Batch, EventType, decode, encode, expand_batch};

use crate::samples;

#[test]
fn each_event_type_renders_as_its_golden_file() {
    let events: Vec<_> = samples::full().into_iter().flat_map(samples::events_of).collect();
    for kind in EventType::ALL {
        let event = events.iter().find(|event| event.event_type() == *kind);
        let line = event.unwrap_or_else(|| panic!("no sample of {}", kind.name())).to_json_line();
        check(&format!("{}.json", kind.name()), &line);
    }
}

#[test]
fn bytes_of_every_version_are_still_understood() {
    let mixed = samples::mixed_batch();
    understood("batch_v1", "batch_v1", &mixed);
    understood("batch_v1_dictionary_1", "batch_v1", &mixed);
}

#[test]
fn bytes_of_visits_are_still_understood() {
    understood("batch_v1_visits", "batch_v1_visits", &samples::visits_batch());
}

/// The bytes are those of `first`, written once, and say what stands in the file of the name `says`.
fn understood(name: &str, says: &str, first: &Batch) {
    let path = golden(&format!("{name}.hex"));
    if updating() && !path.exists() {
        fs::write(&path, to_hex(&encode(first).unwrap())).unwrap();
    }
    let written = fs::read_to_string(path).unwrap();
    let batch = decode(&from_hex(&written)).unwrap();
    assert_eq!(decode(&encode(&batch).unwrap()).unwrap(), batch);
    let lines: Vec<String> = expand_batch(&batch).map(|event| event.to_json_line()).collect();
    check(&format!("{says}.jsonl"), &lines.join("\n"));
}

fn check(name: &str, text: &str) {
    let text = format!("{text}\n");
    if updating() {
        fs::write(golden(name), &text).unwrap();
    }
    let expected = fs::read_to_string(golden(name)).unwrap_or_default();
    assert_eq!(text, expected, "{name}; UPDATE_GOLDEN=1 rewrites it");
}

fn updating() -> bool {
    env::var_os("UPDATE_GOLDEN").is_some()
}

fn golden(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

/// 32 bytes a line.
fn to_hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for line in bytes.chunks(32) {
        line.iter().for_each(|byte| write!(text, "{byte:02x}").unwrap());
        text.push('\n');
    }
    text
}

fn from_hex(text: &str) -> Vec<u8> {
    let digits: Vec<char> = text.chars().filter(|digit| !digit.is_whitespace()).collect();
    let pairs = digits.chunks(2).map(String::from_iter);
    pairs.map(|pair| u8::from_str_radix(&pair, 16).unwrap()).collect()
}
