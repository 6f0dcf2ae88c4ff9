//! Damaged databases under another name, and the note of what is still to be taken over from them.
//!
//! # Invariants
//! - Nothing of a damaged file is thrown away before [`STORE_DAMAGED_FILES`] later ones stand beside it, nor before its
//!   salvage is at its end.
//! - The note is durable before the file is renamed: a crash at any moment leaves the file where the next start finds
//!   it.
//!
//! The log is renamed before the database: a log that stood alone would be played into the new one.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::error::{StoreError, file_error};
use super::mark::sync_folder;
use super::place::private;
use crate::limits::STORE_DAMAGED_FILES;
use crate::order;
use crate::time::UtcMs;

/// Renames a damaged database and its log to `<name>.damaged-<utc>`, notes that it is to be salvaged, and forgets the
/// oldest such files. `due` are files whose salvage is not at its end.
pub(super) fn set_aside(file: &Path, due: &[PathBuf], now: UtcMs) -> Result<(), StoreError> {
    let mut moments = (now.0..).map(UtcMs);
    let aside =
        moments.by_ref().map(|moment| named(file, "damaged", moment)).find(|it| !it.exists());
    let aside = aside.unwrap_or_else(|| named(file, "damaged", now));
    let all: Vec<PathBuf> = due.iter().chain([&aside]).cloned().collect();
    note(file, &all)?;
    let log = beside(file, "-wal");
    if log.exists() {
        fs::rename(&log, beside(&aside, "-wal")).map_err(file_error(&log))?;
    }
    fs::rename(file, &aside).map_err(file_error(file))?;
    sync_folder(file)?;
    forget_oldest(file, &all);
    Ok(())
}

/// The name of a file that had to give way: why, and when.
pub(super) fn named(file: &Path, why: &str, moment: UtcMs) -> PathBuf {
    let moment: String = moment.to_string().chars().filter(|c| !matches!(c, ':' | '-')).collect();
    beside(file, &format!(".{why}-{moment}"))
}

/// Says which files are being salvaged, until [`finished`]: a name a line, the oldest first.
fn note(file: &Path, all: &[PathBuf]) -> Result<(), StoreError> {
    let note = beside(file, ".salvaging");
    let names = all.iter().filter_map(|it| it.file_name()?.to_str());
    let text = names.collect::<Vec<_>>().join("\n");
    let aside = beside(file, ".salvaging-new");
    let write = || {
        let mut open = private(&aside)?;
        open.write_all(text.as_bytes())?;
        open.sync_all()?;
        fs::rename(&aside, &note)
    };
    write().map_err(file_error(&note))?;
    sync_folder(file)
}

/// The files whose salvage is not at its end, the oldest first. What is not there, or no name of ours, is left out.
pub(super) fn unfinished(file: &Path) -> Vec<PathBuf> {
    let names = fs::read_to_string(beside(file, ".salvaging")).unwrap_or_default();
    let known = beside(file, ".damaged-");
    let known = known.file_name().and_then(|it| it.to_str()).unwrap_or_default();
    let ours = names.lines().filter(|name| name.starts_with(known) && !name.contains('/'));
    ours.map(|name| file.with_file_name(name)).filter(|it| it.exists()).collect()
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

/// The file of this name with something appended.
pub(super) fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Removes all but the newest files and those still needed. They are for people: what fails here hinders nobody.
fn forget_oldest(file: &Path, needed: &[PathBuf]) {
    let prefix = beside(file, ".damaged-");
    let Some(folder) = file.parent().and_then(|folder| fs::read_dir(folder).ok()) else { return };
    let paths = folder.filter_map(|entry| Some(entry.ok()?.path()));
    let is_one = |path: &PathBuf| {
        let name = path.as_os_str().as_encoded_bytes();
        name.starts_with(prefix.as_os_str().as_encoded_bytes()) && !name.ends_with(b"-wal")
    };
    // Their names sort by time.
    let mut all: Vec<PathBuf> = paths.filter(is_one).collect();
    order::by_key(&mut all, Clone::clone);
    let surplus = all.len().saturating_sub(STORE_DAMAGED_FILES);
    for old in all.iter().take(surplus).filter(|it| !needed.contains(it)) {
        let _ = fs::remove_file(old);
        let _ = fs::remove_file(beside(old, "-wal"));
    }
}
