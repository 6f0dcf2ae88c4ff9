//! What several tests need: waiting for a condition, and saying loudly that something was skipped.

pub mod agent;
pub mod mosquitto;

use std::io::Write as _;
use std::time::{Duration, Instant};

/// Longest wait for anything; a test that needs it has failed.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Asks `probe` until it has an answer.
///
/// # Panics
/// When there is none within [`PATIENCE`].
pub async fn wait_for<T>(what: &str, mut probe: impl FnMut() -> Option<T>) -> T {
    #[allow(clippy::disallowed_methods, reason = "a deadline for a real process")]
    let start = Instant::now();
    let mut tick = tokio::time::interval(Duration::from_millis(10));
    loop {
        if let Some(found) = probe() {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "waited in vain: {what}");
        tick.tick().await;
    }
}

/// Says on the terminal that a test did not run, and why. Not by a macro: those are silent in tests that pass.
pub fn skipped(test: &str, why: &str) {
    let _ = writeln!(std::io::stderr(), "\n**** SKIPPED: {test}: {why} ****\n");
}
