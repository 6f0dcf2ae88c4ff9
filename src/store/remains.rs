//! What SQLite still reads of a damaged database: how far its numbering came, and its journal, which a start needs at
//! once. Neither takes long, however large the file is.
//!
//! # Invariants
//! - Nothing of the file changes, and its log stays: rows are looked for in both later. Only a file that was cut short
//!   gets zeros behind it.

use std::fs;
use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use tillgate_events::Class;

use super::aside::beside;
use super::journal_restore::{StoredPage, close_ended, restore, whole_pages};
use super::lost::Due;
use super::open::counter;
use super::schema::{self, EPOCH, NEXT_ROW, class_number};
use crate::limits::{SALVAGE_JOURNAL_BYTES, STORE_PAGE_BYTES};

/// See the module's documentation.
#[derive(Debug, Default)]
pub(super) struct Remains {
    /// `None` where the counters cannot be read.
    pub due: Option<Due>,
    /// The row due next.
    pub next_row: Option<i64>,
    /// Pages of the journal, up to the first that cannot be read.
    pub journal: Vec<StoredPage>,
}

impl Remains {
    /// `max_bytes` is the cap of a database.
    pub fn of(file: &Path, max_bytes: u64) -> Self {
        // Where it fails there is only less to read.
        let _ = lengthen(file, max_bytes);
        let Some(old) = open(file) else { return Self::default() };
        let next_row = counter(&old, NEXT_ROW).ok().flatten();
        let journal = whole_pages(&old, SALVAGE_JOURNAL_BYTES);
        Self { due: due(&old).filter(|_| next_row.is_some()), next_row, journal }
    }

    /// Puts the journal's pages back. Those of documents that were open have to be there when the agent starts.
    pub fn restore(&self, connection: &Connection) -> Result<(), rusqlite::Error> {
        self.journal.iter().try_for_each(|page| restore(connection, page).map(|_| ()))?;
        close_ended(connection)
    }
}

fn open(file: &Path) -> Option<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let old = Connection::open_with_flags(file, flags).ok()?;
    if fs::metadata(beside(file, "-wal")).is_ok_and(|log| log.len() > 0) {
        // Closing would play the log back as far as it is whole, and throw it away.
        old.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).ok()?;
    }
    // Without shared memory.
    old.pragma_update(None, "locking_mode", "EXCLUSIVE").ok()?;
    Some(old)
}

/// The numbers due next, as far as the damaged database can say.
fn due(old: &Connection) -> Option<Due> {
    let epoch = u32::try_from(counter(old, EPOCH).ok()??).ok()?;
    let next = |class| u64::try_from(counter(old, class_number(class)).ok()??).ok();
    let next = Class::ALL.into_iter().filter_map(|class| Some((class, next(class)?))).collect();
    Some(Due { epoch, next })
}

/// Fills a file that was cut short with zeros up to the length in its header: SQLite reads nothing of it
/// otherwise. What is there stays as it is.
fn lengthen(file: &Path, max_bytes: u64) -> std::io::Result<()> {
    let pages = schema::page_count(file)?;
    let due = u64::from(pages) * u64::from(STORE_PAGE_BYTES);
    let open = fs::OpenOptions::new().write(true).open(file)?;
    // A header that is damaged itself must not make a file that fills the disk.
    if (open.metadata()?.len()..=max_bytes).contains(&due) { open.set_len(due) } else { Ok(()) }
}
