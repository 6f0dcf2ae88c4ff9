//! Crossings, windows and totals of doors, and counters that wrap or begin anew.

use proptest::prelude::*;

use super::*;
use crate::decode::Beam;
use crate::limits::COUNTER_JUMP;

/// (entered, exited) summed over the events.
fn sums(records: &[Record]) -> (u32, u32) {
    records.iter().fold((0, 0), |(entered, exited), record| match &record.body {
        Body::CustomerEntered(crossing) => (entered + crossing.customer_count, exited),
        Body::CustomerExited(crossing) => (entered, exited + crossing.customer_count),
        _ => (entered, exited),
    })
}

fn door() -> DoorTracker {
    DoorTracker::new(DoorSettings::new("main", "ENTRANCE"))
}

fn windowed(seconds: u64) -> DoorTracker {
    let window = Duration::from_secs(seconds);
    DoorTracker::new(DoorSettings { window, ..DoorSettings::new("main", "ENTRANCE") })
}

/// What a door says, and (entered, exited) summed over the events.
fn check(facts: &[DoorFact], expected: (u32, u32)) -> DoorTracker {
    let mut tracker = door();
    let mut records = Vec::new();
    for fact in facts {
        tracker.step(Now::default(), *fact, &mut records);
    }
    assert_eq!(sums(&records), expected, "{facts:?}");
    tracker
}

fn totals(entered: u64, exited: u64) -> DoorFact {
    DoorFact::Totals { entered, exited }
}

fn passed(entered: u32, exited: u32) -> DoorFact {
    DoorFact::Passed { entered, exited }
}

fn at(second: u64) -> Now {
    Now::default().plus(Duration::from_secs(second))
}

/// Ends the agent as a crash does: what was kept goes to the next run.
fn crash(before: &mut DoorTracker, next: DoorTracker) -> DoorTracker {
    let mut next = next;
    let kept: Vec<_> = before.take_changed().collect();
    kept.into_iter().for_each(|(what, value)| next.restore(what, value));
    next
}

#[test]
fn passages_are_counted_by_direction() {
    check(&[passed(2, 0), passed(0, 1), passed(2, 0)], (4, 1));
}

#[test]
fn totals_count_by_their_difference() {
    check(&[totals(500, 400)], (0, 0));
    check(&[totals(500, 400), totals(503, 400), totals(503, 402)], (3, 2));
}

#[test]
fn a_wrapped_counter_is_seen_through_and_a_reset_counts_from_zero() {
    check(&[totals(65_534, 0), totals(3, 0)], (5, 0));
    check(&[totals(16_777_215, 0), totals(3, 0)], (4, 0));
    check(&[totals(4_294_967_295, 0), totals(1, 0)], (2, 0));
    check(&[totals(30_000, 9), totals(4, 1)], (4, 1));
    check(&[totals(30_000, 9), totals(20_000, 9)], (0, 0));
}

#[test]
fn an_opening_is_an_entry_unless_it_counts_nobody_and_a_closing_nothing() {
    let contact = |open| DoorFact::Contact { open };
    let found = DoorFact::ContactIs { open: true };
    let facts = [found, contact(false), contact(true), DoorFact::Uncertain, contact(true)];
    assert_eq!(check(&facts, (2, 0)).uncertain(), 1);
    let shutter = DoorSettings { counts_openings: false, ..DoorSettings::new("s", "Z") };
    let (mut tracker, mut out) = (DoorTracker::new(shutter), Vec::new());
    tracker.step(Now::default(), contact(true), &mut out);
    assert_eq!(out, []);
}

#[test]
fn a_counter_of_any_size_may_say_anything() {
    let big = u64::MAX;
    check(&[totals(big, big - 5), totals(big - 1, big)], (0, 5));
    check(&[totals(big, 0), totals(3, 0)], (3, 0));
    check(&[totals(1 << 40, 0), totals(4, 0)], (4, 0));
}

#[test]
fn a_jump_that_no_crowd_makes_is_a_new_base() {
    let most = 10 + COUNTER_JUMP;
    for (said, crossed, new_bases) in [
        (vec![totals(10, 10), totals(most, 11)], (10_000, 1), 0),
        (vec![totals(10, 10), totals(most + 1, 12), totals(most + 2, 12)], (1, 2), 1),
        (vec![totals(0, 0), totals(u64::MAX, 0)], (0, 0), 1),
        (vec![totals(30_000, 9), totals(20_000, 9)], (0, 0), 1),
    ] {
        assert_eq!(check(&said, crossed).new_bases(), new_bases, "{said:?}");
    }
}

#[test]
fn a_window_of_the_clock_tells_each_way_once_at_its_end() {
    let (mut door, mut out) = (windowed(60), Vec::new());
    for (second, fact) in [(70, passed(1, 0)), (75, passed(1, 2)), (119, passed(1, 0))] {
        door.step(at(second), fact, &mut out);
    }
    assert_eq!((out.len(), door.deadline()), (0, Some(at(120).mono)));
    door.tick(at(119), &mut out);
    assert_eq!(out, []);
    door.step(at(121), passed(0, 1), &mut out);
    assert_eq!(sums(&out), (3, 2));
    assert!(out.iter().all(|record| record.at == at(119).wall), "{out:?}");
    let Some(Body::CustomerEntered(crossing)) = out.first().map(|record| &record.body) else {
        panic!("{out:?}")
    };
    assert_eq!(crossing.window_seconds, 60);
    door.finish(&mut out);
    assert_eq!((sums(&out), door.totals().count(EXITED)), ((3, 3), 3));
    assert_eq!(door.deadline(), None);
}

#[test]
fn a_clock_that_is_set_neither_ends_a_window_nor_makes_it_longer() {
    for by_ms in [-86_400_000, 86_400_000] {
        let (mut door, mut out) = (windowed(300), Vec::new());
        door.step(at(10), passed(1, 0), &mut out);
        door.clock_set(by_ms);
        let later = at(20).clock_set(by_ms);
        door.step(later, passed(1, 0), &mut out);
        door.tick(Now { mono: at(299).mono, ..later }, &mut out);
        assert_eq!(out, []);
        door.tick(at(300).clock_set(by_ms), &mut out);
        let told: Vec<_> = out.iter().map(|record| record.at).collect();
        assert_eq!((sums(&out), told), ((2, 0), vec![later.wall]));
    }
}

#[test]
fn what_a_counter_counted_while_nobody_listened_is_told_afterwards() {
    let mut out = Vec::new();
    let mut first = door();
    for fact in [totals(500, 400), totals(503, 400)] {
        first.step(at(1), fact, &mut out);
    }
    let mut second = crash(&mut first, door());
    second.step(at(9), totals(510, 402), &mut out);
    assert_eq!(sums(&out), (10, 2));
    assert_eq!((second.totals().count(ENTERED), second.totals().count(EXITED)), (10, 2));
    second.step(at(10), totals(510, 402), &mut out);
    assert_eq!(sums(&out), (10, 2), "nobody is counted twice");
}

#[test]
fn a_window_that_a_crash_cut_short_is_counted_by_the_next_reading() {
    let mut out = Vec::new();
    let mut first = windowed(60);
    for fact in [totals(500, 400), totals(503, 400)] {
        first.step(at(1), fact, &mut out);
    }
    let mut second = crash(&mut first, windowed(60));
    second.step(at(9), totals(504, 401), &mut out);
    second.finish(&mut out);
    assert_eq!(sums(&out), (4, 1));
}

#[test]
fn what_beams_see_is_told_or_only_counted() {
    let (mut door, mut out) = (door(), Vec::new());
    let passed = |inward, weak, more| BeamSaid::Passed { inward, weak, more };
    for said in [
        passed(true, false, 0),
        passed(true, true, 0),
        passed(false, false, 2),
        BeamSaid::TurnedBack,
        BeamSaid::Uncertain,
        BeamSaid::Blocked(Beam::Inner),
        BeamSaid::Stuck(Beam::Inner),
        BeamSaid::Undirected,
        BeamSaid::Recovered,
    ] {
        door.beams(at(1), said, &mut out);
    }
    assert_eq!(sums(&out), (2, 1));
    let words: Vec<(&str, &str)> = out
        .iter()
        .filter_map(|record| match &record.body {
            Body::Unknown(unknown) => Some((&*unknown.kind, &*unknown.text)),
            _ => None,
        })
        .collect();
    let expected = [
        ("door_tailgating", "[1 out, perhaps 2 more close behind]"),
        ("door_beam_blocked", "[the inner beam is blocked]"),
    ];
    assert_eq!(words, expected);
    let kept: Vec<_> = door.take_changed().collect();
    let expected = [
        ("entered", 2),
        ("estimated", 2),
        ("exited", 1),
        ("faults", 1),
        ("turned_back", 1),
        ("undirected", 1),
        ("weak", 1),
    ];
    assert_eq!((kept, door.uncertain()), (expected.to_vec(), 1));
}

proptest! {
    #[test]
    fn totals_are_the_sums_of_the_events_and_a_crash_loses_nobody_a_counter_counted(
        seconds in proptest::sample::select(vec![0_u64, 60]),
        steps in proptest::collection::vec((0..5_u64, 0..5_u64, 1..90_u64, any::<bool>()), 1..60),
    ) {
        let (mut tracker, mut out) = (windowed(seconds), Vec::new());
        // As a database does, which has all that was ever kept.
        let mut kept = std::collections::BTreeMap::new();
        let (mut entered, mut exited, mut now) = (60_000_u64, 65_000_u64, at(0));
        tracker.step(now, totals(entered, exited), &mut out);
        for (more_in, more_out, after, crashes) in steps {
            now = now.plus(Duration::from_secs(after));
            (entered, exited) = (entered + more_in, exited + more_out);
            tracker.tick(now, &mut out);
            kept.extend(tracker.take_changed());
            if crashes {
                tracker = windowed(seconds);
                kept.iter().for_each(|(what, value)| tracker.restore(what, *value));
            }
            tracker.step(now, totals(entered % (1 << 16), exited % (1 << 16)), &mut out);
            let told = (tracker.totals().count(ENTERED), tracker.totals().count(EXITED));
            let (in_events, out_events) = sums(&out);
            prop_assert_eq!(told, (in_events.into(), out_events.into()));
            kept.extend(tracker.take_changed());
        }
        tracker.finish(&mut out);
        let (in_events, out_events) = sums(&out);
        let truth = (entered - 60_000, exited - 65_000);
        prop_assert_eq!((u64::from(in_events), u64::from(out_events)), truth);
    }
}
