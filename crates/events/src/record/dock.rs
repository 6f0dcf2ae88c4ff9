//! Trucks at the dock, and temperatures.

use serde::{Deserialize, Serialize};

use crate::UtcMs;

/// `truck_arrived`. The minutes late follow from the record's time and the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TruckArrived {
    pub truck_id: String,
    pub dc_id: Option<u64>,
    pub shipment_id: String,
    pub estimated_unload_minutes: u32,
    pub dock: String,
    pub planned_arrival: Option<UtcMs>,
}

/// `truck_departed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TruckDeparted {
    pub truck_id: String,
    pub dc_id: Option<u64>,
    pub shipment_id: String,
    pub actual_unload_minutes: u32,
    pub dock: String,
    /// Of the load, where a sensor travelled with it.
    pub temperature: Option<Temperature>,
    /// Minutes outside the load's limits.
    pub temperature_breach_minutes: Option<u32>,
}

/// `temperature_recorded`: one sensor over the window that ends at the record's time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemperatureRecorded {
    pub sensor_id: String,
    pub truck_id: Option<String>,
    pub temperature: Temperature,
    pub sample_count: u32,
    pub window_seconds: u32,
}

/// Temperatures of a window, in hundredths of a degree Celsius.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Temperature {
    pub minimum: i32,
    pub mean: i32,
    pub maximum: i32,
}
