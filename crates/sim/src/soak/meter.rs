//! What is measured once a second, and whether memory grows. Pure but for [`resident`].
//!
//! Growth is one slope for all lives of the agent, each with a level of its own (least squares within lives), over the
//! last two thirds of the run and without each life's first minute: a start must neither hide growth nor look like it.
//! What grows from start to start, as a cache does with the database until it is full, is told by two levels.

use std::collections::BTreeMap;
use std::fs;

use serde::Serialize;

use crate::limits::SOAK_WARM;

/// One look.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Sample {
    /// Since the start of the run.
    pub seconds: f64,
    /// Which start of the agent, from 1.
    pub life: u32,
    /// Seconds since that start.
    pub age: f64,
    /// Resident memory that is nobody else's, in kB.
    pub anon_kb: u64,
    /// Resident pages of files, mostly the program itself, in kB.
    pub file_kb: u64,
    /// Records that the agents said they accepted.
    pub accepted: u64,
    /// Records that are stored in the cloud, as last asked.
    pub arrived: u64,
    /// Whether the broker answers.
    pub broker: bool,
    /// Whether the agent runs.
    pub agent: bool,
}

impl Sample {
    /// Accepted and not known to have arrived.
    pub fn waiting(&self) -> u64 {
        self.accepted.saturating_sub(self.arrived)
    }

    /// All resident memory.
    pub fn resident_kb(&self) -> u64 {
        self.anon_kb + self.file_kb
    }
}

/// What memory did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Memory {
    /// The most anonymous memory.
    pub anon_kb: u64,
    /// The most resident memory.
    pub resident_kb: u64,
    /// The most anonymous memory in the first life and in the last.
    pub levels_kb: (u64, u64),
    /// How it grows in kB/min.
    pub slope: f64,
    /// Over how many seconds that was looked at.
    pub over: f64,
}

/// Over a whole run.
pub fn memory(samples: &[Sample]) -> Memory {
    let end = samples.last().map_or(0.0, |sample| sample.seconds);
    let judged = |it: &&Sample| it.agent && end / 3.0 <= it.seconds && SOAK_WARM <= it.age;
    let mut lives: BTreeMap<u32, Vec<(f64, f64)>> = BTreeMap::new();
    for it in samples.iter().filter(judged) {
        lives.entry(it.life).or_default().push((it.seconds / 60.0, it.anon_kb as f64));
    }
    let (mut above, mut below, mut over) = (0.0, 0.0, 0.0);
    for points in lives.values() {
        let count = points.len() as f64;
        let mean_x = points.iter().map(|(x, _)| x).sum::<f64>() / count;
        let mean_y = points.iter().map(|(_, y)| y).sum::<f64>() / count;
        above += points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum::<f64>();
        below += points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum::<f64>();
        let ends = points.first().zip(points.last());
        over += ends.map_or(0.0, |((first, _), (last, _))| (last - first) * 60.0);
    }
    Memory {
        anon_kb: samples.iter().map(|it| it.anon_kb).max().unwrap_or(0),
        resident_kb: samples.iter().map(Sample::resident_kb).max().unwrap_or(0),
        levels_kb: (level(samples, samples.first()), level(samples, samples.last())),
        slope: if below > 0.0 { above / below } else { 0.0 },
        over,
    }
}

/// The most anonymous memory in the life of this sample.
fn level(samples: &[Sample], of: Option<&Sample>) -> u64 {
    let same = |it: &&Sample| of.is_some_and(|of| of.life == it.life);
    samples.iter().filter(same).map(|it| it.anon_kb).max().unwrap_or(0)
}

/// Anonymous memory and pages of files of a process, in kB.
pub fn resident(pid: u32) -> Option<(u64, u64)> {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let number = |key: &str| {
        let value = text.lines().find_map(|line| line.strip_prefix(key))?;
        value.split_whitespace().next()?.parse::<u64>().ok()
    };
    Some((number("RssAnon:")?, number("RssFile:")? + number("RssShmem:").unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Twenty minutes; each life lasts so long, starts with `start` kB and grows by so much a minute.
    fn run(life_s: u32, start: f64, growth: f64) -> Vec<Sample> {
        let sample = |second: u32| {
            let age = f64::from(second % life_s);
            Sample {
                seconds: f64::from(second),
                life: 1 + second / life_s,
                age,
                anon_kb: (start + growth * age / 60.0).round() as u64,
                agent: true,
                ..Sample::default()
            }
        };
        (0..1200).map(sample).collect()
    }

    #[test]
    fn growth_is_seen_within_lives_although_each_start_ends_it() {
        for (life_s, growth) in [(1200, 0.0), (1200, 100.0), (300, 0.0), (300, 100.0), (300, -50.0)]
        {
            let found = memory(&run(life_s, 8000.0, growth));
            assert!((found.slope - growth).abs() < 1.0, "{life_s} s, {growth}: {found:?}");
        }
    }

    #[test]
    fn what_a_start_takes_is_no_growth() {
        let mut samples = run(300, 8000.0, 0.0);
        for it in samples.iter_mut().filter(|it| it.age < 30.0) {
            it.anon_kb = 3000;
        }
        assert_eq!(memory(&samples).slope, 0.0);
    }

    #[test]
    fn the_time_looked_at_leaves_out_the_first_third_and_each_first_minute() {
        assert_eq!(memory(&run(1200, 1.0, 0.0)).over, 799.0);
        assert_eq!(memory(&run(50, 1.0, 0.0)).over, 0.0);
    }

    #[test]
    fn what_grows_from_start_to_start_shows_in_the_levels() {
        let mut samples = run(300, 8000.0, 0.0);
        for it in &mut samples {
            it.anon_kb += 100 * u64::from(it.life);
        }
        assert_eq!(memory(&samples).levels_kb, (8100, 8400));
    }

    #[test]
    fn a_process_has_memory() {
        assert!(resident(std::process::id()).is_some_and(|(anon, file)| anon > 0 && file > 0));
    }
}
