//! What makes this run of this machine unique: the boot id and the day's key for pseudonyms.

use std::io::Read as _;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::time::UtcMs;
use crate::track::pseudonym::Pseudonyms;

/// The kernel's id of this boot; zeros where it cannot be read.
pub type BootId = [u8; 16];

/// Reads the boot id.
#[must_use]
pub fn boot_id() -> BootId {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let digits: String = text.chars().filter(char::is_ascii_hexdigit).collect();
    u128::from_str_radix(&digits, 16).unwrap_or_default().to_be_bytes()
}

/// The key of pseudonyms, replaced when the store's day ends. It is never written down.
#[derive(Debug)]
pub struct DayKey {
    zone: TimeZone,
    date: Date,
    names: Pseudonyms,
}

impl DayKey {
    /// A key for the day of `now` in the store's zone.
    ///
    /// # Errors
    /// When the system's random source cannot be read.
    pub fn new(zone: TimeZone, now: UtcMs) -> std::io::Result<Self> {
        let date = date_of(&zone, now);
        Ok(Self { zone, date, names: Pseudonyms::new(random()?) })
    }

    /// The pseudonyms of the day.
    #[must_use]
    pub fn names(&self) -> &Pseudonyms {
        &self.names
    }

    /// Whether `now` lies on another day.
    #[must_use]
    pub fn is_over(&self, now: UtcMs) -> bool {
        date_of(&self.zone, now) != self.date
    }

    /// Takes a new key. Where the random source fails the old one stays until the next try.
    pub fn renew(&mut self, now: UtcMs) {
        match random() {
            Ok(key) => {
                self.names = Pseudonyms::new(key);
                self.date = date_of(&self.zone, now);
            }
            Err(error) => tracing::error!(%error, "no random key for the day's pseudonyms"),
        }
    }
}

fn date_of(zone: &TimeZone, now: UtcMs) -> Date {
    let timestamp = jiff::Timestamp::from_millisecond(now.0).unwrap_or_default();
    zone.to_datetime(timestamp).date()
}

fn random() -> std::io::Result<[u8; 64]> {
    let mut key = [0; 64];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut key)?;
    Ok(key)
}
