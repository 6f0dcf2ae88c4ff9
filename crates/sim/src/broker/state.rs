//! Routing without I/O: sessions, subscriptions, retained messages, what is in flight to whom.
//!
//! A session belongs to a client id. While it is attached to a connection, that connection's task takes what is
//! to be sent; a second connection with the same id takes the session over and the first one notices.

use std::collections::BTreeMap;
use std::sync::Arc;

use rumqttc::v5::mqttbytes::v5::{Connect, Filter, LastWill, Publish};
use tokio::sync::Notify;

use super::session::{Message, Session};
use super::{Behaviour, BrokerCounters};
use crate::limits;

/// Reason codes of PUBACK that the broker gives by itself (MQTT 5, 3.4.2.1).
pub(super) mod reason {
    pub const SUCCESS: u8 = 0;
    pub const NO_MATCHING_SUBSCRIBERS: u8 = 16;
    pub const TOPIC_NAME_INVALID: u8 = 144;
    pub const QUOTA_EXCEEDED: u8 = 151;
}

/// Everything the broker remembers.
pub(super) struct State {
    pub behaviour: Behaviour,
    pub counters: BrokerCounters,
    sessions: BTreeMap<String, Session>,
    retained: BTreeMap<String, Message>,
    connections: u64,
}

/// A connection's hold on its session.
#[derive(Clone)]
pub(super) struct Attached {
    pub client: String,
    /// Whether the session existed before.
    pub present: bool,
    /// Rung when there is something to send, or when the session was taken over.
    pub wake: Arc<Notify>,
    id: u64,
}

impl State {
    pub fn new(behaviour: Behaviour) -> Self {
        Self {
            behaviour,
            counters: BrokerCounters::default(),
            sessions: BTreeMap::new(),
            retained: BTreeMap::new(),
            connections: 0,
        }
    }

    /// Opens or takes over the session of a client; `None` when there are too many.
    pub fn attach(&mut self, connect: &Connect) -> Option<Attached> {
        self.connections += 1;
        let id = self.connections;
        let client = if connect.client_id.is_empty() {
            format!("anonymous-{id}")
        } else {
            connect.client_id.clone()
        };
        if let Some(previous) = self.sessions.get(&client) {
            previous.wake.notify_one();
            if connect.clean_start {
                self.sessions.remove(&client);
            }
        }
        if self.sessions.len() >= limits::BROKER_ENTRIES && !self.sessions.contains_key(&client) {
            return None;
        }
        let present = self.sessions.contains_key(&client);
        let session = self.sessions.entry(client.clone()).or_insert_with(Session::new);
        session.reattach(id, connect);
        Some(Attached { client, present, wake: session.wake.clone(), id })
    }

    /// Ends a connection: a session that does not outlive it goes.
    pub fn detach(&mut self, attached: &Attached) {
        let Some(session) = self.held(attached) else { return };
        session.holder = None;
        if !session.keep {
            self.sessions.remove(&attached.client);
        }
    }

    /// All connections are gone at once.
    pub fn crash(&mut self) {
        self.sessions.retain(|_, session| session.keep);
        self.sessions.values_mut().for_each(|session| session.holder = None);
        if self.behaviour.forget_sessions {
            self.sessions.clear();
            self.retained.clear();
        }
    }

    /// Routes a publish; the reason code for its PUBACK.
    pub fn publish(&mut self, publish: &Publish) -> u8 {
        let Ok(topic) = std::str::from_utf8(&publish.topic) else {
            return reason::TOPIC_NAME_INVALID;
        };
        let message = Message::from(publish);
        if message.retain && !self.retain(topic, &message) {
            return reason::QUOTA_EXCEEDED;
        }
        let mut matching: Vec<(&mut Session, Filter)> = self
            .sessions
            .values_mut()
            .filter_map(|session| {
                let filter = session.matching(topic)?.clone();
                Some((session, filter))
            })
            .collect();
        if matching.is_empty() {
            return reason::NO_MATCHING_SUBSCRIBERS;
        }
        if matching.iter().any(|(session, _)| session.is_full()) {
            return reason::QUOTA_EXCEEDED;
        }
        for (session, filter) in &mut matching {
            session.push(&message, filter, message.retain && filter.preserve_retain);
        }
        reason::SUCCESS
    }

    /// Routes a last will.
    pub fn publish_will(&mut self, will: LastWill) {
        let publish = Publish {
            qos: will.qos,
            retain: will.retain,
            topic: will.topic,
            payload: will.message,
            ..Publish::default()
        };
        self.publish(&publish);
    }

    /// Subscribes; retained messages that match are queued.
    pub fn subscribe(&mut self, attached: &Attached, filter: &Filter) {
        let retained: Vec<Message> = self
            .retained
            .iter()
            .filter(|(topic, _)| topic_matches(topic, &filter.path))
            .map(|(_, message)| message.clone())
            .collect();
        let Some(session) = self.held(attached) else { return };
        session.subscriptions.retain(|old| old.path != filter.path);
        session.subscriptions.push(filter.clone());
        for message in &retained {
            session.push(message, filter, true);
        }
    }

    /// Whether there was such a subscription.
    pub fn unsubscribe(&mut self, attached: &Attached, path: &str) -> bool {
        let Some(session) = self.held(attached) else { return false };
        let before = session.subscriptions.len();
        session.subscriptions.retain(|filter| filter.path != path);
        session.subscriptions.len() < before
    }

    /// A subscriber acknowledged.
    pub fn acknowledge(&mut self, attached: &Attached, id: u16) {
        if let Some(session) = self.held(attached) {
            session.acknowledge(id);
        }
    }

    /// What is to be sent now; `None` when the session was taken over.
    pub fn take(&mut self, attached: &Attached) -> Option<Vec<Publish>> {
        let publishes = self.held(attached)?.take();
        self.counters.delivered += publishes.len() as u64;
        Some(publishes)
    }

    fn held(&mut self, attached: &Attached) -> Option<&mut Session> {
        self.sessions
            .get_mut(&attached.client)
            .filter(|session| session.holder == Some(attached.id))
    }

    /// An empty payload removes. False when there is no room.
    fn retain(&mut self, topic: &str, message: &Message) -> bool {
        if message.payload.is_empty() {
            self.retained.remove(topic);
        } else {
            if self.retained.len() >= limits::BROKER_ENTRIES && !self.retained.contains_key(topic) {
                return false;
            }
            self.retained.insert(topic.to_owned(), message.clone());
        }
        true
    }
}

/// Whether a topic matches a filter with `+` and `#` (MQTT 5, 4.7). Wildcards at the start do not match topics
/// that begin with `$`.
pub fn topic_matches(topic: &str, filter: &str) -> bool {
    if topic.starts_with('$') && filter.starts_with(['+', '#']) {
        return false;
    }
    let mut levels = topic.split('/');
    for wanted in filter.split('/') {
        if wanted == "#" {
            return true;
        }
        match levels.next() {
            Some(level) if wanted == "+" || wanted == level => {}
            _ => return false,
        }
    }
    levels.next().is_none()
}
