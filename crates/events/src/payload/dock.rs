//! Trucks at the dock, and temperatures.

use serde::Serialize;

use crate::{Decimal, UtcMs};

/// `truck_arrived`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TruckArrived {
    pub truck_id: String,
    pub dc_id: Option<u64>,
    pub store_id: u64,
    pub shipment_id: String,
    pub arrival_time: UtcMs,
    /// Minutes.
    pub estimated_unload_duration: u32,
    pub dock: String,
    pub planned_arrival: Option<UtcMs>,
    /// Whole minutes; negative when early.
    pub minutes_late: Option<i64>,
}

/// `truck_departed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TruckDeparted {
    pub truck_id: String,
    pub dc_id: Option<u64>,
    pub store_id: u64,
    pub shipment_id: String,
    pub departure_time: UtcMs,
    /// Minutes.
    pub actual_unload_duration: u32,
    pub dock: String,
    pub temperature_min_c: Option<Decimal>,
    pub temperature_mean_c: Option<Decimal>,
    pub temperature_max_c: Option<Decimal>,
    pub temperature_breach_minutes: Option<u32>,
}

/// `temperature_recorded`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TemperatureRecorded {
    pub store_id: u64,
    pub sensor_id: String,
    pub truck_id: Option<String>,
    pub minimum_c: Decimal,
    pub mean_c: Decimal,
    pub maximum_c: Decimal,
    pub sample_count: u32,
    pub window_seconds: u32,
}
