//! The allow-list: which advertisement is that of an enrolled tag. Everything else is a stranger.
//!
//! Invariants: a stranger costs a few look-ups and no memory; a tag with a key is heard by packets that the key opens
//! and by nothing else, so that nobody can stand for it by copying its address.
//!
//! What an advertisement itself names (iBeacon, AltBeacon, Eddystone-UID) goes before its sender's address, and that
//! before the keys of changing addresses, of which there are at most [`limits::RESOLVED_TAGS`].

use std::collections::HashMap;

use super::bthome::{self, Sealed};
use super::guard::{Counter, Fingerprint};
use super::rpa::Resolver;
use super::secret::{SecretKey, fingerprint};
use super::sensor::Frame;
use super::sighting::Sighting;
use super::{eddystone, named, ruuvi};
use crate::decode::fact::{Address, TagHeard, TagKey};
use crate::limits;

/// What a tag is known by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TagMatch {
    /// What it sends: all of a kind where a number is left out.
    Beacon {
        /// Which format.
        format: Format,
        /// Shared by an owner's tags.
        uuid: [u8; 16],
        /// A group of tags; any where absent.
        major: Option<u16>,
        /// One of them; any where absent.
        minor: Option<u16>,
    },
    /// What it sends.
    EddystoneUid {
        /// Shared by an owner's tags.
        namespace: [u8; 10],
        /// One of them.
        instance: [u8; 6],
    },
    /// Its address, which does not change.
    Address(Address, Seal),
    /// A key that resolves its changing addresses; `None` where its file cannot be read: it is never heard.
    Resolving(Option<SecretKey>),
}

/// Of an iBeacon's shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// Apple's.
    IBeacon,
    /// Radius Networks'.
    AltBeacon,
}

/// How a sensor's packets are proven to be its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seal {
    /// They are not.
    None,
    /// By this BTHome key. Plain packets are refused.
    Key(SecretKey),
    /// By a key whose file cannot be read: no packet can be proven, so it is never heard.
    Missing,
}

/// Who sent an advertisement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sender {
    /// Nobody who is enrolled.
    Stranger,
    /// It has the address of an enrolled tag, and is not proven to be its own.
    Unproven(Refusal),
    /// An enrolled tag, and what it says as a sensor.
    Known(TagHeard, Option<Frame>),
}

/// Why an advertisement is not taken as that of the tag whose address it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It holds nothing that could be proven: a name, for instance.
    Nothing,
    /// It is plain where it has to be encrypted.
    Downgrade,
    /// The key does not open it.
    WrongKey,
}

/// Format, UUID, major and minor of a beacon.
type Numbers = (Format, [u8; 16], Option<u16>, Option<u16>);

/// All enrolled tags, found by what they send.
#[derive(Debug, Default)]
pub struct AllowList {
    beacons: HashMap<Numbers, u32>,
    keys: HashMap<TagKey, u32>,
    seals: HashMap<Address, Option<(Sealed, Fingerprint)>>,
    resolvers: Vec<(Resolver, u32)>,
}

impl AllowList {
    /// The tags by their places.
    #[must_use]
    pub fn new<'t>(tags: impl IntoIterator<Item = &'t TagMatch>) -> Self {
        let mut list = Self::default();
        for (place, tag) in (0..).zip(tags) {
            list.add(place, tag);
        }
        list
    }

    fn add(&mut self, place: u32, tag: &TagMatch) {
        match tag {
            TagMatch::Beacon { format, uuid, major, minor } => {
                self.beacons.insert((*format, *uuid, *major, *minor), place);
            }
            TagMatch::EddystoneUid { namespace, instance } => {
                let (namespace, instance) = (*namespace, *instance);
                self.keys.insert(TagKey::EddystoneUid { namespace, instance }, place);
            }
            TagMatch::Address(address, seal) => {
                self.keys.insert(TagKey::Address(*address), place);
                let ready =
                    |key: &SecretKey| (Sealed::new(key), Fingerprint(fingerprint(key, *address)));
                match seal {
                    Seal::None => {}
                    Seal::Key(key) => drop(self.seals.insert(*address, Some(ready(key)))),
                    Seal::Missing => drop(self.seals.insert(*address, None)),
                }
            }
            TagMatch::Resolving(key) => {
                self.keys.insert(TagKey::Resolved(place), place);
                self.resolvers.extend(key.as_ref().map(|key| (Resolver::new(key), place)));
            }
        }
    }

    /// The place of the tag with this key; of several that match the one that says most of it.
    #[must_use]
    pub fn place(&self, key: &TagKey) -> Option<u32> {
        let (format, uuid, major, minor) = match *key {
            TagKey::IBeacon { uuid, major, minor } => (Format::IBeacon, uuid, major, minor),
            TagKey::AltBeacon { uuid, major, minor } => (Format::AltBeacon, uuid, major, minor),
            _ => return self.keys.get(key).copied(),
        };
        let (major, minor) = (Some(major), Some(minor));
        [(major, minor), (major, None), (None, minor), (None, None)]
            .into_iter()
            .find_map(|(major, minor)| self.beacons.get(&(format, uuid, major, minor)).copied())
    }

    /// Who sent this.
    #[must_use]
    pub fn sender(&self, sighting: &Sighting<'_>) -> Sender {
        if !sighting.is_heard() {
            return Sender::Stranger;
        }
        let heard = |key, power_at_1m| TagHeard { key, rssi: sighting.rssi, power_at_1m };
        if let Some(named) = named(sighting).filter(|named| self.place(&named.key).is_some()) {
            return Sender::Known(heard(named.key, Some(named.power_at_1m)), None);
        }
        let key = TagKey::Address(sighting.address);
        if self.keys.contains_key(&key) {
            return match self.frame(sighting) {
                Ok(frame) => Sender::Known(heard(key, None), frame),
                Err(refusal) => Sender::Unproven(refusal),
            };
        }
        match self.resolved(sighting) {
            Some(key) => Sender::Known(heard(key, None), None),
            None => Sender::Stranger,
        }
    }

    fn resolved(&self, sighting: &Sighting<'_>) -> Option<TagKey> {
        if sighting.random == Some(false) || !sighting.address.may_be_resolvable() {
            return None;
        }
        let tried = self.resolvers.iter().take(limits::RESOLVED_TAGS);
        let mut known = tried.filter(|(resolver, _)| resolver.resolves(sighting.address));
        known.next().map(|(_, place)| TagKey::Resolved(*place))
    }

    /// What the sensor at this address says.
    fn frame(&self, sighting: &Sighting<'_>) -> Result<Option<Frame>, Refusal> {
        let address = sighting.address;
        let packet = sighting.service(bthome::SERVICE).find_map(bthome::parse);
        // A packet that says it is another device's is none of this one.
        let packet = packet.filter(|it| it.address.is_none_or(|said| said == address));
        let Some(seal) = self.seals.get(&address) else {
            return Ok(match packet {
                Some(packet) if packet.is_encrypted() => None,
                Some(packet) => Some(Frame::of_objects(packet.objects(), None)),
                None => plain_frame(sighting),
            });
        };
        let packet = packet.ok_or(Refusal::Nothing)?;
        if !packet.is_encrypted() {
            return Err(Refusal::Downgrade);
        }
        let (seal, print) = seal.as_ref().ok_or(Refusal::WrongKey)?;
        let opened = seal.open(address, &packet).ok_or(Refusal::WrongKey)?;
        let counter = Counter::Sealed(opened.counter, *print);
        Ok(Some(Frame::of_objects(opened.objects(), Some(counter))))
    }
}

fn plain_frame(sighting: &Sighting<'_>) -> Option<Frame> {
    let mut ruuvi = sighting.manufacturer().filter(|(company, _)| *company == ruuvi::COMPANY);
    if let Some(ruuvi) = ruuvi.find_map(|(_, data)| ruuvi::parse(data)) {
        return Some(Frame::of_ruuvi(&ruuvi));
    }
    let mut frames = sighting.service(eddystone::SERVICE).filter_map(eddystone::parse);
    frames.find_map(|frame| match frame {
        eddystone::Frame::Telemetry(telemetry) => Some(Frame::of_telemetry(&telemetry)),
        _ => None,
    })
}
