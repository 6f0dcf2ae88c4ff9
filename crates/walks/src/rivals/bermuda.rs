//! As Bermuda: each receiver's distance follows nearer readings at once and farther ones slowly; somebody else wins who
//! is much nearer, or somewhat nearer for five readings.

use super::{Decide, Said, metres};
use crate::Ms;
use crate::radio::Line;

const SAMPLES: usize = 20;
const LAST: usize = 5;
const FASTEST: f64 = 3.0;
const STALE: Ms = 10_000;
const GONE: Ms = 30_000;

/// See the module.
#[derive(Debug, Default)]
pub struct Bermuda {
    scanners: Vec<Scanner>,
    area: Said,
}

#[derive(Clone, Debug, Default)]
struct Scanner {
    at: Ms,
    /// The newest last.
    raw: Vec<f64>,
    smooth: Vec<f64>,
}

impl Scanner {
    fn add(&mut self, at: Ms, raw: f64) {
        let seconds = (at - self.at).max(1) as f64 / 1000.0;
        let before = self.raw.last().copied();
        // Nobody runs away that fast.
        let raw = before.filter(|it| FASTEST < (raw - it) / seconds).unwrap_or(raw);
        self.raw.push(raw);
        if SAMPLES < self.raw.len() {
            self.raw.remove(0);
        }
        let mut nearest = f64::INFINITY;
        let sum: f64 = self
            .raw
            .iter()
            .rev()
            .map(|metres| {
                nearest = nearest.min(*metres);
                nearest
            })
            .sum();
        self.smooth.push((sum / self.raw.len() as f64).min(raw));
        if SAMPLES < self.smooth.len() {
            self.smooth.remove(0);
        }
        self.at = at;
    }

    fn metres(&self) -> f64 {
        self.smooth.last().copied().unwrap_or(f64::INFINITY)
    }

    fn last(&self) -> impl Iterator<Item = f64> {
        self.smooth.iter().rev().take(LAST).copied()
    }

    fn beats(&self, incumbent: &Self, now: Ms) -> bool {
        if STALE < now - incumbent.at {
            return true;
        }
        let (mine, theirs) = (self.metres(), incumbent.metres());
        let nearer = (theirs - mine) / ((theirs + mine) / 2.0);
        let worst = self.last().fold(0.0, f64::max);
        let best = incumbent.last().fold(f64::INFINITY, f64::min);
        0.3 < nearer || (worst < best && 0.15 < nearer)
    }
}

impl Decide for Bermuda {
    fn hear(&mut self, line: Line) {
        let Some(rssi) = line.rssi else { return };
        if self.scanners.len() <= line.receiver {
            self.scanners.resize(line.receiver + 1, Scanner::default());
        }
        if let Some(scanner) = self.scanners.get_mut(line.receiver) {
            scanner.add(line.at, metres(rssi, -59.0, 3.0));
        }
    }

    fn zone(&mut self, now: Ms) -> Said {
        let fresh = |it: &Scanner| !it.raw.is_empty() && now - it.at <= STALE;
        for (place, scanner) in self.scanners.iter().enumerate() {
            let incumbent = self.area.and_then(|area| self.scanners.get(area));
            let wins = incumbent.is_none_or(|it| scanner.beats(it, now));
            if fresh(scanner) && self.area != Some(place) && wins {
                self.area = Some(place);
            }
        }
        let gone = |area: usize| self.scanners.get(area).is_none_or(|it| GONE < now - it.at);
        if self.area.is_some_and(gone) {
            self.area = None;
        }
        self.area
    }
}
