//! The broker seen by a real client.

use std::time::Duration;

use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{LastWill, Packet, PubAckReason};
use rumqttc::v5::{AsyncClient, ConnectionError, Event, EventLoop, MqttOptions};
use tokio::time::timeout;

use super::*;

/// Longer than anything here takes, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(20);

/// A rumqttc client with its event loop.
struct Peer {
    client: AsyncClient,
    events: EventLoop,
}

impl Peer {
    fn with(broker: &Broker, id: &str, change: impl FnOnce(&mut MqttOptions)) -> Self {
        let mut options = MqttOptions::new(id, "127.0.0.1", broker.port());
        change(&mut options);
        let (client, events) = AsyncClient::new(options, 100);
        Self { client, events }
    }

    fn new(broker: &Broker, id: &str) -> Self {
        Self::with(broker, id, |_| {})
    }

    /// With a session that outlives the connection.
    fn lasting(broker: &Broker, id: &str) -> Self {
        Self::with(broker, id, |options| {
            options.set_clean_start(false);
            options.set_session_expiry_interval(Some(3600));
        })
    }

    /// The first incoming packet that is picked; errors on the way are passed over.
    async fn until<T>(&mut self, mut pick: impl FnMut(Packet) -> Option<T>) -> T {
        let search = async {
            loop {
                match self.events.poll().await {
                    Ok(Event::Incoming(packet)) => {
                        if let Some(found) = pick(packet) {
                            return found;
                        }
                    }
                    Ok(Event::Outgoing(_)) => {}
                    Err(_) => tokio::task::yield_now().await,
                }
            }
        };
        timeout(PATIENCE, search).await.expect("the packet came in time")
    }

    async fn error(&mut self) -> ConnectionError {
        let search = async {
            loop {
                if let Err(error) = self.events.poll().await {
                    return error;
                }
            }
        };
        timeout(PATIENCE, search).await.expect("the connection ended in time")
    }

    /// Whether the session was present.
    async fn connected(&mut self) -> bool {
        self.until(|packet| match packet {
            Packet::ConnAck(ack) => Some(ack.session_present),
            _ => None,
        })
        .await
    }

    async fn subscribe(&mut self, filter: &str) {
        self.client.subscribe(filter, QoS::AtLeastOnce).await.unwrap();
        self.until(|packet| matches!(packet, Packet::SubAck(_)).then_some(())).await;
    }

    async fn send(&mut self, topic: &str, retain: bool, payload: &str) -> PubAckReason {
        let payload = payload.as_bytes().to_vec();
        self.client.publish(topic, QoS::AtLeastOnce, retain, payload).await.unwrap();
        self.until(|packet| match packet {
            Packet::PubAck(ack) => Some(ack.reason),
            _ => None,
        })
        .await
    }

    async fn publish(&mut self, topic: &str, payload: &str) -> PubAckReason {
        self.send(topic, false, payload).await
    }

    async fn message(&mut self) -> String {
        self.until(|packet| match packet {
            Packet::Publish(publish) => {
                let topic = String::from_utf8(publish.topic.to_vec()).unwrap();
                let payload = String::from_utf8(publish.payload.to_vec()).unwrap();
                Some(format!("{topic}={payload}{}", if publish.retain { " retained" } else { "" }))
            }
            _ => None,
        })
        .await
    }
}

async fn honest() -> Broker {
    Broker::start_new(Behaviour::default()).await.unwrap()
}

#[test]
fn filters_match_as_the_standard_says() {
    for (topic, filter, expected) in [
        ("a/b/c", "a/b/c", true),
        ("a/b/c", "a/+/c", true),
        ("a/b/c", "a/#", true),
        ("a", "a/#", true),
        ("a/b/c", "#", true),
        ("a/b/c", "a/+", false),
        ("a/b", "a/b/c", false),
        ("a/b", "b/#", false),
        ("/a", "+/a", true),
        ("$SYS/a", "#", false),
        ("$SYS/a", "$SYS/#", true),
        ("ä/b", "ä/+", true),
    ] {
        assert_eq!(topic_matches(topic, filter), expected, "{topic} against {filter}");
    }
}

#[tokio::test]
async fn a_publish_reaches_who_subscribed_and_is_acknowledged() {
    let broker = honest().await;
    let (mut shop, mut cloud) = (Peer::new(&broker, "shop"), Peer::new(&broker, "cloud"));
    cloud.subscribe("t/+/evt/#").await;
    assert_eq!(shop.publish("t/7/evt/pos", "one").await, PubAckReason::Success);
    assert_eq!(cloud.message().await, "t/7/evt/pos=one");
    assert_eq!(shop.publish("t/7/state", "two").await, PubAckReason::NoMatchingSubscribers);
    assert_eq!((broker.counters().accepted, broker.counters().refused), (1, 1));
}

#[tokio::test]
async fn messages_of_a_topic_keep_their_order_beyond_the_window() {
    let broker = honest().await;
    let (mut shop, mut cloud) = (Peer::new(&broker, "shop"), Peer::new(&broker, "cloud"));
    cloud.subscribe("t").await;
    for n in 0..3 * limits_window() {
        assert_eq!(shop.publish("t", &n.to_string()).await, PubAckReason::Success);
    }
    for n in 0..3 * limits_window() {
        assert_eq!(cloud.message().await, format!("t={n}"));
    }
}

fn limits_window() -> usize {
    crate::limits::SESSION_WINDOW
}

#[tokio::test]
async fn a_retained_message_waits_for_later_subscribers_until_it_is_removed() {
    let broker = honest().await;
    let mut shop = Peer::new(&broker, "shop");
    shop.send("state", true, "online").await;
    let mut early = Peer::new(&broker, "early");
    early.subscribe("state").await;
    assert_eq!(early.message().await, "state=online retained");
    shop.send("state", true, "").await;
    let mut late = Peer::new(&broker, "late");
    late.subscribe("#").await;
    shop.publish("other", "x").await;
    assert_eq!(late.message().await, "other=x");
}

#[tokio::test]
async fn a_will_is_published_when_the_connection_breaks_but_not_after_a_goodbye() {
    let broker = honest().await;
    let mut cloud = Peer::new(&broker, "cloud");
    cloud.subscribe("state").await;
    let with_will = |id: &str| {
        let will = LastWill::new("state", format!("{id} gone"), QoS::AtLeastOnce, true, None);
        Peer::with(&broker, id, |options| {
            options.set_last_will(will);
        })
    };
    let mut polite = with_will("polite");
    polite.connected().await;
    polite.client.disconnect().await.unwrap();
    polite.error().await;
    let mut rude = with_will("rude");
    rude.connected().await;
    drop(rude);
    assert_eq!(cloud.message().await, "state=rude gone");
}

#[tokio::test]
async fn a_restart_on_the_same_port_keeps_what_was_promised() {
    let mut broker = honest().await;
    let (mut shop, mut cloud) = (Peer::new(&broker, "shop"), Peer::lasting(&broker, "cloud"));
    cloud.subscribe("t").await;
    drop(cloud);
    // Its session stays, and what is acknowledged now is a promise.
    let mut reason = shop.publish("t", "one").await;
    assert_eq!(reason, PubAckReason::Success);
    broker.kick_all().await.unwrap();
    shop.connected().await;
    reason = shop.publish("t", "two").await;
    assert_eq!(reason, PubAckReason::Success);
    let mut cloud = Peer::lasting(&broker, "cloud");
    assert!(cloud.connected().await);
    assert_eq!([cloud.message().await, cloud.message().await], ["t=one", "t=two"]);
}

#[tokio::test]
async fn a_broker_that_forgets_sessions_loses_what_it_acknowledged() {
    let mut broker = honest().await;
    broker.behave(|behaviour| behaviour.forget_sessions = true);
    let (mut shop, mut cloud) = (Peer::new(&broker, "shop"), Peer::lasting(&broker, "cloud"));
    cloud.subscribe("t").await;
    drop(cloud);
    assert_eq!(shop.publish("t", "one").await, PubAckReason::Success);
    broker.kick_all().await.unwrap();
    assert!(!Peer::lasting(&broker, "cloud").connected().await);
    shop.connected().await;
    assert_eq!(shop.publish("t", "two").await, PubAckReason::NoMatchingSubscribers);
}

#[tokio::test]
async fn publishes_are_refused_with_the_reason_asked_for_until_it_is_taken_back() {
    let broker = honest().await;
    let (mut shop, mut cloud) = (Peer::new(&broker, "shop"), Peer::new(&broker, "cloud"));
    cloud.subscribe("t").await;
    broker.behave(|behaviour| behaviour.refuse_reason = Some(151));
    assert_eq!(shop.publish("t", "one").await, PubAckReason::QuotaExceeded);
    broker.behave(|behaviour| behaviour.refuse_reason = None);
    assert_eq!(shop.publish("t", "two").await, PubAckReason::Success);
    assert_eq!(cloud.message().await, "t=two");
}

#[tokio::test]
async fn acknowledgements_can_be_dropped_while_messages_still_arrive() {
    let broker = honest().await;
    broker.behave(|behaviour| behaviour.drop_acks = true);
    let (mut shop, mut cloud) = (Peer::new(&broker, "shop"), Peer::new(&broker, "cloud"));
    cloud.subscribe("t").await;
    shop.client.publish("t", QoS::AtLeastOnce, false, "one").await.unwrap();
    tokio::select! {
        message = cloud.message() => assert_eq!(message, "t=one"),
        ack = shop.until(|packet| matches!(packet, Packet::PubAck(_)).then_some(())) => {
            panic!("acknowledged: {ack:?}")
        }
    }
    assert_eq!(broker.counters().accepted, 0);
}

#[tokio::test]
async fn publishes_can_be_acknowledged_and_lost() {
    let broker = honest().await;
    let (mut shop, mut cloud) = (Peer::new(&broker, "shop"), Peer::new(&broker, "cloud"));
    cloud.subscribe("t").await;
    broker.behave(|behaviour| behaviour.forget_publishes = true);
    assert_eq!(shop.publish("t", "lost").await, PubAckReason::Success);
    broker.behave(|behaviour| behaviour.forget_publishes = false);
    assert_eq!(shop.publish("t", "found").await, PubAckReason::Success);
    assert_eq!(cloud.message().await, "t=found");
}

#[tokio::test]
async fn a_kick_after_connack_ends_the_connection_each_time() {
    let broker = honest().await;
    broker.behave(|behaviour| behaviour.kick_after_connack = true);
    let mut shop = Peer::new(&broker, "shop");
    shop.connected().await;
    shop.error().await;
    broker.behave(|behaviour| behaviour.kick_after_connack = false);
    shop.connected().await;
    shop.publish("t", "x").await;
    assert_eq!(broker.counters().connects, 2);
}

#[tokio::test]
async fn a_connection_is_refused_with_the_reason_asked_for() {
    let broker = honest().await;
    broker.behave(|behaviour| behaviour.refuse_connect = Some(135));
    let error = Peer::new(&broker, "shop").error().await;
    assert!(error.to_string().contains("NotAuthorized"), "{error}");
}

#[tokio::test]
async fn a_second_connection_with_the_same_id_takes_the_session_over() {
    let broker = honest().await;
    let mut first = Peer::lasting(&broker, "shop");
    assert!(!first.connected().await);
    let mut second = Peer::lasting(&broker, "shop");
    assert!(second.connected().await);
    first.error().await;
    assert_eq!(second.publish("t", "x").await, PubAckReason::NoMatchingSubscribers);
}

mod raw {
    //! What a well-behaved client cannot be made to do.

    use bytes::BytesMut;
    use rumqttc::v5::mqttbytes::v5::{Connect, Disconnect, DisconnectReasonCode, Publish};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::*;

    /// Sends the packets after a CONNECT and returns the DISCONNECT's reason, or `None` at a plain end.
    async fn talk(broker: &Broker, packets: &[Packet]) -> Option<DisconnectReasonCode> {
        let mut bytes = BytesMut::new();
        let connect =
            Connect { keep_alive: 0, client_id: "raw".into(), clean_start: true, properties: None };
        Packet::Connect(connect, None, None).write(&mut bytes, None).unwrap();
        for packet in packets {
            packet.write(&mut bytes, None).unwrap();
        }
        let mut stream = TcpStream::connect(("127.0.0.1", broker.port())).await.unwrap();
        stream.write_all(&bytes).await.unwrap();
        let mut inbox = BytesMut::new();
        loop {
            match Packet::read(&mut inbox, None) {
                Ok(Packet::Disconnect(Disconnect { reason_code, .. })) => return Some(reason_code),
                Ok(_) => continue,
                Err(_) => {}
            }
            if timeout(PATIENCE, stream.read_buf(&mut inbox)).await.unwrap().unwrap() == 0 {
                return None;
            }
        }
    }

    fn publish(pkid: u16, qos: QoS) -> Packet {
        Packet::Publish(Publish { pkid, ..Publish::new("t", qos, "x", None) })
    }

    #[tokio::test]
    async fn more_than_the_receive_maximum_in_flight_ends_the_connection() {
        let broker = honest().await;
        broker.behave(|behaviour| (behaviour.receive_maximum, behaviour.drop_acks) = (2, true));
        let packets: Vec<_> = (1..=3).map(|id| publish(id, QoS::AtLeastOnce)).collect();
        let reason = talk(&broker, &packets).await;
        assert_eq!(reason, Some(DisconnectReasonCode::ReceiveMaximumExceeded));
    }

    #[tokio::test]
    async fn qos_2_and_packets_of_a_server_are_refused() {
        let broker = honest().await;
        let reason = talk(&broker, &[publish(1, QoS::ExactlyOnce)]).await;
        assert_eq!(reason, Some(DisconnectReasonCode::QoSNotSupported));
        let reason = talk(&broker, &[Packet::PingResp(rumqttc::v5::mqttbytes::v5::PingResp)]).await;
        assert_eq!(reason, Some(DisconnectReasonCode::ProtocolError));
    }

    #[tokio::test]
    async fn noise_instead_of_a_connect_ends_the_connection() {
        let broker = honest().await;
        let mut stream = TcpStream::connect(("127.0.0.1", broker.port())).await.unwrap();
        stream.write_all(&[0x47; 200]).await.unwrap();
        let read = timeout(PATIENCE, stream.read_u8()).await.unwrap();
        assert!(read.is_err());
    }
}
