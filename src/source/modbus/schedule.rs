//! Whom to ask next on a Modbus line, and what to tell of those who do not answer. Without I/O.
//!
//! Invariants: every counter is asked again, whatever becomes of the others; one that is down is asked no more often
//! than when it is up; while a late answer may still come, nobody is asked; a state is told once.

use std::time::Duration;

use crate::limits;
use crate::source::availability::Availability;
use crate::source::{Body, DownReason};
use crate::time::Mono;

/// The counters of one line, by their places.
#[derive(Debug)]
pub struct Schedule {
    units: Vec<Unit>,
    /// Until then a late answer may come.
    rest_until: Mono,
}

#[derive(Debug)]
struct Unit {
    every: Duration,
    due: Mono,
    /// Questions without a sound answer since the last one with.
    failures: u32,
    up: bool,
    availability: Availability,
}

impl Schedule {
    /// Everybody is due at `now`. `seed` decides the waits of those who fail.
    pub fn new(every: impl Iterator<Item = Duration>, seed: u64, now: Mono) -> Self {
        let unit = |(every, place): (Duration, u64)| {
            let availability = Availability::new(seed.wrapping_add(place));
            Unit { every, due: now, failures: 0, up: false, availability }
        };
        Self { units: every.zip(0..).map(unit).collect(), rest_until: now }
    }

    /// Who is due first, and when; `None` without anybody.
    pub fn next(&self) -> Option<(usize, Mono)> {
        let places = self.units.iter().enumerate();
        let (place, unit) = places.min_by_key(|(_, unit)| unit.due)?;
        Some((place, unit.due.max(self.rest_until)))
    }

    /// It answered: what to tell before the answer, if that is news.
    pub fn answered(&mut self, place: usize, now: Mono) -> Option<Body> {
        let unit = self.units.get_mut(place)?;
        (unit.failures, unit.due) = (0, now.plus(unit.every));
        let news = !std::mem::replace(&mut unit.up, true);
        news.then(|| unit.availability.opened(now))
    }

    /// It did not, or not soundly: what to tell, if that is news.
    pub fn failed(&mut self, place: usize, reason: DownReason, now: Mono) -> Option<Body> {
        let unit = self.units.get_mut(place)?;
        unit.failures = unit.failures.saturating_add(1);
        unit.due = now.plus(limits::MODBUS_REST);
        if unit.failures < limits::MODBUS_ATTEMPTS {
            return None;
        }
        let (news, wait) = unit.availability.failed(reason, now);
        (unit.up, unit.due) = (false, now.plus(wait.max(unit.every)));
        news
    }

    /// What comes now may belong to a question of before.
    pub fn rest(&mut self, now: Mono) {
        self.rest_until = now.plus(limits::MODBUS_REST);
    }

    /// The line is gone, and all on it: calls `tell` for whom that is news. It is tried again when the next one is due.
    pub fn gone(&mut self, reason: &DownReason, now: Mono, mut tell: impl FnMut(usize, Body)) {
        let mut longest = Duration::ZERO;
        for (place, unit) in self.units.iter_mut().enumerate() {
            let (news, wait) = unit.availability.failed(reason.clone(), now);
            (unit.up, unit.failures) = (false, 0);
            longest = longest.max(wait);
            news.into_iter().for_each(|news| tell(place, news));
        }
        for unit in &mut self.units {
            unit.due = now.plus(longest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Mono {
        Mono(millis * 1000)
    }

    fn schedule(every_s: &[u64]) -> Schedule {
        Schedule::new(every_s.iter().map(|it| Duration::from_secs(*it)), 7, at(0))
    }

    fn silent() -> DownReason {
        DownReason::Other("silent".to_owned())
    }

    #[test]
    fn each_is_asked_as_often_as_it_wants() {
        let mut line = schedule(&[5, 2]);
        let mut asked = Vec::new();
        let mut now = at(0);
        while now < at(11_000) {
            let (place, due) = line.next().unwrap();
            now = now.max(due);
            let news = line.answered(place, now).is_some();
            asked.push((place, now.0 / 1_000_000, news));
        }
        let expected = [
            (0, 0, true),
            (1, 0, true),
            (1, 2, false),
            (1, 4, false),
            (0, 5, false),
            (1, 6, false),
            (1, 8, false),
            (0, 10, false),
            (1, 10, false),
            (1, 12, false),
        ];
        assert_eq!(asked[..8], expected[..8]);
        assert_eq!(asked.len(), 10);
        assert_eq!(schedule(&[]).next(), None);
    }

    #[test]
    fn noise_is_not_told_and_silence_is_told_once() {
        let mut line = schedule(&[1]);
        assert_eq!(line.answered(0, at(0)), Some(Body::Up));
        let mut told = Vec::new();
        for nth in 0..6 {
            told.push(line.failed(0, silent(), at(1000 + nth)));
        }
        let down = Some(Body::Down(silent()));
        assert_eq!(told, [None, None, down, None, None, None]);
        assert_eq!(line.answered(0, at(9000)), Some(Body::Up));
        assert_eq!(line.failed(0, silent(), at(9001)), None);
        assert_eq!(line.answered(0, at(9002)), None);
    }

    #[test]
    fn who_fails_is_asked_again_soon_and_then_seldom_and_nobody_while_the_line_rests() {
        let mut line = schedule(&[30, 60]);
        line.answered(1, at(0));
        line.failed(0, silent(), at(0));
        line.rest(at(0));
        assert_eq!(line.next(), Some((0, at(0).plus(limits::MODBUS_REST))));
        line.failed(0, silent(), at(500));
        line.failed(0, silent(), at(1000));
        assert_eq!(line.next(), Some((0, at(31_000))), "not before it wants to be");
        line.rest(at(90_000));
        assert_eq!(line.next(), Some((0, at(90_500))));
    }

    #[test]
    fn a_line_that_is_gone_is_told_for_all_on_it_and_tried_again_within_the_bound() {
        let mut line = schedule(&[1, 1]);
        line.answered(0, at(0));
        let mut told = Vec::new();
        for nth in 0..20 {
            let now = at(nth * 60_000);
            line.gone(&DownReason::Unplugged, now, |place, news| told.push((place, news)));
            line.gone(&DownReason::Missing, now, |place, news| told.push((place, news)));
            let (_, due) = line.next().unwrap();
            assert!(due > now && due.since(now) <= limits::REOPEN_MAX, "{due:?}");
        }
        let down = || Body::Down(DownReason::Unplugged);
        assert_eq!(told, [(0, down()), (1, down())]);
        assert_eq!(line.answered(1, at(0)), Some(Body::Up));
    }
}
