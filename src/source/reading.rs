//! What a device said, and when.

use std::fmt;
use std::io;
use std::time::Duration;

use rustix::io::Errno;

use crate::time::Now;

/// The position of a source in the running configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(pub u16);

/// One thing a device said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Who said it.
    pub source: SourceId,
    /// When it left the kernel.
    pub at: Now,
    /// What it was.
    pub body: Body,
}

/// How a device is asked that does not speak by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Poll {
    /// What is sent.
    pub request: &'static [u8],
    /// How often.
    pub every: Duration,
    /// A byte of the device, and what is sent when it comes.
    pub reply: Option<(u8, &'static [u8])>,
}

/// What a device said. Its `Debug` shows no byte and no address: nothing is redacted yet here.
#[derive(Clone, PartialEq, Eq)]
pub enum Body {
    /// The device answers (again). Decoders start afresh.
    Up,
    /// The device is gone or refuses; the source goes on trying. Sent once per change of state or reason.
    Down(DownReason),
    /// Bytes in the order of arrival; never empty.
    Bytes(Vec<u8>),
    /// Bytes were lost before this point: the hand-over was full.
    Overrun {
        /// How many.
        bytes: u64,
    },
    /// The levels of a pair of lines, looked at after they were requested or after edges were lost.
    Levels([bool; 2]),
    /// A line of a GPIO chip changed to `active`. `sequence` counts the edges of the line, or of a pair: a gap is loss.
    Edge {
        /// Its offset on the chip.
        line: u32,
        /// The level after the change.
        active: bool,
        /// Counts the edges of what was requested together.
        sequence: u32,
    },
    /// What a counter keeps in the registers of its totals, those of who came in first.
    Registers(Vec<u16>),
    /// A radio receiver heard an advertisement.
    Advert(Advert),
    /// Adverts were dropped before this point: the bounded queue was full.
    AdvertsDropped {
        /// How many.
        count: u64,
    },
}

/// Why a device is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DownReason {
    /// The node does not exist (yet).
    Missing,
    /// It was there and went away.
    Unplugged,
    /// Another program holds it.
    Busy,
    /// The user may not open it.
    Denied,
    /// The port refuses the settings asked for.
    Settings(String),
    /// No bus, no Bluetooth daemon, no adapter, adapter off, or silence: said in words.
    Radio(String),
    /// Any other error, as the system words it.
    Other(String),
}

impl DownReason {
    /// Why the system refuses a node.
    #[must_use]
    pub fn of(error: &io::Error) -> Self {
        match Errno::from_io_error(error) {
            Some(Errno::NOENT | Errno::NXIO | Errno::NODEV | Errno::NOTDIR) => Self::Missing,
            Some(Errno::BUSY) => Self::Busy,
            Some(Errno::ACCESS | Errno::PERM) => Self::Denied,
            _ => Self::Other(error.to_string()),
        }
    }
}

/// An advertisement as BlueZ delivers it: manufacturer data without the company id, service data without
/// the UUID. Its `Debug` shows lengths only.
#[derive(Clone, PartialEq, Eq)]
pub struct Advert {
    /// Displayed order, most significant byte first. Never leaves the decoder.
    pub address: [u8; 6],
    /// True when the address is a random one.
    pub random: bool,
    /// dBm.
    pub rssi: i8,
    /// (company id, data).
    pub manufacturer: Vec<(u16, Vec<u8>)>,
    /// (16-bit service UUID, data); others are left out by the receiver.
    pub service: Vec<(u16, Vec<u8>)>,
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Up => f.write_str("Up"),
            Self::Down(reason) => f.debug_tuple("Down").field(reason).finish(),
            Self::Bytes(bytes) => write!(f, "Bytes({})", bytes.len()),
            Self::Overrun { bytes } => write!(f, "Overrun {{ bytes: {bytes} }}"),
            Self::Registers(words) => write!(f, "Registers({words:?})"),
            Self::Levels(levels) => write!(f, "Levels({levels:?})"),
            Self::Edge { line, active, sequence } => {
                write!(f, "Edge {{ line: {line}, active: {active}, sequence: {sequence} }}")
            }
            Self::Advert(advert) => advert.fmt(f),
            Self::AdvertsDropped { count } => write!(f, "AdvertsDropped {{ count: {count} }}"),
        }
    }
}

impl fmt::Debug for Advert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lengths =
            |parts: &[(u16, Vec<u8>)]| parts.iter().map(|(_, data)| data.len()).collect::<Vec<_>>();
        f.debug_struct("Advert")
            .field("rssi", &self.rssi)
            .field("manufacturer", &lengths(&self.manufacturer))
            .field("service", &lengths(&self.service))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_for_a_developer_holds_no_content() {
        let check = |body: Body, expected: &str| {
            let reading = Reading { source: SourceId(3), at: Now::default(), body };
            let shown = format!("{reading:?}");
            assert!(shown.ends_with(&format!("body: {expected} }}")), "{shown}");
        };
        check(Body::Bytes(b"4111111111111111".to_vec()), "Bytes(16)");
        let advert = Advert {
            address: [0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff],
            random: true,
            rssi: -60,
            manufacturer: vec![(76, vec![2; 23])],
            service: vec![(0xfeaa, vec![0; 20])],
        };
        check(Body::Advert(advert), "Advert { rssi: -60, manufacturer: [23], service: [20], .. }");
        check(Body::Down(DownReason::Busy), "Down(Busy)");
        check(Body::Overrun { bytes: 7 }, "Overrun { bytes: 7 }");
        check(
            Body::Edge { line: 1, active: true, sequence: 2 },
            "Edge { line: 1, active: true, sequence: 2 }",
        );
    }

    #[test]
    fn a_refusal_says_what_has_to_be_done() {
        let check = |errno: Errno, expected: DownReason| {
            assert_eq!(DownReason::of(&io::Error::from(errno)), expected);
        };
        check(Errno::NOENT, DownReason::Missing);
        check(Errno::NODEV, DownReason::Missing);
        check(Errno::BUSY, DownReason::Busy);
        check(Errno::ACCESS, DownReason::Denied);
        check(Errno::PERM, DownReason::Denied);
        check(Errno::NOMEM, DownReason::Other(io::Error::from(Errno::NOMEM).to_string()));
    }
}
