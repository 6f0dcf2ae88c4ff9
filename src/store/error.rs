//! What can go wrong in the store, by what the caller does next.

use std::path::PathBuf;

use rusqlite::ErrorCode;
use rusqlite::ffi::SQLITE_IOERR_SHORT_READ as SHORT_READ;
use tillgate_events::Class;

/// An error of the store. No payload ever appears in one.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Exit and try again later: another daemon holds the database.
    #[error("another tillgate holds the database in {0}")]
    Busy(PathBuf),
    /// Exit and leave the file alone: it is not ours, or of a later version.
    #[error("{file} is left untouched: {reason}")]
    Refuse {
        /// Which file.
        file: PathBuf,
        /// Why.
        reason: String,
        /// What to do.
        hint: &'static str,
    },
    /// Salvage: where the database should be is something else.
    #[error("the database is damaged: {0}")]
    NoDatabase(&'static str),
    /// Salvage: the database cannot be read.
    #[error("the database is damaged: {0}")]
    Damaged(#[source] rusqlite::Error),
    /// Keep the records and try again: no room is left, even without the ballast.
    #[error("no room on the disk for the database")]
    Full,
    /// Keep the records and try again: reading or writing failed.
    #[error("the database failed: {0}")]
    Retry(#[source] rusqlite::Error),
    /// Keep the records and try again: a file beside the database failed.
    #[error("{file}: {source}")]
    File {
        /// Which file.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A bug of the caller: nothing of this commit was accepted.
    #[error("{}: sequence {found} follows, {expected} was due", class.name())]
    Sequence {
        /// Of which stream.
        class: Class,
        /// The number that was due.
        expected: u64,
        /// The number that came.
        found: u64,
    },
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        // The file ends in the middle of a page: no disk failed, and trying again reads no more.
        let short = error.sqlite_error().is_some_and(|it| it.extended_code == SHORT_READ);
        match error.sqlite_error_code() {
            _ if short => Self::Damaged(error),
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(error),
            _ => Self::Retry(error),
        }
    }
}

/// Wraps an I/O error with the file it is about.
pub(super) fn file_error(file: &std::path::Path) -> impl FnOnce(std::io::Error) -> StoreError {
    let file = file.to_owned();
    move |source| StoreError::File { file, source }
}
