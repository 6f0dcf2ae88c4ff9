//! `tillgate-peers`: the same lines through each peer and through us, in one run on one machine.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Parser;
use tillgate_sim::peers::{self, Options};

/// Compares the agent with other ways to bring a till's lines to MQTT, prints a table and writes it with a
/// picture. `make peers` installs what it needs.
#[derive(Parser)]
#[command(name = "tillgate-peers")]
struct Arguments {
    /// The agent's released binary.
    #[arg(long, value_name = "PATH")]
    agent: PathBuf,
    /// Where the peers are installed, on the disk to be measured.
    #[arg(long, value_name = "DIR")]
    folder: PathBuf,
    /// Where peers.md and peers.svg are written.
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Rounds of each kind.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=99))]
    rounds: u16,
    /// Receipts of a burst, 16 lines each.
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u32).range(10..=100_000))]
    receipts: u32,
    /// Only peers whose name has this in it.
    #[arg(long, value_name = "WORD")]
    only: Option<String>,
    /// JSON instead of the page on the standard output.
    #[arg(long)]
    json: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let whole = |path: &PathBuf| fs::canonicalize(path).with_context(|| path.display().to_string());
    let options = Options {
        agent: whole(&arguments.agent)?,
        folder: whole(&arguments.folder)?,
        rounds: usize::from(arguments.rounds),
        receipts: arguments.receipts,
        only: arguments.only,
    };
    let report = peers::run(&options, |line| {
        // Whoever closed standard error does not want to know.
        let _closed = writeln!(io::stderr(), "peers: {line}");
    })
    .await?;
    if let Some(folder) = &arguments.output {
        fs::write(folder.join("peers.md"), report.page())?;
        fs::write(folder.join("peers.svg"), report.picture())?;
    }
    let text = if arguments.json { format!("{:#}\n", report.json()) } else { report.page() };
    io::stdout().write_all(text.as_bytes())?;
    Ok(())
}
