//! Retransmissions of a link: the same frame again because the other side asked, or never answered.
//!
//! Only a fingerprint of the last frame is kept. A frame that was lost between makes it void: what follows
//! a NAK is then the first good copy, even where it equals the frame before.

use std::hash::{DefaultHasher, Hasher};

/// How a link says a frame again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RepeatOptions {
    /// The control byte that asks for the last frame again. It is known only if it is one of the `singles`.
    pub after_nak: Option<u8>,
    /// Frames carry a sequence number, so two equal ones in a row are one.
    pub numbered: bool,
}

/// Knows whether a frame was said before.
pub(super) struct Repeats {
    options: RepeatOptions,
    last: Option<u64>,
    asked_again: bool,
}

impl Repeats {
    pub fn new(options: RepeatOptions) -> Self {
        Self { options, last: None, asked_again: false }
    }

    /// Takes the bytes of a whole frame; says whether they are only a repetition.
    pub fn is_repeat(&mut self, bytes: &[u8]) -> bool {
        let mut hasher = DefaultHasher::new();
        hasher.write(bytes);
        let asked = std::mem::take(&mut self.asked_again);
        let same = self.last.replace(hasher.finish()) == Some(hasher.finish());
        same && (asked || self.options.numbered)
    }

    /// Takes a control byte between frames.
    pub fn single(&mut self, byte: u8) {
        self.asked_again = self.options.after_nak == Some(byte);
    }

    /// Something was lost.
    pub fn forget(&mut self) {
        self.last = None;
        self.asked_again = false;
    }
}
