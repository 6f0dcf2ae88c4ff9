//! What the pipeline's thread tells of itself every few seconds: the counters, and what they do not say.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tillgate_events::{Class, ClockQuality};

use super::Health;
use crate::forward::LinkState;
use crate::store::Vitals;
use crate::time::Now;

/// The agent at one moment.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// When.
    pub at: Now,
    /// The counters.
    pub health: Health,
    /// Each class's way.
    pub streams: BTreeMap<Class, Passed>,
    /// How the outbox is; `None` while it cannot be read.
    pub vitals: Option<Vitals>,
    /// Bytes accepted since the start, as the database counts them.
    pub accepted_bytes: u64,
    /// Bytes that the process had written to storage; `None` where the kernel does not say.
    pub written_bytes: Option<u64>,
    /// Whether the wall clock can be believed.
    pub clock: ClockQuality,
    /// The way to the cloud.
    pub link: LinkState,
    /// In the order of the configuration.
    pub devices: Vec<DeviceHealth>,
}

/// Records of one class since the start, by the four words: each number holds those of the words after it, except
/// that what an earlier run accepted is sent and kept by this one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Passed {
    /// Made of what left the kernel.
    pub seen: u64,
    /// Committed and synced.
    pub accepted: u64,
    /// Published, each counted once.
    pub sent: u64,
    /// Confirmed.
    pub kept: u64,
}

/// One device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceHealth {
    /// Its name in the configuration.
    pub name: String,
    /// `up`, `down`, `degraded`, or `unknown` until it answered or failed.
    pub state: String,
    /// Why, where that was said.
    pub reason: Option<String>,
}

impl Default for Snapshot {
    fn default() -> Self {
        Self {
            at: Now::default(),
            health: Health::default(),
            streams: BTreeMap::new(),
            vitals: None,
            accepted_bytes: 0,
            written_bytes: None,
            clock: ClockQuality::Unsynced,
            link: LinkState::default(),
            devices: Vec::new(),
        }
    }
}

/// Bytes that this process had written to storage, by `/proc/self/io`.
#[must_use]
pub fn written_bytes() -> Option<u64> {
    parse_io(&std::fs::read_to_string("/proc/self/io").ok()?)
}

fn parse_io(text: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix("write_bytes:"))?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_says_what_was_written() {
        assert_eq!(parse_io("rchar: 1\nwrite_bytes: 4096\ncancelled_write_bytes: 7\n"), Some(4096));
        assert_eq!(parse_io(""), None);
        assert_eq!(parse_io("write_bytes: many\n"), None);
    }
}
