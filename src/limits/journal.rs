//! Bounds of the journal of documents.

use std::time::Duration;

/// Bytes of the journal, unless `journal_bytes` says otherwise. Full: the oldest finished document goes first. Open
/// documents stay beyond it; each is bounded by [`DOCUMENT_BYTES`].
pub const JOURNAL_BYTES: u64 = 8 * 1024 * 1024;

/// How long a finished document is kept, unless `journal_days` says otherwise. Older: dropped when the next page is
/// written.
pub const JOURNAL_AGE: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// How long lines of an open document wait until a commit of their own takes them along. Measured: a receipt of 36
/// lines at 9600 baud made 14 commits at 100 ms, and makes 3 at 500 ms: 33 kB of writes on a device with ext4, 11 kB a
/// commit. One that waits for its card payment makes one more.
pub const JOURNAL_PACE: Duration = Duration::from_millis(500);

/// Bytes of pages that wait while the store refuses. Full: further text is left out and counted; a document with a
/// hole is sent as incomplete after a crash.
pub const JOURNAL_WAITING: usize = 1024 * 1024;

/// Times that a database is copied to be read while its agent may write. More: it is told that the agent is busy.
pub const JOURNAL_COPIES: u32 = 20;
