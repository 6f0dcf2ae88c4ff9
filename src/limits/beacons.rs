//! What is heard over the air.

use std::time::Duration;

/// Structures of one advertisement that are looked at: a payload of 31 bytes holds no more. Further ones are left out.
pub const ADVERT_PARTS: usize = 8;

/// Tags that are known by a key of changing addresses: each costs one encryption for each advertisement that nobody
/// else's is. More: the configuration is refused.
pub const RESOLVED_TAGS: usize = 64;

/// Silence of a sensor after which any plain packet number is taken as new.
pub const SENSOR_REPEAT: Duration = Duration::from_secs(4);

/// How long a sensor may repeat an encrypted packet. Later it is a recording: refused and counted.
pub const SENSOR_SEALED_REPEAT: Duration = Duration::from_secs(60);

/// A counter below this may be that of a sensor that began again with a new battery. Others that went back are refused
/// and counted.
pub const SENSOR_RESTART_COUNTER: u32 = 100;
/// See [`SENSOR_RESTART_COUNTER`]: nothing was heard of it for this long before.
pub const SENSOR_RESTART_SILENCE: Duration = Duration::from_secs(30);
/// See [`SENSOR_RESTART_COUNTER`]: it is believed once in this time.
pub const SENSOR_RESTART_EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// Numbers of sensors' encrypted packets remembered in the database. More: those not written lately are forgotten,
/// which opens the way for a recording of a sensor that is not heard any more.
pub const KEPT_COUNTERS: u32 = 1000;

/// How long the number of an encrypted packet waits for a commit to go with.
pub const KEPT_LINGER: Duration = Duration::from_secs(10);

/// Bits of the table that tells about how many unknown devices there are, for each receiver. Full: they are told as
/// some 74 000.
pub const STRANGER_BITS: usize = 8192;

/// Unknown devices of a window below which none is told: a small number may be one person.
pub const STRANGERS_TOLD: u64 = 5;

/// How long unknown devices are counted together.
pub const STRANGERS_WINDOW: Duration = Duration::from_secs(5 * 60);

/// Silence of a serial receiver, heartbeats included, after which it is down.
pub const RECEIVER_SILENCE: Duration = Duration::from_secs(30);

/// How long the longest wait of an advertisement is remembered for health, at least.
pub const ADVERT_WAIT_WINDOW: Duration = Duration::from_secs(60);

// ---- Zones and visits ----

/// Customers' tags that are followed at once. Full: the visit of the one heard longest ago ends early, and is counted.
pub const VISITS: usize = 10_000;

/// Receivers that count of one tag. Full: the weakest is forgotten.
pub const ZONE_EARS: usize = 16;

/// How fast the strength is smoothed that dates a change, as a part of `tau_s`.
pub const ZONE_FAST: f64 = 0.25;

/// How often it is looked whether a tag changed its zone or left, beside each time that it is heard.
pub const VISIT_LOOK: Duration = Duration::from_secs(1);

/// Silence that ends any visit, also where a receiver that is down might hear the tag.
pub const VISIT_GAP: Duration = Duration::from_secs(30 * 60);

/// Lines of a recording of advertisements that `tillgate replay` reads. More: it is refused.
pub const RECORDED_ADVERTS: usize = 2_000_000;

/// Advertisements that a picture of a visit shows. More: the rest is left out.
pub const PICTURE_POINTS: usize = 20_000;
