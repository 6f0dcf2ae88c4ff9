//! What a configuration's check has to know of the machine, behind a trait so that the check itself is pure.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// Where dialect files are looked for by their id.
pub const DIALECT_DIR: &str = "/etc/tillgate/dialects";

/// Where systemd puts the service's credentials; for a check that systemd did not start.
pub const CREDENTIALS_DIR: &str = "/run/credentials/tillgate.service";

/// What the check asks of the machine.
pub trait Environment {
    /// Whether there is something at `path`.
    fn exists(&self, path: &Path) -> bool;

    /// The text of a file of at most `limit` bytes.
    ///
    /// # Errors
    /// As the system words them; `InvalidData` for a file that is too long or not UTF-8.
    fn read(&self, path: &Path, limit: usize) -> io::Result<String>;

    /// systemd's credentials directory, if this process has one.
    fn credentials(&self) -> Option<PathBuf>;

    /// Whether the time zone database has `name`.
    fn knows_time_zone(&self, name: &str) -> bool;

    /// All names of the time zone database, for a hint.
    fn time_zones(&self) -> Vec<String>;
}

/// This machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct System;

impl Environment for System {
    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }

    fn read(&self, path: &Path, limit: usize) -> io::Result<String> {
        let mut bytes = Vec::new();
        let bound = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        File::open(path)?.take(bound).read_to_end(&mut bytes)?;
        let refuse = |why: String| io::Error::new(io::ErrorKind::InvalidData, why);
        if bytes.len() > limit {
            return Err(refuse(format!("it is longer than {limit} bytes")));
        }
        String::from_utf8(bytes).map_err(|error| {
            let good = error.utf8_error().valid_up_to();
            let line = 1 + error.as_bytes().iter().take(good).filter(|b| **b == b'\n').count();
            refuse(format!("line {line} is not UTF-8"))
        })
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
