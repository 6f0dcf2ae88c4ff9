//! The envelope: what the cloud sees of one event.
//!
//! Ten keys in the contract's order, all always there, null where there is no value.

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use crate::{EventType, Payload, UtcMs};

/// `schema_version` of every event.
pub const SCHEMA_VERSION: &str = "1.0";

/// One event of the contract. `event_type` follows from the payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The event's own fields.
    pub payload: Payload,
    /// `<gateway_id>-<class>-<epoch>-<sequence>[-<part>]`: the same whenever and wherever it is expanded.
    pub trace_id: String,
    /// Event time.
    pub ingest_timestamp: UtcMs,
    /// `tillgate/<gateway_id>/<source>`.
    pub source: String,
    /// A journey, where one is known.
    pub correlation_id: Option<String>,
    /// `store_<id>`, `camp_<id>` or `order_<id>`.
    pub partition_key: String,
    /// Shipment, order or visit.
    pub session_id: Option<String>,
    /// Receipt or order that this event is a part of.
    pub parent_event_id: Option<String>,
}

impl Envelope {
    /// The kind of event, and its table.
    pub fn event_type(&self) -> EventType {
        self.payload.event_type()
    }

    /// The JSON rendering, without a line end.
    pub fn to_json_line(&self) -> String {
        let line = serde_json::to_string(self);
        debug_assert!(line.is_ok(), "strings, integers and decimals always serialise");
        line.unwrap_or_default()
    }
}

impl Serialize for Envelope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut envelope = serializer.serialize_struct("Envelope", 10)?;
        envelope.serialize_field("event_type", &self.event_type())?;
        envelope.serialize_field("payload", &self.payload)?;
        envelope.serialize_field("trace_id", &self.trace_id)?;
        envelope.serialize_field("ingest_timestamp", &self.ingest_timestamp)?;
        envelope.serialize_field("schema_version", SCHEMA_VERSION)?;
        envelope.serialize_field("source", &self.source)?;
        envelope.serialize_field("correlation_id", &self.correlation_id)?;
        envelope.serialize_field("partition_key", &self.partition_key)?;
        envelope.serialize_field("session_id", &self.session_id)?;
        envelope.serialize_field("parent_event_id", &self.parent_event_id)?;
        envelope.end()
    }
}
