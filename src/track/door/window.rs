//! Those who passed in a stretch of the clock, where a door does not tell each by itself.

use std::time::Duration;

use crate::time::{Mono, Now, UtcMs};

/// Who passed since the window began.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    pub entered: u32,
    pub exited: u32,
    /// When the last of them did.
    pub last: UtcMs,
    /// When it ends, whatever becomes of the clock meanwhile.
    pub ends: Mono,
}

impl Window {
    /// The window of the clock that `now` lies in: all begin and end at multiples of `length`.
    pub fn at(now: Now, length: Duration) -> Self {
        let length = i64::try_from(length.as_millis()).unwrap_or(i64::MAX).max(1);
        let left = length - now.wall.0.rem_euclid(length);
        let ends = now.mono.plus(Duration::from_millis(left.unsigned_abs()));
        Self { entered: 0, exited: 0, last: now.wall, ends }
    }

    pub fn add(&mut self, at: UtcMs, (entered, exited): (u32, u32)) {
        self.entered = self.entered.saturating_add(entered);
        self.exited = self.exited.saturating_add(exited);
        self.last = at;
    }
}
