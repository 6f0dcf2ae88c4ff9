//! The high-water mark: a small file beside the database that says how far numbering had come.
//!
//! A database that was deleted, or put back from an old copy, would give numbers out again that the cloud has
//! seen with other contents. The mark is at most [`limits::STORE_MARK_COMMITS`](crate::limits) commits behind;
//! a database behind the mark therefore lost something, and gets a new epoch. What may be lost is told: the mark
//! names numbers that none was given out beyond.
//!
//! Lines of decimal numbers: `epoch next_row`; then for each epoch that is known, the newest last, `epoch` and for
//! each class in the order of [`Class::ALL`] the number due next and the bound; last a checksum over all before it.
//! A first version had `epoch next_row checksum` only. Replaced as a whole: written aside, synced, renamed, and the
//! folder synced. A mark that cannot be read counts as absent.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use crc::{CRC_32_ISCSI, Crc};
use tillgate_events::Class;

use super::error::{StoreError, file_error};
use super::given::{Given, Reach};
use super::place::private;

const CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);

/// How far numbering had come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    pub epoch: u32,
    pub next_row: i64,
}

impl Mark {
    /// Whether something was given out since.
    pub(super) fn is_before(self, other: Self) -> bool {
        (self.epoch, self.next_row) < (other.epoch, other.next_row)
    }
}

/// All that the file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct MarkFile {
    pub mark: Mark,
    pub given: Given,
}

impl MarkFile {
    /// The mark in `file`, if there is a readable one. Another one is told of.
    pub(super) fn read(file: &Path) -> Option<Self> {
        let found = fs::read_to_string(file).ok().and_then(|text| Self::parse(&text));
        if found.is_none() && file.exists() {
            tracing::error!("{} cannot be read: how far numbers came is not known", file.display());
        }
        found
    }

    /// Takes in what the tip knows beyond it.
    pub(super) fn raise(&mut self, tip: &Self) {
        if self.mark.is_before(tip.mark) {
            self.mark = tip.mark;
        }
        for (epoch, classes) in &tip.given.0 {
            let known = self.given.0.entry(*epoch).or_default();
            for (class, Reach { next, .. }) in classes {
                let reach = known.entry(*class).or_insert(Reach::NONE);
                *reach = reach.at(reach.next.max(*next));
            }
        }
    }

    /// Replaces the mark durably.
    pub(super) fn write(&self, file: &Path) -> Result<(), StoreError> {
        let aside = file.with_extension("tmp");
        let mut open = private(&aside).map_err(file_error(&aside))?;
        open.write_all(self.render().as_bytes()).map_err(file_error(&aside))?;
        open.sync_all().map_err(file_error(&aside))?;
        fs::rename(&aside, file).map_err(file_error(file))?;
        sync_folder(file)
    }

    pub(super) fn render(&self) -> String {
        let mut numbers = format!("{} {}", self.mark.epoch, self.mark.next_row);
        for epoch in self.given.0.keys() {
            numbers += &format!("\n{epoch}");
            for class in Class::ALL {
                let Reach { next, bound } = self.given.reach(*epoch, class).unwrap_or(Reach::NONE);
                numbers += &format!(" {next} {bound}");
            }
        }
        let checksum = CRC.checksum(numbers.as_bytes());
        let between = if self.given.0.is_empty() { ' ' } else { '\n' };
        format!("{numbers}{between}{checksum}\n")
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let (numbers, checksum) = text.trim_end().rsplit_once([' ', '\n'])?;
        if checksum.parse() != Ok(CRC.checksum(numbers.as_bytes())) {
            return None;
        }
        let mut lines = numbers.lines();
        let (epoch, next_row) = lines.next()?.split_once(' ')?;
        let mark = Mark { epoch: epoch.parse().ok()?, next_row: next_row.parse().ok()? };
        let mut given = Given::default();
        for line in lines {
            let (epoch, rest) = line.split_once(' ')?;
            let numbers: Option<Vec<u64>> = rest.split(' ').map(|it| it.parse().ok()).collect();
            let numbers = numbers?;
            let pairs = numbers.chunks_exact(2).filter_map(|pair| match pair {
                [next, bound] => Some(Reach { next: *next, bound: *bound }),
                _ => None,
            });
            given.0.insert(epoch.parse().ok()?, Class::ALL.into_iter().zip(pairs).collect());
        }
        Some(Self { mark, given })
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

    fn file() -> MarkFile {
        let mut given = Given::default();
        given.begin(2);
        given.at(2, &[(Class::Pos, 98)].into());
        given.begin(3);
        let classes = Class::ALL.map(|class| (class, Reach { next: 7, bound: 263 }));
        given.0.insert(3, classes.into());
        MarkFile { mark: Mark { epoch: 3, next_row: 12_345 }, given }
    }

    #[test]
    fn a_mark_reads_back_as_written() {
        let read = MarkFile::parse(&file().render()).unwrap();
        assert_eq!(read.mark, file().mark);
        assert_eq!(read.given.reach(2, Class::Pos), Some(Reach { next: 98, bound: 98 }));
        assert_eq!(read.given.reach(2, Class::Ops), Some(Reach::NONE));
        assert_eq!(read.given.reach(3, Class::Ops), Some(Reach { next: 7, bound: 263 }));
        assert_eq!(read.given.reach(1, Class::Pos), None);
    }

    #[test]
    fn a_mark_of_the_first_version_knows_no_numbers() {
        let text = format!("3 12345 {}\n", CRC.checksum(b"3 12345"));
        let read = MarkFile::parse(&text).unwrap();
        assert_eq!(read, MarkFile { mark: file().mark, given: Given::default() });
        assert_eq!(read.render(), text);
    }

    #[test]
    fn a_torn_or_changed_mark_is_no_mark() {
        let text = file().render();
        for cut in 0..text.len() - 1 {
            assert_eq!(MarkFile::parse(&text[..cut]), None, "cut at {cut}");
        }
        assert_eq!(MarkFile::parse(&text.replace("12345", "12346")), None);
        assert_eq!(MarkFile::parse(&text.replace("98 98", "98 99")), None);
    }
}
