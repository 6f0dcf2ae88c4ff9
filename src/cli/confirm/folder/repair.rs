//! Makes damaged files whole again: what of them can be read, and what is known to be missing.
//!
//! # Invariants
//! - A damaged file is kept as it is, with the ending `damaged`; the repaired one takes its name in one step.
//! - What a watermark had covered and cannot be read is written down as such: it stays lost until it comes again, and
//!   the watermark does not go back. What none had covered is still with its gateway, and comes again.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use super::{Damage, FolderError, at, files, lock, replay, write_beginning, write_entry};
use crate::ledger::{Entry, Kind, Tally};
use crate::limits::LEDGER_ASIDE;

/// A file that was repaired.
#[derive(Debug)]
pub struct Repaired {
    /// Its name.
    pub file: PathBuf,
    /// What it was before.
    pub aside: PathBuf,
    /// Bytes that were not understood.
    pub bytes: u64,
    /// Numbers that a watermark had covered and that cannot be read, as entries.
    pub missing: Vec<Entry>,
}

/// Repairs all damaged files of a folder, and says which.
///
/// # Errors
/// When the folder is in use, cannot be read or written, or was written by a newer version.
pub fn repair(folder: &Path) -> Result<Vec<Repaired>, FolderError> {
    let _lock = lock(folder)?;
    let (mut known, mut repaired) = (Tally::default(), Vec::new());
    let files = files(folder)?;
    let count = files.len();
    for (nth, (number, file)) in files.into_iter().enumerate() {
        let mut after = known.clone();
        let read = replay(&file, |entry, _| after.merge(entry))?;
        if let Some(Damage { bytes, .. }) = read.damage_of(number, nth + 1 == count) {
            let missing: Vec<_> = after.damaged().collect();
            let aside = rewrite(folder, &file, known, &missing)?;
            missing
                .iter()
                .try_for_each(|entry| after.merge(entry))
                .map_err(|source| FolderError::Entry { file: file.clone(), at: 0, source })?;
            repaired.push(Repaired { file, aside, bytes, missing });
        }
        known = after;
    }
    Ok(repaired)
}

/// Puts a file in the place of a damaged one, which begins with all that was `known`; the damaged one's new name.
fn rewrite(
    folder: &Path,
    file: &Path,
    mut known: Tally,
    missing: &[Entry],
) -> Result<PathBuf, FolderError> {
    replay(file, |entry, _| match entry.head.kind {
        Kind::Stream => known.merge(entry),
        _ => Ok(()),
    })?;
    let next = folder.join("next.tmp");
    let mut out = BufWriter::new(File::create(&next).map_err(at(&next))?);
    let mut written = write_beginning(&mut out, &known);
    replay(file, |entry, _| {
        if written.is_ok() && entry.head.kind != Kind::Stream {
            written = write_entry(&mut out, entry);
        }
        Ok(())
    })?;
    let done = written.and_then(|()| {
        missing.iter().try_for_each(|entry| write_entry(&mut out, entry))?;
        out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        let aside = put_aside(file)?;
        fs::rename(&next, file)?;
        File::open(folder)?.sync_all()?;
        Ok(aside)
    });
    done.map_err(at(file))
}

/// Gives a file a second name, or copies it where there are none.
fn put_aside(file: &Path) -> io::Result<PathBuf> {
    let endings = (1..=LEDGER_ASIDE).map(|nth| match nth {
        1 => "damaged".to_owned(),
        _ => format!("damaged-{nth}"),
    });
    let free = endings.map(|ending| file.with_extension(ending)).find(|path| !path.exists());
    let path = free.ok_or(io::ErrorKind::AlreadyExists)?;
    if fs::hard_link(file, &path).is_err() {
        fs::copy(file, &path)?;
        File::open(&path)?.sync_all()?;
    }
    Ok(path)
}
