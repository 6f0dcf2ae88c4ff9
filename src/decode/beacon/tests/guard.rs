//! Repetitions and recordings.

use std::time::Duration;

use super::*;
use crate::limits;
use crate::time::Mono;

const DAY: u64 = 24 * 60 * 60;

fn tag() -> TagKey {
    TagKey::Address(Address([1; 6]))
}

fn sealed(number: u32) -> Counter {
    Counter::Sealed(number, Fingerprint(1 << 62))
}

/// Packets as (second, counter); `N`ew, `A`gain or `R`eplayed of each.
fn verdicts(guard: &mut Guard, packets: &[(u64, Counter)]) -> String {
    let letter = |(second, counter): &(u64, Counter)| match guard.admit(
        Mono(second * 1_000_000),
        tag(),
        *counter,
    ) {
        Verdict::New => 'N',
        Verdict::Again => 'A',
        Verdict::Replayed => 'R',
    };
    packets.iter().map(letter).collect()
}

fn check(packets: &[(u64, Counter)], expected: &str) {
    assert_eq!(verdicts(&mut Guard::default(), packets), expected, "{packets:?}");
}

#[test]
fn a_packet_id_is_new_when_it_is_a_little_ahead_or_after_a_silence() {
    let ids = |list: &[(u64, u8)]| -> Vec<(u64, Counter)> {
        list.iter().map(|(second, id)| (*second, Counter::Packet(*id))).collect()
    };
    check(&ids(&[(0, 9), (0, 9), (1, 8), (1, 10)]), "NAAN");
    check(&ids(&[(0, 250), (1, 5), (2, 70)]), "NNA");
    check(&ids(&[(0, 9), (5, 8)]), "NN");
    check(&ids(&[(0, 9), (3, 9), (6, 9), (9, 9), (14, 9)]), "NAAAN");
}

#[test]
fn a_sequence_is_new_when_it_is_ahead_of_the_last() {
    let sequence = |second, number| (second, Counter::Sequence(number));
    check(&[sequence(0, 65_534), sequence(1, 65_534), sequence(1, 3), sequence(2, 2)], "NANA");
    check(&[(0, Counter::None), (0, Counter::None)], "NN");
}

#[test]
fn an_encrypted_packet_counts_once_and_an_older_one_never() {
    check(&[(0, sealed(500)), (1, sealed(500)), (2, sealed(499)), (3, sealed(501))], "NARN");
    let repeat = limits::SENSOR_SEALED_REPEAT.as_secs();
    check(&[(0, sealed(500)), (repeat, sealed(500)), (repeat + 1, sealed(500))], "NAR");
    let hour: Vec<_> = (0..60).map(|minute| (minute * 60, sealed(500))).collect();
    assert!(verdicts(&mut Guard::default(), &hour).ends_with("RRRR"), "not repeated for ever");
}

#[test]
fn a_sensor_with_a_new_battery_is_believed_once_a_day() {
    let (silence, low) = (limits::SENSOR_RESTART_SILENCE.as_secs(), limits::SENSOR_RESTART_COUNTER);
    check(&[(0, sealed(5000)), (silence - 1, sealed(3))], "NR");
    check(&[(0, sealed(5000)), (silence, sealed(low))], "NR");
    check(&[(0, sealed(5000)), (silence, sealed(3)), (silence + 1, sealed(4))], "NNN");
    let later = 2 * silence;
    check(&[(0, sealed(5000)), (silence, sealed(3)), (later, sealed(3))], "NNA");
    let again =
        [(0, sealed(5000)), (silence, sealed(9)), (3 * silence, sealed(3)), (2 * DAY, sealed(3))];
    check(&again, "NNRN");
}

#[test]
fn what_an_earlier_run_wrote_down_holds() {
    let mut guard = Guard::default();
    verdicts(&mut guard, &[(0, sealed(500)), (1, sealed(510)), (1, sealed(509))]);
    let kept = guard.changed();
    assert_eq!(kept.iter().collect::<Vec<_>>(), [(&Fingerprint(1 << 62), &510)]);
    assert!(guard.changed().is_empty());
    let mut guard = Guard::default();
    guard.restore(Mono(0), kept);
    assert_eq!(verdicts(&mut guard, &[(0, sealed(510)), (0, sealed(77)), (0, sealed(511))]), "RRN");
    assert_eq!(guard.replayed(), 2);
}

#[test]
fn a_battery_that_was_changed_while_nobody_listened_is_no_recording() {
    let mut guard = Guard::default();
    guard.restore(Mono(0), [(Fingerprint(1 << 62), 5000)]);
    let silence = Duration::as_secs(&limits::SENSOR_RESTART_SILENCE);
    assert_eq!(
        verdicts(&mut guard, &[(1, sealed(3)), (silence, sealed(4)), (silence, sealed(5))]),
        "RNN"
    );
}
