//! `tillgate-faults`: makes faults around the built agent and says what held.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use tillgate_sim::faults::report::{Line, play, table};
use tillgate_sim::faults::{Play, ROWS, Stage};

/// Faults around a real agent and a real broker: each row says what was done, what must hold and whether it held, and
/// then does the same with one thing changed that it must notice. Exit code 0: all held; 1: something did not; 75:
/// nothing could be tried here.
#[derive(Parser)]
#[command(name = "tillgate-faults")]
struct Arguments {
    /// The agent's binary.
    #[arg(long, value_name = "PATH", default_value = "target/debug/tillgate")]
    agent: PathBuf,
    /// Only these, such as 1,3,17.
    #[arg(long, value_delimiter = ',', value_name = "NUMBERS")]
    rows: Vec<u8>,
    /// How often a random fault strikes in its row.
    #[arg(long, default_value_t = 40)]
    rounds: usize,
    /// The same seed strikes at the same moments, as far as the machine does the same.
    #[arg(long)]
    seed: Option<u64>,
    /// Without the mutants.
    #[arg(long)]
    no_mutants: bool,
    /// One JSON object for each row.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            // Whoever closed standard error does not want to know.
            let _closed = writeln!(io::stderr(), "tillgate-faults: {error}");
            ExitCode::from(75)
        }
    }
}

fn run(arguments: &Arguments) -> io::Result<ExitCode> {
    let agent = arguments.agent.canonicalize()?;
    let seed = arguments.seed.unwrap_or_else(|| fastrand::u64(..));
    let stage = Stage { agent, seed, rounds: arguments.rounds, play: Play::Real };
    let wanted: BTreeSet<u8> = arguments.rows.iter().copied().collect();
    let mut lines: Vec<Line> = Vec::new();
    writeln!(io::stderr(), "SEED={seed}")?;
    for row in ROWS.iter().filter(|row| wanted.is_empty() || wanted.contains(&row.number)) {
        writeln!(io::stderr(), "{:>2} {} …", row.number, row.name)?;
        let line = play(row, &stage, !arguments.no_mutants);
        writeln!(io::stderr(), "{}", line.progress())?;
        if arguments.json {
            writeln!(io::stdout(), "{}", serde_json::to_string(&line)?)?;
        }
        lines.push(line);
    }
    if !arguments.json {
        table(&mut io::stdout().lock(), &lines)?;
    }
    if lines.iter().all(|line| line.result == "skipped") {
        return Ok(ExitCode::from(75));
    }
    let passed = lines.iter().all(Line::passed);
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
