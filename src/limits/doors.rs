//! Doors: beams, counters, and the store's day.

use std::time::Duration;

/// How long a passage that never blocked both beams of a pair may take in all: a thin object or somebody who runs. Longer:
/// it is two people who turned back.
pub const BEAM_SKIP: Duration = Duration::from_millis(600);

/// How long one beam may be blocked before that is told of: somebody stands in it, or a display was moved.
pub const BEAM_BLOCKED: Duration = Duration::from_secs(10);

/// How long one beam may be blocked before the pair counts as faulty: the other beam then counts passages without their
/// direction.
pub const BEAM_STUCK: Duration = Duration::from_secs(60);

/// How long a beam that was stuck must be clear before the pair counts again.
pub const BEAM_CLEAR: Duration = Duration::from_secs(5);

/// The least and the most that a usual passage takes, and what is assumed before any was seen. What a pair measures is
/// brought between them.
pub const BEAM_TRANSIT: [Duration; 3] =
    [Duration::from_millis(300), Duration::from_millis(600), Duration::from_millis(1200)];

/// Passages whose length is remembered for that. More: the oldest is forgotten.
pub const BEAM_TRANSITS: usize = 15;
