//! A row: one batch, encoded and compressed, frozen when it was accepted.

use tillgate_events::Class;

/// Grows by one per batch, over all classes; never reused within an epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowId(pub i64);

/// A batch to be accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRow {
    /// Which stream.
    pub class: Class,
    /// The number of its first record.
    pub first_sequence: u64,
    /// Its records.
    pub count: u32,
    /// The encoded batch: what will be sent, byte for byte.
    pub payload: Vec<u8>,
}

/// An accepted batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its place in the order of acceptance.
    pub id: RowId,
    /// Which stream.
    pub class: Class,
    /// Which numbering.
    pub epoch: u32,
    /// The number of its first record.
    pub first_sequence: u64,
    /// Its records.
    pub count: u32,
    /// The encoded batch.
    pub payload: Vec<u8>,
}
