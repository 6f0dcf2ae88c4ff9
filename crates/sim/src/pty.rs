//! Pseudo-terminals that stand for serial lines, and writing at a line's pace.
//!
//! Invariants: a child process inherits neither end (otherwise an unplug could not be simulated); the far end is
//! raw, so that every byte passes; the far end stays open here, so that what was written before the agent opened
//! it waits in the kernel; bytes leave no faster than the baud rate allows at 10 bits a byte (8N1).

use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
use tokio::io::unix::AsyncFd;
use tokio::time::{Instant, sleep_until};

use crate::limits;

/// Something that takes bytes, such as a [`Pty`].
pub trait Sink {
    /// Writes all bytes, waiting for room as long as it takes.
    fn write_all(&mut self, bytes: &[u8]) -> impl Future<Output = io::Result<()>> + Send;
}

/// A pair of pseudo-terminals: we write to one end, the agent opens the other by its path.
pub struct Pty {
    near: AsyncFd<OwnedFd>,
    far: OwnedFd,
    path: PathBuf,
}

impl Pty {
    /// A new pair. Must be called inside a tokio runtime.
    pub fn open() -> io::Result<Self> {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let near = openpt(flags)?;
        grantpt(&near)?;
        unlockpt(&near)?;
        let far = ioctl_tiocgptpeer(&near, flags)?;
        let mut settings = tcgetattr(&far)?;
        settings.make_raw();
        tcsetattr(&far, OptionalActions::Now, &settings)?;
        let path = ptsname(&near, Vec::new())?.into_string().map_err(io::Error::other)?;
        rustix::io::ioctl_fionbio(&near, true)?;
        #[expect(deprecated, reason = "its successor is unsafe; an OwnedFd keeps its promise")]
        let near = AsyncFd::new(near)?;
        Ok(Self { near, far, path: path.into() })
    }

    /// What the agent opens.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Waits for what the agent writes; how much of it was read.
    pub async fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let mut guard = self.near.readable().await?;
            let read =
                |near: &AsyncFd<OwnedFd>| Ok(rustix::io::read(near.get_ref(), &mut *buffer)?);
            if let Ok(read) = guard.try_io(read) {
                return read;
            }
        }
    }

    /// Bytes that were written and that nobody has read.
    pub fn unread(&self) -> io::Result<u64> {
        Ok(rustix::io::ioctl_fionread(&self.far)?)
    }
}

impl Sink for Pty {
    async fn write_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let mut guard = self.near.writable().await?;
            match guard.try_io(|near| Ok(rustix::io::write(near.get_ref(), bytes)?)) {
                Ok(Ok(written)) => bytes = bytes.get(written..).unwrap_or_default(),
                Ok(Err(error)) => return Err(error),
                Err(_would_block) => {}
            }
        }
        Ok(())
    }
}

/// How fast a line is, and in what pieces it hands over its bytes.
#[derive(Clone, Debug)]
pub struct Pace {
    baud: u32,
    rng: fastrand::Rng,
}

impl Pace {
    /// The sizes of the pieces follow from the seed.
    pub fn new(baud: u32, seed: u64) -> Self {
        Self { baud: baud.max(1), rng: fastrand::Rng::with_seed(seed) }
    }

    /// How long so many bytes take.
    pub fn duration(&self, bytes: usize) -> Duration {
        Duration::from_micros(bytes as u64 * 10_000_000 / u64::from(self.baud))
    }

    /// Writes all bytes in pieces of varied size; returns when the last one has left the line.
    pub async fn write(&mut self, sink: &mut impl Sink, bytes: &[u8]) -> io::Result<()> {
        let start = Instant::now();
        let mut written = 0;
        while let Some(rest) = bytes.get(written..).filter(|rest| !rest.is_empty()) {
            let size = self.rng.usize(1..=limits::LINE_CHUNK).min(rest.len());
            let (piece, _) = rest.split_at(size);
            written += size;
            // A UART has a byte when its last bit has passed.
            sleep_until(start + self.duration(written)).await;
            sink.write_all(piece).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    /// Remembers when each piece came.
    #[derive(Default)]
    struct Tape(Vec<(Duration, Vec<u8>)>, Option<Instant>);

    impl Sink for Tape {
        async fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
            let start = *self.1.get_or_insert_with(Instant::now);
            self.0.push((start.elapsed(), bytes.to_vec()));
            Ok(())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn bytes_take_as_long_as_the_baud_rate_says_and_come_in_order() {
        for (baud, size, expected) in [(9600, 960, 1000), (9600, 96, 100), (115_200, 1152, 100)] {
            let bytes: Vec<u8> = (0..size).map(|n| n as u8).collect();
            let (mut tape, start) = (Tape::default(), Instant::now());
            Pace::new(baud, 1).write(&mut tape, &bytes).await.unwrap();
            assert_eq!(start.elapsed().as_millis(), expected, "{size} bytes at {baud}");
            let came: Vec<u8> = tape.0.into_iter().flat_map(|(_, piece)| piece).collect();
            assert_eq!(came, bytes);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn no_piece_is_ahead_of_the_line_and_sizes_vary_with_the_seed() {
        let sizes = |seed| async move {
            let mut tape = Tape::default();
            let mut pace = Pace::new(9600, seed);
            pace.write(&mut tape, &[7; 2000]).await.unwrap();
            let mut total = 0;
            let first = tape.0[0].1.len();
            for (at, piece) in &tape.0 {
                total += piece.len();
                assert!(
                    *at + pace.duration(first) <= pace.duration(total) + Duration::from_millis(2)
                );
            }
            tape.0.iter().map(|(_, piece)| piece.len()).collect::<Vec<_>>()
        };
        assert_eq!(sizes(1).await, sizes(1).await);
        assert_ne!(sizes(1).await, sizes(2).await);
    }

    #[tokio::test]
    async fn every_byte_value_passes_a_pty_unchanged() {
        let mut pty = Pty::open().unwrap();
        let all: Vec<u8> = (0..=255).collect();
        let mut far = std::fs::File::open(pty.path()).unwrap();
        pty.write_all(&all).await.unwrap();
        let mut came = vec![0; all.len()];
        far.read_exact(&mut came).unwrap();
        assert_eq!(came, all);
    }

    #[tokio::test]
    async fn what_was_read_does_not_wait_any_longer() {
        let mut pty = Pty::open().unwrap();
        pty.write_all(b"1234").await.unwrap();
        let mut far = std::fs::File::open(pty.path()).unwrap();
        far.read_exact(&mut [0; 3]).unwrap();
        assert_eq!(pty.unread().unwrap(), 1);
    }

    #[tokio::test]
    async fn what_was_written_before_anybody_opened_the_line_waits() {
        let mut pty = Pty::open().unwrap();
        pty.write_all(b"early").await.unwrap();
        let mut came = [0; 5];
        std::fs::File::open(pty.path()).unwrap().read_exact(&mut came).unwrap();
        assert_eq!(&came, b"early");
    }
}
