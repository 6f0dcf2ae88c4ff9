//! People and tags in the store, and the screens they pass.

use serde::Serialize;

use crate::{Decimal, UtcMs};

/// `customer_entered` and `customer_exited`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CustomerCrossing {
    /// The store's number.
    pub store_id: u64,
    /// The sensor's name.
    pub sensor_id: String,
    /// The zone of the store.
    pub zone: String,
    /// How many people.
    pub customer_count: u32,
    /// Seconds; 0 when unknown.
    pub dwell_time: u32,
    /// People inside afterwards, where the store's doors are all counted.
    pub occupancy: Option<u32>,
    /// 0: a single crossing.
    pub window_seconds: u32,
}

/// `customer_zone_changed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CustomerZoneChanged {
    /// The store's number.
    pub store_id: u64,
    /// Pseudonym of a customer's tag, or the id of a tag that is no person's.
    pub customer_ble_id: String,
    /// Where it was heard best before.
    pub from_zone: String,
    /// Where it is heard best now.
    pub to_zone: String,
    /// When.
    pub timestamp: UtcMs,
    /// How long, in seconds.
    pub dwell_seconds: u32,
}

/// `ble_ping_detected`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BlePingDetected {
    /// The store's number.
    pub store_id: u64,
    /// The receiver's name.
    pub beacon_id: String,
    /// Pseudonym of a customer's tag, or the id of a tag that is no person's.
    pub customer_ble_id: String,
    /// Mean of the window in dBm, within -120 and 0.
    pub rssi: i64,
    /// The zone of the store.
    pub zone: String,
    /// Times the tag was heard.
    pub ping_count: u32,
    /// Weakest, in dBm.
    pub rssi_min: i8,
    /// Strongest, in dBm.
    pub rssi_max: i8,
    /// When it was first heard in the window.
    pub first_seen: UtcMs,
    /// When it was last heard in the window.
    pub last_seen: UtcMs,
}

/// `ad_impression`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AdImpression {
    /// Where it was shown.
    pub channel: String,
    /// The advertising campaign it is credited to.
    pub campaign_id: String,
    /// Which advertisement.
    pub creative_id: String,
    /// The viewer's advertising id.
    pub customer_ad_id: String,
    /// The advertisement's showing it is credited to.
    pub impression_id: String,
    /// What the showing cost.
    pub cost: Decimal,
    /// What it was shown on.
    pub device_type: String,
    /// The customer's number, where known.
    pub customer_id: Option<u64>,
    /// The store's number.
    pub store_id: Option<u64>,
    /// The zone of the store.
    pub zone: Option<String>,
    /// How long, in seconds.
    pub dwell_seconds: Option<u32>,
}
