//! Checks of frames: sums and CRCs, and how they are written.
//!
//! Names of the CRCs as in the catalogue of parametrised CRC algorithms (reveng): KERMIT, XMODEM, ARC.

use crc::{CRC_16_ARC, CRC_16_KERMIT, CRC_16_XMODEM, Crc};

static KERMIT: Crc<u16> = Crc::<u16>::new(&CRC_16_KERMIT);
static XMODEM: Crc<u16> = Crc::<u16>::new(&CRC_16_XMODEM);
static ARC: Crc<u16> = Crc::<u16>::new(&CRC_16_ARC);

/// The check of a frame: over what, which, and how it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckOptions {
    /// How it is computed.
    pub algorithm: CheckAlgorithm,
    /// What the sum starts from; its low byte for one-byte sums.
    pub seed: u16,
    /// The start mark counts.
    pub include_start: bool,
    /// The end mark counts, or the mark before the check where the check comes first.
    pub include_end: bool,
    /// Escape bytes count as they came over the wire.
    pub over_escaped: bool,
    /// How it is written.
    pub encoding: CheckEncoding,
    /// Which byte of two comes first.
    pub order: ByteOrder,
}

impl Default for CheckOptions {
    /// The commonest one: XOR of data and end mark.
    fn default() -> Self {
        Self {
            algorithm: CheckAlgorithm::Xor,
            seed: 0,
            include_start: false,
            include_end: true,
            over_escaped: false,
            encoding: CheckEncoding::Raw,
            order: ByteOrder::HighFirst,
        }
    }
}

/// How the check is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckAlgorithm {
    /// One byte, also called LRC or BCC.
    Xor,
    /// One byte.
    Sum8,
    /// Two bytes.
    Sum16,
    /// CRC-16/KERMIT, two bytes.
    Crc16Kermit,
    /// CRC-16/XMODEM, two bytes.
    Crc16Xmodem,
    /// CRC-16/ARC, two bytes.
    Crc16Arc,
}

/// How the check is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckEncoding {
    /// Its bytes.
    Raw,
    /// Two upper-case hexadecimal digits for each byte.
    HexUpper,
    /// Each half byte plus 30h.
    Nibble30,
}

/// Which byte of two comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteOrder {
    /// The low one.
    LowFirst,
    /// The high one.
    HighFirst,
}

impl CheckOptions {
    /// Bytes of the check on the wire.
    #[must_use]
    pub fn width(&self) -> usize {
        let bytes = match self.algorithm {
            CheckAlgorithm::Xor | CheckAlgorithm::Sum8 => 1,
            _ => 2,
        };
        if self.encoding == CheckEncoding::Raw { bytes } else { 2 * bytes }
    }

    /// Whether `found` is the check of `parts` joined.
    #[must_use]
    pub fn holds(&self, parts: &[&[u8]], found: &[u8]) -> bool {
        self.written(parts) == found
    }

    /// The check of `parts` joined, as it is written.
    #[must_use]
    pub fn written(&self, parts: &[&[u8]]) -> Vec<u8> {
        let [high, low] = self.value(parts).to_be_bytes();
        let bytes: &[u8] = match (self.algorithm, self.order) {
            (CheckAlgorithm::Xor | CheckAlgorithm::Sum8, _) => &[low],
            (_, ByteOrder::LowFirst) => &[low, high],
            (_, ByteOrder::HighFirst) => &[high, low],
        };
        let halves = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0x0F]);
        match self.encoding {
            CheckEncoding::Raw => bytes.to_vec(),
            CheckEncoding::HexUpper => halves.map(hex_digit).collect(),
            CheckEncoding::Nibble30 => halves.map(|half| 0x30 + half).collect(),
        }
    }

    fn value(&self, parts: &[&[u8]]) -> u16 {
        let bytes = || parts.iter().copied().flatten();
        match self.algorithm {
            CheckAlgorithm::Xor => bytes().fold(self.seed, |sum, byte| sum ^ u16::from(*byte)),
            CheckAlgorithm::Sum8 | CheckAlgorithm::Sum16 => {
                bytes().fold(self.seed, |sum, byte| sum.wrapping_add(u16::from(*byte)))
            }
            CheckAlgorithm::Crc16Kermit => crc(&KERMIT, self.seed, parts),
            CheckAlgorithm::Crc16Xmodem => crc(&XMODEM, self.seed, parts),
            CheckAlgorithm::Crc16Arc => crc(&ARC, self.seed, parts),
        }
    }
}

fn crc(algorithm: &'static Crc<u16>, seed: u16, parts: &[&[u8]]) -> u16 {
    let mut digest = algorithm.digest_with_initial(seed);
    for part in parts {
        digest.update(part);
    }
    digest.finalize()
}

fn hex_digit(half: u8) -> u8 {
    if half < 10 { b'0' + half } else { b'A' + half - 10 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(algorithm: CheckAlgorithm, bytes: &[u8], expected: u16) {
        let options = CheckOptions { algorithm, ..CheckOptions::default() };
        assert_eq!(options.value(&[bytes]), expected, "{algorithm:?}");
    }

    #[test]
    fn algorithms_give_their_published_check_values() {
        // "123456789" is the test input of the CRC catalogue.
        check(CheckAlgorithm::Crc16Kermit, b"123456789", 0x2189);
        check(CheckAlgorithm::Crc16Xmodem, b"123456789", 0x31C3);
        check(CheckAlgorithm::Crc16Arc, b"123456789", 0xBB3D);
        check(CheckAlgorithm::Sum16, &[0xFF, 0xFF, 0x02], 0x0200);
        check(CheckAlgorithm::Xor, b"0200|123|\x03", 0x31);
    }

    #[test]
    fn a_check_is_written_as_its_options_say() {
        let written = |algorithm, encoding, order| {
            CheckOptions { algorithm, encoding, order, ..CheckOptions::default() }
                .written(&[b"trinit\t", b"bm0\t"])
        };
        use {ByteOrder::*, CheckAlgorithm::*, CheckEncoding::*};
        assert_eq!(written(Crc16Xmodem, HexUpper, HighFirst), b"4825");
        assert_eq!(written(Crc16Xmodem, Raw, HighFirst), b"\x48\x25");
        assert_eq!(written(Crc16Xmodem, Raw, LowFirst), b"\x25\x48");
        assert_eq!(written(Crc16Xmodem, Nibble30, HighFirst), b"4825");
        assert_eq!(written(Sum16, Nibble30, HighFirst), b"03:;");
        assert_eq!(written(Sum8, HexUpper, HighFirst), b"AB");
        assert_eq!(written(Sum8, Raw, HighFirst), b"\xAB");
    }

    #[test]
    fn a_seed_is_where_the_sum_starts() {
        let seeded = |algorithm, seed| CheckOptions { algorithm, seed, ..CheckOptions::default() };
        assert_eq!(seeded(CheckAlgorithm::Xor, 0x7F).written(&[b"\x01\x03"]), [0x7D]);
        // MCRF4XX is KERMIT from FFFFh; its published check value.
        assert_eq!(seeded(CheckAlgorithm::Crc16Kermit, 0xFFFF).value(&[b"123456789"]), 0x6F91);
        // So is IBM-3740 of XMODEM.
        assert_eq!(seeded(CheckAlgorithm::Crc16Xmodem, 0xFFFF).value(&[b"123456789"]), 0x29B1);
    }
}
