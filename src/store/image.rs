//! The pages of a database that SQLite refuses: its file with its log laid over it.
//!
//! Format: "Database File Format" of sqlite.org, section 4 (the log), and 1.5 (the list of free pages). The log counts
//! up to its last whole commit, as for SQLite; pages that stand behind a broken frame are looked at as well, but
//! replace none.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use super::leaves::{Whole, number32, whole_on};
use crate::limits::{SALVAGE_BYTES, SALVAGE_PAGES, SALVAGE_ROWS, STORE_PAGE_BYTES};

const PAGE: usize = STORE_PAGE_BYTES as usize;
/// Lengths in the log: its header, and that of a frame before its page.
pub(super) const LOG_HEADER: usize = 32;
pub(super) const FRAME_HEADER: usize = 24;
/// The log begins with this number; with 1 added its checksums take bytes in big-endian order.
pub(super) const LOG_MAGIC: u32 = 0x377f_0682;
/// Where page 1 has the first page of the list of free pages.
const FREE_AT: usize = 32;

/// How far the pages were looked at: the next one, those of the log behind a broken frame last. The first page is the
/// schema's and is left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place(pub u32);

pub(super) struct Image {
    file: File,
    pages: u32,
    /// Newer versions of pages.
    log: BTreeMap<u32, Vec<u8>>,
    /// Pages of the log that follow a broken frame.
    stray: Vec<Vec<u8>>,
    free: BTreeSet<u32>,
}

impl Image {
    pub fn open(file: &Path, log: &Path) -> io::Result<Self> {
        let file = File::open(file)?;
        let pages = file.metadata()?.len().div_ceil(u64::from(STORE_PAGE_BYTES));
        let pages = u32::try_from(pages).unwrap_or(u32::MAX);
        let mut image =
            Self { file, pages, log: BTreeMap::new(), stray: Vec::new(), free: BTreeSet::new() };
        if let Ok(log) = File::open(log) {
            image.lay_over(log)?;
        }
        image.free = image.read_free();
        Ok(image)
    }

    /// Pages of a file, without its log.
    pub fn pages_of(file: &Path) -> u64 {
        fs::metadata(file).map_or(0, |meta| meta.len().div_ceil(u64::from(STORE_PAGE_BYTES)))
    }

    /// Looks at some pages from `from` on, up to the bounds of one step, and adds what is whole to `found`. Where to go
    /// on; `None` at the end.
    pub fn some(&self, from: Place, found: &mut Vec<Whole>) -> Option<Place> {
        let last = self.last();
        let mut bytes = 0;
        let mut number = from.0.max(2);
        for _ in 0..SALVAGE_PAGES {
            let page = match number.checked_sub(last.saturating_add(1)) {
                Some(stray) => Some(self.stray.get(stray as usize)?.clone()),
                // Free pages hold what was delivered.
                None if self.free.contains(&number) => None,
                None => self.page(number),
            };
            let whole = page.map(|page| whole_on(&page, &|number| self.page(number)));
            let whole = whole.unwrap_or_default();
            bytes += whole.iter().map(Whole::bytes).sum::<u64>();
            found.extend(whole);
            number = number.saturating_add(1);
            if found.len() >= SALVAGE_ROWS || bytes >= SALVAGE_BYTES {
                break;
            }
        }
        Some(Place(number))
    }

    /// Where the pages begin that stand in the log behind a broken frame.
    pub fn log_place(&self) -> Place {
        Place(self.last().saturating_add(1))
    }

    /// The last page of the file and its log.
    fn last(&self) -> u32 {
        self.log.last_key_value().map_or(0, |(number, _)| *number).max(self.pages)
    }

    fn page(&self, number: u32) -> Option<Vec<u8>> {
        if let Some(page) = self.log.get(&number) {
            return Some(page.clone());
        }
        let at = u64::from(number.checked_sub(1)?) * u64::from(STORE_PAGE_BYTES);
        let mut page = vec![0; PAGE];
        self.file.read_exact_at(&mut page, at).ok()?;
        Some(page)
    }

    /// The free pages, as far as their list can be followed.
    fn read_free(&self) -> BTreeSet<u32> {
        let mut free = BTreeSet::new();
        let mut trunk = self.page(1).and_then(|page| number32(&page, FREE_AT)).unwrap_or(0);
        while trunk != 0 && free.insert(trunk) {
            let Some(page) = self.page(trunk) else { break };
            let leaves = number32(&page, 4).unwrap_or(0) as usize;
            let leaves = page.get(8..).unwrap_or_default().chunks_exact(4).take(leaves);
            free.extend(leaves.filter_map(|number| number32(number, 0)));
            trunk = number32(&page, 0).unwrap_or(0);
        }
        free
    }

    fn lay_over(&mut self, mut log: File) -> io::Result<()> {
        let mut header = [0; LOG_HEADER];
        if log.read_exact(&mut header).is_err() {
            return Ok(());
        }
        let magic = number32(&header, 0).unwrap_or(0);
        let big_endian = magic == LOG_MAGIC + 1;
        let (fields, _) = header.split_at(LOG_HEADER - 8);
        let mut sum = Some(checksum((0, 0), fields, big_endian));
        if sum != number32(&header, 24).zip(number32(&header, 28)) {
            sum = None;
        }
        let mut pending = Vec::new();
        let mut frame = vec![0; FRAME_HEADER + PAGE];
        while log.read_exact(&mut frame).is_ok() {
            let (head, page) = frame.split_at(FRAME_HEADER);
            let (numbers, _) = head.split_at(8);
            if head.get(8..16) != header.get(16..24) {
                // Left over from an earlier round of the log.
                break;
            }
            let whole = |sum| checksum(checksum(sum, numbers, big_endian), page, big_endian);
            let found = number32(head, 16).zip(number32(head, 20));
            sum = sum.map(whole).filter(|sum| Some(*sum) == found);
            if sum.is_none() {
                self.stray.push(page.to_vec());
                continue;
            }
            pending.push((number32(head, 0).unwrap_or(0), page.to_vec()));
            if number32(head, 4) != Some(0) {
                self.log.extend(pending.drain(..));
            }
        }
        self.stray.extend(pending.into_iter().map(|(_, page)| page));
        Ok(())
    }
}

/// The log's checksum over some more bytes.
pub(super) fn checksum((mut a, mut b): (u32, u32), bytes: &[u8], big_endian: bool) -> (u32, u32) {
    let number = |bytes: &[u8]| {
        let number = number32(bytes, 0).unwrap_or(0);
        if big_endian { number } else { number.swap_bytes() }
    };
    for pair in bytes.chunks_exact(8) {
        let (first, second) = pair.split_at(4);
        a = a.wrapping_add(number(first)).wrapping_add(b);
        b = b.wrapping_add(number(second)).wrapping_add(a);
    }
    (a, b)
}
