//! Splits a raw advertising payload into its structures: length, type, data (Core Specification, Vol 3
//! Part C 11). Serial receivers deliver it whole; BlueZ has done this already.

/// AD type: service data of a 16-bit UUID.
const SERVICE_DATA_16: u8 = 0x16;
/// AD type: manufacturer specific data.
const MANUFACTURER: u8 = 0xFF;

/// (16-bit id, data) of each structure of one kind.
pub(super) type Fields = Vec<(u16, Vec<u8>)>;

/// Manufacturer data and 16-bit service data of a payload. A structure that runs past the end, and what
/// follows it, is left out.
pub(super) fn split(payload: &[u8]) -> (Fields, Fields) {
    let (mut manufacturer, mut service) = (Fields::new(), Fields::new());
    let mut rest = payload;
    while let Some((&length, tail)) = rest.split_first() {
        let Some((structure, next)) = tail.split_at_checked(usize::from(length)) else { break };
        if let [kind, low, high, data @ ..] = structure {
            let field = (u16::from_le_bytes([*low, *high]), data.to_vec());
            match *kind {
                MANUFACTURER => manufacturer.push(field),
                SERVICE_DATA_16 => service.push(field),
                _ => {}
            }
        }
        rest = next;
    }
    (manufacturer, service)
}
