//! When the pipeline looks at itself and tells.
//!
//! # Invariants
//! - [`limits::HEALTH_LOOK`] after a look the next is due, whatever else wakes the thread in between: what is told is
//!   no older than that, and than what the thread was doing.
//! - A connection that came or went is told as soon as the thread is awake, and does not put off the next look.

use std::time::Duration;

use crate::limits;
use crate::time::Mono;

/// See the module's documentation.
#[derive(Debug, Default)]
pub struct Looks {
    last: Option<Mono>,
    connected: bool,
}

impl Looks {
    /// Whether to look now; the first time at once.
    pub fn is_due(&mut self, now: Mono, connected: bool) -> bool {
        let in_turn = self.wait(now).is_zero();
        if in_turn {
            self.last = Some(now);
        }
        let changed = std::mem::replace(&mut self.connected, connected) != connected;
        in_turn || changed
    }

    /// How long until the next look.
    #[must_use]
    pub fn wait(&self, now: Mono) -> Duration {
        let since = self.last.map(|last| now.since(last));
        since.map_or(Duration::ZERO, |since| limits::HEALTH_LOOK.saturating_sub(since))
    }

    /// The next look is due now.
    pub fn hurry(&mut self) {
        self.last = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_is_due_in_its_time_whatever_wakes_the_thread_before() {
        let mut looks = Looks::default();
        // Second, connected, whether a look is due, and seconds to the next.
        let times = [
            (0, false, true, 5),
            (4, false, false, 1),
            (5, false, true, 5),
            (8, true, true, 2),
            (9, true, false, 1),
            (10, true, true, 5),
            (27, true, true, 5),
            (28, false, true, 4),
        ];
        for (second, connected, due, wait) in times {
            let now = Mono(second * 1_000_000);
            assert_eq!(looks.is_due(now, connected), due, "{second}");
            assert_eq!(looks.wait(now), Duration::from_secs(wait), "{second}");
        }
        looks.hurry();
        assert!(looks.is_due(Mono(29_000_000), false));
    }
}
