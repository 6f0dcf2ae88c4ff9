//! What framers of all kinds share: the bytes held, the moments, the counters, and how a frame leaves.
//!
//! Invariant: `bytes` never holds more than `max`; a full one refuses the byte and its framer gives up.

use super::repeat::Repeats;
use super::{Frame, Reason, RepeatOptions};
use crate::time::Mono;

/// What a framer took in, and what it could not use. Only grows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Bytes taken.
    pub bytes: u64,
    /// Whole frames.
    pub frames: u64,
    /// Control bytes between frames.
    pub singles: u64,
    /// Bytes that belong to no frame.
    pub noise: u64,
    /// Frames with a wrong check.
    pub bad_checks: u64,
    /// Frames that stopped in the middle.
    pub abandoned: u64,
    /// Frames in which another began.
    pub restarted: u64,
    /// Frames longer than allowed.
    pub overflow: u64,
    /// Frames against their own format.
    pub malformed: u64,
    /// Frames that a lost device or lost bytes cut.
    pub broken: u64,
    /// Retransmissions dropped.
    pub repeats: u64,
}

impl Counters {
    /// Frames that could not be used.
    #[must_use]
    pub fn bad(&self) -> u64 {
        self.bad_checks
            + self.abandoned
            + self.restarted
            + self.overflow
            + self.malformed
            + self.broken
    }
}

/// The frame that is being put together. It has no `Debug` on purpose: bytes may hold card numbers.
pub(super) struct Assembly {
    pub bytes: Vec<u8>,
    pub counters: Counters,
    max: usize,
    singles: Vec<u8>,
    repeats: Repeats,
    open: bool,
    first: Mono,
    last: Mono,
}

impl Assembly {
    pub fn new(max: usize, singles: Vec<u8>, repeat: RepeatOptions) -> Self {
        Self {
            bytes: Vec::new(),
            counters: Counters::default(),
            max,
            singles,
            repeats: Repeats::new(repeat),
            open: false,
            first: Mono::default(),
            last: Mono::default(),
        }
    }

    /// So many bytes came at `now`.
    pub fn arrived(&mut self, count: usize, now: Mono) {
        self.counters.bytes += count as u64;
        self.last = now;
    }

    /// A frame begins with the bytes that came last.
    pub fn open(&mut self) {
        self.bytes.clear();
        self.open = true;
        self.first = self.last;
    }

    pub fn is_open(&self) -> bool {
        self.open
    }

    /// When the newest byte came.
    pub fn last(&self) -> Mono {
        self.last
    }

    /// The most bytes a frame may have.
    pub fn max(&self) -> usize {
        self.max
    }

    /// Keeps a byte of the open frame; says whether there was room.
    #[must_use]
    pub fn keep(&mut self, byte: u8) -> bool {
        let room = self.bytes.len() < self.max;
        if room {
            self.bytes.push(byte);
        }
        room
    }

    /// The open frame is whole: what it holds leaves.
    pub fn whole(&mut self, out: &mut Vec<Frame>) {
        self.open = false;
        let bytes = std::mem::take(&mut self.bytes);
        self.emit(bytes, out);
    }

    /// A whole frame leaves, unless the link only said it again.
    pub fn emit(&mut self, bytes: Vec<u8>, out: &mut Vec<Frame>) {
        if self.repeats.is_repeat(&bytes) {
            self.counters.repeats += 1;
            return;
        }
        self.counters.frames += 1;
        let (first, last) = (self.first, self.last);
        out.push(Frame { bytes, first, last, complete: true, reason: Reason::Whole });
    }

    /// The open frame, if there is one, is lost.
    pub fn give_up(&mut self, reason: Reason, out: &mut Vec<Frame>) {
        self.bytes.clear();
        if std::mem::take(&mut self.open) {
            self.report(reason, out);
        }
    }

    /// A frame was lost. The frame before it is no longer the last one said.
    pub fn report(&mut self, reason: Reason, out: &mut Vec<Frame>) {
        self.repeats.forget();
        *match reason {
            Reason::Check => &mut self.counters.bad_checks,
            Reason::Idle => &mut self.counters.abandoned,
            Reason::Restart => &mut self.counters.restarted,
            Reason::Overflow => &mut self.counters.overflow,
            Reason::Malformed => &mut self.counters.malformed,
            Reason::Broken => &mut self.counters.broken,
            Reason::Whole | Reason::Single => return,
        } += 1;
        let (first, last) = (self.first, self.last);
        out.push(Frame { bytes: Vec::new(), first, last, complete: false, reason });
    }

    /// A byte outside of frames: a control byte of the link, or noise.
    pub fn stray(&mut self, byte: u8, out: &mut Vec<Frame>) {
        if !self.singles.contains(&byte) {
            return self.noise();
        }
        self.counters.singles += 1;
        self.repeats.single(byte);
        let last = self.last;
        out.push(Frame {
            bytes: vec![byte],
            first: last,
            last,
            complete: true,
            reason: Reason::Single,
        });
    }

    /// A byte that belongs to nothing, perhaps the rest of a frame that was not seen.
    pub fn noise(&mut self) {
        self.counters.noise += 1;
        self.repeats.forget();
    }

    /// Nothing is held any more.
    pub fn close(&mut self) {
        self.bytes.clear();
        self.open = false;
    }

    /// What was said before says nothing about what comes.
    pub fn forget(&mut self) {
        self.repeats.forget();
    }
}
