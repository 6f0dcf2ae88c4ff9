//! People and tags in the store, and the screens they pass.

use serde::{Deserialize, Serialize};

use crate::{Currency, UtcMs};

/// People through one door in one direction: a single crossing or a window of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crossing {
    pub sensor_id: String,
    pub zone: String,
    /// At least 1.
    pub customer_count: u32,
    /// Seconds; 0 when unknown.
    pub dwell_time: u32,
    /// People inside after the crossing, where the store's doors are all counted.
    pub occupancy: Option<u32>,
    /// 0 for a single crossing.
    pub window_seconds: u32,
}

/// `ble_ping_detected`: one tag heard by one receiver in one window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagWindow {
    /// The receiver's name.
    pub beacon_id: String,
    /// Pseudonym of a customer's tag, or the id of a tag that is no person's.
    pub customer_ble_id: String,
    pub zone: String,
    pub ping_count: u32,
    /// Sum of the RSSI values in dBm; the mean is `rssi_sum / ping_count`, rounded half away from zero.
    pub rssi_sum: i64,
    pub rssi_min: i8,
    pub rssi_max: i8,
    pub first_seen: UtcMs,
    pub last_seen: UtcMs,
    /// Longest silence between two pings of the window.
    pub max_gap_ms: u32,
}

/// `customer_zone_changed`: a customer's tag is heard best in another zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerZoneChanged {
    /// Pseudonym.
    pub customer_ble_id: String,
    pub from_zone: String,
    /// Another than `from_zone`.
    pub to_zone: String,
    /// Spent in `from_zone`.
    pub dwell_seconds: u32,
    pub visit_id: Option<String>,
}

/// `ad_impression` of a screen in this store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdImpression {
    pub channel: String,
    pub campaign_id: String,
    pub creative_id: String,
    pub customer_ad_id: String,
    pub impression_id: String,
    pub currency: Currency,
    /// Minor units.
    pub cost: i64,
    pub device_type: String,
    pub customer_id: Option<u64>,
    pub zone: Option<String>,
    pub dwell_seconds: Option<u32>,
    pub visit_id: Option<String>,
}
