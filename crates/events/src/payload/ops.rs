//! The gateway itself, its devices and the store's day.

use serde::Serialize;

use crate::{DeviceStatus, UtcMs};

/// `store_opened` and `store_closed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoreOperation {
    /// The store's number.
    pub store_id: u64,
    /// When.
    pub operation_time: UtcMs,
    /// What happened.
    pub operation_type: OperationType,
}

/// `device_status_changed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeviceStatusChanged {
    /// The store's number.
    pub store_id: u64,
    /// The device's name in the gateway's configuration.
    pub device: String,
    /// How the device is now.
    pub status: DeviceStatus,
    /// Why, in words.
    pub reason: Option<String>,
    /// When it changed.
    pub changed_at: UtcMs,
}

/// `unknown_event`: what could not be understood, redacted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnknownEvent {
    /// The store's number.
    pub store_id: u64,
    /// What could not be understood.
    pub kind: String,
    /// What was printed, redacted.
    pub text: String,
}

/// OPENED or CLOSED.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OperationType {
    /// The store opened.
    Opened,
    /// The store closed.
    Closed,
}
