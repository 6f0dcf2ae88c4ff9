//! Online orders that this store sells, picks or ships.

use serde::{Deserialize, Serialize};

use super::Payment;
use crate::Currency;

/// `online_order_created`, with its payments. Amounts as on a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnlineOrder {
    pub fulfillment: Fulfillment,
    pub customer_id: Option<u64>,
    pub campaign_id: Option<String>,
    pub impression_id: Option<String>,
    pub item_count: u32,
    pub currency: Currency,
    pub gross_subtotal: i64,
    pub discount: i64,
    pub subtotal: i64,
    pub tax: i64,
    pub total: i64,
    pub payments: Vec<Payment>,
}

/// Which order, and who hands it over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fulfillment {
    pub order_id: String,
    pub node_type: NodeType,
    pub node_id: u64,
    pub mode: FulfillmentMode,
}

/// STORE or DC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum NodeType {
    Store,
    Dc,
}

/// BOPIS, SHIP_FROM_STORE or SHIP_FROM_DC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FulfillmentMode {
    Bopis,
    ShipFromStore,
    ShipFromDc,
}
