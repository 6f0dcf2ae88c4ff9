//! One task per device: open, read, stamp, reopen with backoff. Yields [`Reading`]s and nothing else.
//!
//! A source knows tokio, its one device crate and the clock. It never knows events, the database or MQTT.
//!
//! Every source has the same shape: `run(what, clock, out, stop, …)` returns when it is told to [`Stop`], or
//! when the pipeline is gone. What to report and how long to wait is decided by state machines without I/O
//! (`availability`, `bluez::supervisor`); readings leave through an [`Outlet`], which never makes a reader wait.

mod availability;
pub mod bluez;
pub mod file;
pub mod gpio;
pub mod modbus;
mod outlet;
mod pending;
mod reading;
mod reopen;
pub mod serial;
mod stop;

pub use outlet::{Outlet, SourceCounters};
pub use reading::{Advert, Body, DownReason, Poll, Reading, SourceId};
pub use stop::Stop;
