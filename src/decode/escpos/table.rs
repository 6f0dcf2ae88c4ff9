//! How long each ESC/POS command is.
//!
//! Sources: the length tables of EscPosUtils (zlib) and escpos-tools (MIT), Epson's manuals. The tokenizer
//! asks [`rule`] once it knows a command's first two bytes; the answer says how many argument bytes to
//! collect and, where that depends on them, which function to ask next.

use super::token::Lead;

/// What follows the two bytes that name a command.
#[derive(Clone, Copy, Debug)]
pub(super) enum Body {
    /// Nothing more: the command is complete.
    Done,
    /// So many argument bytes, then ask.
    Args(u8, fn(&[u8]) -> Body),
    /// So many bytes of data.
    Data(u64),
    /// Data up to and including the `times`-th `end`, at most [`SCAN_MAX`] bytes.
    Until { end: u8, times: u8 },
    /// Ascending tab stops: end at NUL, before a value that is not larger, or after 32.
    Tabs,
    /// So many records: `head` bytes each, then as many as `size(args, head)` says.
    Records { left: u32, head: u8, size: fn(&[u8], &[u8]) -> u64 },
    /// No such command.
    Unknown,
}

/// Argument bytes that are collected at most.
pub(super) const ARGS: usize = 16;

/// Bytes that a terminator is searched in; the longest such command is a barcode of 255 characters.
pub(super) const SCAN_MAX: u16 = 512;

/// Commands of fixed length: per number of argument bytes, the opcodes.
type Fixed = [(u8, &'static [u8])];

const ESC_FIXED: &Fixed = &[
    (0, b"\x0C\x32\x34\x35\x3C\x40\x4C\x53\x69\x6D\x71\x76"),
    (1, b"\x20\x21\x25\x2D\x33\x3D\x3F\x43\x45\x46\x47\x4A\x4B\x4D\x52\x54\x55\x56\x61\x64\x65\x72\x74\x75\x7B"),
    (2, b"\x24\x5C\x63\x66"),
    (3, b"\x70"),
    (8, b"\x57"),
];

const FS_FIXED: &Fixed = &[
    (0, b"\x26\x2E\x4C\x62\x63"),
    (1, b"\x21\x2D\x43\x57"),
    (2, b"\x3F\x53\x70"),
];

const GS_FIXED: &Fixed = &[
    (0, b"\x3A\x63"),
    (1, b"\x21\x2F\x42\x45\x48\x49\x54\x61\x62\x66\x68\x6A\x72\x77"),
    (2, b"\x24\x4C\x50\x57\x5C"),
    (3, b"\x5E\x7A"),
    (4, b"\x67"),
];

/// Commands whose length depends on their arguments: opcode, argument bytes to collect, whom to ask.
type Variable = [(u8, u8, fn(&[u8]) -> Body)];

const DLE_VARIABLE: &Variable = &[(0x04, 1, dle_eot), (0x05, 1, |_| Body::Done), (0x14, 1, dle_dc4)];

/// Seiko's printers: `DC2 q n` asks for an answer at the end of a print.
const DC2_VARIABLE: &Variable = &[(b'q', 1, |_| Body::Done)];

const ESC_VARIABLE: &Variable = &[
    (b'(', 3, sized),
    (b'*', 3, bit_image),
    (b'D', 0, |_| Body::Tabs),
    (b'&', 3, glyphs),
];

const FS_VARIABLE: &Variable = &[
    (b'(', 3, sized),
    (b'2', 2, |_| Body::Data(72)),
    (b'a', 1, |args| if args == b"0" { extra(1) } else { Body::Done }),
    (b'g', 8, nv_memory),
    (b'q', 1, nv_images),
];

const GS_VARIABLE: &Variable = &[
    (b'(', 3, sized),
    (b'8', 1, |args| if args == b"L" { Body::Args(4, sized_long) } else { Body::Unknown }),
    (b'v', 1, raster_head),
    (b'Q', 1, raster_head),
    (b'*', 2, downloaded_image),
    (b'V', 1, |args| if matches!(args, [0 | 1 | b'0' | b'1']) { Body::Done } else { extra(1) }),
    (b'k', 1, barcode),
    (b'C', 1, counter),
    (b'D', 1, |args| if args == b"0" { Body::Args(12, windows_bitmap) } else { Body::Unknown }),
];

/// What follows `lead opcode`.
pub(super) fn rule(lead: Lead, opcode: u8) -> Body {
    let (fixed, variable): (&Fixed, &Variable) = match lead {
        Lead::Dle => (&[], DLE_VARIABLE),
        Lead::Dc2 => (&[], DC2_VARIABLE),
        Lead::Esc => (ESC_FIXED, ESC_VARIABLE),
        Lead::Fs => (FS_FIXED, FS_VARIABLE),
        Lead::Gs => (GS_FIXED, GS_VARIABLE),
    };
    if let Some((_, count, then)) = variable.iter().find(|(op, ..)| *op == opcode) {
        return if *count == 0 { then(&[]) } else { Body::Args(*count, *then) };
    }
    match fixed.iter().find(|(_, opcodes)| opcodes.contains(&opcode)) {
        Some((count, _)) => extra(*count),
        None => Body::Unknown,
    }
}

/// So many more argument bytes and nothing else.
const fn extra(count: u8) -> Body {
    if count == 0 { Body::Done } else { Body::Args(count, |_| Body::Done) }
}

fn word(low: u8, high: u8) -> u64 {
    u64::from(u16::from_le_bytes([low, high]))
}

/// `( fn pL pH`: the same for every function, known or not.
fn sized(args: &[u8]) -> Body {
    match *args {
        [_, low, high] => Body::Data(word(low, high)),
        _ => Body::Unknown,
    }
}

fn sized_long(args: &[u8]) -> Body {
    match *args {
        [_, a, b, c, d] => Body::Data(u64::from(u32::from_le_bytes([a, b, c, d]))),
        _ => Body::Unknown,
    }
}

fn dle_eot(args: &[u8]) -> Body {
    if matches!(args, [0x00 | 0x07 | 0x08 | 0x12]) { extra(1) } else { Body::Done }
}

/// Function 8 (clear the buffer) carries a constant, the others their arguments.
fn dle_dc4(args: &[u8]) -> Body {
    match args {
        [1 | 2] => extra(2),
        [3] => extra(5),
        [7] => extra(1),
        [8] => extra(7),
        _ => Body::Unknown,
    }
}

/// `m nL nH`: modes from 32 on are 24 dots high, the others 8.
fn bit_image(args: &[u8]) -> Body {
    match *args {
        [mode, low, high] => Body::Data(word(low, high) * if mode < 32 { 1 } else { 3 }),
        _ => Body::Unknown,
    }
}

/// `y c1 c2`, then for each character its width x and y·x bytes.
fn glyphs(args: &[u8]) -> Body {
    match *args {
        [_, first, last] if first <= last => {
            Body::Records { left: u32::from(last - first) + 1, head: 1, size: glyph }
        }
        _ => Body::Done,
    }
}

fn glyph(args: &[u8], head: &[u8]) -> u64 {
    match (args, head) {
        ([y, ..], [x]) => u64::from(*y) * u64::from(*x),
        _ => 0,
    }
}

/// `1 00 a4 a3 a2 a1 nL nH data` writes, `2 …` reads.
fn nv_memory(args: &[u8]) -> Body {
    match *args {
        [b'1', .., low, high] => Body::Data(word(low, high)),
        _ => Body::Done,
    }
}

fn nv_images(args: &[u8]) -> Body {
    match *args {
        [count] => Body::Records { left: u32::from(count), head: 4, size: nv_image },
        _ => Body::Unknown,
    }
}

fn nv_image(_: &[u8], head: &[u8]) -> u64 {
    match *head {
        [xl, xh, yl, yh] => word(xl, xh) * word(yl, yh) * 8,
        _ => 0,
    }
}

fn raster_head(args: &[u8]) -> Body {
    if args == b"0" { Body::Args(5, raster) } else { Body::Unknown }
}

fn raster(args: &[u8]) -> Body {
    match *args {
        [_, _, xl, xh, yl, yh] => Body::Data(word(xl, xh) * word(yl, yh)),
        _ => Body::Unknown,
    }
}

fn downloaded_image(args: &[u8]) -> Body {
    match *args {
        [x, y] => Body::Data(u64::from(x) * u64::from(y) * 8),
        _ => Body::Unknown,
    }
}

/// Types up to 6 end at NUL, types from 41h on name their length.
fn barcode(args: &[u8]) -> Body {
    match *args {
        [0..=6] => Body::Until { end: 0, times: 1 },
        [0x41..=0x4F] => Body::Args(1, |args| match *args {
            [_, length] => Body::Data(u64::from(length)),
            _ => Body::Unknown,
        }),
        _ => Body::Unknown,
    }
}

/// Serial number counters; type `;` has five decimal arguments, each ended by `;`.
fn counter(args: &[u8]) -> Body {
    match args {
        b"0" | b"2" => extra(2),
        b"1" => extra(6),
        b";" => Body::Until { end: b';', times: 5 },
        _ => Body::Unknown,
    }
}

/// `0 m 0 kc1 kc2 b c`, then a BMP file, whose size is in its bytes 2 to 5.
fn windows_bitmap(args: &[u8]) -> Body {
    match *args {
        [.., b'B', b'M', a, b, c, d] => {
            Body::Data(u64::from(u32::from_le_bytes([a, b, c, d])).saturating_sub(6))
        }
        _ => Body::Unknown,
    }
}
