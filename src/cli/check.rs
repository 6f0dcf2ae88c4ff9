//! `tillgate check`: is the configuration right, and what would run?
//!
//! Opens no port and no connection. What would run goes to stdout, mistakes and warnings to stderr; with
//! `--json` one object with all of it goes to stdout. Exit code 0, or 78 when there are mistakes.

mod plan;

use std::io::{self, IsTerminal, Write as _};
use std::process::ExitCode;

use serde::Serialize;

use self::plan::Plan;
use crate::cli::{ConfigFile, exit};
use crate::config::{self, Mistake, Severity, System, Warning};

/// Arguments of `tillgate check`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    config: ConfigFile,
    /// Print one JSON object instead of text for people.
    #[arg(long)]
    json: bool,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Outcome<'a> {
    ok: bool,
    mistakes: &'a [Mistake],
    warnings: &'a [Warning],
    plan: Option<Plan>,
}

/// Runs the command.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    let checked = config::check(args.config.path(), &System);
    let (mistakes, warnings, plan) = match &checked {
        Ok((config, warnings)) => (&[][..], warnings.as_slice(), Some(Plan::of(config, &System))),
        Err(mistakes) => (mistakes.as_slice(), &[][..], None),
    };
    let outcome = Outcome { ok: mistakes.is_empty(), mistakes, warnings, plan };
    // A reader that went away, as `head` does, is no failure.
    let _ = if args.json { print_json(&outcome) } else { print_text(&outcome, args) };
    ExitCode::from(if outcome.ok { 0 } else { exit::CONFIG })
}

fn print_json(outcome: &Outcome<'_>) -> io::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, outcome)?;
    writeln!(out)
}

fn print_text(outcome: &Outcome<'_>, args: &Args) -> io::Result<()> {
    let mut err = io::stderr().lock();
    let colour = colour(err.is_terminal());
    for mistake in outcome.mistakes {
        writeln!(err, "{}", mistake.render(Severity::Mistake, colour))?;
    }
    for warning in outcome.warnings {
        writeln!(err, "{}", warning.render(Severity::Warning, colour))?;
    }
    let file = args.config.path().display();
    match &outcome.plan {
        Some(plan) => {
            let mut out = io::stdout().lock();
            let colour = self::colour(out.is_terminal());
            writeln!(out, "{file} is right. With it would run:\n\n{}", plan.text(colour))
        }
        None => writeln!(err, "{file}: {} to mend", count(outcome.mistakes.len(), "mistake")),
    }
}

/// Colours only for a terminal, and not where `NO_COLOR` is set to anything.
fn colour(is_terminal: bool) -> bool {
    is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// `1 mistake`, `2 mistakes`.
fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}
