//! How long advertisements waited until they were taken, and how many were dropped before. Without I/O.
//!
//! An adapter's events are stamped as they come from the bus, so what is measured is all of the way inside: joining
//! strength and payload, and the pipeline's queue. The longest wait is that of the last [`limits::ADVERT_WAIT_WINDOW`]
//! and of the part of the next that has passed, so that a report each minute misses none.

use std::time::Duration;

use crate::limits;
use crate::source::{Body, Reading};
use crate::time::Mono;

/// What is known of the adapters' queues.
#[derive(Debug, Default)]
pub struct Lateness {
    since: Mono,
    longest: Duration,
    before: Duration,
    dropped: u64,
}

impl Lateness {
    /// A reading is taken.
    pub fn taken(&mut self, reading: &Reading, now: Mono) {
        match reading.body {
            Body::Advert(_) => {
                self.pass(now);
                self.longest = self.longest.max(now.since(reading.at.mono));
            }
            Body::AdvertsDropped { count } => self.dropped = self.dropped.saturating_add(count),
            _ => {}
        }
    }

    /// Lets time pass.
    pub fn pass(&mut self, now: Mono) {
        let passed = now.since(self.since);
        if passed < limits::ADVERT_WAIT_WINDOW {
            return;
        }
        let longest = std::mem::take(&mut self.longest);
        self.before =
            if passed < 2 * limits::ADVERT_WAIT_WINDOW { longest } else { Duration::ZERO };
        self.since = now;
    }

    /// The longest wait lately, in milliseconds.
    #[must_use]
    pub fn longest_ms(&self) -> u64 {
        u64::try_from(self.longest.max(self.before).as_millis()).unwrap_or(u64::MAX)
    }

    /// Advertisements, or events of them, dropped since the start.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Advert, SourceId};
    use crate::time::Now;

    fn ms(ms: u64) -> Mono {
        Mono(ms * 1000)
    }

    fn reading(stamp: u64, body: Body) -> Reading {
        Reading { source: SourceId(0), at: Now { mono: ms(stamp), ..Now::default() }, body }
    }

    fn advert(stamp: u64) -> Reading {
        let (manufacturer, service) = (Vec::new(), Vec::new());
        let advert = Advert { address: [0; 6], random: false, rssi: -60, manufacturer, service };
        reading(stamp, Body::Advert(advert))
    }

    #[test]
    fn the_longest_wait_is_told_for_a_window_and_the_next_one_and_then_forgotten() {
        let mut late = Lateness::default();
        let window = u64::try_from(limits::ADVERT_WAIT_WINDOW.as_millis()).unwrap();
        late.taken(&advert(1000), ms(1007));
        late.taken(&advert(1010), ms(1012));
        assert_eq!(late.longest_ms(), 7);
        late.taken(&advert(window), ms(window + 3));
        assert_eq!(late.longest_ms(), 7);
        late.taken(&advert(2 * window + 5), ms(2 * window + 10));
        assert_eq!(late.longest_ms(), 5, "3 ms of the window before, 5 ms now");
        late.pass(ms(9 * window));
        assert_eq!(late.longest_ms(), 0);
    }

    #[test]
    fn what_was_dropped_is_counted_and_other_readings_are_not_adverts() {
        let mut late = Lateness::default();
        late.taken(&reading(0, Body::AdvertsDropped { count: 3 }), ms(900));
        late.taken(&reading(0, Body::AdvertsDropped { count: 4 }), ms(900));
        late.taken(&reading(0, Body::Bytes(vec![1])), ms(900));
        assert_eq!((late.dropped(), late.longest_ms()), (7, 0));
    }
}
