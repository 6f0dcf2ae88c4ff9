//! One file per command. Each `run` returns the process's exit code.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::config;

pub mod capture;
pub mod check;
pub mod confirm;
pub mod decode;
mod device;
mod files;
pub mod learn;
pub mod outbox;
mod paint;
pub mod replay;
pub mod run;
pub mod stock;
pub mod verify;
pub mod watch;

/// Exit codes, as in BSD's sysexits.
pub mod exit {
    /// `tillgate verify`: something was lost.
    pub const LOST: u8 = 1;
    /// Wrong usage.
    pub const USAGE: u8 = 64;
    /// Input that cannot be understood.
    pub const DATA: u8 = 65;
    /// An input file that cannot be opened or read.
    pub const NO_INPUT: u8 = 66;
    /// A bug in the agent.
    pub const BUG: u8 = 70;
    /// Something that may pass: try again.
    pub const TEMPORARY: u8 = 75;
    /// A configuration mistake.
    pub const CONFIG: u8 = 78;
}

/// Which configuration file: `FILE` or `--config FILE`.
#[derive(Debug, clap::Args)]
pub struct ConfigFile {
    /// The configuration file [default: /etc/tillgate/tillgate.toml]
    #[arg(value_name = "CONFIG")]
    file: Option<PathBuf>,
    /// The same, by name
    #[arg(long = "config", value_name = "CONFIG", conflicts_with = "file")]
    named: Option<PathBuf>,
}

impl ConfigFile {
    /// The file that was named, or the usual one.
    #[must_use]
    pub fn path(&self) -> &Path {
        let named = self.file.as_deref().or(self.named.as_deref());
        named.unwrap_or_else(|| Path::new(config::DEFAULT_PATH))
    }
}

/// The command line.
#[derive(Debug, clap::Parser)]
#[command(name = "tillgate", version, about, max_term_width = 100)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Run the daemon.
    Run(run::Args),
    /// Check a configuration and say what would run.
    Check(check::Args),
    /// Put a capture through decode and track, without a daemon.
    Replay(replay::Args),
    /// Record what a till prints, without card numbers.
    Capture(capture::Args),
    /// Propose a dialect from what a till prints.
    Learn(learn::Args),
    /// Show live what tills print and what becomes of it.
    Watch(watch::Args),
    /// Show what waits to be sent, and how long the buffer lasts.
    Outbox(outbox::Args),
    /// Show what is on the shelf, what is low, out or was never counted.
    Stock(stock::Args),
    /// Turn MQTT payloads into JSON lines.
    Decode(decode::Args),
    /// Store what gateways send, and confirm it: the reference subscriber.
    Confirm(confirm::Args),
    /// Prove from what was stored that nothing was lost.
    Verify(verify::Args),
}

impl Command {
    /// Runs the command.
    #[must_use]
    pub fn run(&self) -> ExitCode {
        match self {
            Self::Run(args) => run::run(args),
            Self::Check(args) => check::run(args),
            Self::Replay(args) => replay::run(args),
            Self::Capture(args) => capture::run(args),
            Self::Learn(args) => learn::run(args),
            Self::Watch(args) => watch::run(args),
            Self::Outbox(args) => outbox::run(args),
            Self::Stock(args) => stock::run(args),
            Self::Decode(args) => decode::run(args),
            Self::Confirm(args) => confirm::run(args),
            Self::Verify(args) => verify::run(args),
        }
    }
}

/// Colours only for a terminal, and not where `NO_COLOR` is set to anything.
fn colour(is_terminal: bool) -> bool {
    is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
