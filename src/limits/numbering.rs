//! Bounds of asking the cloud about the numbering, and of what follows when it contradicts.

use std::time::Duration;

/// How long after the subscription to `…/ack` stands what is retained there is waited for, once after a start. Longer:
/// nobody seems to have said anything; the broker is asked once more whether it is there at all, and rows go out under
/// the numbers that the disk knows.
pub const ASK_CLOUD: Duration = Duration::from_secs(2);

/// The highest epoch of a watermark that is believed at a start. Beyond: it is refused and reported, and begins no
/// epoch. An epoch takes a lost database; so many no gateway sees.
pub const CLOUD_EPOCH_MAX: u32 = 65_535;

/// Rows that get other numbers in one transaction. More: the next transaction, when no reading waits.
pub const RENUMBER_ROWS: usize = 64;

/// Bytes of payload of the same, unless one row has more.
pub const RENUMBER_BYTES: usize = 256 * 1024;

/// After an epoch began because the cloud contradicted, no other begins for that while the agent runs, for so long: who
/// may write to `…/ack` cannot make epochs spin. Sooner: it is reported, nothing is freed, and the epoch begins then.
pub const EPOCH_REST: Duration = Duration::from_secs(10 * 60);

/// How often the store hears at most what was delivered. What it has not heard moves if an epoch begins at a start.
pub const DELIVERED_EVERY: Duration = Duration::from_secs(1);

/// Messages on `…/ack` that confirm nothing and are logged, within [`MARK_TELL_EVERY`]. More: they are only counted.
pub const MARK_TELLS: u32 = 24;

/// See [`MARK_TELLS`].
pub const MARK_TELL_EVERY: Duration = Duration::from_secs(60);
