//! Tags heard over the air, and what sensors among them measured.

use std::fmt;

/// What identifies a tag, before it is looked up in the allow-list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TagKey {
    /// Of Apple's format.
    IBeacon {
        /// Shared by an owner's tags.
        uuid: [u8; 16],
        /// A group of tags.
        major: u16,
        /// One of them.
        minor: u16,
    },
    /// Of Google's format.
    EddystoneUid {
        /// Shared by an owner's tags.
        namespace: [u8; 10],
        /// One of them.
        instance: [u8; 6],
    },
    /// Of Radius Networks' format, its twenty bytes read as an iBeacon's.
    AltBeacon {
        /// Shared by an owner's tags.
        uuid: [u8; 16],
        /// A group of tags.
        major: u16,
        /// One of them.
        minor: u16,
    },
    /// A device whose address does not change.
    Address(Address),
    /// A device whose changing addresses a key of the allow-list resolves: the key's place there.
    Resolved(u32),
}

/// A device's address, most significant byte first. Its `Debug` shows the last two bytes only.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address(pub [u8; 6]);

impl Address {
    /// Whether the bits are those of a resolvable private address, should it be a random one (Core Specification,
    /// Vol 6 Part B 1.3.2).
    #[must_use]
    pub fn may_be_resolvable(self) -> bool {
        self.0.first().is_some_and(|first| first >> 6 == 0b01)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [.., fifth, sixth] = self.0;
        write!(f, "…:{fifth:02X}:{sixth:02X}")
    }
}

/// A tag was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TagHeard {
    /// Which tag.
    pub key: TagKey,
    /// dBm.
    pub rssi: i8,
    /// dBm at one metre, as the tag states it.
    pub power_at_1m: Option<i8>,
}

/// What an enrolled sensor says: each of its packets once, however many receivers heard it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SensorFact {
    /// It measured something.
    Measured {
        /// The sensor.
        tag: TagKey,
        /// What of.
        quantity: Quantity,
        /// In the quantity's unit.
        value: i32,
        /// The number of the packet, which wraps, where the sensor gives one.
        counter: Option<u32>,
    },
    /// A door, window, flap or the like, as it is now; told again with every packet.
    Contact {
        /// The sensor.
        tag: TagKey,
        /// It is open.
        open: bool,
    },
}

/// What is measured, and in which unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Quantity {
    /// Hundredths of a degree Celsius.
    Temperature,
    /// Hundredths of a per cent of relative humidity.
    Humidity,
    /// Per cent of a battery's charge.
    Battery,
    /// Millivolts of a battery or supply.
    Voltage,
    /// Pascal of air pressure.
    Pressure,
    /// A counter of movements, which wraps.
    Movements,
    /// 1 while there is motion or vibration, or somebody is there; else 0.
    Motion,
    /// 1 while somebody tampers with the sensor; else 0.
    Tamper,
}

/// Whether a receiver can be believed to hear what is there: while it is lost, silence means nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceiverFact {
    /// It hears again.
    Back,
    /// It is gone, or says nothing more.
    Lost,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_not_printed_whole() {
        let key = TagKey::Address(Address([0xa4, 0xc1, 0x38, 0x8d, 0x18, 0xb2]));
        assert_eq!(format!("{key:?}"), "Address(…:18:B2)");
    }

    #[test]
    fn resolvable_addresses_begin_with_the_bits_01() {
        for (first, expected) in
            [(0x3f, false), (0x40, true), (0x7f, true), (0x80, false), (0xc0, false)]
        {
            assert_eq!(Address([first, 0, 0, 0, 0, 0]).may_be_resolvable(), expected);
        }
    }
}
