//! `tillgate outbox`: what waits to be sent, what was lost and how long the buffer lasts; and, while no agent runs, the
//! waiting batches in a file that `tillgate decode --framed` reads.
//!
//! Nothing is changed. An agent that runs holds its database alone; then what it last said of itself is shown
//! (`health.json`, as old as `interval_s` of `[health]` at most, and no older than a minute), and the table says so.
//!
//! Exit codes: 0; 65 when damaged batches were left out of an export, 75 when the database cannot be read (an agent
//! holds it and has said nothing yet), 78 for a mistake in the configuration, and
//! where what stands in the folder is not this version's database.

mod export;
mod gather;
mod show;

use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use super::{ConfigFile, colour, exit};
use crate::config::{self, Config, Severity};
use crate::store::StoreError;

/// Arguments of `tillgate outbox`.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(flatten)]
    config: ConfigFile,
    /// Print one JSON object instead of a table.
    #[arg(long)]
    json: bool,
    #[command(subcommand)]
    action: Option<Action>,
}

/// What else to do.
#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Write the waiting batches to a file, as `tillgate decode --framed` reads them.
    Export {
        /// The file to make; `-` is standard output.
        file: PathBuf,
        /// The configuration file [default: /etc/tillgate/tillgate.toml]
        #[arg(long, value_name = "CONFIG")]
        config: Option<PathBuf>,
    },
}

/// Why nothing is shown or written.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    /// The database cannot be read.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// An agent holds the database, and there is nothing else to read.
    #[error("an agent holds the database, and {0} cannot be read: {1}")]
    Held(PathBuf, String),
    /// There is nothing to export.
    #[error("there is no outbox in {0}")]
    Nothing(PathBuf),
    /// The output cannot be written.
    #[error("{file}: {source}")]
    Output {
        /// Which file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Runs the command.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    let named = match &args.action {
        Some(Action::Export { config, .. }) => config.as_deref(),
        None => None,
    };
    // As the agent does: what only hinders sending hinders no look.
    let config = match config::load(named.unwrap_or_else(|| args.config.path())) {
        Ok(config) => config,
        Err(mistakes) => {
            let mut err = io::stderr().lock();
            let colour = colour(err.is_terminal());
            for mistake in &mistakes {
                // Nothing is left to do when this fails too.
                let _ = writeln!(err, "{}", mistake.render(Severity::Mistake, colour));
            }
            return ExitCode::from(exit::CONFIG);
        }
    };
    let done = match &args.action {
        Some(Action::Export { file, .. }) => export::export(&config, file),
        None => show(&config, args.json),
    };
    done.unwrap_or_else(|error| {
        let mut err = io::stderr().lock();
        let _ = writeln!(err, "{error}");
        if let Some(hint) = hint(&error, args.action.is_some()) {
            let _ = writeln!(err, "hint: {hint}");
        }
        ExitCode::from(code(&error))
    })
}

/// As `tillgate run` has it.
fn code(error: &OutboxError) -> u8 {
    match error {
        OutboxError::Store(StoreError::Refuse { .. }) => exit::CONFIG,
        _ => exit::TEMPORARY,
    }
}

fn show(config: &Config, json: bool) -> Result<ExitCode, OutboxError> {
    let found = gather::gather(config)?;
    let mut out = io::stdout().lock();
    let colour = colour(out.is_terminal());
    // A reader that went away, as `head` does, is no failure.
    let _ = if json {
        serde_json::to_writer(&mut out, &found).map_err(Into::into).and_then(|()| writeln!(out))
    } else {
        write!(out, "{}", show::table(&found, colour))
    };
    Ok(ExitCode::SUCCESS)
}

fn hint(error: &OutboxError, exports: bool) -> Option<&'static str> {
    match error {
        OutboxError::Store(StoreError::Refuse { hint, .. }) => Some(hint),
        OutboxError::Store(StoreError::Busy(_)) if exports => {
            Some("stop it first: systemctl stop tillgate")
        }
        OutboxError::Store(StoreError::File { source, .. })
            if source.kind() == io::ErrorKind::PermissionDenied =>
        {
            Some("only the service's user may look: sudo -u tillgate tillgate outbox")
        }
        OutboxError::Store(StoreError::Damaged(_) | StoreError::NoDatabase(_)) => {
            Some("the next start of the agent sets it aside and takes over what is whole")
        }
        OutboxError::Held(..) => Some("it says how it is a few seconds after its start"),
        _ => None,
    }
}
