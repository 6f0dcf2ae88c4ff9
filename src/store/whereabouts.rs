//! Whether the database and its log, which are open, still stand under their names; and what is done when they do not.
//!
//! Somebody may delete or replace them under the running agent. SQLite notices nothing: it goes on with the files that
//! it has open, which are gone with the process. So a copy of all that is open is made under the database's name, and
//! the agent is started again on that.
//!
//! # Invariants
//! - Nothing is accepted between the last step of the copy and the end: who calls [`Store::write_anew`] ends after it.
//! - What stands under the names and is not ours is renamed, not deleted. One that another process has open is left
//!   where it is, and the copy keeps a name of its own.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::Store;
use super::aside::{beside, named};
use super::error::{StoreError, file_error};
use super::mark::sync_folder;
use super::open::lock_only;
use super::place::{make_folder, private};
use super::vitals::disk_free;
use crate::limits::{STORE_BALLAST_BYTES, STORE_COPY_PAGES};
use crate::time::UtcMs;

/// What the copy is called until it is whole.
const COPY: &str = ".rescued";

/// A file on its disk, whatever its name.
type Id = (u64, u64);

/// See the module's documentation.
#[derive(Clone, Debug)]
pub(super) struct Whereabouts {
    database: (PathBuf, Option<Id>),
    log: (PathBuf, Option<Id>),
}

impl Whereabouts {
    /// Of files that were just opened.
    pub fn of(database: &Path, log: &Path) -> Self {
        let of = |file: &Path| (file.to_owned(), id(file));
        Self { database: of(database), log: of(log) }
    }

    /// The first file that is not where it was.
    fn missing(&self) -> Option<&Path> {
        [&self.database, &self.log].into_iter().find(|it| is_elsewhere(it)).map(|(file, _)| &**file)
    }
}

fn id(file: &Path) -> Option<Id> {
    fs::symlink_metadata(file).ok().map(|meta| (meta.dev(), meta.ino()))
}

fn is_elsewhere((file, was): &(PathBuf, Option<Id>)) -> bool {
    was.is_some() && id(file) != *was
}

impl Store {
    /// Looks whether the files still stand under their names; the first that does not. A mark that is gone is written
    /// again.
    pub fn look_after_files(&mut self) -> Option<PathBuf> {
        let missing = self.whereabouts.missing().map(Path::to_owned);
        self.counters.files_gone = missing.is_some();
        if missing.is_none() && !self.mark_file.exists() {
            tracing::warn!("{} was gone: it is written again", self.mark_file.display());
            self.write_mark(&self.next_sequences());
        }
        missing
    }

    /// Whether [`Store::write_anew`] is likely to succeed: without room or rights it is better to go on, and to send
    /// what can be sent.
    #[must_use]
    pub fn can_write_anew(&self) -> bool {
        let (file, _) = &self.whereabouts.database;
        let made = file.parent().is_some_and(|folder| make_folder(folder).is_ok());
        let copy = beside(file, COPY);
        let writes = made && private(&copy).is_ok() && fs::remove_file(&copy).is_ok();
        let needed = self.vitals().map(|it| it.used_bytes + it.free_bytes + STORE_BALLAST_BYTES);
        writes && disk_free(file).zip(needed.ok()).is_some_and(|(free, needed)| needed <= free)
    }

    /// Puts all that was accepted under the database's name again. `alive` is called every now and then.
    ///
    /// # Errors
    /// When the disk does not obey; the call can be repeated.
    pub fn write_anew(&mut self, now: UtcMs, alive: &mut dyn FnMut()) -> Result<(), StoreError> {
        let Whereabouts { database, log } = self.whereabouts.clone();
        let copy = beside(&database.0, COPY);
        if !is_elsewhere(&database) {
            // Only the log is gone: all of it goes into the file.
            give_way(&log.0, now)?;
            let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
            return Ok(self.connection.query_row(sql, [], |_| Ok(()))?);
        }
        private(&copy).map_err(file_error(&copy))?;
        copy_to(&self.connection, &copy, alive)?;
        fs::File::open(&copy).and_then(|it| it.sync_all()).map_err(file_error(&copy))?;
        if database.0.exists() && matches!(lock_only(&database.0), Err(StoreError::Busy(_))) {
            let copy = copy.display();
            tracing::error!(
                "another process has {} open: the copy is {copy}",
                database.0.display()
            );
            return Err(StoreError::Busy(database.0));
        }
        // A log that stood beside the copy would be played into it.
        if is_elsewhere(&log) {
            give_way(&log.0, now)?;
        } else {
            fs::remove_file(&log.0).map_err(file_error(&log.0))?;
        }
        give_way(&database.0, now)?;
        fs::rename(&copy, &database.0).map_err(file_error(&copy))?;
        sync_folder(&database.0)
    }
}

fn copy_to(from: &Connection, file: &Path, alive: &mut dyn FnMut()) -> Result<(), StoreError> {
    let mut to = Connection::open(file)?;
    let backup = Backup::new(from, &mut to)?;
    loop {
        match backup.step(STORE_COPY_PAGES)? {
            StepResult::Done => return Ok(()),
            StepResult::More => alive(),
            _ => return Err(StoreError::Busy(file.to_owned())),
        }
    }
}

/// Renames what stands under a name of ours and is not ours, if there is something.
fn give_way(file: &Path, now: UtcMs) -> Result<(), StoreError> {
    if id(file).is_none() {
        return Ok(());
    }
    let aside = named(file, "replaced", now);
    tracing::warn!("what stood in the place of {} is now {}", file.display(), aside.display());
    fs::rename(file, aside).map_err(file_error(file))
}
