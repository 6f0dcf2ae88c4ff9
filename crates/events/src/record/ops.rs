//! The gateway itself and its devices.

use serde::{Deserialize, Serialize};

/// UP, DOWN or DEGRADED.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DeviceStatus {
    Up,
    Down,
    Degraded,
}

/// A device came, went, or works badly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceStatusChanged {
    pub device: String,
    pub status: DeviceStatus,
    pub reason: Option<String>,
}

/// What could not be understood, redacted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unknown {
    /// What kind of thing it is: `unparsed_document`, `graphic_receipt`, `reprint` (a copy of a receipt that was
    /// sent), `reprint_unseen` (a copy of one that never was: no sale, but all that was read of it).
    pub kind: String,
    pub text: String,
}
