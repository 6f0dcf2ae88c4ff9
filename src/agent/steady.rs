//! The wall clock as the pipeline knows it: it runs evenly with the monotonic one until somebody sets it.
//!
//! A time client that slews the clock is followed. One that sets it, or a person who does, makes a *step*, which the
//! pipeline hears of before any time of the new clock reaches a device's chain: what is in the middle of happening
//! then moves along ([`Pipeline`](super::pipeline::Pipeline)). Stamps that were taken on the other side of a step are
//! told by the clock that the pipeline knows, so that one step is one step.

use std::time::Duration;

use crate::limits;
use crate::time::{Mono, Now, UtcMs};

/// The clock as it was last looked at.
#[derive(Clone, Copy, Debug, Default)]
pub struct Steady {
    /// [`Now::wall_at_boot`] and when that was read.
    known: Option<(i64, Mono)>,
}

/// Somebody set the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// In milliseconds; negative where it was set back.
    pub by_ms: i64,
    /// It happened within this time.
    pub within: Duration,
}

impl Steady {
    /// Looks at both clocks. A step, if the clock was set by [`limits::CLOCK_STEP`] or more since the last look.
    pub fn look(&mut self, now: Now) -> Option<Step> {
        let found = now.wall_at_boot();
        let (known, looked) = self.known.replace((found, now.mono))?;
        let by_ms = found.saturating_sub(known);
        let step = Step { by_ms, within: now.mono.since(looked) };
        is_step(by_ms).then_some(step)
    }

    /// The same moment by the clock that is known.
    #[must_use]
    pub fn tell(&self, at: Now) -> Now {
        let Some((known, _)) = self.known else { return at };
        let off = known.saturating_sub(at.wall_at_boot());
        if is_step(off) { Now { wall: UtcMs(at.wall.0.saturating_add(off)), ..at } } else { at }
    }
}

fn is_step(by_ms: i64) -> bool {
    u128::from(by_ms.unsigned_abs()) >= limits::CLOCK_STEP.as_millis()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A clock that was `ahead` by so many ms at each of these seconds; the steps.
    fn check(ahead: &[(u64, i64)], expected: &[i64]) {
        let mut steady = Steady::default();
        let start = Now { mono: Mono(0), wall: UtcMs(1_000_000) };
        let at =
            |(second, ms): &(u64, i64)| start.plus(Duration::from_secs(*second)).clock_set(*ms);
        let steps: Vec<i64> =
            ahead.iter().filter_map(|it| steady.look(at(it))).map(|step| step.by_ms).collect();
        assert_eq!(steps, expected, "{ahead:?}");
    }

    #[test]
    fn only_a_clock_that_is_set_makes_a_step() {
        check(&[(0, 0), (5, 0), (3600, 0)], &[]);
        check(&[(0, 0), (5, 900), (10, 1800), (15, 2700)], &[]);
        check(&[(0, 0), (5, 1000)], &[1000]);
        check(&[(0, 0), (5, -7_200_000), (10, -7_200_000), (15, 0)], &[-7_200_000, 7_200_000]);
    }

    #[test]
    fn stamps_of_another_clock_are_told_by_the_known_one() {
        let mut steady = Steady::default();
        let before = Now { mono: Mono(9_000_000), wall: UtcMs(50_000) };
        assert_eq!(steady.tell(before), before, "nothing is known yet");
        let set = before.clock_set(1_000_000);
        steady.look(set);
        assert_eq!(steady.tell(before), set);
        let slewed = set.clock_set(-300);
        assert_eq!(steady.tell(slewed), slewed);
    }

    #[test]
    fn times_at_the_ends_of_what_can_be_told_do_no_harm() {
        let mut steady = Steady::default();
        for (mono, wall) in [(0, i64::MIN), (u64::MAX, i64::MAX), (u64::MAX, i64::MIN), (0, 0)] {
            let now = Now { mono: Mono(mono), wall: UtcMs(wall) };
            steady.look(now);
            let _ = steady.tell(now);
        }
    }
}
