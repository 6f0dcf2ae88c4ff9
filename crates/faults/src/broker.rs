//! A broker: what it holds for the cloud, what is retained, whom it refuses. It may forget all of it.

use std::collections::{BTreeMap, BTreeSet};

use tillgate::forward::Message;

/// A message for the cloud.
#[derive(Clone, Debug)]
pub struct Post {
    pub topic: String,
    pub properties: Vec<(String, String)>,
    pub payload: Vec<u8>,
}

impl Post {
    pub fn new(topic: String, message: Message) -> Self {
        let properties =
            message.properties.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { topic, properties, payload: message.payload }
    }
}

/// See the module's documentation.
#[derive(Debug, Default)]
pub struct Broker {
    /// Connections of the gateway that stand, and whether `…/ack` is subscribed to over them.
    pub connections: BTreeMap<u64, bool>,
    /// What the cloud has not acknowledged, by its number.
    pub waiting: BTreeMap<u64, Post>,
    /// Numbers handed to the cloud since it last connected.
    pub handed: BTreeSet<u64>,
    pub next: u64,
    /// On `…/ack`, and what stood there before.
    pub retained: Option<Vec<u8>>,
    pub stale: Option<Vec<u8>>,
    /// The cloud's session is known.
    pub knows_cloud: bool,
    /// Topics that are refused, and the reason.
    pub refused: Option<(String, u8)>,
    /// Closes connections right after it accepted them.
    pub kicks: bool,
    /// Says success although nobody is subscribed.
    pub is_careless: bool,
}

/// Nobody is subscribed.
const NOBODY: u8 = 16;

impl Broker {
    /// Takes a message of the gateway; the reason to acknowledge it with.
    pub fn publish(&mut self, post: Post) -> u8 {
        if let Some((topic, reason)) = &self.refused
            && post.topic.contains(topic.as_str())
        {
            return *reason;
        }
        if !self.knows_cloud {
            return if self.is_careless { 0 } else { NOBODY };
        }
        self.next += 1;
        self.waiting.insert(self.next, post);
        0
    }

    /// The next message that the cloud was not handed.
    pub fn hand_over(&mut self) -> Option<(u64, Post)> {
        let (token, post) = self.waiting.iter().find(|(token, _)| !self.handed.contains(token))?;
        let (token, post) = (*token, post.clone());
        self.handed.insert(token);
        Some((token, post))
    }

    /// The cloud dealt with a message.
    pub fn acknowledged(&mut self, token: u64) {
        self.waiting.remove(&token);
        self.handed.remove(&token);
    }

    /// The cloud says what is to stand on `…/ack`.
    pub fn retain(&mut self, payload: Vec<u8>) {
        self.stale = self.retained.replace(payload);
    }

    /// Starts again and forgets what it is told to.
    pub fn restart(&mut self, random: &mut fastrand::Rng, keeps: bool) {
        self.connections.clear();
        self.handed.clear();
        if keeps {
            return;
        }
        match random.u8(..3) {
            0 => self.waiting.clear(),
            1 => self.waiting = self.waiting.split_off(&random.u64(..=self.next)),
            _ => {}
        }
        match random.u8(..3) {
            0 => self.retained = None,
            // Put back from an old copy.
            1 => self.retained = self.stale.take().or(self.retained.take()),
            _ => {}
        }
        self.knows_cloud = random.bool();
        self.is_careless = random.bool();
    }
}
