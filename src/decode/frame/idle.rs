//! Frames that only silence separates.
//!
//! Constraint: the gap must be longer than any pause the adapter makes within a frame; a USB adapter holds
//! bytes back for up to 16 ms. A frame longer than `max_frame` is reported once and skipped up to its end.

use std::time::Duration;

use super::assembly::Assembly;
use super::{Frame, Reason};
use crate::limits;

/// How long the silence between frames is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdleOptions {
    /// Silence that ends a frame.
    pub gap: Duration,
}

impl Default for IdleOptions {
    fn default() -> Self {
        Self { gap: limits::FRAME_GAP }
    }
}

/// Collects what comes without a gap.
#[derive(Default)]
pub(super) struct Idle {
    /// The rest of a frame that was too long is passing by.
    skipping: bool,
}

impl Idle {
    pub fn byte(&mut self, byte: u8, assembly: &mut Assembly, out: &mut Vec<Frame>) {
        if self.skipping {
            return assembly.noise();
        }
        if !assembly.is_open() {
            assembly.open();
        }
        if !assembly.keep(byte) {
            self.skipping = true;
            assembly.give_up(Reason::Overflow, out);
        }
    }

    pub fn silence(&mut self, assembly: &mut Assembly, out: &mut Vec<Frame>) {
        self.skipping = false;
        if assembly.is_open() {
            assembly.whole(out);
        }
    }

    pub fn waits(&self) -> bool {
        self.skipping
    }

    pub fn reset(&mut self) {
        self.skipping = false;
    }
}
