//! Many seeds, on all processors.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

use crate::{Options, Report, run};

/// What many runs came to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// All together.
    pub report: Report,
    /// Seeds that failed, and why.
    pub failures: Vec<(u64, String)>,
}

/// Runs `seeds` seeds from `first` on with `workers` threads, and says after each how many are done and failed.
pub fn swarm(
    first: u64,
    seeds: u64,
    workers: usize,
    options: Options,
    done: impl Fn(u64, usize) + Sync,
) -> Outcome {
    let (next, outcome) = (AtomicU64::new(0), Mutex::new((0, Outcome::default())));
    let work = || {
        loop {
            let nth = next.fetch_add(1, Relaxed);
            if nth >= seeds {
                return;
            }
            let seed = first.wrapping_add(nth);
            let result = one(seed, options);
            let mut outcome = outcome.lock().unwrap_or_else(PoisonError::into_inner);
            let (count, outcome) = &mut *outcome;
            *count += 1;
            match result {
                Ok(report) => outcome.report.add(&report),
                Err(words) => outcome.failures.push((seed, words)),
            }
            done(*count, outcome.failures.len());
        }
    };
    std::thread::scope(|scope| (0..workers.max(1)).for_each(|_| drop(scope.spawn(work))));
    outcome.into_inner().unwrap_or_else(PoisonError::into_inner).1
}

/// One seed; what panics has failed.
pub fn one(seed: u64, options: Options) -> Result<Report, String> {
    match catch_unwind(AssertUnwindSafe(|| run(seed, options))) {
        Ok(result) => result.map_err(|error| format!("{error:#}")),
        Err(_) => Err("it panicked".to_owned()),
    }
}
