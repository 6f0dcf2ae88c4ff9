//! A small MQTT 5 broker in process, for tests and the demo: honest by default, rude when told so.
//!
//! It knows what the agent and a subscriber need: QoS 0 and 1, wildcards `+` and `#`, retained messages, last
//! wills, sessions that outlive a connection, a receive maximum that it enforces, and reason 16 when nobody
//! matched. It has no TLS, no shared subscriptions, no topic aliases, no QoS 2 and says so in CONNACK.
//!
//! Invariants: it listens on loopback only; a restart keeps its port; every queue is bounded by
//! [`crate::limits`]; a message that got reason 0 reaches every session that matched, also across
//! [`Broker::stop`] and [`Broker::start`], unless [`Behaviour`] says otherwise.
//!
//! One task per connection; the routing itself is the sans-IO [`state::State`] behind a lock that is never
//! held across an await.

mod connection;
mod session;
mod state;
#[cfg(test)]
mod tests;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};

use state::State;
pub use state::topic_matches;

/// A broker on a free loopback port. Dropping it ends it.
pub struct Broker {
    port: u16,
    shared: Shared,
    running: Option<Running>,
}

/// How the broker treats its clients. The default is honest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behaviour {
    /// Publishes a client may have unacknowledged. One more: DISCONNECT with reason 0x93.
    pub receive_maximum: u16,
    /// CONNACK carries this reason and the connection ends.
    pub refuse_connect: Option<u8>,
    /// QoS 1 publishes are not routed and PUBACK carries this reason.
    pub refuse_reason: Option<u8>,
    /// The connection is cut right after a successful CONNACK.
    pub kick_after_connack: bool,
    /// Publishes are routed but never acknowledged.
    pub drop_acks: bool,
    /// Publishes are acknowledged with success but reach nobody.
    pub forget_publishes: bool,
    /// [`Broker::stop`] loses sessions, their queues and retained messages.
    pub forget_sessions: bool,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            receive_maximum: 64,
            refuse_connect: None,
            refuse_reason: None,
            kick_after_connack: false,
            drop_acks: false,
            forget_publishes: false,
            forget_sessions: false,
        }
    }
}

/// What the broker has seen since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BrokerCounters {
    /// CONNECT packets, refused ones too.
    pub connects: u64,
    /// PUBLISH packets from clients.
    pub publishes: u64,
    /// Those of them that carried the DUP flag.
    pub duplicates: u64,
    /// PUBACKs with reason 0.
    pub accepted: u64,
    /// PUBACKs with any other reason.
    pub refused: u64,
    /// PUBLISH packets to subscribers.
    pub delivered: u64,
}

/// The accepting task with all its connections; it stops when the sender is dropped.
struct Running {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

/// The routing state, shared by the connections' tasks.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Mutex<State>>);

impl Shared {
    /// A task that panicked leaves the state usable: no step of it is half done at a panic point.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Broker {
    /// Starts on a free loopback port.
    pub async fn start_new(behaviour: Behaviour) -> io::Result<Self> {
        let shared = Shared(Arc::new(Mutex::new(State::new(behaviour))));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let running = Some(Running::spawn(listener, shared.clone()));
        Ok(Self { port, shared, running })
    }

    /// The same before and after a restart.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether it listens.
    pub fn is_up(&self) -> bool {
        self.running.is_some()
    }

    /// Changes the behaviour, also while clients are connected.
    pub fn behave(&self, change: impl FnOnce(&mut Behaviour)) {
        change(&mut self.shared.lock().behaviour);
    }

    /// What it has seen so far.
    pub fn counters(&self) -> BrokerCounters {
        self.shared.lock().counters
    }

    /// Cuts all connections and stops listening, as a crash would: no DISCONNECT, no last wills.
    pub async fn stop(&mut self) {
        let Some(running) = self.running.take() else { return };
        drop(running.stop);
        // The task ends by itself; if it panicked, its sockets are closed too.
        let _ended = running.task.await;
        self.shared.lock().crash();
    }

    /// Listens again on the same port. Does nothing while it is up.
    pub async fn start(&mut self) -> io::Result<()> {
        if self.running.is_none() {
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
            let listener = TcpListener::bind(address).await?;
            self.running = Some(Running::spawn(listener, self.shared.clone()));
        }
        Ok(())
    }

    /// Cuts all connections once and goes on listening.
    pub async fn kick_all(&mut self) -> io::Result<()> {
        self.stop().await;
        self.start().await
    }
}

impl Running {
    fn spawn(listener: TcpListener, shared: Shared) -> Self {
        let (stop, stopped) = oneshot::channel();
        Self { stop, task: tokio::spawn(accept(listener, shared, stopped)) }
    }
}

/// Accepts until told to stop, or until the broker was dropped.
async fn accept(listener: TcpListener, shared: Shared, mut stopped: oneshot::Receiver<()>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = &mut stopped => break,
            accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                connections.spawn(connection::serve(stream, shared.clone()));
            },
            // Reaps those that ended.
            Some(_) = connections.join_next() => {}
        }
    }
    connections.shutdown().await;
}
