//! Reads a file of entries to its end, over what is damaged in it.
//!
//! # Invariants
//! - What no sound entry follows is a torn end. What one follows is damage, and so is what was too much to search:
//!   entries there may have been acknowledged.
//! - Memory is bounded by [`WINDOW`] and one entry.

use std::fs::File;
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use super::{FolderError, at};
use crate::ledger::{self, Entry, EntryError, Found, Kind, MAGIC};
use crate::limits::{LEDGER_ENTRY_BYTES, LEDGER_SEARCH_BYTES};

/// Bytes of a file that are searched at once, and one entry more.
const WINDOW: u64 = 4 << 20;

/// How a file was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// Bytes up to the end of the last whole entry.
    pub whole: u64,
    /// Bytes after it.
    pub torn: u64,
    /// What stands between whole entries and is none.
    pub damage: Option<Damage>,
    /// What the file begins with is not known to be all there: a number of streams, and nothing after them.
    pub begins: bool,
}

impl Read {
    /// What is damaged of the file of this number. Only the last one may end within an entry, and only after all that
    /// it began with, which was on disk before it had its name.
    pub fn damage_of(&self, number: u64, last: bool) -> Option<Damage> {
        let is_torn = last && !(self.begins && (number > 1 || self.whole > MAGIC.len() as u64));
        let end =
            (self.torn > 0 && !is_torn).then_some(Damage { at: self.whole, bytes: self.torn });
        match (self.damage, end) {
            (Some(one), Some(end)) => Some(Damage { at: one.at, bytes: one.bytes + end.bytes }),
            (one, end) => one.or(end),
        }
    }
}

/// Bytes that are no entries and have sound ones behind them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Where the first of them stands.
    pub at: u64,
    /// How many there are in the file.
    pub bytes: u64,
}

/// Reads the sound entries of one file, each with where it ends.
///
/// # Errors
/// When the file cannot be read, is no such file, or has an entry that is not understood.
pub fn replay(
    path: &Path,
    mut each: impl FnMut(&Entry, u64) -> Result<(), EntryError>,
) -> Result<Read, FolderError> {
    let file = File::open(path).map_err(at(path))?;
    // Of a file that is being written, what came after this was not there.
    let length = file.metadata().map_err(at(path))?.len();
    let mut input = BufReader::new(file);
    let mut magic = [0; MAGIC.len()];
    if input.read_exact(&mut magic).is_err() || magic != MAGIC {
        return Err(FolderError::Foreign(path.to_owned()));
    }
    let mut read = Read { whole: MAGIC.len() as u64, begins: true, ..Read::default() };
    let mut work = LEDGER_SEARCH_BYTES;
    loop {
        let whole = read.whole;
        let wrong = |source| FolderError::Entry { file: path.to_owned(), at: whole, source };
        match ledger::read(&mut input) {
            Ok(Some((entry, bytes))) => {
                each(&entry, whole + bytes).map_err(wrong)?;
                read.begins &= entry.head.kind == Kind::Stream;
                read.whole += bytes;
            }
            Ok(None) => return Ok(read),
            Err(EntryError::Torn) => {
                let next = search(&mut input, (whole + 1, length), &mut work).map_err(at(path))?;
                let Some(next) = next else {
                    read.torn = length.saturating_sub(whole);
                    return Ok(read);
                };
                let damage = read.damage.get_or_insert(Damage { at: whole, bytes: 0 });
                damage.bytes += next - whole;
                read.whole = next;
                input.seek(SeekFrom::Start(next)).map_err(at(path))?;
            }
            Err(error) => return Err(wrong(error)),
        }
    }
}

/// Where the next sound entry begins; the end where the search is given up; `None` where there is none.
fn search(
    input: &mut BufReader<File>,
    (from, to): (u64, u64),
    work: &mut u64,
) -> io::Result<Option<u64>> {
    let (mut begin, mut window) = (from, Vec::new());
    while begin < to {
        window.clear();
        input.seek(SeekFrom::Start(begin))?;
        let most = (WINDOW + LEDGER_ENTRY_BYTES as u64 + 8).min(to - begin);
        input.take(most).read_to_end(&mut window)?;
        match ledger::find(&window, work) {
            Found::Entry(offset) => return Ok(Some(begin + offset as u64)),
            Found::TooMuch => return Ok(Some(to)),
            Found::None => begin += WINDOW,
        }
    }
    Ok(None)
}
