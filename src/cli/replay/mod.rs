//! `tillgate replay`: a capture through decode and track, without a daemon.
//!
//! The file holds bytes, or is a recording of `tillgate capture`. A file has no clock, so every document is a minute
//! after the one before: the same file and flags give the same output, byte for byte. Memory does not grow with the
//! file.
//!
//! With `--since` the documents of the agent's journal are replayed instead (see [`journal`]).

mod args;
mod explain;
mod input;
mod journal;
mod machine;
mod parity;
mod report;
mod said;
#[cfg(test)]
mod tests;
mod till;
mod visits;

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use tillgate_events::{Currency, Record};

pub use self::args::Args;
pub use self::explain::Explain;
pub use self::input::{Input, Piece};
pub(super) use self::report::money;
use self::till::{Till, View};
use super::exit;
use crate::agent::{self, BuildError};
use crate::clock::Clock;
use crate::decode::DocumentFact;
use crate::decode::dialect::{Dialect, Setting};
use crate::store::StoreError;

/// Runs the command.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    let mut errors = io::stderr().lock();
    let mut out = BufWriter::new(io::stdout().lock());
    let result = replay(args, &mut out).and_then(|damage| {
        out.flush().map_err(Stop::Write)?;
        Ok(damage)
    });
    // When standard error is gone too, nothing is left to do.
    let (code, told) = match result {
        Ok(None) => return ExitCode::SUCCESS,
        Ok(Some(damage)) => (exit::DATA, writeln!(errors, "{damage}")),
        Err(Stop::Write(error)) if error.kind() == ErrorKind::BrokenPipe => {
            return ExitCode::SUCCESS;
        }
        Err(Stop::Write(error)) => (exit::TEMPORARY, writeln!(errors, "cannot write: {error}")),
        Err(Stop::Input(error)) => {
            // What is no recording although it says so is data, not a missing file.
            let data = error.kind() == ErrorKind::InvalidData;
            let code = if data { exit::DATA } else { exit::NO_INPUT };
            (code, writeln!(errors, "{}: {error}", args.file.display()))
        }
        Err(Stop::Dialect(error)) => {
            // All at once: the file was not looked at yet.
            if let Some(missing) = unreadable(&args.file) {
                drop(writeln!(errors, "{}: {missing}", args.file.display()));
            }
            (exit::CONFIG, writeln!(errors, "{error}"))
        }
        Err(Stop::Config(told)) => (exit::CONFIG, writeln!(errors, "{told}")),
        Err(Stop::Journal(error)) => (journal_code(&error), writeln!(errors, "{error}")),
        Err(Stop::Nothing(file)) => {
            let file = file.display();
            (exit::NO_INPUT, writeln!(errors, "{file}: nothing of what was asked for is in it"))
        }
    };
    drop(told);
    ExitCode::from(code)
}

fn journal_code(error: &StoreError) -> u8 {
    match error {
        StoreError::File { .. } => exit::NO_INPUT,
        StoreError::Busy(_) | StoreError::Full | StoreError::Retry(_) => exit::TEMPORARY,
        _ => exit::DATA,
    }
}

/// Why the capture cannot be opened, if so.
fn unreadable(file: &Path) -> Option<io::Error> {
    if file == Path::new("-") { None } else { File::open(file).err() }
}

/// Why a replay ended early: each has its exit code.
#[derive(Debug)]
enum Stop {
    /// The capture cannot be read.
    Input(io::Error),
    /// The dialect cannot be used.
    Dialect(BuildError),
    /// The output cannot be written.
    Write(io::Error),
    /// The configuration has mistakes, or names no dialect.
    Config(String),
    /// The journal cannot be read.
    Journal(StoreError),
    /// It has nothing of what was asked for.
    Nothing(PathBuf),
}

/// Tells what could not be used.
fn replay(args: &Args, out: &mut dyn Write) -> Result<Option<String>, Stop> {
    if let Some(since) = args.since {
        return journal::replay(args, since, Clock::start().now().wall, out).map(|()| None);
    }
    if let Some(config) = &args.zones {
        return visits::replay(args, config, out);
    }
    let setting = Setting { currency: args.currency, decimal: args.decimal };
    let mut dialect = agent::dialect(args.named(), &setting).map_err(Stop::Dialect)?;
    if let Some(page) = &args.code_page {
        dialect.framer.default_page = Some(page.clone());
    }
    let dialect = Arc::new(dialect);
    let mut input = Input::open(&args.file).map_err(Stop::Input)?;
    if !dialect.framer.is_printer() {
        return machine::replay(args, &dialect, &mut input, out);
    }
    let mut till = Till::new(args, dialect);
    while let Some(piece) = input.piece().map_err(Stop::Input)? {
        till.take(piece, out).map_err(Stop::Write)?;
    }
    if let Some(hint) = till.parity.hint() {
        // When standard error is gone, nothing is left to do.
        let _ = writeln!(io::stderr(), "{hint}");
    }
    let counters = till.finish(out).map_err(Stop::Write)?;
    Ok((!counters.understood()).then(|| report::not_understood(&counters)))
}

/// The events of `input` as [`Args::json`] prints them with the default clock and ids.
///
/// # Errors
/// When the input cannot be read.
pub fn events(dialect: Arc<Dialect>, currency: Currency, input: &mut Input) -> io::Result<String> {
    let args = Args { json: true, ..Args::plain(currency) };
    let mut out = Vec::new();
    if !dialect.framer.is_printer() {
        let replayed = machine::replay(&args, &dialect, input, &mut out);
        replayed.map_err(|stop| io::Error::other(format!("{stop:?}")))?;
        return Ok(String::from_utf8_lossy(&out).into_owned());
    }
    let mut till = Till::new(&args, dialect);
    while let Some(piece) = input.piece()? {
        till.take(piece, &mut out)?;
    }
    till.finish(&mut out)?;
    Ok(String::from_utf8_lossy(&out).into_owned())
}

/// The records of printed facts, in their order.
#[must_use]
pub fn records(
    dialect: Arc<Dialect>,
    currency: Currency,
    facts: impl IntoIterator<Item = DocumentFact>,
) -> Vec<Record> {
    let mut till = Till::new(&Args::plain(currency), dialect);
    till.view = View::Records(Vec::new());
    // A vector takes whatever is written.
    let written = facts.into_iter().try_for_each(|fact| till.document(fact, &mut Vec::new()));
    drop(written.and_then(|()| till.end(&mut Vec::new())));
    match till.view {
        View::Records(records) => records,
        _ => Vec::new(),
    }
}
