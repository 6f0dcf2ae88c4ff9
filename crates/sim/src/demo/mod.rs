//! The demo: a simulated store, a broker and the real agent, and the check that what was said has arrived.
//!
//! Order of events: broker and subscriber · lines and configuration · agent, until it has opened every line ·
//! the devices speak, and in the middle the broker is away for a few seconds · the devices fall silent · wait until
//! all has arrived · SIGTERM to the agent, whatever it sends last is taken · truth check.
//!
//! Invariants: every wait is bounded; the agent is never left running; the truth never comes from anything that
//! the agent said.

pub(crate) mod agent;
pub mod arrivals;
mod board;
mod check;
mod devices;
mod paint;
mod plan;
mod stage;
mod subscriber;
#[cfg(test)]
mod tests;

pub(crate) use plan::uuid;
pub(crate) use subscriber::{News, subscribe};

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;

/// What the demo is asked to do.
#[derive(Clone, Debug)]
pub struct Options {
    /// The agent's binary.
    pub agent: PathBuf,
    /// How long the devices speak.
    pub run: Duration,
    /// How many tills.
    pub tills: usize,
    /// The same seed makes the same store.
    pub seed: u64,
    /// Lines of progress instead of a table redrawn in place.
    pub plain: bool,
}

/// Runs the demo; whether everything that was said has arrived.
pub async fn run(options: &Options) -> Result<bool> {
    stage::run(options).await
}
