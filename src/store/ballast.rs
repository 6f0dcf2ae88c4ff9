//! Ballast: a file of known size that is thrown overboard when the disk is full.
//!
//! With a write-ahead log even a DELETE needs room, so a full disk would stop the very thing that frees it.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::place::private;
use crate::limits::STORE_BALLAST_BYTES;

/// How messages call its size.
pub(super) const BALLAST: &str = "1 MiB";
const _: () = assert!(STORE_BALLAST_BYTES == 1 << 20);

/// The file, on board or not.
#[derive(Debug)]
pub(super) struct Ballast {
    file: PathBuf,
}

impl Ballast {
    pub(super) fn new(file: PathBuf) -> Self {
        Self { file }
    }

    /// Takes ballast on board unless it is there; what the system said when there is no room for it.
    pub(super) fn load(&self) -> io::Result<()> {
        let size = fs::metadata(&self.file).map(|meta| meta.len());
        if size.is_ok_and(|bytes| bytes == STORE_BALLAST_BYTES) {
            return Ok(());
        }
        let written = write(&self.file);
        if written.is_err() {
            self.drop();
        }
        written
    }

    /// Throws it overboard; false when there was none.
    pub(super) fn drop(&self) -> bool {
        fs::remove_file(&self.file).is_ok()
    }
}

fn write(file: &Path) -> io::Result<()> {
    let mut open = private(file)?;
    // Not zeros: some file systems store those as holes, which free nothing.
    let block = [0xa5; 4096];
    for _ in 0..STORE_BALLAST_BYTES / 4096 {
        open.write_all(&block)?;
    }
    open.sync_all()
}
