//! The MQTT task against brokers that do what none should: byte by byte, so that they can be as rude as needed.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};

use tillgate_events::Class;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::{Gateway, mqtt};
use crate::support::wait_for;

/// How a broker behaves on its connection with this number, from 0.
#[derive(Clone, Copy)]
struct Manners {
    receive_maximum: u16,
    /// Publishes that are collected before they are acknowledged, the last one first.
    hold: usize,
    /// Publishes after which it drops the connection, acknowledging none that it holds.
    drop_after: usize,
    max_packet: u32,
}

const POLITE: Manners =
    Manners { receive_maximum: 20, hold: 1, drop_after: usize::MAX, max_packet: 200_000 };

/// What a broker saw.
#[derive(Default)]
struct Seen {
    connections: usize,
    /// Payloads of events as they came, acknowledged or not.
    events: Vec<String>,
    acknowledged: BTreeSet<String>,
}

struct RudeBroker {
    port: u16,
    seen: Arc<Mutex<Seen>>,
}

impl RudeBroker {
    async fn start(manners: fn(usize) -> Manners) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let log = seen.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let number = {
                    let mut seen = log.lock().unwrap();
                    seen.connections += 1;
                    seen.connections - 1
                };
                // A connection that ends by itself is as good as one that we drop.
                let _ = serve(stream, manners(number), &log).await;
            }
        });
        Self { port, seen }
    }

    async fn acknowledged(&self, count: usize) {
        let enough = || (self.seen.lock().unwrap().acknowledged.len() == count).then_some(());
        wait_for("all is acknowledged", enough).await;
    }
}

async fn serve(mut stream: TcpStream, manners: Manners, seen: &Mutex<Seen>) -> std::io::Result<()> {
    let mut held: Vec<(u16, String)> = Vec::new();
    let mut publishes = 0;
    loop {
        let (kind, body) = packet(&mut stream).await?;
        match kind >> 4 {
            1 => {
                let [high, low] = manners.receive_maximum.to_be_bytes();
                let [a, b, c, d] = manners.max_packet.to_be_bytes();
                let properties = [0x21, high, low, 0x27, a, b, c, d];
                stream.write_all(&[0x20, 11, 0, 0, 8]).await?;
                stream.write_all(&properties).await?;
            }
            3 => {
                publishes += 1;
                let (id, topic, payload) = publish(&body);
                assert!(held.iter().all(|(other, _)| *other != id), "packet id {id} twice");
                let event = topic.contains("/evt/");
                if event {
                    seen.lock().unwrap().events.push(payload.clone());
                }
                held.push((id, if event { payload } else { String::new() }));
                assert!(held.len() <= usize::from(manners.receive_maximum));
            }
            12 => stream.write_all(&[0xd0, 0]).await?,
            14 => return Ok(()),
            other => panic!("packet type {other}"),
        }
        if publishes >= manners.drop_after {
            return Ok(());
        }
        if held.len() >= manners.hold {
            while let Some((id, payload)) = held.pop() {
                let [high, low] = id.to_be_bytes();
                if !payload.is_empty() {
                    seen.lock().unwrap().acknowledged.insert(payload);
                }
                stream.write_all(&[0x40, 2, high, low]).await?;
            }
        }
    }
}

/// One packet: first byte and body.
async fn packet(stream: &mut TcpStream) -> std::io::Result<(u8, Vec<u8>)> {
    let kind = stream.read_u8().await?;
    let (mut length, mut shift) = (0_usize, 0);
    loop {
        let byte = stream.read_u8().await?;
        length |= usize::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    Ok((kind, body))
}

/// Packet id, topic and payload of a PUBLISH with QoS 1.
fn publish(body: &[u8]) -> (u16, String, String) {
    let number = |at: usize| u16::from_be_bytes([body[at], body[at + 1]]);
    let topic_end = 2 + usize::from(number(0));
    let topic = String::from_utf8(body[2..topic_end].to_vec()).unwrap();
    let properties = topic_end + 2;
    let (length, size) = match body[properties] {
        short @ 0..0x80 => (usize::from(short), 1),
        low => (usize::from(low & 0x7f) | usize::from(body[properties + 1]) << 7, 2),
    };
    let payload = String::from_utf8_lossy(&body[properties + size + length..]).into_owned();
    (number(topic_end), topic, payload)
}

async fn check(manners: fn(usize) -> Manners, rows: usize) -> (RudeBroker, Gateway) {
    let broker = RudeBroker::start(manners).await;
    let gateway = Gateway::start(mqtt(broker.port));
    for _ in 0..rows {
        gateway.put(Class::Pos);
    }
    broker.acknowledged(rows).await;
    gateway.all_freed().await;
    (broker, gateway)
}

#[tokio::test]
async fn acknowledgements_in_reverse_order_never_make_packet_ids_collide() {
    let (broker, gateway) =
        check(|_| Manners { receive_maximum: 4, hold: 3, ..POLITE }, 3 * 40 - 1).await;
    assert_eq!(broker.seen.lock().unwrap().connections, 1);
    assert_eq!(gateway.state.borrow().last_error, None);
}

#[tokio::test]
async fn a_broker_that_kicks_after_each_connack_gets_everything_when_it_stops() {
    let manners = |number| match number {
        0..3 => Manners { drop_after: 1, hold: 2, ..POLITE },
        _ => POLITE,
    };
    let (broker, _) = check(manners, 50).await;
    assert_eq!(broker.seen.lock().unwrap().connections, 4);
}

#[tokio::test]
async fn a_broker_that_always_kicks_may_know_another_of_this_name() {
    let broker = RudeBroker::start(|_| Manners { drop_after: 1, hold: 2, ..POLITE }).await;
    let gateway = Gateway::start(mqtt(broker.port));
    gateway.error("another client may have the id `gw`").await;
}

#[tokio::test]
async fn what_was_on_its_way_over_a_lost_connection_is_sent_again() {
    let manners = |number| match number {
        0..4 => Manners { receive_maximum: 10, hold: 7, drop_after: 24, ..POLITE },
        _ => POLITE,
    };
    let (broker, _) = check(manners, 100).await;
    let seen = broker.seen.lock().unwrap();
    assert!(seen.events.len() > 100, "something was sent twice");
    assert_eq!(seen.acknowledged.len(), 100);
}

#[tokio::test]
async fn without_a_broker_a_stop_ends_in_time_and_keeps_the_rows() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let mut gateway = Gateway::start(mqtt(nobody));
    gateway.put(Class::Pos);
    gateway.error("nobody listens").await;
    gateway.stop().await;
    assert_eq!(gateway.waiting(), 1);
}

#[tokio::test]
async fn a_stop_first_sends_what_waits() {
    let broker = RudeBroker::start(|_| POLITE).await;
    let mut gateway = Gateway::start(mqtt(broker.port));
    for _ in 0..200 {
        gateway.put(Class::Pos);
    }
    gateway.stop().await;
    assert_eq!(broker.seen.lock().unwrap().acknowledged.len(), 200);
    assert_eq!(gateway.waiting(), 0);
}

#[tokio::test]
async fn a_row_too_large_for_one_broker_waits_for_another_and_holds_up_no_other_row() {
    let broker = RudeBroker::start(|number| match number {
        0 => Manners { max_packet: 2_000, drop_after: 12, ..POLITE },
        _ => POLITE,
    })
    .await;
    let gateway = Gateway::start(mqtt(broker.port));
    gateway.put(Class::Pos);
    gateway.put_payload(Class::Pos, 1, vec![b'x'; 5_000]);
    for _ in 0..9 {
        gateway.put(Class::Pos);
    }
    gateway.error("takes 2000 at most").await;
    broker.acknowledged(10).await;
    wait_for("one row is left", || (gateway.waiting() == 1).then_some(())).await;
    // The twelfth publish makes the first broker go away.
    gateway.put(Class::Visit);
    gateway.all_freed().await;
    assert_eq!(broker.seen.lock().unwrap().connections, 2);
    let progress = gateway.state.borrow().progress;
    assert_eq!((progress.too_large, progress.reconnects, progress.kept), (1, 1, 12));
}

#[tokio::test]
async fn a_receive_maximum_of_one_is_kept_to() {
    check(|_| Manners { receive_maximum: 1, ..POLITE }, 20).await;
}

#[tokio::test]
async fn a_store_that_could_not_be_read_is_asked_again() {
    let broker = RudeBroker::start(|_| POLITE).await;
    let gateway = Gateway::start(mqtt(broker.port));
    gateway.unreadable.store(true, Relaxed);
    gateway.put(Class::Pos);
    gateway.error("the store cannot be read").await;
    gateway.unreadable.store(false, Relaxed);
    gateway.all_freed().await;
    assert!(gateway.state.borrow().progress.unread > 0);
}
