//! Online orders.

use serde::Serialize;

use crate::{Decimal, FulfillmentMode, NodeType, PaymentMethod, UtcMs};

/// `online_order_created`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OnlineOrderCreated {
    /// The online order it belongs to.
    pub order_id: String,
    /// Store or distribution centre.
    pub node_type: NodeType,
    /// The number of the store or distribution centre.
    pub node_id: u64,
    /// How the goods reach the customer.
    pub fulfillment_mode: FulfillmentMode,
    /// The customer's number, where known.
    pub customer_id: Option<u64>,
    /// Pieces ordered.
    pub item_count: u32,
    /// After discounts, before a tax that is added.
    pub subtotal: Decimal,
    /// All taxes.
    pub tax: Decimal,
    /// What was to be paid.
    pub total: Decimal,
    /// As on a receipt.
    pub tender_type: PaymentMethod,
    /// The advertising campaign it is credited to.
    pub campaign_id: Option<String>,
    /// The advertisement's showing it is credited to.
    pub impression_id: Option<String>,
    /// Before discounts, minor units.
    pub gross_subtotal_cents: i64,
    /// Taken off, positive, minor units.
    pub discount_cents: i64,
    /// `subtotal` in minor units.
    pub subtotal_cents: i64,
    /// `tax` in minor units.
    pub tax_cents: i64,
    /// `total` in minor units: the one that counts.
    pub total_cents: i64,
}

/// `online_order_picked`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OnlineOrderPicked {
    /// The online order it belongs to.
    pub order_id: String,
    /// Store or distribution centre.
    pub node_type: NodeType,
    /// The number of the store or distribution centre.
    pub node_id: u64,
    /// How the goods reach the customer.
    pub fulfillment_mode: FulfillmentMode,
    /// When the goods were collected.
    pub picked_time: UtcMs,
}

/// `online_order_shipped`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OnlineOrderShipped {
    /// The online order it belongs to.
    pub order_id: String,
    /// Store or distribution centre.
    pub node_type: NodeType,
    /// The number of the store or distribution centre.
    pub node_id: u64,
    /// How the goods reach the customer.
    pub fulfillment_mode: FulfillmentMode,
    /// When the goods left.
    pub shipped_time: UtcMs,
}
