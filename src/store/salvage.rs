//! A database that cannot be used: what is still whole in it is taken over, beside the running agent.
//!
//! # Invariants
//! - Opening takes over no more than [`SALVAGE_AT_OPEN_PAGES`]; the rest comes in steps ([`Store::salvage_step`]) of
//!   bounded pages, rows and bytes. Each is one transaction that says how far it came: after a crash it goes on there.
//! - Until the last step no row is handed out, and new ones are accepted: so rows of a class leave in the order of
//!   their numbers, and what is lost of earlier epochs is told once it is known. It is written down in the transaction
//!   of the last step.
//! - Rows taken over keep ids, numbers and epoch. New rows have a new epoch, and ids beyond all of them.
//! - A database that is damaged while it takes over is set aside as well: both are then salvaged, the older first.
//! - What has no room on the disk stays in its file, and is told like what is damaged.
//!
//! # How
//! Rows are found by their shape (`leaves`), so it does not matter which other page is damaged. What a start needs at
//! once (numbering, open documents) SQLite still reads in most cases (`remains`).

use std::path::{Path, PathBuf};

use rusqlite::{Connection, Transaction, params};
use tillgate_events::Class;

use super::Store;
use super::aside::{beside, finished};
use super::backlog::{Size, Stream};
use super::check::checksum_of;
use super::error::StoreError;
use super::image::{Image, Place};
use super::journal::Journal;
use super::journal_restore::{close_late, restore, settle_restored};
use super::leaves::Whole;
use super::lost::Before;
use super::row::Row;
use super::schema::{SALVAGE_EPOCH, SALVAGE_FILE, SALVAGE_PAGE, SALVAGE_ROW, class_number};
use super::sent::put;
use super::vitals::disk_free;
use crate::limits::{SALVAGE_AT_OPEN_PAGES, SALVAGE_ROOM};

/// What became of a database that could not be used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Salvage {
    /// Where the damaged file is now.
    pub file: PathBuf,
    /// Why it could not be used.
    pub reason: String,
    /// Rows taken over from it since the store was opened.
    pub rows: u64,
    /// Pages that are still to be looked at; 0 when all is done.
    pub pages_left: u64,
}

/// A salvage that is not at its end.
pub(super) struct Salvaging {
    /// Set aside, the oldest first.
    files: Vec<PathBuf>,
    /// The one in `at`, once it is open.
    image: Option<Image>,
    at: Progress,
    bounds: Bounds,
    before: Before,
    /// Rows taken over since the store was opened.
    pub rows: u64,
    /// The new database.
    database: PathBuf,
}

/// How far it came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Progress {
    pub file: usize,
    pub place: Place,
}

/// Where the numbering of the new database begins: rows from here on are not what was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    pub epoch: u32,
    pub row: i64,
}

/// What a step changed.
#[derive(Default)]
pub(super) struct Taken {
    rows: Vec<(Class, Size)>,
    journal_bytes: u64,
    /// Numbers that are in no row: the salvage is at its end.
    lost: Option<u64>,
}

impl Salvaging {
    pub fn new(
        database: &Path,
        files: Vec<PathBuf>,
        (at, bounds): (Progress, Bounds),
        before: Before,
    ) -> Self {
        let database = database.to_owned();
        Self { files, image: None, at, bounds, before, rows: 0, database }
    }

    /// Pages that are still to be looked at.
    pub fn pages_left(&self) -> u64 {
        self.at.pages_left(&self.files)
    }

    /// Takes over what is whole on some pages, or comes to the end. `open_documents` are those that the agent knows of,
    /// once it does.
    pub fn step(
        &mut self,
        into: &mut Connection,
        open_documents: Option<&[i64]>,
    ) -> Result<Taken, StoreError> {
        let is_full = disk_free(&self.database).is_some_and(|free| free < SALVAGE_ROOM);
        let mut found = Vec::new();
        let mut next = self.at;
        match self.image() {
            Some(image) if !is_full => match image.some(next.place, &mut found) {
                Some(place) => next.place = place,
                None => next = Progress { file: next.file + 1, place: Place::default() },
            },
            // The rest stays in its files.
            _ => next.file = self.files.len(),
        }
        let mut taken = Taken::default();
        let transaction = into.transaction()?;
        for whole in found {
            insert(&transaction, whole, self.bounds, &mut taken)?;
        }
        next.write(&transaction)?;
        if next.file >= self.files.len() {
            open_documents.map_or(Ok(()), |open| close_late(&transaction, open))?;
            taken.lost = Some(self.before.record(&transaction)?);
            Bounds::forget(&transaction)?;
        }
        transaction.commit()?;
        if next.file != self.at.file {
            self.image = None;
        }
        self.at = next;
        self.rows += taken.rows.len() as u64;
        if taken.lost.is_some() {
            // A note that stays says nothing where no progress is written down.
            let _ = finished(&self.database);
        }
        Ok(taken)
    }

    /// The file that is looked at now; those that cannot be opened are passed over.
    fn image(&mut self) -> Option<&Image> {
        while self.image.is_none() {
            let file = self.files.get(self.at.file)?;
            match Image::open(file, &beside(file, "-wal")) {
                Ok(image) => self.image = Some(image),
                Err(_) => self.at = Progress { file: self.at.file + 1, place: Place::default() },
            }
        }
        self.image.as_ref()
    }
}

impl Store {
    /// Whether a damaged database is being taken over: no row is handed out until that is done.
    #[must_use]
    pub fn is_salvaging(&self) -> bool {
        self.salvaging.is_some()
    }

    /// Pages of a damaged database that are still to be looked at.
    #[must_use]
    pub fn salvage_pages_left(&self) -> u64 {
        self.salvaging.as_ref().map_or(0, Salvaging::pages_left)
    }

    /// Takes over some more of a damaged database, to be called again while [`Store::is_salvaging`]. Returns the rows
    /// taken over since the store was opened, and the numbers that are lost, once all is done.
    ///
    /// # Errors
    /// When the database cannot be written; the call can be repeated.
    pub fn salvage_step(&mut self) -> Result<Option<(u64, u64)>, StoreError> {
        let open = self.journal.open_ids();
        self.salvage_some(Some(&open))
    }

    /// What a start has time for: its time is promised. Then the journal is as it will be found. Why the database was
    /// set aside is known to whoever did so; `lost` becomes the numbers that are lost, at the end.
    pub(super) fn salvage_at_open(
        &mut self,
        why: Option<String>,
        lost: &mut u64,
    ) -> Result<Option<Salvage>, StoreError> {
        let Some(salvaging) = &self.salvaging else { return Ok(None) };
        let file = salvaging.files.last().cloned().unwrap_or_default();
        let all = salvaging.pages_left();
        let mut rows = 0;
        while let Some(salvaging) = &self.salvaging
            && all.saturating_sub(salvaging.pages_left()) < SALVAGE_AT_OPEN_PAGES
        {
            match self.salvage_some(None) {
                Ok(Some(done)) => (rows, *lost) = done,
                Ok(None) => rows = self.salvaging.as_ref().map_or(rows, |it| it.rows),
                // Tried again while the agent runs.
                Err(StoreError::Full) => break,
                Err(error) => return Err(error),
            }
        }
        if why.is_some() {
            settle_restored(&self.connection)?;
        }
        self.journal = Journal::read(&self.connection)?;
        if self.is_salvaging() {
            self.journal.leave_numbers();
        }
        let reason = why.unwrap_or_else(|| "its salvage was cut short".to_owned());
        Ok(Some(Salvage { file, reason, rows, pages_left: self.salvage_pages_left() }))
    }

    fn salvage_some(&mut self, open: Option<&[i64]>) -> Result<Option<(u64, u64)>, StoreError> {
        let Some(salvaging) = &mut self.salvaging else { return Ok(None) };
        let taken = salvaging.step(&mut self.connection, open);
        let taken = self.damage.watch(taken)?;
        for (class, size) in &taken.rows {
            self.streams.entry(*class).or_insert(Stream::NEW).add(*size);
        }
        self.journal.came_late(taken.journal_bytes);
        let Some(lost) = taken.lost else { return Ok(None) };
        Ok(self.salvaging.take().map(|salvaging| (salvaging.rows, lost)))
    }
}

impl Progress {
    /// `None` where no salvage is going on in this database.
    pub fn read(connection: &Connection) -> Result<Option<(Self, Bounds)>, rusqlite::Error> {
        let counter = |key| super::open::counter(connection, key);
        let Some(file) = counter(SALVAGE_FILE)? else { return Ok(None) };
        let page = counter(SALVAGE_PAGE)?.unwrap_or(0);
        let epoch = counter(SALVAGE_EPOCH)?.unwrap_or(0);
        let bounds = Bounds {
            epoch: u32::try_from(epoch).unwrap_or(0),
            row: counter(SALVAGE_ROW)?.unwrap_or(0),
        };
        let place = Place(u32::try_from(page).unwrap_or(0));
        Ok(Some((Self { file: usize::try_from(file).unwrap_or(0), place }, bounds)))
    }

    /// Pages that are still to be looked at, never 0.
    pub fn pages_left(self, files: &[PathBuf]) -> u64 {
        let pages: u64 = files.iter().skip(self.file).map(|file| Image::pages_of(file)).sum();
        pages.saturating_sub(self.place.0.into()).max(1)
    }

    pub fn write(self, connection: &Connection) -> Result<(), rusqlite::Error> {
        put(connection, SALVAGE_FILE, i64::try_from(self.file).unwrap_or(i64::MAX))?;
        put(connection, SALVAGE_PAGE, self.place.0.into())
    }
}

impl Bounds {
    pub fn write(self, connection: &Connection) -> Result<(), rusqlite::Error> {
        put(connection, SALVAGE_EPOCH, self.epoch.into())?;
        put(connection, SALVAGE_ROW, self.row)
    }

    fn forget(connection: &Connection) -> Result<(), rusqlite::Error> {
        let sql = "DELETE FROM counter WHERE key BETWEEN ?1 AND ?2";
        connection.execute(sql, params![SALVAGE_FILE, SALVAGE_ROW]).map(|_| ())
    }
}

fn insert(
    transaction: &Transaction<'_>,
    whole: Whole,
    bounds: Bounds,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    let row = match whole {
        Whole::Row(row) => row,
        Whole::Page(page) => {
            taken.journal_bytes += restore(transaction, &page)?;
            return Ok(());
        }
    };
    if row.epoch >= bounds.epoch || row.id.0 >= bounds.row {
        // Nothing knew of its numbering. It stays in its file, and a hole is told.
        tracing::warn!(
            row = row.id.0,
            epoch = row.epoch,
            "a row of the damaged database stays there: it bears a number that may be another row's now"
        );
        return Ok(());
    }
    let sql = "INSERT OR IGNORE INTO outbox (id, class, epoch, first, count, crc, payload) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let (number, first, crc) =
        (class_number(row.class), row.first_sequence.cast_signed(), checksum_of(&row));
    let Row { id, class, epoch, count, payload, .. } = row;
    let bytes = payload.len() as u64;
    let values = params![id.0, number, epoch, first, count, crc, payload];
    if transaction.prepare_cached(sql)?.execute(values)? == 1 {
        taken.rows.push((class, Size { id: id.0, records: count.into(), bytes }));
    }
    Ok(())
}
