//! People and tags in the store, and the screens they pass.

use serde::Serialize;

use crate::{Decimal, UtcMs};

/// `customer_entered` and `customer_exited`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CustomerCrossing {
    pub store_id: u64,
    pub sensor_id: String,
    pub zone: String,
    pub customer_count: u32,
    /// Seconds; 0 when unknown.
    pub dwell_time: u32,
    pub occupancy: Option<u32>,
    /// 0: a single crossing.
    pub window_seconds: u32,
}

/// `customer_zone_changed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CustomerZoneChanged {
    pub store_id: u64,
    pub customer_ble_id: String,
    pub from_zone: String,
    pub to_zone: String,
    pub timestamp: UtcMs,
    pub dwell_seconds: u32,
}

/// `ble_ping_detected`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BlePingDetected {
    pub store_id: u64,
    pub beacon_id: String,
    pub customer_ble_id: String,
    /// Mean of the window in dBm, within -120 and 0.
    pub rssi: i64,
    pub zone: String,
    pub ping_count: u32,
    pub rssi_min: i8,
    pub rssi_max: i8,
    pub first_seen: UtcMs,
    pub last_seen: UtcMs,
}

/// `ad_impression`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AdImpression {
    pub channel: String,
    pub campaign_id: String,
    pub creative_id: String,
    pub customer_ad_id: String,
    pub impression_id: String,
    pub cost: Decimal,
    pub device_type: String,
    pub customer_id: Option<u64>,
    pub store_id: Option<u64>,
    pub zone: Option<String>,
    pub dwell_seconds: Option<u32>,
}
