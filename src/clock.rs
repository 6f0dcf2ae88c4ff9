//! The only place that reads a clock.

#![allow(clippy::disallowed_methods, reason = "this is the module that reads clocks")]

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::time::{Mono, Now, UtcMs};

/// The system's clocks.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
    /// How long the machine was up at `start`, so that `Mono` compares across restarts of the agent.
    up: Duration,
}

impl Clock {
    /// A clock whose monotonic time is the machine's uptime; it counts from now on where that is not known.
    #[must_use]
    pub fn start() -> Self {
        let start = Instant::now();
        let text = std::fs::read_to_string("/proc/uptime").unwrap_or_default();
        let seconds = text.split_whitespace().next().and_then(|word| word.parse().ok());
        let up = Duration::try_from_secs_f64(seconds.unwrap_or_default()).unwrap_or_default();
        Self { start, up }
    }

    /// Both clocks, read together.
    #[must_use]
    pub fn now(&self) -> Now {
        let micros =
            u64::try_from((self.up + self.start.elapsed()).as_micros()).unwrap_or(u64::MAX);
        let wall = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
            Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
        };
        Now { mono: Mono(micros), wall: UtcMs(wall) }
    }
}
