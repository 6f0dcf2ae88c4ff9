//! Damage met while the store is open: noted in an empty file beside the database, so that the next opening
//! salvages what opening alone would not find damaged (payloads lie on pages that it does not read).
//!
//! The note goes once the database is set aside. Where it cannot be written there is only the old way: what
//! cannot be read stays unread, and the caller hears of it each time.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};

use super::error::{StoreError, file_error};
use super::mark::sync_folder;
use super::place::private;

/// Whether damage was met, and the file that says so.
#[derive(Debug)]
pub(super) struct Damage {
    note: PathBuf,
    met: Cell<bool>,
}

impl Damage {
    /// None was met since the store was opened in `dir`.
    pub(super) fn none(dir: &Path) -> Self {
        Self { note: note(dir), met: Cell::new(false) }
    }

    pub(super) fn was_met(&self) -> bool {
        self.met.get()
    }

    /// Notes the damage that a result speaks of, and hands the result on.
    pub(super) fn watch<T>(&self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        if matches!(result, Err(StoreError::Damaged(_))) && !self.met.replace(true) {
            let written = private(&self.note).and_then(|note| note.sync_all());
            // See the module's documentation.
            let _ = written.map(|()| sync_folder(&self.note));
        }
        result
    }
}

/// Whether the last run noted damage in `dir`.
pub(super) fn is_noted(dir: &Path) -> bool {
    note(dir).exists()
}

/// Forgets the note: the damaged database is set aside.
pub(super) fn forget(dir: &Path) -> Result<(), StoreError> {
    let note = note(dir);
    match fs::remove_file(&note) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(file_error(&note)(error)),
        _ => sync_folder(&note),
    }
}

fn note(dir: &Path) -> PathBuf {
    dir.join("outbox.damaged")
}
