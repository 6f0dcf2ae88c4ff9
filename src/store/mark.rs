//! The high-water mark: a small file beside the database that says how far numbering had come.
//!
//! A database that was deleted, or put back from an old copy, would give numbers out again that the cloud has
//! seen with other contents. The mark is at most [`limits::STORE_MARK_COMMITS`](crate::limits) commits behind;
//! a database behind the mark therefore lost something, and gets a new epoch.
//!
//! One line, `epoch next_row checksum` in decimal, replaced as a whole: written aside, synced, renamed, and
//! the folder synced. A mark that cannot be read counts as absent.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use crc::{CRC_32_ISCSI, Crc};

use super::error::{StoreError, file_error};

const CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);

/// How far numbering had come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    pub epoch: u32,
    pub next_row: i64,
}

impl Mark {
    /// The mark in `file`, if there is a readable one.
    pub(super) fn read(file: &Path) -> Option<Self> {
        Self::parse(&fs::read_to_string(file).ok()?)
    }

    /// Replaces the mark durably.
    pub(super) fn write(self, file: &Path) -> Result<(), StoreError> {
        let aside = file.with_extension("tmp");
        let mut open = File::create(&aside).map_err(file_error(&aside))?;
        open.write_all(self.render().as_bytes()).map_err(file_error(&aside))?;
        open.sync_all().map_err(file_error(&aside))?;
        fs::rename(&aside, file).map_err(file_error(file))?;
        sync_folder(file)
    }

    fn render(self) -> String {
        let numbers = format!("{} {}", self.epoch, self.next_row);
        let checksum = CRC.checksum(numbers.as_bytes());
        format!("{numbers} {checksum}\n")
    }

    fn parse(text: &str) -> Option<Self> {
        let (numbers, checksum) = text.trim_end().rsplit_once(' ')?;
        if checksum.parse() != Ok(CRC.checksum(numbers.as_bytes())) {
            return None;
        }
        let (epoch, next_row) = numbers.split_once(' ')?;
        Some(Self { epoch: epoch.parse().ok()?, next_row: next_row.parse().ok()? })
    }
}

/// Makes the names in the folder of `file` durable.
pub(super) fn sync_folder(file: &Path) -> Result<(), StoreError> {
    let Some(folder) = file.parent() else { return Ok(()) };
    File::open(folder).and_then(|open| open.sync_all()).map_err(file_error(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_reads_back_as_written() {
        let mark = Mark { epoch: 3, next_row: 12_345 };
        assert_eq!(Mark::parse(&mark.render()), Some(mark));
    }

    #[test]
    fn a_torn_or_changed_mark_is_no_mark() {
        let text = Mark { epoch: 3, next_row: 12_345 }.render();
        for cut in 0..text.len() - 1 {
            assert_eq!(Mark::parse(&text[..cut]), None, "cut at {cut}");
        }
        assert_eq!(Mark::parse(&text.replace("12345", "12346")), None);
    }
}
