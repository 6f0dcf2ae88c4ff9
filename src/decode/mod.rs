//! Pure: readings to facts. Redaction happens here, before anything else can see a line.
//!
//! Sans-IO: `step(input, now)` appends to a list of facts; time is an argument. Nothing here knows tokio, a
//! clock, SQL, MQTT or files.

pub mod fact;

pub use fact::{DocumentEnd, DocumentFact, DoorFact, Item, LayoutLine, PosFact, TagHeard, TagKey};
pub use fact::{ScaleFact, ScanFact};

pub mod beacon;
pub mod codepage;
pub mod dialect;
pub mod document;
pub mod door;
pub mod escpos;
pub mod line;
pub mod redact;
pub mod scale;
pub mod scan;
pub mod text;
