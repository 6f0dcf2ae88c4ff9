//! One client's connection: bytes to packets and back; all decisions are [`super::state`]'s.
//!
//! Invariants: the first packet is CONNECT or the connection ends; a last will is published when the connection
//! ends in any way but DISCONNECT with reason 0; nothing is awaited while the state is locked.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::BytesMut;
use rumqttc::v5::mqttbytes::v5::{
    ConnAck, ConnAckProperties, Connect, ConnectReturnCode, Disconnect, DisconnectReasonCode,
    LastWill, Packet, PingResp, Publish, SubAck, Subscribe, SubscribeReasonCode, UnsubAck,
    UnsubAckReason, Unsubscribe,
};
use rumqttc::v5::mqttbytes::{self, QoS};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until};

use super::Shared;
use super::state::{Attached, reason};
use crate::limits;

/// How a connection ended, as far as the last will is concerned.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// The client said goodbye.
    Cleanly,
    /// Anything else.
    Broken,
}

/// Serves one connection to its end.
pub(super) async fn serve(stream: TcpStream, shared: Shared) {
    let mut link = Link { stream, inbox: BytesMut::new(), outbox: BytesMut::new() };
    let Ok(Packet::Connect(connect, will, _)) = link.next().await else { return };
    let Some(attached) = greet(&mut link, &shared, &connect).await else { return };
    let mut client = Client { attached, shared, will, unacknowledged: BTreeSet::new() };
    let ended = client.run(&mut link, keep_alive(&connect)).await;
    client.leave(ended);
}

/// Answers CONNECT. `None`: refused or kicked.
async fn greet(link: &mut Link, shared: &Shared, connect: &Connect) -> Option<Attached> {
    let behaviour = {
        let mut state = shared.lock();
        state.counters.connects += 1;
        state.behaviour.clone()
    };
    if let Some(code) = behaviour.refuse_connect {
        link.outbox.extend_from_slice(&[0x20, 3, 0, code, 0]);
        link.flush().await.ok()?;
        return None;
    }
    if behaviour.kick_after_connack {
        link.send(&connack(false, behaviour.receive_maximum, None));
        link.flush().await.ok()?;
        return None;
    }
    let attached = shared.lock().attach(connect)?;
    let assigned = connect.client_id.is_empty().then(|| attached.client.clone());
    link.send(&connack(attached.present, behaviour.receive_maximum, assigned));
    Some(attached)
}

/// One and a half times what the client promised; 0 is for ever.
fn keep_alive(connect: &Connect) -> Option<Duration> {
    (connect.keep_alive > 0).then(|| Duration::from_millis(1500 * u64::from(connect.keep_alive)))
}

struct Client {
    attached: Attached,
    shared: Shared,
    will: Option<LastWill>,
    /// Publishes of the client that got no PUBACK.
    unacknowledged: BTreeSet<u16>,
}

impl Client {
    async fn run(&mut self, link: &mut Link, keep_alive: Option<Duration>) -> Ended {
        let mut heard = Instant::now();
        loop {
            let Some(publishes) = self.shared.lock().take(&self.attached) else {
                return disconnect(link, DisconnectReasonCode::SessionTakenOver).await;
            };
            publishes.into_iter().for_each(|publish| link.send(&Packet::Publish(publish)));
            if link.flush().await.is_err() {
                return Ended::Broken;
            }
            let silence_ends =
                heard + keep_alive.unwrap_or(Duration::from_secs(u64::from(u32::MAX)));
            tokio::select! {
                packet = link.next() => {
                    heard = Instant::now();
                    let handled = match packet {
                        Ok(packet) => self.handle(link, packet),
                        Err(_) => Err(Ended::Broken),
                    };
                    if let Err(ended) = handled {
                        // What was said last (a DISCONNECT with its reason) may still reach the client.
                        let _gone = link.flush().await;
                        return ended;
                    }
                }
                () = self.attached.wake.notified() => {}
                () = sleep_until(silence_ends) => {
                    return disconnect(link, DisconnectReasonCode::KeepAliveTimeout).await;
                }
            }
        }
    }

    fn handle(&mut self, link: &mut Link, packet: Packet) -> Result<(), Ended> {
        match packet {
            Packet::Publish(publish) => return self.publish(link, &publish),
            Packet::PubAck(ack) => self.shared.lock().acknowledge(&self.attached, ack.pkid),
            Packet::Subscribe(subscribe) => link.send(&self.subscribe(&subscribe)),
            Packet::Unsubscribe(unsubscribe) => link.send(&self.unsubscribe(&unsubscribe)),
            Packet::PingReq(_) => link.send(&Packet::PingResp(PingResp)),
            Packet::Disconnect(disconnect) => {
                let normal = disconnect.reason_code == DisconnectReasonCode::NormalDisconnection;
                return Err(if normal { Ended::Cleanly } else { Ended::Broken });
            }
            _ => return refuse(link, DisconnectReasonCode::ProtocolError),
        }
        Ok(())
    }

    fn publish(&mut self, link: &mut Link, publish: &Publish) -> Result<(), Ended> {
        if publish.qos == QoS::ExactlyOnce {
            return refuse(link, DisconnectReasonCode::QoSNotSupported);
        }
        let mut state = self.shared.lock();
        state.counters.publishes += 1;
        state.counters.duplicates += u64::from(publish.dup);
        let behaviour = state.behaviour.clone();
        if publish.qos == QoS::AtLeastOnce {
            self.unacknowledged.insert(publish.pkid);
            if self.unacknowledged.len() > usize::from(behaviour.receive_maximum) {
                return refuse(link, DisconnectReasonCode::ReceiveMaximumExceeded);
            }
        }
        let code = match behaviour.refuse_reason {
            Some(code) => code,
            None if behaviour.forget_publishes => reason::SUCCESS,
            None => state.publish(publish),
        };
        if publish.qos == QoS::AtMostOnce || behaviour.drop_acks {
            return Ok(());
        }
        let counters = &mut state.counters;
        *(if code == reason::SUCCESS { &mut counters.accepted } else { &mut counters.refused }) +=
            1;
        self.unacknowledged.remove(&publish.pkid);
        let [high, low] = publish.pkid.to_be_bytes();
        link.outbox.extend_from_slice(&[0x40, 3, high, low, code]);
        Ok(())
    }

    fn subscribe(&self, subscribe: &Subscribe) -> Packet {
        let mut state = self.shared.lock();
        let mut return_codes = Vec::new();
        for filter in &subscribe.filters {
            return_codes.push(if mqttbytes::valid_filter(&filter.path) {
                state.subscribe(&self.attached, filter);
                let granted =
                    if filter.qos == QoS::AtMostOnce { filter.qos } else { QoS::AtLeastOnce };
                SubscribeReasonCode::Success(granted)
            } else {
                SubscribeReasonCode::TopicFilterInvalid
            });
        }
        Packet::SubAck(SubAck { pkid: subscribe.pkid, return_codes, properties: None })
    }

    fn unsubscribe(&self, unsubscribe: &Unsubscribe) -> Packet {
        let mut state = self.shared.lock();
        let mut reasons = Vec::new();
        for path in &unsubscribe.filters {
            reasons.push(if state.unsubscribe(&self.attached, path) {
                UnsubAckReason::Success
            } else {
                UnsubAckReason::NoSubscriptionExisted
            });
        }
        Packet::UnsubAck(UnsubAck { pkid: unsubscribe.pkid, reasons, properties: None })
    }

    fn leave(self, ended: Ended) {
        let mut state = self.shared.lock();
        state.detach(&self.attached);
        if let (Ended::Broken, Some(will)) = (ended, self.will) {
            state.publish_will(will);
        }
    }
}

/// Says why, and ends the connection.
fn refuse(link: &mut Link, reason_code: DisconnectReasonCode) -> Result<(), Ended> {
    link.send_disconnect(reason_code);
    Err(Ended::Broken)
}

async fn disconnect(link: &mut Link, reason_code: DisconnectReasonCode) -> Ended {
    link.send_disconnect(reason_code);
    // The client may be gone already.
    let _gone = link.flush().await;
    Ended::Broken
}

/// The socket with its buffers.
struct Link {
    stream: TcpStream,
    inbox: BytesMut,
    outbox: BytesMut,
}

impl Link {
    /// The next packet. Cancel safe: what was read stays in the inbox.
    async fn next(&mut self) -> Result<Packet, mqttbytes::Error> {
        loop {
            // The codec insists on a reason, which a normal DISCONNECT may omit (MQTT 5, 3.14.2.1).
            if self.inbox.starts_with(&[0xE0, 0]) {
                let reason_code = DisconnectReasonCode::NormalDisconnection;
                return Ok(Packet::Disconnect(Disconnect { reason_code, properties: None }));
            }
            match Packet::read(&mut self.inbox, Some(limits::PACKET_BYTES as u32)) {
                Err(mqttbytes::Error::InsufficientBytes(_)) => {}
                other => return other,
            }
            if self.stream.read_buf(&mut self.inbox).await? == 0 {
                return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
            }
        }
    }

    /// Queues a packet. One that the codec cannot write is not sent: the peer would not understand it either.
    fn send(&mut self, packet: &Packet) {
        let before = self.outbox.len();
        if packet.write(&mut self.outbox, None).is_err() {
            self.outbox.truncate(before);
        }
    }

    /// The codec writes a wrong length here, so the four bytes are written by hand.
    fn send_disconnect(&mut self, reason_code: DisconnectReasonCode) {
        self.outbox.extend_from_slice(&[0xE0, 2, reason_code as u8, 0]);
    }

    async fn flush(&mut self) -> std::io::Result<()> {
        self.stream.write_all_buf(&mut self.outbox).await
    }
}

fn connack(session_present: bool, receive_maximum: u16, assigned: Option<String>) -> Packet {
    let properties = ConnAckProperties {
        session_expiry_interval: None,
        receive_max: Some(receive_maximum),
        max_qos: Some(1),
        retain_available: None,
        max_packet_size: Some(limits::PACKET_BYTES as u32),
        assigned_client_identifier: assigned,
        topic_alias_max: None,
        reason_string: None,
        user_properties: Vec::new(),
        wildcard_subscription_available: None,
        subscription_identifiers_available: Some(0),
        shared_subscription_available: Some(0),
        server_keep_alive: None,
        response_information: None,
        server_reference: None,
        authentication_method: None,
        authentication_data: None,
    };
    let code = ConnectReturnCode::Success;
    Packet::ConnAck(ConnAck { session_present, code, properties: Some(properties) })
}
