//! Pure: records to batches, when and how large.
//!
//! Two lanes. What a person waits for (receipts, doors, devices) is *prompt*: it asks for a commit at once
//! when the last one is older than the commit interval, else at the interval's end, so there are at most
//! `1 / interval` commits a second. Windows *linger*: they ride along with the next commit, or ask for one
//! after [`limits::LINGER`]. [`limits::COMMIT_PARTS`] that wait ask for a commit whatever the lane.
//!
//! [`thin`] makes few of many where the buffer is full.

mod batcher;
pub mod thin;

pub use batcher::Batcher;

use tillgate_events::Body;

use crate::limits;

/// Whether a body asks for a commit of its own.
fn prompt(body: &Body) -> bool {
    !matches!(body, Body::TagWindow(_) | Body::Unknown(_))
}

/// How much of a commit a body is: itself and what it consists of.
fn parts(body: &Body) -> usize {
    match body {
        Body::Receipt(receipt) => {
            let promised = receipt.promotions.len() + receipt.stock_changes.len();
            1 + receipt.lines.len() + receipt.payments.len() + promised
        }
        _ => 1,
    }
}
