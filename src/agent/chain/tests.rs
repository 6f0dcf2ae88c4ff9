//! What a device says of its own state while its input suffers.

use std::time::Duration;

use tillgate_events::DeviceStatus;

use super::*;
use crate::agent::door::Eyes;
use crate::agent::fixture::{escpos_till, till};
use crate::decode::counter::{Counter, Protocol};
use crate::decode::door::{ContactDecoder, PairDecoder};
use crate::source::{DownReason, SourceId};
use crate::track::beam::BeamPair;
use crate::track::door::{DoorSettings, DoorTracker};

/// What happens to a device.
enum Step {
    Gets(Body),
    /// Nothing, and the timers run.
    Waits,
}

use Step::{Gets, Waits};

/// Puts a chain through steps ten seconds apart; the states it tells, and `R` for each receipt, in order.
fn check(mut chain: Chain, steps: Vec<Step>, expected: &[&str]) {
    let (mut now, names, mut out) = (Now::default(), Pseudonyms::new([0; 64]), Vec::new());
    let mut guard = Guard::default();
    for step in steps {
        now = now.plus(Duration::from_secs(10));
        match step {
            Gets(body) => {
                chain.step(
                    Reading { source: SourceId(0), at: now, body },
                    &names,
                    &mut guard,
                    &mut out,
                );
            }
            Waits => chain.tick(now, &names, &mut out),
        }
    }
    let told: Vec<&str> = out.iter().map(|record| word(&record.body)).collect();
    assert_eq!(told, expected, "{out:?}");
}

fn word(event: &Event) -> &'static str {
    match event {
        Event::DeviceStatusChanged(changed) => match changed.status {
            DeviceStatus::Up => "up",
            DeviceStatus::Down => "down",
            DeviceStatus::Degraded => "degraded",
        },
        Event::Receipt(_) => "R",
        Event::NoSale(_) => "no sale",
        Event::CustomerEntered(_) | Event::CustomerExited(_) => "passed",
        Event::Unknown(_) => "unknown",
        other => panic!("{other:?}"),
    }
}

fn bytes(text: &str) -> Step {
    Gets(Body::Bytes(text.as_bytes().to_vec()))
}

fn down() -> Step {
    Gets(Body::Down(DownReason::Unplugged))
}

/// A sequence that no terminal knows.
const BAD: &str = "\x1bq";
const OPEN_SALE: &str = "RECEIPT # 1\nTEA   1.00\nTOTAL   1.00\nCASH   1.00\n";
const SALE: &str = "RECEIPT # 2\nTEA   1.00\nTOTAL   1.00\nCASH   1.00\n\x0c";

#[test]
fn a_receipt_proves_that_a_till_is_understood_again() {
    check(till("t"), vec![Gets(Body::Up), bytes(BAD), bytes(SALE)], &["up", "degraded", "R", "up"]);
}

#[test]
fn what_was_not_understood_proves_nothing() {
    let steps = vec![Gets(Body::Up), bytes(BAD), bytes("%%% nothing we know\n\x0c")];
    check(till("t"), steps, &["up", "degraded", "unknown"]);
}

#[test]
fn a_device_that_went_away_is_not_up_because_its_last_receipt_ended() {
    let steps = vec![Gets(Body::Up), bytes(&format!("{BAD}{OPEN_SALE}")), down(), Waits];
    check(till("t"), steps, &["up", "degraded", "R", "down"]);
}

#[test]
fn a_receipt_cut_by_a_loss_does_not_prove_the_loss_away() {
    let lost = Gets(Body::Overrun { bytes: 9 });
    let steps = vec![Gets(Body::Up), bytes(&format!("{BAD}{OPEN_SALE}")), lost];
    check(till("t"), steps, &["up", "degraded", "R", "degraded"]);
}

#[test]
fn a_loss_is_over_when_something_good_follows() {
    let lost = Gets(Body::Overrun { bytes: 9 });
    check(till("t"), vec![Gets(Body::Up), lost, bytes(SALE)], &["up", "degraded", "R", "up"]);
}

#[test]
fn after_a_new_start_bad_input_is_told_again() {
    let steps = vec![Gets(Body::Up), bytes(BAD), down(), Gets(Body::Up), bytes(BAD)];
    check(till("t"), steps, &["up", "degraded", "down", "up", "degraded"]);
}

#[test]
fn a_drawer_kick_from_before_the_end_does_not_bring_a_device_back() {
    let kick = Gets(Body::Bytes(b"\x1bp\x00\x19\xfa".to_vec()));
    let unknown = Gets(Body::Bytes(b"\x1b\xff".to_vec()));
    let steps = vec![Gets(Body::Up), unknown, kick, down(), Waits];
    check(escpos_till("t"), steps, &["up", "degraded", "down", "no sale"]);
}

fn counter() -> Chain {
    door(Eyes::Counter(Counter::new(Protocol::Lines)))
}

fn door(eyes: Eyes) -> Chain {
    let tracker = DoorTracker::new(DoorSettings::new("d", "ENTRANCE"));
    Chain::new("d", Kind::Door(Box::new(Door::new("d", eyes, tracker))))
}

#[test]
fn a_counter_that_jumps_is_told_of_until_somebody_passes() {
    let steps = vec![
        Gets(Body::Up),
        bytes("IN=1 OUT=1\r\n"),
        bytes("IN=900000 OUT=1\r\n"),
        bytes("IN=900000 OUT=1\r\n"),
        bytes("IN=900001 OUT=1\r\n"),
    ];
    check(counter(), steps, &["up", "degraded", "passed", "up"]);
}

#[test]
fn a_contact_that_lost_edges_is_told_of() {
    let edge = |active, sequence| Gets(Body::Edge { line: 4, active, sequence });
    let steps = vec![Gets(Body::Up), edge(false, 0), edge(true, 7), edge(false, 8), edge(true, 9)];
    let expected = ["up", "passed", "degraded", "up", "passed"];
    check(door(Eyes::Contact(ContactDecoder::default())), steps, &expected);
}

#[test]
fn beams_that_are_stuck_make_a_door_that_works_badly_until_they_are_clear() {
    let eyes = Eyes::Pair(PairDecoder::new([4, 9]), Box::new(BeamPair::new(true)));
    let edge = |line, active, sequence| Gets(Body::Edge { line, active, sequence });
    let mut steps = vec![Gets(Body::Up), Gets(Body::Levels([false, false])), edge(4, true, 1)];
    steps.extend((0..6).map(|_| Waits));
    steps.extend([edge(4, false, 2), Waits]);
    steps.extend([edge(4, true, 3), edge(9, true, 4), edge(4, false, 5), edge(9, false, 6)]);
    // Each step takes ten seconds: that long a beam may be blocked before it is told of.
    let expected = ["up", "unknown", "degraded", "up", "unknown", "unknown", "passed"];
    check(door(eyes), steps, &expected);
}
