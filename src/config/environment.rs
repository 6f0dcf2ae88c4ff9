//! What a configuration's check has to know of the machine, behind a trait so that the check itself is pure.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};
use rustix::io::Errno;

use crate::clock::Clock;
use crate::spanned::Fault;
use crate::time::UtcMs;

/// Where dialect files are looked for by their id.
pub const DIALECT_DIR: &str = "/etc/tillgate/dialects";

/// Where systemd puts the service's credentials; for a check that systemd did not start.
pub const CREDENTIALS_DIR: &str = "/run/credentials/tillgate.service";

/// What the check asks of the machine.
pub trait Environment {
    /// Whether there is something at `path`.
    fn exists(&self, path: &Path) -> bool;

    /// A file of at most `limit` bytes.
    ///
    /// # Errors
    /// As the system words them; `FileTooLarge` for a longer one.
    fn bytes(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>>;

    /// The text of a file of at most `limit` bytes.
    ///
    /// # Errors
    /// As [`Self::bytes`]; `InvalidData` for a file that is not UTF-8.
    fn read(&self, path: &Path, limit: usize) -> io::Result<String> {
        let bytes = self.bytes(path, u64::try_from(limit).unwrap_or(u64::MAX))?;
        String::from_utf8(bytes).map_err(|error| {
            let good = error.utf8_error().valid_up_to();
            let line = 1 + error.as_bytes().iter().take(good).filter(|b| **b == b'\n').count();
            io::Error::new(ErrorKind::InvalidData, format!("line {line} is not UTF-8"))
        })
    }

    /// Whether files can be written below `path`, or it could be made.
    fn folder(&self, path: &Path) -> Folder;

    /// The time, for what is valid until then.
    fn now(&self) -> UtcMs;

    /// systemd's credentials directory, if this process has one.
    fn credentials(&self) -> Option<PathBuf>;

    /// Whether the time zone database has `name`.
    fn knows_time_zone(&self, name: &str) -> bool;

    /// All names of the time zone database, for a hint.
    fn time_zones(&self) -> Vec<String>;
}

/// What a folder is to the user of this process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Folder {
    /// It can be written, or made.
    Usable,
    /// It can be written, but is there with a mode that lets other users in.
    Shared(u32),
    /// Its file system is mounted read-only.
    ReadOnly,
    /// It cannot.
    Closed,
    /// This is no folder, and should be.
    InTheWay(PathBuf),
}

/// A file that cannot be read, and what to do about it. `file` is how the message calls it.
pub fn unreadable(file: &str, error: &io::Error) -> Fault {
    let fault = Fault::new(format!("{file} cannot be read: {error}"));
    match error.kind() {
        ErrorKind::PermissionDenied => fault.hint("run this as root, or as the service's user"),
        ErrorKind::IsADirectory => fault.hint("this is a folder: name a file in it"),
        ErrorKind::InvalidData => fault.hint("save it as UTF-8"),
        ErrorKind::FileTooLarge => {
            fault.hint("is it the right file? None of its kind is that long")
        }
        ErrorKind::NotFound => fault.hint("is the name right, and the file in its place?"),
        _ => fault,
    }
}

/// This machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct System;

impl Environment for System {
    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }

    fn bytes(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(path)?.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limit {
            let why = format!("it is longer than {limit} bytes");
            return Err(io::Error::new(ErrorKind::FileTooLarge, why));
        }
        Ok(bytes)
    }

    fn folder(&self, path: &Path) -> Folder {
        // What is not there yet is made in the nearest folder above.
        for at in path.ancestors() {
            let mode = match fs::metadata(at) {
                Ok(found) if !found.is_dir() => return Folder::InTheWay(at.to_owned()),
                Ok(found) => found.permissions().mode() & 0o777,
                Err(error) if is_absent(error.kind()) => continue,
                Err(_) => return Folder::Closed,
            };
            return match access(at, Access::WRITE_OK | Access::EXEC_OK) {
                Ok(()) if at == path && mode & 0o077 != 0 => Folder::Shared(mode),
                Ok(()) => Folder::Usable,
                Err(Errno::ROFS) => Folder::ReadOnly,
                Err(_) => Folder::Closed,
            };
        }
        Folder::Closed
    }

    fn now(&self) -> UtcMs {
        Clock::start().now().wall
    }

    fn credentials(&self) -> Option<PathBuf> {
        std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from)
    }

    fn knows_time_zone(&self, name: &str) -> bool {
        jiff::tz::db().get(name).is_ok()
    }

    fn time_zones(&self) -> Vec<String> {
        jiff::tz::db().available().map(|name| name.as_str().to_owned()).collect()
    }
}

fn is_absent(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound | ErrorKind::NotADirectory)
}
