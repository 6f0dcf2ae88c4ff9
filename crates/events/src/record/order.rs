//! Online orders that this store sells, picks or ships.

use serde::{Deserialize, Serialize};

use super::Payment;
use crate::Currency;

/// `online_order_created`, with its payments. Amounts as on a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnlineOrder {
    /// Which order, and who hands it over.
    pub fulfillment: Fulfillment,
    /// The customer's number, where known.
    pub customer_id: Option<u64>,
    /// The advertising campaign it is credited to.
    pub campaign_id: Option<String>,
    /// The advertisement's showing it is credited to.
    pub impression_id: Option<String>,
    /// Pieces ordered.
    pub item_count: u32,
    /// What the amounts are in.
    pub currency: Currency,
    /// Before discounts.
    pub gross_subtotal: i64,
    /// Taken off, positive.
    pub discount: i64,
    /// After discounts, before a tax that is added.
    pub subtotal: i64,
    /// All taxes.
    pub tax: i64,
    /// What was to be paid.
    pub total: i64,
    /// How it was paid.
    pub payments: Vec<Payment>,
}

/// Which order, and who hands it over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fulfillment {
    /// The order's number.
    pub order_id: String,
    /// Store or distribution centre.
    pub node_type: NodeType,
    /// The number of the store or distribution centre.
    pub node_id: u64,
    /// How the goods reach the customer.
    pub mode: FulfillmentMode,
}

/// STORE or DC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum NodeType {
    /// A store.
    Store,
    /// A distribution centre.
    Dc,
}

/// BOPIS, SHIP_FROM_STORE or SHIP_FROM_DC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FulfillmentMode {
    /// Bought online, picked up in the store.
    Bopis,
    /// Sent from a store.
    ShipFromStore,
    /// Sent from a distribution centre.
    ShipFromDc,
}
