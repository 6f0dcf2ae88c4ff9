//! Stock: changes, counts and what follows from them.

use serde::Serialize;

use crate::{Priority, StockReason, UtcMs};

/// `inventory_updated`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InventoryUpdated {
    pub store_id: u64,
    pub dc_id: Option<u64>,
    pub product_id: u64,
    pub quantity_delta: i64,
    pub reason: StockReason,
    /// What moved the goods: a receipt id, a shipment, a booking.
    pub source: Option<String>,
    pub sku: Option<String>,
    pub on_hand: Option<i64>,
    pub counted: bool,
}

/// `stockout_detected`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StockoutDetected {
    pub store_id: u64,
    pub dc_id: Option<u64>,
    pub product_id: u64,
    pub last_known_quantity: i64,
    pub detection_time: UtcMs,
    pub lost_sales_cents_per_hour: Option<i64>,
}

/// `reorder_triggered`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReorderTriggered {
    pub store_id: u64,
    pub dc_id: Option<u64>,
    pub product_id: u64,
    pub current_quantity: i64,
    pub reorder_quantity: i64,
    pub reorder_point: i64,
    pub priority: Priority,
}

/// `inventory_counted`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InventoryCounted {
    pub store_id: u64,
    pub product_id: u64,
    pub sku: Option<String>,
    pub quantity: i64,
    pub expected_quantity: Option<i64>,
    /// Counted less expected.
    pub variance: Option<i64>,
    pub counted_at: UtcMs,
}

/// `shrink_detected`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShrinkDetected {
    pub store_id: u64,
    pub product_id: u64,
    pub missing_quantity: i64,
    pub value_cents: Option<i64>,
    pub since: UtcMs,
    pub detected_at: UtcMs,
}
