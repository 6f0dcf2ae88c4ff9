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

    #[test]
    fn a_boot_id_reads_as_it_is_written() {
        let text = "0f4e2a9c-33d1-4b52-8e07-6a1b2c3d4e5f";
        assert_eq!(BootId::parse(text).unwrap().to_string(), text);
        assert_eq!(BootId::parse("0f4e2a9c"), None);
        assert_eq!(BootId::parse("+f4e2a9c-33d1-4b52-8e07-6a1b2c3d4e5f"), None);
    }
}
