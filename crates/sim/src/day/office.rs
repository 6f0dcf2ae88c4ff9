//! The back office: slips for what comes, breaks, is counted, or leaves for an online order.

use tillgate_events::{
    Body, Fulfillment, FulfillmentMode, InventoryCounted, InventoryUpdated, NodeType, StockReason,
};

use super::bill::change;
use super::goods::{PRODUCTS, Product};
use super::shop::Shop;
use super::{At, Device, STORE, moment, paper};
use crate::store::ascii;

/// Prints a slip of goods that come or go, and books them.
pub fn book(
    shop: &mut Shop,
    at: At,
    title: &str,
    reason: StockReason,
    goods: &[(&'static Product, i64)],
) {
    if goods.is_empty() {
        return;
    }
    let number = format!("B{:05}", shop.number(0));
    let line = |(product, pieces): &(&Product, i64)| {
        format!("{} {:<16} {pieces:>4}", product.sku, ascii(product.name))
    };
    let lines: Vec<String> = goods.iter().map(line).collect();
    let bytes = paper::slip(title, &number, moment(at), &lines);
    shop.say(at, Device::Office, bytes);
    if reason == StockReason::InboundShipment {
        shop.barrier();
    }
    for (product, pieces) in goods {
        let delta = if reason == StockReason::InboundShipment { *pieces } else { -pieces };
        shop.shelf.book_change(product, delta);
        let change = change(product, delta, reason);
        let body = Body::InventoryUpdated(InventoryUpdated { change, cause: Some(number.clone()) });
        shop.expect(at, Device::Office, body);
    }
}

/// Something broke.
pub fn damage(shop: &mut Shop, at: At) {
    let Some(product) = shop.rng.choice(&PRODUCTS) else { return };
    let pieces = (1 + shop.rng.i64(0..2)).min(shop.shelf.real(product));
    if pieces > 0 {
        book(shop, at, "DAMAGED GOODS", StockReason::Damaged, &[(product, pieces)]);
    }
}

/// All stock is counted. What happens before and after must not mix with it.
pub fn count(shop: &mut Shop, at: At) {
    let number = format!("B{:05}", shop.number(0));
    let mut lines = Vec::new();
    for product in &PRODUCTS {
        let (quantity, _) = shop.shelf.count(product);
        lines.push(format!("{} {:<16} {quantity:>4}", product.sku, ascii(product.name)));
        let (product_id, sku) = (product.id, Some(product.sku.to_owned()));
        let counted = InventoryCounted { product_id, sku, quantity, expected_quantity: None };
        shop.expect(at, Device::Office, Body::InventoryCounted(counted));
    }
    let bytes = paper::slip("STOCK COUNT", &number, moment(at), &lines);
    shop.say(at, Device::Office, bytes);
    shop.barrier();
}

/// An online order is handed over, or sent.
pub fn order(shop: &mut Shop, at: At) {
    let mut goods = Vec::new();
    for _ in 0..shop.rng.usize(1..=3) {
        let Some(product) = shop.rng.choice(&PRODUCTS) else { continue };
        let wanted = shop.rng.i64(1..=3);
        if goods.iter().any(|(it, _): &(&Product, i64)| it.id == product.id) {
            continue;
        }
        let pieces = shop.shelf.take(product, wanted);
        if pieces > 0 {
            goods.push((product, pieces));
        }
    }
    if goods.is_empty() {
        return;
    }
    let order_id = format!("W-{:05}", 10_000 + shop.number(1));
    let sent = shop.rng.u32(0..100) < 25;
    let title = format!("{} ORDER {order_id}", if sent { "SHIP" } else { "PICK UP" });
    let line = |(product, pieces): &(&Product, i64)| {
        format!("{pieces} x {} {}", product.sku, ascii(product.name))
    };
    let lines: Vec<String> = goods.iter().map(line).collect();
    let bytes = paper::slip(&title, "", moment(at), &lines);
    shop.say(at, Device::Office, bytes);
    let mode = if sent { FulfillmentMode::ShipFromStore } else { FulfillmentMode::Bopis };
    let (node_type, node_id) = (NodeType::Store, u64::from(STORE));
    let fulfillment = Fulfillment { order_id: order_id.clone(), node_type, node_id, mode };
    let done = if sent { Body::OnlineOrderShipped } else { Body::OnlineOrderPicked };
    shop.expect(at, Device::Office, done(fulfillment));
    let reason = if sent { StockReason::OutboundShipment } else { StockReason::Bopis };
    for (product, pieces) in goods {
        let (change, cause) = (change(product, -pieces, reason), Some(order_id.clone()));
        let body = Body::InventoryUpdated(InventoryUpdated { change, cause });
        shop.expect(at, Device::Office, body);
    }
}
