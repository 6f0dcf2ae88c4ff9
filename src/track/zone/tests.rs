//! Deciders on scripted strengths: a line a second, what each of two receivers hears.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::config::ZoneConfig;
use crate::time::Mono;

fn second(second: u64) -> Mono {
    Mono::default().plus(Duration::from_secs(second))
}

/// Two receivers A and B in zones of their own, and C in the zone of B.
fn field() -> Field {
    let mut field = Field::default();
    for (name, zone) in [("a", "A"), ("b", "B"), ("c", "B")] {
        field.add(name, zone, 0.0);
    }
    field
}

fn all_hear(field: &mut Field, until: u64) {
    (0..3).for_each(|it| field.hears(it, Hearing { since: second(0), until: second(until) }));
}

/// Readings of the receivers, from second to second; 0 is none. Changes as (told at, zone, dated).
fn changes(script: &[(u64, [i8; 3])], deaf: &[usize]) -> Vec<(u64, usize, u64)> {
    let (mut field, mut decider, settings) = (field(), Decider::default(), ZoneConfig::default());
    let (mut changes, mut now) = (Vec::new(), 0);
    for (seconds, readings) in script {
        for _ in 0..*seconds {
            let hearing = Hearing { since: second(0), until: second(now) };
            for place in (0..3).filter(|it| readings[*it] != 0 || !deaf.contains(it)) {
                field.hears(place, hearing);
            }
            for (place, rssi) in readings.iter().enumerate().filter(|(_, rssi)| **rssi != 0) {
                decider.heard(second(now), place, *rssi, &field, &settings);
            }
            let change = decider.decide(second(now), &field, &settings);
            changes.extend(change.map(|it| (now, it.to, it.at.0 / 1_000_000)));
            now += 1;
        }
    }
    changes
}

#[test]
fn a_change_is_told_after_some_seconds_and_dated_when_the_other_became_better() {
    let walk = [(60, [-55, -75, 0]), (60, [-75, -55, 0])];
    let [first, second] = changes(&walk, &[])[..] else { panic!("two changes") };
    assert_eq!(first, (0, 0, 0));
    let (told, zone, dated) = second;
    assert!(zone == 1 && (60..=62).contains(&dated) && (63..=70).contains(&told), "{second:?}");
}

#[test]
fn neither_a_little_better_nor_better_for_a_moment_is_a_change() {
    assert_eq!(changes(&[(60, [-60, -70, 0]), (300, [-60, -59, 0])], &[]).len(), 1);
    assert_eq!(
        changes(&[(60, [-60, -70, 0]), (2, [-75, -55, 0]), (60, [-60, -70, 0])], &[]).len(),
        1
    );
    assert_eq!(changes(&[(60, [-60, -70, 0]), (60, [-60, -55, 0])], &[]).len(), 2);
}

#[test]
fn of_a_zones_receivers_the_best_counts_and_between_them_nothing_changes() {
    let walk = [(60, [-80, -60, -85]), (60, [-80, -85, -60])];
    assert_eq!(changes(&walk, &[]), [(0, 1, 0)]);
}

#[test]
fn an_offset_makes_up_for_a_receiver_that_hears_badly() {
    let (settings, mut plain, mut helped) =
        (ZoneConfig::default(), Decider::default(), Decider::default());
    let mut lifted = Field::default();
    lifted.add("a", "A", 0.0);
    lifted.add("b", "B", 10.0);
    for (field, decider) in [(&field(), &mut plain), (&lifted, &mut helped)] {
        decider.heard(second(0), 0, -60, field, &settings);
        decider.heard(second(0), 1, -65, field, &settings);
        decider.decide(second(0), field, &settings);
    }
    assert_eq!((plain.zone(), helped.zone()), (Some(0), Some(1)));
    assert_eq!(helped.level(1), Some(-55.0));
}

#[test]
fn where_a_tag_is_silent_it_is_not_any_more_unless_the_receiver_is_dead() {
    let walk = [(60, [-55, -75, 0]), (200, [0, -75, 0])];
    let [_, (told, zone, dated)] = changes(&walk, &[])[..] else { panic!("two changes") };
    assert!(zone == 1 && (59..=62).contains(&dated) && (90..=95).contains(&told), "{told} {dated}");
    assert_eq!(changes(&walk, &[0]).len(), 1, "what the dead one heard last stands");
}

#[test]
fn a_tag_that_comes_near_another_receiver_goes_there_also_from_a_dead_one() {
    assert_eq!(changes(&[(60, [-65, -75, 0]), (60, [0, -50, 0])], &[0]).len(), 2);
}

#[test]
fn a_receiver_that_is_back_gets_its_time_before_silence_counts() {
    let (mut field, mut decider, settings) = (field(), Decider::default(), ZoneConfig::default());
    all_hear(&mut field, 0);
    decider.heard(second(0), 0, -60, &field, &settings);
    // Lost until second 500.
    field.hears(0, Hearing { since: second(500), until: second(529) });
    decider.decide(second(529), &field, &settings);
    assert!(decider.is_heard());
    field.hears(0, Hearing { since: second(500), until: second(530) });
    decider.decide(second(530), &field, &settings);
    assert!(!decider.is_heard());
}

#[test]
fn strength_follows_time_and_not_the_number_of_readings() {
    let tau = Duration::from_secs(8);
    let mean = |step: u64| {
        let mut level = level::Level::new(second(0), -60.0);
        (1..=8 / step).for_each(|n| level.add(second(n * step), -80.0, tau));
        level.dbm()
    };
    let expected = -80.0 + 20.0 * (-1.0f64).exp();
    for step in [1, 2, 4, 8] {
        assert!((mean(step) - expected).abs() < 1e-9, "{step}: {}", mean(step));
    }
}

proptest! {
    #[test]
    fn dates_never_go_back_and_never_lie_ahead(
        readings in proptest::collection::vec((0u64..20, 0usize..3, -100i8..-30), 1..200),
    ) {
        let (mut field, mut decider, settings) = (field(), Decider::default(), ZoneConfig::default());
        let (mut now, mut before, mut zone) = (0, second(0), None);
        for (passed, place, rssi) in readings {
            now += passed;
            all_hear(&mut field, now);
            decider.heard(second(now), place, rssi, &field, &settings);
            if let Some(change) = decider.decide(second(now), &field, &settings) {
                prop_assert!(change.from == zone && Some(change.to) != zone);
                prop_assert!(before <= change.at && change.at <= second(now));
                (before, zone) = (change.at, Some(change.to));
            }
            prop_assert_eq!(decider.zone(), zone);
        }
    }
}
