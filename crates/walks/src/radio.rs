//! What receivers hear of somebody who walks.
//!
//! Mean strength falls with the logarithm of the distance; the body takes away up to 8 dB where the tag is behind it;
//! shadows of shelves are normal in dB and stay as long as one stays; fading (Rice) is another draw for each
//! advertisement, and mostly takes away. What is weaker than a receiver hears, and a share of the rest, is lost.

use crate::walk::{Floor, STEP, Step, distance};
use crate::{Case, Ms, Set};

/// What a receiver said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// When.
    pub at: Ms,
    /// Who.
    pub receiver: usize,
    /// The tag's strength in dBm; nothing for a heartbeat.
    pub rssi: Option<i8>,
}

/// Milliseconds between two heartbeats.
const HEARTBEAT: Ms = 10_000;

/// dBm at one metre, and what a receiver just hears.
const AT_1M: f64 = -59.0;
const WEAKEST: f64 = -96.0;

/// All lines of a walk, in their order.
#[must_use]
pub fn listen(
    floor: &Floor,
    steps: &[Step],
    (set, case): (Set, Case),
    rng: &mut fastrand::Rng,
) -> Vec<Line> {
    let (exponent, shadow, rice, lost) = match set {
        Set::Tune => (2.5, 3.0, 3.0, 0.3),
        Set::Proof => (2.8, 4.0, 2.0, 0.35),
    };
    let dead = (case == Case::Dead).then(|| Dead::draw(floor, steps.len(), rng));
    let mut shadows: Vec<f64> = floor.receivers.iter().map(|_| shadow * normal(rng)).collect();
    let (mut lines, mut next, mut before) = (Vec::new(), rng.u64(0..case.interval()), None);
    for (step, number) in steps.iter().zip(0..) {
        let now = number * STEP;
        let moved = before.replace(step.at).map_or(0.0, |it| distance(it, step.at));
        // Two metres further, or a minute later, much of the shadow is another.
        let kept = (-moved / 2.0 - STEP as f64 / 60_000.0).exp();
        for it in &mut shadows {
            *it = *it * kept + shadow * (1.0 - kept * kept).max(0.0).sqrt() * normal(rng);
        }
        let is_sent = next <= now;
        if is_sent {
            next += case.interval() + rng.u64(0..=10);
        }
        for (receiver, hangs) in floor.receivers.iter().enumerate() {
            let phase = receiver as Ms * 700;
            let lives = dead.as_ref().is_none_or(|dead| dead.lives(receiver, now));
            if lives && now % HEARTBEAT == phase % HEARTBEAT {
                lines.push(Line { at: now, receiver, rssi: None });
            }
            if !is_sent {
                continue;
            }
            let towards = (hangs.1 - step.at.1).atan2(hangs.0 - step.at.0);
            let body = 4.0 * (1.0 - (towards - step.heading).cos());
            let path = 10.0 * exponent * distance(*hangs, step.at).max(0.7).log10();
            let shade = shadows.get(receiver).copied().unwrap_or_default();
            let dbm = AT_1M - path - body + shade + fading(rice, rng);
            if lives && WEAKEST <= dbm && lost <= rng.f64() {
                lines.push(Line {
                    at: now,
                    receiver,
                    rssi: Some(dbm.round().clamp(-127.0, 0.0) as i8),
                });
            }
        }
    }
    lines
}

/// A receiver that says nothing for a third of the time.
struct Dead {
    receiver: usize,
    from: Ms,
    to: Ms,
}

impl Dead {
    fn draw(floor: &Floor, steps: usize, rng: &mut fastrand::Rng) -> Self {
        let length = steps as Ms * STEP;
        let from = rng.u64(0..=length * 2 / 3);
        Self { receiver: rng.usize(0..floor.receivers.len()), from, to: from + length / 3 }
    }

    fn lives(&self, receiver: usize, now: Ms) -> bool {
        receiver != self.receiver || !(self.from..self.to).contains(&now)
    }
}

/// Strength of a straight ray and scattered ones in dB, beside their mean.
fn fading(straight: f64, rng: &mut fastrand::Rng) -> f64 {
    let scattered = (0.5 / (straight + 1.0)).sqrt();
    let real = (straight / (straight + 1.0)).sqrt() + scattered * normal(rng);
    20.0 * real.hypot(scattered * normal(rng)).max(1e-3).log10()
}

/// A normal draw (Box and Muller).
fn normal(rng: &mut fastrand::Rng) -> f64 {
    let radius = (-2.0 * (1.0 - rng.f64()).ln()).sqrt();
    radius * (rng.f64() * std::f64::consts::TAU).cos()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::walk::walk;

    fn lines(case: Case) -> Vec<Line> {
        let floor = Floor::draw(Set::Tune, 0);
        let mut rng = fastrand::Rng::with_seed(7);
        let steps = walk(&floor, Set::Tune, 600_000, &mut rng);
        listen(&floor, &steps, (Set::Tune, case), &mut rng)
    }

    #[test]
    fn the_near_receiver_hears_a_share_of_what_is_sent() {
        for (case, sent) in [(Case::Plain, 600), (Case::Often, 1800), (Case::Sparse, 75)] {
            let lines = lines(case);
            let heard = lines.iter().filter(|line| line.rssi.is_some()).count();
            // Four receivers, three in ten lost, and far ones hear less.
            assert!(sent < heard && heard < sent * 3, "{case:?}: {heard} of {sent}");
            assert!(lines.windows(2).all(|pair| pair[0].at <= pair[1].at));
        }
    }

    #[test]
    fn a_dead_receiver_says_nothing_for_a_third_of_the_time() {
        let lines = lines(Case::Dead);
        let longest = |receiver| {
            let said = lines.iter().filter(|line| line.receiver == receiver).map(|line| line.at);
            let said: Vec<Ms> = [0].into_iter().chain(said).chain([600_000]).collect();
            said.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap()
        };
        let silent = (0..4).filter(|receiver| 190_000 < longest(*receiver));
        assert_eq!(silent.count(), 1);
    }
}
