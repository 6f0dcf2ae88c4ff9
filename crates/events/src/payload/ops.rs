//! The gateway itself, its devices and the store's day.

use serde::Serialize;

use crate::{DeviceStatus, UtcMs};

/// `store_opened` and `store_closed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoreOperation {
    pub store_id: u64,
    pub operation_time: UtcMs,
    pub operation_type: OperationType,
}

/// `device_status_changed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeviceStatusChanged {
    pub store_id: u64,
    pub device: String,
    pub status: DeviceStatus,
    pub reason: Option<String>,
    pub changed_at: UtcMs,
}

/// `unknown_event`: what could not be understood, redacted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnknownEvent {
    pub store_id: u64,
    pub kind: String,
    pub text: String,
}

/// OPENED or CLOSED.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OperationType {
    Opened,
    Closed,
}
