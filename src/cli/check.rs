//! `tillgate check`: is the configuration right, and what would run?
//!
//! The golden samples of every dialect file that is named are replayed; one that no longer yields its events is a
//! mistake. With `--dialect` one dialect file is checked instead of a configuration.
//!
//! Opens no port and no connection. What would run goes to stdout, mistakes and warnings to stderr; with
//! `--json` one object with all of it goes to stdout. Exit code 0, or 78 when there are mistakes.

mod plan;
mod samples;

use std::collections::BTreeSet;
use std::io::{self, IsTerminal, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use serde::Serialize;

use self::plan::Plan;
use crate::cli::{ConfigFile, colour, exit};
use crate::config::{self, Mistake, Severity, System, Warning};
use crate::decode::dialect::builtin_source;
use crate::decode::redact;

/// Arguments of `tillgate check`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    config: ConfigFile,
    /// Print one JSON object instead of text for people.
    #[arg(long)]
    json: bool,
    /// Check this dialect file, and no configuration
    #[arg(long, value_name = "FILE")]
    dialect: Option<PathBuf>,
    /// Write what the golden samples yield as what they must yield
    #[arg(long)]
    accept: bool,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Outcome {
    ok: bool,
    mistakes: Vec<Mistake>,
    warnings: Vec<Warning>,
    /// Golden samples that were replayed.
    samples: usize,
    /// Files of expected events that were written.
    accepted: Vec<PathBuf>,
    plan: Option<Plan>,
}

/// Runs the command.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    let mut outcome = Outcome {
        ok: true,
        mistakes: vec![],
        warnings: vec![],
        samples: 0,
        accepted: vec![],
        plan: None,
    };
    let mut dialects = BTreeSet::new();
    if let Some(file) = &args.dialect {
        dialects.insert(file.display().to_string());
    } else {
        match config::check(args.config.path(), &System) {
            Ok((config, warnings)) => {
                outcome.warnings = warnings;
                outcome.plan = Some(Plan::of(&config, &System));
                dialects.extend(config.serial.into_iter().map(|till| till.dialect));
                dialects.retain(|name| builtin_source(name).is_none());
            }
            Err(mistakes) => outcome.mistakes = mistakes,
        }
    }
    for file in &dialects {
        let samples = samples::check(file, args.accept);
        outcome.samples += samples.count;
        outcome.accepted.extend(samples.written);
        outcome.mistakes.extend(samples.mistakes);
    }
    outcome.ok = outcome.mistakes.is_empty();
    for mistake in outcome.mistakes.iter_mut().chain(&mut outcome.warnings) {
        mistake.message = redacted(&mistake.message);
        mistake.hint = mistake.hint.as_deref().map(redacted);
    }
    // A reader that went away, as `head` does, is no failure.
    let _ = if args.json { print_json(&outcome) } else { print_text(&outcome, args) };
    ExitCode::from(if outcome.ok { 0 } else { exit::CONFIG })
}

fn print_json(outcome: &Outcome) -> io::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, outcome)?;
    writeln!(out)
}

fn print_text(outcome: &Outcome, args: &Args) -> io::Result<()> {
    let mut err = io::stderr().lock();
    let colour = colour(err.is_terminal());
    for mistake in &outcome.mistakes {
        writeln!(err, "{}", redacted(&mistake.render(Severity::Mistake, colour)))?;
    }
    for warning in &outcome.warnings {
        writeln!(err, "{}", redacted(&warning.render(Severity::Warning, colour)))?;
    }
    let file = args.dialect.as_deref().unwrap_or_else(|| args.config.path()).display();
    for written in &outcome.accepted {
        writeln!(err, "{}: written; read it before you keep it", written.display())?;
    }
    let samples = count(outcome.samples, "golden sample");
    match &outcome.plan {
        None if outcome.ok => {
            writeln!(io::stdout().lock(), "{file} is right, with {samples}")
        }
        Some(plan) if outcome.ok => {
            let mut out = io::stdout().lock();
            let colour = crate::cli::colour(out.is_terminal());
            writeln!(out, "{file} is right. With it would run:\n\n{}", plan.text(colour))
        }
        _ => writeln!(err, "{file}: {} to mend", count(outcome.mistakes.len(), "mistake")),
    }
}

/// What is said of a file, without the card numbers that stand in it: it is pasted into letters as a recording
/// is. Line by line, for what stands below one another is no number.
fn redacted(text: &str) -> String {
    text.split('\n').map(redact::text).collect::<Vec<_>>().join("\n")
}

/// `1 mistake`, `2 mistakes`.
fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}
