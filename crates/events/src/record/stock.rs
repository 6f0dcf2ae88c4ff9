//! Stock: changes, counts and what follows from them. Quantities are pieces.

use serde::{Deserialize, Serialize};

use crate::UtcMs;

/// Why stock changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum StockReason {
    /// Sold.
    #[serde(rename = "SALE")]
    Sale,
    /// Brought back.
    #[serde(rename = "RETURN")]
    Return,
    /// Delivered.
    #[serde(rename = "INBOUND_SHIPMENT")]
    InboundShipment,
    /// Sent away.
    #[serde(rename = "OUTBOUND_SHIPMENT")]
    OutboundShipment,
    /// Booked by hand.
    #[serde(rename = "ADJUSTMENT")]
    Adjustment,
    /// Broken or spoilt.
    #[serde(rename = "DAMAGED")]
    Damaged,
    /// Missing.
    #[serde(rename = "LOST")]
    Lost,
    /// Handed over for an online order.
    #[serde(rename = "BOPIS")]
    Bopis,
}

/// `inventory_updated`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockChange {
    /// The distribution centre's number, where one is meant.
    pub dc_id: Option<u64>,
    /// The product's number in the catalogue.
    pub product_id: u64,
    /// Never 0.
    pub quantity_delta: i64,
    /// Why.
    pub reason: StockReason,
    /// The article number or barcode, as printed.
    pub sku: Option<String>,
    /// After the change; `None` while the product was never counted.
    pub on_hand: Option<i64>,
    /// Whether `on_hand` rests on a count.
    pub counted: bool,
}

/// `inventory_updated` that is not part of a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InventoryUpdated {
    /// What changed.
    pub change: StockChange,
    /// What moved the goods: a shipment, an order, a booking.
    pub cause: Option<String>,
}

/// `inventory_counted`: one line of a snapshot count. The variance follows from the two quantities.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InventoryCounted {
    /// The product's number in the catalogue.
    pub product_id: u64,
    /// The article number or barcode, as printed.
    pub sku: Option<String>,
    /// At least 0.
    pub quantity: i64,
    /// What the ledger said.
    pub expected_quantity: Option<i64>,
}

/// `shrink_detected`: a count below the ledger, net of booked losses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShrinkDetected {
    /// The product's number in the catalogue.
    pub product_id: u64,
    /// Greater than 0.
    pub missing_quantity: i64,
    /// Minor units.
    pub value: Option<i64>,
    /// The count before.
    pub since: UtcMs,
}

/// `stockout_detected`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockoutDetected {
    /// The distribution centre's number, where one is meant.
    pub dc_id: Option<u64>,
    /// The product's number in the catalogue.
    pub product_id: u64,
    /// At least 0.
    pub last_known_quantity: i64,
    /// Trailing velocity times price, minor units.
    pub lost_sales_per_hour: Option<i64>,
}

/// `reorder_triggered`. The priority follows from the quantities.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReorderTriggered {
    /// The distribution centre's number, where one is meant.
    pub dc_id: Option<u64>,
    /// The product's number in the catalogue.
    pub product_id: u64,
    /// At least 0.
    pub current_quantity: i64,
    /// Greater than 0.
    pub reorder_quantity: i64,
    /// At least 0.
    pub reorder_point: i64,
}

impl ReorderTriggered {
    /// URGENT when stocked out or at least half of the reorder point is missing, HIGH from a quarter on.
    #[must_use]
    pub fn priority(&self) -> Priority {
        let point = i128::from(self.reorder_point);
        let deficit = point - i128::from(self.current_quantity);
        if self.current_quantity <= 0 || deficit * 2 >= point {
            Priority::Urgent
        } else if deficit * 4 >= point {
            Priority::High
        } else {
            Priority::Normal
        }
    }
}

/// NORMAL, HIGH or URGENT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Priority {
    /// In the usual course.
    Normal,
    /// Soon.
    High,
    /// At once.
    Urgent,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn priority_follows_from_the_deficit() {
        let check = |current_quantity, reorder_point, expected| {
            let record = ReorderTriggered {
                dc_id: None,
                product_id: 1,
                current_quantity,
                reorder_quantity: 1,
                reorder_point,
            };
            assert_eq!(record.priority(), expected, "{current_quantity} of {reorder_point}");
        };
        check(100, 100, Priority::Normal);
        check(76, 100, Priority::Normal);
        check(75, 100, Priority::High);
        check(51, 100, Priority::High);
        check(50, 100, Priority::Urgent);
        check(0, 0, Priority::Urgent);
        check(i64::MAX, i64::MIN, Priority::Normal);
        check(i64::MIN, i64::MAX, Priority::Urgent);
    }
}
