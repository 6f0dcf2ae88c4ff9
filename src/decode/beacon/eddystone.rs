//! Eddystone-UID: service data `00`, power at 0 m (i8), namespace (10), instance (6), two reserved bytes that
//! some tags leave out. Power at 1 m is 41 dB less (Eddystone protocol specification).

use super::Identified;
use crate::decode::fact::TagKey;

const LOSS_OF_FIRST_METRE: i8 = 41;

/// Reads the service data without its UUID.
pub(super) fn parse_uid(data: &[u8]) -> Option<Identified> {
    let [0x00, power, body @ ..] = data else { return None };
    let (namespace, rest) = body.split_first_chunk::<10>()?;
    let (instance, reserved) = rest.split_first_chunk::<6>()?;
    if !matches!(reserved.len(), 0 | 2) {
        return None;
    }
    let key = TagKey::EddystoneUid { namespace: *namespace, instance: *instance };
    let power_at_1m = power.cast_signed().saturating_sub(LOSS_OF_FIRST_METRE);
    Some(Identified { key, power_at_1m })
}
