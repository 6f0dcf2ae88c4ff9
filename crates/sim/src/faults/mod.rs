//! Fault tests: the built agent, a real Mosquitto, `tillgate confirm` as the cloud and `tillgate verify` as the judge.
//!
//! Each row of [`ROWS`] names a fault, how it is made and what must hold, and plays it. It plays twice: as it is, when
//! all must hold, and as a **mutant**, with one thing changed that the row is there to notice, when it must fail with
//! the words that the row names. A row whose mutant passes proves nothing.
//!
//! Invariants: nothing is decided by how fast the machine is; what cannot be tried here (no root, a tool is missing) is
//! told as skipped and never as held; no process, mount or broker outlives its row.
//!
//! `tillgate-faults` runs them and prints the table; the quick ones are also part of the integration tests.
#![allow(clippy::disallowed_methods, reason = "real processes take real time")]

mod disk;
pub(crate) mod fail;
pub(crate) mod judge;
mod liar;
pub(crate) mod mosquitto;
pub(crate) mod process;
mod proxy;
pub mod report;
mod rows;
mod scene;
mod till;
mod tools;
pub(crate) mod wait;

use std::path::PathBuf;
use std::time::Duration;

pub use fail::{Fail, Held};
pub use rows::ROWS;

use crate::limits;

/// One fault.
pub struct Row {
    /// As in the list of faults in `SECURITY.md`.
    pub number: u8,
    /// The fault.
    pub name: &'static str,
    /// How it is made.
    pub made: &'static str,
    /// What must hold.
    pub holds: &'static str,
    /// What the mutant changes.
    pub mutant: &'static str,
    /// Words of the failure that the mutant must cause; empty where it cannot be shown, which `mutant` explains.
    pub caught: &'static str,
    /// Takes a few seconds at most: part of the integration tests.
    pub quick: bool,
    /// Plays it.
    pub play: fn(&Stage) -> Held,
}

/// Where a row plays.
#[derive(Clone, Debug)]
pub struct Stage {
    /// `tillgate` as built.
    pub agent: PathBuf,
    /// Of the till and of random moments.
    pub seed: u64,
    /// How often a random fault strikes.
    pub rounds: usize,
    /// Which of the two plays.
    pub play: Play,
}

/// The agent as it is, or with one thing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Play {
    /// As it is: all must hold.
    Real,
    /// Changed: the row must fail.
    Mutant,
}

impl Stage {
    /// Whether something is changed that the row must notice.
    #[must_use]
    pub fn is_mutant(&self) -> bool {
        self.play == Play::Mutant
    }

    /// How long to wait for what must come.
    #[must_use]
    pub fn patience(&self) -> Duration {
        if self.is_mutant() { limits::FAULT_PATIENCE_MUTANT } else { limits::FAULT_PATIENCE }
    }

    /// Random moments.
    fn rng(&self) -> fastrand::Rng {
        fastrand::Rng::with_seed(self.seed)
    }
}

/// What became of a row, or of its mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All held; of a mutant: it was caught. With what was seen.
    Held(String),
    /// Something did not hold; of a mutant: it was not caught.
    Failed(String),
    /// It could not be tried here.
    Skipped(String),
}

impl Row {
    /// Plays the agent as it is.
    #[must_use]
    pub fn real(&self, stage: &Stage) -> Outcome {
        match (self.play)(&Stage { play: Play::Real, ..stage.clone() }) {
            Ok(seen) => Outcome::Held(seen),
            Err(Fail::Skipped(why)) => Outcome::Skipped(why),
            Err(fail) => Outcome::Failed(fail.to_string()),
        }
    }

    /// Plays the mutant, which must fail with the words of the row.
    #[must_use]
    pub fn mutated(&self, stage: &Stage) -> Outcome {
        if self.caught.is_empty() {
            return Outcome::Skipped(self.mutant.to_owned());
        }
        match (self.play)(&Stage { play: Play::Mutant, ..stage.clone() }) {
            Err(Fail::Broken(words)) if words.contains(self.caught) => Outcome::Held(words),
            Err(Fail::Skipped(why)) => Outcome::Skipped(why),
            Err(fail) => Outcome::Failed(format!("not caught by \"{}\": {fail}", self.caught)),
            Ok(seen) => Outcome::Failed(format!("not caught: {seen}")),
        }
    }
}
