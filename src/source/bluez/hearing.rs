//! Joins the signal strength to the payload. Without I/O.
//!
//! BlueZ tells both by separate events, and tells the strength only when it changed. So the last one is kept per
//! device and believed for [`limits::RSSI_STALE`]; after that it is asked for.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;

use crate::limits;
use crate::order;
use crate::source::Advert;
use crate::time::Mono;

/// A device's address as it is displayed, most significant byte first.
pub type Address = [u8; 6];

/// The devices heard lately. Its `Debug` shows how many, and no address.
#[derive(Default)]
pub struct Hearing {
    devices: HashMap<Address, Device>,
}

#[derive(Clone, Copy, Debug)]
struct Device {
    random: bool,
    rssi: i8,
    at: Mono,
}

/// What an advertisement carried: pairs of company id or 16-bit service UUID, and data.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Payload {
    pub manufacturer: Vec<(u16, Vec<u8>)>,
    pub service: Vec<(u16, Vec<u8>)>,
}

impl fmt::Debug for Hearing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hearing({} devices)", self.devices.len())
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Payload({} + {} parts)", self.manufacturer.len(), self.service.len())
    }
}

impl Hearing {
    /// The device's strength was told with its other properties.
    pub fn learn(&mut self, address: Address, random: bool, rssi: i8, now: Mono) {
        if self.devices.len() >= limits::RADIO_DEVICES {
            self.devices.retain(|_, device| now.since(device.at) < limits::RSSI_STALE);
        }
        if self.devices.len() >= limits::RADIO_DEVICES {
            self.devices.clear();
        }
        self.devices.insert(address, Device { random, rssi, at: now });
    }

    /// The device's strength changed, or is not known any more. Nothing is kept of a device of which nothing else
    /// is known.
    pub fn update(&mut self, address: Address, rssi: Option<i8>, now: Mono) {
        let Entry::Occupied(mut device) = self.devices.entry(address) else { return };
        match rssi {
            Some(rssi) => (device.get_mut().rssi, device.get_mut().at) = (rssi, now),
            None => drop(device.remove()),
        }
    }

    /// Whether the strength is known and fresh.
    #[must_use]
    pub fn knows(&self, address: Address, now: Mono) -> bool {
        self.devices.get(&address).is_some_and(|device| now.since(device.at) <= limits::RSSI_STALE)
    }

    /// The advertisement with this payload, if the strength is known and fresh.
    #[must_use]
    pub fn join(&self, address: Address, payload: &Payload, now: Mono) -> Option<Advert> {
        let device = self.devices.get(&address)?;
        (now.since(device.at) <= limits::RSSI_STALE).then(|| Advert {
            address,
            random: device.random,
            rssi: device.rssi,
            manufacturer: payload.manufacturer.clone(),
            service: payload.service.clone(),
        })
    }
}

impl Payload {
    /// Keeps what [`limits::ADVERT_BYTES`] allows, and 16-bit services only; `None` when it is too long.
    /// Sorted, since BlueZ has no order.
    pub fn new(
        manufacturer: impl IntoIterator<Item = (u16, Vec<u8>)>,
        service: impl IntoIterator<Item = (u128, Vec<u8>)>,
    ) -> Option<Self> {
        let short = |(uuid, data)| Some((short_uuid(uuid)?, data));
        let mut payload = Self {
            manufacturer: manufacturer.into_iter().collect(),
            service: service.into_iter().filter_map(short).collect(),
        };
        let parts = payload.manufacturer.iter().chain(&payload.service);
        if parts.map(|(_, data)| data.len()).sum::<usize>() > limits::ADVERT_BYTES {
            return None;
        }
        order::by_key(&mut payload.manufacturer, Clone::clone);
        order::by_key(&mut payload.service, Clone::clone);
        Some(payload)
    }

    /// Whether there is nothing to pass on.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.manufacturer.is_empty() && self.service.is_empty()
    }
}

/// A usable strength; BlueZ says 127 where it knows none.
#[must_use]
pub fn strength(rssi: Option<i16>) -> Option<i8> {
    rssi.and_then(|rssi| i8::try_from(rssi).ok()).filter(|&rssi| rssi != 127)
}

/// The address in `/org/bluez/hci0/dev_AA_BB_CC_00_00_01`, if this is a device of the adapter with that path.
#[must_use]
pub fn address(path: &str, adapter: &str) -> Option<Address> {
    let mut address = Address::default();
    let mut parts = path.strip_prefix(adapter)?.strip_prefix("/dev_")?.split('_');
    for byte in &mut address {
        let part = parts.next().filter(|part| part.len() == 2)?;
        *byte = u8::from_str_radix(part, 16).ok()?;
    }
    parts.next().is_none().then_some(address)
}

/// `0000xxxx-0000-1000-8000-00805f9b34fb`
fn short_uuid(uuid: u128) -> Option<u16> {
    const BASE: u128 = 0x0000_0000_0000_1000_8000_0080_5f9b_34fb;
    u16::try_from(uuid.checked_sub(BASE)? >> 96)
        .ok()
        .filter(|&short| uuid == BASE | (u128::from(short) << 96))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_address_and_no_content_is_printed_for_a_developer() {
        let mut hearing = Hearing::default();
        hearing.learn([0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff], true, -60, Mono(0));
        assert_eq!(format!("{hearing:?}"), "Hearing(1 devices)");
        let payload = Payload { manufacturer: vec![(76, vec![2; 23])], service: Vec::new() };
        assert_eq!(format!("{payload:?}"), "Payload(1 + 0 parts)");
    }

    const TAG: Address = [0xaa, 0xbb, 0xcc, 0, 0, 1];

    fn at(seconds: u64) -> Mono {
        Mono(seconds * 1_000_000)
    }

    fn payload() -> Payload {
        Payload { manufacturer: vec![(0x4c, vec![2, 0x15])], service: Vec::new() }
    }

    #[test]
    fn a_payload_gets_the_last_strength_while_it_is_fresh() {
        let mut hearing = Hearing::default();
        assert_eq!(hearing.join(TAG, &payload(), at(0)), None);
        hearing.learn(TAG, true, -60, at(0));
        hearing.update(TAG, Some(-70), at(3));
        let advert = hearing.join(TAG, &payload(), at(8)).unwrap();
        assert_eq!((advert.rssi, advert.random, advert.address), (-70, true, TAG));
        assert_eq!(hearing.join(TAG, &payload(), at(9)), None, "it is stale");
    }

    #[test]
    fn the_strength_of_an_unknown_device_is_not_kept() {
        let mut hearing = Hearing::default();
        hearing.update(TAG, Some(-70), at(0));
        assert_eq!(hearing.join(TAG, &payload(), at(0)), None);
    }

    #[test]
    fn changing_addresses_do_not_fill_the_memory() {
        let mut hearing = Hearing::default();
        for n in 0..2 * u32::try_from(limits::RADIO_DEVICES).unwrap() {
            let [a, b, c, d] = n.to_be_bytes();
            hearing.learn([0, 0, a, b, c, d], true, -60, at(0));
            assert!(hearing.devices.len() <= limits::RADIO_DEVICES);
        }
    }

    #[test]
    fn only_known_strengths_are_used() {
        let check = |rssi, expected| assert_eq!(strength(rssi), expected);
        check(Some(-60), Some(-60));
        check(Some(127), None);
        check(Some(300), None);
        check(None, None);
    }

    #[test]
    fn an_address_is_read_from_the_object_path_of_its_own_adapter() {
        let check = |path, expected| assert_eq!(address(path, "/hci1"), expected, "{path}");
        check("/hci1/dev_AA_BB_CC_00_00_01", Some(TAG));
        check("/hci0/dev_AA_BB_CC_00_00_01", None);
        check("/hci11/dev_AA_BB_CC_00_00_01", None);
        check("", None);
        check("/hci1", None);
        check("/hci1/dev_AA_BB", None);
        check("/hci1/dev_AA_BB_CC_00_00_01_02", None);
        check("/hci1/dev_AA_BB_CC_00_00_01/service0001", None);
        check("/hci1/dev_xx_BB_CC_00_00_01", None);
    }

    #[test]
    fn a_strength_that_became_unknown_is_not_replaced_by_an_older_one() {
        let mut hearing = Hearing::default();
        hearing.learn(TAG, false, -60, at(0));
        hearing.update(TAG, None, at(1));
        assert_eq!(hearing.join(TAG, &payload(), at(1)), None);
    }

    #[test]
    fn services_are_reduced_to_sixteen_bits_and_others_left_out() {
        let eddystone = 0x0000_feaa_0000_1000_8000_0080_5f9b_34fb;
        let services = [
            (eddystone, vec![1]),
            (eddystone + 1, vec![2]),
            (0xfeaa, vec![3]),
            (u128::MAX, vec![4]),
        ];
        let payload = Payload::new([], services).unwrap();
        assert_eq!(payload.service, [(0xfeaa, vec![1])]);
    }

    #[test]
    fn a_payload_that_is_too_long_is_refused() {
        assert!(Payload::new([(1, vec![0; limits::ADVERT_BYTES])], []).is_some());
        assert!(Payload::new([(1, vec![0; limits::ADVERT_BYTES]), (2, vec![0])], []).is_none());
    }
}
