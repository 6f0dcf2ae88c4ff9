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

// ---- Fault tests ----

/// How often a condition is looked at.
pub const FAULT_LOOK: Duration = Duration::from_millis(10);

/// How long a process may take to start or to end, in any fault.
pub const FAULT_STOP: Duration = Duration::from_secs(20);

/// How long an agent may take to stop in order, which it bounds itself a little below.
pub const FAULT_STOP_AGENT: Duration = Duration::from_secs(10);

/// A silence that surely ends a document.
pub const FAULT_SILENCE: Duration = Duration::from_secs(6);

/// How long a row waits for what must come. Longer: the row is broken.
pub const FAULT_PATIENCE: Duration = Duration::from_secs(120);

/// The same where a mutant plays: what it breaks will not come.
pub const FAULT_PATIENCE_MUTANT: Duration = Duration::from_secs(6);

/// How long a till's line may be full. Longer: nobody reads it, and the row is broken.
pub const FAULT_WRITE: Duration = Duration::from_secs(60);

/// Lines kept of what a process said. More: the oldest is forgotten.
pub const FAULT_LOG: usize = 10_000;

/// How often a mutant's agent is started again until nothing waits in its outbox. More: the row is broken.
pub const FAULT_DRAINS: usize = 20;

/// How long such an agent may send.
pub const FAULT_DRAIN: Duration = Duration::from_secs(1);

/// A moment in which an agent surely does what it does at once; only a slower one weakens a row.
pub const FAULT_MOMENT: Duration = Duration::from_millis(300);

// ---- Soak ----

/// Memory of the agent's cgroup. Full: the kernel takes cached pages back, and then kills.
pub const SOAK_MEMORY: u64 = 64 * 1024 * 1024;

/// Between two looks at the agent.
pub const SOAK_LOOK: Duration = Duration::from_secs(1);

/// Looks between two questions to `tillgate verify`, and two lines of progress.
pub const SOAK_LOOKS: u64 = 5;

/// Receipts that each ESC/POS till prints before the first fault, as fast as they are read: the journal of documents
/// and the database's cache are near their bounds then, as on a gateway that is not new, and do not look like growth.
pub const SOAK_FILL: usize = 1500;

/// A till's receipt counts as undisturbed when nothing was done to the agent or its line from so long before it
/// began …
pub const SOAK_BEFORE: Duration = Duration::from_secs(1);

/// … until so long after it ended: plain text ends by silence, and a busy machine is slow.
pub const SOAK_AFTER: Duration = Duration::from_secs(10);

/// How long a started agent may take until it reads all its lines.
pub const SOAK_READY: Duration = Duration::from_secs(5);

/// How long all that was accepted may take to arrive after the last fault. Longer: it counts as lost.
pub const SOAK_DRAIN: Duration = Duration::from_secs(300);

/// Lines a second of a storm of advertisements.
pub const SOAK_STORM: u32 = 5000;

/// What an agent needs until its memory is that of its work: not looked at for growth.
pub const SOAK_WARM: f64 = 60.0;

/// Seconds looked at below which growth is not judged, only told.
pub const SOAK_JUDGED: f64 = 600.0;

/// kB/min above which memory grows.
pub const SOAK_SLOPE: f64 = 50.0;

/// How long an agent is left alone that asks in vain what the cloud has, before somebody listens: some times as long as
/// it waits.
pub const FAULT_UNASKED: Duration = Duration::from_secs(6);

// ---- The truth of a day ----

/// How long what was said may take to arrive. Longer: it is told, and shows as a difference. A tag's window is open for
/// half a minute.
pub const TRUTH_PATIENCE: Duration = Duration::from_secs(90);

// ---- A flood of advertisements ----

/// How long anything may take that is waited for. Longer: the run has failed.
pub const FLOOD_PATIENCE: Duration = Duration::from_secs(30);

/// What floods may add to the agent's memory, in kB: a tag's window, and what an allocator does not give back.
pub const FLOOD_MEMORY_KB: u64 = 2048;

// A month of stock files.

/// Bytes of one file of a month; a longer one is refused.
pub const MONTH_FILE: u64 = 512 * 1024 * 1024;

/// Bytes that are written to the line at once.
pub const MONTH_CHUNK: usize = 4096;

/// How long the agent may read nothing from a line that bytes wait on. Longer: it has failed.
pub const MONTH_STALL: Duration = Duration::from_secs(60);

/// How long the last line may take to the ledger after it was written. Longer: the agent has failed.
pub const MONTH_SETTLE: Duration = Duration::from_secs(120);

/// Between two looks whether the last line is in the ledger.
pub const MONTH_LOOK: Duration = Duration::from_millis(250);
