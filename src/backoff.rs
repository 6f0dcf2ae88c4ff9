//! Waits between attempts, with decorrelated jitter: each between the least and three times the last one, so that
//! a thousand gateways do not come back to a broker in step. Without I/O.

use std::time::Duration;

use crate::limits::BACKOFF_MIN;

/// The waits of one thing that is tried again and again.
#[derive(Debug)]
pub struct Backoff {
    random: fastrand::Rng,
    last: Duration,
    most: Duration,
}

impl Backoff {
    /// Waits from [`BACKOFF_MIN`] to `most`. The same `random` gives the same waits.
    #[must_use]
    pub fn new(random: fastrand::Rng, most: Duration) -> Self {
        Self { random, last: BACKOFF_MIN, most }
    }

    /// How long to wait before the next attempt.
    pub fn wait(&mut self) -> Duration {
        let least = micros(BACKOFF_MIN);
        let most = micros(self.last).saturating_mul(3).clamp(least, micros(self.most).max(least));
        self.last = Duration::from_micros(self.random.u64(least..=most));
        self.last
    }

    /// It worked: the next wait is a short one.
    pub fn reset(&mut self) {
        self.last = BACKOFF_MIN;
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::{RECONNECT_MAX, REOPEN_MAX};

    #[test]
    fn waits_stay_in_bounds_grow_and_start_over_after_a_reset() {
        for most in [REOPEN_MAX, RECONNECT_MAX] {
            let mut backoff = Backoff::new(fastrand::Rng::with_seed(7), most);
            let waits: Vec<Duration> = (0..1000).map(|_| backoff.wait()).collect();
            assert!(waits.iter().all(|wait| (BACKOFF_MIN..=most).contains(wait)));
            assert!(waits[0] <= BACKOFF_MIN * 3);
            assert!(waits.iter().any(|wait| *wait > most / 2));
            backoff.reset();
            assert!(backoff.wait() <= BACKOFF_MIN * 3);
        }
    }

    #[test]
    fn waits_repeat_with_their_seed_and_differ_between_seeds() {
        let waits = |seed| {
            let mut backoff = Backoff::new(fastrand::Rng::with_seed(seed), REOPEN_MAX);
            (0..100).map(|_| backoff.wait()).collect::<Vec<_>>()
        };
        assert_eq!(waits(7), waits(7));
        assert_ne!(waits(7), waits(8));
    }
}
