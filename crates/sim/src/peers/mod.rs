//! Us beside the others: the same till's lines through each peer to the same real broker and the same subscriber.
//!
//! Constraints: nothing here passes or fails. A peer that cannot be had is shown as such, never left out. Costs are
//! those of the gateway's side alone: every process between the till's line and the cloud's broker, none beyond.
//!
//! Invariants: each round has a folder, a line, a broker and a subscriber of its own; every line that is counted has
//! a number of its own, so lost and doubled are known and not estimated.
//!
//! How: [`rival`] says how each peer is started, [`scene`] builds one round around it, [`trial`] plays the three kinds
//! of round, [`report`] and [`chart`] show what came of it.

pub(crate) mod broker;
mod chart;
pub(crate) mod lines;
mod plain;
mod process;
mod report;
pub(crate) mod rival;
pub(crate) mod scene;
pub(crate) mod tally;
mod trial;

use std::path::PathBuf;

use anyhow::Result;

pub use broker::Broker;
pub use process::{Cost, Tree};
pub use report::Report;

/// What is to be compared, and how long.
pub struct Options {
    /// The agent's released binary.
    pub agent: PathBuf,
    /// Where the peers are installed and rounds have their folders; on the disk that is to be measured.
    pub folder: PathBuf,
    /// Rounds of each kind; medians and sums are told.
    pub rounds: usize,
    /// Receipts of a burst, 16 lines each.
    pub receipts: u32,
    /// Only peers whose name has this in it.
    pub only: Option<String>,
}

/// Plays all rounds of all peers; `said` hears how it goes.
pub async fn run(options: &Options, mut said: impl FnMut(&str)) -> Result<Report> {
    let mut report = Report::begun(options);
    report.plain = plain::measure(options).await?;
    let wanted = |name: &str| options.only.as_ref().is_none_or(|only| name.contains(only));
    for rival in rival::all(options).into_iter().filter(|rival| wanted(rival.name)) {
        if !rival.present() {
            said(&format!("{}: not here", rival.name));
            report.rows.push(report::Row::absent(&rival));
            continue;
        }
        let mut row = report::Row::begun(&rival);
        for round in 1..=options.rounds {
            said(&format!("{}, round {round} of {}", rival.name, options.rounds));
            row.burst.push(trial::burst(options, &rival).await?);
            row.calm.push(trial::calm(options, &rival).await?);
            row.killed.push(trial::killed(options, &rival).await?);
            row.outage.push(trial::outage(options, &rival).await?);
        }
        report.rows.push(row);
    }
    report.end();
    Ok(report)
}
