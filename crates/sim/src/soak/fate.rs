//! What goes wrong and when, drawn from a seed. Pure: time is an argument.
//!
//! The broker goes away every minute or so, lines are unplugged twice as often. The agent is killed or stopped every
//! other minute in the first third and seldom after, so that there are lives long enough to see memory grow.

use std::time::Duration;

/// One thing that goes wrong, and how long it lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strike {
    /// The broker is asked to end, killed, or stands still.
    Broker(Away, Duration),
    /// The agent is asked to end, or killed.
    Agent(Away, Duration),
    /// This line is unplugged.
    Line(usize, Duration),
}

/// In which way something goes away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Away {
    /// SIGTERM.
    Stopped,
    /// SIGKILL.
    Killed,
    /// SIGSTOP, and SIGCONT later.
    Paused,
}

/// See the module's documentation.
pub struct Fate {
    rng: fastrand::Rng,
    run: Duration,
    lines: usize,
    broker: Duration,
    agent: Duration,
    line: Duration,
}

impl Fate {
    /// For a run of this length with so many lines.
    pub fn new(seed: u64, run: Duration, lines: usize) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        let first = |rng: &mut fastrand::Rng, from, to| Duration::from_secs(rng.u64(from..to));
        let broker = first(&mut rng, 10, 40);
        let agent = first(&mut rng, 20, 50);
        let line = first(&mut rng, 5, 20);
        Self { rng, run, lines, broker, agent, line }
    }

    /// What strikes now, after so much of the run.
    pub fn strikes(&mut self, at: Duration) -> Vec<Strike> {
        let mut strikes = Vec::new();
        if self.broker <= at {
            let away = [Away::Stopped, Away::Killed, Away::Paused];
            let how = away.get(self.rng.usize(0..away.len())).copied().unwrap_or(Away::Killed);
            strikes.push(Strike::Broker(how, self.seconds(3, 20)));
            self.broker = at + self.seconds(45, 75);
        }
        if self.agent <= at {
            let how = if self.rng.bool() { Away::Stopped } else { Away::Killed };
            strikes.push(Strike::Agent(how, self.seconds(1, 4)));
            let early = at * 3 < self.run;
            self.agent = at + if early { self.seconds(60, 120) } else { self.seconds(300, 480) };
        }
        if self.line <= at {
            let line = self.rng.usize(0..self.lines.max(1));
            strikes.push(Strike::Line(line, self.seconds(1, 8)));
            self.line = at + self.seconds(15, 45);
        }
        strikes
    }

    fn seconds(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_secs(self.rng.u64(from..to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn half_an_hour(seed: u64) -> Vec<(u64, Strike)> {
        let mut fate = Fate::new(seed, Duration::from_secs(1800), 7);
        let struck = |s| fate.strikes(Duration::from_secs(s)).into_iter().map(move |it| (s, it));
        (0..1800).flat_map(struck).collect()
    }

    #[test]
    fn a_seed_strikes_again_in_the_same_way_and_another_does_not() {
        assert_eq!(half_an_hour(1), half_an_hour(1));
        assert_ne!(half_an_hour(1), half_an_hour(2));
    }

    #[test]
    fn in_half_an_hour_everything_goes_wrong_in_every_way() {
        for seed in 0..50 {
            let struck = half_an_hour(seed);
            let count = |is: fn(&Strike) -> bool| struck.iter().filter(|(_, it)| is(it)).count();
            for (name, least, found) in [
                ("stopped broker", 1, count(|it| matches!(it, Strike::Broker(Away::Stopped, _)))),
                ("killed broker", 1, count(|it| matches!(it, Strike::Broker(Away::Killed, _)))),
                ("paused broker", 1, count(|it| matches!(it, Strike::Broker(Away::Paused, _)))),
                ("agent", 6, count(|it| matches!(it, Strike::Agent(..)))),
                ("lines", 40, count(|it| matches!(it, Strike::Line(..)))),
            ] {
                assert!(least <= found, "{name} of seed {seed}: {found}");
            }
        }
    }
}
