//! The one binary: parses the command line and runs the command.

#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser as _;
use tillgate::cli::{Args, exit};

fn main() -> ExitCode {
    match Args::try_parse() {
        Ok(args) => args.command.run(),
        Err(error) => {
            let code = if error.use_stderr() { exit::USAGE } else { 0 };
            let _ = error.print();
            ExitCode::from(code)
        }
    }
}
