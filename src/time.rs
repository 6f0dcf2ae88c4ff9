//! Time as the pure modules see it: an argument, never a call.

use std::time::Duration;

pub use tillgate_events::UtcMs;

/// Microseconds on the monotonic clock since the machine booted. Windows and timers run on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Mono(pub u64);

impl Mono {
    /// This moment plus `duration`.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)))
    }

    /// How long after `earlier` this is; zero if it is not.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

/// One moment on both clocks. `wall` may jump, `mono` never does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// For durations.
    pub mono: Mono,
    /// For what people read.
    pub wall: UtcMs,
}

impl Now {
    /// What the wall clock showed, or would have shown, when the machine booted, in milliseconds: it changes only
    /// when the clock is set.
    #[must_use]
    pub fn wall_at_boot(self) -> i64 {
        self.wall.0.saturating_sub(i64::try_from(self.mono.0 / 1000).unwrap_or(i64::MAX))
    }

    /// The same moment by a wall clock that was set by `by_ms` milliseconds.
    #[must_use]
    pub fn clock_set(self, by_ms: i64) -> Self {
        Self { wall: UtcMs(self.wall.0.saturating_add(by_ms)), ..self }
    }

    /// The moment `duration` later, both clocks running evenly.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self { mono: self.mono.plus(duration), wall: UtcMs(self.wall.0.saturating_add(millis)) }
    }
}
