//! The cloud's side of the demo: an MQTT client that hands over every message and comes back after an outage.

use std::time::Duration;

use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::Packet;
use rumqttc::v5::{AsyncClient, Event, MqttOptions};
use tokio::sync::mpsc;
use tokio::time::sleep;

use crate::limits;

/// What everything is published under.
pub const FILTER: &str = "tillgate/v1/#";
/// Wait before connecting again.
const RECONNECT: Duration = Duration::from_millis(100);

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub topic: String,
    pub payload: Vec<u8>,
}

/// What the subscriber tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// Its subscription is in force.
    Subscribed,
    Message(Message),
}

/// Subscribes with a session that outlives its connections, until the receiver is dropped.
pub fn subscribe(port: u16) -> mpsc::Receiver<News> {
    let (sender, receiver) = mpsc::channel(limits::ARRIVED_QUEUE);
    tokio::spawn(async move {
        tokio::select! {
            () = run(port, sender.clone()) => {}
            () = sender.closed() => {}
        }
    });
    receiver
}

async fn run(port: u16, out: mpsc::Sender<News>) {
    let mut options = MqttOptions::new("demo-cloud", "127.0.0.1", port);
    options.set_clean_start(false);
    options.set_session_expiry_interval(Some(3600));
    // The client refuses more than 10 KiB unless told otherwise.
    options.set_max_packet_size(Some(limits::PACKET_BYTES as u32));
    let (client, mut events) = AsyncClient::new(options, 16);
    loop {
        let news = match events.poll().await {
            Ok(Event::Incoming(Packet::ConnAck(_))) => {
                // The queue is empty here, so this cannot block; a lost request is repeated at the next CONNACK.
                let _queued = client.try_subscribe(FILTER, QoS::AtLeastOnce);
                continue;
            }
            Ok(Event::Incoming(Packet::SubAck(_))) => News::Subscribed,
            Ok(Event::Incoming(Packet::Publish(publish))) => News::Message(Message {
                topic: String::from_utf8_lossy(&publish.topic).into_owned(),
                payload: publish.payload.to_vec(),
            }),
            Ok(_) => continue,
            Err(_) => {
                sleep(RECONNECT).await;
                continue;
            }
        };
        if out.send(news).await.is_err() {
            return;
        }
    }
}
