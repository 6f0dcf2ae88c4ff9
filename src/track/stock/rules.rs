//! What follows from a product's stock.
//!
//! | what | when |
//! |---|---|
//! | `stockout_detected` | nothing is left of what was there: once until something is there again |
//! | `reorder_triggered` | the reorder point is reached: once until there is more than that again |
//! | `unknown_event` of kind `stock_negative` | more left than there was: once until it is no longer so |
//! | `shrink_detected` | the newest count finds less than the count before it and all changes since leave |

use tillgate_events::{
    Body, InventoryCounted, ReorderTriggered, ShrinkDetected, StockoutDetected, Unknown, UtcMs,
};

use super::item::Item;
use super::ledger::Step;
use crate::limits;
use crate::track::catalog::Goods;

/// What follows from a step of `product`, which is `item` now.
pub fn follows<T>(product: u64, item: &Item, step: &Step<T>, goods: Goods) -> Vec<Body> {
    let Some(now) = step.on_hand else { return Vec::new() };
    let mut bodies = Vec::new();
    if now <= 0 && step.before.is_none_or(|before| 0 < before) {
        bodies.push(Body::StockoutDetected(StockoutDetected {
            dc_id: None,
            product_id: product,
            last_known_quantity: step.before.unwrap_or(0).max(0),
            lost_sales_per_hour: lost_sales(item, goods),
        }));
    }
    if now < 0 && step.before.is_none_or(|before| 0 <= before) {
        let text = format!("product {product}: {now}");
        bodies.push(Body::Unknown(Unknown { kind: "stock_negative".to_owned(), text }));
    }
    if let Some((reorder_point, reorder_quantity)) = goods.reorder
        && now <= reorder_point
        && !item.ordered
    {
        bodies.push(Body::ReorderTriggered(ReorderTriggered {
            dc_id: None,
            product_id: product,
            current_quantity: now.max(0),
            reorder_quantity,
            reorder_point,
        }));
    }
    bodies
}

/// Whether an order is due or on its way at `now` pieces.
pub fn is_ordered(now: Option<i64>, goods: Goods) -> bool {
    now.zip(goods.reorder).is_some_and(|(now, (point, _))| now <= point)
}

/// What is missing by the newest count.
pub fn shrink(
    count: &InventoryCounted,
    expected: Option<(i64, UtcMs)>,
    goods: Goods,
) -> Option<Body> {
    let (expected, since) = expected?;
    let missing = expected.saturating_sub(count.quantity);
    let value = goods.cost.or(goods.price).and_then(|value| value.checked_mul(missing));
    let product_id = count.product_id;
    let shrink = ShrinkDetected { product_id, missing_quantity: missing, value, since };
    (0 < missing).then_some(Body::ShrinkDetected(shrink))
}

/// Minor units an hour: what was sold over the 28 days before, times the price.
fn lost_sales(item: &Item, goods: Goods) -> Option<i64> {
    let hours = i128::from(limits::STOCK_VELOCITY.as_secs() / 3600);
    let sold = i128::from(item.sold(item.as_of()?));
    let worth = sold * i128::from(goods.price?);
    i64::try_from((worth + hours / 2) / hours).ok()
}
