//! What is replayed: the bytes of a device, or a recording of what was printed.
//!
//! The first bytes tell which. Memory is one chunk or one line.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, ErrorKind, Read};
use std::path::Path;

use crate::decode::{DocumentFact, Said};
use crate::learn::recording::{self, Reader, Record};
use crate::limits;

/// A capture that is being read.
pub struct Input {
    read: Box<dyn BufRead>,
    /// Of a recording.
    reader: Option<Reader>,
}

/// A piece of it.
pub enum Piece {
    /// As the device sent them.
    Bytes(Vec<u8>),
    /// A printed fact, so many milliseconds after the start.
    Fact(u64, DocumentFact),
    /// What a device said that prints nothing, so many milliseconds after the start.
    Said(u64, Said),
    /// What the recording says of its device.
    Info(String, String),
}

impl Input {
    /// Opens a file; `-` is standard input.
    ///
    /// # Errors
    /// As the system words them.
    pub fn open(file: &Path) -> io::Result<Self> {
        match file.to_str() {
            Some("-") => Self::new(Box::new(io::stdin().lock())),
            _ => Self::new(Box::new(File::open(file)?)),
        }
    }

    /// Bytes that are at hand.
    ///
    /// # Errors
    /// None that a vector could have.
    pub fn of(bytes: Vec<u8>) -> io::Result<Self> {
        Self::new(Box::new(Cursor::new(bytes)))
    }

    fn new(mut input: Box<dyn Read>) -> io::Result<Self> {
        let mut head = Vec::new();
        let length = u64::try_from(recording::MAGIC.len()).unwrap_or_default();
        input.by_ref().take(length).read_to_end(&mut head)?;
        let reader = recording::is_recording(&head).then(Reader::default);
        let read = BufReader::with_capacity(limits::READER_BUFFER, Cursor::new(head).chain(input));
        Ok(Self { read: Box::new(read), reader })
    }

    /// Whether this is a recording.
    #[must_use]
    pub fn is_recording(&self) -> bool {
        self.reader.is_some()
    }

    /// The next piece; none at the end.
    ///
    /// # Errors
    /// As the system words them; `InvalidData` for a line that does not belong in a recording.
    pub fn piece(&mut self) -> io::Result<Option<Piece>> {
        let Some(reader) = &mut self.reader else { return bytes(&mut self.read) };
        loop {
            let mut line = Vec::new();
            // One more than may be there, so that the reader refuses what is longer.
            let most = u64::try_from(limits::RECORDING_LINE + 2).unwrap_or(u64::MAX);
            if self.read.by_ref().take(most).read_until(b'\n', &mut line)? == 0 {
                return Ok(None);
            }
            let refuse = |error: String| io::Error::new(ErrorKind::InvalidData, error);
            let text = String::from_utf8(line).map_err(|error| refuse(error.to_string()))?;
            match reader.line(&text).map_err(|error| refuse(error.to_string()))? {
                Some(Record::Info(key, value)) => return Ok(Some(Piece::Info(key, value))),
                Some(Record::Fact(at, fact)) => return Ok(Some(Piece::Fact(at, fact))),
                Some(Record::Said(at, said)) => return Ok(Some(Piece::Said(at, said))),
                None => {}
            }
        }
    }
}

fn bytes(read: &mut Box<dyn BufRead>) -> io::Result<Option<Piece>> {
    loop {
        match read.fill_buf() {
            Ok([]) => return Ok(None),
            Ok(bytes) => {
                let (length, bytes) = (bytes.len(), bytes.to_vec());
                read.consume(length);
                return Ok(Some(Piece::Bytes(bytes)));
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
