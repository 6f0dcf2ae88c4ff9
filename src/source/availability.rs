//! Up or down: when to say so, and how long to wait before the device is opened again. Without I/O.
//!
//! A state is told once per change of state or reason. Waits are those of [`Backoff`] up to
//! [`limits::REOPEN_MAX`]; they start small again when the reason changes (a new
//! node is often denied for a moment, until its rights are set) and after the device was up for a while.

use std::time::Duration;

use crate::backoff::Backoff;
use crate::limits;
use crate::source::{Body, DownReason};
use crate::time::Mono;

/// Whether one device is available, as last told.
#[derive(Debug)]
pub struct Availability {
    state: State,
    backoff: Backoff,
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    Untold,
    Up { since: Mono },
    Down(DownReason),
}

impl Availability {
    /// A device that was not tried yet. The same `seed` gives the same waits.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let random = fastrand::Rng::with_seed(seed);
        Self { state: State::Untold, backoff: Backoff::new(random, limits::REOPEN_MAX) }
    }

    /// The device was opened.
    pub fn opened(&mut self, now: Mono) -> Body {
        self.state = State::Up { since: now };
        Body::Up
    }

    /// The device could not be opened, or is gone: what to tell, if it is news, and how long to wait.
    pub fn failed(&mut self, reason: DownReason, now: Mono) -> (Option<Body>, Duration) {
        let (news, afresh) = match &self.state {
            State::Untold => (true, true),
            State::Up { since } => (true, now.since(*since) >= limits::REOPEN_MAX),
            // That what was unplugged is missing is not news.
            State::Down(DownReason::Unplugged) if reason == DownReason::Missing => (false, false),
            State::Down(told) => (*told != reason, *told != reason),
        };
        if afresh {
            self.backoff.reset();
        }
        let wait = self.backoff.wait();
        if !news {
            return (None, wait);
        }
        self.state = State::Down(reason.clone());
        (Some(Body::Down(reason)), wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Mono {
        Mono(seconds * 1_000_000)
    }

    /// Fails with each of `reasons` in turn; returns what was told.
    fn told(device: &mut Availability, reasons: &[DownReason]) -> Vec<DownReason> {
        let fail = |reason: &DownReason| match device.failed(reason.clone(), at(1)).0 {
            Some(Body::Down(reason)) => Some(reason),
            _ => None,
        };
        reasons.iter().filter_map(fail).collect()
    }

    #[test]
    fn a_reason_is_told_once_until_it_changes() {
        use DownReason::{Busy, Denied, Missing};
        let mut device = Availability::new(1);
        let reasons = [Missing, Missing, Missing, Denied, Denied, Busy, Missing];
        assert_eq!(told(&mut device, &reasons), [Missing, Denied, Busy, Missing]);
    }

    #[test]
    fn an_unplugged_device_is_not_told_missing_as_well() {
        use DownReason::{Denied, Missing, Unplugged};
        let mut device = Availability::new(1);
        device.opened(at(0));
        assert_eq!(told(&mut device, &[Unplugged, Missing, Missing]), [Unplugged]);
        assert_eq!(told(&mut device, &[Denied]), [Denied]);
    }

    #[test]
    fn a_device_that_flaps_is_opened_less_and_less_often() {
        let mut device = Availability::new(7);
        let mut longest = Duration::ZERO;
        for second in 0..100 {
            device.opened(at(second));
            longest = longest.max(device.failed(DownReason::Unplugged, at(second)).1);
        }
        assert!(longest > limits::REOPEN_MAX / 2);
    }

    #[test]
    fn a_device_that_was_up_for_a_while_is_tried_again_soon() {
        let mut device = Availability::new(7);
        for _ in 0..100 {
            device.failed(DownReason::Missing, at(1));
        }
        device.opened(at(2));
        let (_, wait) = device.failed(DownReason::Unplugged, at(100));
        assert!(wait <= limits::BACKOFF_MIN * 3, "waited {wait:?}");
    }
}
