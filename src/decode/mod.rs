//! Pure: readings to facts. Redaction happens here, before anything else can see a line.
//!
//! Sans-IO: `step(input, now)` appends to a list of facts; time is an argument. Nothing here knows tokio, a
//! clock, SQL, MQTT or files.

pub mod fact;

pub use fact::{
    Address, Beam, BeamFact, CardOperation, CardPayment, DocumentEnd, DocumentFact, DoorFact,
    DrawerFact, Item, LayoutLine, OrderMode, PaymentFact, PosFact, PrinterFact, Quantity,
    ReceiverFact, Said, ScaleFact, ScanFact, SensorFact, StockMove, StockReason, TagHeard, TagKey,
};

pub mod beacon;
pub mod codepage;
pub mod contact;
pub mod counter;
pub mod delivery;
pub mod detect;
pub mod device;
pub mod dialect;
pub mod display;
pub mod document;
pub mod door;
pub mod escpos;
pub mod frame;
pub mod line;
pub mod record;
pub mod redact;
pub mod scale;
pub mod scan;
pub mod screen;
pub mod star;
pub mod status;
pub mod stock_feed;
pub mod text;
pub mod zvt;
