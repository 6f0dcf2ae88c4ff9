//! How strongly a tag is heard, smoothed over time: an exponentially weighted mean whose weights follow the time
//! between two readings, so that a tag that is heard seldom is smoothed as one that is heard often.

use std::time::Duration;

use crate::time::Mono;

/// A smoothed strength in dBm.
#[derive(Clone, Copy, Debug)]
pub struct Level {
    dbm: f64,
    at: Mono,
}

impl Level {
    /// Of a first reading.
    #[must_use]
    pub fn new(at: Mono, dbm: f64) -> Self {
        Self { dbm, at }
    }

    /// Takes a reading. One without time since the one before changes nothing.
    pub fn add(&mut self, at: Mono, dbm: f64, tau: Duration) {
        let passed = at.since(self.at).as_secs_f64();
        let weight = 1.0 - (-passed / tau.as_secs_f64().max(f64::MIN_POSITIVE)).exp();
        self.dbm += weight * (dbm - self.dbm);
        self.at = self.at.max(at);
    }

    /// The strength in dBm.
    #[must_use]
    pub fn dbm(&self) -> f64 {
        self.dbm
    }

    /// When it was heard last.
    #[must_use]
    pub fn at(&self) -> Mono {
        self.at
    }
}
