//! How long each command of Star Line Mode and StarPRNT is.
//!
//! Sources: Star's "Line Mode Command Specifications" (line thermal, hybrid and dot impact printers) and
//! "StarPRNT Command Specifications"; measured on the streams of other programs' emitters.

use crate::decode::document::tokens::{Body, Table};
use crate::limits;

/// The commands. Raster mode has others: rows of dots that begin with a letter.
#[derive(Default)]
pub(super) struct StarTable {
    /// Between `ESC * r A` and `ESC * r B`.
    pub raster: bool,
}

impl Table for StarTable {
    fn rule(&self, head: &[u8]) -> Body {
        match *head {
            [0x1B] => Body::More(1),
            [0x1B, opcode] => esc(opcode),
            [0x1B, 0x1D, ..] => gs(head),
            [0x1B, 0x1C, ..] => fs(head),
            [0x1B, b'*', ..] => raster_command(head),
            [0x1B, ..] => sized(head),
            [b'b' | b'k'] if self.raster => Body::More(2),
            [b'b' | b'k', low, high] => Body::Data(word(low, high)),
            // BEL, FS, EM and SUB drive the drawers, ENQ, EOT and ETB ask for the printer's state.
            [0x04 | 0x05 | 0x07 | 0x09..=0x0F | 0x12 | 0x14 | 0x17..=0x1A | 0x1C] => Body::Done,
            [0x20..=0xFF] => Body::Unknown,
            _ => Body::Dropped,
        }
    }

    fn is_text(&self, byte: u8) -> bool {
        byte >= 0x20 && !self.raster
    }

    fn keep(&self, head: &[u8]) -> usize {
        match head {
            [0x1B, b'b', ..] | [0x1B, 0x1D, b'x' | b'y', ..] => limits::SYMBOL_BYTES,
            _ => KEEP,
        }
    }
}

/// Bytes kept of other payloads: enough for tab stops and for the argument of a function.
const KEEP: usize = 32;

/// Commands without arguments.
const NONE: &[u8] = b"0124567:@EFMOPgpq\x0E\x14";

/// Commands with one argument.
const ONE: &[u8] = b" $%-/3AIJNQRUW_adhlyz\x06\x0C\x0F";

/// Commands with two arguments.
const TWO: &[u8] = b"ist\x07\x0B\x16";

fn esc(opcode: u8) -> Body {
    match opcode {
        _ if NONE.contains(&opcode) => Body::Done,
        _ if ONE.contains(&opcode) => Body::More(1),
        _ if TWO.contains(&opcode) => Body::More(2),
        // Strings up to NUL: tab stops, memory switches, reset.
        b'D' | b'B' | b'#' | b'?' => Body::Until(0),
        b'*' | b'C' | 0x1C | 0x1D => Body::More(1),
        b'K' | b'L' | b'X' | b'k' | b'r' | 0x1E => Body::More(2),
        b'^' | b'&' => Body::More(3),
        b'b' | b'+' => Body::More(4),
        _ => Body::Unknown,
    }
}

/// Commands whose length depends on what follows the opcode, with that at hand.
fn sized(head: &[u8]) -> Body {
    match *head {
        [_, b'K' | b'L', low, high] => Body::Data(word(low, high)),
        [_, b'k', low, high] => Body::Data(word(low, high) * 24),
        [_, b'X', low, high] => Body::Data(word(low, high) * 3),
        [_, b'^', _, low, high] => Body::Data(word(low, high) * 2),
        // A page length in inches has a NUL before it.
        [_, b'C', 0] => Body::More(1),
        [_, b'b', _, _, _, _] => Body::Until(0x1E),
        // Downloads a character of 12 x 24 dots, or deletes it.
        [_, b'&', _, 1 | b'1', _] => Body::Data(48),
        [_, b'r', _, _] => Body::Data(72),
        _ => Body::Done,
    }
}

/// `ESC FS`: logos.
fn fs(head: &[u8]) -> Body {
    match *head {
        [_, _, b'p' | b'M'] => Body::More(2),
        [_, _, b'q'] => Body::More(1),
        [_, _, b'p' | b'M', _, _] => Body::Done,
        [_, _, b'q', count] => Body::Records {
            left: u32::from(count),
            head: 4,
            size: |_, head| match *head {
                [xl, xh, yl, yh] => word(xl, xh) * word(yl, yh) * 8,
                _ => 0,
            },
        },
        _ => Body::Unknown,
    }
}

/// `ESC GS`
fn gs(head: &[u8]) -> Body {
    match *head.get(2..).unwrap_or_default() {
        [b'a' | b't' | b'P' | b'x' | b'y' | b'/' | b'*'] => Body::More(1),
        [b'A' | b'R' | b'c'] => Body::More(2),
        [0x03 | 0x07 | b'(' | b')'] => Body::More(3),
        [0x19] => Body::More(4),
        [b'S'] => Body::More(6),
        [b'='] => Body::More(2),
        // Memory switches, as text.
        [b'#'] => Body::Until(0),
        [b'P', ref rest @ ..] => page(rest),
        [kind @ (b'x' | b'y'), ref rest @ ..] => symbol(kind, rest),
        [b'/' | b'*', b'W' | b'C'] => Body::Done,
        [b'(' | b')', _, low, high] | [b'=', low, high] => Body::Data(word(low, high)),
        [b'S', _, xl, xh, yl, yh, _] => Body::Data(word(xl, xh) * word(yl, yh)),
        [b'a' | b't', _] | [b'A' | b'R' | b'c', _, _] => Body::Done,
        [0x03 | 0x07, _, _, _] | [0x19, _, _, _, _] => Body::Done,
        _ => Body::Unknown,
    }
}

/// Page mode: start, direction, area, vertical position, print, leave.
fn page(rest: &[u8]) -> Body {
    match *rest {
        [b'0' | b'1' | b'6'..=b'8'] => Body::Done,
        [b'2'] => Body::More(1),
        [b'4' | b'5'] => Body::More(2),
        [b'3'] => Body::More(8),
        [_] => Body::Unknown,
        _ => Body::Done,
    }
}

/// QR codes (`y`) and PDF417 (`x`): settings, data, print, ask.
fn symbol(kind: u8, rest: &[u8]) -> Body {
    match (kind, rest) {
        (_, [b'P' | b'I']) => Body::Done,
        (_, [b'S']) | (b'x', [b'D']) => Body::More(2),
        // The size of a PDF417 takes three values.
        (b'x', [b'S', 0 | b'0', _]) => Body::More(2),
        (_, [b'S', ..]) => Body::Done,
        (b'x', [b'D', low, high]) => Body::Data(word(*low, *high)),
        (_, [b'D']) => Body::More(1),
        (_, [b'D', 1 | b'1']) => Body::More(3),
        (_, [b'D', 1 | b'1', _, low, high]) => Body::Data(word(*low, *high)),
        // Data in blocks, each with its mode and length.
        (_, [b'D', 2 | b'2']) => Body::More(1),
        (_, [b'D', 2 | b'2', blocks]) => Body::Records {
            left: u32::from(*blocks),
            head: 3,
            size: |_, head| match *head {
                [_, low, high] => word(low, high),
                _ => 0,
            },
        },
        _ => Body::Unknown,
    }
}

/// `ESC *`: raster mode. Arguments are decimal text up to NUL.
fn raster_command(head: &[u8]) -> Body {
    match *head {
        [_, _, b'r'] => Body::More(1),
        [_, _, b'r', b'A' | b'B' | b'C' | b'R'] => Body::Done,
        [_, _, b'r', _] => Body::Until(0),
        _ => Body::Unknown,
    }
}

fn word(low: u8, high: u8) -> u64 {
    u64::from(u16::from_le_bytes([low, high]))
}
