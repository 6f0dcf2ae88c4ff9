//! The judgement itself: what it must and must not let pass.

use tillgate_events::{Batch, Body, BootId, ClockQuality, Header, UtcMs};

use super::arrived::Arrived;
use super::*;

fn script() -> Script {
    Script::new(&Setting { seed: 7, days: 1, visitors: 60, hours: 3 })
}

/// All that is expected arrives, but for what `change` does to it.
fn arrives(script: &Script, change: impl Fn(usize, &Record) -> Vec<Record>) -> Arrived {
    let mut arrived = Arrived::default();
    for (n, record) in script.expected.iter().enumerate() {
        for record in change(n, record) {
            let sequence = arrived.records.keys().filter(|(class, ..)| *class == record.class());
            let key = (record.class(), 1, sequence.count() as u64 + 1);
            arrived.tally.add(&record);
            arrived.records.insert(key, record);
        }
    }
    arrived
}

#[track_caller]
fn check(change: impl Fn(usize, &Record) -> Vec<Record>, expected: &str) {
    let script = script();
    let report = Report::new(&script, &arrives(&script, change));
    let text = report.to_string();
    assert!(!report.passed(), "{text}");
    assert!(text.contains(expected), "{expected} is missing in\n{text}");
}

fn first_receipt() -> usize {
    script().expected.iter().position(|it| matches!(it.body, Body::Receipt(_))).unwrap()
}

#[test]
fn the_truth_itself_is_equal_and_what_nobody_makes_is_not_called_so() {
    let script = script();
    let report = Report::new(&script, &arrives(&script, |_, record| vec![record.clone()]));
    assert!(report.passed(), "{report}");
    for line in &report.lines {
        let made =
            !["truck_arrived", "customer_zone_changed", "dwell"].contains(&line.what.as_str());
        let equal = line.verdict == Verdict::Equal;
        assert!(!equal || made, "{line:?}");
        assert!(equal || line.verdict == Verdict::NotPlayed, "{line:?}");
    }
}

#[test]
fn a_receipt_that_is_missing_doubled_or_a_cent_off_is_a_difference_with_its_place() {
    let victim = first_receipt();
    let only = |n: usize, record: &Record, instead: Vec<Record>| {
        if n == victim { instead } else { vec![record.clone()] }
    };
    check(|n, record| only(n, record, Vec::new()), "missing; in truth");
    check(|n, record| only(n, record, vec![record.clone(), record.clone()]), "arrived 2 times");
    let cheaper = |record: &Record| {
        let mut record = record.clone();
        if let Body::Receipt(receipt) = &mut record.body {
            receipt.total -= 1;
        }
        record
    };
    check(|n, record| only(n, record, vec![cheaper(record)]), "total_cents");
    check(|n, record| only(n, record, vec![cheaper(record)]), "sales per minute");
}

#[test]
fn a_person_a_ping_or_a_piece_too_few_is_a_difference() {
    let without = |is: fn(&Body) -> bool| {
        let place = script().expected.iter().position(|record| is(&record.body)).unwrap();
        move |n: usize, record: &Record| {
            if n == place { Vec::new() } else { vec![record.clone()] }
        }
    };
    check(without(|body| matches!(body, Body::CustomerEntered(_))), "crossings");
    check(without(|body| matches!(body, Body::TagWindow(_))), "tag_pings");
    check(without(|body| matches!(body, Body::InventoryCounted(_))), "on hand 101");
    check(without(|body| matches!(body, Body::InventoryUpdated(_))), "stock_changes");
}

#[test]
fn a_message_that_comes_again_counts_once_and_a_hole_is_seen() {
    let record = script().expected.remove(first_receipt());
    let header = |first_sequence| Header {
        gateway_id: "gw".into(),
        store_id: 7,
        class: record.class(),
        epoch: 1,
        first_sequence,
        wall: UtcMs(0),
        boot_id: BootId::default(),
        mono_us: 0,
        clock: ClockQuality::Synced,
    };
    let mut arrived = Arrived::default();
    for sequence in [1, 1, 3] {
        let batch = Batch { header: header(sequence), records: vec![record.clone()] };
        let bytes = tillgate_events::encode(&batch).unwrap();
        arrived.take("tillgate/v1/a/7/gw/evt/pos", &bytes);
    }
    assert_eq!((arrived.records.len(), arrived.again, arrived.tally.papers), (2, 1, 2));
    assert_eq!(arrived.holes(), ["pos epoch 1: 2 to 2"]);
}
