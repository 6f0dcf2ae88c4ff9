//! The gateway itself and its devices.

use serde::{Deserialize, Serialize};

/// UP, DOWN or DEGRADED.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DeviceStatus {
    /// It works.
    Up,
    /// It does not answer.
    Down,
    /// It works badly.
    Degraded,
}

/// A device came, went, or works badly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceStatusChanged {
    /// The device's name in the gateway's configuration.
    pub device: String,
    /// How it is now.
    pub status: DeviceStatus,
    /// Why, in words.
    pub reason: Option<String>,
}

/// What could not be understood, redacted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unknown {
    /// What kind of thing it is: `unparsed_document`, `graphic_receipt`, `reprint` (a copy of a receipt that was
    /// sent), `reprint_unseen` (a copy of one that never was: no sale, but all that was read of it),
    /// `receipt_notes` (what a receipt says beside), `stock_slip`, `order_slip` (what could not be booked),
    /// `cash_in`, `cash_out`, `operator_signed_on`, `operator_signed_off`, `training`, `payment` (of no receipt),
    /// `payment_aborted`, `payment_day_total`, `payment_slip`, `drawer_left_open`, `scale_over`,
    /// `scale_under`, `unknown_devices` (how many a receiver heard in a window),
    /// `truck_docked`, `truck_stay`, `yard_presence`, `unknown_truck`, `temperature_alarm`, `temperature_alarm_over`,
    /// `temperature_at_opening`.
    pub kind: String,
    /// What was printed, redacted; of an understood thing its words in brackets, amounts in minor units.
    pub text: String,
}
