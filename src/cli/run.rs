//! `tillgate run`: the daemon. Fails before anything is opened when the configuration is wrong.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use tracing_subscriber::EnvFilter;

use super::exit;
use crate::agent::{self, AgentError};
use crate::config::{self, Mistake};
use crate::store::StoreError;

/// Names what is logged, as `tracing` filters: `debug`, `tillgate::forward=trace`.
const LOG_VARIABLE: &str = "TILLGATE_LOG";

/// Arguments of `tillgate run`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The configuration file.
    #[arg(long, default_value = config::DEFAULT_PATH)]
    config: PathBuf,
}

/// Runs the command.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    log_to_stderr();
    let config = match config::load(&args.config) {
        Ok(config) => config,
        Err(mistakes) => return refuse(&mistakes),
    };
    match agent::run(&config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::from(code(&error))
        }
    }
}

fn refuse(mistakes: &[Mistake]) -> ExitCode {
    for mistake in mistakes {
        tracing::error!("{mistake}");
    }
    ExitCode::from(exit::CONFIG)
}

fn code(error: &AgentError) -> u8 {
    match error {
        AgentError::Config(_) | AgentError::Store(StoreError::Refuse { .. }) => exit::CONFIG,
        AgentError::Store(_) | AgentError::System { .. } => exit::TEMPORARY,
        AgentError::Ended(_) => exit::BUG,
    }
}

/// Colour for a terminal; no time of our own where the journal stamps each line.
fn log_to_stderr() {
    let filter = EnvFilter::try_from_env(LOG_VARIABLE).unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    if std::env::var_os("JOURNAL_STREAM").is_some() {
        log.without_time().init();
    } else {
        log.init();
    }
}
