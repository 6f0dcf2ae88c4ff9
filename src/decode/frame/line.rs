//! Frames that end with a delimiter byte: journals, counters, scales.
//!
//! Bounded by `max_len`: a longer line is reported once and skipped up to its end. Empty lines are left
//! out, so that CRLF is one end.

use super::assembly::Assembly;
use super::{Frame, FramerError, Reason};
use crate::limits;

/// How lines end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineOptions {
    /// Each of them ends a line.
    pub delims: Vec<u8>,
    /// Bytes of a line at most.
    pub max_len: usize,
    /// What a carriage return means.
    pub cr: CarriageReturn,
}

/// What a carriage return means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CarriageReturn {
    /// What the delimiters say.
    Delimiter,
    /// Nothing, wherever it stands.
    Ignore,
}

impl Default for LineOptions {
    fn default() -> Self {
        Self {
            delims: vec![b'\r', b'\n'],
            max_len: limits::TEXT_LINE_BYTES,
            cr: CarriageReturn::Delimiter,
        }
    }
}

impl LineOptions {
    pub(super) fn check(&self) -> Result<(), FramerError> {
        if !self.delims.iter().any(|delim| !self.ignores(*delim)) {
            return Err(FramerError::NoDelimiter);
        }
        let allowed = (1..=limits::FRAME_BYTES_MAX).contains(&self.max_len);
        if allowed { Ok(()) } else { Err(FramerError::Size) }
    }

    fn ignores(&self, byte: u8) -> bool {
        byte == b'\r' && self.cr == CarriageReturn::Ignore
    }
}

/// Cuts a stream into lines.
pub(super) struct Line {
    options: LineOptions,
    /// The rest of a line that was too long is passing by.
    skipping: bool,
}

impl Line {
    pub fn new(options: LineOptions) -> Self {
        Self { options, skipping: false }
    }

    pub fn byte(&mut self, byte: u8, assembly: &mut Assembly, out: &mut Vec<Frame>) {
        if self.options.ignores(byte) {
        } else if self.options.delims.contains(&byte) {
            self.skipping = false;
            if assembly.is_open() {
                assembly.whole(out);
            }
        } else if self.skipping {
            assembly.noise();
        } else {
            self.keep(byte, assembly, out);
        }
    }

    fn keep(&mut self, byte: u8, assembly: &mut Assembly, out: &mut Vec<Frame>) {
        if !assembly.is_open() {
            assembly.open();
        }
        if !assembly.keep(byte) {
            self.skipping = true;
            assembly.give_up(Reason::Overflow, out);
        }
    }

    pub fn waits(&self) -> bool {
        self.skipping
    }

    pub fn reset(&mut self) {
        self.skipping = false;
    }
}
