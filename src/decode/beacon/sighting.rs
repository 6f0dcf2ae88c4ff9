//! One advertisement as the decoders see it: borrowed, so that nothing is allocated for a device nobody enrolled.

use super::ad;
use crate::decode::fact::Address;
use crate::limits;
use crate::source::Advert;

/// "Not known" (Core Specification, Vol 4 Part E 7.7.65.2).
const NO_RSSI: i8 = 127;

/// An advertisement of one device.
#[derive(Clone, Copy)]
pub struct Sighting<'a> {
    /// Who sent it.
    pub address: Address,
    /// Whether the address is a random one, where the receiver says so.
    pub random: Option<bool>,
    /// dBm.
    pub rssi: i8,
    parts: [Part<'a>; limits::ADVERT_PARTS],
    /// How many of `parts` are in use.
    count: usize,
}

/// One structure of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// Company id, and data without it.
    Manufacturer(u16, &'a [u8]),
    /// 16-bit service UUID, and data without it.
    Service(u16, &'a [u8]),
    /// Nothing that is read.
    None,
}

impl<'a> Sighting<'a> {
    /// One without content yet.
    #[must_use]
    pub fn new(address: Address, random: Option<bool>, rssi: i8) -> Self {
        Self { address, random, rssi, parts: [Part::None; limits::ADVERT_PARTS], count: 0 }
    }

    /// With the structures of a whole payload.
    #[must_use]
    pub fn with_payload(mut self, payload: &'a [u8]) -> Self {
        ad::split(payload, |part| self.add(part));
        self
    }

    /// Adds a structure; those beyond [`limits::ADVERT_PARTS`] are left out.
    pub fn add(&mut self, part: Part<'a>) {
        if let Some(free) = self.parts.get_mut(self.count) {
            *free = part;
            self.count += 1;
        }
    }

    /// Whether its strength is known: otherwise it was not heard now.
    #[must_use]
    pub fn is_heard(&self) -> bool {
        self.rssi != NO_RSSI
    }

    /// Manufacturer data, by any company.
    pub fn manufacturer(&self) -> impl Iterator<Item = (u16, &'a [u8])> {
        self.parts.iter().filter_map(|part| match part {
            Part::Manufacturer(company, data) => Some((*company, *data)),
            _ => None,
        })
    }

    /// The data of a service.
    pub fn service(&self, uuid: u16) -> impl Iterator<Item = &'a [u8]> {
        self.parts.iter().filter_map(move |part| match part {
            Part::Service(service, data) if *service == uuid => Some(*data),
            _ => None,
        })
    }
}

impl<'a> From<&'a Advert> for Sighting<'a> {
    fn from(advert: &'a Advert) -> Self {
        let mut sighting = Self::new(Address(advert.address), Some(advert.random), advert.rssi);
        let manufacturer = advert.manufacturer.iter();
        manufacturer.for_each(|(id, data)| sighting.add(Part::Manufacturer(*id, data)));
        advert.service.iter().for_each(|(id, data)| sighting.add(Part::Service(*id, data)));
        sighting
    }
}

/// Shows how many structures there are, and nothing of the sender.
impl std::fmt::Debug for Sighting<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sighting({} dBm, {} parts)", self.rssi, self.count)
    }
}
