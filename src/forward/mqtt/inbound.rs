//! The other direction, for whoever confirms: a subscription whose messages are acknowledged by hand.
//!
//! # Constraints
//! - The session outlives the connection: what the broker holds and was not acknowledged comes again.
//! - As for a gateway, each connection has a client of its own, thrown away at the first error.
//! - Watermarks go out in rounds: the next one begins when all of the last were acknowledged, so that the
//!   client never comes round to a packet id in use.
//! - The client takes up to ten messages in for each acknowledgement that it puts out, and Mosquitto sends more than
//!   the receive maximum of what waited in a session. So acknowledgements wait here, as packet ids: there are 65 535.

use std::collections::VecDeque;
use std::pin::Pin;

use futures_util::{FutureExt as _, Stream, StreamExt as _};
use rumqttc::Outgoing;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{Filter, Packet, Publish, PublishProperties, SubscribeReasonCode};
use rumqttc::v5::{AsyncClient, ConnectionError, Event as ClientEvent};

use super::words::Peer;
use super::{Trouble, basic_options, full, reason_code};
use crate::config::MqttConfig;
use crate::forward::message::JSON;
use crate::limits::{LEDGER_GROUP, LEDGER_PUBLISH, LEDGER_SESSION};

/// One connection of a subscriber.
pub struct Inbound {
    client: AsyncClient,
    events: Pin<Box<dyn Stream<Item = Result<ClientEvent, ConnectionError>> + Send>>,
    peer: Peer,
    /// Watermarks that the broker has not acknowledged.
    flying: usize,
    /// Messages that are dealt with, by packet id, and are not with the client.
    owed: VecDeque<u16>,
    /// Acknowledgements that are with the client and not on the wire.
    handed: usize,
}

/// A message, to be acknowledged once it is dealt with.
#[derive(Clone, Debug)]
pub struct Delivery(Box<Publish>);

impl Delivery {
    /// Where it was published; empty where that is no text.
    #[must_use]
    pub fn topic(&self) -> &str {
        std::str::from_utf8(&self.0.topic).unwrap_or_default()
    }

    /// What it carries.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.0.payload
    }

    /// Whether it was said now: not kept by the broker from before, and not sent again.
    #[must_use]
    pub fn is_live(&self) -> bool {
        !self.0.retain && !self.0.dup
    }

    /// Its user properties.
    #[must_use]
    pub fn properties(&self) -> &[(String, String)] {
        self.0.properties.as_ref().map_or(&[], |properties| &properties.user_properties)
    }
}

/// What came over a connection.
#[derive(Debug)]
pub enum Arrival {
    /// The broker accepted it.
    Connected,
    /// The broker lets us read some of what was asked for, or nothing.
    Subscribed {
        /// Filters that it granted.
        granted: usize,
    },
    /// A message.
    Message(Delivery),
    /// The broker does not let us write a watermark.
    Refused {
        /// The code of the PUBACK.
        reason: u8,
    },
    /// Something came, without further meaning.
    Heard,
    /// Something of ours is on the wire.
    Said,
}

impl Inbound {
    /// Prepares a connection; it is made when [`Self::next`] is first called.
    ///
    /// # Errors
    /// When a file that it needs cannot be used.
    pub fn open(mqtt: &MqttConfig, client_id: &str) -> Result<Self, Trouble> {
        let mut options = basic_options(mqtt, client_id)?;
        let seconds = u32::try_from(LEDGER_SESSION.as_secs()).unwrap_or(u32::MAX);
        options
            .set_clean_start(false)
            .set_session_expiry_interval(Some(seconds))
            .set_receive_maximum(Some(LEDGER_GROUP))
            .set_manual_acks(true);
        let room = usize::from(LEDGER_GROUP) + LEDGER_PUBLISH + 8;
        let (client, event_loop) = AsyncClient::new(options, room);
        let events = futures_util::stream::unfold(event_loop, |mut event_loop| async move {
            Some((event_loop.poll().await, event_loop))
        });
        let peer = Peer::new(mqtt, client_id);
        Ok(Self {
            client,
            events: Box::pin(events),
            peer,
            flying: 0,
            owed: VecDeque::new(),
            handed: 0,
        })
    }

    /// What comes next. Nothing may be asked after an error. Can be cancelled.
    ///
    /// # Errors
    /// When there is no connection any more.
    pub async fn next(&mut self) -> Result<Arrival, Trouble> {
        self.hand_over()?;
        let event = self.events.next().await;
        match event {
            Some(Ok(event)) => {
                self.peer.has_spoken |= matches!(event, ClientEvent::Incoming(_));
                Ok(self.translate(event))
            }
            Some(Err(error)) => Err(Trouble::of(&error, &self.peer)),
            None => Err(Trouble::new("the connection has ended".to_owned())),
        }
    }

    /// What is there already, without waiting.
    pub fn ready(&mut self) -> Option<Result<Arrival, Trouble>> {
        self.next().now_or_never()
    }

    /// Asks for all messages of these topics.
    ///
    /// # Errors
    /// When the client takes nothing more.
    pub fn subscribe(&self, filters: Vec<String>) -> Result<(), Trouble> {
        let filters = filters.into_iter().map(|path| Filter::new(path, QoS::AtLeastOnce));
        self.client.try_subscribe_many(filters).map_err(full)
    }

    /// The message is dealt with: the broker may forget it. It is told so while [`Self::next`] is asked.
    pub fn acknowledge(&mut self, delivery: &Delivery) {
        // Another QoS than was asked for has no packet id.
        if delivery.0.qos == QoS::AtLeastOnce {
            self.owed.push_back(delivery.0.pkid);
        }
    }

    /// Whether the broker was not yet told of everything that is dealt with.
    #[must_use]
    pub fn owes(&self) -> bool {
        self.handed > 0 || !self.owed.is_empty()
    }

    /// Gives the client as many acknowledgements as it has room for.
    fn hand_over(&mut self) -> Result<(), Trouble> {
        while self.handed < usize::from(LEDGER_GROUP) {
            let Some(pkid) = self.owed.pop_front() else { break };
            let message = Publish { pkid, qos: QoS::AtLeastOnce, ..Publish::default() };
            self.client.try_ack(&message).map_err(full)?;
            self.handed += 1;
        }
        Ok(())
    }

    /// How many watermarks can be published now: none while a round is under way.
    #[must_use]
    pub fn room(&self) -> usize {
        if self.flying == 0 { LEDGER_PUBLISH } else { 0 }
    }

    /// Publishes a retained JSON text.
    ///
    /// # Errors
    /// When the client takes nothing more.
    pub fn publish(&mut self, topic: String, text: String) -> Result<(), Trouble> {
        let content_type = Some(JSON.to_owned());
        let properties = PublishProperties { content_type, ..PublishProperties::default() };
        self.client
            .try_publish_with_properties(topic, QoS::AtLeastOnce, true, text, properties)
            .map_err(full)?;
        self.flying += 1;
        Ok(())
    }

    /// Hands the DISCONNECT over; the session stays.
    ///
    /// # Errors
    /// When the client takes nothing more.
    pub fn disconnect(&self) -> Result<(), Trouble> {
        self.client.try_disconnect().map_err(full)
    }

    fn translate(&mut self, event: ClientEvent) -> Arrival {
        match event {
            ClientEvent::Incoming(Packet::ConnAck(_)) => Arrival::Connected,
            ClientEvent::Incoming(Packet::SubAck(ack)) => {
                let granted = |code: &&_| matches!(code, SubscribeReasonCode::Success(_));
                Arrival::Subscribed { granted: ack.return_codes.iter().filter(granted).count() }
            }
            ClientEvent::Incoming(Packet::Publish(publish)) => {
                Arrival::Message(Delivery(Box::new(publish)))
            }
            ClientEvent::Incoming(Packet::PubAck(ack)) => {
                self.flying = self.flying.saturating_sub(1);
                match reason_code(ack.reason) {
                    // Retained stands though nobody listens at the moment.
                    0 | 16 => Arrival::Heard,
                    reason => Arrival::Refused { reason },
                }
            }
            ClientEvent::Incoming(_) => Arrival::Heard,
            ClientEvent::Outgoing(Outgoing::PubAck(_)) => {
                self.handed = self.handed.saturating_sub(1);
                Arrival::Said
            }
            ClientEvent::Outgoing(_) => Arrival::Said,
        }
    }
}
