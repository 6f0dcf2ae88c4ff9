//! Reconnect waits with decorrelated jitter: each between the least and three times the last one, so that a
//! thousand gateways do not come back to a broker in step.

use std::time::Duration;

use crate::limits::{BACKOFF_MIN, RECONNECT_MAX};

/// The waits of one link.
#[derive(Debug)]
pub(super) struct Backoff {
    random: fastrand::Rng,
    last: Duration,
}

impl Backoff {
    pub(super) fn new(random: fastrand::Rng) -> Self {
        Self { random, last: BACKOFF_MIN }
    }

    /// How long to wait before the next attempt.
    pub(super) fn next(&mut self) -> Duration {
        let least = micros(BACKOFF_MIN);
        let most = micros(self.last * 3).clamp(least, micros(RECONNECT_MAX));
        self.last = Duration::from_micros(self.random.u64(least..=most));
        self.last
    }

    /// A connection proved itself.
    pub(super) fn reset(&mut self) {
        self.last = BACKOFF_MIN;
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_stay_in_bounds_grow_and_start_over_after_a_reset() {
        let mut backoff = Backoff::new(fastrand::Rng::with_seed(7));
        let waits: Vec<Duration> = (0..1000).map(|_| backoff.next()).collect();
        assert!(waits.iter().all(|wait| (BACKOFF_MIN..=RECONNECT_MAX).contains(wait)));
        assert!(waits[0] <= BACKOFF_MIN * 3);
        assert!(waits.iter().any(|wait| *wait > RECONNECT_MAX / 2));
        backoff.reset();
        assert!(backoff.next() <= BACKOFF_MIN * 3);
    }
}
