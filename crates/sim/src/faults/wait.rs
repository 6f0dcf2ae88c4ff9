//! Waiting for what a real process does.

use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use super::fail::Fail;
use crate::limits;

/// Asks `probe` until it has an answer; broken when there is none within `patience`.
pub fn until<T>(
    what: &str,
    patience: Duration,
    mut probe: impl FnMut() -> Result<Option<T>, Fail>,
) -> Result<T, Fail> {
    let start = Instant::now();
    loop {
        if let Some(found) = probe()? {
            return Ok(found);
        }
        if start.elapsed() > patience {
            return Err(Fail::Broken(format!("waited {} s in vain: {what}", patience.as_secs())));
        }
        pass(limits::FAULT_LOOK);
    }
}

/// Lets time pass where time itself is the fault: the agent must go on without something for so long.
pub fn pass(time: Duration) {
    // A channel that nobody sends into: it only runs out.
    let (_keep, never): (_, Receiver<()>) = channel();
    let _ran_out = never.recv_timeout(time);
}
