//! `tillgate-sim`: days of a simulated store as bytes and truth, and the judgement of what the agent makes of them; a
//! month of another system's stock files likewise.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};
use tillgate_sim::day::{Device, Script, Setting};
use tillgate_sim::truth::{self, Options};
use tillgate_sim::{flood, month};

/// Plays what a store did through a real agent.
#[derive(Parser)]
#[command(name = "tillgate-sim")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Writes what every device says, one file for each, and the truth as CSV.
    Day {
        #[command(flatten)]
        store: Store,
        /// Where to.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Plays the days through the agent and a real broker and compares. Exit code 0: equal; 1: different; 75: it could
    /// not be tried here.
    Truth {
        #[command(flatten)]
        store: Store,
        /// The agent's binary.
        #[arg(long, value_name = "PATH", default_value = "target/debug/tillgate")]
        agent: PathBuf,
        /// Times as fast as the store's own time; as fast as it is read unless said.
        #[arg(long)]
        speed: Option<f64>,
        /// The broker restarts, lines are unplugged between documents, the agent is killed.
        #[arg(long)]
        faults: bool,
        /// The report as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Receipts of a till without and with a flood of strangers' advertisements: how soon each is accepted and arrives,
    /// and memory. Exit code 0: nothing is lost and memory is flat; 1 and 75 as above.
    Flood {
        /// The agent's binary.
        #[arg(long, value_name = "PATH", default_value = "target/release/tillgate")]
        agent: PathBuf,
        /// Of each calm and each flood; there are two of both.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(2..=3600))]
        seconds: u32,
        /// Advertisements a second.
        #[arg(long, default_value_t = 5000, value_parser = clap::value_parser!(u32).range(50..=100_000))]
        rate: u32,
        /// Distinct addresses.
        #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
        addresses: u32,
        /// The report as JSON.
        #[arg(long)]
        json: bool,
    },
    /// A month of inventory changes and counts: the stock of each store is held against the files. Exit codes as above.
    SeedMonth {
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
    },
}

#[derive(Args)]
struct Store {
    /// How many days.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=400))]
    days: u32,
    /// The same seed is the same store.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Visitors of a day, about.
    #[arg(long, default_value_t = 420, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    visitors: u32,
    /// The store closes after so many hours, or at its usual time if that is earlier.
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=24))]
    hours: u32,
}

impl Store {
    fn setting(&self) -> Setting {
        let Self { seed, days, visitors, hours } = *self;
        Setting { seed, days, visitors, hours }
    }
}

/// Exit code when the days could not be played to their end.
const NOT_PLAYED: u8 = 75;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Arguments::parse().command).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // Whoever closed standard error does not want to know.
            let _closed = writeln!(io::stderr(), "tillgate-sim: {error:#}");
            ExitCode::from(NOT_PLAYED)
        }
    }
}

async fn run(command: Command) -> Result<bool> {
    match command {
        Command::Day { store, out } => {
            write(&Script::new(&store.setting()), &out)?;
            Ok(true)
        }
        Command::Truth { store, agent, speed, faults, json } => {
            let agent = agent.canonicalize().with_context(|| agent.display().to_string())?;
            let options = Options { agent, setting: store.setting(), speed, faults };
            let report = truth::run(&options, &mut |words| {
                let _closed = writeln!(io::stderr(), "{words}");
            })
            .await?;
            let text = if json { serde_json::to_string(&report)? } else { report.to_string() };
            let text = if !json && io::stdout().is_terminal() { painted(&text) } else { text };
            writeln!(io::stdout(), "{text}")?;
            Ok(report.passed())
        }
        Command::Flood { agent, seconds, rate, addresses, json } => {
            let agent = agent.canonicalize().with_context(|| agent.display().to_string())?;
            let options = flood::Options { agent, seconds, rate, addresses };
            let report = flood::run(&options, &mut |words| {
                let _closed = writeln!(io::stderr(), "{words}");
            })
            .await?;
            let text = if json { serde_json::to_string(&report)? } else { report.to_string() };
            writeln!(io::stdout(), "{text}")?;
            Ok(report.passed())
        }
        Command::SeedMonth { folder, agent, speed, json } => {
            let report = month::run(&month::Options { agent, folder, speed }, &mut |line| {
                let _closed = writeln!(io::stderr(), "{line}");
            })
            .await?;
            let text = if json { serde_json::to_string(&report)? } else { report.to_string() };
            writeln!(io::stdout(), "{text}")?;
            Ok(report.passed())
        }
    }
}

/// Differences in red, what is not produced faint.
fn painted(text: &str) -> String {
    let paint = |line: &str| match line {
        line if line.contains("  DIFFERENT") => format!("\x1b[1;31m{line}\x1b[0m"),
        line if line.contains("  not ") => format!("\x1b[2m{line}\x1b[0m"),
        line => line.to_owned(),
    };
    text.lines().map(paint).collect::<Vec<_>>().join("\n")
}

/// The truth, and beside it what each device said, with the moments of its documents and lines in a file of their own.
fn write(script: &Script, out: &Path) -> Result<()> {
    truth::truth(script).write(out)?;
    for device in Device::ALL {
        let mut bytes = Vec::new();
        for spoken in script.spoken.iter().filter(|spoken| spoken.device == device) {
            bytes.extend_from_slice(&spoken.bytes);
        }
        fs::write(out.join(format!("{}.bin", device.name())), bytes)?;
    }
    let mut index = String::from("at_ms,device,bytes\n");
    for spoken in &script.spoken {
        let (at, name, length) = (spoken.at, spoken.device.name(), spoken.bytes.len());
        index.push_str(&format!("{at},{name},{length}\n"));
    }
    fs::write(out.join("spoken.csv"), index)?;
    Ok(())
}
