//! What bit 7 of a device's bytes is: part of the character, or a parity bit of a 7-bit line.
//!
//! A port that is read as 8N1 delivers 7E1 and 7O1 lines too, with parity in bit 7 (both have ten bit times
//! a byte). Text that has characters from 80h on satisfies no parity: of 32 such bytes one in four thousand
//! million does.

use std::fmt;

/// What a line sends in bit 7.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bit7 {
    /// 7E1.
    Even,
    /// 7O1.
    Odd,
    /// 7M1, or 7N2: always set.
    Mark,
    /// 7S1, or 8N1 with nothing but ASCII: always clear.
    Clear,
    /// 8N1: part of the character.
    Data,
}

impl Bit7 {
    /// Whether the bit is no part of the character, and has to go.
    #[must_use]
    pub fn is_parity(self) -> bool {
        matches!(self, Self::Even | Self::Odd | Self::Mark)
    }
}

/// Bytes that a guess needs.
const BYTES_MIN: u64 = 32;

/// Bytes with bit 7 set that a guess of parity needs, and bytes with it clear.
const EITHER_MIN: u64 = 4;

/// One wrong byte among so many is a disturbed line.
const ERRORS: u64 = 50;

/// Counts of what came over a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistic {
    /// All of them.
    pub bytes: u64,
    /// Bit 7 set.
    pub high: u64,
    /// An even number of bits set, of all eight.
    pub even: u64,
}

impl Statistic {
    /// Counts more bytes.
    pub fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.bytes += 1;
            self.high += u64::from(byte >> 7);
            self.even += u64::from(byte.count_ones() % 2 == 0);
        }
    }

    /// The best guess, if there were enough bytes for one.
    #[must_use]
    pub fn guess(&self) -> Option<Bit7> {
        if self.bytes < BYTES_MIN {
            return None;
        }
        let nearly = |count: u64| (self.bytes - count) * ERRORS <= self.bytes;
        let low = self.bytes - self.high;
        Some(match () {
            () if self.high == 0 => Bit7::Clear,
            () if nearly(self.high) => Bit7::Mark,
            () if self.high < EITHER_MIN || low < EITHER_MIN => Bit7::Data,
            () if nearly(self.even) => Bit7::Even,
            () if nearly(self.bytes - self.even) => Bit7::Odd,
            () => Bit7::Data,
        })
    }
}

impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bit 7 set in {} of {} bytes, {} even", self.high, self.bytes, self.even)
    }
}

/// The bytes without bit 7.
pub fn strip(bytes: &mut [u8]) {
    for byte in bytes {
        *byte &= 0x7F;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &[u8] = b"\x1B@ COFFEE            2.50\r\n TOTAL 2.50\r\n";

    /// `TEXT` with bit 7 as `bit` says.
    fn line(bit: impl Fn(u8) -> bool) -> Vec<u8> {
        TEXT.iter().map(|byte| byte | if bit(*byte) { 0x80 } else { 0 }).collect()
    }

    fn check(bytes: &[u8], expected: Option<Bit7>) {
        let mut statistic = Statistic::default();
        statistic.add(bytes);
        assert_eq!(statistic.guess(), expected, "{statistic}");
    }

    #[test]
    fn parity_shows_in_bit_seven() {
        check(&line(|byte| byte.count_ones() % 2 == 1), Some(Bit7::Even));
        check(&line(|byte| byte.count_ones() % 2 == 0), Some(Bit7::Odd));
        check(&line(|_| true), Some(Bit7::Mark));
        check(TEXT, Some(Bit7::Clear));
        check(
            &"Müller, Café, Größe, Señor, ¿Qué?, Straße".repeat(2).into_bytes(),
            Some(Bit7::Data),
        );
    }

    #[test]
    fn one_disturbed_byte_changes_nothing_and_a_few_bytes_say_nothing() {
        let mut bytes = line(|byte| byte.count_ones() % 2 == 1).repeat(2);
        bytes[7] ^= 0x80;
        check(&bytes, Some(Bit7::Even));
        check(&line(|_| true)[..31], None);
    }

    #[test]
    fn a_few_characters_from_80h_on_are_no_parity() {
        // Blanks and hyphens have odd and even numbers of bits; each stream is all of one kind.
        check(&[b"\x21\x22\x24\x28".repeat(20).as_slice(), b"\x21\x84"].concat(), Some(Bit7::Data));
        check(&[[b'0'; 80].as_slice(), b"\x81\x82"].concat(), Some(Bit7::Data));
    }

    #[test]
    fn what_is_stripped_is_the_text() {
        let mut bytes = line(|byte| byte.count_ones() % 2 == 1);
        strip(&mut bytes);
        assert_eq!(bytes, TEXT);
    }
}
