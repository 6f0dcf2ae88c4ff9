//! How far commits came, written after each and never synced: what the mark is behind, for as long as the power stays.
//!
//! A log that was cut, or whose last commit changed, looks like what a power cut leaves; but what a commit said was
//! accepted cannot be what a power cut took. Without a sync the tip costs next to nothing, and it is never ahead: it is
//! written once the commit is durable. After a kill it is exact, and a database behind it lost something; after a power
//! cut it is some commits behind, and says less.
//!
//! One sector in the mark's form, padded with spaces, replaced in place. What is torn or missing says nothing.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::Path;

use tillgate_events::Class;

use super::given::Given;
use super::mark::{Mark, MarkFile};

/// Bytes of a sector, which a disk writes whole; the longest numbers fit.
const LENGTH: usize = 512;

/// The open file; none where it cannot be opened: then the mark has to do.
#[derive(Debug)]
pub(super) struct Tip(Option<File>);

impl Tip {
    pub fn open(file: &Path) -> Self {
        let mut options = OpenOptions::new();
        Self(options.write(true).create(true).truncate(false).mode(0o600).open(file).ok())
    }

    /// What the file says, if it is readable.
    pub fn read(file: &Path) -> Option<MarkFile> {
        MarkFile::parse(&fs::read_to_string(file).ok()?)
    }

    /// A commit is durable: these are due next. One that is not written down only makes the next check weaker.
    pub fn write(&self, mark: Mark, next: &BTreeMap<Class, u64>) {
        let Some(file) = &self.0 else { return };
        let mut given = Given::default();
        given.at(mark.epoch, next);
        let text = MarkFile { mark, given }.render();
        let _ = file.write_all_at(format!("{text:LENGTH$}").as_bytes(), 0);
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::super::{EpochReason, GapReason, NewRow, RowId, Store};
    use super::*;
    use crate::limits::STORE_PAGE_BYTES;
    use crate::time::UtcMs;

    const FRAME: usize = 24 + STORE_PAGE_BYTES as usize;
    const ROWS: u64 = 20;

    fn open(dir: &Path) -> (Store, EpochReason) {
        let (store, report) = Store::open(dir, 64 << 20, UtcMs(0)).unwrap();
        (store, report.reason)
    }

    /// The outbox of an agent that was killed, with `change` done to its log.
    fn killed(change: impl Fn(&mut Vec<u8>)) -> TempDir {
        let (dir, left) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        let mut store = open(dir.path()).0;
        for number in 0..ROWS {
            let payload = vec![number as u8; 600];
            let first_sequence = 2 * number + 1;
            let row = NewRow { class: Class::Pos, first_sequence, count: 2, payload };
            store.commit(&[row], &[]).unwrap();
        }
        for name in ["outbox.db", "outbox.db-wal", "outbox.mark", "outbox.tip"] {
            let mut bytes = fs::read(dir.path().join(name)).unwrap();
            if name.ends_with("-wal") {
                change(&mut bytes);
            }
            fs::write(left.path().join(name), bytes).unwrap();
        }
        left
    }

    /// Each number that was given out is in a row or told to be lost, and told as one that was; rows that are there.
    fn check(dir: &TempDir, context: &str) -> usize {
        let (mut store, reason) = open(dir.path());
        assert!(
            !matches!(reason, EpochReason::First | EpochReason::Continued),
            "{context}: {reason:?}"
        );
        assert_eq!(store.epoch(), 2, "{context}");
        let rows = store.rows_after(RowId(0), 1000, usize::MAX).unwrap();
        let gaps = store.gaps().unwrap();
        let lost = gaps.iter().filter(|gap| gap.reason == GapReason::Salvage);
        let mut known: Vec<u64> =
            rows.iter().flat_map(|row| [row.first_sequence, row.first_sequence + 1]).collect();
        known.extend(lost.flat_map(|gap| gap.first_sequence..gap.first_sequence + gap.count));
        known.sort_unstable();
        assert_eq!(known, (1..=2 * ROWS).collect::<Vec<u64>>(), "{context}");
        rows.len()
    }

    #[test]
    fn a_log_that_is_cut_anywhere_after_a_kill_is_noticed_and_told() {
        for part in 1..12 {
            let dir = killed(|log| log.truncate(log.len() * part / 12));
            check(&dir, &format!("{part} twelfths"));
        }
        for frames in 1..9 {
            let dir = killed(|log| log.truncate(log.len() - frames * FRAME));
            check(&dir, &format!("{frames} frames"));
        }
        check(&killed(Vec::clear), "emptied");
    }

    #[test]
    fn a_bit_of_the_last_commit_that_changes_takes_one_row_at_most() {
        for back in [1, 30, 700, FRAME + 5, 2 * FRAME - 7] {
            let dir = killed(|log| {
                let at = log.len() - back;
                log[at] ^= 4;
            });
            let rows = check(&dir, &format!("{back} bytes before the end"));
            assert!(rows as u64 + 1 >= ROWS, "{rows} rows, {back} bytes before the end");
        }
    }

    #[test]
    fn a_tip_that_is_behind_torn_or_gone_changes_nothing() {
        let whole = killed(|_| ());
        assert_eq!(open(whole.path()).1, EpochReason::Continued);
        for text in ["", "1 5 77", "nonsense \u{0}"] {
            let dir = killed(|_| ());
            fs::write(dir.path().join("outbox.tip"), text).unwrap();
            assert_eq!(open(dir.path()).1, EpochReason::Continued, "{text}");
        }
        let dir = killed(|_| ());
        fs::remove_file(dir.path().join("outbox.tip")).unwrap();
        assert_eq!(open(dir.path()).1, EpochReason::Continued);
    }

    #[test]
    fn a_tip_is_one_sector_however_large_the_numbers_are() {
        let dir = TempDir::new().unwrap();
        let file = dir.path().join("tip");
        let next: BTreeMap<Class, u64> = Class::ALL.map(|class| (class, u64::MAX)).into();
        let mark = Mark { epoch: u32::MAX, next_row: i64::MAX };
        Tip::open(&file).write(mark, &next);
        assert_eq!(fs::metadata(&file).unwrap().len(), LENGTH as u64);
        assert_eq!(Tip::read(&file).unwrap().mark, mark);
        Tip::open(&file).write(Mark { epoch: 1, next_row: 2 }, &BTreeMap::new());
        assert_eq!(fs::metadata(&file).unwrap().len(), LENGTH as u64);
        assert_eq!(Tip::read(&file).unwrap().mark, Mark { epoch: 1, next_row: 2 });
    }
}
