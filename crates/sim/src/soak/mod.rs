//! Half an hour in 64 MB with everything going wrong: the released agent in a memory cgroup, a real Mosquitto,
//! `tillgate confirm` as the cloud, four tills, two doors and a receiver of beacons in storms.
//!
//! First the tills print so much that what is kept is at its bounds. Then, drawn from a seed: the broker is stopped,
//! killed or stands still, lines are unplugged, the agent is killed or stopped ([`fate`]). Then all faults end, what
//! waits drains, and `tillgate verify` judges, beside the tills' own
//! truth and a look at memory ([`verdict`]).
//!
//! Invariants: what is lost is decided by numbers and never by how fast the machine is; what cannot be had here (a
//! cgroup) is told; nothing that was started outlives the run.
#![allow(clippy::disallowed_methods, reason = "real processes take real time")]

mod cage;
mod fate;
mod gateway;
mod lines;
mod meter;
mod picture;
mod plan;
mod storm;
pub mod verdict;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use fate::{Away, Fate, Strike};
use gateway::Gateway;
pub use gateway::Trouble;
pub use meter::{Memory, Sample};
use verdict::Verdict;

use crate::faults::fail::Fail;
use crate::faults::wait::{pass, until};
use crate::limits;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Options {
    /// The released binary.
    pub agent: PathBuf,
    /// How long things go wrong.
    pub run: Duration,
    /// Of everything that is drawn.
    pub seed: u64,
}

/// Something worth a word while it runs.
pub enum News<'a> {
    /// A fault, or that it is over.
    Fault(f64, String),
    /// How it stands.
    Look(&'a Sample),
}

/// Runs it and judges; with the picture of memory and backlog.
pub fn run(options: &Options, tell: &mut dyn FnMut(News<'_>)) -> Result<(Verdict, String), Fail> {
    let mut gateway = Gateway::set(options)?;
    if let Some(why) = &gateway.uncaged {
        tell(News::Fault(0.0, why.clone()));
    }
    until("the tills have printed their first receipts", limits::SOAK_DRAIN, || {
        Ok((gateway.lines.filled() && gateway.drained()?).then_some(()))
    })?;
    let mut soak = Soak { samples: Vec::new(), marks: Vec::new(), start: Instant::now(), looks: 0 };
    let mut fate = Fate::new(options.seed, options.run, gateway.lines.ports.len());
    while soak.start.elapsed() < options.run {
        for strike in fate.strikes(soak.start.elapsed()) {
            soak.note(gateway.strike(strike)?, tell);
        }
        soak.look(&mut gateway, tell)?;
    }
    soak.note(Some("all faults end".to_owned()), tell);
    gateway.lines.quiet();
    gateway.heal()?;
    let deadline = Instant::now() + limits::SOAK_DRAIN;
    let rest = Instant::now() + limits::SOAK_AFTER;
    while Instant::now() < rest || !gateway.drained()? && Instant::now() < deadline {
        soak.look(&mut gateway, tell)?;
    }
    let picture = picture::draw(&soak.samples, &soak.marks);
    let verdict = Verdict::new(gateway, &soak.samples)?;
    Ok((verdict, picture))
}

/// What was seen so far.
struct Soak {
    start: Instant,
    samples: Vec<Sample>,
    /// When the agent was struck.
    marks: Vec<f64>,
    looks: u64,
}

impl Soak {
    /// Tells of a strike.
    fn note(&mut self, words: Option<String>, tell: &mut dyn FnMut(News<'_>)) {
        let seconds = self.start.elapsed().as_secs_f64();
        if let Some(words) = words {
            if words.starts_with("the agent") {
                self.marks.push(seconds);
            }
            tell(News::Fault(seconds, words));
        }
    }

    /// Lets a second pass, takes a sample, and tells of it now and then.
    fn look(&mut self, gateway: &mut Gateway, tell: &mut dyn FnMut(News<'_>)) -> Result<(), Fail> {
        pass(limits::SOAK_LOOK);
        for words in gateway.tend()? {
            self.note(Some(words), tell);
        }
        let asked = self.looks.is_multiple_of(limits::SOAK_LOOKS);
        self.looks += 1;
        let last = self.samples.last().map_or(0, |sample| sample.arrived);
        let arrived = if asked { gateway.arrived()? } else { last };
        let sample = gateway.sample(self.start.elapsed().as_secs_f64(), arrived);
        if asked {
            tell(News::Look(&sample));
        }
        self.samples.push(sample);
        Ok(())
    }
}
