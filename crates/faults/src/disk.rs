//! What a power cut leaves of the store's files, built from what they were before a write and after it.
//!
//! An honest disk keeps what was synced, in the order of the syncs: SQLite syncs a new header of its log before the
//! frames that follow it, the log before a commit returns, and the log before pages go into the database. Of what was
//! not yet synced any 512-byte sector may be there or not, and a file that grows may have any length in between.
//! A disk that lies about syncs may leave any sector as it was at any time since it last told the truth.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

/// What a disk writes whole or not at all.
const SECTOR: usize = 512;
/// The header of SQLite's log.
const LOG_HEADER: usize = 32;

const DATABASE: &str = "outbox.db";
const LOG: &str = "outbox.db-wal";
const MARK: &str = "outbox.mark";

/// The files of a store, but for the ballast and what was set aside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image(BTreeMap<String, Vec<u8>>);

impl Image {
    /// The files as programs see them.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn of(folder: &Path) -> io::Result<Self> {
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with("outbox.") && !name.contains(".damaged-") {
                files.insert(name, fs::read(entry.path())?);
            }
        }
        Ok(Self(files))
    }

    /// Writes the files into a folder.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        self.0.iter().try_for_each(|(name, bytes)| fs::write(folder.join(name), bytes))
    }

    /// Changes one bit of a row's payload, wherever it lies; false where it lies nowhere.
    pub fn flip(&mut self, payload: &[u8], at: usize, bit: u8) -> bool {
        // A long payload lies on several pages: its beginning names the place well enough.
        let head = payload.get(..payload.len().min(96)).unwrap_or_default();
        let mut found = false;
        for bytes in self.0.values_mut() {
            let places: Vec<usize> = bytes
                .windows(head.len().max(1))
                .enumerate()
                .filter(|(_, it)| *it == head)
                .map(|(at, _)| at)
                .collect();
            for place in places {
                if let Some(byte) = bytes.get_mut(place + at % head.len().max(1)) {
                    *byte ^= 1 << (bit % 8);
                    found = true;
                }
            }
        }
        found
    }

    fn file(&self, name: &str) -> &[u8] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    /// The row due next when the mark was written.
    fn marked_row(&self) -> Option<i64> {
        let text = std::str::from_utf8(self.file(MARK)).ok()?;
        text.lines().next()?.split(' ').nth(1)?.parse().ok()
    }

    fn with(&self, name: &str, bytes: Vec<u8>) -> Self {
        let mut other = self.clone();
        other.0.insert(name.to_owned(), bytes);
        other
    }
}

/// Where in a write the power went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Nothing of it had begun.
    Before,
    /// The log was being written.
    Log,
    /// The log was synced; its pages went into the database.
    Database,
    /// All was done, and nobody heard of it.
    After,
}

/// What an honest disk leaves when the power goes between `before` and `after`, in one write of the store.
/// `next_row` is the row due next before it.
pub fn cut(random: &mut fastrand::Rng, before: &Image, after: &Image, next_row: i64) -> Image {
    between(random, before, after, next_row, torn)
}

/// What the kernel has when the agent is killed between `before` and `after`: writes in their order, up to some byte.
pub fn killed(random: &mut fastrand::Rng, before: &Image, after: &Image, next_row: i64) -> Image {
    between(random, before, after, next_row, begun)
}

/// What a disk leaves that synced nothing since `synced`, when the power goes.
pub fn lied(random: &mut fastrand::Rng, synced: &Image, now: &Image) -> Image {
    let mut left = Image::default();
    for (name, new) in &now.0 {
        let old = synced.file(name);
        let bytes = match name.as_str() {
            // Replaced as a whole by a rename.
            MARK => {
                if random.bool() && !old.is_empty() {
                    old.to_vec()
                } else {
                    new.clone()
                }
            }
            _ if random.u8(..4) == 0 => old.to_vec(),
            _ => torn(random, old, new),
        };
        left.0.insert(name.clone(), bytes);
    }
    left
}

fn between(
    random: &mut fastrand::Rng,
    before: &Image,
    after: &Image,
    next_row: i64,
    part: impl Fn(&mut fastrand::Rng, &[u8], &[u8]) -> Vec<u8>,
) -> Image {
    let (old, new) = (before.file(LOG), after.file(LOG));
    let phase = *random.choice(&phases(before, after)).unwrap_or(&Phase::After);
    // The mark is replaced before the log is written, or after all else is done: its row due next tells which.
    let first = after.marked_row().is_some_and(|row| row <= next_row);
    let early = if first { before.with(MARK, after.file(MARK).to_vec()) } else { before.clone() };
    match phase {
        Phase::Before => before.clone(),
        Phase::After => after.clone(),
        Phase::Log => early.with(LOG, log(random, old, new, part)),
        Phase::Database => {
            let pages = part(random, before.file(DATABASE), after.file(DATABASE));
            early.with(LOG, new.to_vec()).with(DATABASE, pages)
        }
    }
}

/// The phases of which enough is known to say what they leave.
fn phases(before: &Image, after: &Image) -> Vec<Phase> {
    let (old, new) = (before.file(LOG), after.file(LOG));
    let begun_anew = old.get(..LOG_HEADER) != new.get(..LOG_HEADER);
    let pages = before.file(DATABASE) != after.file(DATABASE);
    let mut phases = vec![Phase::Before, Phase::After];
    let grown = !before.file(DATABASE).is_empty() && new.len() >= old.len() && old != new;
    if grown && !(begun_anew && pages) {
        phases.extend([Phase::Log; 4]);
        if pages {
            phases.extend([Phase::Database; 4]);
        }
    }
    phases
}

/// The log while it was being written; a new header was synced before what follows it.
fn log(
    random: &mut fastrand::Rng,
    old: &[u8],
    new: &[u8],
    part: impl Fn(&mut fastrand::Rng, &[u8], &[u8]) -> Vec<u8>,
) -> Vec<u8> {
    let Some(header) = new.get(..LOG_HEADER) else { return new.to_vec() };
    if old.get(..LOG_HEADER) == Some(header) {
        return part(random, old, new);
    }
    let mut headed = header.to_vec();
    headed.extend_from_slice(old.get(LOG_HEADER..).unwrap_or_default());
    if random.u8(..3) == 0 { headed } else { part(random, &headed, new) }
}

/// Any of the sectors in which the two differ, and any length in between.
fn torn(random: &mut fastrand::Rng, old: &[u8], new: &[u8]) -> Vec<u8> {
    let length =
        if new.len() > old.len() { random.usize(old.len()..=new.len()) } else { new.len() };
    let mut left = old.to_vec();
    left.resize(length, 0);
    let kept = random.choice([0, 10, 50, 90, 100]).unwrap_or(50);
    for (sector, bytes) in left.chunks_mut(SECTOR).enumerate() {
        if let Some(new) = new.get(sector * SECTOR..sector * SECTOR + bytes.len())
            && random.u8(..100) < kept
        {
            bytes.copy_from_slice(new);
        }
    }
    left
}

/// The bytes in which the two differ, up to some place.
fn begun(random: &mut fastrand::Rng, old: &[u8], new: &[u8]) -> Vec<u8> {
    let upto = random.usize(0..=new.len());
    let mut left = new.get(..upto).unwrap_or_default().to_vec();
    left.extend_from_slice(old.get(upto..).unwrap_or_default());
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(database: &[u8], log: &[u8], mark: &str) -> Image {
        let files = [(DATABASE, database), (LOG, log), (MARK, mark.as_bytes())];
        Image(files.into_iter().map(|(name, bytes)| (name.to_owned(), bytes.to_vec())).collect())
    }

    /// Many cuts of one write; each must be as `is_right` says.
    fn check(before: &Image, after: &Image, is_right: impl Fn(&Image) -> bool) {
        for seed in 0..500 {
            let left = cut(&mut fastrand::Rng::with_seed(seed), before, after, 7);
            assert!(is_right(&left), "seed {seed}");
        }
    }

    #[test]
    fn the_database_changes_only_once_the_log_is_whole() {
        let before = image(&[1; 2048], &[5; 600], "1 7");
        let after = image(&[2; 2048], &[[5; 600], [6; 600]].concat(), "1 7");
        check(&before, &after, |left| {
            left.file(DATABASE) == [1; 2048] || left.file(LOG) == after.file(LOG)
        });
        check(&before, &after, |left| left.file(LOG).starts_with(&[5; 600]));
    }

    #[test]
    fn a_new_header_of_the_log_comes_before_what_follows_it() {
        let (before, after) =
            (image(&[1; 9], &[5; 2000], "1 7"), image(&[1; 9], &[6; 2000], "1 7"));
        check(&before, &after, |left| {
            let log = left.file(LOG);
            log.get(..LOG_HEADER) == Some(&[6; LOG_HEADER]) || log == [5; 2000]
        });
    }

    #[test]
    fn the_mark_is_there_before_the_log_where_it_was_written_before() {
        let before = image(&[1; 9], &[5; 600], "1 3");
        let early = image(&[1; 9], &[5; 900], "1 7");
        check(&before, &early, |left| *left == before || left.file(MARK) == b"1 7");
        let late = image(&[1; 9], &[5; 900], "1 8");
        check(&before, &late, |left| left.file(MARK) == b"1 3" || *left == late);
    }
}
