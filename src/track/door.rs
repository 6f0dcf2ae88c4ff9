//! Door facts to `customer_entered` and `customer_exited`.
//!
//! Event lines become crossings at once. Totals become the difference to the last totals: the first ones set
//! the base, a wrap of a 16- or 32-bit counter is seen through, and a reset counts from zero when the new
//! value is small. A jump that is none of these counts nobody: it is a new base, and counted as such. A contact
//! knows no direction: each opening is one entry, which is right for an entrance with one way; a contact's
//! closing says nothing.

use tillgate_events::{Body, Crossing, Record};

use crate::decode::DoorFact;
use crate::time::Now;

/// After a reset, a total up to this is taken as passed since; a larger one only sets the base.
const SMALL_TOTAL: u64 = 100;
/// People between two totals, also through a wrap; more is a counter that was set anew.
const SMALL_WRAP: u64 = 10_000;

/// One door.
#[derive(Debug)]
pub struct DoorTracker {
    name: String,
    zone: String,
    totals: Option<(u64, u64)>,
    uncertain: u64,
    new_bases: u64,
}

impl DoorTracker {
    /// The door with this name, leading into this zone.
    #[must_use]
    pub fn new(name: &str, zone: &str) -> Self {
        let (name, zone) = (name.to_owned(), zone.to_owned());
        Self { name, zone, totals: None, uncertain: 0, new_bases: 0 }
    }

    /// Takes a fact; appends what it means.
    pub fn step(&mut self, now: Now, fact: DoorFact, out: &mut Vec<Record>) {
        let (entered, exited) = match fact {
            DoorFact::Passed { entered, exited } => (entered, exited),
            DoorFact::Totals { entered, exited } => self.since_last(entered, exited),
            DoorFact::Contact { open } => (u32::from(open), 0),
            DoorFact::Uncertain => {
                self.uncertain += 1;
                (0, 0)
            }
        };
        out.extend(self.crossing(now, entered, Body::CustomerEntered));
        out.extend(self.crossing(now, exited, Body::CustomerExited));
    }

    /// Times that edges were lost.
    #[must_use]
    pub fn uncertain(&self) -> u64 {
        self.uncertain
    }

    /// Times that totals jumped and only set a new base: how many passed is not known.
    #[must_use]
    pub fn new_bases(&self) -> u64 {
        self.new_bases
    }

    fn since_last(&mut self, entered: u64, exited: u64) -> (u32, u32) {
        let Some((e, x)) = self.totals.replace((entered, exited)) else { return (0, 0) };
        let moved = [difference(e, entered), difference(x, exited)];
        self.new_bases += u64::from(moved.contains(&None));
        let [entered, exited] = moved.map(Option::unwrap_or_default);
        (entered, exited)
    }

    fn crossing(&self, now: Now, count: u32, body: fn(Crossing) -> Body) -> Option<Record> {
        let crossing = Crossing {
            sensor_id: self.name.clone(),
            zone: self.zone.clone(),
            customer_count: count,
            dwell_time: 0,
            occupancy: None,
            window_seconds: 0,
        };
        let record = Record { at: now.wall, source: self.name.clone(), body: body(crossing) };
        (count > 0).then_some(record)
    }
}

/// How far a counter moved from `before` to `after`; `None` when it was set anew.
fn difference(before: u64, after: u64) -> Option<u32> {
    let moved = match after.checked_sub(before) {
        Some(moved) => moved,
        None => match wrapped(before, after) {
            Some(moved) if moved <= SMALL_WRAP => moved,
            _ if after <= SMALL_TOTAL => after,
            _ => return None,
        },
    };
    u32::try_from(moved).ok().filter(|_| moved <= SMALL_WRAP)
}

/// How far it moved if it began again at the end of the smallest range that holds `before`.
fn wrapped(before: u64, after: u64) -> Option<u64> {
    let range = [1 << 16, 1 << 32].into_iter().find(|range| before < *range)?;
    (range - before).checked_add(after)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a door says, and (entered, exited) summed over the events.
    fn check(facts: &[DoorFact], expected: (u32, u32)) -> DoorTracker {
        let mut tracker = DoorTracker::new("main", "ENTRANCE");
        let mut records = Vec::new();
        for fact in facts {
            tracker.step(Now::default(), *fact, &mut records);
        }
        let sums = records.iter().fold((0, 0), |(entered, exited), record| match &record.body {
            Body::CustomerEntered(crossing) => (entered + crossing.customer_count, exited),
            Body::CustomerExited(crossing) => (entered, exited + crossing.customer_count),
            other => panic!("{other:?}"),
        });
        assert_eq!(sums, expected, "{facts:?}");
        tracker
    }

    fn totals(entered: u64, exited: u64) -> DoorFact {
        DoorFact::Totals { entered, exited }
    }

    #[test]
    fn passages_are_counted_by_direction() {
        let (inward, outward) = ((2, 0), (0, 1));
        let passed = |(entered, exited)| DoorFact::Passed { entered, exited };
        check(&[passed(inward), passed(outward), passed(inward)], (4, 1));
    }

    #[test]
    fn totals_count_by_their_difference() {
        check(&[totals(500, 400)], (0, 0));
        check(&[totals(500, 400), totals(503, 400), totals(503, 402)], (3, 2));
    }

    #[test]
    fn a_wrapped_counter_is_seen_through_and_a_reset_counts_from_zero() {
        check(&[totals(65_534, 0), totals(3, 0)], (5, 0));
        check(&[totals(4_294_967_295, 0), totals(1, 0)], (2, 0));
        check(&[totals(30_000, 9), totals(4, 1)], (4, 1));
        check(&[totals(30_000, 9), totals(20_000, 9)], (0, 0));
    }

    proptest! {
        #[test]
        fn no_totals_make_a_crowd(said in proptest::collection::vec(any::<(u64, u64)>(), 0..20)) {
            let mut tracker = DoorTracker::new("main", "ENTRANCE");
            let mut records = Vec::new();
            for (entered, exited) in said {
                let before = (records.len(), tracker.new_bases());
                tracker.step(Now::default(), totals(entered, exited), &mut records);
                prop_assert!(records.len() <= before.0 + 2 && tracker.new_bases() <= before.1 + 1);
            }
            for record in records {
                let (Body::CustomerEntered(crossing) | Body::CustomerExited(crossing)) = record.body else {
                    panic!("{record:?}");
                };
                prop_assert!(u64::from(crossing.customer_count) <= SMALL_WRAP);
            }
        }
    }

    #[test]
    fn an_opening_is_an_entry_and_a_closing_nothing() {
        let contact = |open| DoorFact::Contact { open };
        check(&[contact(true), contact(false), contact(true), DoorFact::Uncertain], (2, 0));
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
        let most = 10 + SMALL_WRAP;
        for (said, crossed, new_bases) in [
            (vec![totals(10, 10), totals(most, 11)], (10_000, 1), 0),
            (vec![totals(10, 10), totals(most + 1, 12), totals(most + 2, 12)], (1, 2), 1),
            (vec![totals(0, 0), totals(u64::MAX, 0)], (0, 0), 1),
            (vec![totals(30_000, 9), totals(20_000, 9)], (0, 0), 1),
        ] {
            assert_eq!(check(&said, crossed).new_bases(), new_bases, "{said:?}");
        }
    }
}
