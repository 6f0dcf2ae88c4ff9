//! systemd's watchdog, fed by the pipeline thread between two pieces of its work and by nobody else: a pipeline that is
//! stuck, in a lock, a driver or the disk, starves it, and systemd starts the agent again.
//!
//! A commit that waits for the disk is no progress either. It has what is left of `WatchdogSec`, 25 of the unit's 30 s
//! at least, and then the process is ended. That loses what was not accepted, which a disk that takes no write for so
//! long would not have taken anyway; one that is only slow (a flash card that tidies up) comes back sooner.

use std::time::Duration;

use super::notify;
use crate::limits;
use crate::time::Mono;

/// See the module's documentation.
pub struct Watchdog {
    last: Option<Mono>,
    every: Duration,
    feed: Box<dyn FnMut() + Send>,
}

impl Watchdog {
    /// The one of the service that this process is, as often as its unit wants it.
    #[must_use]
    pub fn of_service() -> Self {
        // Without systemd there is nobody to tell.
        let feed = || drop(notify::notify(notify::WATCHDOG));
        Self::new(notify::watchdog(), Box::new(feed))
    }

    /// One that wants to be fed within `patience`.
    #[must_use]
    pub fn new(patience: Option<Duration>, feed: Box<dyn FnMut() + Send>) -> Self {
        let third = patience.map_or(limits::WATCHDOG_FEED, |patience| patience / 3);
        Self { last: None, every: third.min(limits::WATCHDOG_FEED), feed }
    }

    /// How long the thread may sleep at most.
    #[must_use]
    pub fn every(&self) -> Duration {
        self.every
    }

    /// The thread is alive at `now`.
    pub fn feed(&mut self, now: Mono) {
        if self.last.is_none_or(|last| now.since(last) >= self.every) {
            self.last = Some(now);
            (self.feed)();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// How often it is fed by a thread that looks every 100 ms for 12 s.
    fn check(patience: Option<Duration>, expected: usize) {
        let (told, fed) = mpsc::channel();
        let mut watchdog = Watchdog::new(patience, Box::new(move || told.send(()).unwrap()));
        for tick in 0..120 {
            watchdog.feed(Mono(tick * 100_000));
        }
        assert_eq!(fed.try_iter().count(), expected, "{patience:?}");
    }

    #[test]
    fn it_is_fed_three_times_as_often_as_it_wants_and_never_less_than_the_default() {
        check(None, 3);
        check(Some(Duration::from_secs(30)), 3);
        check(Some(Duration::from_secs(6)), 6);
        check(Some(Duration::from_millis(300)), 120);
    }
}
