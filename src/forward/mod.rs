//! Store to cloud: a sans-IO session and the one file that names the MQTT client.

mod lane;
mod parcel;
mod session;
mod window;

pub use lane::Watermark;
pub use parcel::{Message, Parcel};
pub use session::{Input, Outbound, Output, Session, Totals};
pub use window::Violation;
