//! AltBeacon: any company's manufacturer data `BE AC`, id (20, by custom 16 + 2 + 2, big endian), power at 1 m (i8),
//! a byte of the company's own that some tags leave out (AltBeacon specification 1.0).

use super::Identified;
use crate::decode::fact::TagKey;

/// Reads the manufacturer data without its company id.
pub(super) fn parse(data: &[u8]) -> Option<Identified> {
    let [0xBE, 0xAC, body @ ..] = data else { return None };
    let (uuid, rest) = body.split_first_chunk::<16>()?;
    let (&[major_high, major_low, minor_high, minor_low, power], own) = rest.split_first_chunk()?;
    if own.len() > 1 {
        return None;
    }
    let key = TagKey::AltBeacon {
        uuid: *uuid,
        major: u16::from_be_bytes([major_high, major_low]),
        minor: u16::from_be_bytes([minor_high, minor_low]),
    };
    Some(Identified { key, power_at_1m: power.cast_signed() })
}
