//! Records: what one sequence number of a stream stands for, and what a gateway stores.
//!
//! Amounts are minor units of the receipt's currency. What can be derived (a receipt's largest tender, its
//! item count, decimals beside cents, store and gateway ids, a body's own time where that is the record's)
//! is not stored here; expansion adds it.
//!
//! These types are also what the wire's version 1 is made of: postcard writes fields and variants by their
//! position, so a released struct is frozen. New variants go at the end of their enum; a new field needs a
//! new version of the wire enum with its own copy of the struct.

mod dock;
mod ops;
mod order;
mod receipt;
mod stock;
mod till;
mod visit;

pub use dock::{Temperature, TemperatureRecorded, TruckArrived, TruckDeparted};
pub use ops::{DeviceStatus, DeviceStatusChanged, Unknown};
pub use order::{Fulfillment, FulfillmentMode, NodeType, OnlineOrder};
pub use receipt::{
    DiscountType, Line, Payment, PaymentMethod, PaymentStatus, Promotion, Receipt, ReceiptType,
};
use serde::{Deserialize, Serialize};
pub use stock::{
    InventoryCounted, InventoryUpdated, Priority, ReorderTriggered, ShrinkDetected, StockChange,
    StockReason, StockoutDetected,
};
pub use till::{BarcodeScanned, NoSale, ReceiptVoided, WeightMeasured};
pub use visit::{AdImpression, Crossing, CustomerZoneChanged, TagWindow, VisitCrossing};

use crate::{Class, UtcMs};

/// Stock events that the gateway itself timed are made within so many milliseconds of their time.
const TOLD_MS: u64 = 10 * 60 * 1000;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// When it happened (event time).
    pub at: UtcMs,
    /// The source's name in the gateway's TOML.
    pub source: String,
    /// What happened.
    pub body: Body,
}

impl Record {
    /// The stream this record belongs to.
    pub fn class(&self) -> Class {
        self.body.class()
    }

    /// Whether its time is another system's: stock that was told of long before or after `made`, when its batch was.
    pub fn is_told_time(&self, made: UtcMs) -> bool {
        self.class() == Class::Stock && TOLD_MS < self.at.0.abs_diff(made.0)
    }

    /// The clock that gave its times was set by `by_ms` milliseconds: they move along.
    pub fn clock_set(&mut self, by_ms: i64) {
        let [first, second] = match &mut self.body {
            Body::TagWindow(window) => [Some(&mut window.first_seen), Some(&mut window.last_seen)],
            Body::ShrinkDetected(shrink) => [Some(&mut shrink.since), None],
            _ => [None, None],
        };
        for time in [Some(&mut self.at), first, second].into_iter().flatten() {
            time.0 = time.0.saturating_add(by_ms);
        }
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    /// A receipt with all that hangs on it.
    Receipt(Box<Receipt>),
    /// A receipt was cancelled.
    ReceiptVoided(ReceiptVoided),
    /// The drawer was opened without a sale.
    NoSale(NoSale),
    /// A code was scanned.
    BarcodeScanned(BarcodeScanned),
    /// A scale's reading.
    WeightMeasured(WeightMeasured),
    /// People came in.
    CustomerEntered(Crossing),
    /// People went out.
    CustomerExited(Crossing),
    /// A tag was heard by a receiver.
    TagWindow(TagWindow),
    /// A device came, went or works badly.
    DeviceStatusChanged(DeviceStatusChanged),
    /// Something that was not understood.
    Unknown(Unknown),
    /// An online order was placed.
    OnlineOrderCreated(Box<OnlineOrder>),
    /// Its goods were collected.
    OnlineOrderPicked(Fulfillment),
    /// Its goods left.
    OnlineOrderShipped(Fulfillment),
    /// Stock changed.
    InventoryUpdated(InventoryUpdated),
    /// Stock was counted.
    InventoryCounted(InventoryCounted),
    /// A count found less than there should be.
    ShrinkDetected(ShrinkDetected),
    /// A product ran out.
    StockoutDetected(StockoutDetected),
    /// A product must be ordered.
    ReorderTriggered(ReorderTriggered),
    /// A customer's tag changed its zone.
    CustomerZoneChanged(CustomerZoneChanged),
    /// A screen showed an advertisement.
    AdImpression(Box<AdImpression>),
    /// A truck came.
    TruckArrived(TruckArrived),
    /// A truck left.
    TruckDeparted(TruckDeparted),
    /// A window of a temperature sensor.
    TemperatureRecorded(TemperatureRecorded),
    /// The store opened.
    StoreOpened,
    /// The store closed.
    StoreClosed,
    /// A customer's tag came in.
    VisitEntered(VisitCrossing),
    /// A customer's tag went out.
    VisitExited(VisitCrossing),
}

impl Body {
    /// The stream this body belongs to.
    pub fn class(&self) -> Class {
        match self {
            Self::Receipt(_)
            | Self::ReceiptVoided(_)
            | Self::NoSale(_)
            | Self::BarcodeScanned(_)
            | Self::WeightMeasured(_)
            | Self::OnlineOrderCreated(_)
            | Self::OnlineOrderPicked(_)
            | Self::OnlineOrderShipped(_) => Class::Pos,
            Self::InventoryUpdated(_)
            | Self::InventoryCounted(_)
            | Self::ShrinkDetected(_)
            | Self::StockoutDetected(_)
            | Self::ReorderTriggered(_) => Class::Stock,
            Self::CustomerEntered(_)
            | Self::CustomerExited(_)
            | Self::TagWindow(_)
            | Self::CustomerZoneChanged(_)
            | Self::AdImpression(_)
            | Self::VisitEntered(_)
            | Self::VisitExited(_) => Class::Visit,
            Self::TruckArrived(_) | Self::TruckDeparted(_) | Self::TemperatureRecorded(_) => {
                Class::Dock
            }
            Self::DeviceStatusChanged(_)
            | Self::Unknown(_)
            | Self::StoreOpened
            | Self::StoreClosed => Class::Ops,
        }
    }
}
