//! What somebody said beside the truth, twice a second.

use std::ops::AddAssign;

use crate::rivals::Said;

/// Moments a second.
pub const RATE: f64 = 2.0;

/// A stay in seconds below which the truth's is too short to be asked for: somebody cut a corner.
const SHORT: f64 = 10.0;

/// Sums over walks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Score {
    moments: f64,
    wrong: f64,
    changes: f64,
    stays: f64,
    dwell_error: f64,
}

impl Score {
    /// Of one walk: the truth, and what was said of the same moments.
    #[must_use]
    pub fn of(truth: &[Said], said: &[Said]) -> Self {
        let wrong = truth.iter().zip(said).filter(|(truth, said)| truth != said).count() as f64;
        let (true_stays, said_stays) = (stays(truth), stays(said));
        let long = true_stays.iter().filter(|stay| SHORT <= stay.seconds());
        let errors: Vec<f64> = long.map(|stay| stay.error(&said_stays)).collect();
        Self {
            moments: truth.len() as f64,
            wrong,
            changes: said_stays.len().saturating_sub(1) as f64,
            stays: errors.len() as f64,
            dwell_error: errors.iter().sum(),
        }
    }

    /// Changes of the zone in an hour.
    #[must_use]
    pub fn changes_per_hour(&self) -> f64 {
        self.changes / self.moments.max(1.0) * RATE * 3600.0
    }

    /// Per cent of the time in which another zone was said than the true one.
    #[must_use]
    pub fn wrong_percent(&self) -> f64 {
        100.0 * self.wrong / self.moments.max(1.0)
    }

    /// Seconds by which the dwell of a true stay is missed, on average: by the stay in that zone that overlaps it most.
    #[must_use]
    pub fn dwell_error_s(&self) -> f64 {
        self.dwell_error / self.stays.max(1.0)
    }
}

impl AddAssign for Score {
    fn add_assign(&mut self, other: Self) {
        self.moments += other.moments;
        self.wrong += other.wrong;
        self.changes += other.changes;
        self.stays += other.stays;
        self.dwell_error += other.dwell_error;
    }
}

/// Moments in one zone without a break.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Stay {
    zone: usize,
    from: usize,
    to: usize,
}

impl Stay {
    fn seconds(&self) -> f64 {
        (self.to - self.from) as f64 / RATE
    }

    fn overlap(&self, other: &Self) -> usize {
        self.to.min(other.to).saturating_sub(self.from.max(other.from))
    }

    fn error(&self, said: &[Self]) -> f64 {
        let same = said.iter().filter(|it| it.zone == self.zone && 0 < self.overlap(it));
        let seconds = same.max_by_key(|it| self.overlap(it)).map_or(0.0, Self::seconds);
        (self.seconds() - seconds).abs()
    }
}

fn stays(zones: &[Said]) -> Vec<Stay> {
    let mut stays: Vec<Stay> = Vec::new();
    for (at, zone) in zones.iter().enumerate() {
        let Some(zone) = *zone else { continue };
        match stays.last_mut().filter(|stay| stay.zone == zone && stay.to == at) {
            Some(stay) => stay.to = at + 1,
            None => stays.push(Stay { zone, from: at, to: at + 1 }),
        }
    }
    stays
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A digit a moment, `-` for nothing.
    fn read(text: &str) -> Vec<Said> {
        text.chars().map(|c| c.to_digit(10).map(|digit| digit as usize)).collect()
    }

    /// (changes, wrong moments, seconds of dwell missed)
    fn check(truth: &str, said: &str, expected: (f64, f64, f64)) {
        let (truth, said) = (truth.repeat(10), said.repeat(10));
        let score = Score::of(&read(&truth), &read(&said));
        assert_eq!((score.changes, score.wrong, score.dwell_error_s()), expected, "{said}");
    }

    #[test]
    fn what_is_right_costs_nothing_and_flicker_costs_dwell() {
        check("000", "000", (0.0, 0.0, 0.0));
        check("000", "001", (19.0, 10.0, 14.0));
        check("000", "00-", (9.0, 10.0, 14.0));
        check("000", "111", (0.0, 30.0, 15.0));
    }
}
