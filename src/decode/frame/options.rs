//! What a line's frames look like.

use std::time::Duration;

use thiserror::Error;

use super::{
    DelimitedOptions, DleOptions, FixedOptions, IdleOptions, LengthOptions, LineOptions,
    RepeatOptions,
};
use crate::limits;

/// How the frames of one line are found.
#[derive(Clone, Debug)]
pub struct FramerOptions {
    /// What ends a frame.
    pub kind: FrameKind,
    /// Bytes of one frame at most, marks and check included. Lines have a bound of their own.
    pub max_frame: usize,
    /// Silence after which an unfinished frame is given up.
    pub idle: Duration,
    /// Control bytes that stand alone between frames and are passed on: ACK, NAK, EOT, ENQ.
    pub singles: Vec<u8>,
    /// How the link says a frame again.
    pub repeat: RepeatOptions,
    /// Bit 7 is parity: the device sends 7E1 or 7O1 and the port reads 8N1.
    pub strip_bit7: bool,
}

impl Default for FramerOptions {
    fn default() -> Self {
        Self {
            kind: FrameKind::Line(LineOptions::default()),
            max_frame: limits::FRAME_BYTES,
            idle: limits::PAYLOAD_IDLE,
            singles: Vec::new(),
            repeat: RepeatOptions::default(),
            strip_bit7: false,
        }
    }
}

/// What ends a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FrameKind {
    /// A delimiter byte.
    Line(LineOptions),
    /// An end mark.
    Delimited(DelimitedOptions),
    /// An end mark behind an escape byte.
    Dle(DleOptions),
    /// A length field.
    Length(LengthOptions),
    /// Silence.
    Idle(IdleOptions),
    /// Their size.
    Fixed(FixedOptions),
}

/// Options under which no frame could ever be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FramerError {
    /// Lines without an end.
    #[error("a line needs a delimiter that is not ignored")]
    NoDelimiter,
    /// A mark of no byte or too many; which.
    #[error("a {0} mark has 1 to {max} bytes", max = limits::FRAME_MARK_BYTES)]
    Mark(&'static str),
    /// Marks that cannot be told apart.
    #[error("escape, start and end must be different bytes")]
    SameBytes,
    /// A check that may be the end mark.
    #[error("a check before an end mark of one byte must be written in digits")]
    BinaryCheck,
    /// A length field too wide or too narrow; the most bytes.
    #[error("a length field of this encoding has 1 to {0} bytes")]
    LengthWidth(usize),
    /// A length field within the start mark.
    #[error("the length field must stand behind the start mark")]
    LengthOffset,
    /// Frames of no byte or too many.
    #[error("frames must have at least 1 byte and at most {max}", max = limits::FRAME_BYTES_MAX)]
    Size,
}

impl FramerOptions {
    /// Whether these options can find frames.
    pub(super) fn check(&self) -> Result<(), FramerError> {
        match &self.kind {
            FrameKind::Line(line) => line.check()?,
            FrameKind::Delimited(delimited) => delimited.check()?,
            FrameKind::Dle(dle) => dle.check()?,
            FrameKind::Length(length) => length.check(self.max_frame)?,
            FrameKind::Fixed(fixed) if !(1..=self.max_frame).contains(&fixed.size) => {
                return Err(FramerError::Size);
            }
            FrameKind::Idle(_) | FrameKind::Fixed(_) => {}
        }
        if !(1..=limits::FRAME_BYTES_MAX).contains(&self.max_frame) {
            return Err(FramerError::Size);
        }
        Ok(())
    }
}

/// Whether a mark has a length that a mark may have.
pub(super) fn check_mark(name: &'static str, mark: &[u8]) -> Result<(), FramerError> {
    let allowed = (1..=limits::FRAME_MARK_BYTES).contains(&mark.len());
    if allowed { Ok(()) } else { Err(FramerError::Mark(name)) }
}
