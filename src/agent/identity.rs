//! What makes this run of this machine unique: the boot id and the day's key for pseudonyms.

use std::io::Read as _;
use std::time::Duration;

use jiff::tz::TimeZone;
use tillgate_events::BootId;

use crate::limits;
use crate::time::{Mono, Now};
use crate::track::pseudonym::Pseudonyms;

/// The kernel's id of this boot; zeros where it cannot be read.
#[must_use]
pub fn boot_id() -> BootId {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    BootId::parse(text.trim()).unwrap_or_default()
}

/// The key of pseudonyms, replaced when the store's day ends. It is never written down.
///
/// The end of the day is a moment of the monotonic clock, found when the key is made: a wall clock that is set ends no
/// day and makes none longer. The next day ends at midnight by the new clock.
#[derive(Debug)]
pub struct DayKey {
    zone: TimeZone,
    ends: Mono,
    names: Pseudonyms,
    source: KeySource,
}

/// Where keys come from.
pub type KeySource = fn() -> std::io::Result<[u8; 64]>;

impl DayKey {
    /// A key for the day of `now` in the store's zone.
    ///
    /// # Errors
    /// When the system's random source cannot be read.
    pub fn new(zone: TimeZone, now: Now) -> std::io::Result<Self> {
        Self::from_source(zone, now, random)
    }

    /// As [`DayKey::new`], with keys from elsewhere than the system: for a simulation that repeats.
    ///
    /// # Errors
    /// The source's own.
    pub fn from_source(zone: TimeZone, now: Now, source: KeySource) -> std::io::Result<Self> {
        let ends = end_of_day(&zone, now);
        Ok(Self { zone, ends, names: Pseudonyms::new(source()?), source })
    }

    /// The pseudonyms of the day.
    #[must_use]
    pub fn names(&self) -> &Pseudonyms {
        &self.names
    }

    /// Whether the day is over at `now`.
    #[must_use]
    pub fn is_over(&self, now: Mono) -> bool {
        now >= self.ends
    }

    /// Takes a new key. Where the random source fails the old one stays until the next try.
    pub fn renew(&mut self, now: Now) {
        match (self.source)() {
            Ok(key) => {
                self.names = Pseudonyms::new(key);
                self.ends = end_of_day(&self.zone, now);
            }
            Err(error) => tracing::error!(%error, "no random key for the day's pseudonyms"),
        }
    }
}

/// The store's next midnight; a day later where the calendar does not know.
fn end_of_day(zone: &TimeZone, now: Now) -> Mono {
    let midnight = jiff::Timestamp::from_millisecond(now.wall.0).ok().and_then(|timestamp| {
        let tomorrow = zone.to_datetime(timestamp).date().tomorrow().ok()?;
        Some(tomorrow.to_zoned(zone.clone()).ok()?.timestamp().as_millisecond())
    });
    let left = midnight.and_then(|midnight| u64::try_from(midnight - now.wall.0).ok());
    now.mono.plus(left.map_or(limits::DAY_KEY, Duration::from_millis).min(limits::DAY_KEY))
}

fn random() -> std::io::Result<[u8; 64]> {
    let mut key = [0; 64];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut key)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::UtcMs;

    const HOUR: u64 = 60 * 60;

    /// Midday in Berlin on 24 October 2026, the day before the one that has 25 hours.
    fn midday() -> Now {
        Now { mono: Mono(1), wall: UtcMs(1_792_836_000_000) }
    }

    #[test]
    fn a_day_ends_at_midnight_also_the_longest_of_the_year() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let hours = |hours: u64| Duration::from_secs(hours * HOUR);
        let evening = midday().plus(hours(12));
        let mut key = DayKey::new(zone, midday()).unwrap();
        assert!(!key.is_over(Mono(evening.mono.0 - 1)) && key.is_over(evening.mono));
        let before = key.names().of("tag");
        key.renew(evening);
        assert_ne!(key.names().of("tag"), before);
        let night = |length| evening.mono.plus(hours(length));
        assert!(!key.is_over(night(24)) && key.is_over(night(25)));
    }

    #[test]
    fn no_wall_clock_makes_a_day_longer_than_the_longest_one() {
        for wall in [i64::MIN, -1, 0, i64::MAX] {
            let now = Now { mono: Mono(1), wall: UtcMs(wall) };
            let key = DayKey::new(TimeZone::UTC, now).unwrap();
            assert!(key.is_over(now.mono.plus(limits::DAY_KEY)), "{wall}");
        }
    }
}
