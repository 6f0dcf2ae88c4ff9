//! `tillgate run`: the daemon. Fails before anything is opened when the configuration is wrong.

use std::io::{ErrorKind, IsTerminal as _};
use std::process::ExitCode;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::prelude::*;

use super::{ConfigFile, exit};
use crate::agent::{self, AgentError};
use crate::config::{self, Mistake};
use crate::store::StoreError;

/// Names what is logged: `debug`, or by module `info,tillgate::forward=trace`.
const LOG_VARIABLE: &str = "TILLGATE_LOG";

/// systemd sets it for what it starts.
const SYSTEMD_VARIABLE: &str = "INVOCATION_ID";

/// Arguments of `tillgate run`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    config: ConfigFile,
}

/// Runs the command.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    log_to_stderr();
    let config = match config::load(args.config.path()) {
        Ok(config) => config,
        Err(mistakes) => return refuse(&mistakes),
    };
    match agent::run(&config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            if let Some(hint) = hint(&error) {
                tracing::error!("hint: {hint} (data_dir is {})", config.gateway.data_dir.display());
            }
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
        AgentError::Config(_)
        | AgentError::Topic(_)
        | AgentError::Store(StoreError::Refuse { .. }) => exit::CONFIG,
        AgentError::Store(_)
        | AgentError::Damaged
        | AgentError::FilesGone
        | AgentError::Slow
        | AgentError::System { .. }
        | AgentError::NotAccepted(_) => exit::TEMPORARY,
        AgentError::Ended(_) => exit::BUG,
    }
}

/// What to do where the folder of the database is the matter.
fn hint(error: &AgentError) -> Option<&'static str> {
    let AgentError::Store(error) = error else { return None };
    match error {
        StoreError::File { source, .. } => match source.kind() {
            ErrorKind::PermissionDenied => {
                Some("the service's user must be able to write: chown -R tillgate: FOLDER")
            }
            ErrorKind::ReadOnlyFilesystem => {
                Some(read_only(std::env::var_os(SYSTEMD_VARIABLE).is_some()))
            }
            ErrorKind::StorageFull => Some("make room on its disk"),
            _ => None,
        },
        StoreError::Full => Some("make room on its disk"),
        StoreError::Refuse { hint, .. } => Some(hint),
        StoreError::Busy(_) => Some("stop the other one: systemctl stop tillgate"),
        _ => None,
    }
}

/// A unit of systemd sees everything as read-only that it is not given.
fn read_only(is_unit: bool) -> &'static str {
    if is_unit {
        "outside /var/lib/tillgate the unit needs ReadWritePaths=FOLDER; or its file system is mounted read-only"
    } else {
        "its file system is mounted read-only: mount it for writing, or name a folder elsewhere"
    }
}

/// Colour for a terminal; no time of our own where the journal stamps each line.
fn log_to_stderr() {
    let wanted = std::env::var(LOG_VARIABLE).ok().and_then(|text| text.parse().ok());
    let filter: Targets = wanted.unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO));
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let log = tracing_subscriber::registry().with(filter);
    if std::env::var_os("JOURNAL_STREAM").is_some() {
        log.with(lines.without_time()).init();
    } else {
        log.with(lines).init();
    }
}
