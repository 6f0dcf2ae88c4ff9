//! A database that cannot be used: set aside under another name, and what is still whole in it taken over.
//!
//! # Invariants
//! - Nothing of the damaged file is thrown away before [`STORE_DAMAGED_FILES`] later ones stand beside it.
//! - Rows taken over keep ids, numbers and epoch; the numbers between them that may be lost become gaps, so
//!   that nobody waits for them. New rows get a new epoch.
//!
//! # How
//! The log is renamed before the database: a log that stood alone would be played into the new one. A crash
//! while rows are taken over leaves those that are left in the file set aside.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, OptionalExtension as _, params};
use tillgate_events::Class;

use super::check::checksum_of;
use super::error::{StoreError, file_error};
use super::gap::{GapReason, Lost, record};
use super::mark::sync_folder;
use super::open::counter;
use super::read::parse;
use super::row::{Row, RowId};
use super::schema::{self, EPOCH, class_number, class_of};
use crate::limits::{EVICT_ROWS, STORE_DAMAGED_FILES, STORE_PAGE_BYTES};
use crate::time::UtcMs;

/// What became of a database that could not be used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Salvage {
    /// Where the damaged file is now.
    pub file: PathBuf,
    /// Why it could not be used.
    pub reason: String,
    /// Rows taken over from it.
    pub rows: u64,
    /// The highest epoch seen in it; 0 when there was none to see.
    pub epoch: u32,
}

/// Renames a damaged database and its log to `<name>.damaged-<utc>`, and forgets the oldest such files.
pub(super) fn set_aside(file: &Path, reason: String, now: UtcMs) -> Result<Salvage, StoreError> {
    let moment: String = now.to_string().chars().filter(|c| !matches!(c, ':' | '-')).collect();
    let aside = beside(file, &format!(".damaged-{moment}"));
    let log = beside(file, "-wal");
    if log.exists() {
        fs::rename(&log, beside(&aside, "-wal")).map_err(file_error(&log))?;
    }
    fs::rename(file, &aside).map_err(file_error(file))?;
    sync_folder(file)?;
    forget_oldest(file);
    Ok(Salvage { file: aside, reason, ..Salvage::default() })
}

/// The file of this name with something appended.
fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Removes all but the newest files set aside. They are for people: what fails here hinders nobody.
fn forget_oldest(file: &Path) {
    let prefix = beside(file, ".damaged-");
    let Some(folder) = file.parent().and_then(|folder| fs::read_dir(folder).ok()) else { return };
    let paths = folder.filter_map(|entry| Some(entry.ok()?.path()));
    let is_one = |path: &PathBuf| {
        let name = path.as_os_str().as_encoded_bytes();
        name.starts_with(prefix.as_os_str().as_encoded_bytes()) && !name.ends_with(b"-wal")
    };
    // Their names sort by time.
    let mut all: Vec<PathBuf> = paths.filter(is_one).collect();
    all.sort();
    let surplus = all.len().saturating_sub(STORE_DAMAGED_FILES);
    for old in all.iter().take(surplus) {
        let _ = fs::remove_file(old);
        let _ = fs::remove_file(beside(old, "-wal"));
    }
}

/// Takes over what is whole into the new database. What cannot be read is passed over: it stays in the file.
/// `max_bytes` is the cap of a database.
pub(super) fn take_over(
    into: &mut Connection,
    salvage: &mut Salvage,
    max_bytes: u64,
) -> Result<(), StoreError> {
    // Where it fails there is only less to read.
    let _ = lengthen(&salvage.file, max_bytes);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let Ok(old) = Connection::open_with_flags(&salvage.file, flags) else { return Ok(()) };
    // Without shared memory; where even this fails there is nothing to read.
    if old.pragma_update(None, "locking_mode", "EXCLUSIVE").is_err() {
        return Ok(());
    }
    let ids = ids(&old);
    for some in ids.chunks(EVICT_ROWS as usize) {
        let rows: Vec<Row> = some.iter().filter_map(|id| whole_row(&old, *id)).collect();
        salvage.epoch = rows.iter().map(|row| row.epoch).fold(salvage.epoch, u32::max);
        salvage.rows += rows.len() as u64;
        insert(into, &rows)?;
    }
    let epoch = counter(&old, EPOCH).ok().flatten().and_then(|it| u32::try_from(it).ok());
    let due = epoch.map(|epoch| (epoch, next_sequences(&old)));
    salvage.epoch = salvage.epoch.max(epoch.unwrap_or(0));
    record_holes(into, due)
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

/// Ids of the rows, from both ends up to the damage.
fn ids(old: &Connection) -> Vec<i64> {
    let scan = |order: &str| -> Vec<i64> {
        let Ok(mut select) = old.prepare(&format!("SELECT id FROM outbox ORDER BY id {order}"))
        else {
            return Vec::new();
        };
        select
            .query_map([], |row| row.get(0))
            .map_or_else(|_| Vec::new(), |ids| ids.map_while(Result::ok).collect())
    };
    let mut ids = scan("ASC");
    ids.extend(scan("DESC"));
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn whole_row(old: &Connection, id: i64) -> Option<Row> {
    let sql = "SELECT id, class, epoch, first, count, crc, payload FROM outbox WHERE id = ?1";
    let mut select = old.prepare_cached(sql).ok()?;
    select.query_row(params![id], |row| Ok(parse(RowId(id), row))).optional().ok()??
}

fn insert(into: &mut Connection, rows: &[Row]) -> Result<(), StoreError> {
    let transaction = into.transaction()?;
    {
        let sql = "INSERT OR IGNORE INTO outbox (id, class, epoch, first, count, crc, payload) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let mut insert = transaction.prepare_cached(sql)?;
        for row in rows {
            let (class, first) = (class_number(row.class), row.first_sequence.cast_signed());
            let checksum = checksum_of(row);
            insert.execute(params![
                row.id.0,
                class,
                row.epoch,
                first,
                row.count,
                checksum,
                row.payload
            ])?;
        }
    }
    Ok(transaction.commit()?)
}

/// The numbers due next, as far as the damaged database can say.
fn next_sequences(old: &Connection) -> BTreeMap<Class, u64> {
    let next = |class| u64::try_from(counter(old, class_number(class)).ok()??).ok();
    Class::ALL.into_iter().filter_map(|class| Some((class, next(class)?))).collect()
}

/// Writes down which numbers of the old epochs may be lost: those before, between and after the rows taken
/// over. Some of them may have been delivered long ago; the reason says that it is not known.
fn record_holes(
    into: &mut Connection,
    due: Option<(u32, BTreeMap<Class, u64>)>,
) -> Result<(), StoreError> {
    let mut ends: BTreeMap<(Class, u32), u64> = BTreeMap::new();
    let mut holes = Vec::new();
    let mut hole = |class, epoch, from: u64, to: u64| {
        if from < to {
            holes.push(Lost { class, epoch, first: from, count: to - from, bytes: 0 });
        }
    };
    {
        let sql = "SELECT class, epoch, first, count FROM outbox ORDER BY class, epoch, first";
        let mut select = into.prepare(sql)?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let Some(class) = class_of(row.get(0)?) else { continue };
            let (epoch, first): (u32, i64) = (row.get(1)?, row.get(2)?);
            let (first, count) = (first.unsigned_abs(), u64::from(row.get::<_, u32>(3)?));
            let end = ends.entry((class, epoch)).or_insert(1);
            hole(class, epoch, *end, first);
            *end = first.saturating_add(count).max(*end);
        }
    }
    if let Some((epoch, classes)) = due {
        for (class, next) in classes {
            hole(class, epoch, ends.get(&(class, epoch)).copied().unwrap_or(1), next);
        }
    }
    let transaction = into.transaction()?;
    for lost in holes {
        record(&transaction, lost, GapReason::Salvage)?;
    }
    Ok(transaction.commit()?)
}
