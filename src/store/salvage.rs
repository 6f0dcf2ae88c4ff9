//! A database that cannot be used: set aside under another name, and what is still whole in it taken over.
//!
//! # Invariants
//! - Nothing of the damaged file is thrown away before [`STORE_DAMAGED_FILES`] later ones stand beside it.
//! - Rows taken over keep ids, numbers and epoch; what may be lost becomes gaps (`lost`), so that nobody waits for
//!   it. New rows get a new epoch. Pages of the journal are taken over too.
//! - A crash while rows are taken over loses none: a note names the file that was set aside, and the next start begins
//!   anew with it. What has no room on the disk stays in that file, and is told like what is damaged.
//!
//! # How
//! Rows are found by their shape (`leaves`), so it does not matter which other page is damaged. The log is renamed
//! before the database: a log that stood alone would be played into the new one. The new database is written once and
//! synced once, at the end: a backlog of some hundred megabytes must not keep the shop's tills waiting.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, params};
use tillgate_events::Class;

use super::check::checksum_of;
use super::error::{StoreError, file_error};
use super::image::Image;
use super::journal::{restore, settle_restored};
use super::leaves::Whole;
use super::lost::Due;
use super::mark::sync_folder;
use super::open::{connect, counter};
use super::place::private;
use super::row::Row;
use super::schema::{self, EPOCH, class_number};
use super::vitals::disk_free;
use crate::limits::{SALVAGE_ROOM, SALVAGE_ROWS, STORE_DAMAGED_FILES, STORE_PAGE_BYTES};
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
    note(file, &aside)?;
    let log = beside(file, "-wal");
    if log.exists() {
        fs::rename(&log, beside(&aside, "-wal")).map_err(file_error(&log))?;
    }
    fs::rename(file, &aside).map_err(file_error(file))?;
    sync_folder(file)?;
    forget_oldest(file);
    Ok(Salvage { file: aside, reason, ..Salvage::default() })
}

/// Says which file is being salvaged, until [`finished`].
fn note(file: &Path, aside: &Path) -> Result<(), StoreError> {
    let note = beside(file, ".salvaging");
    let name = aside.file_name().unwrap_or_default().as_encoded_bytes();
    let write = || {
        let mut open = private(&note)?;
        open.write_all(name)?;
        open.sync_all()
    };
    write().map_err(file_error(&note))?;
    sync_folder(file)
}

/// All that is whole was taken over, and is synced.
pub(super) fn finished(file: &Path) -> Result<(), StoreError> {
    let note = beside(file, ".salvaging");
    match fs::remove_file(&note) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(file_error(&note)(error)),
        Ok(()) => sync_folder(file),
    }
}

/// A salvage that a crash cut short, to be begun anew: the half-made database is removed, unless somebody holds it.
pub(super) fn unfinished(file: &Path) -> Result<Option<Salvage>, StoreError> {
    let Ok(name) = fs::read_to_string(beside(file, ".salvaging")) else { return Ok(None) };
    let known = beside(file, ".damaged-").file_name().map(|it| it.as_encoded_bytes().to_vec());
    let is_ours = known.is_some_and(|known| name.as_bytes().starts_with(&known));
    let aside = file.with_file_name(&name);
    if !is_ours || name.contains('/') || !aside.exists() {
        return Ok(None);
    }
    if let Err(error @ StoreError::Busy(_)) = connect(file) {
        return Err(error);
    }
    for part in ["", "-wal"].map(|suffix| beside(file, suffix)) {
        match fs::remove_file(&part) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(file_error(&part)(error));
            }
            _ => {}
        }
    }
    let reason = "a salvage of it was cut short".to_owned();
    Ok(Some(Salvage { file: aside, reason, ..Salvage::default() }))
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

/// Takes over what is whole into the new database, wherever it lies; the rest stays in the file. Then as far as it can
/// be read, what the damaged database knew of its numbering. `max_bytes` is the cap of a database.
pub(super) fn take_over(
    into: &mut Connection,
    salvage: &mut Salvage,
    max_bytes: u64,
) -> Result<Option<Due>, StoreError> {
    // Before SQLite looks at it, which may change it.
    if let Ok(image) = Image::open(&salvage.file, &beside(&salvage.file, "-wal")) {
        into.pragma_update(None, "journal_mode", "MEMORY")?;
        into.pragma_update(None, "synchronous", "OFF")?;
        let mut some = Vec::new();
        let taken = image.whole(|whole| {
            some.extend(whole);
            if some.len() < SALVAGE_ROWS {
                return Ok(());
            }
            if disk_free(&salvage.file).is_some_and(|free| free < SALVAGE_ROOM) {
                return Err(StoreError::Full);
            }
            insert(into, some.drain(..), salvage)
        });
        match taken.and_then(|()| insert(into, some.drain(..), salvage)) {
            // The rest stays in the file.
            Ok(()) | Err(StoreError::Full) => {}
            Err(error) => return Err(error),
        }
        settle_restored(into)?;
        into.pragma_update(None, "synchronous", "FULL")?;
        into.pragma_update(None, "journal_mode", "WAL")?;
        into.path().map_or(Ok(()), sync_file)?;
    }
    // Where it fails there is only less to read.
    let _ = lengthen(&salvage.file, max_bytes);
    let due = due(&salvage.file);
    salvage.epoch = salvage.epoch.max(due.as_ref().map_or(0, |due| due.epoch));
    Ok(due)
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

fn sync_file(file: &str) -> Result<(), StoreError> {
    let sync = || File::open(file)?.sync_all();
    sync().map_err(file_error(Path::new(file)))
}

fn insert(
    into: &mut Connection,
    whole: impl Iterator<Item = Whole>,
    salvage: &mut Salvage,
) -> Result<(), StoreError> {
    let transaction = into.transaction()?;
    let sql = "INSERT OR IGNORE INTO outbox (id, class, epoch, first, count, crc, payload) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let mut inserted = 0;
    for whole in whole {
        let row = match whole {
            Whole::Row(row) => row,
            Whole::Page(page) => {
                restore(&transaction, &page)?;
                continue;
            }
        };
        salvage.epoch = salvage.epoch.max(row.epoch);
        let (class, first) = (class_number(row.class), row.first_sequence.cast_signed());
        let crc = checksum_of(&row);
        let Row { id, epoch, count, payload, .. } = row;
        let values = params![id.0, class, epoch, first, count, crc, payload];
        inserted += transaction.prepare_cached(sql)?.execute(values)?;
    }
    transaction.commit()?;
    salvage.rows += inserted as u64;
    Ok(())
}

/// The numbers due next, as far as the damaged database can say.
fn due(file: &Path) -> Option<Due> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let old = Connection::open_with_flags(file, flags).ok()?;
    // Without shared memory.
    old.pragma_update(None, "locking_mode", "EXCLUSIVE").ok()?;
    let epoch = u32::try_from(counter(&old, EPOCH).ok()??).ok()?;
    let next = |class| u64::try_from(counter(&old, class_number(class)).ok()??).ok();
    let next = Class::ALL.into_iter().filter_map(|class| Some((class, next(class)?))).collect();
    Some(Due { epoch, next })
}
