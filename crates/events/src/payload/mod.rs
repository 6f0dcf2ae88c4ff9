//! The payloads of the contract's events, one struct each. The order of the fields is the order of the keys
//! in JSON; `Option` is null where there is nothing; every key is always there.
//!
//! Keys that appear nowhere in a [`crate::Record`] are derived when it is expanded.

mod dock;
mod ops;
mod order;
mod receipt;
mod stock;
mod till;
mod visit;

pub use dock::{TemperatureRecorded, TruckArrived, TruckDeparted};
pub use ops::{DeviceStatusChanged, OperationType, StoreOperation, UnknownEvent};
pub use order::{OnlineOrderCreated, OnlineOrderPicked, OnlineOrderShipped};
pub use receipt::{PaymentProcessed, PromotionApplied, ReceiptCreated, ReceiptLineAdded};
use serde::Serialize;
pub use stock::{
    InventoryCounted, InventoryUpdated, ReorderTriggered, ShrinkDetected, StockoutDetected,
};
pub use till::{BarcodeScanned, NoSale, ReceiptVoided, WeightMeasured};
pub use visit::{AdImpression, BlePingDetected, CustomerCrossing, CustomerZoneChanged};

/// Makes [`EventType`] and [`Payload`] from one table: variant, payload struct, name.
macro_rules! events {
    ($($variant:ident($payload:ty) = $name:literal,)*) => {
        /// What kind of event; its name is also the name of its table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum EventType {
            $(#[doc = concat!("`", $name, "`")] $variant,)*
        }

        impl EventType {
            /// All of them, in the contract's order.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// As in `event_type`.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }

        /// An event's own fields.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
        #[serde(untagged)]
        pub enum Payload {
            $(#[doc = concat!("Of `", $name, "`")] $variant($payload),)*
        }

        impl Payload {
            /// The kind of event that carries this payload.
            pub fn event_type(&self) -> EventType {
                match self {
                    $(Self::$variant(_) => EventType::$variant,)*
                }
            }
        }
    };
}

events! {
    ReceiptCreated(ReceiptCreated) = "receipt_created",
    ReceiptLineAdded(ReceiptLineAdded) = "receipt_line_added",
    PaymentProcessed(PaymentProcessed) = "payment_processed",
    PromotionApplied(PromotionApplied) = "promotion_applied",
    InventoryUpdated(InventoryUpdated) = "inventory_updated",
    StockoutDetected(StockoutDetected) = "stockout_detected",
    ReorderTriggered(ReorderTriggered) = "reorder_triggered",
    CustomerEntered(CustomerCrossing) = "customer_entered",
    CustomerZoneChanged(CustomerZoneChanged) = "customer_zone_changed",
    BlePingDetected(BlePingDetected) = "ble_ping_detected",
    TruckArrived(TruckArrived) = "truck_arrived",
    TruckDeparted(TruckDeparted) = "truck_departed",
    StoreOpened(StoreOperation) = "store_opened",
    StoreClosed(StoreOperation) = "store_closed",
    AdImpression(AdImpression) = "ad_impression",
    OnlineOrderCreated(OnlineOrderCreated) = "online_order_created",
    OnlineOrderPicked(OnlineOrderPicked) = "online_order_picked",
    OnlineOrderShipped(OnlineOrderShipped) = "online_order_shipped",
    ReceiptVoided(ReceiptVoided) = "receipt_voided",
    NoSale(NoSale) = "no_sale",
    CustomerExited(CustomerCrossing) = "customer_exited",
    InventoryCounted(InventoryCounted) = "inventory_counted",
    ShrinkDetected(ShrinkDetected) = "shrink_detected",
    TemperatureRecorded(TemperatureRecorded) = "temperature_recorded",
    BarcodeScanned(BarcodeScanned) = "barcode_scanned",
    WeightMeasured(WeightMeasured) = "weight_measured",
    DeviceStatusChanged(DeviceStatusChanged) = "device_status_changed",
    UnknownEvent(UnknownEvent) = "unknown_event",
}

impl EventType {
    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

impl Serialize for EventType {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
