//! A row: one batch, encoded and compressed, frozen when it was accepted.

use tillgate_events::Class;

/// Grows by one per batch, over all classes; never reused within an epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowId(pub i64);

/// A batch to be accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRow {
    pub class: Class,
    pub first_sequence: u64,
    pub count: u32,
    /// The encoded batch: what will be sent, byte for byte.
    pub payload: Vec<u8>,
}

/// An accepted batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub id: RowId,
    pub class: Class,
    pub epoch: u32,
    pub first_sequence: u64,
    pub count: u32,
    pub payload: Vec<u8>,
}
