//! `tillgate replay`

use std::process::ExitCode;

/// Arguments of `tillgate replay`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
#[must_use]
pub fn run(_args: &Args) -> ExitCode {
    ExitCode::SUCCESS
}
