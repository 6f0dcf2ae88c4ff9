//! How a line format is opened, and what is then done to each byte.
//!
//! A frame of seven data bits with parity is, bit for bit, a frame of eight data bits without: the parity bit
//! stands in bit 7. So 7E1 and 7O1 are opened as 8N1, which every driver (and every pty, which takes 7E1 in
//! silence and stays at eight) understands; bit 7 is checked here and stripped.

use tokio_serial::{DataBits, Parity, StopBits};

use crate::config::{self, LineFormat};

/// What a port is opened with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened {
    pub data_bits: DataBits,
    pub parity: Parity,
    pub stop_bits: StopBits,
    pub strip: Strip,
}

/// What is done to the bytes that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strip {
    /// Eight data bits: nothing.
    Nothing,
    /// Seven data bits: bit 7 is cleared.
    Bit7,
    /// Seven data bits with even (true) or odd parity in bit 7: checked, then cleared.
    Parity { even: bool },
}

impl Opened {
    /// How `format` is opened. `data_bits` other than 7 count as 8, `stop_bits` other than 2 as 1.
    #[must_use]
    pub fn new(format: LineFormat) -> Self {
        let stop_bits = if format.stop_bits == 2 { StopBits::Two } else { StopBits::One };
        let eight = |parity, strip| Self { data_bits: DataBits::Eight, parity, stop_bits, strip };
        match (format.data_bits == 7, format.parity) {
            (false, config::Parity::None) => eight(Parity::None, Strip::Nothing),
            (false, config::Parity::Even) => eight(Parity::Even, Strip::Nothing),
            (false, config::Parity::Odd) => eight(Parity::Odd, Strip::Nothing),
            (true, config::Parity::Even) => eight(Parity::None, Strip::Parity { even: true }),
            (true, config::Parity::Odd) => eight(Parity::None, Strip::Parity { even: false }),
            // Nine bits a frame: only the driver can read that. With two stop bits the first stands in bit 7.
            (true, config::Parity::None) if stop_bits == StopBits::One => Self {
                data_bits: DataBits::Seven,
                parity: Parity::None,
                stop_bits,
                strip: Strip::Bit7,
            },
            (true, config::Parity::None) => {
                Self { stop_bits: StopBits::One, ..eight(Parity::None, Strip::Bit7) }
            }
        }
    }
}

impl Strip {
    /// Strips `bytes`; returns how many of them had the wrong parity. Those stay, as far as they can be told.
    pub fn apply(self, bytes: &mut [u8]) -> u64 {
        let mut wrong = 0;
        match self {
            Self::Nothing => {}
            Self::Bit7 => bytes.iter_mut().for_each(|byte| *byte &= 0x7f),
            Self::Parity { even } => {
                for byte in bytes {
                    wrong += u64::from(byte.count_ones().is_multiple_of(2) != even);
                    *byte &= 0x7f;
                }
            }
        }
        wrong
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(data_bits: u8, parity: config::Parity, stop_bits: u8) -> LineFormat {
        LineFormat { data_bits, parity, stop_bits }
    }

    /// Opens `format` and reads `bytes`; shows the settings, what is left and how many were wrong.
    fn check(format: LineFormat, bytes: &[u8], expected: (DataBits, Parity, &[u8], u64)) {
        let opened = Opened::new(format);
        let mut bytes = bytes.to_vec();
        let wrong = opened.strip.apply(&mut bytes);
        assert_eq!((opened.data_bits, opened.parity, &bytes[..], wrong), expected);
    }

    #[test]
    fn eight_bits_are_left_as_they_are() {
        let bytes = [0x00, 0xff, 0x11, 0x13];
        check(
            format(8, config::Parity::None, 1),
            &bytes,
            (DataBits::Eight, Parity::None, &bytes, 0),
        );
        check(
            format(8, config::Parity::Even, 1),
            &bytes,
            (DataBits::Eight, Parity::Even, &bytes, 0),
        );
    }

    #[test]
    fn seven_bits_with_parity_are_read_as_eight_and_checked() {
        // 'A' has two bits set, 'C' three.
        check(
            format(7, config::Parity::Even, 1),
            &[b'A', b'C' | 0x80, b'C'],
            (DataBits::Eight, Parity::None, b"ACC", 1),
        );
        check(
            format(7, config::Parity::Odd, 1),
            &[b'A' | 0x80, b'C', b'A'],
            (DataBits::Eight, Parity::None, b"ACA", 1),
        );
    }

    #[test]
    fn seven_bits_without_parity_lose_bit_seven() {
        check(
            format(7, config::Parity::None, 2),
            &[b'A' | 0x80],
            (DataBits::Eight, Parity::None, b"A", 0),
        );
        check(format(7, config::Parity::None, 1), b"A", (DataBits::Seven, Parity::None, b"A", 0));
        assert_eq!(Opened::new(format(7, config::Parity::None, 2)).stop_bits, StopBits::One);
    }
}
