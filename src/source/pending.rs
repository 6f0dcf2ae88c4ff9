//! Readings that wait because the pipeline is behind: bounded, in order, and honest about what it dropped.
//!
//! Without I/O. The newest is dropped when full, and a reading that says how much was lost stands at that place
//! in the order. Changes of state are never dropped: of several in a row that found it full, the last one stays.

use std::collections::VecDeque;

use crate::limits;
use crate::source::{Body, Reading};

/// A bounded queue of readings.
#[derive(Debug)]
pub struct Pending {
    queue: VecDeque<Reading>,
    /// Sum of [`cost`] over `queue`.
    used: usize,
    /// What `used` may become by readings that can be dropped.
    capacity: usize,
}

impl Pending {
    /// A queue for readings whose [`cost`] sums up to `capacity`.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { queue: VecDeque::new(), used: 0, capacity }
    }

    /// Takes a reading, or drops it; returns how many bytes or adverts were dropped.
    pub fn push(&mut self, reading: Reading) -> u64 {
        if let Some(last) = self.queue.back_mut()
            && self.used + bytes(&reading.body) <= self.capacity
            && merge(last, &reading)
        {
            self.used += bytes(&reading.body);
            return 0;
        }
        if self.used + cost(&reading.body) <= self.capacity {
            self.append(reading);
            return 0;
        }
        self.push_when_full(reading)
    }

    /// The oldest reading.
    pub fn pop(&mut self) -> Option<Reading> {
        let reading = self.queue.pop_front()?;
        self.used = self.used.saturating_sub(cost(&reading.body));
        Some(reading)
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    fn append(&mut self, reading: Reading) {
        self.used += cost(&reading.body);
        self.queue.push_back(reading);
    }

    fn push_when_full(&mut self, reading: Reading) -> u64 {
        let (loss, dropped) = match &reading.body {
            Body::Bytes(bytes) => (Body::Overrun { bytes: bytes.len() as u64 }, bytes.len() as u64),
            Body::Advert(_) => (Body::AdvertsDropped { count: 1 }, 1),
            // Its successor's sequence number tells of the loss.
            Body::Edge { .. } => return 1,
            // Edges tell the levels as they change.
            Body::Levels(_) => return 1,
            // Totals are cumulative: the next ones say the same and more.
            Body::Registers(_) => return 1,
            Body::Overrun { .. } | Body::AdvertsDropped { .. } => (reading.body.clone(), 0),
            Body::Up | Body::Down(_) => {
                match self.queue.back_mut() {
                    Some(last) if is_state(&last.body) => last.clone_from(&reading),
                    _ => self.append(reading),
                }
                return 0;
            }
        };
        if !self.told_last().is_some_and(|told| add_loss(told, &loss)) {
            self.append(Reading { body: loss, ..reading });
        }
        dropped
    }

    /// The newest reading, or the one before it if the newest is a state: what a device sent on both sides of a
    /// state is lost alike, but nothing that was kept may stand between a loss and the place where it is told.
    fn told_last(&mut self) -> Option<&mut Body> {
        let mut newest = self.queue.iter_mut().rev().map(|reading| &mut reading.body);
        let last = newest.next()?;
        if is_state(last) { newest.next() } else { Some(last) }
    }
}

/// Joins bytes that came within the time a reader coalesces anyway; a longer silence between them has a meaning.
fn merge(last: &mut Reading, next: &Reading) -> bool {
    let soon = next.at.mono.since(last.at.mono) <= limits::READ_COALESCE;
    match (&mut last.body, &next.body) {
        (Body::Bytes(have), Body::Bytes(more))
            if soon && have.len() + more.len() <= limits::READ_CHUNK =>
        {
            have.extend_from_slice(more);
            true
        }
        _ => false,
    }
}

fn add_loss(told: &mut Body, loss: &Body) -> bool {
    match (told, loss) {
        (Body::Overrun { bytes: sum }, Body::Overrun { bytes: more })
        | (Body::AdvertsDropped { count: sum }, Body::AdvertsDropped { count: more }) => {
            *sum = sum.saturating_add(*more);
            true
        }
        _ => false,
    }
}

fn is_state(body: &Body) -> bool {
    matches!(body, Body::Up | Body::Down(_))
}

fn bytes(body: &Body) -> usize {
    if let Body::Bytes(bytes) = body { bytes.len() } else { 0 }
}

fn cost(body: &Body) -> usize {
    limits::READING_OVERHEAD + bytes(body)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use std::fmt::Write as _;

    use super::*;
    use crate::source::SourceId;
    use crate::time::Now;

    const LONG: std::time::Duration = std::time::Duration::from_secs(1);

    /// Pushes `bodies` a second apart into a pending for two readings of ten bytes; shows what comes out.
    fn check(bodies: Vec<Body>, expected: &Expect) {
        let mut pending = Pending::new(2 * (limits::READING_OVERHEAD + 10));
        let mut at = Now::default();
        for body in bodies {
            pending.push(Reading { source: SourceId(0), at, body });
            at = at.plus(LONG);
        }
        let mut shown = String::new();
        while let Some(reading) = pending.pop() {
            let _ = match reading.body {
                Body::Bytes(bytes) => write!(shown, "{} ", String::from_utf8_lossy(&bytes)),
                body => write!(shown, "{body:?} "),
            };
        }
        assert_eq!(pending.used, 0, "every cost is given back");
        expected.assert_eq(shown.trim_end());
    }

    fn text(text: &str) -> Body {
        Body::Bytes(text.as_bytes().to_vec())
    }

    #[test]
    fn what_fits_comes_out_in_order() {
        check(vec![text("one"), text("two")], &expect!["one two"]);
    }

    #[test]
    fn the_newest_bytes_are_dropped_and_counted_in_their_place() {
        check(
            vec![text("0123456789"), text("0123456789"), text("lost"), text("gone")],
            &expect!["0123456789 0123456789 Overrun { bytes: 8 }"],
        );
    }

    #[test]
    fn states_are_kept_when_full_and_only_the_last_of_a_row() {
        check(
            vec![
                text("0123456789"),
                text("0123456789"),
                Body::Up,
                text("lost"),
                Body::Up,
                Body::Up,
            ],
            &expect!["0123456789 0123456789 Up Overrun { bytes: 4 } Up"],
        );
    }

    #[test]
    fn flapping_when_full_does_not_grow() {
        let flap = (0..1000).flat_map(|_| [text("xy"), Body::Up]);
        check(
            [text("0123456789"), text("0123456789")].into_iter().chain(flap).collect(),
            &expect!["0123456789 0123456789 Overrun { bytes: 2000 } Up"],
        );
    }

    #[test]
    fn after_a_loss_later_bytes_follow_it() {
        let mut pending = Pending::new(limits::READING_OVERHEAD + 10);
        let mut at = Now::default();
        let mut push = |pending: &mut Pending, body| {
            at = at.plus(LONG);
            pending.push(Reading { source: SourceId(0), at, body })
        };
        assert_eq!(push(&mut pending, text("first")), 0);
        assert_eq!(push(&mut pending, text("dropped")), 7);
        assert_eq!(pending.pop().map(|reading| reading.body), Some(text("first")));
        assert_eq!(pending.pop().map(|reading| reading.body), Some(Body::Overrun { bytes: 7 }));
        assert_eq!(push(&mut pending, text("later")), 0);
        assert_eq!(pending.pop().map(|reading| reading.body), Some(text("later")));
    }

    #[test]
    fn a_loss_after_bytes_that_were_kept_is_told_after_them() {
        let mut pending = Pending::new(2 * (limits::READING_OVERHEAD + 10));
        let mut at = Now::default();
        let mut push = |pending: &mut Pending, part| {
            at = at.plus(LONG);
            pending.push(Reading { source: SourceId(0), at, body: text(part) })
        };
        for part in ["0123456789", "0123456789", "lost"] {
            push(&mut pending, part);
        }
        assert!(pending.pop().is_some() && pending.pop().is_some());
        for part in ["kept", "also lost"] {
            push(&mut pending, part);
        }
        let bodies: Vec<Body> = std::iter::from_fn(|| pending.pop().map(|it| it.body)).collect();
        let overrun = |bytes| Body::Overrun { bytes };
        assert_eq!(bodies, [overrun(4), text("kept"), overrun(9)]);
    }

    #[test]
    fn bytes_of_one_burst_are_joined_and_a_silence_parts_them() {
        let mut pending = Pending::new(1000);
        let start = Now::default();
        for (after, part) in [(0, "a"), (2, "b"), (900, "c")] {
            let at = start.plus(std::time::Duration::from_millis(after));
            pending.push(Reading { source: SourceId(0), at, body: text(part) });
        }
        assert_eq!(pending.pop().map(|reading| reading.body), Some(text("ab")));
        assert_eq!(pending.pop().map(|reading| reading.body), Some(text("c")));
    }
}
