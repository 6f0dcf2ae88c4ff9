//! The beginning of an epoch: with a database that is new or behind, or with one that takes over what others left.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, Transaction, params};
use tillgate_events::Class;

use super::aside::{beside, finished};
use super::epoch::epoch_after;
use super::error::StoreError;
use super::given::Given;
use super::image::{Image, Place};
use super::leaves::Whole;
use super::lost::{Before, Due};
use super::mark::{Mark, MarkFile};
use super::remains::Remains;
use super::salvage::{Bounds, Progress, Salvaging};
use super::schema::{EPOCH, NEXT_ROW, SENT, class_number};

/// Starts all classes at 1 under the new epoch. Rows of older epochs stay and go out under theirs; what is lost of
/// them is written down, and counted.
pub(super) fn begin_epoch(
    connection: &mut Connection,
    mark: Mark,
    before: &Before,
) -> Result<u64, StoreError> {
    let transaction = connection.transaction()?;
    let lost = before.record(&transaction)?;
    number(&transaction, mark)?;
    transaction.commit()?;
    Ok(lost)
}

fn number(transaction: &Transaction<'_>, mark: Mark) -> Result<(), rusqlite::Error> {
    let sql = "INSERT OR REPLACE INTO counter (key, value) VALUES (?1, ?2)";
    let mut put = transaction.prepare(sql)?;
    put.execute(params![EPOCH, i64::from(mark.epoch)])?;
    put.execute(params![NEXT_ROW, mark.next_row])?;
    // Of rows that stay nobody knows whether they were sent.
    put.execute(params![SENT, mark.next_row - 1])?;
    for class in Class::ALL {
        put.execute(params![class_number(class), 1_i64])?;
    }
    Ok(())
}

/// Begins the epoch after those of the files set aside, with what a start needs of them, and with the note that they
/// are to be taken over. `marked` becomes the mark, which is durable first: an epoch is never used twice.
pub(super) fn begin_salvage(
    connection: &mut Connection,
    (aside, remains): (&[PathBuf], &[Remains]),
    marked: (&mut MarkFile, Option<Mark>, &Path),
) -> Result<Mark, StoreError> {
    let (file, beside, path) = marked;
    let mark = epoch_after(known(aside, remains, beside.is_some()), beside);
    // Commits behind a broken frame of the log: SQLite reads nothing of them.
    let (epoch, row) = most(aside.iter().map(|it| looked_up(it, Image::log_place)));
    let mark =
        Mark { epoch: mark.epoch.max(epoch.saturating_add(1)), next_row: mark.next_row.max(row) };
    file.mark = mark;
    file.given.begin(mark.epoch);
    file.write(path)?;
    let transaction = connection.transaction()?;
    number(&transaction, mark)?;
    Progress::default().write(&transaction)?;
    Bounds { epoch: mark.epoch, row: mark.next_row }.write(&transaction)?;
    for remains in remains {
        remains.restore(&transaction)?;
    }
    transaction.commit()?;
    Ok(mark)
}

/// The salvage that goes on in this database.
pub(super) fn resume(
    connection: &Connection,
    file: &Path,
    (aside, remains): (&[PathBuf], &[Remains]),
    given: &Given,
) -> Result<Option<Salvaging>, StoreError> {
    let Some((at, bounds)) = Progress::read(connection)? else {
        // What the note names is taken over.
        finished(file)?;
        return Ok(None);
    };
    let due: Vec<Due> = remains.iter().filter_map(|remains| remains.due.clone()).collect();
    let before = Before::damaged(given.clone(), &due, bounds.epoch.saturating_sub(1));
    Ok(Some(Salvaging::new(file, aside.to_vec(), (at, bounds), before)))
}

/// The highest epoch of the files and the row due next. Where neither they nor the mark can say so, all their pages
/// are looked at: that takes as long as it takes, and is the only way not to use an epoch twice.
fn known(aside: &[PathBuf], remains: &[Remains], has_mark: bool) -> Option<(u32, i64)> {
    let said = remains.iter().map(|it| it.due.as_ref().map(|due| due.epoch).zip(it.next_row));
    let all = said.clone().collect::<Option<Vec<_>>>();
    if all.is_none() && !has_mark {
        let looked_up = aside.iter().map(|file| looked_up(file, |_| Place::default()));
        return Some(most(said.flatten().chain(looked_up)));
    }
    all.map(|all| most(all.into_iter()))
}

fn most(all: impl Iterator<Item = (u32, i64)>) -> (u32, i64) {
    all.fold((0, 0), |a, b| (a.0.max(b.0), a.1.max(b.1)))
}

/// The highest epoch of a row, and the row after the last, by all pages from a place on.
fn looked_up(file: &Path, from: impl Fn(&Image) -> Place) -> (u32, i64) {
    let Ok(image) = Image::open(file, &beside(file, "-wal")) else { return (0, 0) };
    let (mut most, mut place, mut found) = ((0, 0), Some(from(&image)), Vec::new());
    while let Some(from) = place {
        place = image.some(from, &mut found);
        for whole in found.drain(..) {
            if let Whole::Row(row) = whole {
                most = (row.epoch.max(most.0), row.id.0.saturating_add(1).max(most.1));
            }
        }
    }
    most
}
