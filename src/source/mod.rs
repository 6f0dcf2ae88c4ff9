//! One task per device: open, read, stamp, reopen with backoff. Yields [`Reading`]s and nothing else.
//!
//! A source knows tokio, its one device crate and the clock. It never knows events, the database or MQTT.

mod reading;

pub use reading::{Advert, Body, DownReason, Reading, SourceId};
