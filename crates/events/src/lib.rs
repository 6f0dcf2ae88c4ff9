//! The event contract, shared by the gateway and the cloud.
//!
//! A gateway stores and sends [`Record`]s, many to a batch. A record is compact: one receipt carries its
//! lines, payments, promotions and stock changes. Expansion turns a record into the flat JSON events that
//! the cloud's tables are named after, without loss.
//!
//! No I/O, no clock, no tokio: the same code runs on a gateway and in a cloud job.

mod class;
mod money;
mod record;
mod time;

pub use class::Class;
pub use money::Currency;
pub use record::{
    BarcodeScanned, Body, Crossing, DeviceStatus, DeviceStatusChanged, DiscountType, Line, NoSale,
    Payment, PaymentMethod, PaymentStatus, Promotion, Receipt, ReceiptType, ReceiptVoided, Record,
    StockChange, StockReason, TagWindow, Unknown, WeightMeasured,
};
pub use time::UtcMs;
