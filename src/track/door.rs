//! Door facts to `customer_entered` and `customer_exited`.
//!
//! Event lines become crossings at once. Totals become the difference to the last totals: the first ones set
//! the base, a wrap of a 16- or 32-bit counter is seen through, and a reset counts from zero when the new
//! value is small. A contact knows no direction: each opening is one entry, which is right for an entrance
//! with one way; a contact's closing says nothing.

use tillgate_events::{Body, Crossing, Record};

use crate::decode::DoorFact;
use crate::time::Now;

/// After a reset, a total up to this is taken as passed since; a larger one only sets the base.
const SMALL_TOTAL: u64 = 100;
/// A difference through a wrap that is larger than this is a reset.
const SMALL_WRAP: u64 = 10_000;

/// One door.
#[derive(Debug)]
pub struct DoorTracker {
    name: String,
    zone: String,
    totals: Option<(u64, u64)>,
    uncertain: u64,
}

impl DoorTracker {
    /// The door with this name, leading into this zone.
    #[must_use]
    pub fn new(name: &str, zone: &str) -> Self {
        Self { name: name.to_owned(), zone: zone.to_owned(), totals: None, uncertain: 0 }
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

    fn since_last(&mut self, entered: u64, exited: u64) -> (u32, u32) {
        let last = self.totals.replace((entered, exited));
        last.map_or((0, 0), |(e, x)| (difference(e, entered), difference(x, exited)))
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

/// How far a counter moved from `before` to `after`.
fn difference(before: u64, after: u64) -> u32 {
    let moved = after.checked_sub(before).unwrap_or_else(|| {
        let range = if before < 1 << 16 { 1 << 16 } else { 1 << 32 };
        let wrapped = (range + after).saturating_sub(before);
        let reset = if after <= SMALL_TOTAL { after } else { 0 };
        if wrapped <= SMALL_WRAP { wrapped } else { reset }
    });
    u32::try_from(moved).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a door says, and (entered, exited) summed over the events.
    fn check(facts: &[DoorFact], expected: (u32, u32)) {
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

    #[test]
    fn an_opening_is_an_entry_and_a_closing_nothing() {
        let contact = |open| DoorFact::Contact { open };
        check(&[contact(true), contact(false), contact(true), DoorFact::Uncertain], (2, 0));
    }
}
