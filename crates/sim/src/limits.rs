//! Every bound of the simulation in one place, and what happens when it is reached.

use std::time::Duration;

/// Bytes of one MQTT packet. Larger: the connection is closed.
pub const PACKET_BYTES: usize = 1024 * 1024;

/// Messages that wait for one subscriber. Full: the publisher gets reason 151, quota exceeded.
pub const SESSION_QUEUE: usize = 10_000;

/// Messages on their way to one subscriber without an acknowledgement.
pub const SESSION_WINDOW: usize = 64;

/// Sessions and retained topics that the broker knows. Full: connections and messages are refused.
pub const BROKER_ENTRIES: usize = 1000;

/// Bytes written to a line at once, at most: what a UART's driver would hand over in one interrupt or a few.
pub const LINE_CHUNK: usize = 64;

/// Things that devices said and the demo has not yet looked at. Full: the devices wait.
pub const SAID_QUEUE: usize = 1024;

/// Messages that arrived and the demo has not yet looked at. Full: the subscriber stops reading.
pub const ARRIVED_QUEUE: usize = 1024;

/// Differences that the truth check spells out; the rest is a number.
pub const DIFFERENCES_SHOWN: usize = 20;

/// How long the demo waits for the agent to open its ports.
pub const AGENT_START: Duration = Duration::from_secs(15);

/// How long the demo waits, after the devices fell silent, until everything said has arrived.
pub const SETTLE: Duration = Duration::from_secs(20);

/// How long the agent may take to end after SIGTERM before it is killed.
pub const AGENT_STOP: Duration = Duration::from_secs(15);
