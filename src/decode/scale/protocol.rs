//! What scales send: where an answer ends, and what it says.
//!
//! Each protocol is one function from the bytes at hand to a [`Step`], so that answers do not depend on how
//! the bytes were cut, and a broken answer costs only itself.
//!
//! | protocol | asked with | answer |
//! |---|---|---|
//! | Toledo 8217 | `W` | STX weight [`N`] CR, or STX `?` status CR |
//! | Toledo 8213, EH-SCP | `W` | the same, digits without a point |
//! | NCI, SCP-01 | `W` CR | LF weight unit CR LF status CR ETX |
//! | CAS and A&D, continuous | – | `ST,GS,` [id lamp `,`] weight unit CR LF |
//! | CAS PD-II, AP-1, SW | ENQ; after its ACK, DC1 | [SOH] STX state sign weight unit BCC ETX [EOT] |
//!
//! Sources: the makers' and till makers' manuals (Datalogic Magellan and Ohaus Aviator for 8217 and SCP-01,
//! NCI 6702 for the status bytes, CAS CI and PDS for 22 bytes, CAS AP-1 and SW-II for PD-II).

use super::mass::Unit;
use super::weight::{self, Weight};
use crate::limits;

const STX: u8 = 0x02;
const ETX: u8 = 0x03;
const ENQ: u8 = 0x05;
const ACK: u8 = 0x06;
/// What [`Said::Ready`] is made of.
pub(super) const READY: u8 = ACK;
const LF: u8 = b'\n';
const CR: u8 = b'\r';
const DC1: u8 = 0x11;

/// How a scale speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// Mettler-Toledo 8217.
    #[default]
    Toledo8217,
    /// Mettler-Toledo 8213, also EH-SCP.
    Toledo8213,
    /// NCI ECR, also SCP-01.
    Nci,
    /// CAS's 22 bytes, and A&D's 18, sent without being asked.
    Cas,
    /// CAS PD-II, AP-1, SW.
    CasPd,
}

/// What the bytes at hand are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The start of an answer.
    More,
    /// The first byte belongs to no answer.
    Noise,
    /// So many bytes belong together and mean nothing here: a request, a handshake.
    Known(usize),
    /// An answer of so many bytes that is broken.
    Broken(usize),
    /// An answer of so many bytes.
    Answer(usize, Said),
}

/// What an answer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Weight {
        grams: i64,
        stable: bool,
        net: bool,
    },
    Motion,
    Under,
    Over,
    /// No weight, and no reason that matters.
    Nothing,
    /// The scale is ready to be asked for its weight.
    Ready,
}

impl Protocol {
    /// What asks for a weight.
    pub(super) fn request(self) -> Option<&'static [u8]> {
        match self {
            Self::Toledo8217 | Self::Toledo8213 => Some(b"W"),
            Self::Nci => Some(b"W\r"),
            Self::CasPd => Some(&[ENQ]),
            Self::Cas => None,
        }
    }

    /// What answers [`Said::Ready`].
    pub(super) fn reply(self) -> Option<&'static [u8]> {
        (self == Self::CasPd).then_some(&[DC1])
    }

    /// Bit 7 is parity at most.
    pub(super) fn is_ascii(self) -> bool {
        matches!(self, Self::Toledo8217 | Self::Toledo8213 | Self::Nci)
    }

    /// Looks at what starts with `bytes`, which are not empty. `unit` and `decimals` hold where the scale
    /// does not tell them.
    pub(super) fn step(self, bytes: &[u8], unit: Unit, decimals: u8) -> Step {
        let read = |text: &[u8]| weight::parse(std::str::from_utf8(text).ok()?, unit, decimals);
        match self {
            Self::Toledo8217 | Self::Toledo8213 => toledo(bytes, read),
            Self::Nci => nci(bytes, read),
            Self::Cas => cas(bytes, read),
            Self::CasPd => cas_pd(bytes, read),
        }
    }
}

fn toledo(bytes: &[u8], read: impl Fn(&[u8]) -> Option<Weight>) -> Step {
    match bytes {
        [STX, ..] => {}
        // Many tills end their requests as lines.
        [b'W' | b'Z' | b'H' | b'C' | b'T' | b'S' | CR | LF, ..] => return Step::Known(1),
        _ => return Step::Noise,
    }
    let Some(end) = end_of(bytes, CR, STX) else { return open(bytes) };
    let said = match bytes.get(1..end).unwrap_or_default() {
        _ if bytes.get(end) == Some(&STX) => return Step::Broken(end),
        [b'?', status] => Some(match status {
            over if over & 0b10 != 0 => Said::Over,
            under if under & 0b100 != 0 => Said::Under,
            motion if motion & 1 != 0 => Said::Motion,
            _ => Said::Nothing,
        }),
        text => read(text).map(at_rest),
    };
    said.map_or(Step::Broken(end + 1), |said| Step::Answer(end + 1, said))
}

fn nci(bytes: &[u8], read: impl Fn(&[u8]) -> Option<Weight>) -> Step {
    match bytes {
        [LF, ..] => {}
        [b'W' | b'S' | b'Z' | b'H', CR, ..] => return Step::Known(2),
        [b'W' | b'S' | b'Z' | b'H'] => return Step::More,
        _ => return Step::Noise,
    }
    let Some(end) = bytes.iter().position(|b| *b == ETX) else { return open(bytes) };
    let lines = bytes.get(..end).unwrap_or_default().split(|b| *b == CR || *b == LF);
    let mut lines = lines.filter(|line| !line.is_empty()).rev();
    let status = lines.next().unwrap_or_default();
    let answer = |said| Step::Answer(end + 1, said);
    if status == b"?" {
        return answer(Said::Nothing);
    }
    // In some manuals an `S` stands before the status; no status byte looks like it.
    let [first, second, more @ ..] = status.strip_prefix(b"S").unwrap_or(status) else {
        return Step::Broken(end + 1);
    };
    if first & 0x30 != 0x30 || second & 0x30 != 0x30 {
        return Step::Broken(end + 1);
    }
    let (moves, under, over) = (first & 1 != 0, second & 1 != 0, second & 0b10 != 0);
    let net = second & 0x40 != 0 && more.first().is_some_and(|third| third & 0b100 != 0);
    match lines.next() {
        _ if over => answer(Said::Over),
        _ if under => answer(Said::Under),
        // Dashes say that the scale lost its zero.
        None | Some([b'^' | b'_' | b'-', b'^' | b'_' | b'-', ..]) => answer(Said::Nothing),
        Some(text) => read(text).map_or(Step::Broken(end + 1), |weight| {
            let Weight { grams, net: said } = weight;
            answer(Said::Weight { grams, stable: !moves, net: net || said })
        }),
    }
}

fn cas(bytes: &[u8], read: impl Fn(&[u8]) -> Option<Weight>) -> Step {
    // At each place one of these.
    const HEAD: [&[u8]; 6] = [b"SUO", b"TSL", b",", b"GN", b"ST", b","];
    let head = bytes.iter().zip(HEAD).all(|(byte, allowed)| allowed.contains(byte));
    if !head {
        return Step::Noise;
    }
    let (length, text) = match (bytes.get(16..18), bytes.get(20..22)) {
        (Some(b"\r\n"), _) => (18, bytes.get(6..16)),
        (_, Some(b"\r\n")) if bytes.get(8) == Some(&b',') => (22, bytes.get(9..20)),
        (_, Some(_)) => return Step::Broken(1),
        _ => return Step::More,
    };
    let net = bytes.get(3) == Some(&b'N');
    match (bytes.first(), bytes.get(1)) {
        (Some(b'O'), _) => Step::Answer(length, Said::Over),
        (state, _) => {
            text.and_then(read).map_or(Step::Broken(length), |Weight { grams, .. }| {
                Step::Answer(length, Said::Weight { grams, stable: state == Some(&b'S'), net })
            })
        }
    }
}

fn cas_pd(bytes: &[u8], read: impl Fn(&[u8]) -> Option<Weight>) -> Step {
    match bytes {
        [STX, ..] => {}
        [ACK, ..] => return Step::Answer(1, Said::Ready),
        [0x01 | 0x81 | 0x04 | ENQ | DC1 | 0x12 | 0x15, ..] => return Step::Known(1),
        _ => return Step::Noise,
    }
    // Six characters of weight, or seven.
    for check in [11, 12] {
        let Some([found, ETX]) = bytes.get(check..check + 2) else { continue };
        let body = bytes.get(1..check).unwrap_or_default();
        if lrc(body) == *found {
            let said = match body {
                [b'S' | b'U', b'F', ..] => Some(Said::Over),
                [state @ (b'S' | b'U'), text @ ..] => read(text).map(|Weight { grams, net }| {
                    Said::Weight { grams, stable: *state == b'S', net }
                }),
                _ => None,
            };
            return said.map_or(Step::Broken(check + 2), |said| Step::Answer(check + 2, said));
        }
    }
    // The total or unit price that another till asked for.
    if let Some(price) = bytes.get(1..9)
        && bytes.get(9..11) == Some(&[lrc(price), ETX])
    {
        return Step::Known(11);
    }
    if bytes.len() < 14 { Step::More } else { Step::Broken(1) }
}

fn lrc(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum ^ byte)
}

/// A weight that the scale gives only at rest.
fn at_rest(weight: Weight) -> Said {
    Said::Weight { grams: weight.grams, stable: true, net: weight.net }
}

/// Where the answer that starts at the first byte ends, or another one starts.
fn end_of(bytes: &[u8], end: u8, start: u8) -> Option<usize> {
    bytes.iter().skip(1).position(|b| *b == end || *b == start).map(|place| place + 1)
}

/// An answer without an end.
fn open(bytes: &[u8]) -> Step {
    if bytes.len() < limits::SCALE_FRAME_BYTES { Step::More } else { Step::Broken(1) }
}
