//! Every check that a framer knows, the usual ones first, and how a dialect names it.

use std::fmt;

use crate::decode::frame::CheckPlace;
use crate::decode::frame::check::{ByteOrder, CheckAlgorithm, CheckEncoding, CheckOptions};

const ALGORITHMS: [(CheckAlgorithm, &str); 6] = [
    (CheckAlgorithm::Xor, "xor"),
    (CheckAlgorithm::Sum8, "sum8"),
    (CheckAlgorithm::Crc16Xmodem, "crc16-xmodem"),
    (CheckAlgorithm::Crc16Kermit, "crc16-kermit"),
    (CheckAlgorithm::Crc16Arc, "crc16-arc"),
    (CheckAlgorithm::Sum16, "sum16"),
];

const ENCODINGS: [(CheckEncoding, &str); 3] = [
    (CheckEncoding::Raw, "raw"),
    (CheckEncoding::HexUpper, "hex-upper"),
    (CheckEncoding::Nibble30, "nibble30"),
];

/// Bytes that may stand before a check that comes before the end mark.
const MARKS: [Option<u8>; 3] = [None, Some(b'#'), Some(b'*')];

/// All checks.
pub fn all() -> impl Iterator<Item = CheckOptions> {
    let marks = [(false, true), (false, false), (true, true), (true, false)];
    ALGORITHMS.into_iter().flat_map(move |(algorithm, _)| {
        ENCODINGS.into_iter().flat_map(move |(encoding, _)| {
            marks.into_iter().flat_map(move |(include_start, include_end)| {
                orders(algorithm).iter().flat_map(move |order| {
                    seeds(algorithm).iter().map(move |seed| CheckOptions {
                        algorithm,
                        seed: *seed,
                        include_start,
                        include_end,
                        encoding,
                        order: *order,
                        ..CheckOptions::default()
                    })
                })
            })
        })
    })
}

/// All checks at all places.
pub fn placed() -> impl Iterator<Item = (CheckPlace, CheckOptions)> {
    let before = MARKS.into_iter().map(|mark| CheckPlace::BeforeEnd { mark });
    std::iter::once(CheckPlace::AfterEnd)
        .chain(before)
        .flat_map(|place| all().map(move |check| (place, check)))
}

fn orders(algorithm: CheckAlgorithm) -> &'static [ByteOrder] {
    match algorithm {
        CheckAlgorithm::Xor | CheckAlgorithm::Sum8 => &[ByteOrder::HighFirst],
        _ => &[ByteOrder::HighFirst, ByteOrder::LowFirst],
    }
}

fn seeds(algorithm: CheckAlgorithm) -> &'static [u16] {
    match algorithm {
        CheckAlgorithm::Xor | CheckAlgorithm::Sum8 | CheckAlgorithm::Sum16 => &[0],
        _ => &[0, 0xFFFF],
    }
}

/// A check as the keys of a dialect: only what is not usual is said.
pub struct Written<'a>(pub &'a CheckOptions, pub CheckPlace);

impl fmt::Display for Written<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(check, place) = self;
        let algorithm = ALGORITHMS.iter().find(|(known, _)| *known == check.algorithm);
        write!(f, "algorithm = \"{}\"", algorithm.map_or("", |(_, name)| name))?;
        if check.seed != 0 {
            write!(f, ", seed = {:#06x}", check.seed)?;
        }
        if check.include_start {
            write!(f, ", include_start = true")?;
        }
        if !check.include_end {
            write!(f, ", include_end = false")?;
        }
        if check.encoding != CheckEncoding::Raw {
            let encoding = ENCODINGS.iter().find(|(known, _)| *known == check.encoding);
            write!(f, ", encoding = \"{}\"", encoding.map_or("", |(_, name)| name))?;
        }
        if check.order == ByteOrder::LowFirst {
            write!(f, ", order = \"low-first\"")?;
        }
        if let CheckPlace::BeforeEnd { mark } = place {
            write!(f, ", place = \"before-end\"")?;
            if let Some(mark) = mark {
                write!(f, ", mark = {mark:#04x}")?;
            }
        }
        Ok(())
    }
}
