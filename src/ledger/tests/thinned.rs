//! What was told as `thinned`, and what it was held by is lost or not.

use super::*;

/// (thinned, evicted, lost) of these entries, each with first and last.
fn counts(entries: &[(Kind, u64, u64)]) -> (u64, u64, u64) {
    let mut tally = Tally::default();
    for (kind, first, last) in entries {
        tally.take(&entry(*kind, Class::Visit, 1, *first, *last).head);
    }
    let stream = tally.stream("acme/7/gw", Class::Visit, 1).unwrap();
    assert_eq!(
        stream.arrived() + stream.thinned() + stream.evicted() + stream.lost().count(),
        stream.produced()
    );
    (stream.thinned(), stream.evicted(), stream.lost().count())
}

#[test]
fn what_is_lost_with_its_holder_is_no_longer_thinned() {
    use Kind::{Gap, Records, Reserved, Thinned};
    for (what, entries, expected) in [
        ("held", &[(Thinned, 1, 8), (Records, 9, 10)][..], (8, 0, 0)),
        ("on its way", &[(Thinned, 1, 8), (Records, 11, 11)], (8, 0, 2)),
        ("dropped", &[(Thinned, 1, 8), (Gap, 1, 10)], (0, 10, 0)),
        ("its own numbers alone were told", &[(Thinned, 1, 8), (Gap, 9, 10)], (8, 2, 0)),
        ("a part of it dropped", &[(Thinned, 1, 8), (Gap, 6, 9), (Records, 10, 10)], (5, 4, 0)),
        (
            "dropped, and arrived all the same",
            &[(Thinned, 1, 8), (Gap, 1, 10), (Records, 9, 10)],
            (8, 0, 0),
        ),
        (
            "dropped, and arrived in part",
            &[(Thinned, 1, 8), (Gap, 1, 10), (Records, 9, 9)],
            (0, 9, 0),
        ),
        (
            "the next one arrived",
            &[(Thinned, 1, 8), (Gap, 1, 10), (Thinned, 11, 12), (Records, 13, 13)],
            (2, 10, 0),
        ),
        (
            "two dropped, the first arrived",
            &[(Thinned, 1, 3), (Thinned, 5, 7), (Gap, 1, 8), (Records, 4, 4)],
            (3, 4, 0),
        ),
        (
            "the database is gone",
            &[(Thinned, 1, 8), (Records, 12, 12), (Reserved, 1, 90)],
            (0, 11, 0),
        ),
        (
            "it is gone after all arrived",
            &[(Thinned, 1, 8), (Records, 9, 9), (Reserved, 1, 90)],
            (8, 0, 0),
        ),
    ] {
        assert_eq!(counts(entries), expected, "{what}");
        let reversed: Vec<_> = entries.iter().rev().copied().collect();
        assert_eq!(counts(&reversed), expected, "{what}, the other way round");
    }
}

/// What becomes of one that others were joined to.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Arrives,
    Waits,
    Dropped,
    DroppedAndArrives,
}

proptest! {
    #[test]
    fn every_number_is_told_once_whatever_comes_when(
        holders in proptest::collection::vec((1u64..6, 1u64..4, 0u8..4, 0u8..3), 1..12),
        order in proptest::collection::vec(any::<prop::sample::Index>(), 40),
    ) {
        let (mut entries, mut next, mut expected) = (Vec::new(), 1, (0, 0, 0));
        for (joined, own, fate, repeats) in &holders {
            let fate = [Fate::Arrives, Fate::Waits, Fate::Dropped, Fate::DroppedAndArrives]
                [usize::from(*fate)];
            let (first, end) = (next + joined, next + joined + own);
            entries.push((Kind::Thinned, next, first - 1));
            entries.push((Kind::Produced, 1, end - 1));
            if matches!(fate, Fate::Arrives | Fate::DroppedAndArrives) {
                entries.push((Kind::Records, first, end - 1));
            }
            if matches!(fate, Fate::Dropped | Fate::DroppedAndArrives) {
                (0..=*repeats).for_each(|_| entries.push((Kind::Gap, next, end - 1)));
            }
            match fate {
                Fate::Dropped => expected.1 += joined + own,
                Fate::Waits => (expected.0, expected.2) = (expected.0 + joined, expected.2 + own),
                Fate::Arrives | Fate::DroppedAndArrives => expected.0 += joined,
            }
            next = end;
        }
        for (at, with) in order.iter().enumerate().take(entries.len()) {
            let with = with.index(entries.len());
            entries.swap(at, with);
        }
        prop_assert_eq!(counts(&entries), expected, "{:?}", entries);
    }
}
