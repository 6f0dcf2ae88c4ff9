//! The subscriber: counts how often each numbered article arrived, and when the last new one did.
//!
//! A peer's message is a line. Ours is a batch of records, each with an identity by which the cloud drops what comes
//! again; so articles are counted twice: as they came, and once for each identity.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::Packet;
use rumqttc::v5::{AsyncClient, Event, MqttOptions};
use tillgate_events::{Body, Class, Record, decode};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::lines;
use crate::limits;

/// Wait before connecting again.
const RECONNECT: Duration = Duration::from_millis(100);
/// What peers and we publish under.
const FILTERS: [&str; 2] = ["peers/#", "tillgate/v1/+/+/+/evt/#"];

/// What arrived.
#[derive(Default)]
pub struct Tally {
    /// Whether the subscription is in force.
    pub subscribed: bool,
    /// When something new came.
    pub last_new: Option<Instant>,
    /// When each article came first, in the order of arrival.
    pub times: Vec<Instant>,
    /// Different articles that came.
    pub arrived: u64,
    /// Bytes of all payloads.
    pub bytes: u64,
    came: Vec<u32>,
    kept: Vec<u32>,
    identities: BTreeSet<(Class, u32, u64)>,
}

impl Tally {
    /// Articles that came although they had come before.
    pub fn doubled(&self) -> u64 {
        again(&self.came)
    }

    /// Of those, what the messages' identities do not tell.
    pub fn doubled_unknowingly(&self) -> u64 {
        again(&self.kept)
    }

    fn take(&mut self, topic: &[u8], payload: &[u8]) {
        self.bytes += payload.len() as u64;
        if topic.starts_with(b"peers/") {
            lines::numbers(payload).for_each(|number| self.note(number, true));
            return;
        }
        // A payload that nobody understands is as good as lost, and counts as that.
        let Ok(batch) = decode(payload) else { return };
        let header = &batch.header;
        for (sequence, record) in (header.first_sequence..).zip(&batch.records) {
            let new = self.identities.insert((header.class, header.epoch, sequence));
            articles(record).into_iter().for_each(|number| self.note(number, new));
        }
    }

    fn note(&mut self, number: u32, new_identity: bool) {
        if count(&mut self.came, number) == 1 {
            self.arrived += 1;
            self.times.push(Instant::now());
            self.last_new = self.times.last().copied();
        }
        if new_identity {
            count(&mut self.kept, number);
        }
    }
}

fn again(times: &[u32]) -> u64 {
    // The first receipt may have been printed more than once.
    let counted = times.iter().skip(lines::ARTICLES as usize);
    counted.map(|times| u64::from(times.saturating_sub(1))).sum()
}

/// How often this number has come now.
fn count(times: &mut Vec<u32>, number: u32) -> u32 {
    let at = number as usize;
    if times.len() <= at {
        times.resize(at + 1, 0);
    }
    times.get_mut(at).map_or(0, |times| {
        *times += 1;
        *times
    })
}

fn articles(record: &Record) -> Vec<u32> {
    let Body::Receipt(receipt) = &record.body else {
        return lines::numbers(format!("{record:?}").as_bytes()).collect();
    };
    let texts = receipt.lines.iter().map(|line| &line.description);
    texts.flat_map(|text| lines::numbers(text.as_bytes()).collect::<Vec<_>>()).collect()
}

/// Counts until it is dropped.
pub struct Subscriber {
    tally: Arc<Mutex<Tally>>,
    task: JoinHandle<()>,
}

impl Subscriber {
    /// Subscribes with a session that outlives its connections.
    pub fn start(port: u16) -> Self {
        let tally = Arc::new(Mutex::new(Tally::default()));
        let task = tokio::spawn(run(port, tally.clone()));
        Self { tally, task }
    }

    /// What arrived so far.
    pub fn tally(&self) -> MutexGuard<'_, Tally> {
        locked(&self.tally)
    }
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn locked(tally: &Mutex<Tally>) -> MutexGuard<'_, Tally> {
    tally.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn run(port: u16, tally: Arc<Mutex<Tally>>) {
    let mut options = MqttOptions::new("peers-cloud", "127.0.0.1", port);
    options.set_clean_start(false);
    options.set_session_expiry_interval(Some(3600));
    options.set_max_packet_size(Some(limits::PACKET_BYTES as u32));
    let (client, mut events) = AsyncClient::new(options, 16);
    loop {
        match events.poll().await {
            Ok(Event::Incoming(Packet::ConnAck(_))) => {
                for filter in FILTERS {
                    // The queue is empty here; a lost request is repeated at the next CONNACK.
                    let _queued = client.try_subscribe(filter, QoS::AtLeastOnce);
                }
            }
            Ok(Event::Incoming(Packet::SubAck(_))) => locked(&tally).subscribed = true,
            Ok(Event::Incoming(Packet::Publish(publish))) => {
                locked(&tally).take(&publish.topic, &publish.payload);
            }
            Ok(_) => {}
            Err(_) => sleep(RECONNECT).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_came_twice_is_doubled_and_arrived_once() {
        let mut tally = Tally::default();
        for text in ["ARTICLE N00000013", "ARTICLE N00000013", "TOTAL", "ARTICLE N00000019"] {
            tally.take(b"peers/x", text.as_bytes());
        }
        assert_eq!((tally.arrived, tally.doubled(), tally.doubled_unknowingly()), (2, 1, 1));
    }

    #[test]
    fn what_is_no_batch_counts_as_lost() {
        let mut tally = Tally::default();
        tally.take(b"tillgate/v1/a/7/g/evt/pos", b"ARTICLE N00000013");
        assert_eq!(tally.arrived, 0);
    }
}
