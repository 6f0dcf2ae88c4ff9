//! The only place that reads a clock.

#![allow(clippy::disallowed_methods, reason = "this is the module that reads clocks")]

use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tillgate_events::ClockQuality;

use crate::limits;
use crate::time::{Mono, Now, UtcMs};

/// What systemd's time client touches whenever it has set the clock by a server; gone after a boot.
const SYNCHRONIZED: &str = "/run/systemd/timesync/synchronized";

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
        Now { mono: Mono(micros), wall: utc(SystemTime::now()) }
    }
}

impl Clock {
    /// The moment that the kernel stamped, in nanoseconds of its monotonic clock: now, where that has not come yet.
    #[must_use]
    pub fn stamped(&self, nanos: u64) -> Now {
        let now = self.now();
        let kernel = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
        let kernel = Duration::new(
            u64::try_from(kernel.tv_sec).unwrap_or_default(),
            u32::try_from(kernel.tv_nsec).unwrap_or_default(),
        );
        let ago = kernel.saturating_sub(Duration::from_nanos(nanos));
        let micros = u64::try_from(ago.as_micros()).unwrap_or(u64::MAX);
        let millis = i64::try_from(ago.as_millis()).unwrap_or(i64::MAX);
        Now {
            mono: Mono(now.mono.0.saturating_sub(micros)),
            wall: UtcMs(now.wall.0.saturating_sub(millis)),
        }
    }
}

/// Whether the wall clock is known to be right.
///
/// Nothing but evidence counts: the file that systemd-timesyncd touches at each synchronisation, not older than
/// [`limits::CLOCK_TRUST`]. Without it (another time client, none, no server heard yet) the clock counts as not
/// synchronised, however plausible it looks.
#[derive(Debug)]
pub struct TimeSync {
    file: PathBuf,
    /// When the file was last looked at, and what that said.
    looked: Option<(Mono, ClockQuality)>,
    /// The clock was set after this: older evidence is about another clock.
    set_after: Option<UtcMs>,
}

impl Default for TimeSync {
    fn default() -> Self {
        Self::of(SYNCHRONIZED.into())
    }
}

impl TimeSync {
    fn of(file: PathBuf) -> Self {
        Self { file, looked: None, set_after: None }
    }

    /// The clock was set, not earlier than `after` by its new time: only a synchronisation since then is evidence.
    pub fn clock_set(&mut self, after: UtcMs) {
        self.looked = None;
        self.set_after = Some(after);
    }

    /// The clock's quality at `now`; the system is asked once in [`limits::CLOCK_LOOK`].
    pub fn quality(&mut self, now: Now) -> ClockQuality {
        match self.looked {
            Some((at, quality)) if now.mono.since(at) < limits::CLOCK_LOOK => quality,
            _ => {
                let quality = self.look(now.wall);
                self.looked = Some((now.mono, quality));
                quality
            }
        }
    }

    fn look(&self, wall: UtcMs) -> ClockQuality {
        let touched = std::fs::metadata(&self.file).and_then(|file| file.modified()).map(utc);
        let trust = i64::try_from(limits::CLOCK_TRUST.as_millis()).unwrap_or(i64::MAX);
        match touched {
            // The clock itself stamped the file: a stamp far from its time means that it was set otherwise since.
            Ok(touched)
                if wall.0.abs_diff(touched.0) <= trust.unsigned_abs()
                    && self
                        .set_after
                        .is_none_or(|after| after <= touched && touched.0 <= wall.0 + 1000) =>
            {
                ClockQuality::Synced
            }
            _ => ClockQuality::Unsynced,
        }
    }
}

fn utc(time: SystemTime) -> UtcMs {
    UtcMs(match time.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The quality of a clock that shows a moment `later` than the last synchronisation, `None` for never.
    fn check(later: Option<Duration>, expected: ClockQuality) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("synchronized");
        let mut now = Clock::start().now();
        if let Some(later) = later {
            std::fs::write(&file, "").unwrap();
            now = now.plus(later);
        }
        assert_eq!(TimeSync::of(file).quality(now), expected, "{later:?}");
    }

    #[test]
    fn a_clock_counts_as_right_only_while_there_is_evidence() {
        check(None, ClockQuality::Unsynced);
        check(Some(Duration::ZERO), ClockQuality::Synced);
        check(Some(limits::CLOCK_TRUST / 2), ClockQuality::Synced);
        check(Some(limits::CLOCK_TRUST * 2), ClockQuality::Unsynced);
    }

    #[test]
    fn a_clock_that_was_set_back_by_years_is_not_right() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("synchronized");
        std::fs::write(&file, "").unwrap();
        let now = Now { wall: UtcMs(0), ..Clock::start().now() };
        assert_eq!(TimeSync::of(file).quality(now), ClockQuality::Unsynced);
    }

    #[test]
    fn evidence_from_before_the_clock_was_set_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("synchronized");
        std::fs::write(&file, "").unwrap();
        let (mut sync, now) = (TimeSync::of(file.clone()), Clock::start().now());
        assert_eq!(sync.quality(now), ClockQuality::Synced);
        let hour = 3_600_000;
        for by in [hour, -hour] {
            let set = now.clock_set(by);
            sync.clock_set(UtcMs(set.wall.0 - 1000));
            assert_eq!(sync.quality(set), ClockQuality::Unsynced, "somebody set it by {by} ms");
        }
        sync.clock_set(UtcMs(now.wall.0 - 1000));
        assert_eq!(sync.quality(now), ClockQuality::Synced, "the time client set it");
    }

    #[test]
    fn a_stamp_of_the_kernel_is_as_long_ago_as_it_says() {
        let clock = Clock::start();
        let kernel = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
        let nanos = u64::try_from(kernel.tv_sec * 1_000_000_000 + kernel.tv_nsec).unwrap();
        let before = clock.now();
        let [earlier, later] = [nanos - 2_000_000, nanos - 1_000_000].map(|it| clock.stamped(it));
        assert!(earlier.mono < before.mono && earlier.mono < later.mono, "{earlier:?}");
        assert!(clock.stamped(u64::MAX).mono >= before.mono, "not in the future, and no panic");
    }

    #[test]
    fn the_system_is_asked_once_in_a_while() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("synchronized");
        let (mut sync, now) = (TimeSync::of(file.clone()), Clock::start().now());
        assert_eq!(sync.quality(now), ClockQuality::Unsynced);
        std::fs::write(&file, "").unwrap();
        assert_eq!(sync.quality(now.plus(limits::CLOCK_LOOK / 2)), ClockQuality::Unsynced);
        assert_eq!(sync.quality(now.plus(limits::CLOCK_LOOK)), ClockQuality::Synced);
    }
}
