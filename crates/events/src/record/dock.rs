//! Trucks at the dock, and temperatures.

use serde::{Deserialize, Serialize};

use crate::UtcMs;

/// `truck_arrived`. The minutes late follow from the record's time and the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TruckArrived {
    /// The truck.
    pub truck_id: String,
    /// The distribution centre's number, where one is meant.
    pub dc_id: Option<u64>,
    /// The shipment on it.
    pub shipment_id: String,
    /// How long unloading is expected to take.
    pub estimated_unload_minutes: u32,
    /// The dock's name.
    pub dock: String,
    /// When it was expected.
    pub planned_arrival: Option<UtcMs>,
}

/// `truck_departed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TruckDeparted {
    /// The truck.
    pub truck_id: String,
    /// The distribution centre's number, where one is meant.
    pub dc_id: Option<u64>,
    /// The shipment on it.
    pub shipment_id: String,
    /// How long unloading took.
    pub actual_unload_minutes: u32,
    /// The dock's name.
    pub dock: String,
    /// Of the load, where a sensor travelled with it.
    pub temperature: Option<Temperature>,
    /// Minutes outside the load's limits.
    pub temperature_breach_minutes: Option<u32>,
}

/// `temperature_recorded`: one sensor over the window that ends at the record's time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemperatureRecorded {
    /// The sensor's name.
    pub sensor_id: String,
    /// The truck.
    pub truck_id: Option<String>,
    /// What was measured.
    pub temperature: Temperature,
    /// Readings in the window.
    pub sample_count: u32,
    /// Length of the window.
    pub window_seconds: u32,
}

/// Temperatures of a window, in hundredths of a degree Celsius.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Temperature {
    /// The lowest.
    pub minimum: i32,
    /// The mean.
    pub mean: i32,
    /// The highest.
    pub maximum: i32,
}
