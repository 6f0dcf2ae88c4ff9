//! Advertisements to tags heard. Pure, never panics, allocates nothing per advert.
//!
//! A format is a function from the delivered bytes to a [`TagKey`] with the power the tag states. Everything
//! that is no tag we know how to read is an unknown device: counted by the tracker, never stored.

mod ad;
mod eddystone;
mod gprp;
mod ibeacon;

pub use gprp::{GprpDecoder, GprpError, parse as parse_gprp};

use super::fact::{TagHeard, TagKey};
use crate::source::Advert;

/// Bluetooth SIG company id of Apple, Inc.
const APPLE: u16 = 0x004C;
/// 16-bit service UUID of Eddystone.
const EDDYSTONE: u16 = 0xFEAA;

/// The tag that an advertisement names, if it names one.
///
/// An RSSI of 127 means "not known" in the Bluetooth Core specification; such an advert is no ping.
#[must_use]
pub fn tag_heard(advert: &Advert) -> Option<TagHeard> {
    if advert.rssi == 127 {
        return None;
    }
    let beacons = advert.manufacturer.iter().filter(|(company, _)| *company == APPLE);
    let frames = advert.service.iter().filter(|(uuid, _)| *uuid == EDDYSTONE);
    let found = beacons
        .filter_map(|(_, data)| ibeacon::parse(data))
        .chain(frames.filter_map(|(_, data)| eddystone::parse_uid(data)))
        .next();
    found.map(|Identified { key, power_at_1m }| TagHeard {
        key,
        rssi: advert.rssi,
        power_at_1m: Some(power_at_1m),
    })
}

/// What a payload says of its sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Identified {
    key: TagKey,
    /// dBm at one metre.
    power_at_1m: i8,
}

#[cfg(test)]
mod tests;
