//! iBeacon: Apple's manufacturer data `02 15`, UUID (16, big endian), major (u16 BE), minor (u16 BE),
//! measured power at 1 m (i8). Exactly 23 bytes; Apple's other types share the company id.

use super::Identified;
use crate::decode::fact::TagKey;

/// Bluetooth SIG company id of Apple, Inc.
pub(super) const APPLE: u16 = 0x004C;

/// Reads the manufacturer data without its company id.
pub(super) fn parse(data: &[u8]) -> Option<Identified> {
    let [0x02, 0x15, body @ ..] = data else { return None };
    let (uuid, rest) = body.split_first_chunk::<16>()?;
    let &[major_high, major_low, minor_high, minor_low, power] = rest else { return None };
    let key = TagKey::IBeacon {
        uuid: *uuid,
        major: u16::from_be_bytes([major_high, major_low]),
        minor: u16::from_be_bytes([minor_high, minor_low]),
    };
    Some(Identified { key, power_at_1m: power.cast_signed() })
}
