//! The way between gateway, broker and cloud. Within a connection packets keep their order; a connection that breaks
//! loses what is on its way from some moment on.

use std::collections::VecDeque;
use std::time::Duration;

use anyhow::Result;
use tillgate::backoff::Backoff;
use tillgate::forward::{Input, Message, Outbound, gap};
use tillgate::limits::{MQTT_WINDOW, RECONNECT_MAX};
use tillgate_events::parse_watermarks;

use crate::broker::Post;
use crate::cloud::Said;
use crate::gateway::NAME;
use crate::world::{Event, World};

/// All topics of the gateway begin so.
const BASE: &str = "tillgate/v1/acme/7/gw-1";

/// To the broker.
#[derive(Clone, Debug)]
pub enum Packet {
    Publish(u16, Post),
    Subscribe(u16),
}

/// From the broker to the gateway.
#[derive(Clone, Debug)]
pub enum Reply {
    Connected(u16),
    Ack(u16, u8),
    Marks(Vec<u8>),
}

/// The gateway's end.
pub struct Link {
    pub connection: Option<Connection>,
    /// No attempt before that.
    pub until: u64,
    backoff: Backoff,
    /// Packets pass.
    pub is_up: bool,
    /// Milliseconds that a packet takes at most.
    pub latency: u64,
    next: u64,
}

/// A connection, made or in the making.
pub struct Connection {
    pub id: u64,
    queue: VecDeque<Packet>,
    limit: u16,
    packet_id: u16,
    is_connected: bool,
    /// Nothing passes any more.
    pub is_dead: bool,
    /// When the last packet to the broker arrives, and the last one from it.
    up: u64,
    down: u64,
}

impl Link {
    pub fn new(random: &mut fastrand::Rng) -> Self {
        let backoff = Backoff::new(random.fork(), RECONNECT_MAX);
        Self { connection: None, until: 0, backoff, is_up: true, latency: 50, next: 0 }
    }

    /// No connection; the next attempt is due at `now`.
    pub fn down(&mut self, now: u64) {
        self.connection = None;
        self.until = now;
        self.backoff.reset();
    }
}

impl World {
    /// The gateway tries to connect.
    pub fn dial(&mut self) {
        let link = &mut self.link;
        link.next += 1;
        link.until = u64::MAX;
        let id = link.next;
        link.connection = Some(Connection {
            id,
            queue: VecDeque::new(),
            limit: MQTT_WINDOW.min(self.random.u16(1..100)),
            packet_id: 0,
            is_connected: false,
            is_dead: false,
            up: self.now,
            down: self.now,
        });
        if link.is_up && self.broker_is_up {
            self.later(50, Event::Dialled(id));
        } else {
            self.later(10_000, Event::Closed(id));
        }
    }

    /// The broker hears that somebody connects.
    pub fn dialled(&mut self, id: u64) {
        let Some(connection) = self.link.connection.as_ref().filter(|it| it.id == id) else {
            return;
        };
        if !self.broker_is_up || !self.link.is_up {
            return self.later(1000, Event::Closed(id));
        }
        let limit = connection.limit;
        // Of one client there is one connection.
        self.broker.connections.clear();
        self.broker.connections.insert(id, false);
        self.reply(id, Reply::Connected(limit));
        if self.broker.kicks {
            self.broker.connections.clear();
            self.later(200, Event::Closed(id));
        }
    }

    /// The session hands something to the client.
    pub fn hand_to_client(&mut self, outbound: Outbound) {
        let packet = match outbound {
            Outbound::Subscribe => Packet::Subscribe(0),
            Outbound::Birth => Packet::Publish(0, self.birth()),
            Outbound::Gap(it) => {
                Packet::Publish(0, Post::new(format!("{BASE}/gap"), gap(&it, NAME)))
            }
            Outbound::Row(class, message) => {
                Packet::Publish(0, Post::new(format!("{BASE}/evt/{}", class.name()), message))
            }
            Outbound::Health(_) | Outbound::Farewell => {
                Packet::Publish(0, Post::new(format!("{BASE}/state"), empty()))
            }
        };
        let Some(connection) = &mut self.link.connection else { return };
        connection.queue.push_back(packet);
        let id = connection.id;
        self.later(5, Event::Take(id));
    }

    /// The client puts the next packet on the wire.
    pub fn take(&mut self, id: u64) -> Result<()> {
        let latency = Duration::from_micros(1 + self.random.u64(..self.link.latency * 1000));
        let Some(connection) = self.link.connection.as_mut().filter(|it| it.id == id) else {
            return Ok(());
        };
        let Some(mut packet) = connection.queue.pop_front() else { return Ok(()) };
        connection.packet_id = connection.packet_id % connection.limit + 1;
        let packet_id = connection.packet_id;
        match &mut packet {
            Packet::Publish(it, _) | Packet::Subscribe(it) => *it = packet_id,
        }
        connection.up = connection.up.max(self.now + micros(latency)) + 1;
        let (at, passes) = (connection.up, self.link.is_up && !connection.is_dead);
        if passes {
            self.at(at, Event::Up(id, packet));
        }
        self.feed(Input::Taken { packet_id })
    }

    /// A packet reaches the broker.
    pub fn up(&mut self, id: u64, packet: Packet) {
        if !self.broker_is_up || !self.broker.connections.contains_key(&id) {
            return;
        }
        match packet {
            Packet::Publish(packet_id, post) => {
                let hole = post.topic.ends_with("/gap").then(|| post.payload.clone());
                let reason = self.broker.publish(post);
                if let Some(hole) = hole {
                    let words = String::from_utf8_lossy(&hole);
                    self.tell(|| format!("the broker takes ({reason}) {words}"));
                }
                self.reply(id, Reply::Ack(packet_id, reason));
                self.later(20, Event::HandOver);
            }
            Packet::Subscribe(packet_id) => {
                self.broker.connections.insert(id, true);
                self.reply(id, Reply::Ack(packet_id, 0));
                if let Some(marks) = self.broker.retained.clone() {
                    self.oracle.could_hear(self.life, &marks);
                    self.follow(id, Reply::Marks(marks));
                }
            }
        }
    }

    fn reply(&mut self, id: u64, reply: Reply) {
        let latency = 1 + self.random.u64(..self.link.latency * 1000);
        self.arrives(id, reply, latency);
    }

    /// A reply right behind the last one.
    fn follow(&mut self, id: u64, reply: Reply) {
        self.arrives(id, reply, 1);
    }

    fn arrives(&mut self, id: u64, reply: Reply, latency: u64) {
        let Some(connection) = self.link.connection.as_mut().filter(|it| it.id == id) else {
            return;
        };
        connection.down = connection.down.max(self.now + latency) + 1;
        let (at, passes) = (connection.down, self.link.is_up && !connection.is_dead);
        if passes {
            self.at(at, Event::Down(id, reply));
        }
    }

    /// A packet reaches the gateway.
    pub fn down(&mut self, id: u64, reply: Reply) -> Result<()> {
        let Some(connection) = self.link.connection.as_mut().filter(|it| it.id == id) else {
            return Ok(());
        };
        match reply {
            Reply::Connected(receive_maximum) => {
                connection.is_connected = true;
                self.feed(Input::Connected { receive_maximum, max_packet: 256 * 1024 })
            }
            Reply::Ack(packet_id, reason) => {
                self.link.backoff.reset();
                self.feed(Input::Acked { packet_id, reason })
            }
            Reply::Marks(payload) => {
                let marks = parse_watermarks(&payload)?;
                self.feed(Input::Watermarks(marks.into_iter().collect()))
            }
        }
    }

    /// The gateway notices that the connection is gone.
    pub fn closed(&mut self, id: u64) -> Result<()> {
        if self.link.connection.as_ref().is_none_or(|it| it.id != id) {
            return Ok(());
        }
        self.hang_up();
        self.feed(Input::Disconnected)
    }

    /// There is no connection any more on the gateway's side.
    pub fn hang_up(&mut self) {
        self.link.connection = None;
        self.link.until = self.now + micros(self.link.backoff.wait());
    }

    /// Of what is on its way, all after some moment never arrives; the gateway notices after a while.
    pub fn break_connection(&mut self, notice_ms: u64) {
        let Some(connection) = &mut self.link.connection else { return };
        connection.is_dead = true;
        let (id, last) = (connection.id, connection.up.max(connection.down).max(self.now));
        let from = self.random.u64(self.now..=last);
        self.events.retain(|(at, _), event| {
            *at < from || !matches!(event, Event::Up(of, _) | Event::Down(of, _) if *of == id)
        });
        self.later(notice_ms, Event::Closed(id));
    }

    /// The broker hands the cloud what it was not handed; now and then twice.
    pub fn hand_over(&mut self) {
        if !self.broker_is_up || !self.cloud_is_up || !self.broker.knows_cloud {
            return;
        }
        let of = self.cloud_link;
        while let Some((token, post)) = self.broker.hand_over() {
            if self.random.u8(..30) == 0 {
                self.later(3000, Event::ToCloud(of, token, post.clone()));
            }
            self.later(50, Event::ToCloud(of, token, post));
        }
    }

    /// What the cloud says reaches the broker, or is lost with their connection.
    pub fn heard_of_cloud(&mut self, said: Vec<Said>) {
        for said in said {
            match said {
                Said::Acknowledge(token) => self.broker.acknowledged(token),
                Said::Publish(payload) => {
                    self.tell(|| format!("cloud: {}", String::from_utf8_lossy(&payload)));
                    self.broker.retain(payload.clone());
                    let standing: Vec<u64> = self
                        .broker
                        .connections
                        .iter()
                        .filter(|(_, hears)| **hears)
                        .map(|(id, _)| *id)
                        .collect();
                    for id in standing {
                        self.reply(id, Reply::Marks(payload.clone()));
                    }
                }
            }
        }
    }

    fn birth(&self) -> Post {
        let gateway = self.gateway.as_ref();
        let next: serde_json::Map<String, serde_json::Value> = gateway
            .into_iter()
            .flat_map(|gateway| &gateway.next)
            .map(|(class, next)| (class.name().to_owned(), (*next).into()))
            .collect();
        let epoch = gateway.map_or(0, |gateway| gateway.epoch);
        let state =
            serde_json::json!({"status": "online", "gateway": NAME, "epoch": epoch, "next": next});
        Post::new(
            format!("{BASE}/state"),
            Message { payload: state.to_string().into_bytes(), ..empty() },
        )
    }
}

fn empty() -> Message {
    Message { payload: b"{}".to_vec(), content_type: "application/json", properties: Vec::new() }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
