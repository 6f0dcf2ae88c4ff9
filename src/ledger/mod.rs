//! The cloud's side, sans-IO: what arrived of each gateway, how far it is committed, what is missing.
//!
//! The reference for whoever ingests the topics. `tillgate confirm` puts a connection and a folder around it,
//! `tillgate verify` reads what was stored.
//!
//! # Invariants
//! - A message is acknowledged, and a watermark covers it, only after what was appended for it is on disk.
//! - A watermark is a function of what is stored: neither order nor repetition nor a restart changes it. How far it is
//!   goes into the file before it is published, so that it does not go back where something stored was damaged.
//! - A record is never dropped because its number is known: only what is the same, byte for byte, is not stored again.
//! - Memory is bounded by [`crate::limits`]: what does not fit is not stored and not covered, so that its gateway
//!   sends it again.
//!
//! | file | job |
//! |---|---|
//! | `desk` | the state machine: messages in; what to append, acknowledge and publish out |
//! | `tally`, `stream`, `ranges` | what is known of all gateways, of one numbering, of a set of numbers |
//! | `recent` | whether what comes under known numbers is the same |
//! | `message` | an MQTT message as entries |
//! | `birth` | a gateway that began: whether it knows how far it was |
//! | `entry` | an entry as bytes in a file, and back |
//! | `resync` | the next sound entry behind damaged bytes |

mod birth;
mod desk;
mod entry;
mod message;
mod ranges;
mod recent;
mod resync;
mod stream;
mod tally;

pub use birth::{Behind, Birth};
pub use desk::{Desk, Input, Output};
pub use entry::{Entry, EntryError, Head, Kind, MAGIC, read};
pub use message::{MessageError, Origin, heads};
pub use ranges::Ranges;
pub use recent::{Recent, Seen};
pub use resync::{Found, find};
pub use stream::{Stream, Taken};
pub use tally::{Gateway, Tally};

#[cfg(test)]
mod tests;
