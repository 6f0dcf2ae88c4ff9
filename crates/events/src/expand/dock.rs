//! Trucks at the dock, and temperatures. The session of a truck is its shipment.

use super::Origin;
use crate::{
    Decimal, Envelope, Payload, TemperatureRecorded, TruckArrived, TruckDeparted, UtcMs, payload,
};

/// `truck_arrived`.
pub fn arrived(origin: &Origin<'_>, body: &TruckArrived) -> Envelope {
    let at = origin.record.at;
    let event = origin.event(Payload::TruckArrived(payload::TruckArrived {
        truck_id: body.truck_id.clone(),
        dc_id: body.dc_id,
        store_id: origin.header.store_id,
        shipment_id: body.shipment_id.clone(),
        arrival_time: at,
        estimated_unload_duration: body.estimated_unload_minutes,
        dock: body.dock.clone(),
        planned_arrival: body.planned_arrival,
        minutes_late: body.planned_arrival.map(|planned| minutes_between(planned, at)),
    }));
    Envelope { session_id: Some(body.shipment_id.clone()), ..event }
}

/// `truck_departed`.
pub fn departed(origin: &Origin<'_>, body: &TruckDeparted) -> Envelope {
    let event = origin.event(Payload::TruckDeparted(payload::TruckDeparted {
        truck_id: body.truck_id.clone(),
        dc_id: body.dc_id,
        store_id: origin.header.store_id,
        shipment_id: body.shipment_id.clone(),
        departure_time: origin.record.at,
        actual_unload_duration: body.actual_unload_minutes,
        dock: body.dock.clone(),
        temperature_min_c: body.temperature.map(|load| celsius(load.minimum)),
        temperature_mean_c: body.temperature.map(|load| celsius(load.mean)),
        temperature_max_c: body.temperature.map(|load| celsius(load.maximum)),
        temperature_breach_minutes: body.temperature_breach_minutes,
    }));
    Envelope { session_id: Some(body.shipment_id.clone()), ..event }
}

/// `temperature_recorded`.
pub fn temperature(origin: &Origin<'_>, body: &TemperatureRecorded) -> Envelope {
    origin.event(Payload::TemperatureRecorded(payload::TemperatureRecorded {
        store_id: origin.header.store_id,
        sensor_id: body.sensor_id.clone(),
        truck_id: body.truck_id.clone(),
        minimum_c: celsius(body.temperature.minimum),
        mean_c: celsius(body.temperature.mean),
        maximum_c: celsius(body.temperature.maximum),
        sample_count: body.sample_count,
        window_seconds: body.window_seconds,
    }))
}

fn celsius(hundredths: i32) -> Decimal {
    Decimal { units: hundredths.into(), digits: 2 }
}

/// Whole minutes, negative when `to` is earlier.
fn minutes_between(from: UtcMs, to: UtcMs) -> i64 {
    to.0.saturating_sub(from.0) / 60_000
}
