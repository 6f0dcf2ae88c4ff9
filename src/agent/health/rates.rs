//! Rates from totals, sans-IO: what is accepted in an hour, and what was committed and written lately.
//!
//! The rate of a day needs a day of evidence. With less it is the rate since the start, and whoever shows it must
//! say how long that is: a morning says little about a week.

use std::collections::VecDeque;
use std::time::Duration;

use crate::limits;
use crate::time::Mono;

/// What only grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Bytes accepted.
    pub accepted_bytes: u64,
    /// Transactions.
    pub commits: u64,
    /// Bytes written to storage.
    pub written_bytes: Option<u64>,
}

/// See the module's documentation.
#[derive(Debug)]
pub struct Rates {
    /// Of the last day, [`limits::RATE_STEP`] apart, the oldest first; never empty.
    day: VecDeque<(Mono, Totals)>,
    /// Where the last short measurement ended.
    mark: (Mono, Totals),
}

/// Bytes accepted in an hour, and over how long that was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayRate {
    /// `None` while the time is too short to say anything.
    pub bytes_per_hour: Option<u64>,
    /// At most a day, or little more.
    pub measured: Duration,
}

/// Per second, since the last one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ShortRates {
    /// Transactions.
    pub commits: f64,
    /// Bytes written to storage.
    pub written_bytes: Option<f64>,
}

impl Rates {
    /// Begins to measure.
    #[must_use]
    pub fn new(now: Mono, totals: Totals) -> Self {
        Self { day: VecDeque::from([(now, totals)]), mark: (now, totals) }
    }

    /// Takes note of the totals at `now`.
    pub fn note(&mut self, now: Mono, totals: Totals) {
        if self.day.back().is_none_or(|(at, _)| now.since(*at) >= limits::RATE_STEP) {
            self.day.push_back((now, totals));
        }
        // The second oldest already covers the day.
        while self.day.get(1).is_some_and(|(at, _)| now.since(*at) >= limits::RATE_WINDOW) {
            self.day.pop_front();
        }
    }

    /// The rate over the last day, or since the start.
    #[must_use]
    pub fn day(&self, now: Mono, totals: Totals) -> DayRate {
        let (since, before) = self.day.front().copied().unwrap_or(self.mark);
        let measured = now.since(since);
        let bytes = totals.accepted_bytes.saturating_sub(before.accepted_bytes);
        let enough = measured >= limits::RATE_EVIDENCE;
        let per_hour = u128::from(bytes) * 3_600_000_000 / measured.as_micros().max(1);
        let bytes_per_hour = enough.then(|| u64::try_from(per_hour).unwrap_or(u64::MAX));
        DayRate { bytes_per_hour, measured }
    }

    /// The rates since the last call.
    pub fn short(&mut self, now: Mono, totals: Totals) -> ShortRates {
        let (since, before) = std::mem::replace(&mut self.mark, (now, totals));
        let seconds = now.since(since).as_secs_f64();
        if seconds <= 0.0 {
            return ShortRates::default();
        }
        #[allow(clippy::cast_precision_loss, reason = "rates are shown with one decimal")]
        let rate = |total: u64, before: u64| {
            (total.saturating_sub(before) as f64 / seconds * 10.0).round() / 10.0
        };
        ShortRates {
            commits: rate(totals.commits, before.commits),
            written_bytes: totals.written_bytes.zip(before.written_bytes).map(|(a, b)| rate(a, b)),
        }
    }
}

/// Whole hours until `room` bytes are accepted; `None` where nothing comes, or nobody knows how much.
#[must_use]
pub fn hours_left(room: u64, rate: DayRate) -> Option<u64> {
    room.checked_div(rate.bytes_per_hour?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(hours: u64) -> Mono {
        Mono(hours * 3_600_000_000)
    }

    fn totals(accepted_bytes: u64) -> Totals {
        Totals { accepted_bytes, ..Totals::default() }
    }

    /// Rates of a shop that accepts 100 bytes an hour in its first day and 900 from then on.
    #[test]
    fn the_rate_is_that_of_the_last_day_or_since_the_start() {
        let mut rates = Rates::new(hours(0), totals(0));
        let mut bytes = 0;
        let mut told = Vec::new();
        for hour in 1..=60 {
            bytes += if hour <= 24 { 100 } else { 900 };
            rates.note(hours(hour), totals(bytes));
            let day = rates.day(hours(hour), totals(bytes));
            if [1, 24, 36, 48, 60].contains(&hour) {
                told.push((hour, day.bytes_per_hour.unwrap(), day.measured.as_secs() / 3600));
            }
        }
        assert_eq!(told, [(1, 100, 1), (24, 100, 24), (36, 500, 24), (48, 900, 24), (60, 900, 24)]);
        assert!(rates.day.len() <= 26, "{}", rates.day.len());
    }

    #[test]
    fn a_few_minutes_say_nothing_about_days() {
        let rates = Rates::new(hours(0), totals(0));
        let soon = Mono(0).plus(limits::RATE_EVIDENCE / 2);
        let day = rates.day(soon, totals(1_000_000));
        assert_eq!((day.bytes_per_hour, hours_left(1 << 30, day)), (None, None));
    }

    #[test]
    fn hours_are_room_by_rate_and_without_end_where_nothing_comes() {
        let rate = |bytes_per_hour| DayRate { bytes_per_hour, measured: Duration::ZERO };
        assert_eq!(hours_left(6_100, rate(Some(100))), Some(61));
        assert_eq!(hours_left(99, rate(Some(100))), Some(0));
        assert_eq!(hours_left(6_100, rate(Some(0))), None);
        assert_eq!(hours_left(6_100, rate(None)), None);
    }

    #[test]
    fn short_rates_are_of_the_time_since_the_last_ones() {
        let at = |seconds: u64| Mono(seconds * 1_000_000);
        let totals =
            |commits, written| Totals { commits, written_bytes: written, ..Totals::default() };
        let mut rates = Rates::new(at(0), totals(0, Some(0)));
        let first = rates.short(at(60), totals(90, Some(6000)));
        assert_eq!((first.commits, first.written_bytes), (1.5, Some(100.0)));
        let next = rates.short(at(120), totals(90, None));
        assert_eq!((next.commits, next.written_bytes), (0.0, None));
        assert_eq!(rates.short(at(120), totals(99, None)), ShortRates::default());
    }
}
