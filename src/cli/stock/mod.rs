//! `tillgate stock`: what is on the shelf, what is low, out, below zero or was never counted, and the last movements of
//! one product.
//!
//! Nothing is changed. The ledger is read from a copy of the database, so the agent may run meanwhile; what it has
//! accepted is shown.
//!
//! Exit codes: 0; 66 when no product is called that, 75 when the database cannot be read, 78 for a mistake in the
//! configuration, and where the database is not this version's.

mod gather;
mod show;

use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use super::{ConfigFile, colour, exit};
use crate::config::{self, Config, Severity};
use crate::store::StoreError;

/// Arguments of `tillgate stock`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    config: ConfigFile,
    /// Print one JSON object instead of a table.
    #[arg(long)]
    json: bool,
    /// One product with its last movements: its number, an article number, a GTIN, a PLU or its name.
    #[arg(long, value_name = "P")]
    product: Option<String>,
}

/// Why nothing is shown.
#[derive(Debug, thiserror::Error)]
pub enum StockError {
    /// The database cannot be read.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// There is none.
    #[error("there is no database in {0}: nothing was ever accepted here")]
    Nothing(PathBuf),
    /// Nothing is known under this name.
    #[error("no product is called {0:?}, in the catalogue or in the ledger")]
    NoProduct(String),
}

/// Runs the command.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    let config = match config::load(args.config.path()) {
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
    match show(args, &config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let mut err = io::stderr().lock();
            let _ = writeln!(err, "{error}");
            if let Some(hint) = hint(&error) {
                let _ = writeln!(err, "hint: {hint}");
            }
            ExitCode::from(match error {
                StockError::NoProduct(_) => exit::NO_INPUT,
                StockError::Store(StoreError::Refuse { .. }) => exit::CONFIG,
                _ => exit::TEMPORARY,
            })
        }
    }
}

fn show(args: &Args, config: &Config) -> Result<(), StockError> {
    let found = gather::gather(config)?;
    let mut out = io::stdout().lock();
    let colour = colour(out.is_terminal());
    let Some(name) = &args.product else {
        // A reader that went away, as `head` does, is no failure.
        let _ = if args.json {
            serde_json::to_writer(&mut out, &found.all)
                .map_err(Into::into)
                .and_then(|()| writeln!(out))
        } else {
            write!(out, "{}", show::table(&found.all, colour))
        };
        return Ok(());
    };
    let one = found.one(config, name).ok_or_else(|| StockError::NoProduct(name.clone()))?;
    let _ = if args.json {
        serde_json::to_writer(&mut out, &one).map_err(Into::into).and_then(|()| writeln!(out))
    } else {
        write!(out, "{}", show::product(&one, colour))
    };
    Ok(())
}

fn hint(error: &StockError) -> Option<&'static str> {
    match error {
        StockError::Store(StoreError::File { source, .. })
            if source.kind() == io::ErrorKind::PermissionDenied =>
        {
            Some("only the service's user may look: sudo -u tillgate tillgate stock")
        }
        StockError::Store(StoreError::Refuse { hint, .. }) => Some(hint),
        StockError::Store(StoreError::Busy(_)) => Some("the agent writes much just now: try again"),
        StockError::NoProduct(_) => Some("`tillgate stock` lists all products"),
        _ => None,
    }
}
