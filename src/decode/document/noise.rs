//! Whether the bytes can be what the till sent: a device's state after noise is anybody's guess.
//!
//! Signs of noise are unknown commands, and control bytes that mean nothing: no till sends those, but noise
//! holds one among twenty bytes. NUL is none: tills send it to fill payloads whose tail was lost.
//!
//! Invariant: once more than `limits::NOISE_COMMANDS` signs came without a cut or silence between them, noise
//! stays heard until silence, whatever cuts it holds itself.

use crate::limits;

/// Signs since the last cut or silence.
#[derive(Default)]
pub(in crate::decode) struct Noise {
    signs: usize,
    heard: bool,
}

impl Noise {
    /// A command that no table knows, or a byte that means nothing.
    pub fn sign(&mut self) {
        self.signs = self.signs.saturating_add(1);
        self.heard |= limits::NOISE_COMMANDS < self.signs;
    }

    /// A document ended.
    pub fn cut(&mut self) {
        self.signs = 0;
    }

    /// Whether noise was heard since the last silence.
    pub fn is_heard(&self) -> bool {
        self.heard
    }

    /// Silence came: starts over, and says whether noise was heard before it.
    pub fn silence(&mut self) -> bool {
        std::mem::take(self).heard
    }

    /// Whether silence would change anything here.
    pub fn waits(&self) -> bool {
        self.heard || 0 < self.signs
    }
}
