//! Telling printer languages apart by their first bytes, for [`Language::of`] a prefix of about
//! `limits::DETECT_BYTES`.
//!
//! ESC/POS and Star share most opcodes, so only what one of them has and the other has not counts as a
//! sign: Star prefixes commands with `ESC GS` and `ESC RS`, ESC/POS begins them with a bare GS or FS. Plain
//! text has neither, nor other control bytes. Where signs are even, nothing is claimed.

pub mod bit7;

use std::fmt;

/// What a device prints in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// ESC/POS, Epson's and that of most other makers.
    Escpos,
    /// Star Line Mode or StarPRNT.
    Star,
    /// Lines, perhaps with a terminal's cursor sequences.
    Text,
    /// The signs are even, or there are none.
    #[default]
    Unknown,
}

/// What speaks for a language. Shown to people who set up a port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Bytes looked at.
    pub bytes: usize,
    /// Signs of ESC/POS.
    pub escpos: usize,
    /// Signs of Star's languages.
    pub star: usize,
    /// Cursor sequences of terminals.
    pub terminal: usize,
    /// Bytes that print.
    pub printable: usize,
    /// CR and LF.
    pub line_ends: usize,
    /// Other control bytes.
    pub controls: usize,
}

/// What follows a bare GS in ESC/POS only.
const ESCPOS_GS: &[u8] = b"!VBLWahwkH(v8";
/// What follows FS in ESC/POS; in Star's languages FS is a command of its own.
const ESCPOS_FS: &[u8] = b".CS&(";
/// What follows ESC in ESC/POS only, or nearly so.
const ESCPOS_ESC: &[u8] = b"t3{M";

impl Evidence {
    /// Looks at the first bytes of a stream.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut evidence = Self { bytes: bytes.len(), ..Self::default() };
        let mut before = 0;
        for (index, byte) in bytes.iter().enumerate() {
            let after = bytes.get(index + 1..).unwrap_or_default();
            evidence.weigh(before, *byte, after);
            before = *byte;
        }
        evidence
    }

    fn weigh(&mut self, before: u8, byte: u8, after: &[u8]) {
        let next = after.first().copied().unwrap_or(0);
        match byte {
            0x20..=0xFF if byte != 0x7F => self.printable += 1,
            b'\r' | b'\n' => self.line_ends += 1,
            b'\t' | 0x0C => {}
            0x1B if next == b'[' => self.terminal += 1,
            _ => self.controls += 1,
        }
        match byte {
            0x1B if matches!(after, [0x1D | 0x1E, ..] | [b'*', b'r', ..]) => self.star += 1,
            0x1B if ESCPOS_ESC.contains(&next) || is_cut(after) => self.escpos += 1,
            0x1D if before != 0x1B && ESCPOS_GS.contains(&next) => self.escpos += 1,
            0x1C if before != 0x1B && ESCPOS_FS.contains(&next) => self.escpos += 1,
            _ => {}
        }
    }

    /// What the signs say.
    #[must_use]
    pub fn language(&self) -> Language {
        let plain = self.controls == 0 && 0 < self.line_ends && 0 < self.printable;
        match self.escpos.cmp(&self.star) {
            std::cmp::Ordering::Greater => Language::Escpos,
            std::cmp::Ordering::Less => Language::Star,
            std::cmp::Ordering::Equal if self.escpos == 0 && plain => Language::Text,
            std::cmp::Ordering::Equal => Language::Unknown,
        }
    }

    /// How many signs more there are for the language than against it.
    #[must_use]
    pub fn margin(&self) -> usize {
        self.escpos.abs_diff(self.star)
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} signs of ESC/POS, {} of Star, {} cursor sequences in {} bytes ({} printable, {} line ends, {} other \
             control bytes)",
            self.escpos,
            self.star,
            self.terminal,
            self.bytes,
            self.printable,
            self.line_ends,
            self.controls
        )
    }
}

/// Whether `ESC i` is a cut, as in ESC/POS: in Star's languages two sizes from 0 to 5 follow it.
fn is_cut(after: &[u8]) -> bool {
    let size = |byte: &u8| matches!(byte, 0..=5 | b'0'..=b'5');
    matches!(after, [b'i', rest @ ..] if rest.first().is_none_or(|byte| !size(byte)))
}

/// The language of a stream that begins like this.
#[must_use]
pub fn language(bytes: &[u8]) -> Language {
    Evidence::of(bytes).language()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: Language) {
        let evidence = Evidence::of(bytes);
        assert_eq!(evidence.language(), expected, "{bytes:02X?}: {evidence}");
    }

    #[test]
    fn what_only_one_language_has_decides() {
        check(b"\x1B@\x1D!\x11SHOP\n", Language::Escpos);
        check(b"\x1B@\x1Bt\x13SHOP\n", Language::Escpos);
        check(b"\x1C.SHOP\n", Language::Escpos);
        check(b"\x1B@\x1B\x1Dt\x20SHOP\n", Language::Star);
        check(b"SHOP\nTEA 1.00\n\x1BiSHOP\n", Language::Escpos);
        check(b"\x1B@SHOP\n\x1Bi\x1B@", Language::Escpos);
        check(b"\x1B@SHOP\n\x1Bi\x01\x01LARGE", Language::Unknown);
        check(b"\x1B@SHOP\n\x1Bi11LARGE", Language::Unknown);
        check(b"\x1B\x1Ea\x00\x1BMSHOP\x1B\x1Da\x00\n", Language::Star);
        check(b"\x1B*rA", Language::Star);
    }

    #[test]
    fn lines_without_controls_are_text() {
        check(b"SHOP\r\n12 COFFEE   2.50\r\n", Language::Text);
        check(b"\x1B[2J\x1B[1;1HSHOP\r\n", Language::Text);
        check(b"Caf\x82\tx\x0C\n", Language::Text);
    }

    #[test]
    fn what_both_have_or_none_has_is_not_claimed() {
        check(b"", Language::Unknown);
        check(b"\x1B@SHOP\n", Language::Unknown);
        check(b"\x1Bp\x00\x32\xFA", Language::Unknown);
        check(b"no line end", Language::Unknown);
        check(b"\x02123\x03\n", Language::Unknown);
        check(b"\x1B\x1Dt\x20\x1D!\x11", Language::Unknown);
    }

    #[test]
    fn evidence_reads_as_a_sentence() {
        assert_eq!(
            Evidence::of(b"\x1B@\x1D!\x11A\n").to_string(),
            "1 signs of ESC/POS, 0 of Star, 0 cursor sequences in 7 bytes (3 printable, 1 line ends, 3 other control \
             bytes)"
        );
    }
}
