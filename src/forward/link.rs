//! The ends of the forwarder: what it is told, what it asks of the store, what it says of itself.

use std::time::Duration;

use tillgate_events::{Class, UtcMs};
use tokio::sync::{mpsc, oneshot, watch};

use super::topic::Topics;
use crate::config::MqttConfig;
use crate::store::{Row, RowId};

/// What does not change while the agent runs.
#[derive(Clone, Debug)]
pub struct ForwardSettings {
    /// The broker, and how to reach it.
    pub mqtt: MqttConfig,
    /// The names of this gateway's topics.
    pub topics: Topics,
    /// Also the client id.
    pub gateway_id: String,
    /// The store's.
    pub epoch: u32,
    /// When the agent started, for `…/state`.
    pub started: UtcMs,
    /// From the stop on, how long sending and the farewell may take together.
    pub stop_within: Duration,
}

/// The forwarder's connections to the rest of the agent.
#[derive(Debug)]
pub struct Link {
    /// To the pipeline thread.
    pub requests: mpsc::Sender<Request>,
    /// The newest committed row.
    pub newest: watch::Receiver<RowId>,
    /// For the health report.
    pub state: watch::Sender<LinkState>,
}

/// What the forwarder asks of the store's owner.
#[derive(Debug)]
pub enum Request {
    /// The rows after `after`, at most `max_rows`, in order. Empty when there are none, or they cannot be read
    /// now: they are asked for again after the next commit. Rows just let go of may still be among them.
    Rows {
        /// The row before the first one wanted.
        after: RowId,
        /// At most so many.
        max_rows: usize,
        /// Where the rows go.
        reply: oneshot::Sender<Vec<Row>>,
    },
    /// These rows are delivered.
    Free(Vec<RowId>),
}

/// How the link to the cloud is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkState {
    /// A connection stands.
    pub connected: bool,
    /// When `connected` last changed.
    pub since: UtcMs,
    /// Messages published and acknowledged with success.
    pub sent: u64,
    /// Rows let go of: confirmed by whoever confirms here.
    pub kept: u64,
    /// Messages acknowledged and not delivered.
    pub not_delivered: u64,
    /// A class that waits because the broker does not deliver it, and the reason code.
    pub refused: Option<(Class, u8)>,
    /// What is wrong, in words; `None` once a connection stands.
    pub last_error: Option<String>,
}
