//! What is not compared, and why: what a day in a minute cannot tell.

use tillgate_events::Body;

use crate::day::tables::Kind;

/// Where the truth of an event stands that is not compared.
#[derive(Clone, Copy)]
pub enum Beside {
    /// Nowhere.
    None,
    /// Steps from zone to zone.
    Walks,
    /// Deliveries.
    Trucks,
    /// A table's rows.
    Rows(Kind),
}

/// Whether it is this event.
pub type Is = fn(&Body) -> bool;

/// An event without a comparison: its name, its truth, how it is known, and why it is not compared.
pub type Other = (&'static str, Beside, Is, &'static str);

const SPEED: &str = "the gateway must see the store's own time pass";
const HOURS: &str = "no [hours]: they are those of the gateway's own clock";
const ABSENT: &str = "no such device in this store";

/// All of them.
pub const OTHERS: [Other; 9] = [
    (
        "customer_zone_changed",
        Beside::Walks,
        |it| matches!(it, Body::CustomerZoneChanged(_)),
        SPEED,
    ),
    ("truck_arrived", Beside::Trucks, |it| matches!(it, Body::TruckArrived(_)), SPEED),
    ("truck_departed", Beside::Trucks, |it| matches!(it, Body::TruckDeparted(_)), SPEED),
    (
        "temperature_recorded, samples",
        Beside::Rows(Kind::Temperatures),
        |it| matches!(it, Body::TemperatureRecorded(_)),
        SPEED,
    ),
    ("store_opened", Beside::None, |it| matches!(it, Body::StoreOpened), HOURS),
    ("store_closed", Beside::None, |it| matches!(it, Body::StoreClosed), HOURS),
    (
        "online_order_created",
        Beside::None,
        |it| matches!(it, Body::OnlineOrderCreated(_)),
        "comes from the online store, not from a gateway",
    ),
    ("barcode_scanned", Beside::None, |it| matches!(it, Body::BarcodeScanned(_)), ABSENT),
    ("weight_measured", Beside::None, |it| matches!(it, Body::WeightMeasured(_)), ABSENT),
];

/// Definitions that are not computed, and why.
pub const BEYOND: [(&str, &str); 6] = [
    ("dwell", SPEED),
    ("promotion lift", "needs 30 days without the promotion before"),
    ("lost sales", "needs 28 days before"),
    ("truck dwell, on time", SPEED),
    ("attribution", "no event joins a showing to a receipt"),
    ("return on ad spend", "no event joins a showing to a receipt"),
];
