//! Frames of one size without marks. Only silence brings them back in step: what is unfinished then is
//! given up.

use super::Frame;
use super::assembly::Assembly;

/// The size of every frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FixedOptions {
    /// Bytes.
    pub size: usize,
}

/// Counts bytes into frames.
pub(super) struct Fixed {
    options: FixedOptions,
}

impl Fixed {
    pub fn new(options: FixedOptions) -> Self {
        Self { options }
    }

    pub fn byte(&mut self, byte: u8, assembly: &mut Assembly, out: &mut Vec<Frame>) {
        if !assembly.is_open() {
            assembly.open();
        }
        // There is room: the size was checked against the bound.
        if assembly.keep(byte) && assembly.bytes.len() == self.options.size {
            assembly.whole(out);
        }
    }
}
