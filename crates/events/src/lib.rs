//! The event contract, shared by the gateway and the cloud.
//!
//! A gateway stores and sends [`Record`]s, many to a [`Batch`]. A record is compact: one receipt carries its
//! lines, payments, promotions and stock changes. [`expand`] turns a record into the flat JSON events that
//! the cloud's tables are named after, without loss.
//!
//! ```text
//! Batch ──encode──► payload ──decode──► Batch ──expand──► Envelope ──to_json_line──► JSON
//! ```
//!
//! No I/O, no clock, no tokio: the same code runs on a gateway and in a cloud job. No input panics.

mod batch;
mod class;
mod codec;
mod envelope;
mod expand;
mod json;
mod loss;
mod money;
pub mod payload;
mod record;
mod time;
mod watermark;

pub use batch::{Batch, BootId, ClockQuality, Header};
pub use class::Class;
pub use codec::{DecodeError, EncodeError, MAX_CONTENT_BYTES, content, decode, encode};
pub use envelope::{Envelope, SCHEMA_VERSION};
pub use expand::{expand, expand_batch};
pub use json::{JsonError, check_envelope};
pub use loss::{Loss, LossError};
pub use money::{Currency, Decimal};
pub use payload::{EventType, Payload};
pub use record::{
    AdImpression, BarcodeScanned, Body, Crossing, CustomerZoneChanged, DeviceStatus,
    DeviceStatusChanged, DiscountType, Fulfillment, FulfillmentMode, InventoryCounted,
    InventoryUpdated, Line, NoSale, NodeType, OnlineOrder, Payment, PaymentMethod, PaymentStatus,
    Priority, Promotion, Receipt, ReceiptType, ReceiptVoided, Record, ReorderTriggered,
    ShrinkDetected, StockChange, StockReason, StockoutDetected, TagWindow, Temperature,
    TemperatureRecorded, TruckArrived, TruckDeparted, Unknown, VisitCrossing, WeightMeasured,
};
pub use time::UtcMs;
pub use watermark::{Watermark, Watermarks, parse_watermarks, render_watermarks};
