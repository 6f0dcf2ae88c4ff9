//! Stock: changes, counts and what follows from them.

use super::Origin;
use crate::{
    Envelope, InventoryCounted, InventoryUpdated, Payload, ReorderTriggered, ShrinkDetected,
    StockChange, StockoutDetected, payload,
};

/// The payload of `inventory_updated`, in a receipt or alone.
pub fn change(
    origin: &Origin<'_>,
    change: &StockChange,
    cause: Option<String>,
) -> payload::InventoryUpdated {
    payload::InventoryUpdated {
        store_id: origin.header.store_id,
        dc_id: change.dc_id,
        product_id: change.product_id,
        quantity_delta: change.quantity_delta,
        reason: change.reason,
        source: cause,
        sku: change.sku.clone(),
        on_hand: change.on_hand,
        counted: change.counted,
    }
}

/// `inventory_updated` on its own.
pub fn updated(origin: &Origin<'_>, body: &InventoryUpdated) -> Envelope {
    origin.event(Payload::InventoryUpdated(change(origin, &body.change, body.cause.clone())))
}

/// `inventory_counted`.
pub fn counted(origin: &Origin<'_>, body: &InventoryCounted) -> Envelope {
    origin.event(Payload::InventoryCounted(payload::InventoryCounted {
        store_id: origin.header.store_id,
        product_id: body.product_id,
        sku: body.sku.clone(),
        quantity: body.quantity,
        expected_quantity: body.expected_quantity,
        variance: body.expected_quantity.map(|expected| body.quantity.saturating_sub(expected)),
        counted_at: origin.record.at,
    }))
}

/// `shrink_detected`.
pub fn shrink(origin: &Origin<'_>, body: &ShrinkDetected) -> Envelope {
    origin.event(Payload::ShrinkDetected(payload::ShrinkDetected {
        store_id: origin.header.store_id,
        product_id: body.product_id,
        missing_quantity: body.missing_quantity,
        value_cents: body.value,
        since: body.since,
        detected_at: origin.record.at,
    }))
}

/// `stockout_detected`.
pub fn stockout(origin: &Origin<'_>, body: &StockoutDetected) -> Envelope {
    origin.event(Payload::StockoutDetected(payload::StockoutDetected {
        store_id: origin.header.store_id,
        dc_id: body.dc_id,
        product_id: body.product_id,
        last_known_quantity: body.last_known_quantity,
        detection_time: origin.record.at,
        lost_sales_cents_per_hour: body.lost_sales_per_hour,
    }))
}

/// `reorder_triggered`.
pub fn reorder(origin: &Origin<'_>, body: &ReorderTriggered) -> Envelope {
    origin.event(Payload::ReorderTriggered(payload::ReorderTriggered {
        store_id: origin.header.store_id,
        dc_id: body.dc_id,
        product_id: body.product_id,
        current_quantity: body.current_quantity,
        reorder_quantity: body.reorder_quantity,
        reorder_point: body.reorder_point,
        priority: body.priority(),
    }))
}
