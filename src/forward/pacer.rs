//! How fast messages may go: so many, and so many bytes, in a second.
//!
//! # Invariants
//! - Over any stretch of time no more goes than the rate allows for it and [`BURST`] more.
//! - Time is an argument. What was sent before a reconnect still counts: a broker may count by client.
//!
//! For each of the two the moment is kept at which all that was sent would have gone at an even pace. Something may go
//! while that lies no further ahead than the burst.

use std::time::Duration;

use crate::config::Allowance;
use crate::time::Mono;

/// What may go at once after a rest, as time at the even pace.
const BURST: Duration = Duration::from_millis(200);

/// See the module's documentation.
#[derive(Debug, Default)]
pub(super) struct Pacer {
    /// Of one message and of one byte, in nanoseconds; 0 without a bound.
    cost: (u64, u64),
    /// When what was sent would have gone.
    even: (Mono, Mono),
}

impl Pacer {
    pub(super) fn new(allowance: &Allowance) -> Self {
        let cost = |per_s: Option<u32>| per_s.map_or(0, |it| 1_000_000_000 / u64::from(it.max(1)));
        let cost = (cost(allowance.messages_per_s), cost(allowance.bytes_per_s));
        Self { cost, even: Default::default() }
    }

    /// From when on one more may go; it may lie in the past.
    pub(super) fn ready_at(&self) -> Mono {
        let burst = u64::try_from(BURST.as_micros()).unwrap_or(0);
        Mono(self.even.0.max(self.even.1).0.saturating_sub(burst))
    }

    /// A message of so many bytes goes.
    pub(super) fn sent(&mut self, bytes: usize, now: Mono) {
        let add = |even: Mono, nanos: u64| {
            if nanos == 0 { even } else { even.max(now).plus(Duration::from_nanos(nanos)) }
        };
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.even.0 = add(self.even.0, self.cost.0);
        self.even.1 = add(self.even.1, self.cost.1.saturating_mul(bytes));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pacer(messages_per_s: Option<u32>, bytes_per_s: Option<u32>) -> Pacer {
        Pacer::new(&Allowance { messages_per_s, bytes_per_s, ..Allowance::default() })
    }

    /// How many messages of so many bytes go in ten seconds if more always wait.
    fn check(messages_per_s: Option<u32>, bytes_per_s: Option<u32>, bytes: usize, most: u64) {
        let (mut pacer, mut now, mut count) = (pacer(messages_per_s, bytes_per_s), Mono(5), 0);
        while now <= Mono(10_000_005) && count < 100_000 {
            pacer.sent(bytes, now);
            count += 1;
            now = now.max(pacer.ready_at());
        }
        assert!((most * 95 / 100..=most).contains(&count), "{count} of {most}");
    }

    #[test]
    fn both_rates_hold_and_none_is_wasted() {
        check(Some(80), None, 9, 80 * 10 + 17);
        check(None, Some(400_000), 4000, 100 * 10 + 21);
        check(Some(80), Some(400_000), 40_000, 10 * 10 + 3);
        check(None, None, 9, 100_000);
    }

    proptest! {
        #[test]
        fn no_stretch_of_time_sees_more_than_its_rate_and_a_burst(
            pauses in proptest::collection::vec(0..400_000_u64, 1..200), rate in 1..200_u32,
        ) {
            let (mut pacer, mut now) = (pacer(Some(rate), None), Mono(0));
            let mut times = Vec::new();
            for pause in pauses {
                now = Mono(now.0 + pause).max(pacer.ready_at());
                pacer.sent(1, now);
                times.push(now);
            }
            for (first, from) in times.iter().enumerate() {
                for (last, to) in times.iter().enumerate().skip(first) {
                    let time = to.since(*from) + BURST;
                    let most = time.as_secs_f64() * f64::from(rate) + 2.0;
                    prop_assert!(((last - first + 1) as f64) <= most);
                }
            }
        }
    }
}
