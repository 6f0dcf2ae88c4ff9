//! A parcel: one row made ready to be sent, as one message or many.

use tillgate_events::Class;

use super::watermark::Watermark;
use crate::store::{Row, RowId};

/// What goes into one MQTT publish, beside its topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What subscribers get.
    pub payload: Vec<u8>,
    /// What it is.
    pub content_type: &'static str,
    /// MQTT user properties, in order.
    pub properties: Vec<(&'static str, String)>,
}

/// Bytes of an MQTT publish beside payload and properties: headers and topic, rounded up.
pub(super) const PUBLISH_OVERHEAD: usize = 512;

impl Message {
    /// Bytes on the wire, rounded up.
    #[must_use]
    pub fn wire_bytes(&self) -> usize {
        let properties = self.properties.iter().map(|(name, value)| name.len() + value.len() + 5);
        PUBLISH_OVERHEAD + self.payload.len() + properties.sum::<usize>()
    }
}

/// How much of a row is wanted, where it is many messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    /// Records up to this number are not.
    pub after: u64,
    /// So many messages at most, of whole records; the first record in any case.
    pub most: usize,
}

impl Slice {
    /// All of it.
    pub const WHOLE: Self = Self { after: 0, most: usize::MAX };

    /// None of it: it will be passed over.
    pub const NONE: Self = Self { after: u64::MAX, most: 0 };
}

/// One row or a slice of it, ready to be sent. It is delivered when all its messages are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// The row's.
    pub id: RowId,
    /// Which stream.
    pub class: Class,
    /// Which numbering.
    pub epoch: u32,
    /// The highest sequence number in the row.
    pub last_sequence: u64,
    /// The highest one in the messages.
    pub until: u64,
    /// How many numbers are in the row.
    pub records: u32,
    /// Empty only of a row that is passed over.
    pub messages: Vec<Message>,
}

impl Parcel {
    /// How far the cloud is once it has this row and all before it.
    pub(super) fn mark(&self) -> Watermark {
        Watermark { epoch: self.epoch, sequence: self.last_sequence }
    }

    /// How far the cloud is once it has these messages, where more of the row follow them.
    pub(super) fn cut(&self) -> Option<Watermark> {
        let end = Watermark { epoch: self.epoch, sequence: self.until };
        (self.until < self.last_sequence).then_some(end)
    }
}

/// How far the cloud is once it has this row and all before it.
pub(super) fn mark_of(row: &Row) -> Watermark {
    let sequence = row.first_sequence + u64::from(row.count.max(1)) - 1;
    Watermark { epoch: row.epoch, sequence }
}
