//! `tillgate-demo`: a simulated store talks to a real agent, and what arrives is held against the truth.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use tillgate_sim::demo::{self, Options};

/// Simulated tills, doors and beacons speak to a real gateway agent through serial lines; a broker and a
/// subscriber take what it sends. Exit code 0: everything that was said has arrived, to the cent; 1: it
/// has not; 75: the demo could not be played.
#[derive(Parser)]
#[command(name = "tillgate-demo")]
struct Arguments {
    /// The agent's binary.
    #[arg(long, value_name = "PATH")]
    agent: PathBuf,
    /// How long the devices speak.
    #[arg(long, default_value_t = 120, value_parser = clap::value_parser!(u64).range(5..=86_400))]
    seconds: u64,
    /// How many tills the store has.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=32))]
    tills: u8,
    /// The same seed says the same things.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Lines of progress instead of a living table.
    #[arg(long)]
    plain: bool,
}

/// Exit code when the demo could not be played to its end.
const NOT_PLAYED: u8 = 75;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let options = Options {
        agent: arguments.agent,
        run: Duration::from_secs(arguments.seconds),
        tills: usize::from(arguments.tills),
        seed: arguments.seed,
        plain: arguments.plain,
    };
    match demo::run(&options).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // Whoever closed standard error does not want to know.
            let _closed = writeln!(io::stderr(), "tillgate-demo: {error:#}");
            ExitCode::from(NOT_PLAYED)
        }
    }
}
