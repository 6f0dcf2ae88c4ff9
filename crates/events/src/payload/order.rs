//! Online orders.

use serde::Serialize;

use crate::{Decimal, FulfillmentMode, NodeType, PaymentMethod, UtcMs};

/// `online_order_created`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OnlineOrderCreated {
    pub order_id: String,
    pub node_type: NodeType,
    pub node_id: u64,
    pub fulfillment_mode: FulfillmentMode,
    pub customer_id: Option<u64>,
    pub item_count: u32,
    pub subtotal: Decimal,
    pub tax: Decimal,
    pub total: Decimal,
    /// As on a receipt.
    pub tender_type: PaymentMethod,
    pub campaign_id: Option<String>,
    pub impression_id: Option<String>,
    pub gross_subtotal_cents: i64,
    pub discount_cents: i64,
    pub subtotal_cents: i64,
    pub tax_cents: i64,
    pub total_cents: i64,
}

/// `online_order_picked`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OnlineOrderPicked {
    pub order_id: String,
    pub node_type: NodeType,
    pub node_id: u64,
    pub fulfillment_mode: FulfillmentMode,
    pub picked_time: UtcMs,
}

/// `online_order_shipped`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OnlineOrderShipped {
    pub order_id: String,
    pub node_type: NodeType,
    pub node_id: u64,
    pub fulfillment_mode: FulfillmentMode,
    pub shipped_time: UtcMs,
}
