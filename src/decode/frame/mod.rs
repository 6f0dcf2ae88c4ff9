//! Framers: bytes of a machine's line to the records in them.
//!
//! Pure: `push` what arrives, `tick` when `deadline` has come, `broken` when bytes were lost, `finish` at the
//! end of a replayed file. Frames do not depend on how the bytes were cut into pushes.
//!
//! Invariants:
//! - nothing fails: what is no frame is counted in [`Counters`] and skipped;
//! - a framer holds at most `max_frame` bytes, and after any garbage the next frame is found again, at the
//!   latest after `idle` of silence;
//! - a frame that stopped in the middle is given up after `idle` and reported;
//! - bytes may hold card numbers, so neither `Debug` nor a counter shows any, and a [`Frame`] that is not
//!   complete carries none.
//!
//! | file | frames end by |
//! |---|---|
//! | `line` | a delimiter byte |
//! | `delimited` | a start and an end mark, perhaps with a check |
//! | `dle` | marks behind an escape byte that is doubled in data |
//! | `length` | a length field |
//! | `idle` | silence |
//! | `fixed` | their size |
//!
//! `check` holds the checksums, `repeat` knows a link's retransmissions, `assembly` is what all kinds share.

mod assembly;
pub mod check;
mod delimited;
mod dle;
mod fixed;
mod idle;
mod length;
mod line;
mod machine;
mod options;
mod repeat;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use std::fmt;

use assembly::Assembly;
use machine::Machine;

use crate::time::Mono;

pub use assembly::Counters;
pub use delimited::{CheckPlace, DelimitedOptions};
pub use dle::DleOptions;
pub use fixed::FixedOptions;
pub use idle::IdleOptions;
pub use length::{LengthEncoding, LengthOptions};
pub use line::{CarriageReturn, LineOptions};
pub use options::{FrameKind, FramerError, FramerOptions};
pub use repeat::RepeatOptions;

/// One record of a line, or word of one that was lost.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    /// What stands between the marks, unescaped, without marks and check; a length field stays where it is.
    /// Empty unless `complete`.
    pub bytes: Vec<u8>,
    /// When its first byte came, or the byte before which it was searched for.
    pub first: Mono,
    /// When its last byte came.
    pub last: Mono,
    /// Whether every byte is there and the check is right.
    pub complete: bool,
    /// Why it ended.
    pub reason: Reason,
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Frame({:?}, {} bytes)", self.reason, self.bytes.len())
    }
}

/// Why a frame ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// As its format says.
    Whole,
    /// A control byte that stands alone between frames: ACK, NAK, ENQ, EOT.
    Single,
    /// Its check is wrong.
    Check,
    /// Nothing came for a while.
    Idle,
    /// Another one began before its end.
    Restart,
    /// Longer than frames of this line are.
    Overflow,
    /// A byte that its format does not allow there.
    Malformed,
    /// The device went away, or bytes were lost.
    Broken,
}

impl Reason {
    /// Whether a frame that ended so is to be believed.
    #[must_use]
    pub fn complete(self) -> bool {
        matches!(self, Self::Whole | Self::Single)
    }
}

/// Finds the frames of one line.
pub struct Framer {
    machine: Machine,
    assembly: Assembly,
    /// What is kept of each byte.
    mask: u8,
}

impl Framer {
    /// A framer that has seen nothing yet.
    ///
    /// # Errors
    /// Options under which no frame could ever be found.
    pub fn new(options: FramerOptions) -> Result<Self, FramerError> {
        options.check()?;
        let mask = if options.strip_bit7 { 0x7F } else { 0xFF };
        let FramerOptions { kind, max_frame, idle, singles, repeat, .. } = options;
        let max = if let FrameKind::Line(line) = &kind { line.max_len } else { max_frame };
        Ok(Self {
            assembly: Assembly::new(max, singles, repeat),
            machine: Machine::new(kind, idle),
            mask,
        })
    }

    /// Takes bytes that arrived at `now`, which never goes back.
    pub fn push(&mut self, bytes: &[u8], now: Mono, out: &mut Vec<Frame>) {
        if bytes.is_empty() {
            return;
        }
        self.tick(now, out);
        self.assembly.arrived(bytes.len(), now);
        for byte in bytes {
            self.machine.byte(byte & self.mask, &mut self.assembly, out);
        }
    }

    /// Ends what silence ends.
    pub fn tick(&mut self, now: Mono, out: &mut Vec<Frame>) {
        if self.deadline().is_some_and(|deadline| deadline <= now) {
            self.finish(out);
        }
    }

    /// When `tick` has something to do, if no byte comes before.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        let waits = self.machine.waits(&self.assembly);
        waits.then(|| self.assembly.last().plus(self.machine.patience()))
    }

    /// The device went away or bytes were lost: the open frame ends incomplete.
    pub fn broken(&mut self, out: &mut Vec<Frame>) {
        self.machine.broken(&mut self.assembly, out);
        self.assembly.forget();
    }

    /// No more bytes belong to what was begun.
    pub fn finish(&mut self, out: &mut Vec<Frame>) {
        self.machine.silence(&mut self.assembly, out);
    }

    /// What was taken in since the start.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.assembly.counters
    }
}
