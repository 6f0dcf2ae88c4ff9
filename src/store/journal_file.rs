//! The journal of a database that another process may have open: read from a copy, so that nothing of it is touched.
//!
//! The agent locks its database exclusively, and even a reader of a closed one would write beside it. So the file
//! and its log are copied into a folder of their own, and the copy is opened. Only a checkpoint changes the file, and
//! then its time or the log's header changes too: such a copy is thrown away and made again. What is appended to the
//! log meanwhile is cut off by the log's own checksums.

use std::fs::{self, DirBuilder, File};
use std::io::Read as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rusqlite::{Connection, OpenFlags};

use super::error::{StoreError, file_error};
use super::journal::{JournalDocument, documents};
use super::schema;
use crate::limits;
use crate::time::UtcMs;

/// Length of the log's header, which changes when the log begins anew.
const LOG_HEADER: u64 = 32;

/// The documents in the journal of the database `file` that were written to since `since`: by device, each device's
/// in their order. The file is only read, whoever has it open.
///
/// # Errors
/// [`StoreError::Refuse`] when it is no database of ours or has no journal yet; [`StoreError::Busy`] when it changed
/// whenever it was copied.
pub fn read_journal(file: &Path, since: UtcMs) -> Result<Vec<JournalDocument>, StoreError> {
    with_copy(file, |connection, version| {
        if version < schema::WITH_JOURNAL {
            let reason = "it has no journal yet: this version of the agent has not run on it";
            return Err(too_old(file, reason));
        }
        documents(connection, since)
    })
}

/// A database that an earlier version wrote, and none that knows of this.
pub(super) fn too_old(file: &Path, reason: &str) -> StoreError {
    let hint = "start the agent once: it brings the database up to date";
    StoreError::Refuse { file: file.to_owned(), reason: reason.to_owned(), hint }
}

/// Calls `read` with a copy of the database `file` and the version of its schema, 0 where it has none.
pub(super) fn with_copy<T>(
    file: &Path,
    read: impl FnOnce(&Connection, u32) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    schema::inspect(file)?;
    let folder = Folder::new()?;
    let copy = folder.0.join("copy.db");
    let log = |file: &Path| {
        let mut name = file.as_os_str().to_owned();
        name.push("-wal");
        PathBuf::from(name)
    };
    for _ in 0..limits::JOURNAL_COPIES {
        let before = state(file, &log(file))?;
        fs::copy(file, &copy).map_err(file_error(file))?;
        match fs::copy(log(file), log(&copy)) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            other => drop(other.map_err(file_error(file))?),
        }
        if state(file, &log(file))? == before {
            let connection = open(&copy)?;
            let version = schema::recheck(file, &connection)?.unwrap_or_default();
            return read(&connection, version);
        }
    }
    Err(StoreError::Busy(file.to_owned()))
}

fn open(copy: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(copy, flags)?;
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    Ok(connection)
}

/// What a checkpoint changes.
type State = (SystemTime, u64, Vec<u8>);

fn state(file: &Path, log: &Path) -> Result<State, StoreError> {
    let meta = fs::metadata(file).map_err(file_error(file))?;
    let mut header = Vec::new();
    if let Ok(log) = File::open(log) {
        log.take(LOG_HEADER).read_to_end(&mut header).map_err(file_error(file))?;
    }
    Ok((meta.modified().map_err(file_error(file))?, meta.len(), header))
}

/// A folder for this user alone that goes with this value.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self, StoreError> {
        let temporary = std::env::temp_dir();
        for number in 0..u32::from(u16::MAX) {
            let path = temporary.join(format!("tillgate-{}-{number}", std::process::id()));
            match DirBuilder::new().mode(0o700).create(&path) {
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                other => return other.map(|()| Self(path.clone())).map_err(file_error(&path)),
            }
        }
        Err(StoreError::Busy(temporary))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What stays behind is for its user alone.
        let _ = fs::remove_dir_all(&self.0);
    }
}
