//! Whether the bytes can be what the till sent: a printer's state after noise is anybody's guess.
//!
//! Noise is a command like any other to the tokenizer, so it selects displays, alphabets and pages that no
//! one will select back. A till sends a few commands that no table knows; noise sends little else.
//!
//! Invariant: once more than `limits::NOISE_COMMANDS` came without a cut or silence between them, noise
//! stays heard until silence, whatever cuts it holds itself.

use crate::limits;

/// Unknown commands since the last cut or silence.
#[derive(Default)]
pub(super) struct Noise {
    unknown: usize,
    heard: bool,
}

impl Noise {
    /// A command that no table knows.
    pub fn unknown(&mut self) {
        self.unknown += 1;
        self.heard |= limits::NOISE_COMMANDS < self.unknown;
    }

    /// A document ended.
    pub fn cut(&mut self) {
        self.unknown = 0;
    }

    /// Silence came: starts over, and says whether noise was heard before it.
    pub fn silence(&mut self) -> bool {
        std::mem::take(self).heard
    }

    /// Whether silence would change anything here.
    pub fn waits(&self) -> bool {
        self.heard || 0 < self.unknown
    }
}
