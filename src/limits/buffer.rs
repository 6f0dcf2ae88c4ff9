//! Bounds of the buffer when it is full.

use std::time::Duration;

/// The longest silence over which two windows of a tag are joined. Longer: both stay, so that whoever ends a stay after
/// this time of silence or a longer one finds the same stays.
pub const THIN_TAG_GAP: Duration = Duration::from_secs(60);

/// How long a joined window of a tag may last. Longer: another one is begun.
pub const THIN_TAG_SPAN: Duration = Duration::from_secs(10 * 60);

/// Rows read at a time to be thinned. More: they make another row.
pub const THIN_ROWS: u32 = 256;

/// Bytes freed beyond what is needed when the cap is reached, at most, so that it is not done with each commit. The log
/// of such a transaction is about as long.
pub const EVICT_BYTES: u64 = 1024 * 1024;

/// Rows that count as sent, in the database, beyond those that were handed out to be sent: so that it is not written
/// with each. After a crash these are not thinned.
pub const SENT_RESERVE: i64 = 256;

/// What the buffer leaves of the disk to others and to its own log. Less: visits and all else but receipts give way, so
/// that the file does not grow; receipts may use what is left.
pub const STORE_DISK_RESERVE: u64 = 8 * 1024 * 1024;

/// Pages copied at a time when the database is written anew. More: the watchdog is fed in between.
pub const STORE_COPY_PAGES: i32 = 1024;

/// Bytes of payload that may wait while the file is shrunk: a shop that is open always has some. What is left is
/// copied, so it must be little.
pub const STORE_SHRINK_WAITING: u64 = 256 * 1024;
