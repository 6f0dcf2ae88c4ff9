//! The ends of the forwarder: what it is told, what it asks of the store, what it says of itself.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use tillgate_events::{Class, UtcMs, Watermarks};
use tokio::sync::{mpsc, oneshot, watch};

use super::topic::Topics;
use crate::config::MqttConfig;
use crate::store::{Gap, Numbering, Row, RowId, StoreError};

/// What does not change while the agent runs.
#[derive(Clone, Debug)]
pub struct ForwardSettings {
    /// The broker, and how to reach it.
    pub mqtt: MqttConfig,
    /// The names of this gateway's topics.
    pub topics: Topics,
    /// Also the client id.
    pub gateway_id: String,
    /// The store's, until the cloud knows better.
    pub epoch: u32,
    /// The store's: the sequence number due next in each class when the forwarder starts.
    pub next: BTreeMap<Class, u64>,
    /// The store's: the first number of each class that no broker can have then.
    pub untaken: BTreeMap<Class, u64>,
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
    /// What is to stand on `…/health`; empty for nothing.
    pub health: watch::Receiver<String>,
}

/// What the forwarder asks of the store's owner.
#[derive(Debug)]
pub enum Request {
    /// The rows of a class after `after`, at most `max_rows`, in order. An error, or no answer at all: they are asked
    /// for again a little later. Rows just let go of may still be among them.
    Rows {
        /// Of which stream.
        class: Class,
        /// The row before the first one wanted.
        after: RowId,
        /// At most so many.
        max_rows: usize,
        /// Where the rows go.
        reply: oneshot::Sender<Result<Answer, StoreError>>,
    },
    /// Whether all was handed out that the cloud has by these. Rows are asked for after the answer.
    Compare {
        /// The cloud contradicts for certain: no broker can have what it confirms.
        contradicts: bool,
        /// What the cloud says.
        marks: Watermarks,
        /// Where the numbering goes.
        reply: oneshot::Sender<Result<Numbering, StoreError>>,
    },
    /// So far each class was delivered with success.
    Delivered(Watermarks),
    /// Nothing is sent any more, and no broker can have more of each class.
    Ended(Watermarks),
    /// These rows are let go of.
    Free(Vec<RowId>),
    /// These gaps are told.
    Settle(Vec<Gap>),
}

/// What the store has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// None when there are no more.
    pub rows: Vec<Row>,
    /// Read after the rows, because reading them may find damage.
    pub gaps: Vec<Gap>,
}

/// How the link to the cloud is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkState {
    /// A connection stands.
    pub connected: bool,
    /// When `connected` last changed.
    pub since: UtcMs,
    /// What was done so far.
    pub progress: Progress,
    /// Records of each class that were published since the start, each counted once.
    pub sent: BTreeMap<Class, u64>,
    /// A class that waits because the broker does not deliver it, and the reason code.
    pub refused: Option<(Class, u8)>,
    /// The last connection failed because by this gateway's clock, for which nothing vouches, a certificate is not
    /// valid.
    pub clock_suspect: bool,
    /// What was last found wrong, in words; `None` once a connection stands.
    pub last_error: Option<String>,
}

/// What the forwarder did since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// Messages of rows acknowledged with success.
    pub sent: u64,
    /// Rows let go of: confirmed by whoever confirms here.
    pub kept: u64,
    /// Messages of rows acknowledged and not delivered.
    pub refused: u64,
    /// Messages of rows handed over that had been handed over before.
    pub resent: u64,
    /// Connections made after the first.
    pub reconnects: u64,
    /// Rows passed over because the broker takes no message as large, once for each connection.
    pub too_large: u64,
    /// Watermarks that freed nothing: beyond what a broker may have, or of no form. Each time that one came.
    pub marks_refused: u64,
    /// Times the store could not be read.
    pub unread: u64,
    /// Gaps told and let go of.
    pub gaps_told: u64,
}
