//! Facts: what decoders say about the world, already redacted.
//!
//! Printer bytes become facts in two steps: the tokenizers yield [`DocumentFact`]s (laid-out lines, drawer
//! kicks, ends), and a dialect's grammar turns those into [`PosFact`]s.

mod document;
mod door;
mod payment;
mod pos;
mod printer;
mod said;
mod scale;
mod scan;
mod short;
mod tag;

pub use document::{DocumentEnd, DocumentFact, LayoutLine};
pub use door::{Beam, BeamFact, DoorFact, DrawerFact};
pub use payment::{CardOperation, CardPayment, PaymentFact};
pub use pos::{Item, OrderMode, PosFact, StockMove, StockReason};
pub use printer::PrinterFact;
pub use said::Said;
pub use scale::ScaleFact;
pub use scan::ScanFact;
pub use tag::{Address, Quantity, ReceiverFact, SensorFact, TagHeard, TagKey};
