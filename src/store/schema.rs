//! The schema and its numbers: what the columns hold, who owns the file, which version it is.
//!
//! The header of the file is read before SQLite opens it, because opening alone may write (a log is played
//! back): another program's database, or one of a later version, is never touched.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use rusqlite::Connection;
use tillgate_events::Class;

use super::error::{StoreError, file_error};

/// "till" as a number: SQLite's `application_id`.
const APPLICATION_ID: u32 = 0x7469_6c6c;

/// SQLite's `user_version`.
const VERSION: u32 = 5;

/// The first version with a journal.
pub(super) const WITH_JOURNAL: u32 = 2;

/// The first version that knows what may have been sent, and thins what was not. An earlier one would send rows without
/// noting it.
pub(super) const WITH_SENT: u32 = 3;

/// The first version with a stock ledger.
pub(super) const WITH_STOCK: u32 = 4;

/// The first version that knows which rows others were joined to. An earlier one would drop them as if they stood for
/// themselves alone.
pub(super) const WITH_HOLDERS: u32 = 5;

/// Length of SQLite's file header, and where it keeps these numbers and that of its pages (big-endian).
const HEADER_BYTES: usize = 100;
const VERSION_AT: usize = 60;
const APPLICATION_AT: usize = 68;
const PAGES_AT: usize = 28;

/// The counters that are no class's.
pub(super) const NEXT_ROW: i64 = 10;
pub(super) const EPOCH: i64 = 11;
/// The row up to which all may have been sent, and how far thinning came: see `sent`.
pub(super) const SENT: i64 = 12;
pub(super) const JOINED: i64 = 13;
pub(super) const STRIPPED: i64 = 14;
/// How far the salvage of an earlier database came, and where this one's numbering begins; there while it goes on.
pub(super) const SALVAGE_FILE: i64 = 15;
pub(super) const SALVAGE_PAGE: i64 = 16;
pub(super) const SALVAGE_EPOCH: i64 = 17;
pub(super) const SALVAGE_ROW: i64 = 18;

/// No gap has this key or a smaller one but those that are there: what was taken away may still be on its way.
pub(super) const GAP_ID: i64 = 60;

/// Where a start began to doubt the numbering (see `doubt`): the newest row then; with [`doubt_key`] the numbers due
/// next.
pub(super) const DOUBT_ROW: i64 = 35;
/// While rows get other numbers (see `renumber`): the epoch that they leave, the last of them, how far that came; with
/// [`renumber_key`] the first number of each class that is changed.
pub(super) const RENUMBER_EPOCH: i64 = 45;
pub(super) const RENUMBER_LAST: i64 = 46;
pub(super) const RENUMBER_DONE: i64 = 47;
/// The epoch of which [`delivered_key`] speaks.
pub(super) const DELIVERED_EPOCH: i64 = 55;

/// The number of a class in the database.
pub(super) fn class_number(class: Class) -> i64 {
    match class {
        Class::Pos => 0,
        Class::Stock => 1,
        Class::Visit => 2,
        Class::Dock => 3,
        Class::Ops => 4,
    }
}

/// The counter of how far rows of a class were handed out uncorrected. Written when it is first needed: a database of
/// this version may have none.
pub(super) fn handed_key(class: Class) -> i64 {
    20 + class_number(class)
}

/// The counter of the number that was due next in a class when the numbering came in doubt.
pub(super) fn doubt_key(class: Class) -> i64 {
    30 + class_number(class)
}

/// The counter of the first number of a class that is changed.
pub(super) fn renumber_key(class: Class) -> i64 {
    40 + class_number(class)
}

/// The counter of the first number of a class that was not surely delivered (see `delivered`).
pub(super) fn delivered_key(class: Class) -> i64 {
    50 + class_number(class)
}

/// The class with this number.
pub(super) fn class_of(number: i64) -> Option<Class> {
    Class::ALL.into_iter().find(|class| class_number(*class) == number)
}

/// Checks from outside that a file, if there is one, is a database of ours.
pub(super) fn inspect(file: &Path) -> Result<(), StoreError> {
    let header = match header(file) {
        Ok(header) => header,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(file_error(file)(error)),
    };
    if header.is_empty() {
        return Ok(());
    }
    if !header.starts_with(b"SQLite format 3\0") {
        return Err(StoreError::NoDatabase("its first bytes are not a database's"));
    }
    if header.len() < HEADER_BYTES {
        return Err(StoreError::NoDatabase("its header is cut short"));
    }
    check(file, number_at(&header, APPLICATION_AT), number_at(&header, VERSION_AT))
}

/// Pages that the file should have by its header.
pub(super) fn page_count(file: &Path) -> std::io::Result<u32> {
    Ok(number_at(&header(file)?, PAGES_AT))
}

fn header(file: &Path) -> std::io::Result<Vec<u8>> {
    let mut header = Vec::with_capacity(HEADER_BYTES);
    File::open(file)?.take(HEADER_BYTES as u64).read_to_end(&mut header)?;
    Ok(header)
}

/// The same check from inside, for what is still in the log. The version; `None` when no schema is there.
pub(super) fn recheck(file: &Path, connection: &Connection) -> Result<Option<u32>, StoreError> {
    let application = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let version = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    check(file, application, version)?;
    Ok((application != 0).then_some(version))
}

/// Makes the tables, all or nothing.
pub(super) fn create(connection: &mut Connection) -> Result<(), StoreError> {
    let transaction = connection.transaction()?;
    transaction.execute_batch(include_str!("schema.sql"))?;
    transaction.execute_batch(include_str!("journal.sql"))?;
    transaction.execute_batch(include_str!("stock.sql"))?;
    transaction.execute_batch(include_str!("holder.sql"))?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    Ok(transaction.commit()?)
}

/// Brings the tables of an earlier version up to this one, all or nothing. The file's header says so at once, so that
/// an earlier program sees it before it opens the file.
pub(super) fn migrate(connection: &mut Connection, from: u32) -> Result<(), StoreError> {
    if from == VERSION {
        return Ok(());
    }
    let transaction = connection.transaction()?;
    if from < WITH_JOURNAL {
        transaction.execute_batch(include_str!("journal.sql"))?;
    }
    if from < WITH_SENT {
        let all = "INSERT OR REPLACE INTO counter (key, value) \
                   SELECT ?1, coalesce(max(id), 0) FROM outbox";
        transaction.execute(all, [SENT])?;
    }
    if from < WITH_STOCK {
        transaction.execute_batch(include_str!("stock.sql"))?;
    }
    if from < WITH_HOLDERS {
        transaction.execute_batch(include_str!("holder.sql"))?;
    }
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    tracing::info!(from, to = VERSION, "the database has a new schema; its rows stay");
    Ok(())
}

fn check(file: &Path, application: u32, version: u32) -> Result<(), StoreError> {
    match (application, version) {
        (APPLICATION_ID, 1..=VERSION) | (0, 0) => Ok(()),
        (APPLICATION_ID, later) => {
            let reason = format!("its schema is version {later}, this tillgate knows {VERSION}");
            let hint = "install the tillgate that wrote it, or a later one";
            Err(refuse(file, &reason, hint))
        }
        _ => {
            let hint = "name a folder of its own in `data_dir`";
            Err(refuse(file, "it is another program's database", hint))
        }
    }
}

fn refuse(file: &Path, reason: &str, hint: &'static str) -> StoreError {
    StoreError::Refuse { file: file.to_owned(), reason: reason.to_owned(), hint }
}

fn number_at(header: &[u8], at: usize) -> u32 {
    let bytes = header.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
    u32::from_be_bytes(bytes.unwrap_or_default())
}
