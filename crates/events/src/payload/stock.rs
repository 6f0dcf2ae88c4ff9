//! Stock: changes, counts and what follows from them.

use serde::Serialize;

use crate::{Priority, StockReason, UtcMs};

/// `inventory_updated`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InventoryUpdated {
    /// The store's number.
    pub store_id: u64,
    /// The distribution centre's number, where one is meant.
    pub dc_id: Option<u64>,
    /// The product's number in the catalogue.
    pub product_id: u64,
    /// Pieces; negative when they left.
    pub quantity_delta: i64,
    /// Why.
    pub reason: StockReason,
    /// What moved the goods: a receipt id, a shipment, a booking.
    pub source: Option<String>,
    /// The article number or barcode, as printed.
    pub sku: Option<String>,
    /// After the change; null while the product was never counted.
    pub on_hand: Option<i64>,
    /// Whether `on_hand` rests on a count.
    pub counted: bool,
}

/// `stockout_detected`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StockoutDetected {
    /// The store's number.
    pub store_id: u64,
    /// The distribution centre's number, where one is meant.
    pub dc_id: Option<u64>,
    /// The product's number in the catalogue.
    pub product_id: u64,
    /// Pieces that were thought to be there.
    pub last_known_quantity: i64,
    /// When it was noticed.
    pub detection_time: UtcMs,
    /// Trailing velocity times price, minor units.
    pub lost_sales_cents_per_hour: Option<i64>,
}

/// `reorder_triggered`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReorderTriggered {
    /// The store's number.
    pub store_id: u64,
    /// The distribution centre's number, where one is meant.
    pub dc_id: Option<u64>,
    /// The product's number in the catalogue.
    pub product_id: u64,
    /// Pieces on hand.
    pub current_quantity: i64,
    /// Pieces to order.
    pub reorder_quantity: i64,
    /// Pieces from which on more are ordered.
    pub reorder_point: i64,
    /// How urgent it is.
    pub priority: Priority,
}

/// `inventory_counted`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InventoryCounted {
    /// The store's number.
    pub store_id: u64,
    /// The product's number in the catalogue.
    pub product_id: u64,
    /// The article number or barcode, as printed.
    pub sku: Option<String>,
    /// Pieces counted.
    pub quantity: i64,
    /// Pieces that the ledger said.
    pub expected_quantity: Option<i64>,
    /// Counted less expected.
    pub variance: Option<i64>,
    /// When it was counted.
    pub counted_at: UtcMs,
}

/// `shrink_detected`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShrinkDetected {
    /// The store's number.
    pub store_id: u64,
    /// The product's number in the catalogue.
    pub product_id: u64,
    /// Pieces missing.
    pub missing_quantity: i64,
    /// What they are worth, minor units.
    pub value_cents: Option<i64>,
    /// The count before.
    pub since: UtcMs,
    /// When it was noticed.
    pub detected_at: UtcMs,
}
