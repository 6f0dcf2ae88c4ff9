//! `tillgate-sim`: plays what a store did through a real agent.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tillgate_sim::month::{self, Options};

/// Plays what a store did through a real gateway agent. Exit code 0: what the agent says is what was; 1: it is not; 75:
/// it could not be played to its end.
#[derive(Parser)]
#[command(name = "tillgate-sim")]
struct Arguments {
    #[command(subcommand)]
    command: Play,
}

#[derive(Subcommand)]
enum Play {
    /// A month of inventory changes and counts: the stock of each store is held against the files.
    SeedMonth(SeedMonth),
}

#[derive(clap::Args)]
struct SeedMonth {
    /// Folder with inventory_change_*.txt, inventory_snapshot_*.txt and perhaps expected_inventory_current.csv.
    folder: PathBuf,
    /// The agent's binary.
    #[arg(long, value_name = "PATH", default_value = "target/debug/tillgate")]
    agent: PathBuf,
    /// So many times faster than it was; as fast as the agent reads unless given.
    #[arg(long, value_name = "TIMES", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    speed: Option<u32>,
    /// One JSON object instead of words.
    #[arg(long)]
    json: bool,
}

/// Exit code when it could not be played to its end.
const NOT_PLAYED: u8 = 75;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Play::SeedMonth(arguments) = Arguments::parse().command;
    match seed_month(arguments).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // Whoever closed standard error does not want to know.
            let _closed = writeln!(io::stderr(), "tillgate-sim: {error:#}");
            ExitCode::from(NOT_PLAYED)
        }
    }
}

async fn seed_month(arguments: SeedMonth) -> anyhow::Result<bool> {
    let SeedMonth { folder, agent, speed, json } = arguments;
    let report = month::run(&Options { agent, folder, speed }, &mut |line| {
        let _closed = writeln!(io::stderr(), "{line}");
    })
    .await?;
    let text = if json { serde_json::to_string(&report)? } else { report.to_string() };
    writeln!(io::stdout(), "{text}")?;
    Ok(report.passed())
}
