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

    /// How long to wait after something that stood broke: anywhere up to `spread`, because what broke may have broken
    /// for many at once, and they are in step.
    pub fn wait_after_loss(&mut self, spread: Duration) -> Duration {
        let least = micros(BACKOFF_MIN);
        self.last = Duration::from_micros(self.random.u64(least..=micros(spread).max(least)));
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
    use crate::limits::{RECONNECT_MAX, RECONNECT_SPREAD, REOPEN_MAX};

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

    const GATEWAYS: u64 = 200;

    /// When each of many gateways tries, in ms, after a broker broke all their connections at once. It lets so many in
    /// each second from `back` on. Ends when all are in.
    fn storm(back: u64, lets_in: usize) -> (Vec<u64>, u64) {
        let mut gateways: Vec<(u64, Backoff)> = (0..GATEWAYS)
            .map(|seed| {
                let mut backoff = Backoff::new(fastrand::Rng::with_seed(seed), RECONNECT_MAX);
                (millis(backoff.wait_after_loss(RECONNECT_SPREAD)), backoff)
            })
            .collect();
        let (mut attempts, mut let_in, mut last) =
            (Vec::new(), std::collections::BTreeMap::new(), 0);
        while !gateways.is_empty() {
            gateways.sort_by_key(|(at, _)| *at);
            let (at, mut backoff) = gateways.remove(0);
            attempts.push(at);
            let this_second = let_in.entry(at / 1000).or_insert(0);
            if at >= back && *this_second < lets_in {
                *this_second += 1;
                last = at;
            } else {
                gateways.push((at + millis(backoff.wait()), backoff));
            }
        }
        (attempts, last)
    }

    fn millis(duration: Duration) -> u64 {
        duration.as_millis() as u64
    }

    /// The most attempts in any second that begins at or after `from`.
    fn most_in_a_second(attempts: &[u64], from: u64) -> usize {
        let begins = attempts.iter().filter(|at| **at >= from);
        let in_it =
            |begin: &u64| attempts.iter().filter(|at| (*begin..begin + 1000).contains(*at)).count();
        begins.map(in_it).max().unwrap_or(0)
    }

    #[test]
    fn gateways_that_lost_a_broker_together_do_not_come_back_together() {
        let (attempts, last) = storm(0, usize::MAX);
        assert!(most_in_a_second(&attempts, 0) <= 100, "half of them");
        assert!(last <= millis(RECONNECT_SPREAD));
        for back in [60_000, 600_000, 3_600_000] {
            let (attempts, last) = storm(back, usize::MAX);
            assert!(most_in_a_second(&attempts, back) <= 20, "a tenth of them, {back}");
            assert!(last - back <= millis(RECONNECT_MAX), "{back}");
        }
    }

    #[test]
    fn a_broker_that_lets_few_in_is_not_hammered() {
        let (attempts, last) = storm(0, 10);
        assert!(last <= 120_000, "{last}");
        assert!(attempts.len() as u64 <= 8 * GATEWAYS, "{} attempts", attempts.len());
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
