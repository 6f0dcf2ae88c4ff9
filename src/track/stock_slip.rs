//! Stock slips to `inventory_updated` and `inventory_counted`.
//!
//! | slip | reason | change |
//! |---|---|---|
//! | restock, transfer in | INBOUND_SHIPMENT | as printed: a minus takes an earlier line back |
//! | transfer out | OUTBOUND_SHIPMENT | always less, whichever sign is printed |
//! | shrink | LOST | always less |
//! | damage | DAMAGED | always less |
//! | count | | what is there now |
//!
//! The contract counts products of the catalogue by whole pieces. A line of another product, or of part of a piece,
//! cannot be booked: the caller tells of it in words.

use tillgate_events::{
    Body, InventoryCounted, InventoryUpdated, StockChange, StockReason as Reason,
};

use super::catalog::{Catalog, Entry};
use crate::decode::{StockMove, StockReason};

/// The record of one line; `None` if it cannot be booked. `slip`: the slip's number.
#[must_use]
pub fn booked(moved: &StockMove, slip: Option<&str>, catalog: &Catalog) -> Option<Body> {
    let entry = find(moved, catalog)?;
    let pieces = Some(moved.quantity_milli / 1000).filter(|_| moved.quantity_milli % 1000 == 0)?;
    let sku = moved.sku.clone().or_else(|| entry.sku.clone());
    let (reason, delta) = match moved.reason {
        StockReason::Restock | StockReason::TransferIn => (Reason::InboundShipment, pieces),
        StockReason::TransferOut => (Reason::OutboundShipment, less(pieces)),
        StockReason::Shrink => (Reason::Lost, less(pieces)),
        StockReason::Damage => (Reason::Damaged, less(pieces)),
        StockReason::Count => {
            let counted = InventoryCounted {
                product_id: entry.product_id,
                sku,
                quantity: pieces,
                expected_quantity: None,
            };
            return (pieces >= 0).then_some(Body::InventoryCounted(counted));
        }
    };
    let parts: Vec<&str> = slip.into_iter().chain(moved.place.as_deref()).collect();
    let cause = (!parts.is_empty()).then(|| parts.join(" "));
    let change = change(entry.product_id, sku, delta, reason)?;
    Some(Body::InventoryUpdated(InventoryUpdated { change, cause }))
}

/// A change that a slip books; a change by nothing is none.
pub(super) fn change(
    product_id: u64,
    sku: Option<String>,
    quantity_delta: i64,
    reason: Reason,
) -> Option<StockChange> {
    let (dc_id, on_hand, counted) = (None, None, false);
    let change = StockChange { dc_id, product_id, quantity_delta, reason, sku, on_hand, counted };
    (quantity_delta != 0).then_some(change)
}

fn less(pieces: i64) -> i64 {
    -pieces.saturating_abs()
}

fn find<'c>(moved: &StockMove, catalog: &'c Catalog) -> Option<&'c Entry> {
    catalog.find(moved.sku.as_deref(), moved.description.as_deref().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(reason: StockReason, name: &str, quantity_milli: i64, expected: &str) {
        let catalog = Catalog::new([(501, Some("4711".into()), Some("TEA".into()))]);
        let (sku, description) = (None, Some(name.to_owned()));
        let place = Some("STORE 12".to_owned());
        let moved = StockMove { reason, sku, description, quantity_milli, place };
        let found = match booked(&moved, Some("88"), &catalog) {
            None => "nothing".to_owned(),
            Some(Body::InventoryCounted(count)) => format!("count {}", count.quantity),
            Some(Body::InventoryUpdated(InventoryUpdated { change, cause })) => {
                assert_eq!((change.product_id, change.sku.as_deref()), (501, Some("4711")));
                assert_eq!(cause.as_deref(), Some("88 STORE 12"));
                format!("{:?} {}", change.reason, change.quantity_delta)
            }
            Some(other) => panic!("{other:?}"),
        };
        assert_eq!(found, expected, "{reason:?} {quantity_milli}");
    }

    #[test]
    fn each_kind_of_slip_moves_stock_its_own_way() {
        check(StockReason::Restock, "TEA", 12_000, "InboundShipment 12");
        check(StockReason::Restock, "TEA", -2000, "InboundShipment -2");
        check(StockReason::TransferIn, "tea", 1000, "InboundShipment 1");
        check(StockReason::TransferOut, "TEA", 3000, "OutboundShipment -3");
        check(StockReason::Shrink, "TEA", 2000, "Lost -2");
        check(StockReason::Shrink, "TEA", -2000, "Lost -2");
        check(StockReason::Damage, "TEA", 1000, "Damaged -1");
        check(StockReason::Count, "TEA", 0, "count 0");
        check(StockReason::Count, "TEA", 40_000, "count 40");
    }

    #[test]
    fn what_the_contract_cannot_count_is_not_booked() {
        check(StockReason::Restock, "COFFEE", 1000, "nothing");
        check(StockReason::Restock, "TEA", 1500, "nothing");
        check(StockReason::Restock, "TEA", 0, "nothing");
        check(StockReason::Count, "TEA", -1000, "nothing");
    }
}
