//! People counters: what they write on their port, or keep in registers, to [`DoorFact`]s.
//!
//! Most write lines (`lines`, in [`super::door`]); some have frames of their own (`terabee`, `point_six`); those on a
//! Modbus line are asked for `registers`. All but lines tell cumulative totals of a known width, so that a total that
//! fell is a wrap only where the counter can wrap there.
//!
//! Pure; bounded by a frame or a line of memory each. What is damaged says nothing and is counted.

pub mod point_six;
pub mod registers;
pub mod terabee;

use self::point_six::PointSixDecoder;
use self::terabee::TerabeeDecoder;
use super::door;
use super::fact::DoorFact;
use super::line::LineReader;

/// What a counter on a serial port speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// Lines of text.
    #[default]
    Lines,
    /// Binary frames of a Terabee `TeraRanger` Evo People Counter.
    Terabee,
    /// Packets of a Point Six receiver, of the sensor with this serial number.
    PointSix {
        /// The two lowest bits are none of it.
        sensor: u32,
    },
}

impl Protocol {
    /// Bits after which its totals begin again; `None`: any usual number.
    #[must_use]
    pub fn bits(self) -> Option<u32> {
        match self {
            Self::Lines => None,
            Self::Terabee => Some(16),
            Self::PointSix { .. } => Some(24),
        }
    }

    /// Whether it tells who came from who went.
    #[must_use]
    pub fn tells_both_ways(self) -> bool {
        !matches!(self, Self::PointSix { .. })
    }
}

/// Bytes of a counter's port to facts.
#[derive(Debug)]
pub enum Counter {
    /// See [`Protocol::Lines`].
    Lines(LineReader<DoorFact>),
    /// See [`Protocol::Terabee`].
    Terabee(TerabeeDecoder),
    /// See [`Protocol::PointSix`].
    PointSix(PointSixDecoder),
}

impl Counter {
    /// One that speaks `protocol`.
    #[must_use]
    pub fn new(protocol: Protocol) -> Self {
        match protocol {
            Protocol::Lines => Self::Lines(door::lines()),
            Protocol::Terabee => Self::Terabee(TerabeeDecoder::default()),
            Protocol::PointSix { sensor } => Self::PointSix(PointSixDecoder::new(sensor)),
        }
    }

    /// Takes bytes; calls `said` for each fact in them.
    pub fn push(&mut self, bytes: &[u8], said: impl FnMut(DoorFact)) {
        match self {
            Self::Lines(decoder) => decoder.push(bytes, said),
            Self::Terabee(decoder) => decoder.push(bytes, said),
            Self::PointSix(decoder) => decoder.push(bytes, said),
        }
    }

    /// Bytes were lost.
    pub fn broken(&mut self) {
        match self {
            Self::Lines(decoder) => decoder.broken(),
            Self::Terabee(decoder) => decoder.restart(),
            Self::PointSix(decoder) => decoder.broken(),
        }
    }

    /// The device came back.
    pub fn started(&mut self) {
        match self {
            Self::Lines(decoder) => decoder.started(),
            Self::Terabee(decoder) => decoder.restart(),
            Self::PointSix(decoder) => decoder.started(),
        }
    }

    /// Pieces that were not understood, and what that means.
    #[must_use]
    pub fn malformed(&self) -> (u64, &'static str) {
        match self {
            Self::Lines(decoder) => (
                decoder.malformed(),
                "lines that are no counts (as `IN 2` or `IN=123 OUT=120`), or counts that jumped: \
                 check baud rate and counter",
            ),
            Self::Terabee(decoder) => (
                decoder.malformed(),
                "bytes that are no frames of a Terabee counter, or counts that jumped: check baud \
                 rate and binary output",
            ),
            Self::PointSix(decoder) => (
                decoder.malformed(),
                "lines that are no packets of a Point Six receiver, or counts that jumped: check \
                 baud rate and receiver",
            ),
        }
    }
}
