//! `tillgate-faults`: many seeds with a bar on a terminal, or one with all that happens.
//!
//! `SEEDS` (how many, 200 without it), `SEED` (this one, told step by step), `FIRST` (the first; drawn without it),
//! `MUTANT` (what is broken on purpose, by its name in the code: then failures are what is looked for).

use std::io::{IsTerminal as _, Write as _, stdout};
use std::process::ExitCode;

use tillgate_faults::swarm::{one, swarm};
use tillgate_faults::{Mutant, Options};

fn main() -> ExitCode {
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let mutant = std::env::var("MUTANT").unwrap_or_default();
    let mutant = Mutant::ALL.into_iter().find(|it| format!("{it:?}") == mutant);
    if let Some(seed) = number("SEED") {
        return match one(seed, Options { trace: true, mutant }) {
            Ok(report) => {
                println!("{report}");
                ExitCode::SUCCESS
            }
            Err(words) => {
                println!("make sim SEED={seed}   # {words}");
                ExitCode::FAILURE
            }
        };
    }
    let (seeds, first) = (
        number("SEEDS").unwrap_or(200),
        number("FIRST").unwrap_or_else(|| fastrand::u64(..1 << 40)),
    );
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let show = stdout().is_terminal();
    let outcome = swarm(first, seeds, workers, Options { trace: false, mutant }, |done, failed| {
        if show {
            bar(done, seeds, failed);
        }
    });
    if show {
        println!();
    }
    for (seed, words) in outcome.failures.iter().take(20) {
        println!("make sim SEED={seed}   # {words}");
    }
    println!("{seeds} seeds from {first}, {} failed: {}", outcome.failures.len(), outcome.report);
    if outcome.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn bar(done: u64, all: u64, failed: usize) {
    let width = 40;
    let full = usize::try_from(done * width / all.max(1)).unwrap_or_default();
    let empty = usize::try_from(width).unwrap_or_default() - full;
    print!("\r[{}{}] {done}/{all}, {failed} failed", "█".repeat(full), "·".repeat(empty));
    let _ = stdout().flush();
}
