//! Trucks at the dock, and temperatures.

use serde::Serialize;

use crate::{Decimal, UtcMs};

/// `truck_arrived`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TruckArrived {
    /// The truck.
    pub truck_id: String,
    /// The distribution centre's number, where one is meant.
    pub dc_id: Option<u64>,
    /// The store's number.
    pub store_id: u64,
    /// The shipment on it.
    pub shipment_id: String,
    /// When it came.
    pub arrival_time: UtcMs,
    /// Minutes.
    pub estimated_unload_duration: u32,
    /// The dock's name.
    pub dock: String,
    /// When it was expected.
    pub planned_arrival: Option<UtcMs>,
    /// Whole minutes; negative when early.
    pub minutes_late: Option<i64>,
}

/// `truck_departed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TruckDeparted {
    /// The truck.
    pub truck_id: String,
    /// The distribution centre's number, where one is meant.
    pub dc_id: Option<u64>,
    /// The store's number.
    pub store_id: u64,
    /// The shipment on it.
    pub shipment_id: String,
    /// When it left.
    pub departure_time: UtcMs,
    /// Minutes.
    pub actual_unload_duration: u32,
    /// The dock's name.
    pub dock: String,
    /// Lowest on the way, degrees Celsius.
    pub temperature_min_c: Option<Decimal>,
    /// Mean on the way, degrees Celsius.
    pub temperature_mean_c: Option<Decimal>,
    /// Highest on the way, degrees Celsius.
    pub temperature_max_c: Option<Decimal>,
    /// Minutes outside the allowed range.
    pub temperature_breach_minutes: Option<u32>,
}

/// `temperature_recorded`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TemperatureRecorded {
    /// The store's number.
    pub store_id: u64,
    /// The sensor's name.
    pub sensor_id: String,
    /// The truck.
    pub truck_id: Option<String>,
    /// Lowest of the window, degrees Celsius.
    pub minimum_c: Decimal,
    /// Mean of the window, degrees Celsius.
    pub mean_c: Decimal,
    /// Highest of the window, degrees Celsius.
    pub maximum_c: Decimal,
    /// Readings in the window.
    pub sample_count: u32,
    /// Length of the window.
    pub window_seconds: u32,
}
