//! A batch: records of one stream with consecutive sequence numbers, and the facts of their transport.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Class, Record, UtcMs};

/// What one message carries, and what one row of the outbox holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// What all its records share.
    pub header: Header,
    /// The record at position `n` has the sequence number `first_sequence + n`.
    pub records: Vec<Record>,
}

impl Batch {
    /// Corrects every time that the gateway's clock gave by `by_ms` milliseconds, and says so. What a plan or a
    /// device said stays. Times that would overflow stay at the end of what can be told.
    pub fn correct(&mut self, by_ms: i64) {
        let made = self.header.wall;
        self.header.wall.0 = self.header.wall.0.saturating_add(by_ms);
        self.header.clock = ClockQuality::Corrected;
        let own = self.records.iter_mut().filter(|record| !record.is_told_time(made));
        own.for_each(|record| record.clock_set(by_ms));
    }
}

/// Where a batch comes from, which numbers it has, and what time its gateway believed it was.
///
/// Part of the wire's version 1, so frozen like the records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Which gateway made it.
    pub gateway_id: String,
    /// Greater than 0.
    pub store_id: u64,
    /// The stream: one class of one gateway.
    pub class: Class,
    /// Grows when the gateway's database was made anew.
    pub epoch: u32,
    /// Gapless per stream and epoch.
    pub first_sequence: u64,
    /// Wall-clock time when the batch was made.
    pub wall: UtcMs,
    /// The boot that `mono_us` belongs to.
    pub boot_id: BootId,
    /// Monotonic time of the same moment as `wall`, in microseconds.
    pub mono_us: u64,
    /// How far `wall` and the records' times can be believed.
    pub clock: ClockQuality,
}

impl Header {
    /// The sequence number of the record at this position.
    pub fn sequence(&self, index_in_batch: usize) -> u64 {
        self.first_sequence.saturating_add(u64::try_from(index_in_batch).unwrap_or(u64::MAX))
    }
}

/// Quality of the gateway's wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClockQuality {
    /// Synchronised when the records were made.
    Synced,
    /// Not synchronised then; the times were corrected later.
    Corrected,
    /// Never synchronised since boot.
    Unsynced,
}

impl ClockQuality {
    /// The name in headers and message properties.
    pub fn name(self) -> &'static str {
        match self {
            Self::Synced => "synced",
            Self::Corrected => "corrected",
            Self::Unsynced => "unsynced",
        }
    }
}

/// A random id that the kernel makes at boot. Written as a UUID; 16 bytes in binary formats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct BootId(pub [u8; 16]);

impl BootId {
    /// Reads a UUID, as in `/proc/sys/kernel/random/boot_id`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.replace('-', "");
        if digits.len() != 32 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        u128::from_str_radix(&digits, 16).ok().map(|number| Self(number.to_be_bytes()))
    }
}

impl fmt::Display for BootId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, byte) in self.0.iter().enumerate() {
            let hyphen = if matches!(position, 4 | 6 | 8 | 10) { "-" } else { "" };
            write!(f, "{hyphen}{byte:02x}")?;
        }
        Ok(())
    }
}

impl Serialize for BootId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for BootId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = String::deserialize(deserializer)?;
            Self::parse(&text).ok_or_else(|| D::Error::custom("not a UUID"))
        } else {
            <[u8; 16]>::deserialize(deserializer).map(Self)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Body;

    #[test]
    fn a_correction_moves_what_the_clock_gave_and_nothing_else() {
        let window = crate::TagWindow {
            beacon_id: String::new(),
            customer_ble_id: String::new(),
            zone: String::new(),
            ping_count: 1,
            rssi_sum: -60,
            rssi_min: -60,
            rssi_max: -60,
            first_seen: UtcMs(10),
            last_seen: UtcMs(20),
            max_gap_ms: 3,
        };
        let truck = crate::TruckArrived {
            truck_id: String::new(),
            dc_id: None,
            shipment_id: String::new(),
            estimated_unload_minutes: 1,
            dock: String::new(),
            planned_arrival: Some(UtcMs(7)),
        };
        let record = |body| Record { at: UtcMs(30), source: String::new(), body };
        let header = Header {
            gateway_id: String::new(),
            store_id: 1,
            class: Class::Visit,
            epoch: 1,
            first_sequence: 5,
            wall: UtcMs(40),
            boot_id: BootId([1; 16]),
            mono_us: 40_000,
            clock: ClockQuality::Unsynced,
        };
        let (window, truck) = (Body::TagWindow(window), Body::TruckArrived(truck));
        let mut batch = Batch { header, records: vec![record(window), record(truck)] };
        let before = batch.header.clone();
        batch.correct(1000);
        let expected = Header { wall: UtcMs(1040), clock: ClockQuality::Corrected, ..before };
        assert_eq!(batch.header, expected);
        assert!(batch.records.iter().all(|record| record.at == UtcMs(1030)));
        let Body::TagWindow(window) = &batch.records[0].body else { panic!() };
        assert_eq!((window.first_seen, window.last_seen), (UtcMs(1010), UtcMs(1020)));
        let Body::TruckArrived(truck) = &batch.records[1].body else { panic!() };
        assert_eq!(truck.planned_arrival, Some(UtcMs(7)));
    }

    #[test]
    fn a_boot_id_reads_as_it_is_written() {
        let text = "0f4e2a9c-33d1-4b52-8e07-6a1b2c3d4e5f";
        assert_eq!(BootId::parse(text).unwrap().to_string(), text);
        assert_eq!(BootId::parse("0f4e2a9c"), None);
        assert_eq!(BootId::parse("+f4e2a9c-33d1-4b52-8e07-6a1b2c3d4e5f"), None);
    }

    #[test]
    fn a_time_that_another_system_told_stays_when_the_clock_was_wrong() {
        let body = || {
            Body::InventoryCounted(crate::InventoryCounted {
                product_id: 1,
                sku: None,
                quantity: 4,
                expected_quantity: None,
            })
        };
        let record = |at| Record { at: UtcMs(at), source: String::new(), body: body() };
        let header = Header {
            gateway_id: String::new(),
            store_id: 1,
            class: Class::Stock,
            epoch: 1,
            first_sequence: 5,
            wall: UtcMs(1_000_000_000),
            boot_id: BootId([1; 16]),
            mono_us: 0,
            clock: ClockQuality::Unsynced,
        };
        let mut batch = Batch { header, records: vec![record(999_999_000), record(5)] };
        batch.correct(1000);
        let times: Vec<i64> = batch.records.iter().map(|record| record.at.0).collect();
        assert_eq!(times, [1_000_000_000, 5]);
    }
}
