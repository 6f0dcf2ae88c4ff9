//! Doors: beams, counters, and the store's day.

use std::time::Duration;

/// How long a passage that never blocked both beams of a pair may take in all: a thin object or somebody who runs.
/// Longer: it is two people who turned back.
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

/// After a reset of a cumulative counter, a total up to this is taken as passed since; a larger one only sets the base.
pub const COUNTER_SMALL: u64 = 100;

/// People between two totals of a counter, also through a wrap; more is a counter that was set anew.
pub const COUNTER_JUMP: u64 = 10_000;

/// Seconds between two questions to a counter on a Modbus line, where the file does not say.
pub const MODBUS_POLL_S: u64 = 5;

/// Counters on one Modbus line: what a segment of RS-485 drives. More: the configuration is refused.
pub const MODBUS_COUNTERS: usize = 32;

/// How long a counter on a Modbus line may take to answer. Longer: the line is opened anew, and it is asked again.
pub const MODBUS_PATIENCE: Duration = Duration::from_millis(1000);

/// How long a Modbus line is left alone after a question without a sound answer, so that a late one is not taken for
/// the answer to the next question.
pub const MODBUS_REST: Duration = Duration::from_millis(500);

/// Questions in a row without a sound answer after which a counter is told to be down. Fewer are noise on the line.
pub const MODBUS_ATTEMPTS: u32 = 3;

/// Numbers that outlive a run, of doors and of the store. More in the database: the rest is not read.
pub const TOTALS: u32 = 4096;

/// How long a number that outlives the run waits for a commit to go with, where no record does.
pub const TOTALS_LINGER: Duration = Duration::from_secs(10);

/// A change of the store's hours that was told and lies so far ahead of the clock was told by a wrong clock.
pub const HOURS_AHEAD: Duration = Duration::from_secs(26 * 60 * 60);

/// Days before and after today that are looked at for the store's hours. Nothing in them: they are looked at again in
/// [`HOURS_LOOK`].
pub const HOURS_DAYS: i64 = 9;
/// See [`HOURS_DAYS`].
pub const HOURS_LOOK: Duration = Duration::from_secs(6 * 60 * 60);

/// Days with hours of their own. More: the configuration is refused.
pub const HOURS_EXCEPTIONS: usize = 400;
