//! The objects of BTHome v2: how long each is, whether it has a sign, and what it is multiplied by.

use super::Value;

/// How an object's bytes become its value.
enum Kind {
    /// So many bytes, times `factor` × 10^-`decimals`.
    Number {
        bytes: usize,
        signed: bool,
        factor: i64,
        decimals: u8,
    },
    Flag,
    /// A byte says how many follow.
    Text,
    Raw,
}

/// Reads the value of the object `id` from the front of `data`: the value, unless its bytes mean nothing, and what
/// follows it. `None` when the object is not known or cut short.
pub(super) fn read(id: u8, data: &[u8]) -> Option<(Option<Value<'_>>, &[u8])> {
    let (bytes, data) = match kind(id)? {
        Kind::Number { bytes, signed, factor, decimals } => {
            let (raw, rest) = data.split_at_checked(bytes)?;
            let number = little_endian(raw, signed).saturating_mul(factor);
            return Some((Some(Value::Number { number, decimals }), rest));
        }
        Kind::Flag => {
            let (flag, rest) = data.split_first()?;
            return Some((Some(Value::Flag(*flag != 0)), rest));
        }
        Kind::Text | Kind::Raw => {
            let (&length, rest) = data.split_first()?;
            rest.split_at_checked(usize::from(length))?
        }
    };
    let value = match kind(id)? {
        Kind::Raw => Some(Value::Raw(bytes)),
        _ => std::str::from_utf8(bytes).ok().map(Value::Text),
    };
    Some((value, data))
}

/// Grouped by form; the units stand at [`crate::decode::fact::Quantity`] for those that are used.
fn kind(id: u8) -> Option<Kind> {
    let unsigned = |bytes, decimals| Kind::Number { bytes, signed: false, factor: 1, decimals };
    let signed = |bytes, decimals| Kind::Number { bytes, signed: true, factor: 1, decimals };
    Some(match id {
        0x0f..=0x11 | 0x15..=0x2d => Kind::Flag,
        0x00 | 0x01 | 0x09 | 0x2e | 0x2f | 0x3a | 0x3b | 0x60 | 0x64 | 0x65 => unsigned(1, 0),
        0x46 => unsigned(1, 1),
        0x57 | 0x59 => signed(1, 0),
        // 0.35 °C.
        0x58 => Kind::Number { bytes: 1, signed: true, factor: 35, decimals: 2 },
        0x0d | 0x0e | 0x12 | 0x13 | 0x3c | 0x3d | 0x40 | 0x48 | 0x56 | 0x61 | 0xf0 => {
            unsigned(2, 0)
        }
        0x41 | 0x47 | 0x4a | 0x5f => unsigned(2, 1),
        0x03 | 0x06 | 0x07 | 0x14 | 0x44 | 0x5e => unsigned(2, 2),
        0x0c | 0x43 | 0x49 | 0x51 | 0x52 => unsigned(2, 3),
        0x5a => signed(2, 0),
        0x3f | 0x45 => signed(2, 1),
        0x02 | 0x08 => signed(2, 2),
        0x5d => signed(2, 3),
        0xf2 => unsigned(3, 0),
        0x04 | 0x05 | 0x0b => unsigned(3, 2),
        0x0a | 0x42 | 0x4b => unsigned(3, 3),
        0x3e | 0x50 | 0xf1 => unsigned(4, 0),
        0x4c..=0x4f | 0x55 => unsigned(4, 3),
        0x5b => signed(4, 0),
        0x5c => signed(4, 2),
        0x62 | 0x63 => signed(4, 6),
        0x53 => Kind::Text,
        0x54 => Kind::Raw,
        _ => return None,
    })
}

/// At most four bytes.
fn little_endian(bytes: &[u8], signed: bool) -> i64 {
    let value = bytes.iter().rev().fold(0, |sum, byte| sum << 8 | i64::from(*byte));
    let range = 1_i64 << (8 * bytes.len().min(4));
    if signed && value >= range / 2 { value - range } else { value }
}
