//! A parcel: one row made ready to be sent, as one message or many.

use tillgate_events::Class;

use super::watermark::Watermark;
use crate::store::RowId;

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

/// One row, ready to be sent. It is delivered when all its messages are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// The row's.
    pub id: RowId,
    /// Which stream.
    pub class: Class,
    /// Which numbering.
    pub epoch: u32,
    /// The highest sequence number in it.
    pub last_sequence: u64,
    /// How many numbers are in it.
    pub records: u32,
    /// Never empty.
    pub messages: Vec<Message>,
}

impl Parcel {
    /// How far the cloud is once it has this row and all before it.
    pub(super) fn mark(&self) -> Watermark {
        Watermark { epoch: self.epoch, sequence: self.last_sequence }
    }
}
