//! Bounds of what tells of a lost database, and of what takes a damaged one over.

use std::time::Duration;

use super::STORE_BALLAST_BYTES;

/// Sequence numbers of a class set aside in the mark at least. Used up: more are, before the commit that needs them.
pub const STORE_RESERVE: u64 = 256;

/// Epochs of which the mark remembers how far numbers came. More: the oldest is forgotten, and where its rows are
/// lost nobody can say up to which.
pub const STORE_MARK_EPOCHS: usize = 8;

/// Pages of a damaged database that are looked at before the agent runs. More: the rest is looked at beside it, and
/// nothing is sent before that is done.
pub const SALVAGE_AT_OPEN_PAGES: u64 = 8 * 1024;

/// Pages of a damaged database that are looked at in one step. More: another step.
pub const SALVAGE_PAGES: u32 = 1024;

/// Bytes taken over from a damaged database in one step, but for its last page. More: another step.
pub const SALVAGE_BYTES: u64 = 512 * 1024;

/// Ids left free where nobody knows how far those of a damaged database came: rows of the commits that the mark is
/// behind, many times over. A row with a higher one stays in its file and is told to be lost.
pub const SALVAGE_IDS: i64 = 1 << 24;

/// Bytes of a damaged database's journal that are read at a start. More: the rest is taken over with the rows, and a
/// document in it that was open does not go on.
pub const SALVAGE_JOURNAL_BYTES: u64 = 8 * 1024 * 1024;

/// Until a step of a salvage is tried again that failed.
pub const SALVAGE_RETRY: Duration = Duration::from_secs(5);

/// Rows taken over from a damaged database in one step, and held in memory for it. More: another step.
pub const SALVAGE_ROWS: usize = 256;

/// Bytes of a row that is taken over from a damaged database; no commit makes larger ones. Longer: it is no row.
pub const SALVAGE_ROW_BYTES: u64 = 4 * 1024 * 1024;

/// Bytes left free on the disk when rows are taken over from a damaged database. Less: the rest stays in its file.
pub const SALVAGE_ROOM: u64 = STORE_BALLAST_BYTES + 8 * 1024 * 1024;
