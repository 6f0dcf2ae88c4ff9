//! Cumulative counters: how many passed between two totals, through wraps and resets.

use crate::limits::{COUNTER_JUMP, COUNTER_SMALL};

/// Where counters of so many bits begin again.
const RANGES: [u64; 3] = [1 << 16, 1 << 24, 1 << 32];

/// How far a counter of so many `bits`, where that is known, moved from `before` to `after`; `None` when it was set
/// anew and nobody knows.
pub fn moved(before: u64, after: u64, bits: Option<u32>) -> Option<u32> {
    let moved = match after.checked_sub(before) {
        Some(moved) => moved,
        None => match wrapped(before, after, bits) {
            Some(moved) => moved,
            _ if after <= COUNTER_SMALL => after,
            _ => return None,
        },
    };
    u32::try_from(moved).ok().filter(|_| moved <= COUNTER_JUMP)
}

/// How far it moved if it began again at the end of its range, or else of one of the ranges, the smallest that makes
/// sense.
fn wrapped(before: u64, after: u64, bits: Option<u32>) -> Option<u64> {
    let fits = |range: &u64| bits.is_none_or(|bits| 1_u64.checked_shl(bits) == Some(*range));
    let ranges = RANGES.into_iter().filter(|range| before < *range && fits(range));
    ranges.filter_map(|range| (range - before).checked_add(after)).find(|it| *it <= COUNTER_JUMP)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(before: u64, after: u64, expected: Option<u32>) {
        assert_eq!(moved(before, after, None), expected, "{before} to {after}");
    }

    #[test]
    fn a_counter_of_known_width_begins_again_there_and_nowhere_else() {
        for (before, after, bits, expected) in [
            (60_000, 4, 32, Some(4)),
            (60_000, 4, 24, Some(4)),
            (60_000, 4, 16, Some(5540)),
            ((1 << 32) - 2, 3, 32, Some(5)),
            ((1 << 24) - 2, 3, 24, Some(5)),
            ((1 << 24) - 2, 3, 32, Some(3)),
            (60_000, 500, 32, None),
        ] {
            assert_eq!(moved(before, after, Some(bits)), expected, "{before} to {after} of {bits}");
        }
    }

    #[test]
    fn a_counter_is_followed_through_its_wrap() {
        check(500, 503, Some(3));
        for range in RANGES {
            check(range - 1, 1, Some(2));
            check(range - 2, 3, Some(5));
        }
    }

    #[test]
    fn a_reset_counts_from_zero_where_the_new_value_is_small() {
        check(30_000, 4, Some(4));
        check(30_000, 101, None);
        check(1 << 40, 4, Some(4));
        check(30_000, 20_000, None);
        check(0, 10_000, Some(10_000));
        check(0, 10_001, None);
        check(0, u64::MAX, None);
    }

    proptest! {
        #[test]
        fn no_totals_make_a_crowd(before: u64, after: u64) {
            prop_assert!(moved(before, after, None).is_none_or(|it| u64::from(it) <= COUNTER_JUMP));
        }

        #[test]
        fn whoever_passes_is_counted_whatever_the_width(
            range in proptest::sample::select(RANGES.to_vec()),
            before: u64,
            passed in 0..=COUNTER_JUMP,
        ) {
            let before = before % range;
            let after = (before + passed) % range;
            // A value that small may be a reset as well: then fewer are counted, and never more.
            let found = moved(before, after, None).map(u64::from);
            prop_assert_eq!(found, Some(passed));
        }
    }
}
