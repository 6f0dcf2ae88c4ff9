//! The only file that names the MQTT client: one connection, from connect to its end.
//!
//! # Constraints
//! rumqttc 0.25 remembers what it should not: on a lost connection it keeps unacknowledged publishes, drops
//! them when the broker has no session, and can wait for ever on a packet id that collided. So:
//! - each connection has a client and an event loop of its own, with a clean start; both are thrown away at
//!   the first error. The store is the only queue;
//! - the event loop lives in a stream that is never dropped half way through a poll: `next` may be cancelled;
//! - the client's channel has room for the whole window and more, so that handing over never waits;
//! - packet ids never collide, because the session's window sees to it.

pub mod inbound;
mod words;

use std::pin::Pin;
use std::time::Duration;

use futures_util::{Stream, StreamExt as _};
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{
    ConnAck, LastWill, LastWillProperties, Packet, PublishProperties, SubscribeReasonCode,
};
use rumqttc::v5::{AsyncClient, ConnectionError, Event as ClientEvent, MqttOptions};
use rumqttc::{NetworkOptions, Outgoing, TlsConfiguration, Transport};

use super::message::JSON;
use super::parcel::Message;
use super::tls;
use crate::config::MqttConfig;
use crate::limits::{CONNECT_TIMEOUT, MQTT_PACKET_BYTES, MQTT_WINDOW};
use words::{Peer, about_time, words};

/// rumqttc refuses (by a panic) what is shorter.
const KEEP_ALIVE_MIN: Duration = Duration::from_secs(5);

/// One connection to the broker, or the attempt to make it.
pub(super) struct Connection {
    client: AsyncClient,
    events: Pin<Box<dyn Stream<Item = Result<ClientEvent, ConnectionError>> + Send>>,
    peer: Peer,
}

/// What came over a connection.
#[derive(Debug)]
pub(super) enum Event {
    Connected {
        receive_maximum: u16,
        max_packet: usize,
        /// Messages may be retained.
        retain: bool,
    },
    /// Something handed over is on the wire under this packet id.
    Taken {
        packet_id: u16,
    },
    Acked {
        packet_id: u16,
        reason: u8,
    },
    /// The broker does not let us subscribe.
    NotSubscribed {
        packet_id: u16,
    },
    /// A message on a topic we subscribed to.
    Message(Vec<u8>),
    /// The DISCONNECT is on the wire.
    Closed,
    /// Something came, without further meaning.
    Heard,
    /// Something else of ours is on the wire.
    Said,
}

impl Event {
    /// Whether the broker sent it: proof that it lives. What we send proves nothing.
    pub(super) fn is_incoming(&self) -> bool {
        !matches!(self, Self::Taken { .. } | Self::Closed | Self::Said)
    }
}

/// Why there is no connection, in words for the log and the health report.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{words}")]
pub struct Trouble {
    /// What is wrong.
    pub words: String,
    /// A certificate is not valid at this gateway's time: its clock may be wrong.
    pub about_time: bool,
}

impl Trouble {
    /// Something that is not about time.
    #[must_use]
    pub fn new(words: String) -> Self {
        Self { words, about_time: false }
    }

    fn of(error: &ConnectionError, peer: &Peer) -> Self {
        Self { words: words(error, peer), about_time: about_time(error) }
    }
}

impl Connection {
    /// Prepares a connection; it is made when [`Self::next`] is first called. `will` is what the broker
    /// publishes, retained, when the connection breaks.
    pub(super) fn open(
        mqtt: &MqttConfig,
        client_id: &str,
        will: (&str, &str),
    ) -> Result<Self, Trouble> {
        let options = options(mqtt, client_id, will)?;
        let (client, event_loop) = AsyncClient::new(options, usize::from(MQTT_WINDOW) + 8);
        let events = futures_util::stream::unfold(event_loop, |mut event_loop| async move {
            Some((event_loop.poll().await, event_loop))
        });
        Ok(Self { client, events: Box::pin(events), peer: Peer::new(mqtt, client_id) })
    }

    /// What comes next. Nothing may be asked after an error. Can be cancelled.
    pub(super) async fn next(&mut self) -> Result<Event, Trouble> {
        match self.events.next().await {
            Some(Ok(event)) => {
                let event = translate(event);
                self.peer.has_spoken |= event.is_incoming();
                Ok(event)
            }
            Some(Err(error)) => Err(Trouble::of(&error, &self.peer)),
            None => Err(Trouble::new("the connection has ended".to_owned())),
        }
    }

    /// Hands a message over.
    pub(super) fn publish(
        &self,
        topic: String,
        retain: bool,
        message: Message,
    ) -> Result<(), Trouble> {
        let Message { payload, content_type, properties } = message;
        let properties = PublishProperties {
            content_type: Some(content_type.to_owned()),
            user_properties: properties.into_iter().map(|(k, v)| (k.to_owned(), v)).collect(),
            ..PublishProperties::default()
        };
        self.client
            .try_publish_with_properties(topic, QoS::AtLeastOnce, retain, payload, properties)
            .map_err(full)
    }

    /// Hands a subscription over.
    pub(super) fn subscribe(&self, topic: String) -> Result<(), Trouble> {
        self.client.try_subscribe(topic, QoS::AtLeastOnce).map_err(full)
    }

    /// Hands the DISCONNECT over; [`Event::Closed`] follows.
    pub(super) fn disconnect(&self) -> Result<(), Trouble> {
        self.client.try_disconnect().map_err(full)
    }
}

/// Cannot happen while the window holds; starting over is right if it does.
fn full<E>(_: E) -> Trouble {
    Trouble::new("the MQTT client takes nothing more".to_owned())
}

fn options(mqtt: &MqttConfig, client_id: &str, will: (&str, &str)) -> Result<MqttOptions, Trouble> {
    let mut options = basic_options(mqtt, client_id)?;
    let will_properties = LastWillProperties {
        delay_interval: None,
        payload_format_indicator: None,
        message_expiry_interval: None,
        content_type: Some(JSON.to_owned()),
        response_topic: None,
        correlation_data: None,
        user_properties: Vec::new(),
    };
    let (topic, payload) = will;
    options.set_clean_start(true).set_last_will(LastWill::new(
        topic,
        payload,
        QoS::AtLeastOnce,
        mqtt.allowance.retain,
        Some(will_properties),
    ));
    Ok(options)
}

/// What both kinds of connection have in common.
fn basic_options(mqtt: &MqttConfig, client_id: &str) -> Result<MqttOptions, Trouble> {
    let mut options = MqttOptions::new(client_id, &mqtt.host, mqtt.port);
    let max_packet = u32::try_from(MQTT_PACKET_BYTES).unwrap_or(u32::MAX);
    let mut network = NetworkOptions::new();
    network.set_tcp_nodelay(true);
    options
        .set_keep_alive(mqtt.keep_alive.max(KEEP_ALIVE_MIN))
        .set_connection_timeout(CONNECT_TIMEOUT.as_secs())
        .set_max_packet_size(Some(max_packet))
        .set_outgoing_inflight_upper_limit(mqtt.allowance.in_flight)
        .set_network_options(network);
    if let Some(name) = &mqtt.username {
        let password = mqtt.password_file.as_deref().map(tls::read).transpose();
        let password =
            password.map_err(|error| Trouble::new(error.to_string()))?.unwrap_or_default();
        let password = String::from_utf8_lossy(&password);
        options.set_credentials(name, password.trim_end_matches(['\r', '\n']));
    }
    if mqtt.tls {
        let config = tls::client_config(mqtt).map_err(|error| Trouble::new(error.to_string()))?;
        options.set_transport(Transport::tls_with_config(TlsConfiguration::Rustls(config)));
    }
    Ok(options)
}

fn translate(event: ClientEvent) -> Event {
    match event {
        ClientEvent::Incoming(Packet::ConnAck(connack)) => connected(&connack),
        ClientEvent::Incoming(Packet::PubAck(ack)) => {
            Event::Acked { packet_id: ack.pkid, reason: reason_code(ack.reason) }
        }
        ClientEvent::Incoming(Packet::SubAck(ack)) => {
            let granted = |code: &_| matches!(code, SubscribeReasonCode::Success(_));
            if ack.return_codes.iter().all(granted) {
                Event::Acked { packet_id: ack.pkid, reason: 0 }
            } else {
                Event::NotSubscribed { packet_id: ack.pkid }
            }
        }
        ClientEvent::Incoming(Packet::Publish(publish)) => Event::Message(publish.payload.to_vec()),
        ClientEvent::Outgoing(Outgoing::Publish(packet_id) | Outgoing::Subscribe(packet_id)) => {
            Event::Taken { packet_id }
        }
        ClientEvent::Outgoing(Outgoing::Disconnect) => Event::Closed,
        ClientEvent::Incoming(_) => Event::Heard,
        ClientEvent::Outgoing(_) => Event::Said,
    }
}

fn connected(connack: &ConnAck) -> Event {
    let properties = connack.properties.as_ref();
    let max_packet = properties.and_then(|properties| properties.max_packet_size);
    let max_packet = max_packet.and_then(|bytes| usize::try_from(bytes).ok());
    Event::Connected {
        receive_maximum: properties.and_then(|it| it.receive_max).unwrap_or(u16::MAX),
        max_packet: max_packet.unwrap_or(usize::MAX).min(MQTT_PACKET_BYTES),
        retain: properties.and_then(|it| it.retain_available) != Some(0),
    }
}

/// The number of a PUBACK's reason, as the standard has it.
fn reason_code(reason: rumqttc::v5::mqttbytes::v5::PubAckReason) -> u8 {
    use rumqttc::v5::mqttbytes::v5::PubAckReason as Reason;
    match reason {
        Reason::Success => 0,
        Reason::NoMatchingSubscribers => 16,
        Reason::UnspecifiedError => 128,
        Reason::ImplementationSpecificError => 131,
        Reason::NotAuthorized => 135,
        Reason::TopicNameInvalid => 144,
        Reason::PacketIdentifierInUse => 145,
        Reason::QuotaExceeded => 151,
        Reason::PayloadFormatInvalid => 153,
    }
}
