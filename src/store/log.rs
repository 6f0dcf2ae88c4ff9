//! Whether the log was damaged in the middle. SQLite takes a log up to its last whole commit and drops all that
//! follows a broken frame: after a power cut that is right, but one bit that changed takes every later commit with
//! it, and their numbers would be given out again.
//!
//! # How
//! A commit is synced before the next one is written. So where a broken frame is followed by a whole commit, and that
//! by a frame of another one, no power cut broke it. A frame is whole when its checksum goes on from the one that
//! stands in the frame before it, whatever became of that. Damage in the last commit looks like a cut, and is taken
//! for one.
//!
//! Format: "Database File Format" of sqlite.org, section 4.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::image::{FRAME_HEADER, LOG_HEADER, LOG_MAGIC, checksum};
use super::leaves::number32;
use crate::limits::STORE_PAGE_BYTES;

/// A pair of sums, as they stand in a frame or in the header.
type Sums = (u32, u32);

/// How a log ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// With a whole commit, or there is no log.
    Whole,
    /// Behind its last whole commit stands something: what a power cut or a kill left, or an earlier round of the log,
    /// or damage.
    Torn,
    /// Commits stand behind a broken frame that cannot be what a power cut left.
    Broken,
}

/// Looks through a log.
pub(super) fn end_of(log: &Path) -> End {
    let Ok(mut log) = File::open(log) else { return End::Whole };
    let length = log.metadata().map_or(0, |meta| meta.len());
    let mut header = [0; LOG_HEADER];
    if log.read_exact(&mut header).is_err() {
        return if length == 0 { End::Whole } else { End::Torn };
    }
    let mut scan = Scan::of(&header);
    let mut frame = vec![0; FRAME_HEADER + STORE_PAGE_BYTES as usize];
    let mut read = LOG_HEADER;
    while log.read_exact(&mut frame).is_ok() {
        read += frame.len();
        if scan.finds_damage(&frame) {
            return End::Broken;
        }
    }
    if scan.is_whole && length == read as u64 { End::Whole } else { End::Torn }
}

/// What is known up to some frame.
struct Scan {
    big_endian: bool,
    /// Frames of an earlier round of the log bear another one. Where the header is broken, the first frame says.
    salt: Option<[u8; 8]>,
    /// What stands in the frame before.
    sums: Option<Sums>,
    /// A frame was broken.
    broken: bool,
    /// And behind it a commit ended with the frame before.
    ended: bool,
    /// Nothing was broken, and the last frame ended a commit.
    is_whole: bool,
}

impl Scan {
    fn of(header: &[u8; LOG_HEADER]) -> Self {
        let big_endian = number32(header, 0) == Some(LOG_MAGIC + 1);
        let (fields, _) = header.split_at(LOG_HEADER - 8);
        let sums = number32(header, 24).zip(number32(header, 28));
        let broken = sums != Some(checksum((0, 0), fields, big_endian));
        let salt = if broken { None } else { salt_of(header, 16) };
        Self { big_endian, salt, sums, broken, ended: false, is_whole: !broken }
    }

    fn finds_damage(&mut self, frame: &[u8]) -> bool {
        let (head, page) = frame.split_at(FRAME_HEADER);
        let (numbers, _) = head.split_at(8);
        let found = number32(head, 16).zip(number32(head, 20));
        let sum = |sums| checksum(checksum(sums, numbers, self.big_endian), page, self.big_endian);
        self.salt = self.salt.or_else(|| salt_of(head, 8));
        let whole = salt_of(head, 8) == self.salt && self.sums.map(sum) == found;
        let damaged = self.ended && whole;
        let ends = whole && number32(head, 4) != Some(0);
        self.ended = self.broken && ends;
        self.broken |= !whole;
        self.is_whole = !self.broken && ends;
        self.sums = found;
        damaged
    }
}

fn salt_of(bytes: &[u8], at: usize) -> Option<[u8; 8]> {
    bytes.get(at..at + 8)?.try_into().ok()
}
