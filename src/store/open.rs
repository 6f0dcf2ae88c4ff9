//! Opening: look from outside, lock, set up, compare with the mark, choose the epoch.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension as _, params};
use tillgate_events::Class;

use super::Store;
use super::aside::{set_aside, unfinished};
use super::backlog::{Size, StoreCounters, Stream};
use super::ballast::{BALLAST, Ballast};
use super::begin::{begin_epoch, begin_salvage, resume};
use super::damage::{self, Damage};
use super::delivered::Delivered;
use super::doubt::Doubt;
use super::epoch::choose_epoch;
use super::error::StoreError;
use super::given::Given;
use super::journal::Journal;
use super::log;
use super::lost::{Before, Due};
use super::mark::{Mark, MarkFile, sync_folder};
use super::opened::{EpochReason, OpenReport};
use super::place::{
    close_to_others, is_left_over, make_file, make_folder, refuse_others, tell_open_folder,
};
use super::relief::is_no_room;
use super::remains::Remains;
use super::renumber::Renumbering;
use super::schema::{self, EPOCH, NEXT_ROW, class_number, class_of};
use super::sent::Sent;
use super::stock::StockWrites;
use super::tip::Tip;
use super::whereabouts::Whereabouts;
use crate::limits::{STORE_CACHE_KIB, STORE_PAGE_BYTES, STORE_WAL_PAGES};
use crate::time::UtcMs;

impl Store {
    /// Opens the outbox in `dir`, making both where they are absent. `max_bytes` caps the database with its
    /// log. One that cannot be used is set aside under a name with `now` in it, and its rows are taken over as
    /// far as they are whole.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when another process has it open, [`StoreError::Refuse`] when it is another
    /// program's or of a later version, or `dir` is a file; the others when the disk does not obey.
    pub fn open(dir: &Path, max_bytes: u64, now: UtcMs) -> Result<(Self, OpenReport), StoreError> {
        make_folder(dir)?;
        let file = dir.join("outbox.db");
        let mark_file = dir.join("outbox.mark");
        let log_file = dir.join("outbox.db-wal");
        let tip_file = dir.join("outbox.tip");
        let ballast_file = dir.join("ballast");
        refuse_others(dir)?;
        tell_open_folder(dir);
        let left_over = is_left_over(dir);
        for file in [&file, &log_file, &mark_file, &tip_file, &ballast_file] {
            close_to_others(file);
        }
        let mut beside = MarkFile::read(&mark_file);
        if let (Some(beside), Some(tip)) = (&mut beside, Tip::read(&tip_file)) {
            beside.raise(&tip);
        }
        let numbering = beside.as_ref().map(|beside| beside.mark);
        let mut marked = beside.unwrap_or_default();
        let log_lost = marked.given.is_open(marked.mark.epoch) && !log_file.exists();
        let mut why = None;
        let mut opened = match Opened::unless_noted(dir, &file, &log_file, numbering) {
            Err(error @ (StoreError::NoDatabase(_) | StoreError::Damaged(_))) => {
                why = Some(error.to_string());
                set_aside(&file, &unfinished(&file), now)?;
                damage::forget(dir)?;
                Opened::at(&file, None)?
            }
            other => other?,
        };
        let aside = unfinished(&file);
        let remains: Vec<Remains> = aside.iter().map(|it| Remains::of(it, max_bytes)).collect();
        let aside = (&*aside, &*remains);
        let (mark, reason) = if opened.found.epoch == 0 && !remains.is_empty() {
            let marked = (&mut marked, numbering, &*mark_file);
            (begin_salvage(&mut opened.connection, aside, marked)?, EpochReason::Damaged)
        } else {
            // What stands beside no database belonged to one, and its first epoch at least was used.
            let gone = (left_over && !opened.existed).then_some(Mark { epoch: 1, next_row: 1 });
            choose_epoch(opened.existed.then_some(opened.found), numbering.or(gone), log_lost)
        };
        let mut lost = 0;
        if !matches!(reason, EpochReason::Continued | EpochReason::Damaged) {
            let before = opened.before(marked.given.clone(), mark, reason);
            marked.mark = mark;
            marked.given.begin(mark.epoch);
            // Durable beside the database first: an epoch is never used twice.
            marked.write(&mark_file)?;
            lost = begin_epoch(&mut opened.connection, mark, &before)?;
        }
        if reason != EpochReason::Continued {
            opened.streams.values_mut().for_each(|stream| stream.next = 1);
        }
        let salvaging = resume(&opened.connection, &file, aside, &marked.given)?;
        let next = opened.streams.iter().map(|(class, stream)| (*class, stream.next)).collect();
        let here = Doubt { row: mark.next_row - 1, next };
        let doubt = here.begin(&mut opened.connection, reason == EpochReason::Continued)?;
        let delivered = Delivered::read(&opened.connection, mark.epoch)?;
        let renumbering = Renumbering::read(&opened.connection)?;
        let mut sent = Sent::read(&opened.connection, mark.next_row - 1)?;
        sent.held = renumbering.is_some();
        let ballast = Ballast::new(ballast_file);
        let loaded = ballast.load();
        if let Err(error) = &loaded {
            tracing::warn!(
                "the ballast, {BALLAST} kept back for a full disk, cannot be made: {error}"
            );
        }
        let mut store = Self {
            connection: opened.connection,
            log_file,
            mark_file,
            ballast,
            ballast_on_board: loaded.is_ok(),
            disk_is_full: loaded.as_ref().is_err_and(is_no_room),
            full_is_told: false,
            kept: BTreeMap::new(),
            totals: BTreeMap::new(),
            stays: None,
            stock: StockWrites::default(),
            max_bytes,
            epoch: mark.epoch,
            next_row: mark.next_row,
            streams: opened.streams,
            tallies: BTreeMap::new(),
            counters: StoreCounters::default(),
            marked,
            unmarked: 0,
            tip: Tip::open(&tip_file),
            damage: Damage::none(dir),
            whereabouts: Whereabouts::of(&file, &dir.join("outbox.db-wal")),
            journal: opened.journal,
            sent,
            salvaging,
            doubt: Some(doubt),
            delivered,
            taken: None,
            renumbering,
        };
        let salvage = store.salvage_at_open(why, &mut lost)?;
        let (backlog, newest) = (store.backlog(), store.newest());
        Ok((store, OpenReport { epoch: mark.epoch, reason, backlog, newest, salvage, lost }))
    }
}

/// A database that could be opened, locked and read.
struct Opened {
    connection: Connection,
    existed: bool,
    /// The numbering that it remembers.
    found: Mark,
    streams: BTreeMap<Class, Stream>,
    journal: Journal,
}

impl Opened {
    /// As [`Self::at`], but a database that the last run found damaged, or whose log is, is only locked and given up.
    /// `mark` is how far numbering is known to have come.
    fn unless_noted(
        dir: &Path,
        file: &Path,
        log: &Path,
        mark: Option<Mark>,
    ) -> Result<Self, StoreError> {
        if damage::is_noted(dir) && file.exists() {
            lock_only(file)?;
            return Err(StoreError::NoDatabase("the last run met damage in it"));
        }
        // SQLite would drop what stands behind, and say nothing. Looked at again under the lock: another agent may
        // be writing.
        let end = log::end_of(log);
        if file.exists() && end == log::End::Broken {
            lock_only(file)?;
            if log::end_of(log) == log::End::Broken {
                return Err(StoreError::NoDatabase("its log is damaged"));
            }
        }
        damage::forget(dir)?;
        Self::at(file, mark.filter(|_| end == log::End::Torn))
    }

    /// `most`: where the log ends in the middle of a commit, how far numbering came before that. One that is behind
    /// is given up: no power cut takes what was accepted.
    fn at(file: &Path, most: Option<Mark>) -> Result<Self, StoreError> {
        schema::inspect(file)?;
        make_file(file)?;
        let mut connection = connect(file)?;
        let version = schema::recheck(file, &connection)?;
        if let Some(most) = most
            && (version.is_none() || stored_mark(&connection)?.is_before(most))
        {
            keep_log(&connection)?;
            return Err(StoreError::NoDatabase("its log is damaged"));
        }
        match version {
            Some(version) => schema::migrate(&mut connection, version)?,
            None => schema::create(&mut connection)?,
        }
        sync_folder(file)?;
        Self::read(connection, version.is_some())
    }

    fn read(connection: Connection, existed: bool) -> Result<Self, StoreError> {
        let found = stored_mark(&connection)?;
        let streams = read_streams(&connection)?;
        let journal = Journal::read(&connection)?;
        Ok(Self { connection, existed, found, streams, journal })
    }

    /// What is known of the numbers given out before the epoch of `mark`.
    fn before(&self, given: Given, mark: Mark, reason: EpochReason) -> Before {
        let last = mark.epoch.saturating_sub(1);
        match reason {
            EpochReason::First | EpochReason::Continued | EpochReason::Damaged => Before::default(),
            EpochReason::Recreated => Before::lost(given, last),
            EpochReason::Behind => {
                let next = self.streams.iter().map(|(class, stream)| (*class, stream.next));
                let whole = Due { epoch: self.found.epoch, next: next.collect() };
                Before::behind(given, whole, last)
            }
        }
    }
}

/// Makes sure that the file is ours and nobody else's, and leaves it and its log as they are.
pub(super) fn lock_only(file: &Path) -> Result<(), StoreError> {
    schema::inspect(file)?;
    let connection = connect(file)?;
    keep_log(&connection)
}

/// Or closing would play the log back as far as it is whole, and throw it away.
fn keep_log(connection: &Connection) -> Result<(), StoreError> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    Ok(())
}

/// Opens and locks the file, with the settings of the module's documentation.
pub(super) fn connect(file: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let set_up = || -> Result<Connection, rusqlite::Error> {
        let connection = Connection::open_with_flags(file, flags)?;
        connection.busy_timeout(Duration::ZERO)?;
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        // Before the first table, or it has no effect.
        connection.pragma_update(None, "page_size", STORE_PAGE_BYTES)?;
        connection.pragma_update(None, "auto_vacuum", "NONE")?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "wal_autocheckpoint", STORE_WAL_PAGES)?;
        connection.pragma_update(None, "cache_size", -i64::from(STORE_CACHE_KIB))?;
        connection.execute_batch("BEGIN IMMEDIATE; COMMIT")?;
        Ok(connection)
    };
    set_up().map_err(|error| match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            StoreError::Busy(file.to_owned())
        }
        _ => error.into(),
    })
}

pub(super) fn counter(connection: &Connection, key: i64) -> Result<Option<i64>, rusqlite::Error> {
    let sql = "SELECT value FROM counter WHERE key = ?1";
    connection.query_row(sql, params![key], |row| row.get(0)).optional()
}

/// The numbering that the database remembers; never behind its own rows.
fn stored_mark(connection: &Connection) -> Result<Mark, StoreError> {
    let epoch = counter(connection, EPOCH)?.unwrap_or(0);
    let next_row = counter(connection, NEXT_ROW)?.unwrap_or(1);
    let sql = "SELECT coalesce(max(id), 0) FROM outbox";
    let last: i64 = connection.query_row(sql, [], |row| row.get(0))?;
    Ok(Mark {
        epoch: u32::try_from(epoch).unwrap_or(0),
        next_row: next_row.max(last.saturating_add(1)),
    })
}

/// Numbering and backlog of each class. Reads no payload.
pub(super) fn read_streams(
    connection: &Connection,
) -> Result<BTreeMap<Class, Stream>, rusqlite::Error> {
    let mut streams: BTreeMap<Class, Stream> =
        Class::ALL.into_iter().map(|class| (class, Stream::NEW)).collect();
    for (class, stream) in &mut streams {
        if let Some(next) = counter(connection, class_number(*class))? {
            stream.next = u64::try_from(next).unwrap_or(1);
        }
    }
    let sql = "SELECT id, class, count, length(payload) FROM outbox";
    let mut select = connection.prepare(sql)?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        // A damaged row may hold anything; it is found and put aside when it is read to be sent.
        let class = row.get(1).ok().and_then(class_of).unwrap_or(Class::Ops);
        let records = row.get(2).unwrap_or(0_u32).into();
        let bytes = row.get(3).unwrap_or(0_u32).into();
        if let Some(stream) = streams.get_mut(&class) {
            stream.add(Size { id: row.get(0)?, records, bytes });
        }
    }
    Ok(streams)
}
