//! Slips of online orders to `online_order_picked` and `online_order_shipped`, and the stock that leaves with them.
//!
//! The store that hands goods over books the change: BOPIS for a pick-up, OUTBOUND_SHIPMENT for goods that are
//! sent. Articles follow their order; what the catalogue does not know cannot be booked, and the caller tells of it.

use tillgate_events::{
    Body, Fulfillment, FulfillmentMode, InventoryUpdated, NodeType, StockReason,
};

use super::catalog::Catalog;
use super::stock_slip;
use crate::decode::OrderMode;

/// An order that this store hands over or sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// As printed.
    pub number: String,
    /// How it leaves the shop.
    pub mode: OrderMode,
}

impl Order {
    /// The order's own record.
    #[must_use]
    pub fn done(&self, store_id: u64) -> Body {
        let fulfillment = |mode| Fulfillment {
            order_id: self.number.clone(),
            node_type: NodeType::Store,
            node_id: store_id,
            mode,
        };
        match self.mode {
            OrderMode::PickUp => Body::OnlineOrderPicked(fulfillment(FulfillmentMode::Bopis)),
            OrderMode::ShipFromStore => {
                Body::OnlineOrderShipped(fulfillment(FulfillmentMode::ShipFromStore))
            }
        }
    }

    /// The record of one of its articles; `None` if that cannot be booked.
    #[must_use]
    pub fn booked(
        &self,
        sku: Option<&str>,
        description: Option<&str>,
        quantity_milli: i64,
        catalog: &Catalog,
    ) -> Option<Body> {
        let entry = catalog.find(sku, description.unwrap_or_default())?;
        let pieces = Some(quantity_milli / 1000).filter(|_| quantity_milli % 1000 == 0)?;
        let reason = match self.mode {
            OrderMode::PickUp => StockReason::Bopis,
            OrderMode::ShipFromStore => StockReason::OutboundShipment,
        };
        let sku = sku.map(str::to_owned).or_else(|| entry.sku.clone());
        let delta = -pieces.saturating_abs();
        let change = stock_slip::change(entry.product_id, sku, delta, reason)?;
        Some(Body::InventoryUpdated(InventoryUpdated { change, cause: Some(self.number.clone()) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(mode: OrderMode, done: &str, reason: StockReason) {
        let catalog = Catalog::new([(501, None, Some("TEA".into()))]);
        let order = Order { number: "W-1".into(), mode };
        let found = match order.done(7) {
            Body::OnlineOrderPicked(it) => {
                format!("picked {} {} {:?}", it.order_id, it.node_id, it.mode)
            }
            Body::OnlineOrderShipped(it) => {
                format!("shipped {} {} {:?}", it.order_id, it.node_id, it.mode)
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(found, done);
        let booked = |name, milli| order.booked(None, Some(name), milli, &catalog);
        assert!(matches!(booked("TEA", 2000), Some(Body::InventoryUpdated(it))
                if it.change.quantity_delta == -2 && it.change.reason == reason
                    && it.cause.as_deref() == Some("W-1")));
        assert_eq!(
            (booked("COFFEE", 1000), booked("TEA", 500), booked("TEA", 0)),
            (None, None, None)
        );
    }

    #[test]
    fn an_order_leaves_the_store_and_its_stock() {
        check(OrderMode::PickUp, "picked W-1 7 Bopis", StockReason::Bopis);
        let shipped = "shipped W-1 7 ShipFromStore";
        check(OrderMode::ShipFromStore, shipped, StockReason::OutboundShipment);
    }
}
