//! Advertisements to tags heard. Pure, never panics, allocates nothing for a device that is not enrolled.
//!
//! A [`Sighting`] is one advertisement, borrowed from a line of a serial receiver ([`ReceiverDecoder`]) or from BlueZ.
//! Each format is a function from the delivered bytes to what they say (`ibeacon`, `altbeacon`, [`eddystone`],
//! [`bthome`], [`ruuvi`]); [`AllowList`] says whose it is, and [`Guard`] whether it is new. Everything that is not
//! enrolled is an unknown device: counted ([`Strangers`]), never stored.

mod ad;
mod allow;
mod altbeacon;
pub mod bthome;
pub mod eddystone;
mod guard;
mod hex;
mod ibeacon;
mod receiver;
mod rpa;
pub mod ruuvi;
mod secret;
mod sensor;
mod sighting;
mod strangers;

pub use allow::{AllowList, Format, Refusal, Seal, Sender, TagMatch};
pub use guard::{Counter, Fingerprint, Guard, Verdict};
pub use receiver::{LineError, ReceiverDecoder, Said, parse_line};
pub use secret::SecretKey;
pub use sensor::{Frame, Reading};
pub use sighting::{Part, Sighting};
pub use strangers::Strangers;

use super::fact::{TagHeard, TagKey};

/// The tag that an advertisement names, if it names one, whoever is enrolled.
#[must_use]
pub fn tag_heard(sighting: &Sighting<'_>) -> Option<TagHeard> {
    let Identified { key, power_at_1m } = named(sighting).filter(|_| sighting.is_heard())?;
    Some(TagHeard { key, rssi: sighting.rssi, power_at_1m: Some(power_at_1m) })
}

/// What a payload says of its sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Identified {
    key: TagKey,
    /// dBm at one metre.
    power_at_1m: i8,
}

fn named(sighting: &Sighting<'_>) -> Option<Identified> {
    let beacon = |(company, data)| match company {
        ibeacon::APPLE => ibeacon::parse(data).or_else(|| altbeacon::parse(data)),
        _ => altbeacon::parse(data),
    };
    sighting.manufacturer().find_map(beacon).or_else(|| {
        let mut frames = sighting.service(eddystone::SERVICE).filter_map(eddystone::parse);
        frames.find_map(|frame| frame.identified())
    })
}

#[cfg(test)]
mod tests;
