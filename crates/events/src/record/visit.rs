//! People and tags in the store, and the screens they pass.

use serde::{Deserialize, Serialize};

use crate::{Currency, UtcMs};

/// People through one door in one direction: a single crossing or a window of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crossing {
    /// The sensor's name.
    pub sensor_id: String,
    /// The zone of the store.
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
    /// The zone of the store.
    pub zone: String,
    /// Times the tag was heard.
    pub ping_count: u32,
    /// Sum of the RSSI values in dBm; the mean is `rssi_sum / ping_count`, rounded half away from zero.
    pub rssi_sum: i64,
    /// Weakest, in dBm.
    pub rssi_min: i8,
    /// Strongest, in dBm.
    pub rssi_max: i8,
    /// When it was first heard in the window.
    pub first_seen: UtcMs,
    /// When it was last heard in the window.
    pub last_seen: UtcMs,
    /// Longest silence between two pings of the window.
    pub max_gap_ms: u32,
}

/// `customer_zone_changed`: a customer's tag is heard best in another zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerZoneChanged {
    /// Pseudonym.
    pub customer_ble_id: String,
    /// Where it was heard best before.
    pub from_zone: String,
    /// Another than `from_zone`.
    pub to_zone: String,
    /// Spent in `from_zone`.
    pub dwell_seconds: u32,
    /// The visit it belongs to, where known.
    pub visit_id: Option<String>,
}

/// `customer_entered` and `customer_exited` of one customer's tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitCrossing {
    /// The name of the receiver that heard it.
    pub sensor_id: String,
    /// Where it came first, or was last.
    pub zone: String,
    /// How long it was there in seconds, absences taken off; 0 when it comes.
    pub dwell_time: u32,
    /// The visit.
    pub visit_id: String,
}

/// `ad_impression` of a screen in this store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// What the amounts are in.
    pub currency: Currency,
    /// Minor units.
    pub cost: i64,
    /// What it was shown on.
    pub device_type: String,
    /// The customer's number, where known.
    pub customer_id: Option<u64>,
    /// The zone of the store.
    pub zone: Option<String>,
    /// How long, in seconds.
    pub dwell_seconds: Option<u32>,
    /// The visit it belongs to, where known.
    pub visit_id: Option<String>,
}
