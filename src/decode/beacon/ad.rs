//! Splits a raw advertising payload into its structures: length, type, data (Core Specification, Vol 3
//! Part C 11). Serial receivers deliver it whole; BlueZ has done this already.

use super::sighting::Part;

/// AD type: service data of a 16-bit UUID.
const SERVICE_DATA_16: u8 = 0x16;
/// AD type: manufacturer specific data.
const MANUFACTURER: u8 = 0xFF;

/// Calls `take` with the manufacturer data and 16-bit service data of a payload. A structure that runs past the end,
/// and what follows it, is left out; one without length ends the payload.
pub(super) fn split<'a>(payload: &'a [u8], mut take: impl FnMut(Part<'a>)) {
    let mut rest = payload;
    while let Some((&length, tail)) = rest.split_first().filter(|(length, _)| **length > 0) {
        let Some((structure, next)) = tail.split_at_checked(usize::from(length)) else { break };
        if let [kind, low, high, data @ ..] = structure {
            let id = u16::from_le_bytes([*low, *high]);
            match *kind {
                MANUFACTURER => take(Part::Manufacturer(id, data)),
                SERVICE_DATA_16 => take(Part::Service(id, data)),
                _ => {}
            }
        }
        rest = next;
    }
}
