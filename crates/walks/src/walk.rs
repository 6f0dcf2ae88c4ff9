//! A floor with receivers, and somebody who walks on it: stops, goes on, turns round.
//!
//! The truth is the zone of the nearest receiver.

use crate::{Ms, Set};

/// Milliseconds between two steps.
pub const STEP: Ms = 100;

/// A floor.
#[derive(Clone, Debug)]
pub struct Floor {
    /// Where receivers hang, in metres; each is a zone of its own.
    pub receivers: Vec<(f64, f64)>,
    /// Width and depth in metres.
    pub size: (f64, f64),
}

/// Where somebody is.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// In metres.
    pub at: (f64, f64),
    /// Whither the body faces, in radians.
    pub heading: f64,
    /// The zone of the nearest receiver.
    pub zone: usize,
}

impl Floor {
    /// A floor of this set: an aisle or a hall to choose by, a shop with a corner or a long hall to show.
    #[must_use]
    pub fn draw(set: Set, seed: u64) -> Self {
        let (receivers, size) = match (set, seed % 2) {
            (Set::Tune, 0) => {
                (vec![(4.0, 3.0), (12.0, 3.0), (20.0, 3.0), (28.0, 3.0)], (32.0, 6.0))
            }
            (Set::Tune, _) => (
                vec![(5.0, 5.0), (15.0, 5.0), (25.0, 5.0), (5.0, 15.0), (15.0, 15.0), (25.0, 15.0)],
                (30.0, 20.0),
            ),
            (Set::Proof, 0) => (
                vec![(4.0, 4.0), (13.0, 5.0), (22.0, 4.0), (6.0, 13.0), (20.0, 14.0)],
                (26.0, 18.0),
            ),
            (Set::Proof, _) => {
                (vec![(3.0, 6.0), (11.0, 5.0), (19.0, 7.0), (30.0, 6.0), (42.0, 6.0)], (46.0, 12.0))
            }
        };
        Self { receivers, size }
    }

    fn zone(&self, at: (f64, f64)) -> usize {
        let near = self.receivers.iter().enumerate();
        let near = near.min_by(|(_, a), (_, b)| distance(**a, at).total_cmp(&distance(**b, at)));
        near.map_or(0, |(zone, _)| zone)
    }
}

/// A walk of so many milliseconds.
#[must_use]
pub fn walk(floor: &Floor, set: Set, length: Ms, rng: &mut fastrand::Rng) -> Vec<Step> {
    let (mean_pause, speeds) = match set {
        Set::Tune => (40.0, (0.5, 1.3)),
        Set::Proof => (60.0, (0.4, 1.5)),
    };
    let mut steps = Vec::new();
    let (mut at, mut heading) = (point(floor, rng), 0.0);
    while (steps.len() as Ms) * STEP < length {
        let pause = 3.0 - mean_pause * (1.0 - rng.f64()).ln();
        for _ in 0..(pause * 10.0) as usize {
            // In front of a shelf: small steps, and now and then a turn.
            at = inside(floor, (at.0 + sway(rng), at.1 + sway(rng)));
            if rng.f64() < 0.02 {
                heading = rng.f64() * std::f64::consts::TAU;
            }
            steps.push(Step { at, heading, zone: floor.zone(at) });
        }
        let (to, speed) = (point(floor, rng), speeds.0 + rng.f64() * (speeds.1 - speeds.0));
        heading = (to.1 - at.1).atan2(to.0 - at.0);
        let parts = (distance(at, to) / speed * 10.0).ceil().max(1.0);
        let from = at;
        for part in 1..=parts as usize {
            let share = part as f64 / parts;
            at = (from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share);
            steps.push(Step { at, heading, zone: floor.zone(at) });
        }
    }
    steps.truncate((length / STEP) as usize);
    steps
}

/// Metres between two points.
#[must_use]
pub fn distance(a: (f64, f64), b: (f64, f64)) -> f64 {
    (a.0 - b.0).hypot(a.1 - b.1)
}

fn sway(rng: &mut fastrand::Rng) -> f64 {
    (rng.f64() - 0.5) * 0.1
}

fn point(floor: &Floor, rng: &mut fastrand::Rng) -> (f64, f64) {
    inside(floor, (rng.f64() * floor.size.0, rng.f64() * floor.size.1))
}

fn inside(floor: &Floor, at: (f64, f64)) -> (f64, f64) {
    (at.0.clamp(0.5, floor.size.0 - 0.5), at.1.clamp(0.5, floor.size.1 - 0.5))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_walk_and_nobody_jumps() {
        for seed in 0..6 {
            let floor = Floor::draw(Set::Tune, seed);
            let steps = || walk(&floor, Set::Tune, 600_000, &mut fastrand::Rng::with_seed(seed));
            let (one, other) = (steps(), steps());
            assert_eq!(one.len(), 6000);
            assert!(one.iter().zip(&other).all(|(a, b)| a.at == b.at && a.zone == b.zone));
            let jumps = one.windows(2).filter(|pair| 0.2 < distance(pair[0].at, pair[1].at));
            assert_eq!(jumps.count(), 0);
            assert!(one.iter().any(|step| step.zone != one[0].zone));
        }
    }
}
