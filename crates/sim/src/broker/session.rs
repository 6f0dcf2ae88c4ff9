//! One client's session: subscriptions, what waits for it, what is in flight to it.
//!
//! Invariants: messages keep their order; at most a window of them is unacknowledged; after a reconnect the
//! unacknowledged ones come first, again, with the DUP flag and their old ids (MQTT 5, 4.4).

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{Connect, Filter, Publish, PublishProperties};
use tokio::sync::Notify;

use super::state::topic_matches;
use crate::limits;

/// What the broker keeps for one client id.
pub(super) struct Session {
    /// The connection that holds it.
    pub holder: Option<u64>,
    /// Rung when there is something to send, or when the session was taken over.
    pub wake: Arc<Notify>,
    /// Whether it outlives the connection.
    pub keep: bool,
    pub subscriptions: Vec<Filter>,
    queue: VecDeque<Message>,
    in_flight: VecDeque<InFlight>,
    window: usize,
    last_id: u16,
}

struct InFlight {
    id: u16,
    message: Message,
    /// To be sent (again) on the present connection.
    due: bool,
    dup: bool,
}

/// A message on its way to sessions.
#[derive(Clone)]
pub(super) struct Message {
    topic: Bytes,
    pub payload: Bytes,
    qos: QoS,
    pub retain: bool,
    properties: Option<PublishProperties>,
}

impl Session {
    /// Empty, held by nobody.
    pub fn new() -> Self {
        Self {
            holder: None,
            wake: Arc::default(),
            keep: false,
            subscriptions: Vec::new(),
            queue: VecDeque::new(),
            in_flight: VecDeque::new(),
            window: limits::SESSION_WINDOW,
            last_id: 0,
        }
    }

    /// A connection takes hold; what is unacknowledged is due again.
    pub fn reattach(&mut self, id: u64, connect: &Connect) {
        let properties = connect.properties.as_ref();
        let receive_maximum = properties.and_then(|p| p.receive_maximum).unwrap_or(u16::MAX);
        self.keep = properties.and_then(|p| p.session_expiry_interval).unwrap_or(0) > 0;
        self.window = limits::SESSION_WINDOW.min(usize::from(receive_maximum));
        self.holder = Some(id);
        // The connection before this one waits on the old bell.
        self.wake = Arc::default();
        self.wake.notify_one();
        for sent in &mut self.in_flight {
            (sent.due, sent.dup) = (true, true);
        }
    }

    /// The matching subscription with the highest QoS.
    pub fn matching(&self, topic: &str) -> Option<&Filter> {
        self.subscriptions
            .iter()
            .filter(|filter| topic_matches(topic, &filter.path))
            .max_by_key(|filter| filter.qos as u8)
    }

    /// Queues a message, unless it may be dropped and nobody is connected.
    pub fn push(&mut self, message: &Message, filter: &Filter, retain: bool) {
        let qos = if filter.qos == QoS::AtMostOnce { QoS::AtMostOnce } else { message.qos };
        if self.holder.is_none() && qos == QoS::AtMostOnce {
            return;
        }
        self.queue.push_back(Message { qos, retain, ..message.clone() });
        self.wake.notify_one();
    }

    /// What is to be sent now: first what is due again, then as much of the queue as the window allows.
    pub fn take(&mut self) -> Vec<Publish> {
        let mut out = Vec::new();
        for sent in self.in_flight.iter_mut().filter(|sent| sent.due) {
            sent.due = false;
            out.push(sent.message.publish(sent.id, sent.dup));
        }
        while self.in_flight.len() < self.window {
            let Some(message) = self.queue.pop_front() else { break };
            if message.qos == QoS::AtMostOnce {
                out.push(message.publish(0, false));
                continue;
            }
            let id = self.free_id();
            out.push(message.publish(id, false));
            self.in_flight.push_back(InFlight { id, message, due: false, dup: false });
        }
        out
    }

    /// The subscriber has it.
    pub fn acknowledge(&mut self, id: u16) {
        self.in_flight.retain(|sent| sent.id != id);
    }

    /// Whether no more messages fit.
    pub fn is_full(&self) -> bool {
        self.queue.len() >= limits::SESSION_QUEUE
    }

    /// The window is far smaller than the number of ids, so there is always one.
    fn free_id(&mut self) -> u16 {
        let taken: BTreeSet<u16> = self.in_flight.iter().map(|sent| sent.id).collect();
        loop {
            self.last_id = self.last_id.checked_add(1).unwrap_or(1);
            if !taken.contains(&self.last_id) {
                return self.last_id;
            }
        }
    }
}

impl Message {
    fn publish(&self, pkid: u16, dup: bool) -> Publish {
        Publish {
            dup,
            qos: self.qos,
            retain: self.retain,
            topic: self.topic.clone(),
            pkid,
            payload: self.payload.clone(),
            properties: self.properties.clone(),
        }
    }
}

impl From<&Publish> for Message {
    fn from(publish: &Publish) -> Self {
        Self {
            topic: publish.topic.clone(),
            payload: publish.payload.clone(),
            qos: publish.qos,
            retain: publish.retain,
            properties: publish.properties.clone(),
        }
    }
}
