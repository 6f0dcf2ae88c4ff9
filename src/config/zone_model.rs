//! The checked configuration of zones and visits: see [`super::model`]. The defaults are those that simulated walks
//! gave (docs/presence.md).

use std::time::Duration;

use super::tag_model::TagClass;

/// `[zones]`: how it is decided where a tag is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZoneConfig {
    /// How long a strength is remembered: after so long the past counts for 37 %.
    pub tau: Duration,
    /// How much better another zone must be heard, in dB.
    pub hysteresis_db: u8,
    /// For how long it must be.
    pub hold: Duration,
    /// Silence of a tag at a receiver that hears, after which that receiver counts no more.
    pub expiry: Duration,
    /// When a tag is there, by class.
    pub presence: PresenceByClass,
}

/// When a tag is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PresenceConfig {
    /// Silence after which it is away.
    pub exit: Duration,
    /// Absence after which it is another visit.
    pub reentry: Duration,
    /// Advertisements that make it there.
    pub min_adverts: u32,
    /// The weakest of them that counts, in dBm.
    pub enter_dbm: i8,
}

/// One for each class that is looked at; staff is not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PresenceByClass {
    /// `[zones.customer]`
    pub customer: PresenceConfig,
    /// `[zones.asset]`
    pub asset: PresenceConfig,
    /// `[zones.truck]`
    pub truck: PresenceConfig,
    /// `[zones.reference]`
    pub reference: PresenceConfig,
}

impl Default for ZoneConfig {
    fn default() -> Self {
        Self {
            tau: Duration::from_secs(6),
            hysteresis_db: 2,
            hold: Duration::from_secs(2),
            expiry: Duration::from_secs(30),
            presence: PresenceByClass::default(),
        }
    }
}

impl Default for PresenceConfig {
    fn default() -> Self {
        Self {
            exit: Duration::from_secs(60),
            reentry: Duration::from_secs(600),
            min_adverts: 2,
            enter_dbm: -127,
        }
    }
}

impl PresenceByClass {
    /// Of a class; `None` for staff, whom nobody follows.
    #[must_use]
    pub fn of(&self, class: TagClass) -> Option<PresenceConfig> {
        match class {
            TagClass::Customer => Some(self.customer),
            TagClass::Asset => Some(self.asset),
            TagClass::Truck => Some(self.truck),
            TagClass::Reference => Some(self.reference),
            TagClass::Staff => None,
        }
    }
}
