//! The only place that reads a clock.

#![allow(clippy::disallowed_methods, reason = "this is the module that reads clocks")]

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::time::{Mono, Now, UtcMs};

/// The system's clocks, with `Mono` counted from when this was made.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
}

impl Clock {
    /// A clock whose monotonic time starts now.
    #[must_use]
    pub fn start() -> Self {
        Self { start: Instant::now() }
    }

    /// Both clocks, read together.
    #[must_use]
    pub fn now(&self) -> Now {
        let micros = u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX);
        let wall = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
            Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
        };
        Now { mono: Mono(micros), wall: UtcMs(wall) }
    }
}
