//! How far timers may run while readings wait.
//!
//! A timer measures a device's silence, and a reading that waits is no silence: a commit that took seconds must
//! not end the receipt whose second half came meanwhile. So timers never pass the stamp of the reading that is
//! taken next. And where readings come late, or the thread itself was held up (by a slow disk), more may wait in
//! the sources than the queue shows: then timers stand still for [`limits::CAUGHT_UP`] after the last sign of it.
//! Decoders look at the time of each reading themselves, so silences between readings are seen all the while.
//! Bounded: behind for longer than [`limits::BEHIND`], timers run again, so that a quiet till's receipt never
//! waits for ever.
//!
//! What this cannot mend: where the whole process was paused, bytes are stamped when they are read, after the
//! pause, and a document that was open ends by a silence that was none.

use std::time::Duration;

use crate::limits;
use crate::time::{Mono, Now};

/// The timers' pace.
#[derive(Debug, Default)]
pub struct Pace {
    /// The first and the last sign of a stretch of lateness.
    late: Option<(Mono, Mono)>,
}

impl Pace {
    /// A reading of `stamp` is taken at `now`.
    pub fn taken(&mut self, stamp: Mono, now: Mono) {
        self.look(stamp, now);
    }

    /// The thread meant to be here at `planned` and is at `now`.
    pub fn woke(&mut self, planned: Mono, now: Mono) {
        self.look(planned, now);
    }

    fn look(&mut self, expected: Mono, now: Mono) {
        let caught_up = self.late.is_none_or(|(_, last)| now.since(last) >= limits::CAUGHT_UP);
        if now.since(expected) >= limits::LATE {
            let first = self.late.filter(|_| !caught_up).map_or(now, |(first, _)| first);
            self.late = Some((first, now));
        } else if caught_up {
            self.late = None;
        }
    }

    /// The time for timers at `now`, when `next` is the stamp of the reading that is taken next; `None` while they
    /// stand still.
    #[must_use]
    pub fn timers(&self, now: Now, next: Option<Now>) -> Option<Now> {
        if now.mono < self.still_until() {
            return None;
        }
        Some(next.filter(|next| next.mono < now.mono).unwrap_or(now))
    }

    /// When to look at a timer that is due at `due`. While a reading waits: once that is taken.
    #[must_use]
    pub fn wake_at(&self, due: Mono, reading_waits: bool) -> Option<Mono> {
        (!reading_waits).then(|| due.max(self.still_until()))
    }

    fn still_until(&self) -> Mono {
        let until = |(first, last): (Mono, Mono)| {
            let bound: Duration = limits::BEHIND;
            last.plus(limits::CAUGHT_UP).min(first.plus(bound))
        };
        self.late.map_or(Mono::default(), until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Now {
        Now::default().plus(Duration::from_millis(ms))
    }

    /// Takes readings of (stamp, now) in ms; the timers' time at `now` with the next reading's stamp.
    fn check(taken: &[(u64, u64)], (now, next): (u64, Option<u64>), expected: Option<u64>) {
        let mut pace = Pace::default();
        for (stamp, now) in taken {
            pace.taken(at(*stamp).mono, at(*now).mono);
        }
        assert_eq!(pace.timers(at(now), next.map(at)), expected.map(at), "{taken:?}");
    }

    #[test]
    fn timers_follow_the_clock_while_nothing_waits() {
        check(&[], (5000, None), Some(5000));
        check(&[(4990, 5000)], (5000, None), Some(5000));
    }

    #[test]
    fn timers_never_pass_the_next_reading() {
        check(&[], (5000, Some(2000)), Some(2000));
        check(&[], (5000, Some(5001)), Some(5000));
    }

    #[test]
    fn after_a_late_reading_timers_stand_still_until_no_more_come() {
        let quiet = u64::try_from(limits::CAUGHT_UP.as_millis()).unwrap();
        check(&[(1000, 5000)], (5000, None), None);
        check(&[(1000, 5000), (4999, 5001)], (5001, None), None);
        check(&[(1000, 5000)], (5000 + quiet, None), Some(5000 + quiet));
    }

    #[test]
    fn readings_that_are_late_for_ever_do_not_stop_timers_for_ever() {
        let taken: Vec<(u64, u64)> = (0..200).map(|tenth| (tenth, 5000 + 100 * tenth)).collect();
        let bound = 5000 + u64::try_from(limits::BEHIND.as_millis()).unwrap();
        let (early, late): (Vec<_>, Vec<_>) = taken.iter().partition(|(_, now)| *now < bound);
        check(&early, (bound - 1, Some(90)), None);
        check(&[early, late].concat(), (5000 + 100 * 199, Some(200)), Some(200));
    }

    #[test]
    fn one_stretch_of_late_readings_does_not_shorten_the_next() {
        let mut pace = Pace::default();
        let bound = u64::try_from(limits::BEHIND.as_millis()).unwrap();
        pace.taken(at(0).mono, at(1000).mono);
        pace.taken(at(1000).mono, at(2 * bound).mono);
        assert_eq!(pace.timers(at(2 * bound), None), None);
    }

    #[test]
    fn a_thread_that_was_held_up_gives_the_sources_time_to_tell() {
        let mut pace = Pace::default();
        pace.woke(at(1000).mono, at(1002).mono);
        assert_eq!(pace.timers(at(1002), None), Some(at(1002)));
        pace.woke(at(1500).mono, at(9000).mono);
        assert_eq!(pace.timers(at(9000), None), None);
        let later = at(9000).plus(limits::CAUGHT_UP);
        assert_eq!(pace.timers(later, None), Some(later));
    }

    #[test]
    fn a_timer_is_looked_at_when_it_can_run() {
        let mut pace = Pace::default();
        assert_eq!(pace.wake_at(at(10).mono, false), Some(at(10).mono));
        assert_eq!(pace.wake_at(at(10).mono, true), None);
        pace.taken(at(0).mono, at(1000).mono);
        assert_eq!(pace.wake_at(at(10).mono, false), Some(at(1000).mono.plus(limits::CAUGHT_UP)));
    }
}
