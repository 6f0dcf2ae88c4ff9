//! The folder of `tillgate confirm`: numbered files of entries, of which the last is appended to.
//!
//! # Invariants
//! - [`Folder::sync`] returns only when everything appended is on disk. When it fails the process must end: what
//!   was not synced is cut off, was not acknowledged, and comes again.
//! - A file begins with all that was known when it was begun, so that only the last one is read at a start and
//!   earlier ones may be taken away. It gets its name only when that beginning is on disk.
//! - One process at a time: the file `lock` is locked.
//! - What follows the last whole entry of the last file was never acknowledged: it is cut off at a start, and the
//!   bytes are put beside it with the ending `torn`. What a whole entry follows may have been acknowledged, and never
//!   comes again: then nothing is cut off, and nothing appended, until [`repair`] was asked for.

mod reading;
mod repair;

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

pub use self::reading::{Damage, replay};
pub use self::repair::{Repaired, repair};
use crate::ledger::{Entry, EntryError, Head, Kind, MAGIC, Recent, Tally};
use crate::order;

/// The ending of a file of entries.
const ENDING: &str = "tgledger";

/// See the module's documentation.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    file: File,
    number: u64,
    /// Bytes that the file began with.
    base: u64,
    /// Bytes on disk, or written as notes.
    written: u64,
    /// Appended and not written.
    pending: Vec<u8>,
    /// Bytes after the beginning from which on another file is begun.
    file_bytes: u64,
    _lock: File,
}

/// A folder and what stands in it.
#[derive(Debug)]
pub struct Opened {
    /// The folder.
    pub folder: Folder,
    /// What is known from it.
    pub tally: Tally,
    /// The newest records that the last file holds.
    pub recent: Recent,
    /// Bytes that were cut off because they are no whole entry.
    pub cut: u64,
}

/// Why a folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    #[error("{file}: {source}", file = file.display())]
    /// The system says no.
    File {
        /// Which file.
        file: PathBuf,
        /// What it says.
        source: io::Error,
    },
    #[error("{file} is in use by another process", file = .0.display())]
    /// Another process holds it.
    Busy(PathBuf),
    #[error("{file}: at byte {at}: {source}", file = file.display())]
    /// An entry that only a newer version understands.
    Entry {
        /// Which file.
        file: PathBuf,
        /// Where the entry begins.
        at: u64,
        /// What is wrong.
        source: EntryError,
    },
    #[error(
        "{file}: {} bytes from byte {} on are damaged, and acknowledged entries may be among them: nothing was \
         changed. Put the file back from a copy, or start once with --repair: see \"A damaged file\" in docs/confirm.md",
        .damage.bytes, .damage.at, file = file.display()
    )]
    /// Bytes before the last whole entry are none.
    Damaged {
        /// Which file.
        file: PathBuf,
        /// Which bytes.
        damage: Damage,
    },
    #[error("{file} does not begin like a file of `tillgate confirm`", file = .0.display())]
    /// Something else.
    Foreign(PathBuf),
    #[error("a message is larger than what is stored; not confirmed")]
    /// A bug: messages are bounded below that.
    TooLarge,
}

impl Folder {
    /// Opens a folder, makes it where it is not there, and reads what is known.
    ///
    /// # Errors
    /// When it is in use, cannot be read or written, is damaged, or was written by a newer version.
    pub fn open(path: &Path, file_bytes: u64) -> Result<Opened, FolderError> {
        let lock = lock(path)?;
        let (mut tally, mut recent) = (Tally::default(), Recent::default());
        let Some((number, last)) = files(path)?.pop() else {
            let (file, base) = begin(path, 1, &tally)?;
            let folder = Self::new(path, (file, base, base), 1, file_bytes, lock);
            return Ok(Opened { folder, tally, recent, cut: 0 });
        };
        let mut base = MAGIC.len() as u64;
        let read = replay(&last, |entry, end| {
            match entry.head.kind {
                Kind::Stream => base = end,
                Kind::Records | Kind::Twice => recent.note(entry),
                _ => {}
            }
            tally.replay(entry).map(|_| ())
        })?;
        if let Some(damage) = read.damage_of(number, true) {
            return Err(FolderError::Damaged { file: last, damage });
        }
        let mut file = OpenOptions::new().read(true).write(true).open(&last).map_err(at(&last))?;
        if read.torn > 0 {
            put_aside(&mut file, &last, read.whole).map_err(at(&last))?;
        }
        // What a process before this one wrote may not be on disk yet.
        file.sync_all().map_err(at(&last))?;
        let folder = Self::new(path, (file, base, read.whole), number, file_bytes, lock);
        Ok(Opened { folder, tally, recent, cut: read.torn })
    }

    fn new(
        path: &Path,
        (file, base, written): (File, u64, u64),
        number: u64,
        file_bytes: u64,
        lock: File,
    ) -> Self {
        let path = path.to_owned();
        Self { path, file, number, base, written, pending: Vec::new(), file_bytes, _lock: lock }
    }

    /// Appends an entry; it is on disk after [`Self::sync`].
    ///
    /// # Errors
    /// When it is larger than any message.
    pub fn append(&mut self, entry: &Entry) -> Result<(), FolderError> {
        self.pending.extend(entry.to_bytes().ok_or(FolderError::TooLarge)?);
        Ok(())
    }

    /// Puts on disk what was appended, and begins another file where this one is full of it. `tally` is what all
    /// files with it say.
    ///
    /// # Errors
    /// When that failed. The folder must not be used any more: nobody knows what is on disk.
    pub fn sync(&mut self, tally: &Tally) -> Result<(), FolderError> {
        if self.pending.is_empty() {
            return Ok(());
        }
        self.write(true)?;
        if self.written - self.base >= self.file_bytes {
            (self.file, self.base) = begin(&self.path, self.number + 1, tally)?;
            (self.number, self.written) = (self.number + 1, self.base);
        }
        Ok(())
    }

    /// Writes what was appended, so that it is there when this process is killed; the next sync puts it on disk.
    ///
    /// # Errors
    /// As [`Self::sync`].
    pub fn note(&mut self) -> Result<(), FolderError> {
        if self.pending.is_empty() { Ok(()) } else { self.write(false) }
    }

    fn write(&mut self, sync: bool) -> Result<(), FolderError> {
        let end = self.file.seek(SeekFrom::Start(self.written));
        let written = end.and_then(|_| self.file.write_all(&self.pending));
        let synced = written.and_then(|()| if sync { self.file.sync_data() } else { Ok(()) });
        if let Err(error) = synced {
            let _ = self.file.set_len(self.written);
            return Err(at(&name(&self.path, self.number))(error));
        }
        self.written += self.pending.len() as u64;
        self.pending.clear();
        Ok(())
    }
}

/// Makes the folder where it is not there, and takes it for this process.
fn lock(path: &Path) -> Result<File, FolderError> {
    fs::create_dir_all(path).map_err(at(path))?;
    let lock_path = path.join("lock");
    let lock = File::create(&lock_path).map_err(at(&lock_path))?;
    lock.try_lock().map_err(|_| FolderError::Busy(path.to_owned()))?;
    Ok(lock)
}

/// The files of a folder with their numbers, in order.
///
/// # Errors
/// When the folder cannot be read.
pub fn files(folder: &Path) -> Result<Vec<(u64, PathBuf)>, FolderError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(at(folder))? {
        let path = entry.map_err(at(folder))?.path();
        let is_one = path.extension().is_some_and(|ending| ending == ENDING);
        let number = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok());
        found.extend(number.filter(|_| is_one).map(|number| (number, path)));
    }
    order::by_key(&mut found, |(number, _)| *number);
    Ok(found)
}

/// Makes a file that begins with all that is known; how many bytes that are.
fn begin(folder: &Path, number: u64, tally: &Tally) -> Result<(File, u64), FolderError> {
    let aside = folder.join("next.tmp");
    let path = name(folder, number);
    let made = (|| {
        let mut out = BufWriter::new(File::create(&aside)?);
        write_beginning(&mut out, tally)?;
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        fs::rename(&aside, &path)?;
        File::open(folder)?.sync_all()?;
        let length = file.metadata()?.len();
        Ok((file, length))
    })();
    made.map_err(at(&path))
}

/// All that is known, and one entry of another kind, which says that this was all: a beginning cannot be torn.
fn write_beginning(out: &mut impl io::Write, tally: &Tally) -> io::Result<()> {
    out.write_all(&MAGIC)?;
    let mut end = None;
    for entry in tally.entries() {
        write_entry(out, &entry)?;
        let head = Head { kind: Kind::Produced, ..entry.head };
        end = (head.last > 0).then_some(head).or(end);
    }
    let end = end.map(|head| Entry { head, payload: Vec::new() });
    end.map_or(Ok(()), |entry| write_entry(out, &entry))
}

/// Entries are bounded below what is too large: a message's by its packet, a stream's by the number of its ranges.
fn write_entry(out: &mut impl io::Write, entry: &Entry) -> io::Result<()> {
    out.write_all(&entry.to_bytes().ok_or(io::ErrorKind::FileTooLarge)?)
}

/// Cuts a file off after its whole entries, and keeps what was cut off for people to look at.
fn put_aside(file: &mut File, path: &Path, whole: u64) -> io::Result<()> {
    let mut rest = Vec::new();
    file.seek(SeekFrom::Start(whole))?;
    file.take(crate::limits::LEDGER_FILE_BYTES).read_to_end(&mut rest)?;
    fs::write(path.with_extension("torn"), rest)?;
    file.set_len(whole)
}

fn name(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:08}.{ENDING}"))
}

fn at(file: &Path) -> impl Fn(io::Error) -> FolderError {
    move |source| FolderError::File { file: file.to_owned(), source }
}

#[cfg(test)]
mod tests;
